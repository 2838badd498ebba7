//! The handed-in clock and the stop signal that a running decode polls.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Tells the time since an origin that the shell chose; this crate never reads a clock itself.
pub type Clock = Arc<dyn Fn() -> Duration + Send + Sync>;

/// Asks one worker's running decode to end early.
///
/// Whisper polls it after each encoder pass and after each decoded token, so stopping takes at
/// most one encoder pass.
pub(crate) struct Stop {
    asked: AtomicBool,
    /// Nanoseconds on the clock after which the decode has run for too long.
    until: AtomicU64,
    clock: Clock,
}

/// Why a decode ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StopReason {
    /// A newer job took its place, or its owner cancelled it.
    Asked,
    /// It ran past the limit of the pool.
    RanTooLong,
}

impl Stop {
    /// A signal that is not raised and has no limit.
    pub(crate) fn new(clock: Clock) -> Self {
        Self {
            asked: AtomicBool::new(false),
            until: AtomicU64::new(u64::MAX),
            clock,
        }
    }

    /// Clears the signal and lets the next decode run until `until`.
    pub(crate) fn rearm(&self, until: Duration) {
        let nanos = u64::try_from(until.as_nanos()).unwrap_or(u64::MAX);
        self.until.store(nanos, Ordering::Relaxed);
        self.asked.store(false, Ordering::Relaxed);
    }

    /// Asks the running decode to end.
    pub(crate) fn ask(&self) {
        self.asked.store(true, Ordering::Relaxed);
    }

    /// Says whether the running decode should end, and why.
    pub(crate) fn reason(&self) -> Option<StopReason> {
        if self.asked.load(Ordering::Relaxed) {
            return Some(StopReason::Asked);
        }
        let now = u64::try_from((self.clock)().as_nanos()).unwrap_or(u64::MAX);
        (now > self.until.load(Ordering::Relaxed)).then_some(StopReason::RanTooLong)
    }
}
