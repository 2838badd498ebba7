//! The settings of a handover.

use super::words;
use std::time::Duration;

/// The settings of a handover that a brain does not choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferConfig {
    /// Said at once.
    pub opening: String,
    /// Said in turn while the caller waits; the same line never twice in a row.
    pub lines: Vec<String>,
    /// Time from the start of one line to the start of the next.
    pub line_every: Duration,
    /// Time before the deadline at which the caller is told that nobody is free yet and may take
    /// the promise instead. A deadline no longer than this leaves no time for it.
    pub offer_before: Duration,
    /// Time before the deadline at which ringing stops and the promise is made, so that it is
    /// spoken in time. At most half of the deadline counts: the rest is for a human.
    pub commit_before: Duration,
    /// How long storing the promise may take before the caller is told that it was not noted.
    pub promise_wait: Duration,
    /// The longest time the answered agent hears the brief before the bridge.
    pub brief: Duration,
    /// How long a request that found the queue full waits before it asks again.
    pub retry: Duration,
}

impl Default for TransferConfig {
    fn default() -> Self {
        Self {
            opening: "I'm getting a colleague for you.".into(),
            lines: vec![
                "I'm still trying to reach a colleague.".into(),
                "I'm passing on what you told me, so you won't have to repeat it.".into(),
                "Thanks for waiting. I'm trying the next colleague.".into(),
            ],
            line_every: Duration::from_secs(7),
            offer_before: Duration::from_secs(10),
            commit_before: Duration::from_secs(5),
            promise_wait: Duration::from_millis(2500),
            brief: Duration::from_millis(1200),
            retry: Duration::from_secs(2),
        }
    }
}

impl TransferConfig {
    /// Every sentence whose words are known before the call.
    pub fn fixed(&self) -> impl Iterator<Item = &str> {
        let lines = self.lines.iter().map(String::as_str);
        let own = [
            words::OFFER_CALLBACK,
            words::OFFER_TICKET,
            words::NOT_STORED,
        ];
        std::iter::once(self.opening.as_str())
            .chain(lines)
            .chain(own)
    }
}
