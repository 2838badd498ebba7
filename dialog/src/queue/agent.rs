//! One agent of the queue: what the agent can do, and whether the agent can take a call now.

use super::{AgentId, CallId, Released};
use std::time::Duration;

/// An agent as configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentConfig {
    /// The agent's name.
    pub id: AgentId,
    /// The skills that calls may ask for.
    pub skills: Vec<String>,
}

/// Whether an agent can take a call.
///
/// ```text
///  Free --leased--> Leased --bridged--> Busy --released--> WrapUp --time--> Free
///   ^ ^                |                                                     |
///   | +----unused------+---no answer, declined, failed--> Away --time--------+
///   +---------ready------------------------ Off <---not ready--- (from any state without a call)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentState {
    /// Can take a call.
    Free {
        /// Since when: the longest free is next.
        since: Duration,
    },
    /// Promised to a call that rings the agent's phone.
    Leased {
        /// The call.
        to: CallId,
    },
    /// Speaks with a caller.
    Busy {
        /// The call.
        with: CallId,
    },
    /// Finishes the work of the last call.
    WrapUp {
        /// Until when.
        until: Duration,
    },
    /// Did not take a call, and is left alone for a while.
    Away {
        /// Until when.
        until: Duration,
    },
    /// Does not want calls.
    Off,
}

/// For how long an agent is left alone after a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pauses {
    /// After a call.
    pub wrap_up: Duration,
    /// After a phone that rang out.
    pub no_answer: Duration,
    /// After a refusal.
    pub declined: Duration,
    /// After a phone that could not be reached.
    pub failed: Duration,
}

impl Default for Pauses {
    fn default() -> Self {
        Self {
            wrap_up: Duration::from_secs(20),
            no_answer: Duration::from_secs(10),
            declined: Duration::from_secs(3),
            failed: Duration::from_secs(10),
        }
    }
}

/// An agent and the agent's state.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) config: AgentConfig,
    pub(super) state: AgentState,
}

impl Agent {
    /// The call that holds the agent.
    pub(super) fn call(&self) -> Option<CallId> {
        match self.state {
            AgentState::Leased { to } => Some(to),
            AgentState::Busy { with } => Some(with),
            AgentState::Free { .. }
            | AgentState::WrapUp { .. }
            | AgentState::Away { .. }
            | AgentState::Off => None,
        }
    }

    /// Since when the agent is free; none while not.
    pub(super) fn free_since(&self) -> Option<Duration> {
        match self.state {
            AgentState::Free { since } => Some(since),
            AgentState::Leased { .. }
            | AgentState::Busy { .. }
            | AgentState::WrapUp { .. }
            | AgentState::Away { .. }
            | AgentState::Off => None,
        }
    }

    /// When the agent is free again by time alone.
    pub(super) fn back_at(&self) -> Option<Duration> {
        match self.state {
            AgentState::WrapUp { until } | AgentState::Away { until } => Some(until),
            AgentState::Free { .. }
            | AgentState::Leased { .. }
            | AgentState::Busy { .. }
            | AgentState::Off => None,
        }
    }

    /// The lease is over.
    pub(super) fn release(&mut self, now: Duration, how: Released, pauses: &Pauses) {
        self.state = match how {
            Released::Bridged => AgentState::WrapUp {
                until: now + pauses.wrap_up,
            },
            Released::NoAnswer => AgentState::Away {
                until: now + pauses.no_answer,
            },
            Released::Declined => AgentState::Away {
                until: now + pauses.declined,
            },
            Released::Failed => AgentState::Away {
                until: now + pauses.failed,
            },
            Released::Unused => AgentState::Free { since: now },
        };
    }
}
