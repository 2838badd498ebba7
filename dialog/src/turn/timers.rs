//! How much silence ends a turn, by what was asked and by what was said so far.
//!
//! An answer that is whole ends after a breath; one that could go on gets longer; one that is
//! plainly unfinished gets longest. VoiceXML 2.0 §4.1.4 has the same idea with two timers.

use crate::api::{EndOfTurnReason, Expect};
use crate::understand::Completeness;
use std::time::Duration;

/// The timers of one kind of question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timers {
    /// Silence that ends a whole answer.
    complete: Duration,
    /// Silence that ends an answer that could go on.
    extendable: Duration,
    /// Silence that ends everything else.
    pub(super) incomplete: Duration,
    /// The same where people breathe between two groups of digits.
    between_groups: Duration,
    /// Silence from the start that is reported.
    pub(super) no_input: Duration,
    /// The longest speech of one turn.
    pub(super) max_speech: Duration,
}

impl Timers {
    /// The timers for an answer of this kind; `opening` until the caller has had a turn, because
    /// the first answer is the longest and the least in a hurry.
    pub(super) fn of(expect: Expect, opening: bool) -> Self {
        match expect {
            // Long enough for "no, the second part is" and its digits.
            Expect::YesNo => Self::millis(250, 400, 800, 4_000, 8_000),
            // A string that has its length but not its check digit is most likely all there is.
            Expect::Digits { .. } => Self {
                between_groups: Duration::from_millis(2_200),
                ..Self::millis(250, 700, 1_500, 6_000, 20_000)
            },
            Expect::Free if opening => Self::millis(700, 1_100, 2_000, 7_000, 28_000),
            Expect::Free => Self::millis(550, 900, 1_600, 6_000, 28_000),
        }
    }

    const fn millis(
        complete: u64,
        extendable: u64,
        incomplete: u64,
        no_input: u64,
        max_speech: u64,
    ) -> Self {
        Self {
            complete: Duration::from_millis(complete),
            extendable: Duration::from_millis(extendable),
            incomplete: Duration::from_millis(incomplete),
            between_groups: Duration::from_millis(incomplete),
            no_input: Duration::from_millis(no_input),
            max_speech: Duration::from_millis(max_speech),
        }
    }

    /// The silence that ends an answer judged so, and the reason to give for it.
    pub(super) fn silence(&self, answer: Completeness) -> (Duration, EndOfTurnReason) {
        match answer {
            Completeness::Complete => (self.complete, EndOfTurnReason::Complete),
            Completeness::Extendable => (self.extendable, EndOfTurnReason::Extendable),
            Completeness::Incomplete {
                at_group_boundary: false,
            } => (self.incomplete, EndOfTurnReason::Incomplete),
            Completeness::Incomplete {
                at_group_boundary: true,
            } => (self.between_groups, EndOfTurnReason::Incomplete),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_answer_never_waits_longer_than_an_unfinished_one() {
        let digits = Expect::Digits {
            count: 8,
            luhn: true,
        };
        for expect in [Expect::Free, Expect::YesNo, digits] {
            for opening in [true, false] {
                let timers = Timers::of(expect, opening);
                assert!(timers.complete <= timers.extendable);
                assert!(timers.extendable <= timers.incomplete);
                assert!(timers.incomplete <= timers.between_groups);
                // The final decode is asked for at the pause: every timer must leave it time.
                assert!(timers.complete > super::super::TurnConfig::default().pause);
            }
        }
    }
}
