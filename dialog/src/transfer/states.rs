//! The handover's states, one method each: what every input means there.

use super::controller::{Controller, Run, State};
use super::io::{TransferInput, TransferOutput};
use super::waiting::Waiting;
use super::words;
use crate::api::HandoverStage;
use crate::queue::{AgentId, Released};
use std::time::Duration;

/// What became of a dialled phone.
enum Dialled {
    /// It may still be answered.
    Still { run: Run, agent: AgentId },
    /// It is over, or answered.
    Left(State),
}

impl Controller {
    pub(super) fn idle(&mut self, now: Duration, input: TransferInput) -> State {
        match input {
            TransferInput::Start {
                handover,
                request,
                caller,
            } => {
                let waiting = Waiting::new(now, request.deadline, &self.config);
                let run = Run {
                    handover,
                    request,
                    caller,
                    started: now,
                    waiting,
                    tried: Vec::new(),
                    offering: false,
                };
                self.out
                    .push_back(TransferOutput::Say(self.config.opening.clone()));
                self.out.push_back(TransferOutput::HoldSound(true));
                let why = format!("{}: {}", run.request.skill, run.request.context.reason);
                self.progress(now, &run, HandoverStage::Queued, None, why);
                self.ask(run)
            }
            TransferInput::Reserved { .. }
            | TransferInput::Ringing { .. }
            | TransferInput::Answered { .. }
            | TransferInput::Failed { .. }
            | TransferInput::Ended { .. } => {
                self.stray(input);
                State::Idle
            }
            TransferInput::Cancel
            | TransferInput::CallOver
            | TransferInput::NoneFree { .. }
            | TransferInput::BriefEnded
            | TransferInput::OfferAnswered { .. }
            | TransferInput::PromiseStored { .. }
            | TransferInput::Due => State::Idle,
        }
    }

    pub(super) fn queued(
        &mut self,
        now: Duration,
        mut run: Run,
        retry: Option<Duration>,
        input: TransferInput,
    ) -> State {
        match input {
            TransferInput::Reserved { handover, agent } if handover == run.handover => {
                self.out.push_back(TransferOutput::Dial {
                    agent: agent.clone(),
                });
                let stage = HandoverStage::Reserved;
                self.progress(now, &run, stage, Some(&agent), String::new());
                let ring_until = now + run.request.ring;
                State::Reserved {
                    run,
                    agent,
                    ring_until,
                }
            }
            TransferInput::NoneFree { handover, .. }
                if handover == run.handover && !run.tried.is_empty() =>
            {
                run.tried.clear();
                self.ask(run)
            }
            TransferInput::NoneFree {
                handover,
                waiting: false,
            } if handover == run.handover => State::Queued {
                run,
                retry: Some(now + self.config.retry),
            },
            TransferInput::Due if self.wait_is_over(now, &mut run) => {
                self.withdraw_and_promise(now, run)
            }
            TransferInput::OfferAnswered { accepted: true } if run.offering => {
                self.withdraw_and_promise(now, run)
            }
            TransferInput::OfferAnswered { .. } => {
                run.offering = false;
                State::Queued { run, retry }
            }
            TransferInput::Due if retry.is_some_and(|at| now >= at) => self.ask(run),
            TransferInput::Cancel => {
                self.out.push_back(TransferOutput::Withdraw {
                    handover: run.handover,
                });
                self.cancelled(now, run)
            }
            TransferInput::CallOver => {
                self.out.push_back(TransferOutput::Withdraw {
                    handover: run.handover,
                });
                State::Idle
            }
            TransferInput::Reserved { .. }
            | TransferInput::Ringing { .. }
            | TransferInput::Answered { .. }
            | TransferInput::Failed { .. }
            | TransferInput::Ended { .. } => {
                self.stray(input);
                State::Queued { run, retry }
            }
            TransferInput::Start { .. }
            | TransferInput::NoneFree { .. }
            | TransferInput::BriefEnded
            | TransferInput::PromiseStored { .. }
            | TransferInput::Due => State::Queued { run, retry },
        }
    }

    pub(super) fn reserved(
        &mut self,
        now: Duration,
        run: Run,
        agent: AgentId,
        ring_until: Duration,
        input: TransferInput,
    ) -> State {
        match input {
            TransferInput::Ringing { agent: rings } if rings == agent => {
                let stage = HandoverStage::Ringing;
                self.progress(now, &run, stage, Some(&agent), String::new());
                State::Ringing {
                    run,
                    agent,
                    ring_until,
                }
            }
            TransferInput::Start { .. }
            | TransferInput::Cancel
            | TransferInput::CallOver
            | TransferInput::Reserved { .. }
            | TransferInput::NoneFree { .. }
            | TransferInput::Ringing { .. }
            | TransferInput::Answered { .. }
            | TransferInput::Failed { .. }
            | TransferInput::Ended { .. }
            | TransferInput::BriefEnded
            | TransferInput::OfferAnswered { .. }
            | TransferInput::PromiseStored { .. }
            | TransferInput::Due => match self.dialled(now, run, agent, ring_until, input) {
                Dialled::Still { run, agent } => State::Reserved {
                    run,
                    agent,
                    ring_until,
                },
                Dialled::Left(state) => state,
            },
        }
    }

    pub(super) fn ringing(
        &mut self,
        now: Duration,
        run: Run,
        agent: AgentId,
        ring_until: Duration,
        input: TransferInput,
    ) -> State {
        match self.dialled(now, run, agent, ring_until, input) {
            Dialled::Still { run, agent } => State::Ringing {
                run,
                agent,
                ring_until,
            },
            Dialled::Left(state) => state,
        }
    }

    /// What `Reserved` and `Ringing` have in common: a phone was dialled and nobody answered yet.
    fn dialled(
        &mut self,
        now: Duration,
        mut run: Run,
        agent: AgentId,
        ring_until: Duration,
        input: TransferInput,
    ) -> Dialled {
        let left = match input {
            TransferInput::Answered { agent: answered } if answered == agent => {
                let brief = words::brief(&run.request.context);
                let stage = HandoverStage::Answered;
                self.progress(now, &run, stage, Some(&agent), brief.clone());
                self.out.push_back(TransferOutput::Brief(brief));
                State::Answered {
                    run,
                    agent,
                    bridge_at: now + self.config.brief,
                }
            }
            TransferInput::Failed {
                agent: failed,
                sip_code,
            } if failed == agent => self.next(now, run, agent, refusal(sip_code), sip_code),
            TransferInput::Ended { agent: ended } if ended == agent => {
                self.next(now, run, agent, Released::Declined, None)
            }
            TransferInput::Due if self.wait_is_over(now, &mut run) => {
                self.hang_up(&agent, Released::Unused);
                self.promise(now, run)
            }
            TransferInput::OfferAnswered { accepted: true } if run.offering => {
                self.hang_up(&agent, Released::Unused);
                self.promise(now, run)
            }
            TransferInput::OfferAnswered { .. } => {
                run.offering = false;
                return Dialled::Still { run, agent };
            }
            TransferInput::Due if now >= ring_until => {
                self.out.push_back(TransferOutput::HangUp {
                    agent: agent.clone(),
                });
                self.next(now, run, agent, Released::NoAnswer, None)
            }
            TransferInput::Cancel => {
                self.hang_up(&agent, Released::Unused);
                self.cancelled(now, run)
            }
            TransferInput::CallOver => {
                self.hang_up(&agent, Released::Unused);
                State::Idle
            }
            TransferInput::Reserved {
                agent: ref other, ..
            }
            | TransferInput::Answered { agent: ref other }
                if *other != agent =>
            {
                self.stray(input);
                return Dialled::Still { run, agent };
            }
            TransferInput::Start { .. }
            | TransferInput::Reserved { .. }
            | TransferInput::NoneFree { .. }
            | TransferInput::Ringing { .. }
            | TransferInput::Answered { .. }
            | TransferInput::Failed { .. }
            | TransferInput::Ended { .. }
            | TransferInput::BriefEnded
            | TransferInput::PromiseStored { .. }
            | TransferInput::Due => return Dialled::Still { run, agent },
        };
        Dialled::Left(left)
    }

    pub(super) fn answered(
        &mut self,
        now: Duration,
        run: Run,
        agent: AgentId,
        bridge_at: Duration,
        input: TransferInput,
    ) -> State {
        match input {
            TransferInput::BriefEnded => self.bridge(now, run, agent),
            TransferInput::Due if now >= bridge_at => {
                self.out.push_back(TransferOutput::StopBrief);
                self.bridge(now, run, agent)
            }
            TransferInput::Failed {
                agent: failed,
                sip_code,
            } if failed == agent => self.next(now, run, agent, refusal(sip_code), sip_code),
            TransferInput::Ended { agent: ended } if ended == agent => {
                self.next(now, run, agent, Released::Declined, None)
            }
            TransferInput::Cancel => {
                self.hang_up(&agent, Released::Unused);
                self.cancelled(now, run)
            }
            TransferInput::CallOver => {
                self.hang_up(&agent, Released::Unused);
                State::Idle
            }
            TransferInput::Reserved {
                agent: ref other, ..
            }
            | TransferInput::Answered { agent: ref other }
                if *other != agent =>
            {
                self.stray(input);
                State::Answered {
                    run,
                    agent,
                    bridge_at,
                }
            }
            TransferInput::Start { .. }
            | TransferInput::Reserved { .. }
            | TransferInput::NoneFree { .. }
            | TransferInput::Ringing { .. }
            | TransferInput::Answered { .. }
            | TransferInput::Failed { .. }
            | TransferInput::Ended { .. }
            | TransferInput::OfferAnswered { .. }
            | TransferInput::PromiseStored { .. }
            | TransferInput::Due => State::Answered {
                run,
                agent,
                bridge_at,
            },
        }
    }

    pub(super) fn bridged(
        &mut self,
        now: Duration,
        run: Run,
        agent: AgentId,
        input: TransferInput,
    ) -> State {
        match input {
            TransferInput::Failed {
                agent: ref gone, ..
            }
            | TransferInput::Ended { agent: ref gone }
                if *gone == agent =>
            {
                let how = Released::Bridged;
                self.out.push_back(TransferOutput::Release {
                    agent: agent.clone(),
                    how,
                });
                let stage = HandoverStage::AgentLeft;
                self.progress(now, &run, stage, Some(&agent), String::new());
                State::Idle
            }
            TransferInput::CallOver => {
                self.hang_up(&agent, Released::Bridged);
                State::Idle
            }
            TransferInput::Reserved {
                agent: ref other, ..
            }
            | TransferInput::Answered { agent: ref other }
                if *other != agent =>
            {
                self.stray(input);
                State::Bridged { run, agent }
            }
            TransferInput::Start { .. }
            | TransferInput::Cancel
            | TransferInput::Reserved { .. }
            | TransferInput::NoneFree { .. }
            | TransferInput::Ringing { .. }
            | TransferInput::Answered { .. }
            | TransferInput::Failed { .. }
            | TransferInput::Ended { .. }
            | TransferInput::BriefEnded
            | TransferInput::OfferAnswered { .. }
            | TransferInput::PromiseStored { .. }
            | TransferInput::Due => State::Bridged { run, agent },
        }
    }
}

/// What a final SIP code says of the agent: busy and decline are the agent's word, the rest is
/// the line's (RFC 3261 §21.4.24, §21.6.1, §21.6.2).
fn refusal(sip_code: Option<u16>) -> Released {
    match sip_code {
        Some(486 | 600 | 603) => Released::Declined,
        Some(408 | 480) => Released::NoAnswer,
        Some(_) | None => Released::Failed,
    }
}
