//! The sockets of one phone, and the loop that connects them to its state machine.

use std::io;
use std::net::SocketAddr;

use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use super::clock::Clock;
use super::event::PhoneEvent;
use super::output::{Output, Phone};

/// Largest datagram.
const DATAGRAM_BYTES: usize = 65_535;

/// The sockets of one phone.
#[derive(Debug)]
pub(crate) struct Wires {
    clock: Clock,
    sip: UdpSocket,
    rtp: UdpSocket,
    sip_buffer: Vec<u8>,
    rtp_buffer: Vec<u8>,
    watcher: Option<mpsc::Sender<PhoneEvent>>,
    pub(crate) timeline: Vec<PhoneEvent>,
}

/// What came in.
enum Input {
    Deadline,
    Sip(usize, SocketAddr),
    Rtp(usize),
}

impl Wires {
    /// Opens a SIP socket at `sip` and an RTP socket on a free port of the same address.
    pub(crate) async fn open(
        clock: Clock,
        sip: SocketAddr,
        watcher: Option<mpsc::Sender<PhoneEvent>>,
    ) -> io::Result<Self> {
        let sip_socket = UdpSocket::bind(sip).await?;
        let rtp_socket = UdpSocket::bind(SocketAddr::new(sip.ip(), 0)).await?;
        // A new socket takes nothing until it is known to be writable, and the INVITE would be lost.
        sip_socket.writable().await?;
        rtp_socket.writable().await?;
        Ok(Wires {
            clock,
            sip: sip_socket,
            rtp: rtp_socket,
            sip_buffer: vec![0; DATAGRAM_BYTES],
            rtp_buffer: vec![0; DATAGRAM_BYTES],
            watcher,
            timeline: Vec::new(),
        })
    }

    /// Addresses of the SIP and the RTP socket.
    pub(crate) fn addresses(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.sip.local_addr()?, self.rtp.local_addr()?))
    }

    /// Does what the phone wants, waits for the next input and hands it over.
    /// Dropping the future loses nothing: it only ever waits with empty hands.
    pub(crate) async fn turn(&mut self, phone: &mut impl Phone) -> io::Result<()> {
        self.flush(phone);
        let deadline = phone.poll_timeout().map(|time| self.clock.moment(time));
        let timer = async {
            match deadline {
                Some(deadline) => tokio::time::sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let input = tokio::select! {
            // Frames go out on their beat however many packets wait.
            biased;
            () = timer => Input::Deadline,
            read = self.rtp.recv_from(&mut self.rtp_buffer) => Input::Rtp(read?.0),
            read = self.sip.recv_from(&mut self.sip_buffer) => {
                let (length, from) = read?;
                Input::Sip(length, from)
            }
        };
        let now = self.clock.now();
        match input {
            Input::Deadline => phone.handle_timeout(now),
            Input::Rtp(length) => phone.handle_rtp(now, &self.rtp_buffer[..length]),
            Input::Sip(length, from) => phone.handle_sip(now, from, &self.sip_buffer[..length]),
        }
        self.flush(phone);
        Ok(())
    }

    /// Sends and tells whatever waits. A datagram the socket cannot take at once is lost, as any
    /// datagram can be; an event the watcher has no room for stays in the timeline.
    fn flush(&mut self, phone: &mut impl Phone) {
        while let Some(output) = phone.poll_output() {
            match output {
                Output::Sip { to, bytes } => drop(self.sip.try_send_to(&bytes, to)),
                Output::Rtp { to, bytes } => drop(self.rtp.try_send_to(&bytes, to)),
                Output::Event(event) => {
                    if let Some(watcher) = &self.watcher {
                        drop(watcher.try_send(event.clone()));
                    }
                    self.timeline.push(event);
                }
            }
        }
    }
}
