//! The one clock of all phones of a test, and the one place where they read it.
#![expect(
    clippy::disallowed_methods,
    reason = "the phones are a shell: they need a real clock"
)]

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

/// Counts monotonic time from the start of the phones. Copies agree, so times taken at the caller
/// and at an agent can be subtracted.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// Starts at zero.
    pub fn start() -> Self {
        Clock {
            origin: Instant::now(),
        }
    }

    /// Time since the start.
    pub fn now(&self) -> Duration {
        self.origin.elapsed()
    }

    /// The moment `time` after the start, for a timer.
    pub(crate) fn moment(&self, time: Duration) -> tokio::time::Instant {
        (self.origin + time).into()
    }
}

/// A fresh seed for tags, branches and sources.
pub(crate) fn seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
