//! The queue: leases free agents to waiting calls, first come, first served, longest free first.

use super::agent::{Agent, AgentConfig, AgentState, Pauses};
use super::{AgentId, CallId, Released};
use crate::api::HandoverId;
use std::collections::VecDeque;
use std::time::Duration;

/// The settings of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueConfig {
    /// The agents, all free at first.
    pub agents: Vec<AgentConfig>,
    /// For how long agents are left alone.
    pub pauses: Pauses,
    /// How many calls may wait; the next one is told that it does not.
    pub max_waiting: usize,
}

impl Default for QueueConfig {
    fn default() -> Self {
        Self {
            agents: Vec::new(),
            pauses: Pauses::default(),
            max_waiting: 64,
        }
    }
}

/// What the queue is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueInput {
    /// A call needs an agent. Replaces the call's earlier request and keeps its place.
    Request {
        /// The call.
        call: CallId,
        /// The handover that asks; the answer carries it back.
        handover: HandoverId,
        /// The skill that is needed.
        skill: String,
        /// Agents that were tried already.
        not: Vec<AgentId>,
    },
    /// A call no longer waits.
    Withdraw {
        /// The call.
        call: CallId,
    },
    /// Caller and agent hear each other.
    Bridged {
        /// The call.
        call: CallId,
        /// The agent.
        agent: AgentId,
    },
    /// A call gives an agent back. Without effect when the call does not hold the agent.
    Release {
        /// The call.
        call: CallId,
        /// The agent.
        agent: AgentId,
        /// How the lease ended.
        how: Released,
    },
    /// A call is over, however it ended: nothing of it may stay behind.
    CallOver {
        /// The call.
        call: CallId,
    },
    /// An agent wants calls, or none. Without effect while a call holds the agent.
    Ready {
        /// The agent.
        agent: AgentId,
        /// Whether the agent wants calls.
        ready: bool,
    },
}

/// What the queue answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueOutput {
    /// The agent is this call's until released.
    Reserved {
        /// The call.
        call: CallId,
        /// The handover that asked.
        handover: HandoverId,
        /// The agent.
        agent: AgentId,
    },
    /// Nobody can be leased now.
    NoneFree {
        /// The call.
        call: CallId,
        /// The handover that asked.
        handover: HandoverId,
        /// Whether the call waits; false when the waiting list is full.
        waiting: bool,
    },
}

/// A call that waits.
#[derive(Debug)]
struct Request {
    call: CallId,
    handover: HandoverId,
    skill: String,
    not: Vec<AgentId>,
}

/// Leases agents to calls.
#[derive(Debug)]
pub struct Queue {
    agents: Vec<Agent>,
    pauses: Pauses,
    max_waiting: usize,
    waiting: VecDeque<Request>,
}

impl Queue {
    /// A queue whose agents are all free.
    #[must_use]
    pub fn new(config: QueueConfig) -> Self {
        let free = AgentState::Free {
            since: Duration::ZERO,
        };
        let agents = config.agents.into_iter().map(|config| Agent {
            config,
            state: free,
        });
        Self {
            agents: agents.collect(),
            pauses: config.pauses,
            max_waiting: config.max_waiting,
            waiting: VecDeque::new(),
        }
    }

    /// Takes one input and answers it, and every waiting call that can be served by it.
    pub fn handle(&mut self, now: Duration, input: QueueInput) -> Vec<QueueOutput> {
        match input {
            QueueInput::Request {
                call,
                handover,
                skill,
                not,
            } => {
                return self.request(
                    now,
                    Request {
                        call,
                        handover,
                        skill,
                        not,
                    },
                );
            }
            QueueInput::Withdraw { call } => self.waiting.retain(|request| request.call != call),
            QueueInput::Bridged { call, agent } => {
                if let Some(agent) = self.held(call, &agent) {
                    agent.state = AgentState::Busy { with: call };
                }
            }
            QueueInput::Release { call, agent, how } => {
                let pauses = self.pauses;
                if let Some(agent) = self.held(call, &agent) {
                    agent.release(now, how, &pauses);
                }
            }
            QueueInput::CallOver { call } => self.call_over(now, call),
            QueueInput::Ready { agent, ready } => self.ready(now, &agent, ready),
        }
        self.serve(now)
    }

    /// When [`Queue::handle_timeout`] is next due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.agents.iter().filter_map(Agent::back_at).min()
    }

    /// Frees the agents whose pause is over, and serves the calls that waited for them.
    pub fn handle_timeout(&mut self, now: Duration) -> Vec<QueueOutput> {
        self.serve(now)
    }

    /// Every agent with its state, in the order of the configuration.
    pub fn agents(&self) -> impl Iterator<Item = (&AgentId, AgentState)> {
        self.agents
            .iter()
            .map(|agent| (&agent.config.id, agent.state))
    }

    /// How many calls wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn request(&mut self, now: Duration, request: Request) -> Vec<QueueOutput> {
        let (call, handover) = (request.call, request.handover);
        let waits_at = self.waiting.iter().position(|waiting| waiting.call == call);
        match waits_at.and_then(|at| self.waiting.get_mut(at)) {
            Some(place) => *place = request,
            None => self.waiting.push_back(request),
        }
        let mut out = self.serve(now);
        let waits = self.waiting.iter().any(|waiting| waiting.call == call);
        // One more than allowed was let in so that it could be served at once.
        let waiting = self.waiting.len() <= self.max_waiting;
        if waits && !waiting {
            self.waiting.retain(|waiting| waiting.call != call);
        }
        if waits {
            out.push(QueueOutput::NoneFree {
                call,
                handover,
                waiting,
            });
        }
        out
    }

    fn call_over(&mut self, now: Duration, call: CallId) {
        self.waiting.retain(|request| request.call != call);
        for agent in self
            .agents
            .iter_mut()
            .filter(|agent| agent.call() == Some(call))
        {
            let how = match agent.state {
                AgentState::Busy { .. } => Released::Bridged,
                AgentState::Free { .. }
                | AgentState::Leased { .. }
                | AgentState::WrapUp { .. }
                | AgentState::Away { .. }
                | AgentState::Off => Released::Unused,
            };
            agent.release(now, how, &self.pauses);
        }
    }

    fn ready(&mut self, now: Duration, id: &AgentId, ready: bool) {
        let Some(agent) = self.agents.iter_mut().find(|agent| agent.config.id == *id) else {
            return;
        };
        match (agent.call(), agent.free_since(), ready) {
            (None, None, true) => agent.state = AgentState::Free { since: now },
            (None, _, false) => agent.state = AgentState::Off,
            (Some(_), _, _) | (None, Some(_), true) => {}
        }
    }

    /// The agent, when this call holds the agent.
    fn held(&mut self, call: CallId, id: &AgentId) -> Option<&mut Agent> {
        self.agents
            .iter_mut()
            .find(|agent| agent.config.id == *id && agent.call() == Some(call))
    }

    fn serve(&mut self, now: Duration) -> Vec<QueueOutput> {
        for agent in &mut self.agents {
            if let Some(at) = agent.back_at().filter(|at| now >= *at) {
                agent.state = AgentState::Free { since: at };
            }
        }
        let mut out = Vec::new();
        let agents = &mut self.agents;
        self.waiting.retain(|request| {
            let fits = |agent: &&mut Agent| {
                let skilled = agent.config.skills.contains(&request.skill);
                skilled && agent.free_since().is_some() && !request.not.contains(&agent.config.id)
            };
            let Some(agent) = agents
                .iter_mut()
                .filter(fits)
                .min_by_key(|a| a.free_since())
            else {
                return true;
            };
            agent.state = AgentState::Leased { to: request.call };
            let (call, handover) = (request.call, request.handover);
            out.push(QueueOutput::Reserved {
                call,
                handover,
                agent: agent.config.id.clone(),
            });
            false
        });
        out
    }
}

#[cfg(test)]
mod tests;
