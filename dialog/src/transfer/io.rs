//! What the controller is told and what it asks for.

use crate::api::{Handover, HandoverId, HandoverStage};
use crate::queue::{AgentId, Released};
use crate::session::Promise;
use std::time::Duration;

/// What the controller is told.
#[derive(Debug, Clone, PartialEq)]
pub enum TransferInput {
    /// It was decided that a human is needed: the clock starts.
    Start {
        /// Names the handover.
        handover: HandoverId,
        /// Who is needed, and how soon.
        request: Handover,
        /// The caller's number as the network gave it; empty when withheld.
        caller: String,
    },
    /// The caller stays with the bot.
    Cancel,
    /// The call is over.
    CallOver,
    /// The queue leased an agent.
    Reserved {
        /// The handover that asked.
        handover: HandoverId,
        /// The agent.
        agent: AgentId,
    },
    /// The queue has nobody now.
    NoneFree {
        /// The handover that asked.
        handover: HandoverId,
        /// Whether the request waits in the queue.
        waiting: bool,
    },
    /// The agent's phone rings.
    Ringing {
        /// The agent.
        agent: AgentId,
    },
    /// The agent took the call.
    Answered {
        /// The agent.
        agent: AgentId,
    },
    /// The agent's leg could not be set up, or broke.
    Failed {
        /// The agent.
        agent: AgentId,
        /// The final SIP code, when there was one.
        sip_code: Option<u16>,
    },
    /// The agent hung up.
    Ended {
        /// The agent.
        agent: AgentId,
    },
    /// The agent has heard the brief, or cannot.
    BriefEnded,
    /// The waiting caller answered the offer of a promise.
    OfferAnswered {
        /// Whether the caller would rather have the promise than wait on.
        accepted: bool,
    },
    /// The store has answered.
    PromiseStored {
        /// The handover whose promise it is.
        handover: HandoverId,
        /// Whether the promise is stored.
        stored: bool,
    },
    /// Something may be due.
    Due,
}

/// What the controller asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum TransferOutput {
    /// Ask the queue for an agent.
    Reserve {
        /// The handover that asks.
        handover: HandoverId,
        /// The skill that is needed.
        skill: String,
        /// The agents that were tried already.
        not: Vec<AgentId>,
    },
    /// Take the request back.
    Withdraw {
        /// The handover that asked.
        handover: HandoverId,
    },
    /// Give a leased agent back.
    Release {
        /// The agent.
        agent: AgentId,
        /// How the lease ended.
        how: Released,
    },
    /// Ring the agent's phone.
    Dial {
        /// The agent.
        agent: AgentId,
    },
    /// End the agent's leg.
    HangUp {
        /// The agent.
        agent: AgentId,
    },
    /// Let caller and agent hear each other.
    Bridge {
        /// The agent.
        agent: AgentId,
    },
    /// Say something to the caller.
    Say(String),
    /// Ask the caller a yes-or-no question; `OfferAnswered` follows when the answer is clear.
    Ask(String),
    /// Say something to the agent alone.
    Brief(String),
    /// Stop the brief.
    StopBrief,
    /// Fill the caller's silence, or stop doing so.
    HoldSound(bool),
    /// The handover came a step further.
    Progress(Progress),
    /// Store a promise; `PromiseStored` follows. It is not spoken yet.
    Promise(Promise),
    /// The promise is stored, and is about to be spoken.
    Promised(Promise),
    /// The promise is not known to be stored, and the caller is about to be told so.
    NotPromised {
        /// The handover whose promise it is.
        handover: HandoverId,
        /// Why not, in words.
        why: String,
    },
}

/// A step of a handover.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The handover.
    pub handover: HandoverId,
    /// The step.
    pub stage: HandoverStage,
    /// The agent concerned.
    pub agent: Option<AgentId>,
    /// Time since the decision.
    pub elapsed: Duration,
    /// The SIP code of a failed attempt.
    pub sip_code: Option<u16>,
    /// What the step was about, in words.
    pub detail: String,
}
