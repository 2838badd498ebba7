//! Offer and answer (RFC 3264) as pure functions over [`Sdp`]. One audio stream is used; every
//! other `m=` line of an offer is refused with port 0 and keeps its place.

use std::net::SocketAddr;

use super::parse::payload_type;
use super::{Capabilities, Direction, Media, MediaPlan, Origin, RtpMap, Sdp, SdpError};
use crate::g711::Law;

/// The only packet length that we send, in milliseconds.
const PTIME: u16 = 20;

/// The payload type that our own offers give to RFC 4733 events; dynamic, and the usual one.
const OFFERED_TELEPHONE_EVENT: u8 = 101;

/// The events we take: the sixteen digits of a keypad (RFC 4733 §3.2).
const EVENTS: &str = "0-15";

/// The clock of G.711, and of the events that go with it (RFC 4733 §2.1).
const CLOCK_RATE: u32 = 8000;

/// The description that we send first.
pub fn offer(capabilities: &Capabilities) -> Sdp {
    let mut media = audio(capabilities, capabilities.direction);
    for law in &capabilities.laws {
        media.add_format(law.static_payload_type(), law.encoding_name());
    }
    if capabilities.telephone_event {
        media.add_events(OFFERED_TELEPHONE_EVENT);
    }
    session(capabilities, vec![media])
}

/// Our answer to `offer`, and what it agrees on. The first usable audio wins, its codecs in the
/// order of the offer.
///
/// # Errors
/// [`SdpError::NoCommonCodec`], [`SdpError::NoUsableAudio`] or [`SdpError::NoAddress`].
pub fn answer(offer: &Sdp, capabilities: &Capabilities) -> Result<(Sdp, MediaPlan), SdpError> {
    let mut why_not = SdpError::NoUsableAudio;
    let mut chosen = None;
    for (index, media) in offer.media.iter().enumerate() {
        if !media.is_usable_audio() {
            continue;
        }
        match plan_for(offer, media, capabilities) {
            Ok(plan) => {
                chosen = Some((index, plan));
                break;
            }
            Err(error) => why_not = error,
        }
    }
    let (index, plan) = chosen.ok_or(why_not)?;
    let lines = offer.media.iter().enumerate().map(|(at, media)| {
        if at == index {
            answered(capabilities, media, &plan)
        } else {
            refused(media)
        }
    });
    Ok((session(capabilities, lines.collect()), plan))
}

/// What the peer's answer to our own offer agrees on.
///
/// # Errors
/// [`SdpError::NoUsableAudio`] when the peer refused our audio, [`SdpError::NoCommonCodec`] when
/// it chose nothing that we offered, [`SdpError::NoAddress`] when it cannot be reached.
pub fn accept(our_offer: &Sdp, their_answer: &Sdp) -> Result<MediaPlan, SdpError> {
    // Lines of an answer stand in the order of the offer (RFC 3264 §6).
    let pair = our_offer.media.iter().zip(&their_answer.media);
    let (ours, theirs) = pair
        .clone()
        .find(|(ours, theirs)| ours.is_usable_audio() && theirs.is_usable_audio())
        .ok_or(SdpError::NoUsableAudio)?;
    let offered = |number: &u8| ours.payload_types().any(|p| p == *number);
    let (law, number) = theirs
        .laws()
        .find(|(law, number)| offered(number) && ours.law_of(*number) == Some(*law))
        .ok_or(SdpError::NoCommonCodec)?;
    let (remote, their_direction) = their_answer.reachable(theirs)?;
    let our_direction = ours.direction.or(our_offer.direction).unwrap_or_default();
    Ok(MediaPlan {
        remote,
        law,
        payload_type: number,
        telephone_event: theirs.telephone_event().filter(offered),
        direction: narrowed(our_direction, their_direction),
    })
}

fn plan_for(sdp: &Sdp, media: &Media, capabilities: &Capabilities) -> Result<MediaPlan, SdpError> {
    let (law, number) = media
        .laws()
        .find(|(law, _)| capabilities.laws.contains(law))
        .ok_or(SdpError::NoCommonCodec)?;
    let (remote, their_direction) = sdp.reachable(media)?;
    Ok(MediaPlan {
        remote,
        law,
        payload_type: number,
        telephone_event: media
            .telephone_event()
            .filter(|_| capabilities.telephone_event),
        direction: narrowed(capabilities.direction, their_direction),
    })
}

/// What we do, of what we want, given what the peer does (RFC 3264 §6.1).
fn narrowed(ours: Direction, theirs: Direction) -> Direction {
    let allowed = theirs.mirrored();
    Direction::new(
        ours.sends() && allowed.sends(),
        ours.receives() && allowed.receives(),
    )
}

fn session(capabilities: &Capabilities, media: Vec<Media>) -> Sdp {
    let address = Some(capabilities.rtp_address.ip());
    Sdp {
        origin: Origin {
            username: "-".to_owned(),
            session_id: capabilities.session_id,
            session_version: capabilities.session_version,
            address,
        },
        name: "-".to_owned(),
        connection: address,
        direction: None,
        media,
    }
}

fn audio(capabilities: &Capabilities, direction: Direction) -> Media {
    Media {
        kind: "audio".to_owned(),
        port: capabilities.rtp_address.port(),
        protocol: "RTP/AVP".to_owned(),
        formats: Vec::new(),
        connection: None,
        rtpmaps: Vec::new(),
        fmtps: Vec::new(),
        direction: Some(direction),
        ptime: Some(PTIME),
    }
}

fn answered(capabilities: &Capabilities, offered: &Media, plan: &MediaPlan) -> Media {
    let mut media = audio(capabilities, plan.direction);
    // The peer compares this word for word.
    media.protocol.clone_from(&offered.protocol);
    media.add_format(plan.payload_type, plan.law.encoding_name());
    if let Some(number) = plan.telephone_event {
        media.add_events(number);
    }
    media
}

fn refused(offered: &Media) -> Media {
    Media {
        port: 0,
        connection: None,
        rtpmaps: Vec::new(),
        fmtps: Vec::new(),
        direction: None,
        ptime: None,
        ..offered.clone()
    }
}

impl Sdp {
    /// Where `media` is received, and what the peer does. A call put on hold the old way, by an
    /// unspecified address, listens to nothing (RFC 3264 §8.4).
    fn reachable(&self, media: &Media) -> Result<(SocketAddr, Direction), SdpError> {
        let address = media
            .connection
            .or(self.connection)
            .ok_or(SdpError::NoAddress)?;
        let said = media.direction.or(self.direction).unwrap_or_default();
        let listens = said.receives() && !address.is_unspecified();
        Ok((
            SocketAddr::new(address, media.port),
            Direction::new(said.sends(), listens),
        ))
    }
}

impl Media {
    fn is_usable_audio(&self) -> bool {
        self.kind == "audio" && self.port != 0 && self.protocol == "RTP/AVP"
    }

    fn payload_types(&self) -> impl Iterator<Item = u8> {
        self.formats
            .iter()
            .filter_map(|format| payload_type(format))
    }

    fn map_of(&self, number: u8) -> Option<&RtpMap> {
        self.rtpmaps.iter().find(|map| map.payload_type == number)
    }

    /// The law that a payload type means here: by its `rtpmap`, else by RFC 3551 §6.
    fn law_of(&self, number: u8) -> Option<Law> {
        [Law::Mu, Law::A]
            .into_iter()
            .find(|law| match self.map_of(number) {
                Some(map) => {
                    map.encoding.eq_ignore_ascii_case(law.encoding_name())
                        && map.clock_rate == CLOCK_RATE
                }
                None => law.static_payload_type() == number,
            })
    }

    fn laws(&self) -> impl Iterator<Item = (Law, u8)> {
        self.payload_types()
            .filter_map(|number| Some((self.law_of(number)?, number)))
    }

    fn telephone_event(&self) -> Option<u8> {
        self.payload_types().find(|number| {
            self.map_of(*number).is_some_and(|map| {
                map.encoding.eq_ignore_ascii_case("telephone-event") && map.clock_rate == CLOCK_RATE
            })
        })
    }

    fn add_format(&mut self, payload_type: u8, encoding: &str) {
        self.formats.push(payload_type.to_string());
        self.rtpmaps.push(RtpMap {
            payload_type,
            encoding: encoding.to_owned(),
            clock_rate: CLOCK_RATE,
        });
    }

    fn add_events(&mut self, payload_type: u8) {
        self.add_format(payload_type, "telephone-event");
        self.fmtps.push((payload_type, EVENTS.to_owned()));
    }
}
