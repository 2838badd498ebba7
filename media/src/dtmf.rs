//! Keypad tones found in audio, for peers that send no RFC 4733 events.

use crate::frame::Frame;
use crate::goertzel::share;
use crate::keypad::{COLUMNS, ROWS, key_at};
use crate::level::{energy, level_dbov};

/// Quieter frames are not listened to.
const MIN_LEVEL_DBOV: f32 = -45.0;

/// The two tones must be this much of a frame; speech never comes near.
const MIN_SHARE: f32 = 0.8;

/// Neither tone may be weaker than this share: 9 dB of difference at most.
const MIN_TONE_SHARE: f32 = 0.1;

/// The key whose tones fill this frame.
pub fn detect(frame: &Frame) -> Option<char> {
    detect_share(frame, MIN_SHARE)
}

/// The key whose tones make up at least `min_share` of this frame.
pub(crate) fn detect_share(frame: &Frame, min_share: f32) -> Option<char> {
    if level_dbov(frame) < MIN_LEVEL_DBOV {
        return None;
    }
    let energy = energy(frame);
    let (row, low) = strongest(frame, energy, &ROWS);
    let (column, high) = strongest(frame, energy, &COLUMNS);
    if low + high < min_share || low.min(high) < MIN_TONE_SHARE {
        return None;
    }
    key_at(row, column)
}

fn strongest(frame: &Frame, energy: f32, tones: &[f32; 4]) -> (usize, f32) {
    let mut best = (0, 0.0);
    for (n, tone) in tones.iter().enumerate() {
        let share = share(frame, energy, *tone);
        if share > best.1 {
            best = (n, share);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::SILENT_FRAME;
    use crate::g711::Law;
    use crate::tone::ToneGenerator;

    #[test]
    fn every_key_is_found_after_g711() {
        for key in "0123456789*#ABCD".chars() {
            let mut frame = SILENT_FRAME;
            ToneGenerator::dtmf(key).unwrap().fill(&mut frame);
            let heard = frame.map(|s| Law::Mu.decode_sample(Law::Mu.encode_sample(s)));
            assert_eq!(detect(&heard), Some(key));
        }
    }

    #[test]
    fn other_sounds_are_no_keys() {
        assert_eq!(detect(&SILENT_FRAME), None);
        let mut frame = SILENT_FRAME;
        for mut other in [
            ToneGenerator::ringback(),
            ToneGenerator::busy(),
            ToneGenerator::hold(),
        ] {
            other.fill(&mut frame);
            other.fill(&mut frame);
            assert_eq!(detect(&frame), None);
        }
    }
}
