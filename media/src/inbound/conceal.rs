//! Loss concealment: a gap is filled by repeating the last pitch period, fading to silence
//! within 60 ms, after the manner of ITU-T G.711 Appendix I. Which samples are missing is
//! decided in `jitter`.

use super::jitter::Known;
use crate::frame::{FRAME_SAMPLES, Frame, FrameKind};

/// Shortest and longest pitch period searched, in samples: 200 Hz to 66 Hz.
const MIN_PITCH: usize = 40;
const MAX_PITCH: usize = 120;

/// Samples compared in the search: 20 ms.
const TEMPLATE: usize = 160;

/// Samples kept of what was played.
const HISTORY: usize = TEMPLATE + MAX_PITCH + MAX_PITCH / 4;

/// Full loudness for the first 10 ms, nothing after 60 ms.
const HOLD: usize = 80;
const FADED: usize = 480;

/// Samples over which the step into a gap is smoothed, and over which it is left: 5 ms.
const SEAM: usize = 40;

#[derive(Debug)]
pub(super) struct Concealer {
    history: [i16; HISTORY],
    cycle: [f32; MAX_PITCH],
    pitch: usize,
    /// The step between what was played last and what the cycle would have had there.
    step: f32,
    /// Samples made up since the last that was received.
    made_up: usize,
}

impl Concealer {
    pub(super) fn new() -> Concealer {
        Concealer {
            history: [0; HISTORY],
            cycle: [0.0; MAX_PITCH],
            pitch: MIN_PITCH,
            step: 0.0,
            made_up: FADED,
        }
    }

    /// Forgets what was played, so that nothing of it is repeated.
    pub(super) fn forget(&mut self) {
        *self = Concealer::new();
    }

    /// Fills what is not `known` of `frame`, and says what the frame has become.
    pub(super) fn fill_gaps(&mut self, frame: &mut Frame, known: &Known) -> FrameKind {
        let was_silent = self.made_up >= FADED;
        let received = known.iter().filter(|known| **known).count();
        let mut rest = frame.as_mut_slice();
        let mut known = known.as_slice();
        while let Some(&first) = known.first() {
            let run = known.iter().take_while(|k| **k == first).count();
            let (now, later) = rest.split_at_mut(run);
            if first {
                self.leave_gap(now)
            } else {
                self.fill(now)
            }
            self.remember(now);
            rest = later;
            known = &known[run..];
        }
        if received * 2 >= FRAME_SAMPLES {
            FrameKind::Speech
        } else if received == 0 && was_silent {
            FrameKind::Silence
        } else {
            FrameKind::Concealed
        }
    }

    fn fill(&mut self, gap: &mut [i16]) {
        if self.made_up == 0 {
            self.find_cycle();
        }
        for sample in gap {
            *sample = self.next_made_up() as i16;
        }
    }

    /// Fades from what would have been made up to what was received.
    fn leave_gap(&mut self, received: &mut [i16]) {
        if self.made_up > 0 {
            for (n, sample) in received.iter_mut().take(SEAM).enumerate() {
                let weight = (n + 1) as f32 / SEAM as f32;
                let made_up = self.next_made_up();
                *sample = (f32::from(*sample) * weight + made_up * (1.0 - weight)) as i16;
            }
        }
        self.made_up = 0;
    }

    fn next_made_up(&mut self) -> f32 {
        let n = self.made_up;
        if n >= FADED {
            return 0.0;
        }
        self.made_up += 1;
        let seam = self.step * (1.0 - n as f32 / SEAM as f32).max(0.0);
        let value = self.cycle[n % self.pitch] + seam;
        let loudness = (FADED - n) as f32 / (FADED - HOLD) as f32;
        (value * loudness.min(1.0)).clamp(f32::from(i16::MIN), f32::from(i16::MAX))
    }

    fn find_cycle(&mut self) {
        let lag = self.best_lag();
        let last = &self.history[HISTORY - lag..];
        for (value, sample) in self.cycle.iter_mut().zip(last) {
            *value = f32::from(*sample);
        }
        // The end of the cycle leads into its own beginning, as the sample before it did.
        let overlap = lag / 4;
        for n in 0..overlap {
            let weight = (n + 1) as f32 / overlap as f32;
            let before = f32::from(self.history[HISTORY - lag - overlap + n]);
            let value = &mut self.cycle[lag - overlap + n];
            *value = *value * (1.0 - weight) + before * weight;
        }
        self.pitch = lag;
        self.step =
            f32::from(self.history[HISTORY - 1]) - f32::from(self.history[HISTORY - 1 - lag]);
    }

    /// The shift at which the last 20 ms look most like what came before them.
    fn best_lag(&self) -> usize {
        let template = &self.history[HISTORY - TEMPLATE..];
        let mut best = (MIN_PITCH, f32::MIN);
        for lag in MIN_PITCH..=MAX_PITCH {
            let earlier = &self.history[HISTORY - TEMPLATE - lag..HISTORY - lag];
            let (mut product, mut energy) = (0.0_f32, 1.0_f32);
            for (a, b) in template.iter().zip(earlier) {
                product += f32::from(*a) * f32::from(*b);
                energy += f32::from(*b) * f32::from(*b);
            }
            let likeness = product / energy.sqrt();
            if likeness > best.1 {
                best = (lag, likeness);
            }
        }
        best.0
    }

    fn remember(&mut self, played: &[i16]) {
        let kept = played.len().min(HISTORY);
        self.history.copy_within(kept.., 0);
        self.history[HISTORY - kept..].copy_from_slice(&played[played.len() - kept..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOST: Known = [false; FRAME_SAMPLES];
    const RECEIVED: Known = [true; FRAME_SAMPLES];

    fn tone(from: usize) -> Frame {
        std::array::from_fn(|n| {
            let phase = (from + n) as f32 * 100.0 / 8000.0 * std::f32::consts::TAU;
            (8000.0 * phase.sin()) as i16
        })
    }

    fn peak(frame: &Frame) -> i32 {
        frame.iter().map(|s| i32::from(*s).abs()).max().unwrap()
    }

    fn after_speech() -> Concealer {
        let mut concealer = Concealer::new();
        for n in 0..4 {
            let mut frame = tone(n * FRAME_SAMPLES);
            assert_eq!(
                concealer.fill_gaps(&mut frame, &RECEIVED),
                FrameKind::Speech
            );
        }
        concealer
    }

    #[test]
    fn a_lost_frame_carries_the_tone_on() {
        let mut concealer = after_speech();
        let mut frame = [0; FRAME_SAMPLES];
        assert_eq!(concealer.fill_gaps(&mut frame, &LOST), FrameKind::Concealed);
        let wanted = tone(4 * FRAME_SAMPLES);
        for n in 0..HOLD {
            assert!(
                (i32::from(frame[n]) - i32::from(wanted[n])).abs() < 200,
                "sample {n}"
            );
        }
    }

    #[test]
    fn it_fades_to_silence_within_60_ms() {
        let mut concealer = after_speech();
        let mut peaks = Vec::new();
        let mut kinds = Vec::new();
        for _ in 0..4 {
            let mut frame = [0; FRAME_SAMPLES];
            kinds.push(concealer.fill_gaps(&mut frame, &LOST));
            peaks.push(peak(&frame));
        }
        assert!(
            peaks[0] > peaks[1] && peaks[1] > peaks[2] && peaks[2] > 0,
            "{peaks:?}"
        );
        assert_eq!(peaks[3], 0);
        assert_eq!(kinds[2..], [FrameKind::Concealed, FrameKind::Silence]);
    }

    #[test]
    fn neither_entering_nor_leaving_a_gap_clicks() {
        let mut concealer = after_speech();
        let mut heard = tone(3 * FRAME_SAMPLES).to_vec();
        for (n, known) in [(4, LOST), (5, RECEIVED)] {
            let mut frame = if known == LOST {
                [0; FRAME_SAMPLES]
            } else {
                tone(n * 160 + 37)
            };
            concealer.fill_gaps(&mut frame, &known);
            heard.extend(frame);
        }
        // The tone itself moves by at most 630 from sample to sample.
        for pair in heard.windows(2) {
            assert!(
                (i32::from(pair[0]) - i32::from(pair[1])).abs() < 1300,
                "{pair:?}"
            );
        }
    }

    #[test]
    fn a_stream_that_never_began_is_silent() {
        let mut frame = [0; FRAME_SAMPLES];
        assert_eq!(
            Concealer::new().fill_gaps(&mut frame, &LOST),
            FrameKind::Silence
        );
        assert_eq!(peak(&frame), 0);
    }

    #[test]
    fn half_a_lost_frame_is_filled_and_still_speech() {
        let mut concealer = after_speech();
        let mut frame = tone(4 * FRAME_SAMPLES);
        let mut known = RECEIVED;
        frame[80..].fill(0);
        known[80..].fill(false);
        assert_eq!(concealer.fill_gaps(&mut frame, &known), FrameKind::Speech);
        assert!(frame[80..].iter().any(|s| i32::from(*s).abs() > 6000));
    }
}
