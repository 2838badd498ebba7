//! What a caller who rejects a number gives instead: "the second part is seven seven oh nine",
//! "nine, not five", the whole number once more. What could be meant in two ways is a value of its
//! own, never a guess; the check digit may decide, and then the result says so.

use super::numbers::{self, SpokenDigits};
use super::place::{self, Place};
use super::tokens::Tokens;
use super::{grouping, luhn};
use std::ops::Range;

/// The value that is being corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentValue<'a> {
    /// Its digits, `0` to `9` only.
    pub digits: &'a str,
    /// How many digits a complete value has.
    pub count: usize,
    /// Whether the last one is a Luhn check digit.
    pub luhn: bool,
}

/// What the caller gave instead.
#[derive(Debug, Clone, PartialEq)]
pub enum Correction {
    /// A new value of full length.
    Value {
        /// Its digits.
        digits: String,
        /// The weakest belief among the words it came from, 0 to 1.
        p: f32,
        /// How it was reached.
        how: How,
    },
    /// A place was named, but not what belongs there.
    Named(Place),
    /// A place was named, and the digits do not fit there.
    Misfit {
        /// The place.
        place: Place,
        /// The digits heard.
        heard: String,
    },
    /// Digits were heard that could belong in more than one place, or in none.
    Which {
        /// The digits heard.
        heard: String,
        /// The values that they could make, in order of place; may be empty.
        candidates: Vec<String>,
    },
}

/// How a corrected value was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// The whole value was said again.
    Whole,
    /// A place was named and filled.
    Place(Place),
    /// "Nine, not five", and there was one five.
    Swap,
    /// Several values were possible; the check digit left one, or one where sounds were alike.
    Checksum,
}

/// Words between what is wrong and what is right.
const NOT: &[&str] = &["not", "isnt", "instead of", "rather than"];

/// Words after which the right digits follow in "not five, it's seven".
const PIVOTS: &[&str] = &[
    "its",
    "it is",
    "but",
    "i said",
    "should be",
    "it should be",
    "make it",
    "rather",
];

/// Digits that share a vowel and are mistaken for each other on a telephone line, smaller first.
const CONFUSED: &[(u8, u8)] = &[(b'5', b'9'), (b'1', b'9')];

/// Reads a turn as a correction of `current`; `None` when it holds neither a place nor a digit.
pub fn correct(tokens: &Tokens, current: CurrentValue<'_>) -> Option<Correction> {
    let places = place::find_all(tokens, current.count);
    if !places.is_empty() {
        return Some(fill_places(tokens, &places, current));
    }
    if let Some((wrong, right)) = contrast(tokens) {
        return Some(swap(&wrong, &right, current));
    }
    let heard = numbers::digits(tokens).fitted(current.count);
    if heard.digits.is_empty() {
        return None;
    }
    if heard.digits.len() == current.count {
        let SpokenDigits {
            digits,
            confidence: p,
            ..
        } = heard;
        return Some(Correction::Value {
            digits,
            p,
            how: How::Whole,
        });
    }
    Some(unplaced(&heard, current))
}

/// Reads the answer to "what is the second part?": digits that fit go there; anything else is read
/// as by [`correct`].
pub fn correct_at(tokens: &Tokens, place: &Place, current: CurrentValue<'_>) -> Option<Correction> {
    let heard = numbers::digits(tokens).fitted(place.digits.len());
    if heard.digits.len() == place.digits.len() {
        let how = How::Place(place.clone());
        let digits = replaced(current.digits, &place.digits, &heard.digits)?;
        return Some(Correction::Value {
            digits,
            p: heard.confidence,
            how,
        });
    }
    match correct(tokens, current) {
        Some(Correction::Which { heard, .. }) => Some(Correction::Misfit {
            place: place.clone(),
            heard,
        }),
        other => other,
    }
}

/// Whether a place within the value is named ("the second part").
pub fn names_part(tokens: &Tokens) -> bool {
    !place::find_all(tokens, usize::from(u8::MAX)).is_empty()
}

/// Whether every place named is a single digit ("the last digit").
pub(super) fn names_digit(tokens: &Tokens) -> bool {
    let places = place::find_all(tokens, usize::from(u8::MAX));
    !places.is_empty() && places.iter().all(|(place, _)| place.digits.len() == 1)
}

/// "The first part is .. and the second part is ..": each place with the digits next to it.
fn fill_places(
    tokens: &Tokens,
    places: &[(Place, Range<usize>)],
    current: CurrentValue<'_>,
) -> Correction {
    let mut value = current.digits.to_owned();
    let mut p: f32 = 1.0;
    let mut last = None;
    for (index, (place, at)) in places.iter().enumerate() {
        let end = places
            .get(index + 1)
            .map_or(tokens.len(), |(_, next)| next.start);
        let before = if index == 0 {
            0..at.start
        } else {
            at.start..at.start
        };
        let Some(heard) = beside(tokens, before, at.end..end) else {
            return Correction::Named(place.clone());
        };
        let place = place.fitted(heard.digits.len(), current.count);
        let Some(filled) =
            fits(&place, &heard).then(|| replaced(&value, &place.digits, &heard.digits))
        else {
            return Correction::Misfit {
                place,
                heard: heard.digits,
            };
        };
        let Some(filled) = filled else {
            return Correction::Misfit {
                place,
                heard: heard.digits,
            };
        };
        value = filled;
        p = p.min(heard.confidence);
        last = Some(place);
    }
    match last {
        Some(place) => Correction::Value {
            digits: value,
            p,
            how: How::Place(place),
        },
        None => Correction::Which {
            heard: String::new(),
            candidates: Vec::new(),
        },
    }
}

fn fits(place: &Place, heard: &SpokenDigits) -> bool {
    place.digits.len() == heard.digits.len()
}

/// The digits that belong to a place: those after it, or those before it ("nine is the last one").
fn beside(tokens: &Tokens, before: Range<usize>, after: Range<usize>) -> Option<SpokenDigits> {
    let following = tokens.slice(after);
    let right =
        contrast(&following).map_or_else(|| numbers::digits(&following), |(_, right)| right);
    if !right.digits.is_empty() {
        return Some(right);
    }
    let right = numbers::digits(&tokens.slice(before));
    (!right.digits.is_empty()).then_some(right)
}

/// "Nine, not five", "not five, it's nine", "the five should be a nine": what is wrong, what is right.
fn contrast(tokens: &Tokens) -> Option<(SpokenDigits, SpokenDigits)> {
    let filled = |wrong: Tokens, right: Tokens| {
        let (wrong, right) = (numbers::digits(&wrong), numbers::digits(&right));
        (!wrong.digits.is_empty() && !right.digits.is_empty()).then_some((wrong, right))
    };
    for not in NOT {
        let Some(at) = tokens.find(not) else { continue };
        let after = tokens.from_index(at + tokens.phrase_at(at, not));
        if let Some(found) = filled(after.clone(), tokens.slice(0..at)) {
            return Some(found);
        }
        for pivot in PIVOTS {
            let Some(turn) = after.find(pivot) else {
                continue;
            };
            let right = after.from_index(turn + after.phrase_at(turn, pivot));
            if let Some(found) = filled(after.slice(0..turn), right) {
                return Some(found);
            }
        }
        return halves(&numbers::digits(&after));
    }
    let link = [
        ("should be", None),
        ("to", Some("change")),
        ("with", Some("replace")),
    ];
    link.iter().find_map(|(link, needs)| {
        if needs.is_some_and(|verb| tokens.find(verb).is_none()) {
            return None;
        }
        let at = tokens.find(link)?;
        filled(
            tokens.slice(0..at),
            tokens.from_index(at + tokens.phrase_at(at, link)),
        )
    })
}

/// "Not five seven": two halves of equal length, wrong then right.
fn halves(heard: &SpokenDigits) -> Option<(SpokenDigits, SpokenDigits)> {
    let middle = heard.digits.len() / 2;
    if middle == 0 || !heard.digits.len().is_multiple_of(2) {
        return None;
    }
    let half = |range: Range<usize>| SpokenDigits {
        digits: heard.digits[range].to_owned(),
        confidence: heard.confidence,
        ..SpokenDigits::default()
    };
    Some((half(0..middle), half(middle..heard.digits.len())))
}

fn swap(wrong: &SpokenDigits, right: &SpokenDigits, current: CurrentValue<'_>) -> Correction {
    let p = right.confidence;
    if right.digits.len() == current.count {
        return Correction::Value {
            digits: right.digits.clone(),
            p,
            how: How::Whole,
        };
    }
    let last_start = current.digits.len().saturating_sub(wrong.digits.len());
    let places = (0..=last_start).map(|start| start..start + wrong.digits.len());
    let places = places.filter(|range| current.digits.get(range.clone()) == Some(&wrong.digits));
    choose(
        candidates(places, &right.digits, current),
        right,
        current,
        How::Swap,
    )
}

/// Digits with no word of where they belong.
fn unplaced(heard: &SpokenDigits, current: CurrentValue<'_>) -> Correction {
    let length = heard.digits.len();
    let groups = grouping::groups(current.count);
    let as_group = groups
        .into_iter()
        .filter(|group| group.len() == length && length > 1);
    let mut places: Vec<Range<usize>> = as_group.collect();
    if places.is_empty() && length <= current.digits.len() {
        places = (0..=current.digits.len() - length)
            .map(|start| start..start + length)
            .collect();
    }
    let all = candidates(places.into_iter(), &heard.digits, current);
    choose(all, heard, current, How::Checksum)
}

/// The values of full length that differ from the current one when `right` is put in each place.
fn candidates(
    places: impl Iterator<Item = Range<usize>>,
    right: &str,
    current: CurrentValue<'_>,
) -> Vec<String> {
    let mut values: Vec<String> = places
        .filter_map(|place| replaced(current.digits, &place, right))
        .filter(|value| value.len() == current.count && value != current.digits)
        .collect();
    values.dedup();
    values
}

/// One candidate is the value only if a contrast singled it out or the check digit proves it.
fn choose(
    all: Vec<String>,
    heard: &SpokenDigits,
    current: CurrentValue<'_>,
    how: How,
) -> Correction {
    let p = heard.confidence;
    if let ([only], How::Swap) = (all.as_slice(), &how) {
        return Correction::Value {
            digits: only.clone(),
            p,
            how,
        };
    }
    let mut proven: Vec<&String> = all
        .iter()
        .filter(|value| current.luhn && luhn::is_valid(value))
        .collect();
    if proven.len() > 1 {
        proven.retain(|value| sounds_alike(current.digits, value));
    }
    if let [only] = proven.as_slice() {
        return Correction::Value {
            digits: (*only).clone(),
            p,
            how: How::Checksum,
        };
    }
    Correction::Which {
        heard: heard.digits.clone(),
        candidates: all,
    }
}

/// Whether two values of one length differ only in digits that are mistaken for each other on a
/// telephone line.
fn sounds_alike(heard: &str, meant: &str) -> bool {
    let differing = heard.bytes().zip(meant.bytes()).filter(|(a, b)| a != b);
    differing
        .map(|(a, b)| (a.min(b), a.max(b)))
        .all(|pair| CONFUSED.contains(&pair))
}

/// `digits` with `place` replaced; `None` when the place lies outside.
fn replaced(digits: &str, place: &Range<usize>, right: &str) -> Option<String> {
    let before = digits.get(..place.start)?;
    let after = digits.get(place.end..)?;
    Some(format!("{before}{right}{after}"))
}
