//! Makes one utterance's audio fit for the engine: low noise around it and a least length.

use std::time::Duration;

/// Noise before the speech.
pub(crate) const LEAD: usize = 1_600;
/// Noise after the speech: without it the last word is dropped.
const TAIL: usize = 8_000;
/// The engine refuses less than a second; this leaves a margin.
const LEAST: usize = 17_600;
/// Amplitude of uniform noise at -66 dBov. Digital silence makes Whisper invent words.
const NOISE_AMPLITUDE: f32 = 0.000_868;
/// Tokens any clip may use, and tokens per second of it: speech has fewer than five a second.
const TOKENS_BASE: f64 = 8.0;
const TOKENS_PER_SECOND: f64 = 6.0;

/// Writes `audio` with its padding into `buffer`, reusing its memory; samples that are no number
/// become silence and all are held within full scale.
pub(crate) fn pad(audio: &[f32], buffer: &mut Vec<f32>) {
    let length = (LEAD + audio.len() + TAIL).max(LEAST);
    let mut noise = Noise::new();
    buffer.clear();
    buffer.extend(std::iter::repeat_with(|| noise.sample()).take(LEAD));
    buffer.extend(audio.iter().map(|&s| {
        if s.is_finite() {
            s.clamp(-1.0, 1.0)
        } else {
            0.0
        }
    }));
    let rest = length - buffer.len();
    buffer.extend(std::iter::repeat_with(|| noise.sample()).take(rest));
}

/// Most tokens a clip of this length may decode to; a loop ends here.
pub(crate) fn max_tokens(audio: Duration) -> i32 {
    // `as` saturates, and audio is bounded to 28 s in any case.
    (TOKENS_BASE + (TOKENS_PER_SECOND * audio.as_secs_f64()).ceil()) as i32
}

/// Uniform noise from a fixed seed: the same audio always decodes to the same text.
struct Noise(u32);

impl Noise {
    fn new() -> Self {
        Self(0x5eed_1e55)
    }

    fn sample(&mut self) -> f32 {
        // Xorshift (Marsaglia 2003), 32 bits.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 as f32 / u32::MAX as f32 * 2.0 - 1.0) * NOISE_AMPLITUDE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(audio: &[f32]) -> Vec<f32> {
        let mut buffer = vec![9.0; 7];
        pad(audio, &mut buffer);
        buffer
    }

    #[test]
    fn a_short_clip_gets_a_least_length() {
        assert_eq!(padded(&[0.5; 160]).len(), LEAST);
    }

    #[test]
    fn speech_keeps_its_place_between_lead_and_tail() {
        let out = padded(&[0.5; 16_000]);
        assert_eq!(out.len(), LEAD + 16_000 + TAIL);
        assert!(out[LEAD..LEAD + 16_000].iter().all(|&s| s == 0.5));
        assert!(
            out[LEAD + 16_000..]
                .iter()
                .all(|&s| s.abs() <= NOISE_AMPLITUDE)
        );
    }

    #[test]
    fn the_padding_is_noise_at_66_below_full_scale() {
        let out = padded(&[]);
        let power = out.iter().map(|s| s * s).sum::<f32>() / out.len() as f32;
        let level = 10.0 * power.log10();
        assert!((-66.5..-65.5).contains(&level), "{level} dBov");
        assert_eq!(out, padded(&[]), "the same noise each time");
    }

    #[test]
    fn samples_that_are_no_number_become_silence() {
        let out = padded(&[f32::NAN, f32::INFINITY, 7.0, -7.0]);
        assert_eq!(out[LEAD..LEAD + 4], [0.0, 0.0, 1.0, -1.0]);
    }

    #[test]
    fn tokens_are_bounded_by_the_length() {
        assert_eq!(max_tokens(Duration::ZERO), 8);
        assert_eq!(max_tokens(Duration::from_millis(1500)), 17);
    }
}
