//! Opens the house: starts everything that calls share, and a task for each call.

use crate::brain::{Brain, BuiltIn};
use crate::call::{self, CallSettings, House};
use crate::config::{BrainKind, Config};
use crate::desk::Desk;
use crate::hearing::Hearing;
use crate::ports::RtpPorts;
use crate::recording::Recorder;
use crate::shop::Shop;
use crate::sip::{IncomingCall, Sip, SipConfig};
use crate::store::{Limits, StoreHandle};
use crate::voice::Voice;
use anyhow::Context;
use sidetone_asr::{Model, PoolConfig};
use sidetone_dialog::flow::prompts;
use sidetone_dialog::queue::{AgentConfig, AgentId, Queue, QueueConfig};
use sidetone_dialog::session::SessionConfig;
use sidetone_media::inbound::InboundConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Calls that may wait to be taken in; taking one in binds a port and no more.
const INCOMING: usize = 64;
/// How long a shutdown waits for calls to say goodbye.
const FAREWELL: Duration = Duration::from_secs(5);
/// How soon a promise made to a caller is to be kept.
const PROMISE_DUE: Duration = Duration::from_secs(3600);

/// A server that is up.
pub struct Server {
    sip: Sip,
    store: StoreHandle,
    ports: RtpPorts,
    recorder: Option<Recorder>,
    calls: TaskTracker,
    shutdown: CancellationToken,
    address: SocketAddr,
}

/// What a server is busy with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Calls from their INVITE to their last event.
    pub calls: usize,
    /// Legs of callers and agents, until their farewells are over.
    pub legs: usize,
    /// RTP ports in use.
    pub rtp_ports: usize,
}

impl Server {
    /// Starts everything; calls are taken from now on.
    ///
    /// # Errors
    /// What could not be started, and why.
    pub async fn start(config: &Config) -> anyhow::Result<Self> {
        let store = StoreHandle::open(&config.store.path, Limits::default())
            .await
            .context("the event store could not be opened")?;
        let shop = Shop::open(config.shop.path.as_deref())
            .await
            .context("the shop's orders could not be opened")?;
        let (incoming_sink, incoming) = mpsc::channel(INCOMING);
        let sip = Sip::start(sip_config(config), incoming_sink)
            .await
            .context("SIP could not be started")?;
        let address = sip.local_addr();
        let rtp_ports = config.media.rtp_ports;
        let ports = RtpPorts::new(config.media.ip, rtp_ports.first..=rtp_ports.last);
        let recorder = config
            .store
            .record
            .then(|| Recorder::start(config.store.recordings.clone()))
            .transpose()
            .context("recordings cannot be written")?;
        let settings = settings(config);
        let voice = Voice::start(config.tts.rate).context("the voice could not be started")?;
        if config.brain.kind == BrainKind::Builtin {
            voice.prepare(prompts::fixed());
        }
        voice.prepare(settings.session.fixed());
        let house = House {
            sip: sip.clone(),
            ports: ports.clone(),
            hearing: hearing(config)?,
            voice,
            desk: Desk::start(Queue::new(QueueConfig {
                agents: agents(config),
                ..QueueConfig::default()
            })),
            store: store.clone(),
            brain: brain(config, shop)?,
            recorder: recorder.clone(),
            settings: Arc::new(settings),
            calls: Arc::new(AtomicU64::new(0)),
        };
        let calls = TaskTracker::new();
        // Closed only means that it can be waited for: calls are still taken.
        calls.close();
        let shutdown = CancellationToken::new();
        tokio::spawn(take_calls(house, incoming, calls.clone(), shutdown.clone()));
        Ok(Self {
            sip,
            store,
            ports,
            recorder,
            calls,
            shutdown,
            address,
        })
    }

    /// Where SIP is heard.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the server is busy with at the moment.
    pub fn load(&self) -> Load {
        Load {
            calls: self.calls.len(),
            legs: self.sip.legs(),
            rtp_ports: self.ports.in_use(),
        }
    }

    /// Waits until no call is up and all that calls left behind is on disk.
    pub async fn idle(&self) {
        self.calls.wait().await;
        self.sip.idle().await;
        self.flush().await;
    }

    /// Resolves when signalling has stopped by itself.
    pub async fn failed(&self) {
        self.sip.stopped().await;
    }

    /// Says goodbye to all calls, and writes what is still to be written.
    pub async fn shut_down(self) {
        self.sip.drain();
        self.shutdown.cancel();
        if tokio::time::timeout(FAREWELL, self.calls.wait())
            .await
            .is_err()
        {
            tracing::warn!(calls = self.calls.len(), "some calls did not end in time");
        }
        self.flush().await;
        self.sip.shutdown().await;
        if let Err(error) = self.store.close().await {
            tracing::error!(%error, "some events could not be written");
        }
    }

    async fn flush(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.flush().await;
        }
        if let Err(error) = self.store.flush().await {
            tracing::warn!(%error, "some events are not written yet");
        }
    }
}

async fn take_calls(
    house: House,
    mut incoming: mpsc::Receiver<IncomingCall>,
    calls: TaskTracker,
    shutdown: CancellationToken,
) {
    while let Some(call) = incoming.recv().await {
        // A task each: a call that panics ends alone.
        calls.spawn(call::run(house.clone(), call, shutdown.clone()));
    }
}

fn sip_config(config: &Config) -> SipConfig {
    SipConfig {
        advertised: config.sip.advertised.map(|address| address.ip()),
        headers: config.sip.headers.clone(),
        max_inbound: config.sip.max_calls,
        max_outbound: config.sip.max_calls,
        ..SipConfig::new(config.sip.bind)
    }
}

fn hearing(config: &Config) -> anyhow::Result<Hearing> {
    let model = match config.asr.model_file() {
        Some(path) => Model::load(path),
        None => Model::embedded(),
    }
    .context("the speech model could not be loaded")?;
    let pool = PoolConfig {
        workers: config.asr.worker_count(),
        queue: config.asr.queue,
        ..PoolConfig::default()
    };
    Hearing::start(model, pool).context("the recogniser could not be started")
}

fn brain(config: &Config, shop: Shop) -> anyhow::Result<Brain> {
    Ok(match config.brain.kind {
        BrainKind::Builtin => Brain::BuiltIn(BuiltIn::new(shop, &config.handover)),
        BrainKind::Grpc => Brain::Remote {
            endpoint: tonic::transport::Endpoint::from_shared(config.brain.address.clone())
                .context("brain.address is not an address like http://127.0.0.1:50051")?,
            redial: config.brain.redial,
            give_up: config.brain.give_up,
        },
    })
}

fn agents(config: &Config) -> Vec<AgentConfig> {
    config
        .agents
        .iter()
        .map(|agent| AgentConfig {
            id: AgentId(agent.id.clone()),
            skills: agent.skills.clone(),
        })
        .collect()
}

fn settings(config: &Config) -> CallSettings {
    let mut session = SessionConfig::default();
    let handover = &config.handover;
    session.default_deadline = handover.deadline;
    session.default_ring = handover.ring;
    session.transfer.offer_before = handover.deadline.saturating_sub(handover.offer);
    session.transfer.commit_before = handover.deadline.saturating_sub(handover.promise);
    CallSettings {
        inbound: InboundConfig {
            initial_delay: config.media.jitter_min,
            min_delay: config.media.jitter_min,
            max_delay: config.media.jitter_max,
            ..InboundConfig::default()
        },
        session,
        agents: config
            .agents
            .iter()
            .map(|agent| (AgentId(agent.id.clone()), agent.uri.clone()))
            .collect(),
        promise_due: PROMISE_DUE,
    }
}
