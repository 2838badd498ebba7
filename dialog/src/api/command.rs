//! Commands down: what a brain may ask of the media server.

use super::{RiskClass, UtteranceId};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::time::Duration;

/// How long a handover may take until a human or a promise.
pub const HANDOVER_DEADLINE: RangeInclusive<Duration> =
    RangeInclusive::new(Duration::from_secs(10), Duration::from_secs(120));
/// How long one agent's phone may ring.
pub const HANDOVER_RING: RangeInclusive<Duration> =
    RangeInclusive::new(Duration::from_secs(2), Duration::from_secs(30));

/// One command with the numbers that make it safe to send twice or late.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandEnvelope {
    /// Chosen by the brain; a repeated id is answered as a duplicate and not carried out again.
    pub command_id: u64,
    /// The epoch of the event that the command answers. The epoch rises whenever the caller takes
    /// the floor; a command of an older epoch is dropped and answered as stale.
    pub epoch: u64,
    /// What is asked.
    pub command: Command,
}

/// What a brain may ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Answer the call.
    Accept,
    /// Refuse the call with a SIP code (4xx to 6xx).
    Reject {
        /// The SIP status code to send.
        sip_code: u16,
    },
    /// Speak. Prompts are queued in order.
    Say(Say),
    /// Stop what is playing and drop what is queued.
    ClearPlayback,
    /// Say what kind of answer is expected from now on, and how long to wait for it.
    Listen(Listen),
    /// Have the server confirm a value with the caller: the brain hears only the result.
    Confirm(Confirm),
    /// Put a human on the line.
    Handover(Handover),
    /// Give up a handover under way; the caller stays with the bot.
    HandoverCancel,
    /// Record why something was decided, for the person who audits the call.
    Note {
        /// The rule that decided, as a stable dotted name (`flow.order_status.matched`).
        rule: String,
        /// What the rule saw, in words. Never holds what was heard while `sensitive`.
        detail: String,
    },
    /// Record what came of the call.
    ReportOutcome {
        /// What the caller wanted, as a stable name (`order_status`).
        goal: String,
        /// Whether the caller got it.
        success: bool,
    },
    /// End the call once the queued prompts have been played.
    Hangup {
        /// Why, as a stable name (`completed`, `caller_silent`).
        reason: String,
    },
}

/// A prompt to speak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Say {
    /// The words to speak: plain text.
    pub text: String,
    /// Whether an answer is expected; decides how fast a caller's voice stops it.
    pub kind: PromptKind,
    /// What may interrupt it.
    pub barge_in: BargeIn,
}

/// What a prompt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PromptKind {
    /// An answer is expected: a voice stops it at once.
    Question,
    /// The caller is told something: a short "mm-hm" does not stop it.
    Information,
}

/// What may interrupt a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BargeIn {
    /// Nothing: legal sentences.
    None,
    /// A key.
    Keypad,
    /// A voice.
    Speech,
    /// A voice or a key.
    Any,
}

/// What kind of answer is expected, and how long to wait for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listen {
    /// The kind of answer; chooses end-of-turn timers and what counts as complete.
    pub expect: Expect,
    /// Silence after the last prompt before `NoInput` is reported. None: by kind of answer.
    pub no_input: Option<Duration>,
    /// How keys are collected.
    pub keypad: Keypad,
}

/// The kind of answer that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expect {
    /// An open question.
    Free,
    /// A yes or a no.
    YesNo,
    /// A string of digits.
    Digits {
        /// How many make a complete answer.
        count: u8,
        /// Whether the last digit is a Luhn check digit (ISO/IEC 7812-1 annex B).
        luhn: bool,
    },
}

/// How keys are collected into one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keypad {
    /// The longest pause between two keys of one answer.
    pub inter_digit: Duration,
    /// The key that ends an answer early.
    pub terminator: char,
    /// How many keys make a complete answer.
    pub max: u8,
}

impl Default for Keypad {
    fn default() -> Self {
        Self {
            inter_digit: Duration::from_secs(3),
            terminator: '#',
            max: 1,
        }
    }
}

/// A value to confirm with the caller. The server asks, listens, corrects and reports the result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Confirm {
    /// The slot's name (`order_ref`).
    pub slot: String,
    /// The value as heard.
    pub value: String,
    /// What a wrong value costs.
    pub class: RiskClass,
    /// How to ask.
    pub style: ConfirmStyle,
    /// The belief in the value, 0 to 1, after the back end has been asked.
    pub confidence: f32,
    /// The utterance the value was heard in; none when it came by keypad.
    pub utterance: Option<UtteranceId>,
    /// What a complete value looks like: used to understand corrections.
    pub expect: Expect,
    /// How often the question may be asked before the result is `Exhausted`.
    pub max_attempts: u8,
}

/// How a value is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConfirmStyle {
    /// The server chooses by risk class and confidence.
    ByRisk,
    /// Read back in groups of digits and asked: "4 4 1 2, 7 7 0 9. Is that right?"
    Grouped,
    /// Read back and asked.
    Explicit,
}

/// A request for a human.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Handover {
    /// The skill the human needs (`care`).
    pub skill: String,
    /// Time from the decision to a human, or to the promise of one: within [`HANDOVER_DEADLINE`].
    pub deadline: Duration,
    /// How long one agent's phone rings: within [`HANDOVER_RING`].
    pub ring: Duration,
    /// What the human should know.
    pub context: Context,
    /// What the caller is promised when no human answers in time.
    pub fallback: Fallback,
}

/// What the human is told about the call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Context {
    /// What the caller wants (`order status`).
    pub intent: String,
    /// Why a human was asked for (`caller asked`).
    pub reason: String,
    /// What is known so far.
    pub slots: Vec<ContextSlot>,
}

/// One fact of the context.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextSlot {
    /// The slot's name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// How sure it is.
    pub state: SlotState,
}

/// How sure a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SlotState {
    /// Heard, not yet confirmed.
    Heard,
    /// Confirmed by the caller.
    Confirmed,
    /// Rejected by the caller.
    Rejected,
}

/// What the caller is promised when no human answers in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fallback {
    /// A call back, to the number the caller calls from; a ticket when that number is withheld.
    Callback,
    /// A ticket.
    Ticket,
}
