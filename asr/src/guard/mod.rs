//! Judges what the engine made of a clip: Whisper speaks even when nobody did, and may loop.
//!
//! All guards are pure functions of the text, its probabilities and the clip's length. A clip that
//! meets one is decoded again in a wider window; if it meets one again, its text is held back.

mod level;
mod phrases;
mod repetition;

use crate::hypothesis::Hypothesis;
use std::time::Duration;

/// Faster than any speaker: letters per second of audio.
const MAX_CHARS_PER_SECOND: f64 = 25.0;
/// Letters that are free, so that a clipped word is not judged by its rate.
const FREE_CHARS: f64 = 12.0;

/// Why a result was held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Guard {
    /// Too little speech to be a word.
    TooShort,
    /// No sound as loud as a caller.
    Silent,
    /// One of Whisper's sayings for silence and noise.
    StockPhrase,
    /// Words or groups of words that repeat beyond what people say.
    Repetition,
    /// More letters than anybody speaks in the time.
    TooFast,
    /// The decoder did not come to an end by itself.
    TooLong,
    /// The engine is less sure of a word than the model ever is of one that was said.
    Unsure,
}

impl Guard {
    /// Its stable name, for records.
    pub fn name(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::Silent => "silent",
            Self::StockPhrase => "stock_phrase",
            Self::Repetition => "repetition",
            Self::TooFast => "too_fast",
            Self::TooLong => "too_long",
            Self::Unsure => "unsure",
        }
    }
}

/// What a guard looks at besides the hypothesis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Circumstances {
    /// Length of the clip.
    pub audio: Duration,
    /// Speech within it, as the voice activity detector saw it.
    pub voiced: Duration,
    /// Tokens decoded.
    pub tokens: usize,
    /// Tokens the decoder was allowed.
    pub max_tokens: usize,
    /// Least confidence that counts as speech; 0.0 lets everything pass.
    pub min_confidence: f32,
}

/// Says whether a clip has enough speech and sound to be decoded at all.
pub fn before(audio: &[f32], voiced: Duration, min_voiced: Duration) -> Option<Guard> {
    if voiced < min_voiced {
        return Some(Guard::TooShort);
    }
    level::is_silent(audio).then_some(Guard::Silent)
}

/// Judges a decoded clip; `None` is a pass. The first guard that speaks wins.
pub fn after(heard: &Hypothesis, seen: &Circumstances) -> Option<Guard> {
    if heard.words.is_empty() {
        return None;
    }
    if phrases::is_invented(&heard.text, heard.mean_p(), seen.voiced) {
        return Some(Guard::StockPhrase);
    }
    let words: Vec<&str> = heard.words.iter().map(|word| word.text.as_str()).collect();
    if repetition::loops(&words) {
        return Some(Guard::Repetition);
    }
    let letters = heard.text.chars().count() as f64;
    if letters > FREE_CHARS + MAX_CHARS_PER_SECOND * seen.audio.as_secs_f64() {
        return Some(Guard::TooFast);
    }
    if seen.tokens >= seen.max_tokens {
        return Some(Guard::TooLong);
    }
    (heard.confidence < seen.min_confidence).then_some(Guard::Unsure)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn heard(text: &str, p: f32) -> Hypothesis {
        let tokens: Vec<_> = text
            .split(' ')
            .map(|word| (format!(" {word}").into_bytes(), p))
            .collect();
        Hypothesis::from_tokens(&tokens, SECOND)
    }

    fn seen(tokens: usize) -> Circumstances {
        Circumstances {
            audio: SECOND,
            voiced: SECOND,
            tokens,
            max_tokens: 14,
            min_confidence: 0.4,
        }
    }

    #[test]
    fn a_click_is_not_decoded_but_a_clipped_yes_is() {
        let click = Duration::from_millis(120);
        let audio = [0.1; 1_920];
        assert_eq!(
            before(&audio, click, crate::MIN_VOICED),
            Some(Guard::TooShort)
        );
        assert_eq!(before(&audio, click, crate::MIN_VOICED_SHORT_ANSWER), None);
        assert_eq!(
            before(&[0.0; 1_920], SECOND, crate::MIN_VOICED),
            Some(Guard::Silent)
        );
    }

    #[test]
    fn plain_speech_passes() {
        assert_eq!(after(&heard("where is my order", 0.9), &seen(5)), None);
        assert_eq!(after(&Hypothesis::default(), &seen(14)), None);
    }

    #[test]
    fn each_guard_speaks_for_its_case() {
        let cases = [
            ("thanks for watching", 0.3, 4, Guard::StockPhrase),
            ("help help help help", 0.9, 5, Guard::Repetition),
            (
                "i want to change my delivery address please",
                0.9,
                9,
                Guard::TooFast,
            ),
            ("my order is late", 0.9, 14, Guard::TooLong),
            ("saturday afternoon", 0.3, 3, Guard::Unsure),
        ];
        for (text, p, tokens, guard) in cases {
            assert_eq!(after(&heard(text, p), &seen(tokens)), Some(guard), "{text}");
        }
    }
}
