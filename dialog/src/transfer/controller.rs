//! The controller: one handover as one machine.

use super::io::{Progress, TransferInput, TransferOutput};
use super::waiting::{Waiting, WaitingDue};
use super::{TransferConfig, words};
use crate::api::{Handover, HandoverId, HandoverStage};
use crate::deadline::Deadline;
use crate::queue::{AgentId, Released};
use std::collections::VecDeque;
use std::time::Duration;

/// What stays the same from the decision to the outcome.
#[derive(Debug, Clone)]
struct Run {
    handover: HandoverId,
    request: Handover,
    caller: String,
    started: Duration,
    waiting: Waiting,
    tried: Vec<AgentId>,
}

/// Where the handover stands.
///
/// ```text
///          start          reserved           ringing             answered            brief heard
///  Idle ---------> Queued ---------> Reserved -------> Ringing ------------> Answered -------> Bridged
///   ^                ^                  |   \_____________|____answered________^  |               |
///   |                +-- rings out, declined, broken -----+-----------------------+               |
///   |                                                                                             |
///   +-- cancelled or call over: from every state; no human in time: before Answered; agent left --+
/// ```
///
/// An agent is leased from `Reserved` to `Bridged`; every way out of these states gives the agent back.
#[derive(Debug, Clone)]
enum State {
    Idle,
    Queued {
        run: Run,
        retry: Option<Duration>,
    },
    Reserved {
        run: Run,
        agent: AgentId,
        ring_until: Duration,
    },
    Ringing {
        run: Run,
        agent: AgentId,
        ring_until: Duration,
    },
    Answered {
        run: Run,
        agent: AgentId,
        bridge_at: Duration,
    },
    Bridged {
        run: Run,
        agent: AgentId,
    },
}

/// Puts a human on the line, or a promise in the human's place.
#[derive(Debug)]
pub struct Controller {
    config: TransferConfig,
    ticket: u64,
    state: State,
    out: VecDeque<TransferOutput>,
}

impl Controller {
    /// A controller with nothing to do. `ticket` is the number of the ticket it may open.
    #[must_use]
    pub fn new(config: TransferConfig, ticket: u64) -> Self {
        Self {
            config,
            ticket,
            state: State::Idle,
            out: VecDeque::new(),
        }
    }

    /// Whether a handover is under way or a human has the caller.
    #[must_use]
    pub fn is_active(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    /// Whether a human has the caller.
    #[must_use]
    pub fn is_bridged(&self) -> bool {
        matches!(self.state, State::Bridged { .. })
    }

    /// Takes what happened. Every input is defined in every state.
    pub fn handle(&mut self, now: Duration, input: TransferInput) {
        self.state = match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => self.idle(now, input),
            State::Queued { run, retry } => self.queued(now, run, retry, input),
            State::Reserved {
                run,
                agent,
                ring_until,
            } => self.reserved(now, run, agent, ring_until, input),
            State::Ringing {
                run,
                agent,
                ring_until,
            } => self.ringing(now, run, agent, ring_until, input),
            State::Answered {
                run,
                agent,
                bridge_at,
            } => self.answered(now, run, agent, bridge_at, input),
            State::Bridged { run, agent } => self.bridged(now, run, agent, input),
        };
    }

    /// The next order; none when all are taken.
    pub fn poll_output(&mut self) -> Option<TransferOutput> {
        self.out.pop_front()
    }

    /// When [`TransferInput::Due`] is next due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Deadline> {
        let wait = |run: &Run| Deadline::new(run.waiting.deadline(), "waiting caller");
        match &self.state {
            State::Idle | State::Bridged { .. } => None,
            State::Queued { run, retry } => Deadline::soonest(
                Some(wait(run)),
                retry.map(|at| Deadline::new(at, "ask again")),
            ),
            State::Reserved {
                run, ring_until, ..
            }
            | State::Ringing {
                run, ring_until, ..
            } => Deadline::soonest(
                Some(wait(run)),
                Some(Deadline::new(*ring_until, "no answer")),
            ),
            State::Answered { bridge_at, .. } => Some(Deadline::new(*bridge_at, "bridge")),
        }
    }

    fn idle(&mut self, now: Duration, input: TransferInput) -> State {
        match input {
            TransferInput::Start {
                handover,
                request,
                caller,
            } => {
                let waiting = Waiting::new(now, request.deadline, &self.config);
                let tried = Vec::new();
                let run = Run {
                    handover,
                    request,
                    caller,
                    started: now,
                    waiting,
                    tried,
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
            | TransferInput::Due => State::Idle,
        }
    }

    fn queued(
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
                self.out.push_back(TransferOutput::Withdraw {
                    handover: run.handover,
                });
                self.overflow(now, run)
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
            | TransferInput::Due => State::Queued { run, retry },
        }
    }

    fn reserved(
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

    fn ringing(
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
                self.overflow(now, run)
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
            | TransferInput::Due => return Dialled::Still { run, agent },
        };
        Dialled::Left(left)
    }

    fn answered(
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
            | TransferInput::Due => State::Answered {
                run,
                agent,
                bridge_at,
            },
        }
    }

    fn bridged(&mut self, now: Duration, run: Run, agent: AgentId, input: TransferInput) -> State {
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
            | TransferInput::Due => State::Bridged { run, agent },
        }
    }

    /// A fact about an agent that this handover does not hold: whoever was leased or picked up in
    /// vain is let go at once.
    fn stray(&mut self, input: TransferInput) {
        match input {
            TransferInput::Reserved { agent, .. } => {
                self.out.push_back(TransferOutput::Release {
                    agent,
                    how: Released::Unused,
                });
            }
            TransferInput::Answered { agent } => {
                self.out.push_back(TransferOutput::HangUp { agent });
            }
            TransferInput::Start { .. }
            | TransferInput::Cancel
            | TransferInput::CallOver
            | TransferInput::NoneFree { .. }
            | TransferInput::Ringing { .. }
            | TransferInput::Failed { .. }
            | TransferInput::Ended { .. }
            | TransferInput::BriefEnded
            | TransferInput::Due => {}
        }
    }

    fn ask(&mut self, run: Run) -> State {
        self.out.push_back(TransferOutput::Reserve {
            handover: run.handover,
            skill: run.request.skill.clone(),
            not: run.tried.clone(),
        });
        State::Queued { run, retry: None }
    }

    fn next(
        &mut self,
        now: Duration,
        mut run: Run,
        agent: AgentId,
        how: Released,
        sip_code: Option<u16>,
    ) -> State {
        self.out.push_back(TransferOutput::Release {
            agent: agent.clone(),
            how,
        });
        self.out.push_back(TransferOutput::Progress(Progress {
            handover: run.handover,
            stage: HandoverStage::Declined,
            agent: Some(agent.clone()),
            elapsed: now.saturating_sub(run.started),
            sip_code,
            detail: format!("{how:?}"),
        }));
        run.tried.push(agent);
        self.ask(run)
    }

    fn bridge(&mut self, now: Duration, run: Run, agent: AgentId) -> State {
        self.out.push_back(TransferOutput::HoldSound(false));
        self.out.push_back(TransferOutput::Bridge {
            agent: agent.clone(),
        });
        self.progress(
            now,
            &run,
            HandoverStage::Bridged,
            Some(&agent),
            String::new(),
        );
        State::Bridged { run, agent }
    }

    fn cancelled(&mut self, now: Duration, run: Run) -> State {
        self.out.push_back(TransferOutput::HoldSound(false));
        self.progress(now, &run, HandoverStage::Cancelled, None, String::new());
        State::Idle
    }

    fn overflow(&mut self, now: Duration, run: Run) -> State {
        let promise = words::promise(run.handover, &run.request, &run.caller, self.ticket);
        let spoken = words::promise_spoken(&promise);
        self.out.push_back(TransferOutput::HoldSound(false));
        self.out.push_back(TransferOutput::Promise(promise));
        self.out.push_back(TransferOutput::Say(spoken.clone()));
        self.progress(now, &run, HandoverStage::Overflow, None, spoken);
        State::Idle
    }

    /// Tells the waiting caller what is due; true when the wait is over.
    fn wait_is_over(&mut self, now: Duration, run: &mut Run) -> bool {
        let say = match run.waiting.poll(now, &self.config) {
            None => return false,
            Some(WaitingDue::Commit) => return true,
            Some(WaitingDue::Line(line)) => line,
            Some(WaitingDue::Offer) => {
                let promise = words::promise(run.handover, &run.request, &run.caller, self.ticket);
                words::offer(&promise).to_owned()
            }
        };
        self.out.push_back(TransferOutput::Say(say));
        false
    }

    fn hang_up(&mut self, agent: &AgentId, how: Released) {
        self.out.push_back(TransferOutput::HangUp {
            agent: agent.clone(),
        });
        self.out.push_back(TransferOutput::Release {
            agent: agent.clone(),
            how,
        });
    }

    fn progress(
        &mut self,
        now: Duration,
        run: &Run,
        stage: HandoverStage,
        agent: Option<&AgentId>,
        detail: String,
    ) {
        self.out.push_back(TransferOutput::Progress(Progress {
            handover: run.handover,
            stage,
            agent: agent.cloned(),
            elapsed: now.saturating_sub(run.started),
            sip_code: None,
            detail,
        }));
    }
}

/// What became of a dialled phone.
enum Dialled {
    /// It may still be answered.
    Still { run: Run, agent: AgentId },
    /// It is over, or answered.
    Left(State),
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
