//! How an agent's phone behaves, and how that is written in TOML.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::ScriptError;
use super::clip::Clip;

/// Time an agent lets the phone ring, unless the script says otherwise.
const RING_MS: u64 = 500;
/// Silence on the line, once there is audio, before the greeting.
const GREET_AFTER_MS: u64 = 500;

/// What an agent does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Take it.
    Answer,
    /// Refuse it with this status, 4xx to 6xx.
    Decline(u16),
    /// Let it ring.
    NeverAnswer,
}

/// How an agent's phone behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behaviour {
    /// Name in reports.
    pub name: String,
    /// Which pilot tone the phone sounds; agents of one test have different ones.
    pub pilot: usize,
    /// What it does with a call.
    pub reply: Reply,
    /// How long it rings before that.
    pub ring: Duration,
    /// Hangs up this long after the answer.
    pub hang_up_after: Option<Duration>,
    /// What it says first: once it receives audio and has heard no speech for this long.
    pub greeting: Option<(Duration, Clip)>,
    /// What it says after each time the caller has spoken and stopped.
    pub replies: Vec<Clip>,
}

impl Behaviour {
    /// An agent who answers after `ring` and says nothing.
    pub fn answering(name: &str, pilot: usize, ring: Duration) -> Self {
        Behaviour {
            name: name.to_owned(),
            pilot,
            reply: Reply::Answer,
            ring,
            hang_up_after: None,
            greeting: None,
            replies: Vec::new(),
        }
    }
}

/// An agent's phone as a script describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentScript {
    /// Address its SIP socket listens on.
    pub listen: SocketAddr,
    /// How it behaves.
    pub behaviour: Behaviour,
}

/// An agent as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAgent {
    name: String,
    listen: SocketAddr,
    #[serde(default)]
    decline: Option<u16>,
    #[serde(default)]
    never_answer: bool,
    ring_ms: Option<u64>,
    hang_up_after_ms: Option<u64>,
    greeting: Option<String>,
    greet_after_ms: Option<u64>,
    #[serde(default)]
    replies: Vec<String>,
}

impl RawAgent {
    /// Checks the agent and loads its recordings from `folder`.
    pub(crate) fn check(self, index: usize, folder: &Path) -> Result<AgentScript, ScriptError> {
        let wrong = |what: &str| ScriptError::Agent {
            name: self.name.clone(),
            what: what.to_owned(),
        };
        let reply = match (self.decline, self.never_answer) {
            (Some(_), true) => return Err(wrong("give decline or never_answer, not both")),
            (Some(status @ 400..=699), false) => Reply::Decline(status),
            (Some(_), false) => return Err(wrong("decline takes a status from 400 to 699")),
            (None, true) => Reply::NeverAnswer,
            (None, false) => Reply::Answer,
        };
        let greet_after = Duration::from_millis(self.greet_after_ms.unwrap_or(GREET_AFTER_MS));
        let load = |file: &String| Clip::load(&folder.join(file));
        let greeting = self.greeting.as_ref().map(load).transpose()?;
        let replies: Result<Vec<Clip>, _> = self.replies.iter().map(load).collect();
        let behaviour = Behaviour {
            name: self.name,
            pilot: index,
            reply,
            ring: Duration::from_millis(self.ring_ms.unwrap_or(RING_MS)),
            hang_up_after: self.hang_up_after_ms.map(Duration::from_millis),
            greeting: greeting.map(|clip| (greet_after, clip)),
            replies: replies?,
        };
        Ok(AgentScript {
            listen: self.listen,
            behaviour,
        })
    }
}
