//! Turns a shown text into what the synthesiser may be given, and finds its words in time.
//!
//! The synthesiser is C code of the nineties: it gets plain ASCII, short tokens and no control
//! characters, whatever the text was.

use crate::flite::RawToken;
use std::ops::Range;

/// Longer tokens are cut: nobody says them as one word, and the synthesiser's own buffers never
/// see them.
const MAX_TOKEN: usize = 40;

/// A word of the shown text, and its place in the spoken text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    shown: Range<usize>,
    spoken: Range<usize>,
}

/// A word of the shown text and when it is spoken, in seconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timed {
    pub(crate) shown: Range<usize>,
    pub(crate) start: f32,
    pub(crate) end: f32,
}

/// What is said for a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    spoken: String,
    places: Vec<Place>,
}

impl Plan {
    /// Plans a text word by word.
    pub(crate) fn of(text: &str) -> Self {
        let mut spoken = String::with_capacity(text.len());
        let mut places = Vec::new();
        for shown in words(text) {
            let begin = spoken.len();
            say_word(&text[shown.clone()], &mut spoken);
            let end = spoken.len();
            if end > begin {
                spoken.push(' ');
            }
            places.push(Place {
                shown,
                spoken: begin..end,
            });
        }
        Self { spoken, places }
    }

    /// Says whether there is no letter or digit to speak.
    pub(crate) fn is_empty(&self) -> bool {
        !self.spoken.contains(|c: char| c.is_ascii_alphanumeric())
    }

    /// The text for the synthesiser.
    pub(crate) fn spoken(&self) -> &str {
        &self.spoken
    }

    /// Gives each shown word its time, from the synthesiser's tokens, or by the number of its
    /// letters when those do not fit the text.
    pub(crate) fn spans(&self, tokens: &[RawToken], total: f32) -> Vec<Timed> {
        self.timed(tokens)
            .unwrap_or_else(|| self.proportional(total))
    }

    fn timed(&self, tokens: &[RawToken]) -> Option<Vec<Timed>> {
        let mut spans: Vec<Option<(f32, f32)>> = vec![None; self.places.len()];
        let mut cursor = 0;
        for token in tokens {
            // A token is the text between blanks without its punctuation, so it is found again
            // behind the one before.
            let at = cursor + self.spoken[cursor..].find(&token.text)?;
            cursor = at + token.text.len();
            let Some((start, end)) = token.span else {
                continue;
            };
            let place = self
                .places
                .iter()
                .position(|place| place.spoken.contains(&at))?;
            let span = &mut spans[place];
            *span = Some(span.map_or((start, end), |(first, _)| (first, end)));
        }
        if spans.iter().all(Option::is_none) {
            return None;
        }
        // What is not spoken takes no time; a time that goes back is held.
        let mut now = 0.0_f32;
        let timed = self.places.iter().zip(spans).map(|(place, span)| {
            let (start, end) = span.unwrap_or((now, now));
            let start = start.max(now);
            now = end.max(start);
            Timed {
                shown: place.shown.clone(),
                start,
                end: now,
            }
        });
        Some(timed.collect())
    }

    fn proportional(&self, total: f32) -> Vec<Timed> {
        let letters = self.spoken.len().max(1) as f32;
        let at = |offset: usize| total * offset as f32 / letters;
        let timed = self.places.iter().map(|place| Timed {
            shown: place.shown.clone(),
            start: at(place.spoken.start),
            end: at(place.spoken.end),
        });
        timed.collect()
    }
}

/// Byte ranges of the text's words: what stands between blanks and control characters.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            start..start + word.len()
        })
}

/// Appends what is said for one word; nothing for a word without a speakable character.
fn say_word(word: &str, spoken: &mut String) {
    let mut said = String::with_capacity(word.len());
    for c in word.chars() {
        say_char(c, &mut said);
    }
    let mut first = true;
    for part in said.split(' ').filter(|part| !part.is_empty()) {
        // The parts are ASCII, so any byte is a character's begin.
        for chunk in part.as_bytes().chunks(MAX_TOKEN) {
            if !first {
                spoken.push(' ');
            }
            first = false;
            spoken.extend(chunk.iter().map(|&byte| char::from(byte)));
        }
    }
}

/// Appends one character as ASCII: letters without their accents, signs as words, markup as blanks.
fn say_char(c: char, said: &mut String) {
    let ascii = match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => return said.push(c),
        '.' | ',' | ';' | ':' | '?' | '!' | '\'' | '-' | '$' | '/' => return said.push(c),
        '&' => " and ",
        '%' => " percent ",
        '+' => " plus ",
        '=' => " equals ",
        '@' => " at ",
        '#' => " number ",
        '\u{2018}' | '\u{2019}' => "'",
        '\u{2010}'..='\u{2015}' => "-",
        '\u{2026}' => ".",
        'à'..='ã' | 'å' | 'À'..='Ã' | 'Å' => "a",
        'æ' | 'Æ' | 'ä' | 'Ä' => "ae",
        'ç' | 'Ç' => "c",
        'è'..='ë' | 'È'..='Ë' => "e",
        'ì'..='ï' | 'Ì'..='Ï' => "i",
        'ñ' | 'Ñ' => "n",
        'ò'..='ö' | 'Ò'..='Ö' | 'ø' | 'Ø' => "o",
        'ù'..='ü' | 'Ù'..='Ü' => "u",
        'ý' | 'ÿ' | 'Ý' => "y",
        'ß' => "ss",
        '€' => " euros ",
        '£' => " pounds ",
        _ => " ",
    };
    said.push_str(ascii);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str) -> String {
        Plan::of(text).spoken().trim_end().to_owned()
    }

    fn token(text: &str, span: Option<(f32, f32)>) -> RawToken {
        RawToken {
            text: text.to_owned(),
            span,
        }
    }

    #[test]
    fn foreign_letters_signs_and_markup_become_plain_words() {
        assert_eq!(said("naïve Müller’s"), "naive Muller's");
        assert_eq!(said("you & me, 5% 😀"), "you and me, 5 percent");
        assert_eq!(said("<speak>hi\u{7}there</speak>"), "speak hi there /speak");
    }

    #[test]
    fn a_text_without_a_word_is_empty() {
        for text in ["", "  \n", "\u{0}\u{1b}", "😀 — …", "?!"] {
            assert!(Plan::of(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn an_endless_token_is_cut() {
        assert!(
            said(&"x".repeat(500))
                .split(' ')
                .all(|part| part.len() <= MAX_TOKEN)
        );
    }

    #[test]
    fn shown_words_take_the_time_of_their_tokens() {
        let plan = Plan::of("Pay $5 — now.");
        let tokens = [
            token("Pay", Some((0.1, 0.3))),
            token("$5", Some((0.3, 0.9))),
            token("now", Some((1.0, 1.4))),
        ];
        let spans = plan.spans(&tokens, 1.5);
        let times: Vec<_> = spans.iter().map(|timed| (timed.start, timed.end)).collect();
        assert_eq!(times, [(0.1, 0.3), (0.3, 0.9), (0.9, 0.9), (1.0, 1.4)]);
        assert_eq!(spans[3].shown, 11..15);
    }

    #[test]
    fn tokens_that_do_not_fit_the_text_give_way_to_its_letters() {
        let spans = Plan::of("one two").spans(&[token("three", Some((0.0, 1.0)))], 2.0);
        assert_eq!((spans[0].start, spans[1].end), (0.0, 1.75));
    }

    proptest! {
        #[test]
        fn any_text_gives_printable_ascii_and_ordered_ranges(text in any::<String>()) {
            let plan = Plan::of(&text);
            prop_assert!(plan.spoken().bytes().all(|b| (b' '..=b'~').contains(&b)));
            let spans = plan.spans(&[], 3.0);
            prop_assert!(spans.windows(2).all(|w| w[0].shown.end <= w[1].shown.start));
            prop_assert!(spans.iter().all(|s| text.get(s.shown.clone()).is_some()));
        }
    }
}
