//! The media of one leg: a socket with an inbound and an outbound half of `sidetone-media`.

use crate::ports::RtpSocket;
use sidetone_media::frame::{Frame, FrameKind};
use sidetone_media::inbound::{Inbound, InboundConfig};
use sidetone_media::outbound::Outbound;
use sidetone_media::sdp::{Direction, MediaPlan};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// The longest datagram taken; RTP of 100 ms G.711 has 812 bytes, and what is longer is rubbish.
const MAX_DATAGRAM: usize = 1500;
/// Datagrams taken in one go, so that a flood on one leg cannot starve the call's own frames.
const MAX_BATCH: usize = 64;

/// One party's media.
pub(super) struct MediaLeg {
    socket: RtpSocket,
    inbound: Inbound,
    outbound: Outbound,
    plan: MediaPlan,
}

impl MediaLeg {
    /// `seed` gives the random start of SSRC, sequence number and timestamp (RFC 3550 §5.1).
    pub(super) fn new(
        socket: RtpSocket,
        plan: MediaPlan,
        config: InboundConfig,
        seed: u64,
    ) -> Self {
        let [a, b, c, d, e, f, g, h] = seed.to_be_bytes();
        let ssrc = u32::from_be_bytes([a, b, c, d]);
        let sequence = u16::from_be_bytes([e, f]);
        let timestamp = u32::from_be_bytes([g, h, a, b]);
        Self {
            socket,
            inbound: Inbound::new(plan, config),
            outbound: Outbound::new(plan, ssrc, sequence, timestamp),
            plan,
        }
    }

    /// Waits until datagrams are there.
    pub(super) async fn readable(&self) {
        // An error of the socket shows again when it is read, where it is dropped.
        let _ = self.socket.readable().await;
    }

    /// Takes the datagrams that are there.
    pub(super) fn receive(&mut self, now: Duration) {
        let mut datagram = [0; MAX_DATAGRAM];
        for _ in 0..MAX_BATCH {
            match self.socket.try_recv_from(&mut datagram) {
                Ok((length, source)) => {
                    self.inbound.handle_packet(now, source, &datagram[..length]);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // An ICMP error of an earlier send surfaces here; the peer may yet come up.
                Err(_) => {}
            }
        }
    }

    /// Writes the frame that is due; to be called once in 20 ms.
    pub(super) fn poll_frame(&mut self, now: Duration, frame: &mut Frame) -> FrameKind {
        self.inbound.poll_frame(now, frame)
    }

    /// The next key that was pressed.
    pub(super) fn poll_digit(&mut self) -> Option<char> {
        self.inbound.poll_digit().map(|digit| digit.digit)
    }

    /// Sends one frame. UDP promises nothing, so a full socket buffer is a lost packet.
    pub(super) fn send(&mut self, frame: &Frame) {
        match self.plan.direction {
            Direction::SendRecv | Direction::SendOnly => {
                let to = self.destination();
                let _ = self.socket.try_send_to(self.outbound.packet(frame), to);
            }
            Direction::RecvOnly | Direction::Inactive => self.outbound.skip(),
        }
    }

    /// What the leg received, for the record.
    pub(super) fn stats(&self) -> sidetone_media::inbound::InboundStats {
        self.inbound.stats()
    }

    /// A peer behind a NAT is reached where its packets come from.
    fn destination(&self) -> SocketAddr {
        self.inbound.source().unwrap_or(self.plan.remote)
    }
}
