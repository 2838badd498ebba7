//! Keypad and call-progress tones, which the other judges take for voices.

use crate::dtmf;
use crate::frame::{FRAME_SAMPLES, Frame};
use crate::goertzel::share;
use crate::level::energy;

/// Two frames, so that tones 25 Hz apart are told apart.
const WINDOW: usize = 2 * FRAME_SAMPLES;

/// Tones of ringback, busy and fax, in Hz; 0 is no second tone. North America (ANSI T1.401) has
/// pairs, most others one tone between 400 and 450 Hz (ITU-T E.180), fax 1100 and 2100 (T.30).
const PROGRESS_TONES: [[f32; 2]; 11] = [
    [350.0, 440.0],
    [440.0, 480.0],
    [480.0, 620.0],
    [400.0, 450.0],
    [400.0, 0.0],
    [425.0, 0.0],
    [450.0, 0.0],
    [950.0, 0.0],
    [1100.0, 0.0],
    [1400.0, 0.0],
    [2100.0, 0.0],
];

/// The tones must be this much of the window.
const MIN_SHARE: f32 = 0.85;

/// A key's tones must be this much of a frame; the first frame of a press is only part tone.
const MIN_KEY_SHARE: f32 = 0.7;

/// Frames after a tone that are still counted as one: its end is only part tone too.
const FRAMES_AFTER: u8 = 1;

#[derive(Debug)]
pub(super) struct ToneGuard {
    window: [i16; WINDOW],
    frames_left: u8,
}

impl ToneGuard {
    pub(super) fn new() -> ToneGuard {
        ToneGuard {
            window: [0; WINDOW],
            frames_left: 0,
        }
    }

    /// Whether the newest frame is a tone, or the end of one.
    pub(super) fn is_tone(&mut self, frame: &Frame) -> bool {
        self.window.copy_within(FRAME_SAMPLES.., 0);
        self.window[FRAME_SAMPLES..].copy_from_slice(frame);
        let key = dtmf::detect_share(frame, MIN_KEY_SHARE).is_some();
        if key || self.is_progress_tone() {
            self.frames_left = FRAMES_AFTER;
            return true;
        }
        let after = self.frames_left > 0;
        self.frames_left = self.frames_left.saturating_sub(1);
        after
    }

    fn is_progress_tone(&self) -> bool {
        let energy = energy(&self.window);
        let share_of = |tone: f32| {
            if tone > 0.0 {
                share(&self.window, energy, tone)
            } else {
                0.0
            }
        };
        PROGRESS_TONES
            .iter()
            .any(|[a, b]| share_of(*a) + share_of(*b) >= MIN_SHARE)
    }
}
