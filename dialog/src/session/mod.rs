//! One call. A session routes facts to the machines that decide and their decisions to the shell
//! and the brain; it decides nothing itself.

mod config;
mod effect;
mod fact;

pub use config::{Phrases, SessionConfig};
pub use effect::{DecodeKind, Effect, Promise, PromiseKind};
pub use fact::{Fact, HeardResult, Hypothesis, Party, SpeechMark};

use std::collections::VecDeque;
use std::time::Duration;

/// One call, from the first ring to the last record.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    out: VecDeque<Effect>,
}

impl Session {
    /// A call that has not happened yet.
    #[must_use]
    pub fn new(config: SessionConfig) -> Self {
        Self {
            config,
            out: VecDeque::with_capacity(64),
        }
    }

    /// Takes one fact. `now` never goes back.
    pub fn handle(&mut self, now: Duration, fact: Fact) {
        let _ = (now, fact, &self.config);
    }

    /// The next order to carry out; none when all are.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.out.pop_front()
    }

    /// When [`Session::handle_timeout`] is next due, on the axis of `now`.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        None
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Duration) {
        let _ = now;
    }
}
