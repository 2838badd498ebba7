//! What the floor decides.

use crate::api::{EndOfTurnReason, Expect, UtteranceId};
use crate::session::{DecodeKind, Hypothesis};
use std::time::Duration;

/// One decision of the floor, or one fact that it makes known.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnOutput {
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
        /// Time since the onset, up to the last voiced frame.
        duration: Duration,
        /// How much of it is voiced.
        voiced: Duration,
    },
    /// Words are needed for a stretch of audio.
    Decode(DecodeOrder),
    /// Words came for the utterance under way; the turn is not over by them.
    Heard {
        /// The utterance.
        utterance: UtteranceId,
        /// The revision that was asked for.
        revision: u32,
        /// The words.
        hypothesis: Hypothesis,
        /// Time between the order and the words.
        took: Duration,
    },
    /// No words came for the utterance under way.
    HeardNothing {
        /// The utterance.
        utterance: UtteranceId,
        /// The revision that was asked for.
        revision: u32,
        /// The guard's name, or what failed.
        guard: String,
    },
    /// The caller takes the floor: stop what the bot says.
    BargeIn {
        /// Time since the onset.
        after: Duration,
        /// Voiced speech by now.
        voiced: Duration,
        /// The voiced speech that was needed.
        threshold: Duration,
    },
    /// A key stops what the bot says.
    KeyStops,
    /// The caller's turn is over.
    TurnEnded(TurnEnd),
    /// The caller spoke and no words could be made of it.
    NoMatch {
        /// The utterance.
        utterance: UtteranceId,
        /// How often in a row.
        count: u32,
    },
    /// Sound was heard that is no turn.
    Ignored {
        /// The utterance.
        utterance: UtteranceId,
        /// How much of it was voiced.
        voiced: Duration,
        /// Why, as a stable name.
        why: &'static str,
    },
    /// The caller said nothing in the time allowed.
    NoInput {
        /// How often in a row.
        count: u32,
        /// The time allowed.
        timer: Duration,
    },
    /// A key was pressed.
    Key(char),
    /// Keys were collected into an answer.
    KeysCollected {
        /// The keys.
        digits: String,
        /// What ended the answer, as a stable name.
        why: &'static str,
    },
    /// Something that should come did not.
    Fault {
        /// What, as a stable name.
        code: &'static str,
        /// What was seen, in words.
        detail: String,
    },
}

/// A stretch of audio whose words are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodeOrder {
    /// The utterance.
    pub utterance: UtteranceId,
    /// Counts up from 1 within the utterance.
    pub revision: u32,
    /// How soon they are needed.
    pub kind: DecodeKind,
    /// The first sample's time.
    pub from: Duration,
    /// The last sample's time.
    pub to: Duration,
    /// How much of the stretch is voiced.
    pub voiced: Duration,
    /// The kind of answer that is expected.
    pub expect: Expect,
}

/// A turn that is over, with what judged it so.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnEnd {
    /// The utterance.
    pub utterance: UtteranceId,
    /// The revision that holds the words.
    pub revision: u32,
    /// The words.
    pub hypothesis: Hypothesis,
    /// Which timer judged it over.
    pub reason: EndOfTurnReason,
    /// Silence since the last voiced frame.
    pub silence: Duration,
    /// The silence that was needed.
    pub timer: Duration,
    /// The kind of answer that was expected.
    pub expect: Expect,
}
