//! Finished speech: samples, and when each word of the text is spoken.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Samples a second of all finished speech.
pub const SAMPLE_RATE: u32 = 8_000;

/// One word of the text and its place in the audio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordSpan {
    /// The word's bytes in [`Spoken::text`], with the punctuation that touches it.
    pub text: Range<usize>,
    /// Its first sample.
    pub start_sample: usize,
    /// The sample after its last.
    pub end_sample: usize,
}

/// Finished speech. Clones share the samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Mono samples at [`SAMPLE_RATE`], at most 3 dB below full scale.
    pub pcm: Arc<[i16]>,
    /// The text as given.
    pub text: Arc<str>,
    /// The text's words in order; their places never go back.
    pub words: Vec<WordSpan>,
}

impl Spoken {
    pub(crate) fn new(text: &str, pcm: Vec<i16>, words: Vec<WordSpan>) -> Self {
        Self {
            pcm: pcm.into(),
            text: text.into(),
            words,
        }
    }

    /// Length of the audio.
    pub fn duration(&self) -> Duration {
        duration_of(self.pcm.len())
    }

    /// What a listener has heard once `played` of the audio was played: the text up to the last
    /// word of which at least half was played.
    pub fn heard(&self, played: Duration) -> &str {
        let played = samples_in(played);
        // Places never go back, so the words heard are the first ones.
        let count = self
            .words
            .partition_point(|w| played * 2 >= w.start_sample + w.end_sample);
        match count.checked_sub(1).and_then(|last| self.words.get(last)) {
            Some(word) => &self.text[..word.text.end],
            None => "",
        }
    }

    /// Puts clauses behind each other with a pause between them; their texts are joined by blanks.
    pub fn join(parts: &[Self], pause: Duration) -> Self {
        let gap = samples_in(pause);
        let (mut pcm, mut text, mut words) = (Vec::new(), String::new(), Vec::new());
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                pcm.resize(pcm.len() + gap, 0);
                text.push(' ');
            }
            words.extend(part.words.iter().map(|word| WordSpan {
                text: word.text.start + text.len()..word.text.end + text.len(),
                start_sample: word.start_sample + pcm.len(),
                end_sample: word.end_sample + pcm.len(),
            }));
            pcm.extend_from_slice(&part.pcm);
            text.push_str(&part.text);
        }
        Self::new(&text, pcm, words)
    }
}

/// Whole samples in a time; a time beyond all audio gives a number beyond all audio.
pub(crate) fn samples_in(time: Duration) -> usize {
    let samples = time.as_nanos() * u128::from(SAMPLE_RATE) / 1_000_000_000;
    // Halved so that callers may double it.
    usize::try_from(samples).map_or(usize::MAX / 2, |samples| samples.min(usize::MAX / 2))
}

/// Length of so many samples.
pub(crate) fn duration_of(samples: usize) -> Duration {
    Duration::from_nanos(samples as u64 * (1_000_000_000 / u64::from(SAMPLE_RATE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken() -> Spoken {
        let word = |text, start_sample, end_sample| WordSpan {
            text,
            start_sample,
            end_sample,
        };
        let words = vec![word(0..4, 160, 1_600), word(5..11, 1_600, 4_000)];
        Spoken::new("Your order.", vec![100; 4_160], words)
    }

    #[test]
    fn a_word_is_heard_once_half_of_it_was_played() {
        let spoken = spoken();
        let heard = |ms| spoken.heard(Duration::from_millis(ms));
        assert_eq!(heard(0), "");
        assert_eq!(heard(109), "");
        assert_eq!(heard(110), "Your");
        assert_eq!(heard(349), "Your");
        assert_eq!(heard(350), "Your order.");
        assert_eq!(spoken.heard(Duration::MAX), "Your order.");
    }

    #[test]
    fn joined_clauses_keep_their_words_in_place() {
        let whole = Spoken::join(&[spoken(), spoken()], Duration::from_millis(250));
        assert_eq!(&*whole.text, "Your order. Your order.");
        assert_eq!(whole.pcm.len(), 2 * 4_160 + 2_000);
        assert_eq!(whole.words[2].start_sample, 4_160 + 2_000 + 160);
        assert_eq!(&whole.text[whole.words[3].text.clone()], "order.");
        assert_eq!(whole.duration(), Duration::from_millis(1_290));
    }

    #[test]
    fn nothing_joined_is_nothing() {
        let nothing = Spoken::join(&[], Duration::from_secs(1));
        assert_eq!(nothing.heard(Duration::MAX), "");
        assert_eq!(nothing.duration(), Duration::ZERO);
    }
}
