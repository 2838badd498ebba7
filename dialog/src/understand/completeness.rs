//! Whether the words so far are a complete answer to what was asked: the end-of-turn timers are
//! chosen by it. Holds no durations: those belong to the turn machine.

use super::tokens::Tokens;
use super::{command, correction, grouping, intent, luhn, numbers, yes_no};
use crate::api::Expect;

/// How far an answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Nothing is missing: the turn may end at the shortest silence.
    Complete,
    /// An answer that could go on.
    Extendable,
    /// Something is missing.
    Incomplete {
        /// Whether the digits so far end where people pause between groups: wait longest.
        at_group_boundary: bool,
    },
}

/// Something is missing, and not at a group's end.
const INCOMPLETE: Completeness = Completeness::Incomplete {
    at_group_boundary: false,
};

/// Words that nobody ends a turn with.
const DANGLING: &[&str] = &[
    "a", "about", "an", "and", "are", "at", "because", "but", "er", "erm", "for", "from", "i",
    "if", "im", "in", "is", "its", "like", "my", "of", "on", "or", "so", "than", "the", "their",
    "then", "to", "uh", "um", "want", "was", "wheres", "with", "your", "number", "need", "where",
    "when", "double", "triple", "first", "second", "third", "part",
];

/// How many digits end a named part of a number; a shorter part costs the longer wait, a longer one
/// cut off would cost a turn.
const PART_DIGITS: usize = 4;

/// How many digits may be the first group of a whole number said again.
const GROUP_DIGITS: std::ops::RangeInclusive<usize> = 3..=4;

/// How far `text`, the words so far, has come as an answer to what was asked.
pub fn completeness(expect: Expect, text: &str) -> Completeness {
    let tokens = Tokens::from_text(text, 1.0);
    if tokens.is_empty() {
        return INCOMPLETE;
    }
    if command::universal(&tokens).is_some() {
        return Completeness::Complete;
    }
    match expect {
        Expect::Free => free(&tokens),
        Expect::YesNo => yes_or_no(&tokens),
        Expect::Digits { count, luhn } => digits(&tokens, usize::from(count), luhn),
    }
}

fn free(tokens: &Tokens) -> Completeness {
    if ends_dangling(tokens) {
        return INCOMPLETE;
    }
    let guess = intent::guess(tokens);
    // "where is my order, it's four four ..." goes on.
    let holds_digits = !numbers::digits(tokens).digits.is_empty();
    let complete = guess.intent.is_some() && !holds_digits;
    if complete {
        Completeness::Complete
    } else {
        Completeness::Extendable
    }
}

/// A bare "no" is extendable, not complete: it is often followed by the right value, and a caller
/// who is cut off there has to say both again.
fn yes_or_no(tokens: &Tokens) -> Completeness {
    let reply = yes_no::reply(tokens);
    if let Some(reply) = reply.as_ref().filter(|reply| reply.rest.is_empty()) {
        return match reply.answer {
            yes_no::Answer::No => Completeness::Extendable,
            yes_no::Answer::Yes | yes_no::Answer::Maybe | yes_no::Answer::DontKnow => {
                Completeness::Complete
            }
        };
    }
    let spoken = numbers::digits(tokens).digits.len();
    if correction::names_part(tokens) {
        let whole = spoken >= PART_DIGITS || (spoken > 0 && correction::names_digit(tokens));
        return if whole {
            Completeness::Extendable
        } else {
            INCOMPLETE
        };
    }
    if GROUP_DIGITS.contains(&spoken) {
        return Completeness::Incomplete {
            at_group_boundary: true,
        };
    }
    if ends_dangling(tokens) && reply.is_none_or(|reply| reply.answer != yes_no::Answer::Yes) {
        return INCOMPLETE;
    }
    Completeness::Extendable
}

/// Fixed length. All digits with a wrong check digit are extendable: a caller who notices the slip
/// corrects it in the same breath.
fn digits(tokens: &Tokens, count: usize, luhn: bool) -> Completeness {
    let found = numbers::digits(tokens).fitted(count);
    let heard = found.digits.len();
    if heard == 0 {
        let reply = yes_no::reply(tokens).is_some();
        let settled = reply && !ends_dangling(tokens);
        return if settled {
            Completeness::Extendable
        } else {
            INCOMPLETE
        };
    }
    if heard < count {
        let at_group_boundary = grouping::is_boundary(heard, count);
        return Completeness::Incomplete { at_group_boundary };
    }
    let valid = heard == count && (!luhn || luhn::is_valid(&found.digits));
    if valid {
        Completeness::Complete
    } else {
        Completeness::Extendable
    }
}

fn ends_dangling(tokens: &Tokens) -> bool {
    let last = tokens
        .len()
        .checked_sub(1)
        .map_or("", |index| tokens.at(index));
    DANGLING.contains(&last)
}
