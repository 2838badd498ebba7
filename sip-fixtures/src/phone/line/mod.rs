//! One call's audio at the phone: what it says, what it hears, and the recording of both.
//!
//! Sans-IO: packets and times come in, packets and facts go out. Sockets live in `phone::net`.

pub(crate) mod g711;
pub(crate) mod hearing;
pub(crate) mod recording;
pub(crate) mod rtp;
pub(crate) mod talker;

use std::net::SocketAddr;
use std::time::Duration;

use self::hearing::{Heard, Hearing};
use self::recording::Recording;
use self::talker::Talker;
use super::sip::sdp::SessionDescription;
use crate::measure::pilot::Pilot;

/// Length of one frame.
pub(crate) const FRAME: Duration = Duration::from_millis(20);

/// One call's audio.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) remote: SocketAddr,
    pub(crate) talker: Talker,
    pub(crate) hearing: Hearing,
    pub(crate) recording: Recording,
}

impl Line {
    /// Opens the line to the far end's address; the first packet is due at once.
    pub(crate) fn open(
        now: Duration,
        agreed: &SessionDescription,
        pilots: &[Pilot],
        seed: u64,
    ) -> Self {
        let codec = agreed.codec();
        Line {
            remote: agreed.address,
            talker: Talker::new(now, codec, agreed.telephone_event, seed),
            hearing: Hearing::new(codec, pilots),
            recording: Recording::new(now),
        }
    }

    /// The packet that is due, and where it goes.
    pub(crate) fn poll_packet(&mut self, now: Duration) -> Option<(SocketAddr, Vec<u8>)> {
        let packet = self.talker.poll_packet(now, &mut self.recording)?;
        Some((self.remote, packet))
    }

    /// Takes a packet from the far end.
    pub(crate) fn handle_packet(&mut self, now: Duration, packet: &[u8]) -> Vec<Heard> {
        self.hearing.handle_packet(now, packet, &mut self.recording)
    }
}
