//! Recognised text as plain lower-case tokens. Holds no meaning: only spelling is evened out.

use crate::api::{Transcript, Word};

/// The longest turn that is looked at, in tokens; what follows is dropped. A minute of fast speech
/// has about 200 words.
const MAX_TOKENS: usize = 256;

/// One word after evening out: lower case, letters and digits only (`it's` is `its`).
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The word.
    pub text: String,
    /// The recogniser's belief in it, 0 to 1.
    pub p: f32,
    /// Which recognised word it came from, counted from 0.
    pub word: usize,
}

/// One turn of the caller as tokens, in the order in which they were spoken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tokens(Vec<Token>);

impl Tokens {
    /// Cuts words into tokens; each token keeps the belief in its word.
    pub fn from_words(words: &[Word]) -> Self {
        let mut tokens = Self::default();
        for (word, heard) in words.iter().enumerate() {
            tokens.push_pieces(&heard.text, belief(heard.p), word);
        }
        tokens
    }

    /// Cuts text into tokens that are all believed with `p`, 0 to 1.
    pub fn from_text(text: &str, p: f32) -> Self {
        let mut tokens = Self::default();
        for (word, heard) in text.split_whitespace().enumerate() {
            tokens.push_pieces(heard, belief(p), word);
        }
        tokens
    }

    /// The tokens of a transcript: from its words, or from its text when it lists no words.
    pub fn from_transcript(transcript: &Transcript) -> Self {
        if transcript.words.is_empty() {
            Self::from_text(&transcript.text, transcript.confidence)
        } else {
            Self::from_words(&transcript.words)
        }
    }

    /// The tokens.
    pub fn as_slice(&self) -> &[Token] {
        &self.0
    }

    /// How many tokens there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The token at `index`; empty past the end, so that look-ahead needs no bounds.
    pub fn at(&self, index: usize) -> &str {
        self.0.get(index).map_or("", |token| token.text.as_str())
    }

    /// How many tokens `phrase` (words with single spaces) takes at `index`; 0 when it is not there.
    pub fn phrase_at(&self, index: usize, phrase: &str) -> usize {
        let mut taken = 0;
        for word in phrase.split(' ') {
            if self.at(index + taken) != word {
                return 0;
            }
            taken += 1;
        }
        taken
    }

    /// Where `phrase` first stands.
    pub fn find(&self, phrase: &str) -> Option<usize> {
        (0..self.len()).find(|&index| self.phrase_at(index, phrase) > 0)
    }

    /// The tokens from `index` on; empty past the end.
    pub fn from_index(&self, index: usize) -> Self {
        Self(self.0.get(index..).unwrap_or_default().to_vec())
    }

    /// The tokens of a range; empty when it lies outside.
    pub fn slice(&self, range: std::ops::Range<usize>) -> Self {
        Self(self.0.get(range).unwrap_or_default().to_vec())
    }

    /// The weakest belief among the tokens of a range, 0 to 1; 0 for an empty range.
    pub fn weakest(&self, range: std::ops::Range<usize>) -> f32 {
        let beliefs = self
            .0
            .get(range)
            .unwrap_or_default()
            .iter()
            .map(|token| token.p);
        beliefs.reduce(f32::min).unwrap_or(0.0)
    }

    /// The tokens as one line.
    pub fn text(&self) -> String {
        let words: Vec<&str> = self.0.iter().map(|token| token.text.as_str()).collect();
        words.join(" ")
    }

    fn push_pieces(&mut self, heard: &str, p: f32, word: usize) {
        let spelled = heard.to_lowercase().replace(['\'', '\u{2019}'], "");
        for piece in spelled
            .split(|c: char| !c.is_alphanumeric())
            .filter(|piece| !piece.is_empty())
        {
            if self.0.len() == MAX_TOKENS {
                return;
            }
            self.0.push(Token {
                text: piece.to_owned(),
                p,
                word,
            });
        }
    }
}

/// A belief brought into 0 to 1; what is no number counts as no belief.
fn belief(p: f32) -> f32 {
    if p.is_nan() { 0.0 } else { p.clamp(0.0, 1.0) }
}
