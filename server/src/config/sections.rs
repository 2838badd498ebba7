//! The sections of the configuration and their defaults. What each key means, its unit and its
//! range stand in `sidetone.toml`; here stand the types.

use super::value::{PortRange, milliseconds, or_empty, path_or_empty, seconds};
use serde::{Deserialize, Serialize};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// The word that stands for the model that comes with the program.
pub const EMBEDDED_MODEL: &str = "embedded";

const fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

/// How calls come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sip {
    /// Where SIP is heard.
    pub bind: SocketAddr,
    /// Where peers are told to answer to; none: at [`Sip::bind`].
    #[serde(with = "or_empty")]
    pub advertised: Option<SocketAddr>,
    /// Calls at the same time.
    pub max_calls: usize,
    /// Headers of the INVITE that the brain is told of.
    pub headers: Vec<String>,
}

impl Default for Sip {
    fn default() -> Self {
        Self {
            bind: local(5060),
            advertised: None,
            max_calls: 32,
            headers: Vec::new(),
        }
    }
}

/// The sound of calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    /// Where RTP is received.
    pub ip: IpAddr,
    /// The ports of RTP and RTCP.
    pub rtp_ports: PortRange,
    /// The least time for which the jitter buffer holds sound back.
    #[serde(rename = "jitter_min_ms", with = "milliseconds")]
    pub jitter_min: Duration,
    /// The longest time for which the jitter buffer holds sound back.
    #[serde(rename = "jitter_max_ms", with = "milliseconds")]
    pub jitter_max: Duration,
}

impl Default for Media {
    fn default() -> Self {
        Self {
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            rtp_ports: PortRange {
                first: 30_000,
                last: 30_999,
            },
            jitter_min: Duration::from_millis(40),
            jitter_max: Duration::from_millis(200),
        }
    }
}

/// Speech recognition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asr {
    /// [`EMBEDDED_MODEL`], or a model file's path.
    pub model: String,
    /// Threads; 0 leaves the choice to [`Asr::worker_count`].
    pub workers: usize,
    /// Utterances that may wait for a worker.
    pub queue: usize,
}

impl Asr {
    /// The model file; none for the model that comes with the program.
    #[must_use]
    pub fn model_file(&self) -> Option<&Path> {
        (self.model != EMBEDDED_MODEL).then(|| Path::new(&self.model))
    }

    /// The number of threads, after 0 has been replaced by what suits the machine: one core is
    /// left to the calls themselves.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        if self.workers > 0 {
            return self.workers;
        }
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        cores.saturating_sub(1).max(1)
    }
}

impl Default for Asr {
    fn default() -> Self {
        Self {
            model: EMBEDDED_MODEL.to_owned(),
            workers: 0,
            queue: 16,
        }
    }
}

/// The voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tts {
    /// Pace of speech; 1.0 is the voice's own.
    pub rate: f32,
}

impl Default for Tts {
    fn default() -> Self {
        Self { rate: 1.0 }
    }
}

/// Who decides what to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Brain {
    /// Which brain.
    pub kind: BrainKind,
    /// Where a [`BrainKind::Grpc`] brain listens.
    pub address: String,
    /// Wait between two attempts to reach a lost brain.
    #[serde(rename = "redial_ms", with = "milliseconds")]
    pub redial: Duration,
    /// Time after which a lost brain is given up.
    #[serde(rename = "give_up_ms", with = "milliseconds")]
    pub give_up: Duration,
}

impl Default for Brain {
    fn default() -> Self {
        Self {
            kind: BrainKind::Builtin,
            address: "http://127.0.0.1:50051".to_owned(),
            redial: Duration::from_millis(500),
            give_up: Duration::from_secs(5),
        }
    }
}

/// The kinds of brain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BrainKind {
    /// The conversation that comes with the program.
    Builtin,
    /// A customer's own, over gRPC.
    Grpc,
}

/// The deadlines of a handover, each counted from the decision to hand over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Handover {
    /// The caller has a human or a promise.
    #[serde(rename = "deadline_s", with = "seconds")]
    pub deadline: Duration,
    /// The caller is offered to be called back.
    #[serde(rename = "offer_s", with = "seconds")]
    pub offer: Duration,
    /// A promise is stored and spoken.
    #[serde(rename = "promise_s", with = "seconds")]
    pub promise: Duration,
    /// How long one agent's phone rings.
    #[serde(rename = "ring_s", with = "seconds")]
    pub ring: Duration,
}

impl Default for Handover {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(30),
            offer: Duration::from_secs(20),
            promise: Duration::from_secs(25),
            ring: Duration::from_secs(8),
        }
    }
}

/// A human. Every key is needed: the empty defaults are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Agent {
    /// The name in the record.
    pub id: String,
    /// Where the phone is.
    pub uri: String,
    /// What the human can help with.
    pub skills: Vec<String>,
}

/// What is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Store {
    /// The file of events and promises.
    pub path: PathBuf,
    /// Whether calls are recorded as sound.
    pub record: bool,
    /// The folder of recordings.
    pub recordings: PathBuf,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            path: PathBuf::from("data/sidetone.db"),
            record: true,
            recordings: PathBuf::from("data/recordings"),
        }
    }
}

/// The demonstration shop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shop {
    /// The file of orders; none: in memory.
    #[serde(with = "path_or_empty")]
    pub path: Option<PathBuf>,
}

/// What the server says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// The least weighty line that is written.
    pub level: Level,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: Level::Info }
    }
}

/// The weights of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something broke that a person must mend.
    Error,
    /// Something is not as it should be; the server copes.
    Warn,
    /// Starts, ends and calls.
    Info,
    /// What each part does.
    Debug,
    /// Every message and timer.
    Trace,
}

impl Level {
    /// The level's name, as a filter of log lines takes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
