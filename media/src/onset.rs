//! Where sound begins and ends in a recorded stream, for measuring how fast somebody answers.
//! This looks at the whole recording at once: live speech is found by [`crate::vad`].

use crate::frame::FRAME_SAMPLES;
use crate::level::level_dbov;

/// Milliseconds in a step; starts and ends are multiples of it.
const STEP_MS: u64 = 20;

/// Sound stands this far above the noise, and never below a level that nobody hears.
const ABOVE_NOISE_DB: f32 = 12.0;
const MIN_LEVEL_DBOV: f32 = -50.0;

/// The noise is as loud as the quietest tenth of the recording, up to this level: in a recording
/// without a pause that tenth is sound.
const QUIET_SHARE: usize = 10;
const MAX_NOISE_DBOV: f32 = -42.0;

/// Pauses up to this long, 200 ms, are part of the sound around them.
const HANGOVER_STEPS: usize = 10;

/// Sounds shorter than this, 60 ms, are clicks.
const MIN_STEPS: usize = 3;

/// A stretch of sound, in milliseconds from the beginning of the recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// When it begins.
    pub start_ms: u64,
    /// When it is over; the pause that follows is not part of it.
    pub end_ms: u64,
}

/// The stretches of sound in 8 kHz audio, in order.
pub fn segments(pcm: &[i16]) -> Vec<Segment> {
    let levels: Vec<f32> = pcm.chunks_exact(FRAME_SAMPLES).map(level_dbov).collect();
    let threshold = threshold(&levels);
    let mut found = Vec::new();
    let mut current: Option<(usize, usize)> = None;
    for (step, _) in levels
        .iter()
        .enumerate()
        .filter(|(_, level)| **level >= threshold)
    {
        current = match current {
            Some((start, end)) if step - end <= HANGOVER_STEPS => Some((start, step + 1)),
            Some(over) => {
                found.push(over);
                Some((step, step + 1))
            }
            None => Some((step, step + 1)),
        };
    }
    found.extend(current);
    found
        .into_iter()
        .filter(|(start, end)| end - start >= MIN_STEPS)
        .map(|(start, end)| Segment {
            start_ms: start as u64 * STEP_MS,
            end_ms: end as u64 * STEP_MS,
        })
        .collect()
}

fn threshold(levels: &[f32]) -> f32 {
    let mut sorted = levels.to_vec();
    sorted.sort_by(f32::total_cmp);
    let noise = sorted
        .get(sorted.len() / QUIET_SHARE)
        .copied()
        .unwrap_or(MAX_NOISE_DBOV);
    (noise.min(MAX_NOISE_DBOV) + ABOVE_NOISE_DB).max(MIN_LEVEL_DBOV)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Audio of alternating quiet and loud stretches of so many milliseconds.
    fn audio(stretches: &[usize], quiet: i16) -> Vec<i16> {
        let stretch = |(n, millis): (usize, &usize)| {
            let peak = if n % 2 == 0 { quiet } else { 6000 };
            (0..millis * 8).map(move |k| if k % 7 < 3 { peak } else { -peak })
        };
        stretches.iter().enumerate().flat_map(stretch).collect()
    }

    fn found(stretches: &[usize], quiet: i16) -> Vec<(u64, u64)> {
        let segments = segments(&audio(stretches, quiet));
        segments
            .iter()
            .map(|segment| (segment.start_ms, segment.end_ms))
            .collect()
    }

    #[test]
    fn sound_is_found_to_the_step() {
        assert_eq!(
            found(&[500, 400, 600, 300, 200], 0),
            [(500, 900), (1500, 1800)]
        );
    }

    #[test]
    fn noise_is_not_sound() {
        assert_eq!(found(&[500, 400, 600], 100), [(500, 900)]);
        assert_eq!(found(&[2000], 200), []);
    }

    #[test]
    fn a_short_pause_does_not_part_and_a_click_does_not_count() {
        assert_eq!(found(&[500, 400, 180, 300, 500, 20, 900], 0), [(500, 1380)]);
    }

    #[test]
    fn sound_from_end_to_end_is_one_segment() {
        assert_eq!(found(&[0, 1000], 0), [(0, 1000)]);
        assert_eq!(segments(&[]), []);
    }
}
