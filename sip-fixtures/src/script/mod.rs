//! Scripts: what a caller does on a call and how the agents behave, in TOML.
//!
//! ```toml
//! name = "order status"
//!
//! [caller]
//! codec = "pcmu"
//!
//! [[step]]
//! wait_for = "bot_to_finish"
//! within_ms = 8000
//!
//! [[step]]
//! play = "../audio/where_is_my_order.wav"
//!
//! [[step]]
//! hang_up = true
//!
//! [[agent]]
//! name = "desk"
//! listen = "127.0.0.1:5090"
//! ```
//!
//! Paths are relative to the script. A field nobody knows is an error. How a script is played is
//! in `phone`.

mod agent;
mod clip;
mod step;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

pub use self::agent::{AgentScript, Behaviour, Reply};
pub use self::clip::{Clip, ClipError};
pub use self::step::{Action, Awaited, Step};
use crate::phone::Codec;

/// Time a call may ring, unless the script says otherwise.
const ANSWER_WITHIN_MS: u64 = 10_000;

/// A call to be made: the caller's steps and the agents that wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Name in reports.
    pub name: String,
    /// How the caller's phone is set up.
    pub caller: CallerSettings,
    /// What the caller does once the call is up, in order.
    pub steps: Vec<Step>,
    /// The agents' phones.
    pub agents: Vec<AgentScript>,
}

/// How the caller's phone is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerSettings {
    /// URI in the From header.
    pub from: String,
    /// Codec offered first.
    pub codec: Codec,
    /// Longest time until the call is answered.
    pub answer_within: Duration,
    /// Gives up this long after the INVITE when the call still rings.
    pub cancel_after: Option<Duration>,
}

impl Default for CallerSettings {
    fn default() -> Self {
        CallerSettings {
            from: "sip:caller@example.com".to_owned(),
            codec: Codec::Pcmu,
            answer_within: Duration::from_millis(ANSWER_WITHIN_MS),
            cancel_after: None,
        }
    }
}

/// Why a script cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The file cannot be read.
    #[error("cannot read the script {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The text is not a script.
    #[error("the script is not valid: {0}")]
    Toml(#[from] toml::de::Error),
    /// A step contradicts itself.
    #[error("step {number}: {what}")]
    Step {
        /// Its place, from 1.
        number: usize,
        /// What to change.
        what: String,
    },
    /// An agent contradicts itself.
    #[error("agent {name}: {what}")]
    Agent {
        /// Its name.
        name: String,
        /// What to change.
        what: String,
    },
    /// A recording cannot be played.
    #[error(transparent)]
    Clip(#[from] ClipError),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScript {
    name: String,
    #[serde(default)]
    caller: RawCaller,
    #[serde(default)]
    step: Vec<step::RawStep>,
    #[serde(default)]
    agent: Vec<agent::RawAgent>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCaller {
    from: Option<String>,
    codec: Option<Codec>,
    answer_within_ms: Option<u64>,
    cancel_after_ms: Option<u64>,
}

impl Script {
    /// Reads a script and the recordings it names.
    ///
    /// # Errors
    /// When the file cannot be read or the script is not valid; the error names the step.
    pub fn load(path: &Path) -> Result<Self, ScriptError> {
        let unreadable = |source| ScriptError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let text = std::fs::read_to_string(path).map_err(unreadable)?;
        Self::parse(&text, path.parent().unwrap_or(Path::new(".")))
    }

    /// Reads a script from text; its recordings are looked for in `folder`.
    ///
    /// # Errors
    /// When the script is not valid; the error names the step.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ScriptError> {
        let raw: RawScript = toml::from_str(text)?;
        let steps: Result<Vec<Step>, _> = (1..)
            .zip(raw.step)
            .map(|(number, step)| step.check(number, folder))
            .collect();
        let agents: Result<Vec<AgentScript>, _> = (0..)
            .zip(raw.agent)
            .map(|(index, agent)| agent.check(index, folder))
            .collect();
        Ok(Script {
            name: raw.name,
            caller: raw.caller.into(),
            steps: steps?,
            agents: agents?,
        })
    }
}

impl From<RawCaller> for CallerSettings {
    fn from(raw: RawCaller) -> Self {
        let default = CallerSettings::default();
        CallerSettings {
            from: raw.from.unwrap_or(default.from),
            codec: raw.codec.unwrap_or(default.codec),
            answer_within: raw
                .answer_within_ms
                .map_or(default.answer_within, Duration::from_millis),
            cancel_after: raw.cancel_after_ms.map(Duration::from_millis),
        }
    }
}
