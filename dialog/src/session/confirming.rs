//! What the caller does goes to the brain; while the server confirms a value or offers a promise,
//! to that machine first.

use super::Session;
use crate::api::{CallEvent, Confirm, Transcript};
use crate::confirm::{Confirmation, Input, Step};
use crate::record::Record;
use std::time::Duration;

impl Session {
    pub(super) fn start_confirm(&mut self, now: Duration, confirm: Confirm) {
        let (confirmation, steps) = Confirmation::start(confirm);
        self.confirming = Some(confirmation);
        self.walk(now, steps, None);
    }

    /// The caller's turn is over; `event` tells the brain so.
    pub(super) fn answer(&mut self, now: Duration, transcript: &Transcript, event: CallEvent) {
        self.confirm_or_tell(now, Input::Answer(transcript), event);
    }

    /// The caller keyed an answer.
    pub(super) fn keys_collected(&mut self, now: Duration, digits: String, why: &str) {
        let record = Record::KeysCollected {
            digits: digits.clone(),
            why: why.to_owned(),
        };
        self.record(now, record);
        let event = CallEvent::DtmfCollected {
            digits: digits.clone(),
        };
        self.confirm_or_tell(now, Input::Keys(&digits), event);
    }

    /// The caller spoke and no words could be made of it.
    pub(super) fn no_match(&mut self, now: Duration, count: u32) {
        self.record(now, Record::NoMatch { count });
        self.confirm_or_tell(now, Input::NoMatch, CallEvent::NoMatch { count });
    }

    /// The caller said nothing in the time allowed.
    pub(super) fn no_input(&mut self, now: Duration, count: u32, timer: Duration) {
        self.record(now, Record::NoInput { count, timer });
        self.confirm_or_tell(now, Input::NoInput, CallEvent::NoInput { count });
    }

    fn confirm_or_tell(&mut self, now: Duration, input: Input<'_>, event: CallEvent) {
        if self.answers_offer(now, input) {
            return;
        }
        match &mut self.confirming {
            Some(confirmation) => {
                let steps = confirmation.handle(input);
                self.walk(now, steps, Some(event));
            }
            None => self.tell(now, event),
        }
    }

    /// Carries out a confirmation's steps; `event` is what a brain without it would be told.
    fn walk(&mut self, now: Duration, steps: Vec<Step>, mut event: Option<CallEvent>) {
        for step in steps {
            match step {
                Step::Reason { rule, detail } => {
                    self.record(
                        now,
                        Record::Decided {
                            rule: rule.to_owned(),
                            detail,
                        },
                    );
                }
                Step::Ask { say, listen } => {
                    self.say(now, say, None);
                    self.listen(now, &listen);
                }
                Step::Result(verdict) => {
                    self.confirming = None;
                    let v = verdict.clone();
                    self.record(
                        now,
                        Record::Confirmed {
                            slot: v.slot,
                            value: v.value,
                            outcome: v.outcome,
                            attempts: v.attempts,
                            confidence: v.confidence,
                            evidence: v.evidence,
                        },
                    );
                    self.tell(now, verdict.into());
                }
                Step::Pass => {
                    self.confirming = None;
                    if let Some(event) = event.take() {
                        self.tell(now, event);
                    }
                }
            }
        }
    }
}
