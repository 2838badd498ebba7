//! What a call may be told before it starts.

use crate::transfer::TransferConfig;
use crate::turn::TurnConfig;
use std::time::Duration;

/// The settings of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionConfig {
    /// When the caller's turn begins and ends.
    pub turn: TurnConfig,
    /// How a human is put on the line.
    pub transfer: TransferConfig,
    /// The number of the ticket, should this call need one: unique across calls.
    pub ticket_number: u64,
    /// The skill asked for when the call needs a human and no brain is there to name one.
    pub default_skill: String,
    /// The deadline of that handover, within [`HANDOVER_DEADLINE`](crate::api::HANDOVER_DEADLINE).
    pub default_deadline: Duration,
    /// How long one agent's phone rings then, within [`HANDOVER_RING`](crate::api::HANDOVER_RING).
    pub default_ring: Duration,
    /// How long the brain may take to accept or reject the call before it counts as gone.
    pub accept_timeout: Duration,
    /// How long a hang-up waits for prompts to end.
    pub hangup_cap: Duration,
    /// What the server itself says.
    pub phrases: Phrases,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            turn: TurnConfig::default(),
            transfer: TransferConfig::default(),
            ticket_number: 1,
            default_skill: "care".into(),
            default_deadline: Duration::from_secs(30),
            default_ring: Duration::from_secs(8),
            accept_timeout: Duration::from_secs(8),
            hangup_cap: Duration::from_secs(20),
            phrases: Phrases::default(),
        }
    }
}

/// What the server says when no brain is there to say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrases {
    /// Said when the brain's stream breaks.
    pub brain_lost: String,
    /// Said before the server itself hangs up.
    pub goodbye: String,
}

impl Default for Phrases {
    fn default() -> Self {
        Self {
            brain_lost: "One moment, please.".into(),
            goodbye: "Thank you for calling. Goodbye.".into(),
        }
    }
}

impl SessionConfig {
    /// Every sentence of the server's own whose words are known before the call.
    pub fn fixed(&self) -> impl Iterator<Item = &str> {
        let own = [&self.phrases.brain_lost, &self.phrases.goodbye];
        self.transfer
            .fixed()
            .chain(own.into_iter().map(String::as_str))
    }
}
