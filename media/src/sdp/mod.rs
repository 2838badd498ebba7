//! Session descriptions of telephone calls: the lines of RFC 8866 that telephony uses, as typed
//! values. Reading is in `parse`, writing is `Display`, and the offer/answer rules of RFC 3264
//! are in `negotiate`. Nothing here opens a port or knows SIP.

mod negotiate;
mod parse;
mod print;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};

pub use negotiate::{accept, answer, offer};

use crate::g711::Law;

/// A session description: what one side says about its media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sdp {
    /// The `o=` line.
    pub origin: Origin,
    /// The `s=` line's text; `-` when there is nothing to say.
    pub name: String,
    /// The session's `c=` address; a media's own one goes before it. None when the line is absent
    /// or names a host instead of an address.
    pub connection: Option<IpAddr>,
    /// The session's direction, which holds for every media that names none.
    pub direction: Option<Direction>,
    /// The `m=` lines in order; at most [`MAX_MEDIA`].
    pub media: Vec<Media>,
}

/// The `o=` line: who made the description, and which edition of it this is (RFC 8866 §5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// User name; `-` when there is none.
    pub username: String,
    /// Stays for the whole call.
    pub session_id: u64,
    /// Grows by one with every changed description (RFC 3264 §8).
    pub session_version: u64,
    /// The maker's address; None when it is a host name.
    pub address: Option<IpAddr>,
}

/// One `m=` line and the lines that belong to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `video`, `image`, ...
    pub kind: String,
    /// The port to send to; 0 says that this media is refused (RFC 3264 §6).
    pub port: u16,
    /// The transport, `RTP/AVP` for plain RTP.
    pub protocol: String,
    /// The formats in order of preference; payload types when the transport is RTP.
    pub formats: Vec<String>,
    /// This media's own `c=` address.
    pub connection: Option<IpAddr>,
    /// The `a=rtpmap` lines.
    pub rtpmaps: Vec<RtpMap>,
    /// The `a=fmtp` lines: payload type and parameters.
    pub fmtps: Vec<(u8, String)>,
    /// Who sends, seen from the side that made the description.
    pub direction: Option<Direction>,
    /// Milliseconds of audio that the maker would like in a packet.
    pub ptime: Option<u16>,
}

/// One `a=rtpmap` line: what a payload type means (RFC 8866 §6.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RtpMap {
    /// 0 to 127.
    pub payload_type: u8,
    /// Encoding name as written; compared without regard to case.
    pub encoding: String,
    /// Ticks of the RTP timestamp in a second.
    pub clock_rate: u32,
}

/// Who sends media, from the point of view of whoever holds the value (RFC 3264 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Both ways: what holds when nothing is said.
    #[default]
    SendRecv,
    /// We send only.
    SendOnly,
    /// We listen only.
    RecvOnly,
    /// Nobody sends.
    Inactive,
}

impl Direction {
    /// From what each side does.
    pub fn new(sends: bool, receives: bool) -> Direction {
        match (sends, receives) {
            (true, true) => Direction::SendRecv,
            (true, false) => Direction::SendOnly,
            (false, true) => Direction::RecvOnly,
            (false, false) => Direction::Inactive,
        }
    }

    /// Whether the holder sends media.
    pub fn sends(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::SendOnly)
    }

    /// Whether the holder wants to receive media.
    pub fn receives(self) -> bool {
        matches!(self, Direction::SendRecv | Direction::RecvOnly)
    }

    /// The same agreement seen from the other side.
    pub fn mirrored(self) -> Direction {
        Direction::new(self.receives(), self.sends())
    }

    /// The attribute's name in SDP.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::SendRecv => "sendrecv",
            Direction::SendOnly => "sendonly",
            Direction::RecvOnly => "recvonly",
            Direction::Inactive => "inactive",
        }
    }
}

/// What we bring to an offer or an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// Where we receive RTP; goes into the `c=` and `m=` lines, so it must be reachable from
    /// the peer (never the unspecified address).
    pub rtp_address: SocketAddr,
    /// The laws we speak, best first. Our offer lists them so; in an answer the peer's order
    /// decides (RFC 3264 §6.1).
    pub laws: Vec<Law>,
    /// Whether we take and send digits as RFC 4733 events.
    pub telephone_event: bool,
    /// What we want to do; an answer also keeps to what the offer allows.
    pub direction: Direction,
    /// For the `o=` line: random at the start of a call, then kept.
    pub session_id: u64,
    /// For the `o=` line: one more at each new description.
    pub session_version: u64,
}

impl Capabilities {
    /// Both laws, mu-law first, digits as events, both directions, session version 1.
    pub fn new(rtp_address: SocketAddr, session_id: u64) -> Capabilities {
        Capabilities {
            rtp_address,
            laws: vec![Law::Mu, Law::A],
            telephone_event: true,
            direction: Direction::SendRecv,
            session_id,
            session_version: 1,
        }
    }
}

/// What offer and answer agreed on for the audio of one leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaPlan {
    /// Where the peer says it receives RTP.
    pub remote: SocketAddr,
    /// The law of both directions.
    pub law: Law,
    /// The payload type that means this law.
    pub payload_type: u8,
    /// The payload type of RFC 4733 events, when both sides have them.
    pub telephone_event: Option<u8>,
    /// Who sends, from our point of view.
    pub direction: Direction,
}

/// Most `m=` lines that a description may have; more is rubbish or an attack.
pub const MAX_MEDIA: usize = 16;

/// Longest description that is read, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;

/// Why a description cannot be used. [`SdpError::sip_status`] says how to answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// The bytes are no session description; the line counts from 1.
    #[error("line {line} of the session description is malformed: {reason}")]
    Malformed {
        /// Which line, from 1; 0 stands for the description as a whole.
        line: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is audio, but in no codec that we speak.
    #[error("no common codec: offer PCMU or PCMA at 8000 Hz")]
    NoCommonCodec,
    /// There is no audio over plain RTP, or its port is 0.
    #[error("no usable audio: offer an m=audio line over RTP/AVP with a port")]
    NoUsableAudio,
    /// No `c=` line holds for the audio, or it names a host.
    #[error("no usable address: give a c= line with an IP address")]
    NoAddress,
}

impl SdpError {
    /// The SIP status for a request that carried the description: 400 for what cannot be read,
    /// 488 for what can be read but not used (RFC 3261 §21.4.1 and §21.4.26).
    pub fn sip_status(&self) -> u16 {
        match self {
            SdpError::Malformed { .. } => 400,
            SdpError::NoCommonCodec | SdpError::NoUsableAudio | SdpError::NoAddress => 488,
        }
    }
}
