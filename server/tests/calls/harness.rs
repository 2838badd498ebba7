//! A server of its own for each test, the calls placed to it, and what they left in its store.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use serde_json::Value;
use sidetone_fixtures::measure::CallReport;
use sidetone_fixtures::phone::{CallError, CallOptions, PhoneEvent, Target, What, run_call};
use sidetone_fixtures::script::{AgentScript, Script};
use sidetone_server::config::{Agent, Config, PortRange};
use sidetone_server::serve::{Load, Server};
use sidetone_server::store::{CallFilter, CallSummary, Reader, StoredEvent};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longer than any call of these tests takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// RTP ports of one test: eight legs.
const PORTS: u16 = 16;
/// The first RTP port of the first test: below the ports that the system hands out.
static NEXT_PORT: AtomicU16 = AtomicU16::new(23_000);

/// A server under test with its folder.
pub(crate) struct House {
    pub(crate) server: Server,
    pub(crate) config: Config,
    /// Goes when the test ends.
    _folder: TempDir,
}

/// One call as the store has it.
pub(crate) struct Record {
    pub(crate) summary: CallSummary,
    pub(crate) events: Vec<StoredEvent>,
}

pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future)
        .await
        .expect("it did not happen in time")
}

/// What a test's server is configured with, unless the test says otherwise.
pub(crate) fn config(folder: &Path) -> Config {
    let mut config = Config::default();
    let first = NEXT_PORT.fetch_add(PORTS, Ordering::Relaxed);
    config.sip.bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    config.sip.max_calls = 4;
    config.media.rtp_ports = PortRange {
        first,
        last: first + PORTS - 1,
    };
    config.asr.workers = 1;
    config.store.path = folder.join("sidetone.db");
    config.store.recordings = folder.join("recordings");
    config
}

/// An address on which nobody listens.
pub(crate) fn free_address() -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.local_addr().unwrap()
}

/// The agents of a script as the server knows them.
pub(crate) fn known(agents: &[AgentScript]) -> Vec<Agent> {
    let known = |agent: &AgentScript| Agent {
        id: agent.behaviour.name.clone(),
        uri: format!("sip:{}@{}", agent.behaviour.name, agent.listen),
        skills: vec!["care".to_owned()],
    };
    agents.iter().map(known).collect()
}

impl House {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(folder.path());
        change(&mut config);
        let server = Server::start(&config).await.unwrap();
        House {
            server,
            config,
            _folder: folder,
        }
    }

    pub(crate) fn target(&self) -> Target {
        Target::from(self.server.address())
    }

    /// Places a call whose script must run to its end.
    pub(crate) async fn call(&self, script: Script) -> CallReport {
        self.call_watched(script, None).await
    }

    /// The same, with what the phones tell meanwhile.
    pub(crate) async fn call_watched(
        &self,
        script: Script,
        watcher: Option<mpsc::Sender<PhoneEvent>>,
    ) -> CallReport {
        match self.place(script, watcher).await {
            Ok(report) => report,
            Err(error) => panic!("{}", explain(&error)),
        }
    }

    /// Places a call that may fail.
    pub(crate) async fn place(
        &self,
        script: Script,
        watcher: Option<mpsc::Sender<PhoneEvent>>,
    ) -> Result<CallReport, CallError> {
        let options = CallOptions::default();
        soon(run_call(script, &self.target(), &options, watcher)).await
    }

    /// Waits for the end of everything and checks that nothing of any call is left.
    pub(crate) async fn is_clean(&self) {
        soon(self.server.idle()).await;
        assert_eq!(self.server.load(), Load::default());
    }

    /// The calls so far, the last one first, once they are over.
    pub(crate) async fn records(&self) -> Vec<Record> {
        self.is_clean().await;
        let mut reader = Reader::open(&self.config.store.path).await.unwrap();
        let calls = reader.list_calls(100, &CallFilter::default()).await;
        let mut records = Vec::new();
        for summary in calls.unwrap() {
            let events = reader.call_events(&summary.call_id).await.unwrap().events;
            records.push(Record { summary, events });
        }
        records
    }

    /// The only call so far, once it is over.
    pub(crate) async fn record(&self) -> Record {
        let mut records = self.records().await;
        assert_eq!(records.len(), 1);
        records.remove(0)
    }

    pub(crate) fn recording(&self, call_id: &str) -> PathBuf {
        let name = format!("{call_id}.wav");
        self.config.store.recordings.join(name)
    }
}

impl Record {
    /// The bodies of all events of a kind, in order.
    pub(crate) fn all<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Value> {
        let of_kind = self.events.iter().filter(move |event| event.kind == kind);
        of_kind.map(|event| &event.body)
    }

    /// The values of one field of all events of a kind, in order.
    pub(crate) fn texts<'a>(&'a self, kind: &'a str, field: &'a str) -> Vec<&'a str> {
        let text = move |body: &'a Value| body[field].as_str();
        self.all(kind).filter_map(text).collect()
    }

    /// Every word of the bot that left as sound, by the server's own count.
    pub(crate) fn heard(&self) -> String {
        self.texts("prompt_ended", "heard").join(" ")
    }

    /// Checks that the call has one end, and that its events are numbered without a gap.
    pub(crate) fn is_whole(&self) {
        assert_eq!(self.all("ended").count(), 1, "{:?}", self.kinds());
        let numbers: Vec<u64> = self.events.iter().filter_map(|event| event.seq).collect();
        let expected: Vec<u64> = (1..).take(numbers.len()).collect();
        assert_eq!(numbers, expected);
    }

    pub(crate) fn kinds(&self) -> Vec<&str> {
        let kinds = self.events.iter().map(|event| event.kind.as_str());
        kinds.collect()
    }
}

/// Waits until a phone tells something, or until the call is over: then the call's own report says
/// what did not happen.
pub(crate) async fn told(
    events: &mut mpsc::Receiver<PhoneEvent>,
    mut wanted: impl FnMut(&What) -> bool,
) {
    let search = async {
        while let Some(event) = events.recv().await {
            if wanted(&event.what) {
                return;
            }
        }
    };
    soon(search).await;
}

/// The failure with everything that came before it.
fn explain(error: &CallError) -> String {
    let mut text = error.to_string();
    if let CallError::Failed { report, .. } = error {
        for event in &report.timeline {
            text.push_str(&format!("\n{event}"));
        }
    }
    text
}
