//! What the signalling side is told at start, and how starting or dialling can fail.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// RFC 3261 §17.1.1.1: the estimate of a round trip every other timer is a multiple of.
const T1: Duration = Duration::from_millis(500);
/// RFC 3261 appendix A: timers B, F, H and L, and the wait for an ACK, last 64 × T1.
const TRANSACTION_TIMEOUT_IN_T1: u32 = 64;

/// The settings of the signalling side.
#[derive(Debug, Clone)]
pub struct SipConfig {
    /// Where UDP and TCP listen, on the same port. Port 0 takes a free one.
    pub bind: SocketAddr,
    /// The address peers reach us under, for Via and Contact, when it is not the bound one.
    pub advertised: Option<IpAddr>,
    /// The `User-Agent` of every message.
    pub user_agent: String,
    /// Names of the INVITE headers an [`IncomingCall`](super::IncomingCall) carries on; case does not matter.
    pub headers: Vec<String>,
    /// Inbound calls alive at once; the next one is answered 503.
    pub max_inbound: usize,
    /// Outbound calls alive at once; the next [`dial`](super::Sip::dial) is refused.
    pub max_outbound: usize,
    /// TCP connections open at once; further ones are closed on arrival.
    pub max_connections: usize,
    /// Retransmission base T1. Leave it at the RFC's 500 ms outside of tests.
    pub t1: Duration,
}

impl SipConfig {
    /// Settings for `bind` with the default limits and no header passed on.
    pub fn new(bind: SocketAddr) -> Self {
        SipConfig {
            bind,
            advertised: None,
            user_agent: concat!("Sidetone/", env!("CARGO_PKG_VERSION")).to_owned(),
            headers: Vec::new(),
            max_inbound: 500,
            max_outbound: 500,
            max_connections: 256,
            t1: T1,
        }
    }

    /// How long a transaction waits for its peer: 64 × T1.
    pub(super) fn transaction_timeout(&self) -> Duration {
        self.t1 * TRANSACTION_TIMEOUT_IN_T1
    }
}

impl Default for SipConfig {
    /// Port 5060 of every IPv4 interface.
    fn default() -> Self {
        SipConfig::new(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 5060)))
    }
}

/// Why signalling could not start, or a call could not be placed.
#[derive(Debug, thiserror::Error)]
pub enum SipError {
    /// The UDP or TCP socket could not be bound.
    #[error("cannot listen on {addr}: {source}; free the port or set another bind address")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The stack refused to start.
    #[error("the SIP stack did not start: {0}")]
    Stack(String),
    /// The destination or the caller is no SIP URI.
    #[error("`{field}` is not a SIP URI; write it as sip:user@host")]
    BadUri {
        /// Which of the two: `to` or `from`.
        field: &'static str,
    },
    /// A header of the dial request cannot be sent.
    #[error(
        "header `{name}` cannot be set: it is the stack's own, or its name or value is malformed"
    )]
    BadHeader {
        /// The name as it was given, cut to what is printable.
        name: String,
    },
    /// As many outbound calls as allowed are alive.
    #[error("{limit} outbound calls are alive, which is the limit; wait or raise max_outbound")]
    TooManyCalls {
        /// The limit in force.
        limit: usize,
    },
    /// The server is shutting down and places no more calls.
    #[error("signalling is shutting down")]
    Draining,
}
