//! What a call asks for. An effect is an order to the shell; what comes of it returns as a fact.

use super::Party;
use crate::api::{EventEnvelope, Expect, HandoverId, PromptId, UtteranceId};
use crate::queue::{AgentId, Released};
use crate::record::Stamped;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a call asks the shell to do. Orders are carried out in the order in which they are polled.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Answer the caller; `Fact::Answered` follows.
    Answer,
    /// Refuse the caller. The call is over.
    Reject {
        /// The SIP status code, 400 to 699.
        sip_code: u16,
    },
    /// End the caller's leg. The call is over.
    Hangup {
        /// Why, as a stable name.
        reason: String,
    },
    /// Speak a prompt once the ones before it have ended. `PromptStarted` follows, and then
    /// `PromptEnded` or `PromptFailed`.
    Speak {
        /// To whom.
        party: Party,
        /// The prompt.
        prompt: PromptId,
        /// The words.
        text: String,
        /// The length of the speech in percent of normal: 100, or 85 for faster speech.
        rate_percent: u16,
    },
    /// Fade out what plays (15 ms) and drop every prompt of this party asked for so far.
    StopPlayback {
        /// Whose prompts.
        party: Party,
    },
    /// While on, the hold sound fills every gap between prompts to the caller; prompts come before it.
    HoldSound {
        /// On or off.
        on: bool,
    },
    /// Decode a stretch of the caller's audio; `Fact::Heard` with the same numbers follows. A newer
    /// revision of the same utterance makes older ones not worth finishing.
    Decode {
        /// The utterance.
        utterance: UtteranceId,
        /// Counts up from 1 within the utterance.
        revision: u32,
        /// How soon it is needed.
        kind: DecodeKind,
        /// The first sample's time, on the axis of `now`; before the onset, so that no first sound is lost.
        from: Duration,
        /// The last sample's time, on the axis of `now`.
        to: Duration,
        /// How much of the stretch is voiced.
        voiced: Duration,
        /// The kind of answer that is expected.
        expect: Expect,
    },
    /// Tell the brain.
    ToBrain(EventEnvelope),
    /// Ask the queue for an agent; replaces an earlier request of the same handover and keeps its place.
    ReserveAgent {
        /// The handover that asks.
        handover: HandoverId,
        /// The skill that is needed.
        skill: String,
        /// The agents that were tried already.
        not: Vec<AgentId>,
    },
    /// Take back the request of a handover that still waits.
    WithdrawRequest {
        /// The handover that asked.
        handover: HandoverId,
    },
    /// Give a leased agent back.
    ReleaseAgent {
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
    /// End the agent's leg, ringing or answered.
    HangupAgent {
        /// The agent.
        agent: AgentId,
    },
    /// Let caller and agent hear each other.
    Bridge {
        /// The agent.
        agent: AgentId,
    },
    /// Store a promise; `Fact::PromiseStored` follows, and only then is it spoken. It stands even when
    /// the call ends first.
    Promise(Promise),
    /// Keep a fact of the call.
    Record(Stamped),
}

/// How soon a decode is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DecodeKind {
    /// The caller still speaks; may be dropped under load.
    Partial,
    /// The caller paused: the turn waits for this one.
    Final,
}

/// What a caller is promised when no human answers in time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// The handover that no human answered in time.
    pub handover: HandoverId,
    /// The skill that the human who keeps it needs.
    pub skill: String,
    /// What was promised.
    pub kind: PromiseKind,
}

/// What was promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum PromiseKind {
    /// A call back.
    Callback {
        /// The number to call, as the network gave it.
        number: String,
    },
    /// A ticket, whose number the caller was told.
    Ticket {
        /// Its number.
        number: u64,
    },
}
