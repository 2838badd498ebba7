//! One scripted call over real sockets, from the script to the report.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio::sync::mpsc;

use super::caller::{CallFailure, CallerPhone};
use super::clock::{self, Clock};
use super::desk::Agent;
use super::event::PhoneEvent;
use super::line::recording::Recording;
use super::net::Wires;
use super::sip;
use crate::measure::{AgentCallReport, BridgeReport, CallReport};
use crate::script::Script;

/// Whom to call: a SIP URI whose host is an IP address or `localhost`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    uri: String,
    address: SocketAddr,
}

/// The text is no SIP URI this phone can call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a target: write sip:NAME@127.0.0.1:5060 (an IP address or localhost)")]
pub struct TargetError(String);

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let uri = if text.starts_with("sip:") {
            text.to_owned()
        } else {
            format!("sip:{text}")
        };
        let address = sip::socket_of(&uri).ok_or_else(|| TargetError(text.to_owned()))?;
        Ok(Target { uri, address })
    }
}

impl From<SocketAddr> for Target {
    fn from(address: SocketAddr) -> Self {
        Target {
            uri: format!("sip:{address}"),
            address,
        }
    }
}

/// Where a call is made from and where its recordings go.
#[derive(Debug, Clone)]
pub struct CallOptions {
    /// Address of the caller's sockets.
    pub bind: IpAddr,
    /// Folder for `caller.wav` and `agent-NAME-N.wav` (left said, right heard); none are written
    /// without it.
    pub record_to: Option<PathBuf>,
}

impl Default for CallOptions {
    fn default() -> Self {
        CallOptions {
            bind: Ipv4Addr::LOCALHOST.into(),
            record_to: None,
        }
    }
}

/// Why a scripted call gave no full result.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// A socket could not be opened or read.
    #[error("the phone's sockets fail: {0}")]
    Socket(#[from] io::Error),
    /// A recording could not be written.
    #[error("cannot write {path}: {source}")]
    Recording {
        /// The file.
        path: PathBuf,
        /// What the writer said.
        source: hound::Error,
    },
    /// The call did not run its script to the end.
    #[error("{failure}")]
    Failed {
        /// What went wrong, with the step's name.
        failure: CallFailure,
        /// What was measured until then.
        report: Box<CallReport>,
    },
}

/// Runs a script: starts its agents, calls `target`, plays the steps, hangs up, and reports.
///
/// `watcher` gets every event as it happens; events it has no room for are in the report only.
///
/// # Errors
/// When a socket or a recording fails, or the script does not run to its end: the error names the
/// step and holds the report so far.
pub async fn run_call(
    script: Script,
    target: &Target,
    options: &CallOptions,
    watcher: Option<mpsc::Sender<PhoneEvent>>,
) -> Result<CallReport, CallError> {
    let clock = Clock::start();
    let mut agents = Vec::new();
    for agent in &script.agents {
        let behaviour = agent.behaviour.clone();
        agents.push(Agent::start(clock, agent.listen, behaviour, watcher.clone()).await?);
    }
    let mut wires = Wires::open(clock, SocketAddr::new(options.bind, 0), watcher).await?;
    let (uri, peer) = (&target.uri, target.address);
    let sockets = wires.addresses()?;
    let mut phone = CallerPhone::dial(clock.now(), script, uri, peer, sockets, clock::seed());
    while !phone.is_done() {
        wires.turn(&mut phone).await?;
    }
    let (mut report, line, failure) = phone.into_report();
    report.timeline = wires.timeline;
    if let (Some(folder), Some(line)) = (&options.record_to, line) {
        write(&line.recording, folder, "caller.wav")?;
    }
    for agent in agents {
        let finished = agent.finish().await?;
        if let Some(folder) = &options.record_to {
            for (number, recording) in (1..).zip(&finished.recordings) {
                write(
                    recording,
                    folder,
                    &format!("agent-{}-{number}.wav", finished.report.name),
                )?;
            }
        }
        report.timeline.extend(finished.timeline);
        report.agents.push(finished.report);
    }
    report.timeline.sort_by_key(|event| event.at_ms);
    add_bridge(&mut report);
    match failure {
        Some(failure) => Err(CallError::Failed {
            failure,
            report: Box::new(report),
        }),
        None => Ok(report),
    }
}

fn write(recording: &Recording, folder: &Path, name: &str) -> Result<(), CallError> {
    let path = folder.join(name);
    recording
        .write(&path)
        .map_err(|source| CallError::Recording { path, source })
}

/// Joins both ends' view of the bridge: the agent's 200 OK and who heard whom when.
fn add_bridge(report: &mut CallReport) {
    let Some(handover) = &mut report.handover else {
        return;
    };
    let agent = report
        .agents
        .iter()
        .find(|agent| agent.name == handover.agent);
    let answered = |call: &&AgentCallReport| call.answered_at_ms.is_some();
    let Some(call) = agent.and_then(|agent| agent.calls.iter().rev().find(answered)) else {
        return;
    };
    let Some(answered) = call.answered_at_ms else {
        return;
    };
    let to_caller = handover.audio_at_ms.saturating_sub(answered);
    let to_agent = call
        .caller_audio_at_ms
        .map(|heard| heard.saturating_sub(answered));
    handover.bridged = Some(BridgeReport {
        agent_to_caller_ms: to_caller,
        caller_to_agent_ms: to_agent,
        both_ways_ms: to_agent.map(|to_agent| to_agent.max(to_caller)),
    });
}
