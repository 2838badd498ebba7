//! Whisper's sayings for silence and noise, learnt from subtitles.

use std::time::Duration;

/// Speech shorter than this is weak evidence for a phrase that nobody says on a telephone.
const SHORT: Duration = Duration::from_secs(1);
/// Below this mean probability a phrase counts as invented however long the speech was.
const UNSURE: f32 = 0.5;

/// Never said by a caller: held back when the speech was short or the engine unsure.
const SUBTITLES: &[&str] = &[
    "thank you for watching",
    "thanks for watching",
    "thank you so much for watching",
    "please subscribe",
    "please subscribe to my channel",
    "like and subscribe",
    "don't forget to subscribe",
    "see you next time",
    "see you in the next video",
    "i'll see you in the next one",
    "subtitles by the amara org community",
    "subtitles by",
    "transcription by",
    "translated by",
    "blank audio",
    "music",
    "applause",
    "silence",
    "foreign",
];

/// Said by callers as well: held back only when the engine is unsure.
const AMBIGUOUS: &[&str] = &[
    "you",
    "thank you",
    "thanks",
    "bye",
    "bye bye",
    "okay",
    "oh",
    "uh",
    "so",
    "the end",
];

/// Says whether the whole text is one of the sayings and the evidence for it is weak.
pub(super) fn is_invented(text: &str, mean_p: f32, voiced: Duration) -> bool {
    let plain = plain(text);
    let unsure = mean_p < UNSURE;
    (SUBTITLES.contains(&plain.as_str()) && (unsure || voiced < SHORT))
        || (AMBIGUOUS.contains(&plain.as_str()) && unsure)
}

/// Lower case with letters and apostrophes only, joined by single blanks.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_millis(1500);
    const BRIEF: Duration = Duration::from_millis(400);

    #[test]
    fn case_and_punctuation_do_not_hide_a_saying() {
        assert!(is_invented(" Thank you for watching!", 0.9, BRIEF));
        assert!(is_invented("[BLANK_AUDIO]", 0.9, BRIEF));
    }

    #[test]
    fn a_sure_thank_you_is_a_callers_own() {
        assert!(!is_invented("Thank you.", 0.9, BRIEF));
        assert!(is_invented("Thank you.", 0.4, LONG));
    }

    #[test]
    fn only_the_whole_text_counts() {
        assert!(!is_invented("thanks for watching my parcel", 0.3, BRIEF));
        assert!(!is_invented("thanks for watching", 0.9, LONG));
        assert!(!is_invented("", 0.0, BRIEF));
    }
}
