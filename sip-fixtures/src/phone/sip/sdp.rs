//! Session descriptions: the little of RFC 8866 and RFC 3264 that a G.711 phone needs.
//!
//! One audio stream, PCMU and PCMA with their static payload types, telephone-event for digits.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

/// Payload type this phone offers for RFC 4733 digits.
const TELEPHONE_EVENT: u8 = 101;

/// A G.711 law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Codec {
    /// µ-law, payload type 0 (RFC 3551 section 6).
    #[default]
    Pcmu,
    /// A-law, payload type 8 (RFC 3551 section 6).
    Pcma,
}

impl Codec {
    /// The static RTP payload type.
    pub(crate) fn payload_type(self) -> u8 {
        match self {
            Codec::Pcmu => 0,
            Codec::Pcma => 8,
        }
    }

    fn from_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Codec::Pcmu),
            8 => Some(Codec::Pcma),
            _ => None,
        }
    }
}

/// What one side says about its audio: where it listens and what it understands, best first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SessionDescription {
    pub(crate) address: SocketAddr,
    pub(crate) codecs: Vec<Codec>,
    pub(crate) telephone_event: Option<u8>,
}

/// Why a session description cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SdpError {
    #[error("the session description is not text")]
    NotText,
    #[error("the session description has no usable connection address")]
    NoAddress,
    #[error("the session description has no audio stream with a port")]
    NoAudio,
    #[error("neither PCMU nor PCMA is offered")]
    NoCommonCodec,
}

impl SessionDescription {
    /// An offer of both laws, `preferred` first, and of digits.
    pub(crate) fn offer(address: SocketAddr, preferred: Codec) -> Self {
        let other = match preferred {
            Codec::Pcmu => Codec::Pcma,
            Codec::Pcma => Codec::Pcmu,
        };
        let codecs = vec![preferred, other];
        SessionDescription {
            address,
            codecs,
            telephone_event: Some(TELEPHONE_EVENT),
        }
    }

    /// The answer to this offer from `address`: the offerer's first codec and its digits' number.
    pub(crate) fn answer_from(&self, address: SocketAddr) -> Self {
        let codecs = self.codecs[..1].to_vec();
        SessionDescription {
            address,
            codecs,
            telephone_event: self.telephone_event,
        }
    }

    /// The codec both sides use.
    pub(crate) fn codec(&self) -> Codec {
        self.codecs[0]
    }

    /// The description as text.
    pub(crate) fn to_text(&self) -> String {
        let family = if self.address.is_ipv4() { "IP4" } else { "IP6" };
        let ip = self.address.ip();
        let mut formats = String::new();
        let mut maps = String::new();
        for codec in &self.codecs {
            let number = codec.payload_type();
            let name = if *codec == Codec::Pcmu {
                "PCMU"
            } else {
                "PCMA"
            };
            formats.push_str(&format!(" {number}"));
            maps.push_str(&format!("a=rtpmap:{number} {name}/8000\r\n"));
        }
        if let Some(number) = self.telephone_event {
            formats.push_str(&format!(" {number}"));
            maps.push_str(&format!("a=rtpmap:{number} telephone-event/8000\r\n"));
            maps.push_str(&format!("a=fmtp:{number} 0-16\r\n"));
        }
        format!(
            "v=0\r\no=- 1 1 IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
             m=audio {} RTP/AVP{formats}\r\n{maps}a=ptime:20\r\na=sendrecv\r\n",
            self.address.port()
        )
    }

    /// Reads an offer or an answer.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, SdpError> {
        let text = std::str::from_utf8(body).map_err(|_| SdpError::NotText)?;
        let mut ip: Option<IpAddr> = None;
        let mut audio: Option<(u16, Vec<u8>)> = None;
        let mut telephone_event = None;
        let mut in_other_stream = false;
        for line in text.lines().map(str::trim_end) {
            if let Some(media) = line.strip_prefix("m=") {
                in_other_stream = audio.is_some() || !media.starts_with("audio ");
                if !in_other_stream {
                    audio = parse_audio_line(media);
                }
            } else if in_other_stream {
                continue;
            } else if let Some(connection) = line.strip_prefix("c=IN IP") {
                let word = connection.split_whitespace().nth(1);
                ip = word.and_then(|word| word.parse().ok()).or(ip);
            } else if let Some(map) = line.strip_prefix("a=rtpmap:")
                && let Some((number, encoding)) = map.split_once(' ')
                && encoding
                    .to_ascii_lowercase()
                    .starts_with("telephone-event/8000")
            {
                telephone_event = number.parse().ok();
            }
        }
        let (port, formats) = audio
            .filter(|(port, _)| *port != 0)
            .ok_or(SdpError::NoAudio)?;
        let ip = ip.ok_or(SdpError::NoAddress)?;
        let codecs: Vec<Codec> = formats
            .iter()
            .filter_map(|number| Codec::from_payload_type(*number))
            .collect();
        if codecs.is_empty() {
            return Err(SdpError::NoCommonCodec);
        }
        let address = SocketAddr::new(ip, port);
        Ok(SessionDescription {
            address,
            codecs,
            telephone_event,
        })
    }
}

fn parse_audio_line(media: &str) -> Option<(u16, Vec<u8>)> {
    let mut words = media.split_whitespace().skip(1);
    let port = words.next()?.parse().ok()?;
    let formats = words.skip(1).filter_map(|word| word.parse().ok()).collect();
    Some((port, formats))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> SocketAddr {
        "127.0.0.1:40000".parse().unwrap()
    }

    #[test]
    fn an_offer_reads_back_and_the_answer_takes_its_first_codec() {
        let offer = SessionDescription::offer(here(), Codec::Pcma);
        let read = SessionDescription::parse(offer.to_text().as_bytes()).unwrap();
        assert_eq!(read, offer);
        let answer = read.answer_from("127.0.0.1:40002".parse().unwrap());
        assert_eq!(
            (answer.codec(), answer.telephone_event),
            (Codec::Pcma, Some(101))
        );
    }

    #[test]
    fn only_the_audio_stream_counts() {
        let text = "v=0\r\nc=IN IP4 127.0.0.1\r\nm=video 9 RTP/AVP 96\r\nc=IN IP4 127.0.0.9\r\n\
                    m=audio 4000 RTP/AVP 18 8\r\n";
        let read = SessionDescription::parse(text.as_bytes()).unwrap();
        assert_eq!(read.address, "127.0.0.1:4000".parse().unwrap());
        assert_eq!(read.codecs, vec![Codec::Pcma]);
    }

    #[test]
    fn a_description_without_our_codecs_is_refused() {
        let text = b"c=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 18 96\r\n";
        assert_eq!(
            SessionDescription::parse(text),
            Err(SdpError::NoCommonCodec)
        );
        assert_eq!(
            SessionDescription::parse(b"v=0\r\n"),
            Err(SdpError::NoAudio)
        );
    }
}
