//! How loud a stretch of audio is.

/// What digital silence measures: below anything 16 bits can hold.
pub const SILENCE_DBOV: f32 = -127.0;

/// RMS level in dBov: 0 is a full-scale square wave, [`SILENCE_DBOV`] is silence.
pub fn level_dbov(samples: &[i16]) -> f32 {
    let mean = energy(samples) / samples.len().max(1) as f32;
    if mean <= 0.0 {
        return SILENCE_DBOV;
    }
    (10.0 * (mean / (32768.0 * 32768.0)).log10()).max(SILENCE_DBOV)
}

/// The sum of the squares.
pub(crate) fn energy(samples: &[i16]) -> f32 {
    samples
        .iter()
        .map(|sample| f32::from(*sample) * f32::from(*sample))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_signals_have_known_levels() {
        assert_eq!(level_dbov(&[]), SILENCE_DBOV);
        assert_eq!(level_dbov(&[0; 160]), SILENCE_DBOV);
        assert_eq!(level_dbov(&[i16::MIN; 160]), 0.0);
        assert!((level_dbov(&[3277; 160]) + 20.0).abs() < 0.01);
    }
}
