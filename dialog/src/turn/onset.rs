//! When speech begins: three voiced frames out of four, dated back to the first of them.

use std::time::Duration;

/// The length of one frame.
pub(super) const FRAME: Duration = Duration::from_millis(20);

/// Frames looked at together.
const WINDOW: u32 = 4;
/// Voiced frames among them that make an onset.
const NEEDED: u32 = 3;

/// Speech began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Started {
    /// The start of the first voiced frame.
    pub(super) onset: Duration,
    /// Voiced speech since then.
    pub(super) voiced: Duration,
}

/// Looks for an onset in a stream of marks.
#[derive(Debug, Clone, Default)]
pub(super) struct Onset {
    /// The last four marks, the newest in the lowest bit.
    marks: u32,
}

impl Onset {
    /// Takes the mark of a frame that ended at `now`.
    pub(super) fn frame(&mut self, now: Duration, voiced: bool) -> Option<Started> {
        self.marks = ((self.marks << 1) | u32::from(voiced)) & ((1 << WINDOW) - 1);
        let count = self.marks.count_ones();
        if count < NEEDED {
            return None;
        }
        let oldest = u32::BITS - self.marks.leading_zeros();
        self.marks = 0;
        Some(Started {
            onset: now.saturating_sub(FRAME * oldest),
            voiced: FRAME * count,
        })
    }

    /// Forgets the frames so far.
    pub(super) fn reset(&mut self) {
        self.marks = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(marks: &[bool]) -> Vec<Option<Started>> {
        let mut onset = Onset::default();
        marks
            .iter()
            .zip(1..)
            .map(|(m, i)| onset.frame(FRAME * i, *m))
            .collect()
    }

    #[test]
    fn three_voiced_frames_begin_at_the_first_of_them() {
        let started = Started {
            onset: FRAME,
            voiced: FRAME * 3,
        };
        assert_eq!(
            run(&[false, true, true, true]),
            [None, None, None, Some(started)]
        );
    }

    #[test]
    fn one_gap_among_four_frames_is_forgiven() {
        let started = Started {
            onset: Duration::ZERO,
            voiced: FRAME * 3,
        };
        assert_eq!(
            run(&[true, false, true, true]),
            [None, None, None, Some(started)]
        );
    }

    #[test]
    fn clicks_begin_nothing() {
        let marks = [true, false, false, true, false, true, false, false, true];
        assert!(run(&marks).iter().all(Option::is_none));
    }
}
