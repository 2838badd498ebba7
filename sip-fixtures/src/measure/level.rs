//! How loud a frame is, and from where on it counts as speech.

/// Samples in one 20 ms frame at 8 kHz.
pub(crate) const FRAME_SAMPLES: usize = 160;

/// A frame at or above this root mean square (-45 dBFS) holds speech. Prompts lie near -20 dBFS;
/// the noise of G.711 and both pilot tones together stay below -50 dBFS.
const SPEECH_RMS: f64 = 184.0;

/// Whether the frame is loud enough to be speech.
pub(crate) fn is_speech(samples: &[i16]) -> bool {
    rms(samples) >= SPEECH_RMS
}

fn rms(samples: &[i16]) -> f64 {
    let energy: f64 = samples
        .iter()
        .map(|sample| f64::from(*sample).powi(2))
        .sum();
    (energy / samples.len().max(1) as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_and_line_noise_are_not_speech_and_a_quiet_voice_is() {
        assert!(!is_speech(&[]));
        assert!(!is_speech(&[8; FRAME_SAMPLES]));
        assert!(is_speech(&[-300; FRAME_SAMPLES]));
    }
}
