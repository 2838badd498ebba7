//! What goes into a confirmation and what comes out of it.

use crate::api::{CallEvent, ConfirmOutcome, Listen, Say, Transcript};

/// What the caller did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Input<'a> {
    /// Spoke; the turn is over.
    Answer(&'a Transcript),
    /// Keyed an answer, without the terminator.
    Keys(&'a str),
    /// Said nothing in the time allowed.
    NoInput,
    /// Spoke, and no words could be made of it.
    NoMatch,
}

/// What to do next, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Record why: stands before the step it explains.
    Reason {
        /// The rule that decided, as a stable dotted name.
        rule: &'static str,
        /// What it saw, in words and figures.
        detail: String,
    },
    /// Speak and listen.
    Ask {
        /// The question.
        say: Say,
        /// The answer to wait for.
        listen: Listen,
    },
    /// It is over: tell the brain.
    Result(Verdict),
    /// The caller wants something else. The confirmation is over without a result, the value stays
    /// heard and unconfirmed, and the turn (or the keys) goes to the brain.
    Pass,
}

/// What came of a confirmation.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The slot's name.
    pub slot: String,
    /// The value as it stands now.
    pub value: String,
    /// What came of it.
    pub outcome: ConfirmOutcome,
    /// How often the caller was asked whether it is right.
    pub attempts: u8,
    /// The belief in the value, 0 to 1.
    pub confidence: f32,
    /// The rule that decided and what it saw.
    pub evidence: String,
}

impl From<Verdict> for CallEvent {
    fn from(verdict: Verdict) -> Self {
        let Verdict {
            slot,
            value,
            outcome,
            attempts,
            confidence,
            evidence,
        } = verdict;
        Self::ConfirmationResult {
            slot,
            value,
            outcome,
            attempts,
            confidence,
            evidence,
        }
    }
}
