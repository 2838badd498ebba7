//! Every sentence a confirmation says, with its variants. No decision is made here:
//! which variant comes next is `wording`'s.

use crate::understand::grouping;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question<'a> {
    /// Whether the value is right.
    IsItRight {
        /// The value as it is read out.
        read: String,
    },
    /// Which of `parts` parts is wrong.
    WhichPart {
        /// How many parts the value has.
        parts: usize,
    },
    /// What belongs in a place.
    Place {
        /// The place's name (`second part`).
        name: &'a str,
        /// How many digits belong there.
        count: usize,
    },
    /// The whole value once more; `count` digits, or 0 for any words.
    Whole {
        /// How many digits.
        count: usize,
    },
    /// The whole value by keys.
    Keys {
        /// How many digits.
        count: usize,
    },
}

/// The wordings of a question between an opening and a closing remark (empty: none).
pub(super) fn wordings(opening: &str, question: &Question<'_>, closing: &str) -> Vec<String> {
    let framed = variants(question).into_iter().map(|question| {
        let parts = [opening, question.as_str(), closing];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" ")
    });
    framed.collect()
}

/// A value as it is read out: digits one by one in groups, other values as they are.
pub(super) fn read_out(value: &str, digits: bool) -> String {
    if digits {
        grouping::spoken(value)
    } else {
        value.to_owned()
    }
}

fn variants(question: &Question<'_>) -> Vec<String> {
    match question {
        Question::IsItRight { read } => vec![
            format!("{read}. Is that right?"),
            format!("So that is {read}. Is that right?"),
            format!("I have {read}. Yes or no?"),
            format!("The value I have is {read}. Is it right?"),
        ],
        Question::WhichPart { parts: 2 } => vec![
            "Which part is wrong, the first or the second?".to_owned(),
            "Please tell me the wrong part, first or second, and what it should be.".to_owned(),
            "Is the mistake in the first part or in the second?".to_owned(),
        ],
        Question::WhichPart { parts: _ } => vec![
            "Which part is wrong?".to_owned(),
            "Please tell me the wrong part, for example: the second part is, and the digits."
                .to_owned(),
            "In which part is the mistake?".to_owned(),
        ],
        Question::Place { name, count: 1 } => vec![
            format!("What is the {name}?"),
            format!("Please say just the {name}."),
            format!("Which digit is the {name}?"),
        ],
        Question::Place { name, count } => vec![
            format!("What is the {name}?"),
            format!("Please say just the {name}: {count} digits, one by one."),
            format!("The {count} digits of the {name}, please."),
        ],
        Question::Whole { count: 0 } => vec![
            "Please say it again.".to_owned(),
            "What should it be?".to_owned(),
            "Could you say it in other words?".to_owned(),
        ],
        Question::Whole { count } => vec![
            format!("Please say all {count} digits again, one by one."),
            format!("Once more, please: the whole number, {count} digits."),
            "Please read the whole number to me again, slowly.".to_owned(),
        ],
        Question::Keys { count } => vec![
            "Please key in the number on your phone.".to_owned(),
            format!("Please type all {count} digits on your keypad."),
            format!("On your phone's keys, please: the {count} digits of the number."),
        ],
    }
}
