//! Digits as people say them: "four four twelve", "double seven oh nine", "four hundred and five".
//! Knows nothing of what the number is for.

use super::tokens::Tokens;
use std::ops::Range;

/// The longest digit string that is kept; digits after it are left over.
const MAX_DIGITS: usize = 64;

/// How much of a word's belief is left when it is a digit only by sound ("for" heard for "four").
const SOUNDALIKE_BELIEF: f32 = 0.7;

/// Words that stand around a number and say nothing.
const FILLERS: &[&str] = &[
    "a", "an", "and", "are", "dash", "er", "erm", "hi", "hyphen", "i", "im", "is", "it", "its",
    "my", "number", "of", "ok", "okay", "order", "please", "so", "space", "that", "thats", "the",
    "then", "this", "uh", "um", "was", "well", "with", "yeah", "yes",
];

/// The digits found in a turn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpokenDigits {
    /// All digits in the order spoken, `0` to `9` only.
    pub digits: String,
    /// The digits as they were spoken, unit by unit.
    pub groups: Vec<DigitGroup>,
    /// The weakest belief among the words used, 0 to 1; 0 when there are no digits.
    pub confidence: f32,
    /// Words that are neither digits nor fillers.
    pub leftover: Vec<String>,
}

/// One spoken unit: `seven`, `seventy seven`, `double seven`, `4412`.
#[derive(Debug, Clone, PartialEq)]
pub struct DigitGroup {
    /// Its digits.
    pub digits: String,
    /// The tokens it was made of.
    pub tokens: Range<usize>,
    /// The weakest belief among them, 0 to 1.
    pub p: f32,
    /// Whether it is a bare "oh", which may be an exclamation.
    oh: bool,
}

impl SpokenDigits {
    /// The belief in each digit, in order; as long as `digits`.
    pub fn digit_confidence(&self) -> Vec<f32> {
        let beliefs = self
            .groups
            .iter()
            .map(|group| (group.p, group.digits.len()));
        beliefs
            .flat_map(|(p, count)| std::iter::repeat_n(p, count))
            .collect()
    }

    /// The same digits read as a value of `count` digits: "oh, four four ..." opens with an
    /// exclamation when it would otherwise be one digit too long.
    pub fn fitted(mut self, count: usize) -> Self {
        let opens_with_oh = self.groups.first().is_some_and(|group| group.oh);
        if opens_with_oh && self.digits.len() == count + 1 {
            self.groups.remove(0);
            self.digits.remove(0);
            self.confidence = weakest(&self.groups);
        }
        self
    }
}

/// Finds the digits of a turn.
pub fn digits(tokens: &Tokens) -> SpokenDigits {
    let mut found = SpokenDigits::default();
    let mut index = 0;
    while index < tokens.len() {
        let unit = unit_at(tokens, index, index > 0 && found.ends_at(index));
        match unit {
            Some(unit) if found.digits.len() + unit.digits.len() <= MAX_DIGITS => {
                index = unit.tokens.end;
                found.digits.push_str(&unit.digits);
                found.groups.push(unit);
            }
            Some(_) | None => {
                let word = tokens.at(index);
                if !FILLERS.contains(&word) {
                    found.leftover.push(word.to_owned());
                }
                index += 1;
            }
        }
    }
    found.confidence = weakest(&found.groups);
    found
}

impl SpokenDigits {
    /// Whether the last unit ends right before `index`.
    fn ends_at(&self, index: usize) -> bool {
        self.groups
            .last()
            .is_some_and(|group| group.tokens.end == index)
    }
}

fn weakest(groups: &[DigitGroup]) -> f32 {
    groups
        .iter()
        .map(|group| group.p)
        .reduce(f32::min)
        .unwrap_or(0.0)
}

/// The unit that starts at `index`. `after_digit`: the token before it was a digit.
fn unit_at(tokens: &Tokens, index: usize, after_digit: bool) -> Option<DigitGroup> {
    let word = tokens.at(index);
    let unit = |digits: String, end: usize, oh: bool| DigitGroup {
        p: tokens.weakest(index..end),
        tokens: index..end,
        digits,
        oh,
    };
    if let Some((digits, taken)) = repeated(tokens, index).or_else(|| number(tokens, index)) {
        return Some(unit(digits, index + taken, false));
    }
    let next = tokens.at(index + 1);
    let before_digit =
        is_digit_word(next) || (soundalike(next).is_some() && is_digit_word(tokens.at(index + 2)));
    if matches!(word, "oh" | "o") && (after_digit || before_digit) {
        return Some(unit("0".to_owned(), index + 1, true));
    }
    let digit = soundalike(word).filter(|_| after_digit && before_digit)?;
    let mut unit = unit(digit.to_string(), index + 1, false);
    unit.p *= SOUNDALIKE_BELIEF;
    Some(unit)
}

/// "double seven", "triple oh".
fn repeated(tokens: &Tokens, index: usize) -> Option<(String, usize)> {
    let times = match tokens.at(index) {
        "double" => 2,
        "triple" | "treble" => 3,
        "quadruple" => 4,
        _ => return None,
    };
    let word = tokens.at(index + 1);
    let digit = match word {
        "oh" | "o" => '0',
        _ => ones(word).or_else(|| single(word))?,
    };
    Some((digit.to_string().repeat(times), 2))
}

/// A number in words or figures: "seven", "forty four", "twelve hundred", "4412".
fn number(tokens: &Tokens, index: usize) -> Option<(String, usize)> {
    if let Some(written) = written(tokens.at(index)) {
        return Some((written.to_owned(), 1));
    }
    let (head, taken) = below_hundred(tokens, index)?;
    if tokens.at(index + taken) == "thousand" && head > 0 {
        let (tail, more) = remainder(tokens, index + taken + 1, true);
        return Some(((head * 1000 + tail).to_string(), taken + 1 + more));
    }
    if tokens.at(index + taken) == "hundred" && head > 0 {
        let (tail, more) = remainder(tokens, index + taken + 1, false);
        return Some(((head * 100 + tail).to_string(), taken + 1 + more));
    }
    Some((head.to_string(), taken))
}

/// What belongs to a "hundred" or "thousand" before `index`, and how many tokens it takes.
fn remainder(tokens: &Tokens, index: usize, hundreds: bool) -> (u32, usize) {
    let and = usize::from(tokens.at(index) == "and");
    let Some((value, taken)) = below_hundred(tokens, index + and) else {
        return (0, 0);
    };
    let end = index + and + taken;
    if hundreds && value < 10 && tokens.at(end) == "hundred" {
        let (tail, more) = remainder(tokens, end + 1, false);
        return (value * 100 + tail, and + taken + 1 + more);
    }
    // "four hundred seven oh nine": the seven opens the next group.
    let next = tokens.at(end);
    let goes_on = ones(next).is_some() || matches!(next, "oh" | "o");
    if value < 10 && and == 0 && goes_on {
        (0, 0)
    } else {
        (value, and + taken)
    }
}

/// A number below one hundred in words, and how many tokens it takes.
fn below_hundred(tokens: &Tokens, index: usize) -> Option<(u32, usize)> {
    let word = tokens.at(index);
    if let Some(digit) = ones(word) {
        return Some((digit.to_digit(10)?, 1));
    }
    if let Some(teen) = teens(word) {
        return Some((teen, 1));
    }
    let ten = tens(word)?;
    match ones(tokens.at(index + 1)).filter(|&digit| digit != '0') {
        Some(digit) => Some((ten + digit.to_digit(10)?, 2)),
        None => Some((ten, 1)),
    }
}

fn is_digit_word(word: &str) -> bool {
    let by_name = ones(word).is_some() || teens(word).is_some() || tens(word).is_some();
    let repeats = matches!(word, "double" | "triple" | "treble" | "oh" | "o");
    by_name || repeats || written(word).is_some()
}

fn written(word: &str) -> Option<&str> {
    (!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())).then_some(word)
}

fn single(word: &str) -> Option<char> {
    written(word)
        .filter(|figures| figures.len() == 1)?
        .chars()
        .next()
}

/// The digit that a single word names.
pub(super) fn ones(word: &str) -> Option<char> {
    Some(match word {
        "zero" | "nought" | "naught" => '0',
        "one" => '1',
        "two" => '2',
        "three" => '3',
        "four" => '4',
        "five" => '5',
        "six" => '6',
        "seven" => '7',
        "eight" => '8',
        "nine" | "niner" => '9',
        _ => return None,
    })
}

fn teens(word: &str) -> Option<u32> {
    Some(match word {
        "ten" => 10,
        "eleven" => 11,
        "twelve" => 12,
        "thirteen" => 13,
        "fourteen" => 14,
        "fifteen" => 15,
        "sixteen" => 16,
        "seventeen" => 17,
        "eighteen" => 18,
        "nineteen" => 19,
        _ => return None,
    })
}

fn tens(word: &str) -> Option<u32> {
    Some(match word {
        "twenty" => 20,
        "thirty" => 30,
        "forty" | "fourty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "seventy" => 70,
        "eighty" => 80,
        "ninety" => 90,
        _ => return None,
    })
}

/// Words that sound like a digit; digits only between two digits ("one to three").
fn soundalike(word: &str) -> Option<char> {
    Some(match word {
        "won" => '1',
        "to" | "too" => '2',
        "for" | "fore" => '4',
        "ate" => '8',
        _ => return None,
    })
}
