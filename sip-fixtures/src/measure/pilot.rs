//! Pilot tones: how a phone's audio is recognised at the other end of a bridged call.
//!
//! Each phone can mix a faint pair of sines into what it sends. Whoever receives both sines, steady
//! and at their level, receives that phone's audio, whatever else is said at the same time. The
//! frequencies are no DTMF tones, lie inside the telephone band and are multiples of 50 Hz, so a
//! 20 ms frame holds whole periods and every frame of the pilot is the same. A loud voice hides the
//! tones while it lasts, so a pilot that starts under a voice is dated to the voice's next pause.

use std::collections::VecDeque;
use std::f64::consts::TAU;
use std::time::Duration;

use super::level::{FRAME_SAMPLES, is_speech};

const SAMPLE_RATE: f64 = 8000.0;
/// Peak of each sine: -56 dBFS, a few G.711 steps high and far below speech.
const AMPLITUDE: f64 = 52.0;
/// Lowest frequencies of the pairs; the caller has the first, agents the others in turn.
const LOW_TONES: [f64; 4] = [2250.0, 2350.0, 2450.0, 2550.0];
/// Distance between the two tones of a pair.
const SPREAD: f64 = 650.0;
/// Frames in one look: 100 ms tell frequencies 10 Hz apart.
const WINDOW_FRAMES: usize = 5;
/// Looks in a row that must agree: voices do not hold two such harmonics for 300 ms.
const STEADY_LOOKS: u32 = 10;
/// Distances at which a tone must have no strong neighbour, as a voice's harmonics would.
const NEIGHBOURS: [f64; 4] = [-60.0, -30.0, 30.0, 60.0];

/// A pair of tones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pilot {
    low: f64,
    high: f64,
}

impl Pilot {
    /// The caller's pair.
    pub(crate) fn of_caller() -> Self {
        Self::pair(0)
    }

    /// The pair of the agent at `index`; the fourth agent has the first one's again.
    pub(crate) fn of_agent(index: usize) -> Self {
        Self::pair(1 + index % (LOW_TONES.len() - 1))
    }

    fn pair(index: usize) -> Self {
        let low = LOW_TONES[index];
        Pilot {
            low,
            high: low + SPREAD,
        }
    }

    /// Mixes the tones into one frame.
    pub(crate) fn mix_into(&self, frame: &mut [i16]) {
        for (index, sample) in frame.iter_mut().enumerate() {
            let time = index as f64 / SAMPLE_RATE;
            let tones = (TAU * self.low * time).sin() + (TAU * self.high * time).sin();
            *sample = sample.saturating_add((AMPLITUDE * tones).round() as i16);
        }
    }

    fn is_in(&self, samples: &[i16]) -> bool {
        [self.low, self.high].into_iter().all(|tone| {
            let level = amplitude_at(samples, tone);
            (AMPLITUDE / 2.0..=AMPLITUDE * 2.0).contains(&level)
        })
    }

    fn stands_out_in(&self, samples: &[i16]) -> bool {
        self.is_in(samples)
            && [self.low, self.high].into_iter().all(|tone| {
                let level = amplitude_at(samples, tone);
                NEIGHBOURS
                    .iter()
                    .all(|away| amplitude_at(samples, tone + away) < level / 2.0)
            })
    }
}

/// Listens for one pilot.
#[derive(Debug, Clone)]
pub(crate) struct PilotEar {
    pilot: Pilot,
    window: VecDeque<i16>,
    /// Start of the frames in a row that might hold the pilot.
    maybe_since: Option<Duration>,
    looks: u32,
    candidate: Duration,
    /// First frame of the pilot.
    onset: Option<Duration>,
    /// First frame with speech that came with or after the pilot.
    voice: Option<Duration>,
    /// Speech frames since the candidate, for a voice that starts before the pilot is certain.
    early_voice: Option<Duration>,
}

impl PilotEar {
    pub(crate) fn new(pilot: Pilot) -> Self {
        PilotEar {
            pilot,
            window: VecDeque::with_capacity(WINDOW_FRAMES * FRAME_SAMPLES),
            maybe_since: None,
            looks: 0,
            candidate: Duration::ZERO,
            onset: None,
            voice: None,
            early_voice: None,
        }
    }

    /// When the pilot was first received.
    pub(crate) fn onset(&self) -> Option<Duration> {
        self.onset
    }

    /// When the voice that comes with the pilot was first received.
    pub(crate) fn voice(&self) -> Option<Duration> {
        self.voice
    }

    /// Takes the next 20 ms received. Returns true when it makes the pilot certain.
    pub(crate) fn handle_frame(&mut self, at: Duration, frame: &[i16]) -> bool {
        let is_loud = is_speech(frame);
        if self.onset.is_some() {
            self.voice = self.voice.or(is_loud.then_some(at));
            return false;
        }
        self.window.extend(frame);
        let excess = self
            .window
            .len()
            .saturating_sub(WINDOW_FRAMES * FRAME_SAMPLES);
        self.window.drain(..excess);
        self.maybe_since = match self.pilot.is_in(frame) {
            true => self.maybe_since.or(Some(at)),
            false => None,
        };
        let is_full = self.window.len() == WINDOW_FRAMES * FRAME_SAMPLES;
        if !is_full || !self.pilot.stands_out_in(self.window.make_contiguous()) {
            self.looks = 0;
            return false;
        }
        if self.looks == 0 {
            // The first look that agrees ends 100 ms of pilot: its first frame is that old.
            let oldest = at.saturating_sub(Duration::from_millis(20 * WINDOW_FRAMES as u64 - 20));
            self.candidate = self.maybe_since.unwrap_or(at).max(oldest);
            self.early_voice = None;
        }
        self.looks += 1;
        self.early_voice = self.early_voice.or(is_loud.then_some(at));
        if self.looks < STEADY_LOOKS {
            return false;
        }
        self.onset = Some(self.candidate);
        self.voice = self.early_voice;
        true
    }
}

/// Amplitude of one frequency in the samples (Goertzel's algorithm).
fn amplitude_at(samples: &[i16], frequency: f64) -> f64 {
    let coefficient = 2.0 * (TAU * frequency / SAMPLE_RATE).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for sample in samples {
        let next = f64::from(*sample) + coefficient * last - before;
        before = last;
        last = next;
    }
    let power = last * last + before * before - coefficient * last * before;
    2.0 * power.max(0.0).sqrt() / samples.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::line::g711;
    use crate::phone::sip::sdp::Codec;

    fn at(frame: usize) -> Duration {
        Duration::from_millis(20 * frame as u64)
    }

    /// A voice-like sound: harmonics of a gliding pitch.
    fn voice(frame: usize) -> Vec<i16> {
        let start = frame * FRAME_SAMPLES;
        let sample = |index: usize| {
            let time = (start + index) as f64 / SAMPLE_RATE;
            let phase = TAU * (120.0 * time + 15.0 * time * time);
            (1..25)
                .map(|n| 900.0 / f64::from(n) * (f64::from(n) * phase).sin())
                .sum::<f64>() as i16
        };
        (0..FRAME_SAMPLES).map(sample).collect()
    }

    fn over_the_wire(codec: Codec, frame: &[i16]) -> Vec<i16> {
        frame
            .iter()
            .map(|s| g711::decode(codec, g711::encode(codec, *s)))
            .collect()
    }

    #[test]
    fn a_pilot_is_heard_from_its_first_frame_and_the_voice_from_its_own() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            let pilot = Pilot::of_agent(0);
            let mut ear = PilotEar::new(pilot);
            for index in 0..100 {
                let mut frame = match index {
                    0..20 | 60.. => voice(index),
                    _ => vec![0; FRAME_SAMPLES],
                };
                if index >= 30 {
                    pilot.mix_into(&mut frame);
                }
                ear.handle_frame(at(index), &over_the_wire(codec, &frame));
            }
            assert_eq!(
                (ear.onset(), ear.voice()),
                (Some(at(30)), Some(at(60))),
                "{codec:?}"
            );
        }
    }

    #[test]
    fn another_phones_pilot_and_a_voice_alone_are_not_taken_for_it() {
        let mut ear = PilotEar::new(Pilot::of_agent(1));
        for index in 0..500 {
            let mut frame = if index < 250 {
                voice(index)
            } else {
                vec![0; FRAME_SAMPLES]
            };
            Pilot::of_agent(0).mix_into(&mut frame);
            Pilot::of_caller().mix_into(&mut frame);
            assert!(!ear.handle_frame(at(index), &over_the_wire(Codec::Pcmu, &frame)));
        }
    }

    #[test]
    fn a_pilot_is_no_speech() {
        let mut frame = vec![0; FRAME_SAMPLES];
        Pilot::of_caller().mix_into(&mut frame);
        Pilot::of_agent(0).mix_into(&mut frame);
        assert!(!is_speech(&frame));
    }
}
