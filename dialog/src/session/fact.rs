//! What a call is told. A fact never asks: it says what happened.

use crate::api::{CommandEnvelope, HandoverId, PromptId, UtteranceId, Word};
use crate::queue::AgentId;
use std::time::Duration;

/// Whom a prompt is played to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub enum Party {
    /// The caller.
    Caller,
    /// The human agent of a handover, before the bridge.
    Agent,
}

/// What the voice activity detector says of one 20 ms frame of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpeechMark {
    /// Whether the frame holds voice.
    pub voiced: bool,
}

/// What came of one [`Effect::Decode`](super::Effect::Decode).
#[derive(Debug, Clone, PartialEq)]
pub enum HeardResult {
    /// Words.
    Text(Hypothesis),
    /// No words, or words that a guard did not believe.
    Nothing {
        /// The guard that spoke, as a stable name (`silence_phrase`, `repetition`).
        guard: String,
    },
    /// The engine failed; why, in words.
    Failed(String),
}

/// What the recogniser believes was said.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// The words as one line.
    pub text: String,
    /// The belief in the whole text, 0 to 1.
    pub confidence: f32,
    /// The words one by one; may be empty where the engine knows only the line.
    pub words: Vec<Word>,
    /// The decoder's belief that there was no speech at all, 0 to 1.
    pub no_speech: f32,
}

/// What happened on a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A call asks to be answered. The first fact of every session.
    Incoming {
        /// The caller's number or user name; empty when withheld.
        from: String,
        /// The number or user name that was called.
        to: String,
    },
    /// The call is answered and media flows.
    Answered {
        /// The codec's name as in SDP (`PCMU`).
        codec: String,
    },
    /// The caller hung up, cancelled, or the caller's leg broke.
    CallerGone,
    /// One 20 ms frame of the caller was heard; `now` is the end of the frame.
    Frame(SpeechMark),
    /// The first frame of a prompt left.
    PromptStarted {
        /// To whom.
        party: Party,
        /// The prompt.
        prompt: PromptId,
    },
    /// The last frame of a prompt left, or it was stopped.
    PromptEnded {
        /// To whom.
        party: Party,
        /// The prompt.
        prompt: PromptId,
        /// Whether it was played to its end.
        completed: bool,
        /// How much of it was sent, by the RTP clock.
        played: Duration,
        /// The words of it that were heard.
        heard_text: String,
    },
    /// A prompt could not be spoken.
    PromptFailed {
        /// To whom.
        party: Party,
        /// The prompt.
        prompt: PromptId,
    },
    /// The answer to one [`Effect::Decode`](super::Effect::Decode).
    Heard {
        /// The utterance that was decoded.
        utterance: UtteranceId,
        /// The revision that was asked for.
        revision: u32,
        /// What came of it.
        result: HeardResult,
    },
    /// The caller pressed a key: `0`-`9`, `*`, `#`, `A`-`D`.
    Digit(char),
    /// The brain asks for something.
    Command(CommandEnvelope),
    /// The brain sent something that is no command.
    MalformedCommand {
        /// Its id; 0 when it has none.
        command_id: u64,
        /// What is wrong with it, in words.
        reason: String,
    },
    /// The brain's stream broke; the shell is trying to get it back.
    BrainLost,
    /// The brain's stream is back.
    BrainResumed,
    /// The shell gave up on the brain.
    BrainGone,
    /// The queue leased an agent to this call.
    AgentReserved {
        /// The handover that asked.
        handover: HandoverId,
        /// The agent.
        agent: AgentId,
    },
    /// The queue has no agent to lease now.
    NoAgentFree {
        /// The handover that asked.
        handover: HandoverId,
        /// Whether the request waits for the next agent to come free; false when the waiting list is full.
        waiting: bool,
    },
    /// The agent's phone rings.
    AgentRinging {
        /// The agent.
        agent: AgentId,
    },
    /// The agent took the call and media flows.
    AgentAnswered {
        /// The agent.
        agent: AgentId,
    },
    /// The agent's leg could not be set up.
    AgentFailed {
        /// The agent.
        agent: AgentId,
        /// The final SIP code; none when the leg broke without one.
        sip_code: Option<u16>,
    },
    /// The agent hung up after having answered.
    AgentEnded {
        /// The agent.
        agent: AgentId,
    },
    /// The store has answered an [`Effect::Promise`](super::Effect::Promise).
    PromiseStored {
        /// The handover whose promise it is.
        handover: HandoverId,
        /// Whether the promise is stored.
        stored: bool,
    },
    /// The server stops: the call ends now.
    Shutdown,
}
