//! Events up: what a brain is told.

use super::{HandoverId, PromptId, UtteranceId};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The fault that comes before [`HandoverStage::Overflow`] when the promise could not be stored: the
/// caller was promised nothing, and knows.
pub const PROMISE_NOT_STORED: &str = "promise_not_stored";

/// One event with the numbers that order it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventEnvelope {
    /// Counts up by one from 1 within a call: a gap is a loss.
    pub seq: u64,
    /// The call's epoch when the event happened; commands that answer it carry it back.
    pub epoch: u64,
    /// Time since the call was answered; zero before that.
    pub media_time: Duration,
    /// What happened.
    pub event: CallEvent,
}

/// What happened on a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CallEvent {
    /// A call asks to be answered: answer with `Accept` or `Reject`.
    Incoming {
        /// The caller's number or user name; empty when withheld.
        from: String,
        /// The number or user name that was called.
        to: String,
    },
    /// The call was answered and media may flow.
    Started {
        /// The codec's name as in SDP (`PCMU`).
        codec: String,
        /// Whether the brain's stream was lost and this is its next one.
        resumed: bool,
    },
    /// The caller began to speak.
    SpeechStarted {
        /// Whether the bot was speaking.
        overlap: bool,
    },
    /// The caller fell silent; the turn may go on.
    SpeechStopped {
        /// How long the caller spoke.
        duration: Duration,
    },
    /// What the caller is believed to have said, so far or finally.
    Transcript(Transcript),
    /// The caller's turn is over. Follows the final transcript.
    EndOfTurn {
        /// The utterance that ended.
        utterance: UtteranceId,
        /// Which timer judged it over.
        reason: EndOfTurnReason,
        /// Silence between the caller's last voiced frame and this event.
        silence: Duration,
    },
    /// The caller said nothing in the time allowed.
    NoInput {
        /// How often in a row.
        count: u32,
    },
    /// The caller spoke, and no words could be made of it.
    NoMatch {
        /// How often in a row.
        count: u32,
    },
    /// A key was pressed.
    Dtmf {
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
    },
    /// Keys were collected into an answer.
    DtmfCollected {
        /// The keys, without the terminator.
        digits: String,
    },
    /// The first frame of a prompt left for the caller.
    PlaybackStarted {
        /// The prompt.
        prompt: PromptId,
        /// The command that asked for it; none for the server's own prompts.
        command_id: Option<u64>,
    },
    /// A prompt ended.
    PlaybackFinished {
        /// The prompt.
        prompt: PromptId,
        /// The command that asked for it; none for the server's own prompts.
        command_id: Option<u64>,
        /// Why it ended.
        end: PlaybackEnd,
        /// How much of it was sent, by the RTP clock.
        played: Duration,
        /// The words that the caller heard of it.
        heard_text: String,
    },
    /// The caller took the floor from the bot.
    BargeIn {
        /// The prompt that was stopped.
        prompt: PromptId,
        /// Time from the caller's first voiced frame to the order to stop.
        after: Duration,
    },
    /// A value was confirmed, corrected, denied, or could not be.
    ConfirmationResult {
        /// The slot's name.
        slot: String,
        /// The value as it stands now.
        value: String,
        /// What came of it.
        outcome: ConfirmOutcome,
        /// How often the caller was asked.
        attempts: u8,
        /// The belief in the value, 0 to 1.
        confidence: f32,
        /// The rule that decided and what it saw, in words.
        evidence: String,
    },
    /// A handover came a step further.
    HandoverProgress {
        /// The handover.
        handover: HandoverId,
        /// The step.
        stage: HandoverStage,
        /// Time since the decision.
        elapsed: Duration,
        /// The SIP code of a failed attempt.
        sip_code: Option<u16>,
    },
    /// What became of a command.
    CommandResult {
        /// The command.
        command_id: u64,
        /// What became of it.
        code: CommandCode,
    },
    /// Something broke; the call goes on unless `fatal`.
    Fault {
        /// What broke, as a stable name (`asr_failed`).
        code: String,
        /// Whether the call ends by it.
        fatal: bool,
    },
    /// The call is over.
    Ended {
        /// Who ended it.
        initiator: Initiator,
        /// Why, as a stable name.
        reason: String,
    },
}

/// What the caller is believed to have said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// The utterance.
    pub utterance: UtteranceId,
    /// Counts up from 1 within the utterance.
    pub revision: u32,
    /// Whether this is the last revision.
    pub is_final: bool,
    /// The words as one line.
    pub text: String,
    /// The belief in the whole text, 0 to 1.
    pub confidence: f32,
    /// The words one by one.
    pub words: Vec<Word>,
    /// The decoder's belief that there was no speech at all, 0 to 1.
    pub no_speech: f32,
}

/// One recognised word.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// The word.
    pub text: String,
    /// The belief in it, 0 to 1.
    pub p: f32,
    /// Its start, since the utterance's first sample.
    pub start: Duration,
    /// Its end, since the utterance's first sample.
    pub end: Duration,
}

/// Which timer judged a turn over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndOfTurnReason {
    /// The words so far are a complete answer to what was asked.
    Complete,
    /// The words so far are an answer that could go on.
    Extendable,
    /// The words so far are no whole answer, and the longest wait is over.
    Incomplete,
    /// The caller spoke for the longest time allowed.
    MaxSpeech,
}

/// Why a prompt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlaybackEnd {
    /// It was played to its end.
    Completed,
    /// The caller spoke.
    BargeIn,
    /// The caller pressed a key.
    Dtmf,
    /// It was cleared by a command, a newer epoch or the call's end.
    Cleared,
    /// It could not be spoken.
    Failed,
}

/// What came of a confirmation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConfirmOutcome {
    /// The caller confirmed the value, or it was sure enough for its class.
    Confirmed,
    /// The caller gave another value and confirmed that.
    Corrected,
    /// The caller denied it and gave no other.
    Denied,
    /// It was asked as often as allowed.
    Exhausted,
}

/// The steps of a handover, in the order in which they happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HandoverStage {
    /// Waiting for a free agent.
    Queued,
    /// An agent is reserved.
    Reserved,
    /// The agent's phone rings.
    Ringing,
    /// The agent answered and hears the brief.
    Answered,
    /// Caller and agent hear each other.
    Bridged,
    /// One agent did not take the call; the next is tried.
    Declined,
    /// No human in time: a callback or ticket was promised, unless
    /// [`PROMISE_NOT_STORED`] came before.
    Overflow,
    /// The handover was given up.
    Cancelled,
    /// The agent hung up or the agent's line broke after the bridge.
    AgentLeft,
}

/// What became of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CommandCode {
    /// It was taken.
    Ok,
    /// Its epoch is older than the call's.
    Stale,
    /// Its id was seen before.
    Duplicate,
    /// It makes no sense in the state the call is in.
    NotNow,
    /// A field of it is missing or out of range.
    Invalid,
}

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Initiator {
    /// The caller hung up.
    Caller,
    /// The bot hung up.
    Bot,
    /// The human agent hung up.
    Agent,
    /// The server ended it: a fault or a shutdown.
    Server,
}
