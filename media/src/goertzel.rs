//! How much of a stretch of audio is one frequency, by Goertzel's recursion.

use std::f32::consts::TAU;

use crate::frame::SAMPLE_RATE;

/// The share, 0 to about 1, of the energy of `samples` that is a tone of `frequency` Hz.
/// `energy` is the sum of the squares of the samples.
///
/// A steady tone gives 1, two equal tones 0.5 each; one that fills a part of the stretch gives
/// that part. Frequencies closer than one over the stretch's duration are not told apart.
pub(crate) fn share(samples: &[i16], energy: f32, frequency: f32) -> f32 {
    if energy <= 0.0 {
        return 0.0;
    }
    let coefficient = 2.0 * (TAU * frequency / SAMPLE_RATE as f32).cos();
    let (mut last, mut before) = (0.0_f32, 0.0_f32);
    for sample in samples {
        let next = f32::from(*sample) + coefficient * last - before;
        before = last;
        last = next;
    }
    let power = last * last + before * before - coefficient * last * before;
    2.0 * power / (samples.len() as f32 * energy)
}
