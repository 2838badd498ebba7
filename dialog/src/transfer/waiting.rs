//! What the waiting caller hears and when: never silence, never the same line twice in a row.

use super::TransferConfig;
use std::time::Duration;

/// What is due for the waiting caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WaitingDue {
    /// A line to say.
    Line(String),
    /// The truthful word that it may not work out, and the question whether to wait on.
    Offer,
    /// The promise is to be made: no more ringing.
    Commit,
}

/// The clock of one caller's wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    next_line: Duration,
    last_line: Option<usize>,
    offer_at: Option<Duration>,
    commit_at: Duration,
}

impl Waiting {
    /// A wait that began at `started` with the opening line.
    pub(super) fn new(started: Duration, deadline: Duration, config: &TransferConfig) -> Self {
        let offer = deadline.saturating_sub(config.offer_before);
        let commit = deadline.saturating_sub(config.commit_before.min(deadline / 2));
        Self {
            next_line: started + config.line_every,
            last_line: None,
            offer_at: (!offer.is_zero()).then_some(started + offer),
            commit_at: started + commit,
        }
    }

    /// When something is next due.
    pub(super) fn deadline(&self) -> Duration {
        let soonest = self.next_line.min(self.commit_at);
        self.offer_at.map_or(soonest, |at| at.min(soonest))
    }

    /// One thing that is due at `now`, the most pressing first.
    pub(super) fn poll(&mut self, now: Duration, config: &TransferConfig) -> Option<WaitingDue> {
        if now >= self.commit_at {
            return Some(WaitingDue::Commit);
        }
        if self.offer_at.is_some_and(|at| now >= at) {
            self.offer_at = None;
            self.next_line = now + config.line_every;
            return Some(WaitingDue::Offer);
        }
        if now < self.next_line {
            return None;
        }
        self.next_line = now + config.line_every;
        let next = self.last_line.map_or(0, |last| last + 1) % config.lines.len().max(1);
        if self.last_line == Some(next) {
            return None;
        }
        let line = config.lines.get(next)?;
        self.last_line = Some(next);
        Some(WaitingDue::Line(line.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(lines: &[&str]) -> Vec<(u64, WaitingDue)> {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        let config = TransferConfig {
            lines,
            ..TransferConfig::default()
        };
        let mut waiting = Waiting::new(Duration::ZERO, Duration::from_secs(30), &config);
        let mut said = Vec::new();
        while said
            .last()
            .is_none_or(|(_, due)| *due != WaitingDue::Commit)
        {
            let now = waiting.deadline();
            said.extend(waiting.poll(now, &config).map(|due| (now.as_secs(), due)));
        }
        said
    }

    #[test]
    fn the_caller_hears_a_new_line_every_seven_seconds_and_the_truth_at_twenty() {
        let line = |text: &str| WaitingDue::Line(text.into());
        let said = [(7, line("a")), (14, line("b")), (20, WaitingDue::Offer)];
        assert_eq!(wait(&["a", "b", "c"])[..3], said);
        assert_eq!(wait(&["a", "b", "c"])[3..], [(25, WaitingDue::Commit)]);
    }

    #[test]
    fn a_short_deadline_leaves_time_for_a_human_and_none_for_an_offer() {
        let config = TransferConfig {
            commit_before: Duration::from_secs(60),
            ..TransferConfig::default()
        };
        let mut waiting = Waiting::new(Duration::ZERO, Duration::from_secs(10), &config);
        assert_eq!(waiting.poll(Duration::from_millis(4_999), &config), None);
        let commit = Some(WaitingDue::Commit);
        assert_eq!(waiting.poll(Duration::from_secs(5), &config), commit);
    }

    #[test]
    fn one_line_alone_is_said_once() {
        let said = [(7, WaitingDue::Line("a".into())), (20, WaitingDue::Offer)];
        assert_eq!(wait(&["a"])[..2], said);
        assert_eq!(
            wait(&[]),
            [(20, WaitingDue::Offer), (25, WaitingDue::Commit)]
        );
    }
}
