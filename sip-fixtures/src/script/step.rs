//! One thing the caller does, and how it is written in TOML.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::ScriptError;
use super::clip::Clip;

/// Silence after which the bot is taken to have finished, unless the step says otherwise.
const QUIET_MS: u64 = 700;
/// Time a step may take, unless it says otherwise.
const WITHIN_MS: u64 = 20_000;

/// One step of a caller's script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What errors and reports call it.
    pub name: String,
    /// Longest time it may take.
    pub within: Duration,
    /// What is done.
    pub action: Action,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Do nothing for a while.
    Wait(Duration),
    /// Listen until something has happened.
    WaitFor(Awaited),
    /// Play a recording, at once or so long after the onset of the bot's speech.
    Say {
        /// The recording.
        clip: Clip,
        /// Barge in this long after the bot began.
        into_bot_prompt: Option<Duration>,
    },
    /// Send keys, at once or so long after the onset of the bot's speech.
    Key {
        /// The keys: 0 to 9, `*`, `#`, A to D.
        digits: String,
        /// Barge in this long after the bot began.
        into_bot_prompt: Option<Duration>,
    },
    /// End the call.
    HangUp,
}

/// What a caller listens for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited {
    /// The bot begins to speak.
    BotToSpeak,
    /// The bot has spoken and been silent for `quiet`.
    BotToFinish {
        /// The silence that ends the wait.
        quiet: Duration,
    },
    /// An agent's voice, recognised by its pilot tone, is heard.
    Agent,
    /// The agent has spoken and been silent for `quiet`.
    AgentToFinish {
        /// The silence that ends the wait.
        quiet: Duration,
    },
    /// The far end hangs up.
    FarEndToHangUp,
}

/// A step as it is written; exactly one of its actions is given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawStep {
    name: Option<String>,
    within_ms: Option<u64>,
    wait_ms: Option<u64>,
    wait_for: Option<RawAwaited>,
    quiet_ms: Option<u64>,
    play: Option<String>,
    digits: Option<String>,
    at_ms_into_bot_prompt: Option<u64>,
    hang_up: Option<bool>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawAwaited {
    BotToSpeak,
    BotToFinish,
    Agent,
    AgentToFinish,
    FarEndToHangUp,
}

impl RawStep {
    /// Checks the step and loads its recording from `folder`; `number` counts from 1.
    pub(crate) fn check(self, number: usize, folder: &Path) -> Result<Step, ScriptError> {
        let wrong = |what: &str| ScriptError::Step {
            number,
            what: what.to_owned(),
        };
        let actions = [
            self.wait_ms.is_some(),
            self.wait_for.is_some(),
            self.play.is_some(),
            self.digits.is_some(),
            self.hang_up.is_some(),
        ];
        if actions.into_iter().filter(|given| *given).count() != 1 {
            return Err(wrong(
                "give exactly one of wait_ms, wait_for, play, digits, hang_up",
            ));
        }
        let speaks = self.play.is_some() || self.digits.is_some();
        if self.at_ms_into_bot_prompt.is_some() && !speaks {
            return Err(wrong("at_ms_into_bot_prompt belongs to play or digits"));
        }
        if self.quiet_ms.is_some() && self.wait_for.is_none() {
            return Err(wrong("quiet_ms belongs to wait_for"));
        }
        if self.hang_up == Some(false) {
            return Err(wrong("hang_up can only be true"));
        }
        let default_name = self.default_name();
        let quiet = Duration::from_millis(self.quiet_ms.unwrap_or(QUIET_MS));
        let into_bot_prompt = self.at_ms_into_bot_prompt.map(Duration::from_millis);
        let action = if let Some(wait) = self.wait_ms {
            Action::Wait(Duration::from_millis(wait))
        } else if let Some(awaited) = self.wait_for {
            Action::WaitFor(awaited.with(quiet))
        } else if let Some(file) = self.play {
            let clip = Clip::load(&folder.join(file))?;
            Action::Say {
                clip,
                into_bot_prompt,
            }
        } else if let Some(digits) = self.digits {
            if !digits
                .chars()
                .all(|key| matches!(key, '0'..='9' | '*' | '#' | 'A'..='D'))
            {
                return Err(wrong("digits may be 0 to 9, *, #, A to D"));
            }
            Action::Key {
                digits,
                into_bot_prompt,
            }
        } else {
            Action::HangUp
        };
        let name = self.name.unwrap_or(default_name);
        let within = Duration::from_millis(self.within_ms.unwrap_or(WITHIN_MS));
        Ok(Step {
            name,
            within,
            action,
        })
    }

    fn default_name(&self) -> String {
        if let Some(file) = &self.play {
            format!("play {file}")
        } else if let Some(digits) = &self.digits {
            format!("digits {digits}")
        } else if let Some(awaited) = &self.wait_for {
            format!("wait for {}", awaited.in_words())
        } else if self.wait_ms.is_some() {
            "wait".to_owned()
        } else {
            "hang up".to_owned()
        }
    }
}

impl RawAwaited {
    fn with(self, quiet: Duration) -> Awaited {
        match self {
            RawAwaited::BotToSpeak => Awaited::BotToSpeak,
            RawAwaited::BotToFinish => Awaited::BotToFinish { quiet },
            RawAwaited::Agent => Awaited::Agent,
            RawAwaited::AgentToFinish => Awaited::AgentToFinish { quiet },
            RawAwaited::FarEndToHangUp => Awaited::FarEndToHangUp,
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            RawAwaited::BotToSpeak => "the bot to speak",
            RawAwaited::BotToFinish => "the bot to finish",
            RawAwaited::Agent => "an agent",
            RawAwaited::AgentToFinish => "the agent to finish",
            RawAwaited::FarEndToHangUp => "the far end to hang up",
        }
    }
}
