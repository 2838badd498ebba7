//! What goes into a phone and comes out: datagrams on its two sockets, times, and events for
//! whoever watches.

use std::net::SocketAddr;
use std::time::Duration;

use super::event::PhoneEvent;

/// One thing a phone wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    /// Send from the SIP socket.
    Sip { to: SocketAddr, bytes: Vec<u8> },
    /// Send from the RTP socket.
    Rtp { to: SocketAddr, bytes: Vec<u8> },
    /// Tell.
    Event(PhoneEvent),
}

/// A phone as the loop that drives it sees it: facts and times in, outputs out.
pub(crate) trait Phone {
    /// Takes a datagram from the SIP socket.
    fn handle_sip(&mut self, now: Duration, from: SocketAddr, datagram: &[u8]);
    /// Takes a datagram from the RTP socket.
    fn handle_rtp(&mut self, now: Duration, packet: &[u8]);
    /// The next thing to do.
    fn poll_output(&mut self) -> Option<Output>;
    /// When [`Phone::handle_timeout`] wants to be called.
    fn poll_timeout(&self) -> Option<Duration>;
    /// Does what is due.
    fn handle_timeout(&mut self, now: Duration);
}
