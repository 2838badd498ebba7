//! [`Sdp`] to text, line by line in the order RFC 8866 §5 asks for, each ended by CR LF.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use super::{Media, Sdp};

impl fmt::Display for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = &self.origin;
        let address = origin.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        write!(f, "v=0\r\n")?;
        write!(
            f,
            "o={} {} {} {}\r\n",
            origin.username,
            origin.session_id,
            origin.session_version,
            Address(address)
        )?;
        write!(f, "s={}\r\n", self.name)?;
        if let Some(address) = self.connection {
            write!(f, "c={}\r\n", Address(address))?;
        }
        write!(f, "t=0 0\r\n")?;
        if let Some(direction) = self.direction {
            write!(f, "a={}\r\n", direction.as_str())?;
        }
        self.media.iter().try_for_each(|media| media.fmt(f))
    }
}

impl fmt::Display for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let formats = self.formats.join(" ");
        write!(
            f,
            "m={} {} {} {formats}\r\n",
            self.kind, self.port, self.protocol
        )?;
        if let Some(address) = self.connection {
            write!(f, "c={}\r\n", Address(address))?;
        }
        for map in &self.rtpmaps {
            write!(
                f,
                "a=rtpmap:{} {}/{}\r\n",
                map.payload_type, map.encoding, map.clock_rate
            )?;
        }
        for (payload_type, parameters) in &self.fmtps {
            write!(f, "a=fmtp:{payload_type} {parameters}\r\n")?;
        }
        if let Some(ptime) = self.ptime {
            write!(f, "a=ptime:{ptime}\r\n")?;
        }
        if let Some(direction) = self.direction {
            write!(f, "a={}\r\n", direction.as_str())?;
        }
        Ok(())
    }
}

/// `IN IP4 address`, as it stands in both `o=` and `c=` lines.
struct Address(IpAddr);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.0.is_ipv4() { "IP4" } else { "IP6" };
        write!(f, "IN {kind} {}", self.0)
    }
}
