//! How long the caller may say nothing. The clock stands still while anyone speaks.

use std::time::Duration;

/// A countdown that can be held and goes on where it stood, so that a cough now and then cannot
/// put it off for ever.
#[derive(Debug, Clone, Default)]
pub(super) struct NoInput {
    limit: Duration,
    left: Duration,
    running_since: Option<Duration>,
}

impl NoInput {
    /// Starts over with a new limit; runs once [`NoInput::run`] says so.
    pub(super) fn restart(&mut self, limit: Duration) {
        *self = Self {
            limit,
            left: limit,
            running_since: None,
        };
    }

    /// Lets the countdown run, or holds it.
    pub(super) fn run(&mut self, now: Duration, run: bool) {
        match (self.running_since, run) {
            (None, true) => self.running_since = Some(now),
            (Some(since), false) => {
                self.left = self.left.saturating_sub(now.saturating_sub(since));
                self.running_since = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    /// When it is over; none while it is held.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.running_since.map(|since| since + self.left)
    }

    /// The time allowed.
    pub(super) fn limit(&self) -> Duration {
        self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_held_countdown_goes_on_where_it_stood() {
        let second = Duration::from_secs(1);
        let mut timer = NoInput::default();
        timer.restart(second * 5);
        assert_eq!(timer.deadline(), None);
        timer.run(second, true);
        assert_eq!(timer.deadline(), Some(second * 6));
        timer.run(second * 3, false);
        assert_eq!(timer.deadline(), None);
        timer.run(second * 10, true);
        assert_eq!(timer.deadline(), Some(second * 13));
    }
}
