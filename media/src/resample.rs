//! 8 kHz to 16 kHz and back, by one half-band filter of 95 taps. Speech models listen at 16 kHz,
//! and plain interpolation would mirror the voice into the band above 4 kHz, where they take it
//! for sound.

use std::f64::consts::PI;

/// Taps of the filter that are not zero, besides the one in the middle.
const SIDE_TAPS: usize = 48;

/// The middle tap's place, which is also the delay: 47 samples at 16 kHz, 2.9 ms.
const MIDDLE: usize = SIDE_TAPS - 1;

/// Delay of the middle tap in samples of one phase.
const PHASE_DELAY: usize = MIDDLE / 2;

/// Shape of the Kaiser window: 85 dB of rejection outside 3.5 to 4.5 kHz.
const KAISER_BETA: f64 = 8.5;

/// Samples worked on at once; longer input is taken in pieces.
const CHUNK: usize = 160;

/// Samples of one phase that the filter looks back on.
const LOOK_BACK: usize = SIDE_TAPS - 1;

/// From 8 kHz to 16 kHz. Keeps its state, so that frames join without a seam.
#[derive(Debug)]
pub struct Upsampler {
    taps: [f32; SIDE_TAPS],
    line: Line,
}

/// From 16 kHz to 8 kHz. Keeps its state, so that frames join without a seam.
#[derive(Debug)]
pub struct Downsampler {
    taps: [f32; SIDE_TAPS],
    even: Line,
    odd: Line,
}

impl Upsampler {
    /// A filter that has heard silence.
    pub fn new() -> Upsampler {
        Upsampler {
            taps: half_band(),
            line: Line::new(),
        }
    }

    /// Writes two samples for each of `input`; stops when either slice is used up.
    pub fn process(&mut self, input: &[i16], output: &mut [i16]) {
        for (input, output) in input.chunks(CHUNK).zip(output.chunks_mut(2 * CHUNK)) {
            self.line.load(input.iter().copied());
            for (n, pair) in output.chunks_exact_mut(2).take(input.len()).enumerate() {
                pair[0] = rounded(2.0 * self.line.filtered(&self.taps, n));
                pair[1] = rounded(self.line.delayed(PHASE_DELAY, n));
            }
            self.line.shift(input.len());
        }
    }
}

impl Downsampler {
    /// A filter that has heard silence.
    pub fn new() -> Downsampler {
        Downsampler {
            taps: half_band(),
            even: Line::new(),
            odd: Line::new(),
        }
    }

    /// Writes one sample for each two of `input`, whose length must be even; stops when either
    /// slice is used up.
    pub fn process(&mut self, input: &[i16], output: &mut [i16]) {
        for (input, output) in input.chunks(2 * CHUNK).zip(output.chunks_mut(CHUNK)) {
            self.even.load(input.iter().step_by(2).copied());
            self.odd.load(input.iter().skip(1).step_by(2).copied());
            let count = input.len() / 2;
            for (n, sample) in output.iter_mut().take(count).enumerate() {
                let middle = 0.5 * self.odd.delayed(PHASE_DELAY + 1, n);
                *sample = rounded(self.even.filtered(&self.taps, n) + middle);
            }
            self.even.shift(count);
            self.odd.shift(count);
        }
    }
}

impl Default for Upsampler {
    fn default() -> Upsampler {
        Upsampler::new()
    }
}

impl Default for Downsampler {
    fn default() -> Downsampler {
        Downsampler::new()
    }
}

/// One phase of the signal: what the filter looks back on, then the current piece.
#[derive(Debug)]
struct Line {
    samples: [f32; LOOK_BACK + CHUNK],
}

impl Line {
    fn new() -> Line {
        Line {
            samples: [0.0; LOOK_BACK + CHUNK],
        }
    }

    fn load(&mut self, piece: impl Iterator<Item = i16>) {
        for (place, sample) in self.samples[LOOK_BACK..].iter_mut().zip(piece) {
            *place = f32::from(sample);
        }
    }

    fn shift(&mut self, count: usize) {
        self.samples.copy_within(count..count + LOOK_BACK, 0);
    }

    /// The filter's output at sample `n` of the piece. The taps are symmetric, so their order
    /// does not matter.
    fn filtered(&self, taps: &[f32; SIDE_TAPS], n: usize) -> f32 {
        taps.iter()
            .zip(&self.samples[n..])
            .map(|(tap, sample)| tap * sample)
            .sum()
    }

    fn delayed(&self, by: usize, n: usize) -> f32 {
        self.samples[LOOK_BACK + n - by]
    }
}

fn rounded(value: f32) -> i16 {
    // The cast saturates.
    value.round() as i16
}

/// The even taps of the half-band filter; of the odd ones only the middle, 0.5, is not zero.
fn half_band() -> [f32; SIDE_TAPS] {
    let window = |distance: f64| {
        let ratio = distance / (MIDDLE as f64 + 1.0);
        bessel_i0(KAISER_BETA * (1.0 - ratio * ratio).sqrt()) / bessel_i0(KAISER_BETA)
    };
    let tap = |n: usize| {
        let distance = (2 * n) as f64 - MIDDLE as f64;
        (PI * distance / 2.0).sin() / (PI * distance) * window(distance)
    };
    let raw: [f64; SIDE_TAPS] = std::array::from_fn(tap);
    // Both phases must pass a constant alike, or it would come out with a whistle at 8 kHz.
    let sum: f64 = raw.iter().sum();
    raw.map(|tap| (tap * 0.5 / sum) as f32)
}

/// The modified Bessel function of the first kind, order zero, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for k in 1..40 {
        term *= (x / 2.0 / f64::from(k)).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(frequency: f64, rate: f64, count: usize) -> Vec<i16> {
        let step = 2.0 * PI * frequency / rate;
        (0..count)
            .map(|n| (20000.0 * (n as f64 * step).sin()).round() as i16)
            .collect()
    }

    /// Level of one frequency in dB, under a window that keeps the others out.
    fn level(samples: &[i16], frequency: f64, rate: f64) -> f64 {
        let count = samples.len() as f64;
        let (mut re, mut im, mut weight) = (0.0, 0.0, 0.0);
        for (n, sample) in samples.iter().enumerate() {
            let turn = 2.0 * PI * n as f64 / count;
            let window = 0.35875 - 0.48829 * turn.cos() + 0.14128 * (2.0 * turn).cos()
                - 0.01168 * (3.0 * turn).cos();
            let phase = 2.0 * PI * frequency * n as f64 / rate;
            re += f64::from(*sample) * window * phase.cos();
            im += f64::from(*sample) * window * phase.sin();
            weight += window;
        }
        20.0 * ((re * re + im * im).sqrt() * 2.0 / weight)
            .max(1e-6)
            .log10()
    }

    fn up(input: &[i16]) -> Vec<i16> {
        let mut output = vec![0; 2 * input.len()];
        Upsampler::new().process(input, &mut output);
        output
    }

    #[test]
    fn images_are_70_db_down_and_the_voice_passes_flat() {
        for frequency in [200.0, 300.0, 1000.0, 2000.0, 3000.0, 3400.0] {
            let output = up(&tone(frequency, 8000.0, 8000));
            let settled = &output[400..];
            let passed = level(settled, frequency, 16000.0) - 20.0 * 20000_f64.log10();
            assert!(passed.abs() < 0.1, "{frequency} Hz passes at {passed} dB");
            let image = level(settled, 8000.0 - frequency, 16000.0);
            let rejection = level(settled, frequency, 16000.0) - image;
            assert!(
                rejection > 70.0,
                "the image of {frequency} Hz is {rejection} dB down"
            );
        }
    }

    #[test]
    fn what_8_khz_cannot_carry_is_70_db_down() {
        for frequency in [4600.0, 5000.0, 6500.0, 7900.0] {
            let input = tone(frequency, 16000.0, 16000);
            let mut output = vec![0; 8000];
            Downsampler::new().process(&input, &mut output);
            let alias = level(&output[400..], 8000.0 - frequency, 8000.0);
            let rejection = 20.0 * 20000_f64.log10() - alias;
            assert!(
                rejection > 70.0,
                "the alias of {frequency} Hz is {rejection} dB down"
            );
        }
    }

    #[test]
    fn up_and_down_again_is_the_same_signal_later() {
        let input = tone(1234.0, 8000.0, 1600);
        let mut back = vec![0; 1600];
        Downsampler::new().process(&up(&input), &mut back);
        // Two filters of 47 samples at 16 kHz make 47 at 8 kHz.
        for n in 200..1600 {
            assert!(
                (i32::from(back[n]) - i32::from(input[n - MIDDLE])).abs() < 40,
                "sample {n}"
            );
        }
    }

    #[test]
    fn frames_join_without_a_seam() {
        let input = tone(440.0, 8000.0, 960);
        let mut pieces = Upsampler::new();
        let mut output = vec![0; 1920];
        let mut at = 0;
        for count in [160, 1, 79, 320, 400] {
            pieces.process(
                &input[at..at + count],
                &mut output[2 * at..2 * (at + count)],
            );
            at += count;
        }
        assert_eq!(output, up(&input));
    }

    #[test]
    fn full_scale_does_not_wrap_around() {
        let input: Vec<i16> = (0..160)
            .map(|n| if n / 20 % 2 == 0 { 32767 } else { -32768 })
            .collect();
        let output = up(&input);
        // Past the delay, each plateau keeps its sign.
        assert!(
            output[47 + 10..47 + 30]
                .iter()
                .all(|sample| *sample > 30000)
        );
    }
}
