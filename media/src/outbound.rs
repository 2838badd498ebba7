//! Frames to RTP packets: one call of [`Outbound::packet`] or [`Outbound::skip`] in every 20 ms,
//! so that the RTP clock never stops. Digits go out as RFC 4733 events in place of audio.

use std::collections::VecDeque;
use std::time::Duration;

use rtp::header::Header;
use webrtc_util::marshal::Marshal;

use crate::frame::{FRAME_SAMPLES, Frame, samples_in};
use crate::keypad::event_of_key;
use crate::sdp::MediaPlan;

/// Bytes of the RTP header that we send: no CSRC, no extension.
const HEADER: usize = 12;

/// The end of an event is sent three times, as it may get lost (RFC 4733 §2.5.1.4).
const END_PACKETS: u8 = 3;

/// Audio frames between two digits, so that receivers by tone can tell them apart too: 60 ms.
const FRAMES_BETWEEN_DIGITS: u8 = 3;

/// Digits waiting to be sent; more are refused.
pub const MAX_WAITING: usize = 64;

/// Tone level of an event: -10 dBm0, the middle of what receivers must take (RFC 4733 §2.3.4).
const EVENT_VOLUME: u8 = 10;

/// Why a digit was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PressError {
    /// The peer did not agree to RFC 4733 events: send tones instead, see [`crate::tone`].
    #[error("telephone-event was not negotiated: send the digit as a tone")]
    NotNegotiated,
    /// Not one of `0` to `9`, `*`, `#`, `A` to `D`.
    #[error("{0:?} is not on a keypad")]
    NotADigit(char),
    /// [`MAX_WAITING`] digits are waiting already.
    #[error("too many digits are waiting: press again after some were sent")]
    Full,
}

/// The sending half of one leg.
#[derive(Debug)]
pub struct Outbound {
    plan: MediaPlan,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    /// Whether the next audio packet starts a talkspurt, and so bears the marker.
    fresh: bool,
    waiting: VecDeque<(u8, u16)>,
    sending: Option<Press>,
    pause: u8,
    buffer: [u8; HEADER + FRAME_SAMPLES],
    packets: u64,
}

/// The event being sent.
#[derive(Debug, Clone, Copy)]
struct Press {
    event: u8,
    /// When it began, by the RTP clock; all its packets bear this timestamp.
    timestamp: u32,
    /// How long it is to last, and how long it has lasted, in samples.
    length: u16,
    lasted: u16,
    ends_sent: u8,
}

impl Outbound {
    /// A leg that has sent nothing yet. The three numbers must be random (RFC 3550 §5.1).
    pub fn new(plan: MediaPlan, ssrc: u32, first_sequence: u16, first_timestamp: u32) -> Outbound {
        Outbound {
            plan,
            ssrc,
            sequence: first_sequence,
            timestamp: first_timestamp,
            fresh: true,
            waiting: VecDeque::with_capacity(MAX_WAITING),
            sending: None,
            pause: 0,
            buffer: [0; HEADER + FRAME_SAMPLES],
            packets: 0,
        }
    }

    /// Takes over a newly negotiated plan; the stream goes on under its own numbers.
    pub fn set_plan(&mut self, plan: MediaPlan) {
        self.plan = plan;
    }

    /// The datagram for this tick: `frame`, or the event of a digit in its place. It stays valid
    /// until the next call. Whether the plan's direction allows sending is the caller's to ask.
    pub fn packet(&mut self, frame: &Frame) -> &[u8] {
        let length = match self.next_press() {
            Some(press) => self.write_event(press),
            None => {
                self.pause = self.pause.saturating_sub(1);
                let marker = std::mem::take(&mut self.fresh);
                self.write_header(self.plan.payload_type, marker, self.timestamp);
                HEADER + self.plan.law.encode(frame, &mut self.buffer[HEADER..])
            }
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.packets += 1;
        self.advance();
        &self.buffer[..length]
    }

    /// Lets a tick pass without sending; the next audio packet bears the marker
    /// (RFC 3551 §4.1).
    pub fn skip(&mut self) {
        self.fresh = true;
        self.advance();
    }

    /// Queues a digit, to be held for `duration` (at least one packet, at most 8 s).
    ///
    /// # Errors
    /// [`PressError`] says why the digit was not taken.
    pub fn press(&mut self, digit: char, duration: Duration) -> Result<(), PressError> {
        if self.plan.telephone_event.is_none() {
            return Err(PressError::NotNegotiated);
        }
        let event = event_of_key(digit).ok_or(PressError::NotADigit(digit))?;
        if self.waiting.len() == MAX_WAITING {
            return Err(PressError::Full);
        }
        // One frame less than the field holds, so that counting up never overflows.
        let longest = usize::from(u16::MAX) - FRAME_SAMPLES;
        let length = samples_in(duration).clamp(FRAME_SAMPLES, longest) as u16;
        self.waiting.push_back((event, length));
        Ok(())
    }

    /// Whether a digit is being sent or waits.
    pub fn is_pressing(&self) -> bool {
        self.sending.is_some() || !self.waiting.is_empty()
    }

    /// The timestamp that the next packet will bear.
    pub fn timestamp(&self) -> u32 {
        self.timestamp
    }

    /// Packets made so far.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    fn advance(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(FRAME_SAMPLES as u32);
    }

    fn next_press(&mut self) -> Option<Press> {
        if self.sending.is_none() && self.pause == 0 {
            let (event, length) = self.waiting.pop_front()?;
            let timestamp = self.timestamp;
            self.sending = Some(Press {
                event,
                timestamp,
                length,
                lasted: 0,
                ends_sent: 0,
            });
        }
        self.sending
    }

    fn write_event(&mut self, mut press: Press) -> usize {
        let first = press.lasted == 0;
        if press.ends_sent == 0 {
            press.lasted = press.lasted.saturating_add(FRAME_SAMPLES as u16);
        }
        let end = press.lasted >= press.length;
        press.ends_sent += u8::from(end);
        let payload_type = self.plan.telephone_event.unwrap_or(self.plan.payload_type);
        self.write_header(payload_type, first, press.timestamp);
        let [high, low] = press.lasted.to_be_bytes();
        let flags = EVENT_VOLUME | if end { 0x80 } else { 0 };
        self.buffer[HEADER..HEADER + 4].copy_from_slice(&[press.event, flags, high, low]);
        if press.ends_sent == END_PACKETS {
            self.sending = None;
            self.pause = FRAMES_BETWEEN_DIGITS;
            self.fresh = true;
        } else {
            self.sending = Some(press);
        }
        HEADER + 4
    }

    fn write_header(&mut self, payload_type: u8, marker: bool, timestamp: u32) {
        let header = Header {
            version: 2,
            marker,
            payload_type,
            sequence_number: self.sequence,
            timestamp,
            ssrc: self.ssrc,
            ..Header::default()
        };
        header
            .marshal_to(&mut self.buffer[..HEADER])
            .expect("a header without CSRC and extension is 12 bytes long");
    }
}

#[cfg(test)]
mod tests {
    use rtp::packet::Packet;
    use webrtc_util::marshal::Unmarshal;

    use super::*;
    use crate::frame::SILENT_FRAME;
    use crate::g711::Law;
    use crate::sdp::Direction;

    fn outbound() -> Outbound {
        let plan = MediaPlan {
            remote: "198.51.100.9:5004".parse().unwrap(),
            law: Law::Mu,
            payload_type: 0,
            telephone_event: Some(101),
            direction: Direction::SendRecv,
        };
        Outbound::new(plan, 0x5eed, u16::MAX, u32::MAX - 159)
    }

    fn next(outbound: &mut Outbound) -> Packet {
        Packet::unmarshal(&mut outbound.packet(&SILENT_FRAME)).unwrap()
    }

    #[test]
    fn sequence_and_timestamp_advance_and_wrap() {
        let mut outbound = outbound();
        let first = next(&mut outbound);
        assert_eq!(
            (first.header.sequence_number, first.header.timestamp),
            (65535, u32::MAX - 159)
        );
        assert_eq!((first.header.ssrc, first.payload.len()), (0x5eed, 160));
        let second = next(&mut outbound).header;
        assert_eq!((second.sequence_number, second.timestamp), (0, 0));
    }

    #[test]
    fn the_marker_stands_on_the_first_packet_after_silence() {
        let mut outbound = outbound();
        let mut markers: Vec<_> = (0..2).map(|_| next(&mut outbound).header.marker).collect();
        outbound.skip();
        let after = next(&mut outbound).header;
        markers.push(after.marker);
        assert_eq!(markers, [true, false, true]);
        assert_eq!((after.sequence_number, after.timestamp), (1, 320));
    }

    #[test]
    fn a_digit_has_one_timestamp_a_growing_duration_and_three_ends() {
        let mut outbound = outbound();
        outbound.press('#', Duration::from_millis(60)).unwrap();
        let packets: Vec<_> = (0..6).map(|_| next(&mut outbound)).collect();
        let events: Vec<_> = packets[..5].iter().map(|p| p.payload.to_vec()).collect();
        assert_eq!(
            events,
            [
                [11, 10, 0, 160],
                [11, 10, 1, 64],
                [11, 138, 1, 224],
                [11, 138, 1, 224],
                [11, 138, 1, 224]
            ]
        );
        assert!(
            packets[..5]
                .iter()
                .all(|p| p.header.timestamp == u32::MAX - 159)
        );
        assert!(packets[0].header.marker && !packets[1].header.marker);
        let audio = &packets[5].header;
        assert_eq!(
            (audio.payload_type, audio.timestamp, audio.marker),
            (0, 640, true)
        );
    }

    #[test]
    fn two_digits_are_parted_by_audio() {
        let mut outbound = outbound();
        for digit in ['1', '1'] {
            outbound.press(digit, Duration::from_millis(20)).unwrap();
        }
        let types: Vec<_> = (0..9)
            .map(|_| next(&mut outbound).header.payload_type)
            .collect();
        assert_eq!(types, [101, 101, 101, 0, 0, 0, 101, 101, 101]);
        assert!(!outbound.is_pressing());
    }

    #[test]
    fn digits_that_cannot_be_sent_are_refused() {
        let mut outbound = outbound();
        assert_eq!(
            outbound.press('x', Duration::ZERO),
            Err(PressError::NotADigit('x'))
        );
        for _ in 0..MAX_WAITING {
            outbound.press('1', Duration::ZERO).unwrap();
        }
        assert_eq!(outbound.press('1', Duration::ZERO), Err(PressError::Full));
        outbound.plan.telephone_event = None;
        assert_eq!(
            outbound.press('1', Duration::ZERO),
            Err(PressError::NotNegotiated)
        );
    }
}
