//! The agents' queue as the calls see it: one owner task, reached by handles.
//!
//! Which agent is next is decided in `sidetone-dialog`; here requests and leases only travel.

use crate::clock;
use sidetone_dialog::api::HandoverId;
use sidetone_dialog::queue::{AgentId, Queue, QueueInput, QueueOutput, Released, RequestId};
use std::collections::HashMap;
use tokio::sync::mpsc;

/// Requests that may wait for the desk's task. A call that finds it full counts as "no agent free".
const REQUESTS: usize = 256;
/// Answers that may wait for a call's task.
const ANSWERS: usize = 16;

/// What the desk tells a call.
#[derive(Debug, PartialEq)]
pub enum DeskAnswer {
    /// An agent is leased to the call.
    Reserved {
        /// The handover that asked.
        handover: HandoverId,
        /// The agent.
        agent: AgentId,
    },
    /// No agent is free.
    NoneFree {
        /// The handover that asked.
        handover: HandoverId,
        /// Whether the request waits.
        waiting: bool,
    },
}

enum Message {
    Open { call: u64, answers: mpsc::Sender<DeskAnswer> },
    Close { call: u64 },
    Input { call: u64, input: CallInput },
}

enum CallInput {
    Reserve { handover: HandoverId, skill: String, not: Vec<AgentId> },
    Withdraw { handover: HandoverId },
    Release { agent: AgentId, how: Released },
}

/// The desk, shared by all calls.
#[derive(Clone)]
pub struct Desk {
    messages: mpsc::Sender<Message>,
}

/// One call's place at the desk. Dropping it gives back all that the call still held.
pub struct Place {
    call: u64,
    messages: mpsc::Sender<Message>,
    answers: mpsc::Receiver<DeskAnswer>,
}
