//! What a model file's header says about how the model wants to be run.

use crate::ggml::Header;
use std::time::Duration;

/// Audio positions per second of speech: Whisper's encoder halves its 100 frames per second.
const POSITIONS_PER_SECOND: f64 = 50.0;
/// Positions beyond the audio in a model trained on exact windows.
const EXACT_MARGIN: f64 = 16.0;
/// Stock weights loop and invent words below this window.
const STOCK_FLOOR: u32 = 512;
const STOCK_MARGIN: f64 = 128.0;
const STOCK_STEP: u32 = 256;
/// Encoder width of the embedded telephone model; no stock Whisper has it.
const EMBEDDED_WIDTH: u32 = 192;
/// The embedded model makes words of noise and tones; of 27 such clips none passed this and the
/// other guards. Of 578 clips that it heard right, 1.4 % lie below. Other models were not measured.
const EMBEDDED_MIN_CONFIDENCE: f32 = 0.4;

/// How many audio positions the encoder gets for a clip.
///
/// A short window is what makes a CPU decode cheap, but only weights trained on short windows
/// survive one that fits exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextPolicy {
    /// The window fits the audio: for models trained on windows of any length.
    Exact,
    /// The window is rounded up generously and has a floor: for stock weights, which saw only
    /// windows of 30 s in training.
    Stock,
}

impl ContextPolicy {
    /// Audio positions for a clip of length `audio`, never above `limit`.
    pub fn positions(self, audio: Duration, limit: u32) -> u32 {
        let wanted = POSITIONS_PER_SECOND * audio.as_secs_f64();
        let positions = match self {
            // `as` saturates, so an absurd length still ends at the limit.
            Self::Exact => (wanted + EXACT_MARGIN).ceil() as u32,
            Self::Stock => ((wanted + STOCK_MARGIN).ceil() as u32)
                .checked_next_multiple_of(STOCK_STEP)
                .unwrap_or(limit)
                .max(STOCK_FLOOR),
        };
        positions.min(limit)
    }
}

/// How one model file is run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ModelProfile {
    /// The file's own header.
    pub header: Header,
    /// The rule for the encoder's window.
    pub context: ContextPolicy,
    /// Least [`crate::Hypothesis::confidence`] that counts as speech.
    pub min_confidence: f32,
}

impl ModelProfile {
    /// Derives the profile from a header: the embedded model by its width, all others as stock.
    pub fn of(header: Header) -> Self {
        if header.audio_state == EMBEDDED_WIDTH {
            let min_confidence = EMBEDDED_MIN_CONFIDENCE;
            return Self {
                header,
                context: ContextPolicy::Exact,
                min_confidence,
            };
        }
        Self {
            header,
            context: ContextPolicy::Stock,
            min_confidence: 0.0,
        }
    }

    /// Audio positions for a clip of length `audio`.
    pub fn positions(&self, audio: Duration) -> u32 {
        self.context.positions(audio, self.header.audio_ctx)
    }

    /// Audio positions for a second try: wider, since a tight window makes loops likelier. Stock
    /// weights get the window of their training; for the embedded model that would cost seconds.
    pub fn retry_positions(&self, audio: Duration) -> u32 {
        let limit = self.header.audio_ctx;
        match self.context {
            ContextPolicy::Exact => ContextPolicy::Stock.positions(audio, limit),
            ContextPolicy::Stock => limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_window_is_fifty_a_second_and_sixteen() {
        let positions = |ms| ContextPolicy::Exact.positions(Duration::from_millis(ms), 1500);
        assert_eq!(positions(1500), 91);
        assert_eq!(positions(1501), 92);
        assert_eq!(positions(0), 16);
        assert_eq!(positions(60_000), 1500);
    }

    #[test]
    fn a_stock_window_is_a_multiple_of_256_with_a_floor() {
        let positions = |ms| ContextPolicy::Stock.positions(Duration::from_millis(ms), 1500);
        assert_eq!(positions(1500), 512);
        assert_eq!(positions(8000), 768);
        assert_eq!(positions(29_000), 1500);
    }

    #[test]
    fn an_absurd_length_ends_at_the_limit() {
        for policy in [ContextPolicy::Exact, ContextPolicy::Stock] {
            assert_eq!(policy.positions(Duration::MAX, 1500), 1500);
        }
    }
}
