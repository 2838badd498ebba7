//! The facts of a call worth keeping: what was heard, said and decided, with the numbers that decided it.
//!
//! A record is a value; where it is kept is the shell's matter.

mod describe;

use crate::api::{
    BargeIn, CommandCode, ConfirmOutcome, EndOfTurnReason, Expect, HandoverId, HandoverStage,
    Initiator, PlaybackEnd, PromptId, PromptKind, UtteranceId, Word,
};
use crate::queue::AgentId;
use crate::session::{DecodeKind, Party, Promise};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A record with its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stamped {
    /// Time since the call came in.
    pub at: Duration,
    /// What happened.
    pub record: Record,
}

/// One fact of a call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Record {
    /// A call came in.
    Incoming {
        /// The caller's number or user name; empty when withheld.
        from: String,
        /// The number or user name that was called.
        to: String,
    },
    /// The call was answered.
    Answered {
        /// The codec's name as in SDP.
        codec: String,
    },
    /// The caller began to speak, or went on after a pause.
    SpeechStarted {
        /// The utterance.
        utterance: UtteranceId,
        /// Whether the bot was speaking.
        overlap: bool,
    },
    /// The caller paused.
    SpeechStopped {
        /// The utterance.
        utterance: UtteranceId,
        /// How much of it is voiced so far.
        voiced: Duration,
    },
    /// A decode was asked for.
    DecodeAsked {
        /// The utterance.
        utterance: UtteranceId,
        /// The revision.
        revision: u32,
        /// Partial or final.
        kind: DecodeKind,
        /// The length of the stretch.
        length: Duration,
    },
    /// Words were recognised.
    Heard {
        /// The utterance.
        utterance: UtteranceId,
        /// The revision.
        revision: u32,
        /// The words as one line.
        text: String,
        /// The belief in the whole text, 0 to 1.
        confidence: f32,
        /// The words one by one.
        words: Vec<Word>,
        /// Time between the order and the words.
        took: Duration,
    },
    /// No words were recognised, or none that a guard believed.
    HeardNothing {
        /// The utterance.
        utterance: UtteranceId,
        /// The revision.
        revision: u32,
        /// The guard's name, or what failed.
        guard: String,
    },
    /// The caller's turn was judged over.
    TurnEnded {
        /// The utterance.
        utterance: UtteranceId,
        /// What was judged over.
        text: String,
        /// How the words were judged.
        reason: EndOfTurnReason,
        /// Silence since the last voiced frame.
        silence: Duration,
        /// The timer that the judgement chose.
        timer: Duration,
        /// What was expected.
        expect: Expect,
    },
    /// Sound was heard that is no turn.
    TurnIgnored {
        /// The utterance.
        utterance: UtteranceId,
        /// How much of it was voiced.
        voiced: Duration,
        /// Why it is no turn, as a stable name (`cough`, `backchannel`, `key`, `handover`).
        why: String,
    },
    /// The caller spoke and no words could be made of it.
    NoMatch {
        /// How often in a row.
        count: u32,
    },
    /// The caller said nothing in the time allowed.
    NoInput {
        /// How often in a row.
        count: u32,
        /// The time allowed.
        timer: Duration,
    },
    /// A key was pressed.
    Key {
        /// The key.
        digit: char,
    },
    /// Keys were collected into an answer.
    KeysCollected {
        /// The keys.
        digits: String,
        /// What ended the collection, as a stable name (`full`, `terminator`, `pause`).
        why: String,
    },
    /// A prompt was asked for.
    PromptAsked {
        /// The prompt.
        prompt: PromptId,
        /// To whom.
        party: Party,
        /// Its words.
        text: String,
        /// What it is for.
        kind: PromptKind,
        /// What may interrupt it.
        barge_in: BargeIn,
    },
    /// The first frame of a prompt left.
    PromptStarted {
        /// The prompt.
        prompt: PromptId,
    },
    /// A prompt ended.
    PromptEnded {
        /// The prompt.
        prompt: PromptId,
        /// Why it ended.
        end: PlaybackEnd,
        /// How much of it was sent.
        played: Duration,
        /// The words that were heard of it.
        heard: String,
    },
    /// The caller took the floor.
    BargeIn {
        /// The prompt that was stopped.
        prompt: PromptId,
        /// Time from the onset to the order to stop.
        after: Duration,
        /// Voiced speech by then.
        voiced: Duration,
        /// Voiced speech that stops this kind of prompt.
        threshold: Duration,
    },
    /// A command was not carried out.
    CommandRefused {
        /// The command.
        command_id: u64,
        /// Its name; `malformed` when it is none.
        command: String,
        /// Why not.
        code: CommandCode,
        /// What is wrong with it, in words; empty where the code says it all.
        #[serde(default)]
        reason: String,
    },
    /// A rule decided something.
    Decided {
        /// The rule, as a stable dotted name.
        rule: String,
        /// What it saw, in words.
        detail: String,
    },
    /// What came of the call.
    Outcome {
        /// What the caller wanted.
        goal: String,
        /// Whether the caller got it.
        success: bool,
    },
    /// A confirmation ended.
    Confirmed {
        /// The slot.
        slot: String,
        /// Its value now.
        value: String,
        /// What came of it.
        outcome: ConfirmOutcome,
        /// How often the caller was asked.
        attempts: u8,
        /// The belief in the value, 0 to 1.
        confidence: f32,
        /// The rule that decided and what it saw.
        evidence: String,
    },
    /// A handover came a step further.
    Handover {
        /// The handover.
        handover: HandoverId,
        /// The step.
        stage: HandoverStage,
        /// The agent concerned.
        agent: Option<AgentId>,
        /// Time since the decision.
        elapsed: Duration,
        /// The SIP code of a failed attempt.
        sip_code: Option<u16>,
        /// What the step was about, in words: skill and reason, the brief, why it failed.
        detail: String,
    },
    /// A promise was stored, and is spoken next.
    Promised {
        /// The promise.
        promise: Promise,
    },
    /// The brain's stream changed.
    Brain {
        /// `lost`, `resumed` or `gone`.
        link: String,
    },
    /// Something broke.
    Fault {
        /// What, as a stable name.
        code: String,
        /// What was seen, in words.
        detail: String,
    },
    /// The call is over. The last record of every call.
    Ended {
        /// Who ended it.
        initiator: Initiator,
        /// Why, as a stable name.
        reason: String,
    },
}
