//! The controller: one handover as one machine.

use super::io::{Progress, TransferInput, TransferOutput};
use super::waiting::{Waiting, WaitingDue};
use super::{TransferConfig, words};
use crate::api::{Handover, HandoverId, HandoverStage};
use crate::deadline::Deadline;
use crate::queue::{AgentId, Released};
use crate::session::Promise;
use std::collections::VecDeque;
use std::time::Duration;

/// What stays the same from the decision to the outcome.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) handover: HandoverId,
    pub(super) request: Handover,
    pub(super) caller: String,
    pub(super) started: Duration,
    pub(super) waiting: Waiting,
    pub(super) tried: Vec<AgentId>,
    /// Whether the caller was asked to take the promise, and has not answered.
    pub(super) offering: bool,
}

/// Where the handover stands.
///
/// ```text
///         start           reserved           ringing             answered            brief heard
///  Idle --------> Queued ---------> Reserved -------> Ringing ------------> Answered -------> Bridged
///   ^              | ^                |  | \____________|_|___answered_________^  |              |
///   |              | +-- rings out, --|--+--------------+-|-----------------------+              |
///   |              |     declined,    |                   |                                      |
///   |              |     broken       |                   |                                      |
///   |              v                  v                   v                                      |
///   |              +-- no human in time, or the caller ---+                                      |
///   |                  takes the offer        |                                                  |
///   |                                         v                                                  |
///   +-- stored, refused, no answer ------ Promising                                              |
///   +-- cancelled: from every state before Promising; call over: from all; agent left -----------+
/// ```
///
/// An agent is leased from `Reserved` to `Bridged`; every way out of these states gives the agent back.
/// A promise is spoken only after it is stored. From `Promising` on it is too late to cancel: the
/// promise may be on disk, and then the caller must hear of it. It also stands when the call ends.
#[derive(Debug, Clone)]
pub(super) enum State {
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
    Promising {
        run: Run,
        promise: Promise,
        until: Duration,
    },
}

/// Puts a human on the line, or a promise in the human's place.
#[derive(Debug)]
pub struct Controller {
    pub(super) config: TransferConfig,
    ticket: u64,
    state: State,
    pub(super) out: VecDeque<TransferOutput>,
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

    /// Whether the caller was asked to take the promise instead of waiting, and may still answer.
    #[must_use]
    pub fn is_offering(&self) -> bool {
        match &self.state {
            State::Queued { run, .. }
            | State::Reserved { run, .. }
            | State::Ringing { run, .. } => run.offering,
            State::Idle
            | State::Answered { .. }
            | State::Bridged { .. }
            | State::Promising { .. } => false,
        }
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
            State::Promising {
                run,
                promise,
                until,
            } => self.promising(now, run, promise, until, input),
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
            State::Promising { until, .. } => Some(Deadline::new(*until, "promise stored")),
        }
    }

    /// A fact about an agent that this handover does not hold: whoever was leased or picked up in
    /// vain is let go at once.
    pub(super) fn stray(&mut self, input: TransferInput) {
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
            | TransferInput::OfferAnswered { .. }
            | TransferInput::PromiseStored { .. }
            | TransferInput::Due => {}
        }
    }

    pub(super) fn ask(&mut self, run: Run) -> State {
        self.out.push_back(TransferOutput::Reserve {
            handover: run.handover,
            skill: run.request.skill.clone(),
            not: run.tried.clone(),
        });
        State::Queued { run, retry: None }
    }

    pub(super) fn next(
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
            detail: released_words(how).to_owned(),
        }));
        run.tried.push(agent);
        self.ask(run)
    }

    pub(super) fn bridge(&mut self, now: Duration, run: Run, agent: AgentId) -> State {
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

    pub(super) fn cancelled(&mut self, now: Duration, run: Run) -> State {
        self.out.push_back(TransferOutput::HoldSound(false));
        self.progress(now, &run, HandoverStage::Cancelled, None, String::new());
        State::Idle
    }

    /// Tells the waiting caller what is due; true when the wait is over.
    pub(super) fn wait_is_over(&mut self, now: Duration, run: &mut Run) -> bool {
        match run.waiting.poll(now, &self.config) {
            None => {}
            Some(WaitingDue::Commit) => return true,
            Some(WaitingDue::Line(line)) => {
                run.offering = false;
                self.out.push_back(TransferOutput::Say(line));
            }
            Some(WaitingDue::Offer) => {
                run.offering = true;
                let offer = words::offer(&self.promise_for(run)).to_owned();
                self.out.push_back(TransferOutput::Ask(offer));
            }
        }
        false
    }

    /// What this caller can be promised.
    pub(super) fn promise_for(&self, run: &Run) -> Promise {
        words::promise(run.handover, &run.request, &run.caller, self.ticket)
    }

    pub(super) fn hang_up(&mut self, agent: &AgentId, how: Released) {
        self.out.push_back(TransferOutput::HangUp {
            agent: agent.clone(),
        });
        self.out.push_back(TransferOutput::Release {
            agent: agent.clone(),
            how,
        });
    }

    pub(super) fn progress(
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

/// Why an agent did not take the call, for the record.
fn released_words(how: Released) -> &'static str {
    match how {
        Released::Declined => "busy or declined",
        Released::NoAnswer => "no answer",
        Released::Failed => "the line failed",
        Released::Unused => "not needed",
        Released::Bridged => "was connected",
    }
}
