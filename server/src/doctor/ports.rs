//! Whether the ports can be had.

use super::Finding;
use crate::config::{Config, Sip};
use std::net::{SocketAddr, UdpSocket};

pub(super) fn sip(sip: &Sip) -> Finding {
    let bind = sip.bind;
    match UdpSocket::bind(bind) {
        Ok(_) => Finding::ok("sip port", format!("UDP {bind} is free")),
        Err(error) => Finding::fail(
            "sip port",
            format!("UDP {bind} cannot be bound: {error}"),
            "stop what holds it (a server that is already running?) or change sip.bind",
        ),
    }
}

/// Tries every pair of the range: an even port for RTP and the odd one above for RTCP.
pub(super) fn rtp(config: &Config) -> Finding {
    let ports = config.media.rtp_ports;
    let free = |port: u16| UdpSocket::bind(SocketAddr::new(config.media.ip, port)).is_ok();
    let usable = (ports.first..ports.last)
        .step_by(2)
        .filter(|port| free(*port) && free(port.saturating_add(1)))
        .count();
    let needed = 2 * config.sip.max_calls;
    let what = format!(
        "{usable} of {} pairs of {ports} at {} are free, {needed} are needed",
        ports.pairs(),
        config.media.ip
    );
    let fix = "choose another media.rtp_ports, or an address of this machine as media.ip";
    if usable < needed {
        Finding::fail("rtp ports", what, fix)
    } else if usable < ports.pairs() {
        Finding::warn("rtp ports", what, fix)
    } else {
        Finding::ok("rtp ports", what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::PortRange, doctor::Grade};

    #[test]
    fn a_port_that_is_taken_is_reported() {
        let holder = UdpSocket::bind("127.0.0.1:0").unwrap();
        let taken = Sip {
            bind: holder.local_addr().unwrap(),
            ..Sip::default()
        };
        assert_eq!(sip(&taken).grade, Grade::Fail);
    }

    #[test]
    fn an_address_of_another_machine_is_reported() {
        // RFC 5737: no machine has this address.
        let elsewhere = Sip {
            bind: "192.0.2.1:5060".parse().unwrap(),
            ..Sip::default()
        };
        assert_eq!(sip(&elsewhere).grade, Grade::Fail);
    }

    #[test]
    fn a_taken_media_port_matters_only_when_too_few_are_left() {
        let mut config = Config::default();
        config.media.rtp_ports = PortRange {
            first: 21_500,
            last: 21_507,
        };
        let _holder = UdpSocket::bind("127.0.0.1:21503").unwrap();
        config.sip.max_calls = 1;
        assert_eq!(rtp(&config).grade, Grade::Warn);
        config.sip.max_calls = 2;
        assert_eq!(rtp(&config).grade, Grade::Fail);
    }
}
