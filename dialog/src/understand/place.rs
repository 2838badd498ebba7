//! Places within a number as callers name them: "the second part", "the last digit", "the last
//! four". Says where, never what belongs there.

use super::grouping;
use super::numbers;
use super::tokens::Tokens;
use std::ops::Range;

/// A place within a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The digit positions, from 0.
    pub digits: Range<usize>,
    /// Its name in a prompt: `second part`, `last digit`, `last 4 digits`.
    pub name: String,
    /// The ordinal as said, to settle later whether a digit or a part was meant.
    ordinal: Ordinal,
    kind: Kind,
}

/// Which one, from the start or from the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ordinal {
    /// Counted from 0.
    FromStart(usize),
    /// Counted from 0 at the end.
    FromEnd(usize),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Part,
    Digit,
    /// A run of digits at the start or end: "the last four".
    Run(usize),
    /// "The second one", "the second number": a digit or a part.
    Either,
}

const PART_NOUNS: &[&str] = &[
    "part", "parts", "half", "group", "bit", "block", "set", "section", "piece", "portion", "chunk",
];

const DIGIT_NOUNS: &[&str] = &["digit", "figure"];

const EITHER_NOUNS: &[&str] = &["number", "one"];

/// Words after an ordinal that show that it names a place even without a noun.
const COPULAS: &[&str] = &[
    "is", "are", "was", "should", "isnt", "has", "wrong", "needs",
];

/// The longest run that is named by its length ("the last six").
const LONGEST_RUN: u32 = 8;

/// Every place named in a turn for a value of `count` digits, with the tokens that name it. A place
/// that such a value does not have is left out.
pub(super) fn find_all(tokens: &Tokens, count: usize) -> Vec<(Place, Range<usize>)> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let Some((ordinal, kind, taken)) = place_at(tokens, index) else {
            index += 1;
            continue;
        };
        let fine = is_fine(tokens, index + taken);
        if let Some(place) = Place::new(ordinal, kind, count).filter(|_| !fine) {
            found.push((place, index..index + taken));
        }
        index += taken;
    }
    found
}

impl Place {
    /// The group of a value of `count` digits, counted from 0.
    pub fn part(index: usize, count: usize) -> Option<Self> {
        Self::new(Ordinal::FromStart(index), Kind::Part, count)
    }

    /// The same place once it is known how many digits were said for it: "the second one is five"
    /// names a digit, "the second one is seven seven oh nine" a part.
    pub(super) fn fitted(&self, heard: usize, count: usize) -> Self {
        let settled = match self.kind {
            Kind::Either if heard == 1 => Self::new(self.ordinal, Kind::Digit, count),
            Kind::Either => Self::new(self.ordinal, Kind::Part, count),
            Kind::Part | Kind::Digit | Kind::Run(_) => None,
        };
        settled.unwrap_or_else(|| self.clone())
    }

    fn new(ordinal: Ordinal, kind: Kind, count: usize) -> Option<Self> {
        let groups = grouping::groups(count);
        let of = |length: usize| match ordinal {
            Ordinal::FromStart(index) => Some(index).filter(|index| *index < length),
            Ordinal::FromEnd(index) => length.checked_sub(index + 1),
        };
        let counted = match ordinal {
            Ordinal::FromEnd(0) => "last".to_owned(),
            Ordinal::FromEnd(1) => "second last".to_owned(),
            Ordinal::FromEnd(index) => format!("{} last", ordinal_name(index)),
            Ordinal::FromStart(index) => ordinal_name(index).to_owned(),
        };
        let (digits, name) = match kind {
            Kind::Part | Kind::Either => {
                let group = of(groups.len())?;
                (groups.get(group)?.clone(), format!("{counted} part"))
            }
            Kind::Digit => {
                let digit = of(count)?;
                (digit..digit + 1, format!("{counted} digit"))
            }
            Kind::Run(length) if length <= count => {
                let start = match ordinal {
                    Ordinal::FromStart(_) => 0,
                    Ordinal::FromEnd(_) => count - length,
                };
                (start..start + length, format!("{counted} {length} digits"))
            }
            Kind::Run(_) => return None,
        };
        Some(Self {
            digits,
            name,
            ordinal,
            kind,
        })
    }
}

/// "The first part is right" names nothing that needs a correction.
fn is_fine(tokens: &Tokens, index: usize) -> bool {
    let copula = usize::from(COPULAS.contains(&tokens.at(index)));
    matches!(
        tokens.at(index + copula),
        "right" | "correct" | "fine" | "ok" | "okay" | "good"
    )
}

/// The place that is named at `index`, and how many tokens name it.
fn place_at(tokens: &Tokens, index: usize) -> Option<(Ordinal, Kind, usize)> {
    let (ordinal, taken) = ordinal_at(tokens, index)?;
    let noun = index + taken;
    if let Some(run) = run_at(tokens, ordinal, noun) {
        return Some((ordinal, run.0, taken + run.1));
    }
    let word = tokens.at(noun);
    if PART_NOUNS.contains(&word) {
        return Some((ordinal, Kind::Part, taken + 1));
    }
    if DIGIT_NOUNS.contains(&word) {
        return Some((ordinal, Kind::Digit, taken + 1));
    }
    let next = tokens.at(noun + 1);
    let ends = |word: &str| word.is_empty() || COPULAS.contains(&word);
    if EITHER_NOUNS.contains(&word) && (ends(next) || word == "number") {
        return Some((ordinal, Kind::Either, taken + 1));
    }
    // "Wait a second" and "at first" name no place.
    let idiom = index > 0 && matches!(tokens.at(index - 1), "a" | "one" | "at" | "just");
    let digits_follow = !numbers::digits(&tokens.slice(noun..noun + 1))
        .digits
        .is_empty();
    (!idiom && (ends(word) || digits_follow)).then_some((ordinal, Kind::Either, taken))
}

/// "The last four are", "the first two digits": a run by its length.
fn run_at(tokens: &Tokens, ordinal: Ordinal, at: usize) -> Option<(Kind, usize)> {
    if !matches!(ordinal, Ordinal::FromStart(0) | Ordinal::FromEnd(0)) {
        return None;
    }
    let word = tokens.at(at);
    let length = numbers::ones(word).and_then(|digit| digit.to_digit(10));
    let length = length
        .or_else(|| word.parse().ok())
        .filter(|n| (2..=LONGEST_RUN).contains(n))?;
    let run = usize::try_from(length).ok()?;
    let next = tokens.at(at + 1);
    if matches!(next, "digits" | "numbers" | "figures") {
        return Some((Kind::Run(run), 2));
    }
    let said = numbers::digits(&tokens.from_index(at + 1)).digits.len();
    (COPULAS.contains(&next) || said == run).then_some((Kind::Run(run), 1))
}

fn ordinal_at(tokens: &Tokens, index: usize) -> Option<(Ordinal, usize)> {
    let from_end = [
        ("second to last", 1),
        ("next to last", 1),
        ("second last", 1),
        ("last but one", 1),
        ("third to last", 2),
        ("third last", 2),
        ("last", 0),
        ("final", 0),
    ];
    for (phrase, place) in from_end {
        let taken = tokens.phrase_at(index, phrase);
        if taken > 0 {
            return Some((Ordinal::FromEnd(place), taken));
        }
    }
    let place = match tokens.at(index) {
        "first" | "1st" => 0,
        "second" | "2nd" => 1,
        "third" | "3rd" => 2,
        "fourth" | "4th" => 3,
        "fifth" | "5th" => 4,
        "sixth" | "6th" => 5,
        "seventh" | "7th" => 6,
        "eighth" | "8th" => 7,
        _ => return None,
    };
    Some((Ordinal::FromStart(place), 1))
}

fn ordinal_name(index: usize) -> &'static str {
    let names = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth",
    ];
    names.get(index).copied().unwrap_or("other")
}
