//! The last seconds of a caller's audio, addressed by media time, so that speech found late can
//! still be transcribed from its beginning.

use std::time::Duration;

use crate::frame::{FRAME_SAMPLES, Frame, SAMPLE_RATE, duration_of, samples_in};

/// A ring of audio. Media time is the time since the first frame, counted in samples pushed.
#[derive(Debug)]
pub struct AudioRing {
    samples: Box<[i16]>,
    /// Samples pushed since the beginning; the ring holds the newest of them.
    pushed: usize,
}

impl Default for AudioRing {
    /// Thirty seconds.
    fn default() -> AudioRing {
        AudioRing::new(30)
    }
}

impl AudioRing {
    /// A ring of `seconds` (at least one). Rule when full: the oldest frame is overwritten.
    pub fn new(seconds: usize) -> AudioRing {
        let samples = seconds.max(1) * SAMPLE_RATE as usize;
        AudioRing {
            samples: vec![0; samples].into(),
            pushed: 0,
        }
    }

    /// Appends a frame.
    pub fn push(&mut self, frame: &Frame) {
        // A second is a whole number of frames, so a frame never straddles the end.
        let at = self.pushed % self.samples.len();
        self.samples[at..at + FRAME_SAMPLES].copy_from_slice(frame);
        self.pushed += FRAME_SAMPLES;
    }

    /// Media time behind the newest sample.
    pub fn end(&self) -> Duration {
        duration_of(self.pushed)
    }

    /// Media time of the oldest sample still there.
    pub fn start(&self) -> Duration {
        duration_of(self.oldest())
    }

    /// The audio between two media times, clipped to what is there.
    pub fn slice(&self, from: Duration, to: Duration) -> Vec<i16> {
        let from = samples_in(from).max(self.oldest());
        let to = samples_in(to).min(self.pushed);
        if from >= to {
            return Vec::new();
        }
        let (start, count) = (from % self.samples.len(), to - from);
        let first = count.min(self.samples.len() - start);
        [
            &self.samples[start..start + first],
            &self.samples[..count - first],
        ]
        .concat()
    }

    fn oldest(&self) -> usize {
        self.pushed.saturating_sub(self.samples.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// A one-second ring after `frames` frames, each filled with its number.
    fn ring(frames: i16) -> AudioRing {
        let mut ring = AudioRing::new(1);
        for n in 0..frames {
            ring.push(&[n; FRAME_SAMPLES]);
        }
        ring
    }

    #[test]
    fn a_slice_is_addressed_by_media_time() {
        let slice = ring(10).slice(millis(30), millis(60));
        assert_eq!(slice.len(), 240);
        assert_eq!((slice[0], slice[79], slice[80], slice[239]), (1, 1, 2, 2));
    }

    #[test]
    fn a_slice_is_clipped_to_what_is_there() {
        let ring = ring(70);
        assert_eq!((ring.start(), ring.end()), (millis(400), millis(1400)));
        let slice = ring.slice(Duration::ZERO, millis(9000));
        assert_eq!((slice.len(), slice[0], slice[7999]), (8000, 20, 69));
        assert!(ring.slice(Duration::ZERO, millis(400)).is_empty());
        assert!(ring.slice(millis(1000), millis(900)).is_empty());
    }

    #[test]
    fn a_slice_runs_over_the_rings_end() {
        let slice = ring(55).slice(millis(980), millis(1020));
        assert_eq!(
            (slice.len(), slice[0], slice[159], slice[160]),
            (320, 49, 49, 50)
        );
    }
}
