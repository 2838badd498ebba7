//! The promise in a human's place: stored first, spoken after that, or honestly not made.

use super::controller::{Controller, Run, State};
use super::io::{TransferInput, TransferOutput};
use super::words;
use crate::api::HandoverStage;
use crate::session::Promise;
use std::time::Duration;

impl Controller {
    /// No human in time, or the caller would rather not wait: the promise goes to the store, and
    /// the hold sound plays on until the store has answered.
    pub(super) fn promise(&mut self, now: Duration, run: Run) -> State {
        let promise = self.promise_for(&run);
        self.out.push_back(TransferOutput::Promise(promise.clone()));
        State::Promising {
            run,
            promise,
            until: now + self.config.promise_wait,
        }
    }

    /// As [`Controller::promise`], for a request that still waits in the queue.
    pub(super) fn withdraw_and_promise(&mut self, now: Duration, run: Run) -> State {
        self.out.push_back(TransferOutput::Withdraw {
            handover: run.handover,
        });
        self.promise(now, run)
    }

    pub(super) fn promising(
        &mut self,
        now: Duration,
        run: Run,
        promise: Promise,
        until: Duration,
        input: TransferInput,
    ) -> State {
        match input {
            TransferInput::PromiseStored { handover, stored } if handover == run.handover => {
                if stored {
                    self.promised(now, &run, promise)
                } else {
                    self.not_promised(now, &run, "the store refused it".to_owned())
                }
            }
            TransferInput::Due if now >= until => {
                let patience = self.config.promise_wait.as_millis();
                let why = format!("the store did not answer within {patience} ms");
                self.not_promised(now, &run, why)
            }
            TransferInput::CallOver => State::Idle,
            TransferInput::Reserved { .. } | TransferInput::Answered { .. } => {
                self.stray(input);
                State::Promising {
                    run,
                    promise,
                    until,
                }
            }
            TransferInput::Start { .. }
            | TransferInput::Cancel
            | TransferInput::NoneFree { .. }
            | TransferInput::Ringing { .. }
            | TransferInput::Failed { .. }
            | TransferInput::Ended { .. }
            | TransferInput::BriefEnded
            | TransferInput::OfferAnswered { .. }
            | TransferInput::PromiseStored { .. }
            | TransferInput::Due => State::Promising {
                run,
                promise,
                until,
            },
        }
    }

    fn promised(&mut self, now: Duration, run: &Run, promise: Promise) -> State {
        let spoken = words::promise_spoken(&promise);
        self.out.push_back(TransferOutput::Promised(promise));
        self.overflow(now, run, spoken.clone(), spoken)
    }

    fn not_promised(&mut self, now: Duration, run: &Run, why: String) -> State {
        self.out.push_back(TransferOutput::NotPromised {
            handover: run.handover,
            why: why.clone(),
        });
        let detail = format!("nothing was promised: {why}");
        self.overflow(now, run, words::NOT_STORED.to_owned(), detail)
    }

    fn overflow(&mut self, now: Duration, run: &Run, spoken: String, detail: String) -> State {
        self.out.push_back(TransferOutput::HoldSound(false));
        self.out.push_back(TransferOutput::Say(spoken));
        self.progress(now, run, HandoverStage::Overflow, None, detail);
        State::Idle
    }
}
