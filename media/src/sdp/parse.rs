//! Bytes to [`Sdp`]. Lenient where the field is (bare line feeds, missing `s=` and `t=` lines,
//! unknown lines), strict where a guess could send audio to the wrong place.

use std::net::IpAddr;
use std::str::FromStr;

use super::{Direction, MAX_BYTES, MAX_MEDIA, Media, Origin, RtpMap, Sdp, SdpError};

/// Most attributes of one kind kept for a media; later ones are ignored.
const MAX_ATTRIBUTES: usize = 64;

impl Sdp {
    /// Reads a session description. Unknown lines and attributes are ignored.
    ///
    /// # Errors
    /// [`SdpError::Malformed`] with the line that cannot be read.
    pub fn parse(bytes: &[u8]) -> Result<Sdp, SdpError> {
        if bytes.len() > MAX_BYTES {
            return Err(malformed(0, "too long"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed(0, "not UTF-8"))?;
        let mut lines = text
            .split('\n')
            .map(|line| line.trim_end_matches('\r'))
            .enumerate();
        if lines.next().map(|(_, line)| line.trim_end()) != Some("v=0") {
            return Err(malformed(1, "the first line is not v=0"));
        }
        let mut sdp = empty();
        let mut has_origin = false;
        for (index, line) in lines {
            let number = index + 1;
            if line.trim().is_empty() {
                continue;
            }
            let (kind, value) = line
                .split_once('=')
                .ok_or_else(|| malformed(number, "no equals sign"))?;
            if kind == "o" {
                sdp.origin = origin(value).ok_or_else(|| malformed(number, "bad o= line"))?;
                has_origin = true;
                continue;
            }
            sdp.take_line(kind, value)
                .map_err(|reason| malformed(number, reason))?;
        }
        if has_origin {
            Ok(sdp)
        } else {
            Err(malformed(0, "no o= line"))
        }
    }

    fn take_line(&mut self, kind: &str, value: &str) -> Result<(), &'static str> {
        match kind {
            "s" => value.trim().clone_into(&mut self.name),
            "c" => {
                let address = connection(value)?;
                match self.media.last_mut() {
                    Some(media) => media.connection = address,
                    None => self.connection = address,
                }
            }
            "m" if self.media.len() == MAX_MEDIA => return Err("too many m= lines"),
            "m" => self.media.push(media(value).ok_or("bad m= line")?),
            "a" => match self.media.last_mut() {
                Some(media) => media.take_attribute(value)?,
                None => self.direction = direction(value).or(self.direction),
            },
            _ => {}
        }
        Ok(())
    }
}

impl FromStr for Sdp {
    type Err = SdpError;

    fn from_str(text: &str) -> Result<Sdp, SdpError> {
        Sdp::parse(text.as_bytes())
    }
}

impl Media {
    fn take_attribute(&mut self, attribute: &str) -> Result<(), &'static str> {
        if let Some(direction) = direction(attribute) {
            self.direction = Some(direction);
            return Ok(());
        }
        let Some((name, value)) = attribute.split_once(':') else {
            return Ok(());
        };
        match name {
            "rtpmap" if self.rtpmaps.len() < MAX_ATTRIBUTES => {
                self.rtpmaps.push(rtpmap(value).ok_or("bad rtpmap")?);
            }
            "fmtp" if self.fmtps.len() < MAX_ATTRIBUTES => {
                // Parameters of formats that are no payload types concern other transports.
                if let Some((format, parameters)) = value.trim().split_once(' ')
                    && let Some(payload_type) = payload_type(format)
                {
                    self.fmtps
                        .push((payload_type, parameters.trim().to_owned()));
                }
            }
            // A wish that cannot be read is no reason to refuse a call.
            "ptime" => self.ptime = value.trim().parse().ok(),
            _ => {}
        }
        Ok(())
    }
}

fn empty() -> Sdp {
    Sdp {
        origin: Origin {
            username: "-".to_owned(),
            session_id: 0,
            session_version: 0,
            address: None,
        },
        name: "-".to_owned(),
        connection: None,
        direction: None,
        media: Vec::new(),
    }
}

fn malformed(line: usize, reason: &'static str) -> SdpError {
    SdpError::Malformed { line, reason }
}

/// `username sess-id sess-version nettype addrtype address`
fn origin(value: &str) -> Option<Origin> {
    let mut words = value.split_whitespace();
    let username = words.next()?.to_owned();
    // Some makers use more than 64 bits, or letters: the numbers serve only to see a change.
    let session_id = words.next()?.parse().unwrap_or(0);
    let session_version = words.next()?.parse().unwrap_or(0);
    let (_net, _kind) = (words.next()?, words.next()?);
    let address = words.next()?.parse().ok();
    Some(Origin {
        username,
        session_id,
        session_version,
        address,
    })
}

/// `IN IP4 address[/ttl]`; a host name is a valid line without a usable address.
fn connection(value: &str) -> Result<Option<IpAddr>, &'static str> {
    let mut words = value.split_whitespace();
    let (Some("IN"), Some(kind), Some(address)) = (words.next(), words.next(), words.next()) else {
        return Err("bad c= line");
    };
    let address = address
        .split('/')
        .next()
        .and_then(|a| a.parse::<IpAddr>().ok());
    match (kind, address) {
        ("IP4", Some(IpAddr::V6(_))) | ("IP6", Some(IpAddr::V4(_))) => {
            Err("address of another kind than said")
        }
        ("IP4" | "IP6", address) => Ok(address),
        _ => Err("unknown kind of address"),
    }
}

/// `kind port[/count] protocol formats...`
fn media(value: &str) -> Option<Media> {
    let mut words = value.split_whitespace();
    let kind = words.next()?.to_owned();
    let port = words.next()?.split('/').next()?.parse().ok()?;
    let protocol = words.next()?.to_owned();
    let formats: Vec<String> = words.map(str::to_owned).collect();
    if formats.is_empty() {
        return None;
    }
    Some(Media {
        kind,
        port,
        protocol,
        formats,
        connection: None,
        rtpmaps: Vec::new(),
        fmtps: Vec::new(),
        direction: None,
        ptime: None,
    })
}

/// `payload-type encoding/clock[/channels]`
fn rtpmap(value: &str) -> Option<RtpMap> {
    let (format, rest) = value.trim().split_once(' ')?;
    let mut parts = rest.trim().split('/');
    let encoding = parts.next().filter(|name| !name.is_empty())?.to_owned();
    let clock_rate = parts.next()?.trim().parse().ok()?;
    Some(RtpMap {
        payload_type: payload_type(format)?,
        encoding,
        clock_rate,
    })
}

/// Payload types have seven bits (RFC 3550 §5.1).
pub(super) fn payload_type(format: &str) -> Option<u8> {
    format.parse().ok().filter(|number| *number < 128)
}

fn direction(attribute: &str) -> Option<Direction> {
    [
        Direction::SendRecv,
        Direction::SendOnly,
        Direction::RecvOnly,
        Direction::Inactive,
    ]
    .into_iter()
    .find(|direction| direction.as_str() == attribute.trim())
}
