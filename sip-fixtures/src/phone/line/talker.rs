//! The sending half of a line: one RTP packet every 20 ms, of speech, digits or silence.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::recording::Recording;
use super::rtp::{Header, event_of, event_payload};
use super::{FRAME, g711};
use crate::measure::level::{FRAME_SAMPLES, is_speech};
use crate::measure::pilot::Pilot;
use crate::phone::sip::sdp::Codec;

/// Packets of one digit before its end: 100 ms, as a short key press.
const DIGIT_PACKETS: u16 = 5;
/// The last packet of a digit goes out three times (RFC 4733 section 2.5.1.4).
const END_PACKETS: u16 = 3;
/// Frames of silence between two digits.
const DIGIT_PAUSE: u16 = 3;

/// Something the caller says or keys, with its place in time once it is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) first: Duration,
    pub(crate) last: Duration,
}

/// The sending half of a line.
#[derive(Debug)]
pub(crate) struct Talker {
    codec: Codec,
    telephone_event: Option<u8>,
    next: Header,
    next_frame: Duration,
    pilot: Option<Pilot>,
    job: Job,
    done: Option<Said>,
    packets: u64,
}

/// What the talker is about; one thing at a time.
#[derive(Debug)]
enum Job {
    Silence,
    Speech {
        samples: Arc<[i16]>,
        position: usize,
        said: Option<Said>,
        began: Option<Duration>,
    },
    Digits {
        left: VecDeque<u8>,
        packet: u16,
        timestamp: u32,
        first: Option<Duration>,
    },
}

impl Talker {
    /// A silent talker whose first packet is due at `now`.
    pub(crate) fn new(now: Duration, codec: Codec, telephone_event: Option<u8>, seed: u64) -> Self {
        let next = Header {
            payload_type: codec.payload_type(),
            marker: true,
            sequence: seed as u16,
            timestamp: (seed >> 16) as u32,
            ssrc: (seed >> 32) as u32,
        };
        Talker {
            codec,
            telephone_event,
            next,
            next_frame: now,
            pilot: None,
            job: Job::Silence,
            done: None,
            packets: 0,
        }
    }

    /// Starts to play samples at 8 kHz, cutting off what is being said.
    pub(crate) fn say(&mut self, samples: Arc<[i16]>) {
        self.job = Job::Speech {
            samples,
            position: 0,
            said: None,
            began: None,
        };
    }

    /// Starts to send keys as RFC 4733 events; characters that are no keys are left out.
    pub(crate) fn key(&mut self, digits: &str) {
        let left = digits.chars().filter_map(event_of).collect();
        self.job = Job::Digits {
            left,
            packet: 0,
            timestamp: 0,
            first: None,
        };
    }

    /// Mixes a pilot tone into everything from now on.
    pub(crate) fn sound_pilot(&mut self, pilot: Pilot) {
        self.pilot = Some(pilot);
    }

    /// Whether nothing is being said or keyed.
    pub(crate) fn is_silent(&self) -> bool {
        matches!(self.job, Job::Silence)
    }

    /// What has just been said or keyed to its end, told once.
    pub(crate) fn take_done(&mut self) -> Option<Said> {
        self.done.take()
    }

    /// Packets sent so far.
    pub(crate) fn packets(&self) -> u64 {
        self.packets
    }

    /// When the next packet is due.
    pub(crate) fn poll_timeout(&self) -> Duration {
        self.next_frame
    }

    /// The packet that is due, if one is.
    pub(crate) fn poll_packet(
        &mut self,
        now: Duration,
        recording: &mut Recording,
    ) -> Option<Vec<u8>> {
        if now < self.next_frame {
            return None;
        }
        let tick = self.next_frame;
        self.next_frame += FRAME;
        self.packets += 1;
        let event = self.next_event(now);
        let packet = match event {
            Some((payload, timestamp, marker)) => {
                // `next_event` gives none without an agreed payload type.
                let payload_type = self.telephone_event.unwrap_or_default();
                let header = Header {
                    payload_type,
                    timestamp,
                    marker,
                    ..self.next
                };
                header.with_payload(&payload)
            }
            None => {
                let frame = self.next_frame_samples(now);
                recording.said(tick, &frame);
                let coded = frame.map(|sample| g711::encode(self.codec, sample));
                let packet = self.next.with_payload(&coded);
                self.next.marker = false;
                packet
            }
        };
        self.next.sequence = self.next.sequence.wrapping_add(1);
        self.next.timestamp = self.next.timestamp.wrapping_add(FRAME_SAMPLES as u32);
        Some(packet)
    }

    fn next_frame_samples(&mut self, now: Duration) -> [i16; FRAME_SAMPLES] {
        let mut frame = [0; FRAME_SAMPLES];
        if let Job::Speech {
            samples,
            position,
            said,
            began,
        } = &mut self.job
        {
            let rest = &samples[*position..];
            let count = rest.len().min(FRAME_SAMPLES);
            frame[..count].copy_from_slice(&rest[..count]);
            *position += count;
            began.get_or_insert(now);
            if is_speech(&frame) {
                said.get_or_insert(Said {
                    first: now,
                    last: now,
                })
                .last = now;
            }
            if *position == samples.len() {
                let whole = Said {
                    first: began.unwrap_or(now),
                    last: now,
                };
                self.done = Some(said.clone().unwrap_or(whole));
                self.job = Job::Silence;
            }
        }
        if let Some(pilot) = &self.pilot {
            pilot.mix_into(&mut frame);
        }
        frame
    }

    /// The event packet that is due: payload, the digit's timestamp, marker.
    fn next_event(&mut self, now: Duration) -> Option<([u8; 4], u32, bool)> {
        let Job::Digits {
            left,
            packet,
            timestamp,
            first,
        } = &mut self.job
        else {
            return None;
        };
        let event = match left.front() {
            Some(event) if self.telephone_event.is_some() => *event,
            Some(_) | None => {
                self.done = Some(Said {
                    first: first.unwrap_or(now),
                    last: now,
                });
                self.job = Job::Silence;
                return None;
            }
        };
        first.get_or_insert(now);
        let index = *packet;
        *packet += 1;
        if index == 0 {
            *timestamp = self.next.timestamp;
        }
        if index >= DIGIT_PACKETS + END_PACKETS {
            if index + 1 == DIGIT_PACKETS + END_PACKETS + DIGIT_PAUSE {
                left.pop_front();
                *packet = 0;
            }
            return None;
        }
        let duration = (index + 1).min(DIGIT_PACKETS) * FRAME_SAMPLES as u16;
        let payload = event_payload(event, index >= DIGIT_PACKETS, duration);
        Some((payload, *timestamp, index == 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packets(talker: &mut Talker, count: u64) -> Vec<(Header, Vec<u8>)> {
        let mut recording = Recording::new(Duration::ZERO);
        let mut packets = Vec::new();
        for frame in 0..count {
            let packet = talker
                .poll_packet(FRAME * frame as u32, &mut recording)
                .unwrap();
            let (header, payload) = Header::parse(&packet).unwrap();
            packets.push((header, payload.to_vec()));
        }
        packets
    }

    #[test]
    fn speech_is_timed_by_its_loud_frames() {
        let mut talker = Talker::new(Duration::ZERO, Codec::Pcmu, None, 7);
        let samples: Vec<i16> = [(0, 320), (3000, 330), (0, 400)]
            .into_iter()
            .flat_map(|(s, n)| vec![s; n])
            .collect();
        talker.say(samples.into());
        let sent = packets(&mut talker, 10);
        let said = talker.take_done().unwrap();
        assert_eq!((said.first, said.last), (FRAME * 2, FRAME * 4));
        assert!(talker.is_silent() && talker.take_done().is_none());
        assert!(sent[0].0.marker && sent[1..].iter().all(|(header, _)| !header.marker));
        assert!(
            sent.windows(2)
                .all(|two| two[1].0.timestamp == two[0].0.timestamp + 160)
        );
        assert!(
            sent.windows(2)
                .all(|two| two[1].0.sequence == two[0].0.sequence + 1)
        );
    }

    #[test]
    fn a_digit_is_five_packets_and_three_ends_with_one_timestamp() {
        let mut talker = Talker::new(Duration::ZERO, Codec::Pcmu, Some(101), 7);
        talker.key("1#");
        let sent = packets(&mut talker, 24);
        let events: Vec<_> = sent
            .iter()
            .filter(|(header, _)| header.payload_type == 101)
            .collect();
        let ends = |event| {
            let is_end = |payload: &Vec<u8>| payload[0] == event && payload[1] & 0x80 != 0;
            events.iter().filter(|(_, payload)| is_end(payload)).count()
        };
        assert_eq!((events.len(), ends(1), ends(11)), (16, 3, 3));
        assert!(
            events[..8]
                .iter()
                .all(|(header, _)| header.timestamp == events[0].0.timestamp)
        );
        assert_eq!(events[7].1, [1, 0x8a, 0x03, 0x20]);
        assert!(talker.is_silent());
    }

    #[test]
    fn keys_without_agreed_events_end_at_once() {
        let mut talker = Talker::new(Duration::ZERO, Codec::Pcmu, None, 7);
        talker.key("1");
        assert!(
            packets(&mut talker, 2)
                .iter()
                .all(|(header, _)| header.payload_type == 0)
        );
        assert!(talker.is_silent());
    }
}
