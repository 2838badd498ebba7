//! The configuration: one TOML file, read once, with every mistake reported before anything starts.
//!
//! [`DEFAULTS`] is both the default and the documentation of every key. Reading goes from a
//! [`Source`] to a [`Config`] or to [`Problems`]. Nothing here binds a port or starts a task; what
//! only the machine can tell (is this port free?) is the doctor's.

mod check;
mod host;
mod problem;
mod read;
mod sections;
mod source;
#[cfg(test)]
mod tests;
mod value;

pub use host::{MODEL_MAGIC, ModelFault, check_model};
pub use problem::{Problem, Problems};
pub use sections::{
    Agent, Asr, Brain, BrainKind, EMBEDDED_MODEL, Handover, Level, Log, Media, Shop, Sip, Store,
    Tts,
};
pub use source::{CONFIG_FILE, CONFIG_VARIABLE, Source};
pub use value::PortRange;

use serde::{Deserialize, Serialize};

/// The default configuration as a commented file: the documentation of every key.
pub const DEFAULTS: &str = include_str!("sidetone.toml");

/// All that can be configured. Each field is a section of the file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How calls come in.
    pub sip: Sip,
    /// The sound of calls.
    pub media: Media,
    /// Speech recognition.
    pub asr: Asr,
    /// The voice.
    pub tts: Tts,
    /// Who decides what to say.
    pub brain: Brain,
    /// The deadlines of a handover.
    pub handover: Handover,
    /// The humans, in the order in which they are tried.
    #[serde(rename = "agent")]
    pub agents: Vec<Agent>,
    /// What is kept.
    pub store: Store,
    /// The demonstration shop.
    pub shop: Shop,
    /// What the server says about itself.
    pub log: Log,
}

impl Config {
    /// Reads a configuration from text alone, and reports everything that is wrong with it.
    ///
    /// # Errors
    /// All mistakes at once: syntax, unknown keys, wrong types, values out of range, and keys that
    /// contradict each other.
    pub fn parse(source: &Source) -> Result<Self, Problems> {
        let (config, problems) = read::read(source);
        Problems::unless_empty(source, problems).map(|()| config)
    }

    /// Reads a configuration and also looks at the files that it names.
    ///
    /// # Errors
    /// All mistakes at once, as [`Config::parse`], and a model file that is missing or is none.
    pub fn load(source: &Source) -> Result<Self, Problems> {
        let (config, mut problems) = read::read(source);
        problems.extend(host::check(&config));
        Problems::unless_empty(source, problems).map(|()| config)
    }

    /// The configuration as TOML, every key with the value in force.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("every section is a table of plain values")
    }
}
