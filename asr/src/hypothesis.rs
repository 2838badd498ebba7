//! What the engine says of one utterance: words with their probabilities.

use std::time::Duration;

/// One word as heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The model's own spelling, without blanks around it.
    pub text: String,
    /// Least probability of the word's tokens, 0.0..=1.0. Not calibrated: Whisper is too sure of
    /// itself in noise.
    pub p: f32,
    /// Begin within the job's audio. Proportional to the letters, good to a few hundred
    /// milliseconds: the engine runs without timestamps, so do not steer by it.
    pub start: Duration,
    /// End within the job's audio, proportional like `start`.
    pub end: Duration,
}

/// One utterance as heard.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hypothesis {
    /// The words joined by single blanks; empty when nothing was heard.
    pub text: String,
    /// The words in order.
    pub words: Vec<Word>,
    /// Least `p` of the words, 0.0 without words: one wrong digit makes the value wrong.
    pub confidence: f32,
    /// Probability that this was no speech; 0.0 from this engine. Without timestamps Whisper
    /// leaves here what an earlier clip, perhaps another call's, had: the guards judge instead.
    pub no_speech: f32,
}

impl Hypothesis {
    /// Mean probability of the words, 0.0 without words.
    pub fn mean_p(&self) -> f32 {
        if self.words.is_empty() {
            return 0.0;
        }
        self.words.iter().map(|word| word.p).sum::<f32>() / self.words.len() as f32
    }

    /// Joins tokens to words: a token that begins with a blank begins a word.
    ///
    /// `tokens` are the engine's bytes and probabilities in order; `audio` is the clip's length.
    pub(crate) fn from_tokens(tokens: &[(Vec<u8>, f32)], audio: Duration) -> Self {
        let mut spelled: Vec<(Vec<u8>, f32)> = Vec::new();
        for (bytes, p) in tokens {
            let begins = bytes.first().is_none_or(u8::is_ascii_whitespace);
            match spelled.last_mut() {
                Some((word, least)) if !begins => {
                    word.extend_from_slice(bytes);
                    *least = least.min(*p);
                }
                _ => spelled.push((bytes.clone(), *p)),
            }
        }
        // A character may span tokens, so bytes become text only when the word is whole.
        let parts: Vec<(String, f32)> = spelled
            .into_iter()
            .flat_map(|(bytes, p)| {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                text.split_whitespace()
                    .map(|part| (part.to_owned(), p))
                    .collect::<Vec<_>>()
            })
            .collect();
        let words = spread(parts, audio);
        let text = words
            .iter()
            .map(|word| word.text.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        let least = words
            .iter()
            .map(|word| word.p)
            .fold(f32::INFINITY, f32::min);
        let confidence = if words.is_empty() {
            0.0
        } else {
            least.clamp(0.0, 1.0)
        };
        Self {
            text,
            words,
            confidence,
            no_speech: 0.0,
        }
    }
}

/// Gives each word its share of the clip by its letters and one blank.
fn spread(parts: Vec<(String, f32)>, audio: Duration) -> Vec<Word> {
    let total: usize = parts.iter().map(|(text, _)| text.chars().count() + 1).sum();
    let at = |letters: usize| audio.mul_f64(letters as f64 / total.max(1) as f64);
    let mut begun = 0;
    parts
        .into_iter()
        .map(|(text, p)| {
            let start = at(begun);
            begun += text.chars().count() + 1;
            Word {
                text,
                p,
                start,
                end: at(begun),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(tokens: &[(&[u8], f32)]) -> Hypothesis {
        let tokens: Vec<_> = tokens.iter().map(|(b, p)| (b.to_vec(), *p)).collect();
        Hypothesis::from_tokens(&tokens, Duration::from_secs(1))
    }

    #[test]
    fn a_word_is_as_sure_as_its_least_sure_token() {
        let heard = heard(&[
            (b" rep", 0.9),
            (b"resent", 0.4),
            (b"ative", 0.8),
            (b" please", 0.7),
        ]);
        assert_eq!(heard.text, "representative please");
        let p: Vec<_> = heard.words.iter().map(|word| word.p).collect();
        assert_eq!(p, [0.4, 0.7]);
        assert_eq!(heard.confidence, 0.4);
    }

    #[test]
    fn a_character_split_over_tokens_is_whole_again() {
        assert_eq!(heard(&[(b" caf\xc3", 1.0), (b"\xa9", 1.0)]).text, "café");
    }

    #[test]
    fn blanks_collapse_and_blank_tokens_are_no_words() {
        let heard = heard(&[(b"  four ", 1.0), (b" ", 0.1), (b" one", 1.0)]);
        assert_eq!(heard.text, "four one");
        assert_eq!(heard.confidence, 1.0);
    }

    #[test]
    fn no_tokens_mean_no_words_and_no_confidence() {
        assert_eq!(heard(&[]), Hypothesis::default());
        assert_eq!(heard(&[]).mean_p(), 0.0);
    }

    #[test]
    fn words_share_the_clip_in_order() {
        let heard = heard(&[(b" one", 1.0), (b" three", 1.0)]);
        assert_eq!(heard.words[0].start, Duration::ZERO);
        assert_eq!(heard.words[0].end, heard.words[1].start);
        assert_eq!(heard.words[1].end, Duration::from_secs(1));
    }
}
