//! The level of the noise behind a voice, by minimum statistics: speech has gaps, so the quietest
//! frame of the last second and a half is noise, whoever is speaking.

/// Frames in one bucket: a quarter of a second.
const BUCKET_FRAMES: u32 = 13;

/// Buckets looked back on, the growing one included: about 1.6 s.
const BUCKETS: usize = 6;

/// The floor is never thought lower than this: lines with digital silence still carry a breath.
const LOWEST_DBOV: f32 = -65.0;

/// Nor higher before a whole look-back has passed: a caller may speak from the first frame.
const HIGHEST_AT_FIRST_DBOV: f32 = -40.0;

/// The quietest of many frames of one noise lies below its mean by this.
const BIAS_DB: f32 = 2.0;

#[derive(Debug)]
pub(super) struct NoiseFloor {
    /// The quietest frame of each bucket, newest last.
    quietest: [f32; BUCKETS],
    frames_in_bucket: u32,
    buckets_passed: usize,
}

impl NoiseFloor {
    pub(super) fn new() -> NoiseFloor {
        NoiseFloor {
            quietest: [f32::MAX; BUCKETS],
            frames_in_bucket: 0,
            buckets_passed: 0,
        }
    }

    pub(super) fn learn(&mut self, level_dbov: f32) {
        if self.frames_in_bucket == BUCKET_FRAMES {
            self.quietest.rotate_left(1);
            self.quietest[BUCKETS - 1] = f32::MAX;
            self.frames_in_bucket = 0;
            self.buckets_passed = (self.buckets_passed + 1).min(BUCKETS);
        }
        self.frames_in_bucket += 1;
        let newest = &mut self.quietest[BUCKETS - 1];
        *newest = newest.min(level_dbov);
    }

    pub(super) fn level(&self) -> f32 {
        let quietest = self.quietest.iter().copied().fold(f32::MAX, f32::min);
        let highest = if self.buckets_passed < BUCKETS {
            HIGHEST_AT_FIRST_DBOV
        } else {
            0.0
        };
        (quietest + BIAS_DB).clamp(LOWEST_DBOV, highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_follows_noise_up_within_two_seconds_and_down_at_once() {
        let mut floor = NoiseFloor::new();
        (0..100).for_each(|_| floor.learn(-60.0));
        (0..100).for_each(|_| floor.learn(-35.0));
        assert_eq!(floor.level(), -33.0);
        floor.learn(-60.0);
        assert_eq!(floor.level(), -58.0);
    }

    #[test]
    fn speech_with_gaps_does_not_raise_it() {
        let mut floor = NoiseFloor::new();
        for n in 0..500 {
            floor.learn(if n % 40 < 36 { -20.0 } else { -60.0 });
        }
        assert_eq!(floor.level(), -58.0);
    }

    #[test]
    fn a_caller_who_speaks_at_once_is_not_the_noise() {
        let mut floor = NoiseFloor::new();
        assert_eq!(floor.level(), HIGHEST_AT_FIRST_DBOV);
        floor.learn(-20.0);
        assert_eq!(floor.level(), HIGHEST_AT_FIRST_DBOV);
        floor.learn(-127.0);
        assert_eq!(floor.level(), LOWEST_DBOV);
    }
}
