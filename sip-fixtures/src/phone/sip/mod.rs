//! The phone's SIP user agent over UDP: sans-IO, one call at a time.
//!
//! `OutgoingCall` places a call, `IncomingCall` takes one; both hand over to `SipDialog` once the
//! call is up. They are told the time and the datagrams, and return what to send and what happened.

pub(crate) mod dialog;
pub(crate) mod ids;
pub(crate) mod incoming;
pub(crate) mod message;
pub(crate) mod outbox;
pub(crate) mod outgoing;
pub(crate) mod retransmit;
pub(crate) mod sdp;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The methods this phone understands.
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE";

/// Port of a SIP URI that names none (RFC 3261 section 19.1.2).
const DEFAULT_PORT: u16 = 5060;

/// The Via header of a request sent from `address`; rport asks for symmetric routing (RFC 3581).
pub(crate) fn via(address: SocketAddr, branch: &str) -> String {
    format!("SIP/2.0/UDP {address};branch={branch};rport")
}

/// The socket address in a SIP URI. Names other than `localhost` are not looked up.
pub(crate) fn socket_of(uri: &str) -> Option<SocketAddr> {
    let rest = uri.strip_prefix("sip:").unwrap_or(uri);
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = host.split([';', '?', '>']).next()?;
    if let Ok(address) = host.parse() {
        return Some(address);
    }
    if let Ok(ip) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Some(SocketAddr::new(ip, DEFAULT_PORT));
    }
    let (name, port) = host.split_once(':').unwrap_or((host, "5060"));
    let port = port.parse().ok()?;
    (name == "localhost").then(|| SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port))
}

#[cfg(test)]
mod tests;
