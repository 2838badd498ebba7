//! The unit every part of this crate exchanges: 20 ms of mono audio at 8 kHz.

use std::time::Duration;

/// Samples in a second, and so ticks of the RTP clock of G.711 (RFC 3551 §4.5.14).
pub const SAMPLE_RATE: u32 = 8000;

/// Samples in a frame.
pub const FRAME_SAMPLES: usize = 160;

/// How long a frame lasts; the shell polls and sends once in this time.
pub const FRAME_DURATION: Duration = Duration::from_millis(20);

/// 20 ms of 16-bit linear audio at 8 kHz.
pub type Frame = [i16; FRAME_SAMPLES];

/// A frame of digital silence.
pub const SILENT_FRAME: Frame = [0; FRAME_SAMPLES];

/// Where the samples of a received frame come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// At least half of it was received.
    Speech,
    /// Most of it was lost, and filled by repeating what came before.
    Concealed,
    /// Nothing was received for long enough that nothing is heard, or a digit is being pressed.
    Silence,
}

/// How long `samples` samples last.
pub fn duration_of(samples: usize) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(SAMPLE_RATE))
}

/// How many whole samples `duration` has.
pub fn samples_in(duration: Duration) -> usize {
    (duration.as_micros() * u128::from(SAMPLE_RATE) / 1_000_000) as usize
}
