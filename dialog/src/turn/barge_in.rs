//! Whether the caller's voice or key stops what the bot says.

use super::TurnConfig;
use crate::api::{BargeIn, PromptId, PromptKind};
use std::time::Duration;

/// What the bot is saying, or is about to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Playing {
    /// The prompt.
    pub prompt: PromptId,
    /// What it is for.
    pub kind: PromptKind,
    /// What may interrupt it.
    pub barge_in: BargeIn,
    /// The time until which no voice stops it.
    pub protected_until: Duration,
}

impl Playing {
    /// Whether a voice may stop it at all.
    fn yields_to_voice(&self) -> bool {
        match self.barge_in {
            BargeIn::Speech | BargeIn::Any => true,
            BargeIn::None | BargeIn::Keypad => false,
        }
    }

    /// Whether a key stops it.
    pub(crate) fn yields_to_key(&self) -> bool {
        match self.barge_in {
            BargeIn::Keypad | BargeIn::Any => true,
            BargeIn::None | BargeIn::Speech => false,
        }
    }

    /// Voiced speech that stops it.
    fn threshold(&self, config: &TurnConfig) -> Duration {
        match self.kind {
            PromptKind::Question => config.stop_question,
            PromptKind::Information => config.stop_information,
        }
    }

    /// The threshold that `voiced` speech has reached at `now`; none while the bot goes on.
    pub(super) fn stopped_by(
        &self,
        config: &TurnConfig,
        now: Duration,
        voiced: Duration,
    ) -> Option<Duration> {
        let threshold = self.threshold(config);
        let stops = self.yields_to_voice() && now >= self.protected_until && voiced >= threshold;
        stops.then_some(threshold)
    }

    /// Whether speech that began at `onset` and did not stop it is a turn all the same. A voice
    /// below the threshold is a "mm-hm"; a voice that only the policy kept from stopping the
    /// prompt is a turn; so is one that was there before the prompt.
    pub(super) fn counts_as_turn(
        &self,
        config: &TurnConfig,
        onset: Duration,
        voiced: Duration,
    ) -> bool {
        let threshold = if self.yields_to_voice() {
            self.threshold(config)
        } else {
            config.stop_information
        };
        onset >= self.protected_until && voiced >= threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playing(kind: PromptKind, barge_in: BargeIn) -> Playing {
        let protected_until = Duration::from_millis(500);
        Playing {
            prompt: PromptId(1),
            kind,
            barge_in,
            protected_until,
        }
    }

    fn stops(playing: Playing, now: u64, voiced: u64) -> bool {
        let voiced = Duration::from_millis(voiced);
        playing
            .stopped_by(&TurnConfig::default(), Duration::from_millis(now), voiced)
            .is_some()
    }

    #[test]
    fn a_question_yields_sooner_than_information() {
        let question = playing(PromptKind::Question, BargeIn::Any);
        let information = playing(PromptKind::Information, BargeIn::Any);
        assert!(stops(question, 1_000, 160) && !stops(question, 1_000, 140));
        assert!(stops(information, 1_000, 300) && !stops(information, 1_000, 280));
    }

    #[test]
    fn the_protected_start_yields_to_no_voice() {
        let question = playing(PromptKind::Question, BargeIn::Any);
        assert!(!stops(question, 480, 400) && stops(question, 500, 400));
    }

    #[test]
    fn only_the_policy_says_what_stops_a_prompt() {
        for (policy, voice, key) in [
            (BargeIn::None, false, false),
            (BargeIn::Keypad, false, true),
            (BargeIn::Speech, true, false),
            (BargeIn::Any, true, true),
        ] {
            let prompt = playing(PromptKind::Question, policy);
            assert_eq!(stops(prompt, 1_000, 2_000), voice, "{policy:?}");
            assert_eq!(prompt.yields_to_key(), key, "{policy:?}");
        }
    }
}
