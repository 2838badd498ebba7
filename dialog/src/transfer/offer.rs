//! What a waiting caller's words mean for the offer of a promise.

use crate::api::RiskClass;
use crate::confirm::belief;
use crate::understand::Tokens;
use crate::understand::yes_no::{self, Answer};

/// Words that make a yes a yes to the question: "okay" may as well mean to stay.
const PLAIN_YES: &[&str] = &["yes", "yeah", "yea", "yep", "yup"];
/// Words beside a "yes" that mean to wait on: "yes, I'll stay on the line".
const STAYING: &[&str] = &["hold", "keep", "line", "stay", "staying", "wait", "waiting"];

/// Whether a turn clearly takes the promise (true) or clearly refuses it (false); none when it
/// does neither. A yes must be as sure as one that writes something, since it ends the ringing.
#[must_use]
pub fn takes_promise(tokens: &Tokens) -> Option<bool> {
    let reply = yes_no::reply(tokens)?;
    let says = |words: &[&str]| {
        let mut said = tokens.as_slice().iter();
        said.any(|token| words.contains(&token.text.as_str()))
    };
    let sure = belief::judge_yes(RiskClass::W2, 0.0, reply.p).settles;
    match reply.answer {
        Answer::Yes if reply.is_clean_yes() && sure && says(PLAIN_YES) && !says(STAYING) => {
            Some(true)
        }
        Answer::No => Some(false),
        Answer::Yes | Answer::Maybe | Answer::DontKnow => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str) -> Option<bool> {
        takes_promise(&Tokens::from_text(text, 0.95))
    }

    #[test]
    fn only_a_plain_yes_takes_the_promise() {
        for text in [
            "Yes.",
            "yes please",
            "Yeah, call me back.",
            "yes, that's fine",
        ] {
            assert_eq!(heard(text), Some(true), "{text}");
        }
        for text in [
            "okay",
            "mm-hm",
            "yes, I'll stay on the line",
            "yes but not on this number",
            "I want to cancel",
            "why?",
            "",
        ] {
            assert_eq!(heard(text), None, "{text}");
        }
        for text in ["no", "No thanks, I'll wait."] {
            assert_eq!(heard(text), Some(false), "{text}");
        }
    }
}
