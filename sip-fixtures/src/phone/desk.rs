//! Agents' phones over real sockets: started before a call, stopped and asked after it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::agent::AgentPhone;
use super::clock::{self, Clock};
use super::event::PhoneEvent;
use super::line::recording::Recording;
use super::net::Wires;
use crate::measure::AgentReport;
use crate::script::Behaviour;

/// How long an agent's phone that is told to stop waits for the end of its call.
const LINGER: Duration = Duration::from_secs(2);

/// Starts agents' phones.
#[derive(Debug)]
pub struct Agent;

/// A running agent's phone.
#[derive(Debug)]
pub struct AgentHandle {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<Finished>>,
}

/// What an agent's phone leaves behind.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) report: AgentReport,
    pub(crate) recordings: Vec<Recording>,
    pub(crate) timeline: Vec<PhoneEvent>,
}

impl Agent {
    /// Starts a phone that takes calls at `bind` (port 0 for a free one) as `behaviour` says.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(
        clock: Clock,
        bind: SocketAddr,
        behaviour: Behaviour,
        watcher: Option<mpsc::Sender<PhoneEvent>>,
    ) -> io::Result<AgentHandle> {
        let wires = Wires::open(clock, bind, watcher).await?;
        let (address, rtp) = wires.addresses()?;
        let phone = AgentPhone::new(behaviour, address, rtp, clock::seed());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(take_calls(clock, wires, phone, stopped));
        Ok(AgentHandle {
            address,
            stop,
            task,
        })
    }
}

impl AgentHandle {
    /// Address of the phone's SIP socket.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits shortly for the end of the call that is going on, stops the phone and reports.
    ///
    /// # Errors
    /// When the phone's sockets failed.
    pub async fn stop(self) -> io::Result<AgentReport> {
        Ok(self.finish().await?.report)
    }

    /// Like [`AgentHandle::stop`], with the recordings and the timeline.
    pub(crate) async fn finish(self) -> io::Result<Finished> {
        // The task ends by itself only with an error, which the join shows.
        let _ = self.stop.send(());
        self.task.await.map_err(io::Error::other)?
    }
}

async fn take_calls(
    clock: Clock,
    mut wires: Wires,
    mut phone: AgentPhone,
    mut stopped: oneshot::Receiver<()>,
) -> io::Result<Finished> {
    loop {
        tokio::select! {
            biased;
            _ = &mut stopped => break,
            turn = wires.turn(&mut phone) => turn?,
        }
    }
    let linger = clock.moment(clock.now() + LINGER);
    while phone.is_busy() {
        match tokio::time::timeout_at(linger, wires.turn(&mut phone)).await {
            Ok(turn) => turn?,
            Err(_) => break,
        }
    }
    let (report, recordings) = phone.into_report();
    Ok(Finished {
        report,
        recordings,
        timeline: wires.timeline,
    })
}
