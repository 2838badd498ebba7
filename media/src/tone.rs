//! Sounds that are made and not spoken: keypad tones, call progress and what a caller on hold
//! hears. Each is an endless generator of frames.

use std::f32::consts::TAU;

use crate::frame::{Frame, SAMPLE_RATE};
use crate::keypad::tones_of_key;

/// Sounds fade in and out over 5 ms, so that they do not click.
const RAMP_SAMPLES: usize = 40;

/// Most steps that a pattern has.
const MAX_STEPS: usize = 4;

/// A sound that repeats for ever.
#[derive(Debug, Clone)]
pub struct ToneGenerator {
    steps: [Step; MAX_STEPS],
    step: usize,
    /// Samples of the step already made.
    at: usize,
    /// Phases of the two tones, in turns.
    phases: [f32; 2],
}

/// A stretch of one sound, or of silence.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Two frequencies in Hz; 0 is no tone.
    tones: [f32; 2],
    /// Peak of each tone, in sample values.
    peak: f32,
    shape: Shape,
    /// Zero skips the step.
    samples: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Goes on without edges: the step only repeats.
    Endless,
    /// Even, with soft edges.
    Even,
    /// Dies away like a struck bell.
    Bell,
}

const NO_STEP: Step = Step {
    tones: [0.0; 2],
    peak: 0.0,
    shape: Shape::Even,
    samples: 0,
};

/// A pause of `millis` milliseconds.
const fn pause(millis: usize) -> Step {
    Step {
        samples: millis * 8,
        ..NO_STEP
    }
}

impl ToneGenerator {
    /// The two tones of a key (ITU-T Q.23), without end. None for what is not on a keypad.
    pub fn dtmf(key: char) -> Option<ToneGenerator> {
        let tones = tones_of_key(key)?;
        let step = Step {
            tones,
            peak: 6000.0,
            shape: Shape::Endless,
            samples: 8000,
        };
        Some(ToneGenerator::new([step, NO_STEP, NO_STEP, NO_STEP]))
    }

    /// "It is ringing", as in North America: 440 and 480 Hz, two seconds in six.
    pub fn ringback() -> ToneGenerator {
        let step = Step {
            tones: [440.0, 480.0],
            peak: 2500.0,
            shape: Shape::Even,
            samples: 16000,
        };
        ToneGenerator::new([step, pause(4000), NO_STEP, NO_STEP])
    }

    /// "The line is busy", as in North America: 480 and 620 Hz, half a second in one.
    pub fn busy() -> ToneGenerator {
        let step = Step {
            tones: [480.0, 620.0],
            peak: 2500.0,
            shape: Shape::Even,
            samples: 4000,
        };
        ToneGenerator::new([step, pause(500), NO_STEP, NO_STEP])
    }

    /// "We are still here": two soft notes and a breath, 30 dB below full scale. The pause is
    /// short enough that a caller never hears more than a second of nothing.
    pub fn hold() -> ToneGenerator {
        let note = |pitch| Step {
            tones: [pitch, 2.0 * pitch],
            peak: 700.0,
            shape: Shape::Bell,
            samples: 5600,
        };
        ToneGenerator::new([note(523.25), note(659.25), pause(200), NO_STEP])
    }

    fn new(steps: [Step; MAX_STEPS]) -> ToneGenerator {
        ToneGenerator {
            steps,
            step: 0,
            at: 0,
            phases: [0.0; 2],
        }
    }

    /// Writes the next 20 ms.
    pub fn fill(&mut self, frame: &mut Frame) {
        for sample in frame {
            *sample = self.next_sample() as i16;
        }
    }

    fn next_sample(&mut self) -> f32 {
        let step = self.steps[self.step];
        let mut value = 0.0;
        for (tone, phase) in step.tones.iter().zip(&mut self.phases) {
            value += step.peak * (TAU * *phase).sin();
            *phase = (*phase + tone / SAMPLE_RATE as f32).fract();
        }
        value *= step.loudness(self.at);
        self.at += 1;
        if self.at >= step.samples {
            self.enter_next_step(step.shape);
        }
        value
    }

    fn enter_next_step(&mut self, left: Shape) {
        self.at = 0;
        if left != Shape::Endless {
            self.phases = [0.0; 2];
        }
        for _ in 0..MAX_STEPS {
            self.step = (self.step + 1) % MAX_STEPS;
            if self.steps[self.step].samples > 0 {
                break;
            }
        }
    }
}

impl Step {
    /// How loud the sound is at a sample of the step, 0 to 1.
    fn loudness(&self, at: usize) -> f32 {
        let edge = at.min(self.samples - at) as f32 / RAMP_SAMPLES as f32;
        match self.shape {
            Shape::Endless => 1.0,
            Shape::Even => edge.min(1.0),
            Shape::Bell => edge.min(1.0) * (-4.0 * at as f32 / self.samples as f32).exp(),
        }
    }
}

/// Adds `gain` times `other` to `frame`; what is too loud is clipped, not wrapped.
pub fn mix(frame: &mut Frame, other: &Frame, gain: f32) {
    for (sample, added) in frame.iter_mut().zip(other) {
        // The cast saturates.
        *sample = (f32::from(*sample) + gain * f32::from(*added)) as i16;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::SILENT_FRAME;
    use crate::goertzel::share;
    use crate::level::{energy, level_dbov};

    fn frames(generator: &mut ToneGenerator, count: usize) -> Vec<Frame> {
        (0..count)
            .map(|_| {
                let mut frame = SILENT_FRAME;
                generator.fill(&mut frame);
                frame
            })
            .collect()
    }

    /// Which of the frames have sound.
    fn sounding(generator: &mut ToneGenerator, count: usize) -> usize {
        frames(generator, count)
            .iter()
            .filter(|frame| level_dbov(*frame) > -60.0)
            .count()
    }

    #[test]
    fn a_key_sounds_as_its_two_tones() {
        let frame = frames(&mut ToneGenerator::dtmf('6').unwrap(), 60)[55];
        let energy = energy(&frame);
        assert!(share(&frame, energy, 770.0) > 0.4 && share(&frame, energy, 1477.0) > 0.4);
        assert!(ToneGenerator::dtmf('x').is_none());
    }

    #[test]
    fn ringback_and_busy_keep_their_cadence() {
        assert_eq!(sounding(&mut ToneGenerator::ringback(), 600), 200);
        assert_eq!(sounding(&mut ToneGenerator::busy(), 500), 250);
    }

    #[test]
    fn the_hold_sound_is_soft_never_clicks_and_never_pauses_for_a_second() {
        let frames = frames(&mut ToneGenerator::hold(), 600);
        assert!(frames.iter().all(|frame| level_dbov(frame) < -28.0));
        let samples = frames.concat();
        assert!(samples.windows(2).all(|w| (w[0] - w[1]).abs() < 1100));
        let quiet: Vec<bool> = frames.iter().map(|f| level_dbov(f) < -45.0).collect();
        let longest = quiet
            .split(|quiet| !quiet)
            .map(<[bool]>::len)
            .max()
            .unwrap();
        assert!(longest * 20 <= 1000, "{} ms of silence", longest * 20);
    }

    #[test]
    fn mixing_clips_instead_of_wrapping() {
        let mut frame = [30000; 160];
        mix(&mut frame, &[30000; 160], 0.5);
        assert_eq!(frame, [i16::MAX; 160]);
        mix(&mut frame, &[i16::MAX; 160], -1.0);
        assert_eq!(frame, SILENT_FRAME);
    }
}
