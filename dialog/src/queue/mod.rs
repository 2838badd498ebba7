//! The agents' queue, shared by all calls: who is free, who is next, who waits.
//!
//! What a call does with an agent lives in [`crate::transfer`]; phones live in the shell.

use serde::{Deserialize, Serialize};

/// Names an agent: the stable id from the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentId(pub String);

impl std::fmt::Display for AgentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How the lease of an agent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Released {
    /// The agent spoke with the caller; wrap-up follows.
    Bridged,
    /// The agent's phone rang out.
    NoAnswer,
    /// The agent refused, was busy, or hung up before the bridge.
    Declined,
    /// The agent's phone could not be reached.
    Failed,
    /// The agent was not needed after all.
    Unused,
}
