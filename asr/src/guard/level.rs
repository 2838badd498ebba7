//! Tells a clip without any sound: the engine raises it until its own padding sounds like words.

/// One frame of 20 ms at 16 kHz.
const FRAME: usize = 320;
/// Mean power of -50 dBov. Quiet callers are at -40, quiet lines at -60.
const LEAST_POWER: f32 = 1e-5;

/// Says whether even the loudest 20 ms are quieter than any caller. Samples that are no number
/// count as silence.
pub(super) fn is_silent(audio: &[f32]) -> bool {
    let power = |frame: &[f32]| {
        frame
            .iter()
            .filter(|s| s.is_finite())
            .map(|s| s * s)
            .sum::<f32>()
            / FRAME as f32
    };
    audio.chunks(FRAME).all(|frame| power(frame) < LEAST_POWER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_loud_frame_is_enough() {
        let mut audio = vec![0.0; 16_000];
        assert!(is_silent(&audio));
        audio[8_000..8_320].fill(0.01);
        assert!(!is_silent(&audio));
    }

    #[test]
    fn line_noise_and_samples_that_are_no_number_are_silence() {
        assert!(is_silent(&[0.001; 3_200]));
        assert!(is_silent(&[f32::NAN; 3_200]));
        assert!(is_silent(&[]));
    }
}
