//! A time at which something is due, with the reason for it.

use std::time::Duration;

/// A time at which something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// When, on the axis of `now`.
    pub at: Duration,
    /// What is due then, for a person who reads a trace.
    pub why: &'static str,
}

impl Deadline {
    /// Something due at a time.
    #[must_use]
    pub fn new(at: Duration, why: &'static str) -> Self {
        Self { at, why }
    }

    /// The sooner of two.
    #[must_use]
    pub fn soonest(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(if b.at < a.at { b } else { a }),
            (a, None) => a,
            (None, b) => b,
        }
    }
}
