//! Shapes the synthesiser's output for the telephone: 8 kHz, levelled, without silence around it,
//! and with a clear pause between groups of digits.

use crate::flite::Raw;
use crate::say::Timed;
use crate::spoken::{SAMPLE_RATE, WordSpan};

/// Peak of finished speech, 3 dB below full scale.
const PEAK: f32 = 32_767.0 * 0.707;
/// Most gain: a whisper of noise is not blown up to speech.
const MAX_GAIN: f32 = 8.0;
/// Kept before the first and after the last word, 10 ms and 60 ms: a weak first sound makes that up to
/// 40 ms before anything is loud.
const LEAD: usize = 80;
const TAIL: usize = 480;
/// Least pause between two groups of digits: 250 ms. The voice's own comma gives about 150 ms, too
/// little to hear the groups apart.
const GROUP_PAUSE: usize = 2_000;

/// Speech at the telephone's rate, before its level and edges are set.
pub(crate) struct Speech {
    samples: Vec<f32>,
}

impl Speech {
    /// Halves a 16 kHz wave; an 8 kHz wave is taken as it is, and others are refused.
    pub(crate) fn of(raw: &Raw) -> Option<Self> {
        let samples: Vec<f32> = raw
            .samples
            .iter()
            .map(|&sample| f32::from(sample))
            .collect();
        match raw.rate {
            SAMPLE_RATE => Some(Self { samples }),
            16_000 => Some(Self {
                samples: halve(&samples),
            }),
            _ => None,
        }
    }

    /// Length in seconds.
    pub(crate) fn len_s(&self) -> f32 {
        self.samples.len() as f32 / SAMPLE_RATE as f32
    }

    /// Sets pauses, edges and level, and moves the words' times with them.
    pub(crate) fn finish(mut self, text: &str, timed: Vec<Timed>) -> (Vec<i16>, Vec<WordSpan>) {
        let end = self.samples.len();
        let at = |seconds: f32| ((seconds * SAMPLE_RATE as f32) as usize).min(end);
        let mut words: Vec<WordSpan> = timed
            .into_iter()
            .map(|word| WordSpan {
                text: word.shown,
                start_sample: at(word.start),
                end_sample: at(word.end),
            })
            .collect();
        part_groups(&mut self.samples, &mut words, text);
        trim(&mut self.samples, &mut words);
        (level(&self.samples), words)
    }
}

/// Widens the pause between groups of digits.
fn part_groups(samples: &mut Vec<f32>, words: &mut [WordSpan], text: &str) {
    for next in 1..words.len() {
        let (left, right) = (&words[next - 1], &words[next]);
        if !ends_group(&text[left.text.clone()]) || !is_digit(&text[right.text.clone()]) {
            continue;
        }
        let gap = right.start_sample.saturating_sub(left.end_sample);
        let missing = GROUP_PAUSE.saturating_sub(gap);
        let middle = left.end_sample + gap / 2;
        samples.splice(middle..middle, std::iter::repeat_n(0.0, missing));
        for word in &mut words[next..] {
            word.start_sample += missing;
            word.end_sample += missing;
        }
    }
}

fn ends_group(word: &str) -> bool {
    word.strip_suffix([',', ';', '.']).is_some_and(is_digit)
}

fn is_digit(word: &str) -> bool {
    let bare = word.trim_end_matches([',', ';', '.', '?', '!']);
    bare.len() == 1 && bare.bytes().all(|byte| byte.is_ascii_digit())
}

/// Cuts off what lies before the first and after the last word, and moves the words with it.
///
/// By the words' times and not by the level: those are the same in each run, and so is the length.
fn trim(samples: &mut Vec<f32>, words: &mut [WordSpan]) {
    let spoken = || {
        words
            .iter()
            .filter(|word| word.end_sample > word.start_sample)
    };
    let Some(first) = spoken().map(|word| word.start_sample).min() else {
        return;
    };
    let last = spoken().map(|word| word.end_sample).max().unwrap_or(first);
    let begin = first.saturating_sub(LEAD).min(samples.len());
    samples.truncate(last + TAIL);
    samples.drain(..begin.min(samples.len()));
    for word in words {
        word.start_sample = word.start_sample.saturating_sub(begin).min(samples.len());
        word.end_sample = word.end_sample.saturating_sub(begin).min(samples.len());
    }
}

fn level(samples: &[f32]) -> Vec<i16> {
    let peak = peak(samples);
    let gain = if peak > 0.0 {
        (PEAK / peak).min(MAX_GAIN)
    } else {
        1.0
    };
    // `as` saturates, so no sample wraps around.
    samples
        .iter()
        .map(|sample| (sample * gain).round() as i16)
        .collect()
}

fn peak(samples: &[f32]) -> f32 {
    samples
        .iter()
        .fold(0.0, |peak, sample| peak.max(sample.abs()))
}

/// Taps on each side of the middle of the half-band filter; odd, as its even ones are zero.
const SIDE: usize = 31;

/// Halves the rate after a half-band low-pass filter (windowed sinc, Blackman, 63 taps: flat to
/// 3.4 kHz, 60 dB down from 4.7 kHz), without delay.
fn halve(samples: &[f32]) -> Vec<f32> {
    let taps = half_band();
    (0..samples.len())
        .step_by(2)
        .map(|middle| {
            let pairs = taps.iter().enumerate().map(|(index, tap)| {
                let offset = 2 * index + 1;
                let before = middle.checked_sub(offset).and_then(|at| samples.get(at));
                let after = samples.get(middle + offset);
                tap * (before.copied().unwrap_or(0.0) + after.copied().unwrap_or(0.0))
            });
            0.5 * samples[middle] + pairs.sum::<f32>()
        })
        .collect()
}

/// The filter's taps at distances 1, 3, 5, .. from its middle.
fn half_band() -> [f32; SIDE.div_ceil(2)] {
    let mut taps = [0.0; SIDE.div_ceil(2)];
    for (index, tap) in taps.iter_mut().enumerate() {
        let distance = (2 * index + 1) as f32;
        let phase = std::f32::consts::PI * distance / (SIDE + 1) as f32;
        let window = 0.42 + 0.5 * phase.cos() + 0.08 * (2.0 * phase).cos();
        let sign = if index % 2 == 0 { 1.0 } else { -1.0 };
        *tap = sign * window / (std::f32::consts::PI * distance);
    }
    // Unity gain at 0 Hz: the middle tap gives one half, each of the others counts twice.
    let sum: f32 = taps.iter().sum();
    taps.map(|tap| tap * 0.25 / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, count: usize) -> Vec<f32> {
        let step = std::f32::consts::TAU * hertz / 16_000.0;
        (0..count)
            .map(|n| 10_000.0 * (step * n as f32).sin())
            .collect()
    }

    fn word(text: std::ops::Range<usize>, start: f32, end: f32) -> Timed {
        Timed {
            shown: text,
            start,
            end,
        }
    }

    fn gain_db(hertz: f32) -> f32 {
        let out = halve(&tone(hertz, 8_000));
        let steady = &out[100..out.len() - 100];
        let power = steady.iter().map(|s| s * s).sum::<f32>() / steady.len() as f32;
        10.0 * (power / (10_000.0 * 10_000.0 / 2.0)).log10()
    }

    #[test]
    fn halving_keeps_the_telephone_band_and_drops_what_would_fold_into_it() {
        for hertz in [300.0, 1_000.0, 3_000.0, 3_400.0] {
            assert!(
                gain_db(hertz).abs() < 0.5,
                "{hertz} Hz: {} dB",
                gain_db(hertz)
            );
        }
        for hertz in [4_700.0, 5_500.0, 7_000.0] {
            assert!(gain_db(hertz) < -55.0, "{hertz} Hz: {} dB", gain_db(hertz));
        }
    }

    #[test]
    fn speech_is_levelled_and_trimmed_and_its_words_move_along() {
        let mut samples = vec![0.0; 4_000];
        samples.extend(std::iter::repeat_n([8_000.0, -8_000.0], 2_000).flatten());
        samples.extend([0.0; 4_000]);
        let speech = Speech { samples };
        let (pcm, words) = speech.finish("hello", vec![word(0..5, 0.5, 1.0)]);
        assert_eq!(pcm.len(), LEAD + 4_000 + TAIL);
        assert_eq!(pcm.iter().map(|s| s.unsigned_abs()).max(), Some(23_166));
        assert_eq!(
            (words[0].start_sample, words[0].end_sample),
            (LEAD, LEAD + 4_000)
        );
    }

    #[test]
    fn silence_and_nothing_stay_as_they_are() {
        for samples in [vec![], vec![0.0; 100]] {
            let count = samples.len();
            assert_eq!(Speech { samples }.finish("", vec![]).0, vec![0; count]);
        }
    }

    #[test]
    fn groups_of_digits_are_a_quarter_second_apart_and_other_commas_are_left() {
        let finish = |text: &str| {
            let spans = vec![word(0..2, 0.02, 0.1), word(3..4, 0.2, 0.3)];
            let (_, words) = Speech {
                samples: vec![1_000.0; 2_400],
            }
            .finish(text, spans);
            words[1].start_sample - words[0].end_sample
        };
        assert_eq!(finish("2, 7"), GROUP_PAUSE);
        assert_eq!(finish("a, b"), 800);
    }

    #[test]
    fn a_wave_of_another_rate_is_refused() {
        assert!(
            Speech::of(&Raw {
                rate: 44_100,
                samples: vec![],
                tokens: vec![]
            })
            .is_none()
        );
    }
}
