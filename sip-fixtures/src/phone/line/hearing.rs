//! The receiving half of a line: packets in, speech, pilots, statistics and recording out.

use std::time::Duration;

use super::recording::Recording;
use super::rtp::Header;
use super::{FRAME, g711};
use crate::measure::activity::Activity;
use crate::measure::level::{FRAME_SAMPLES, is_speech};
use crate::measure::pilot::{Pilot, PilotEar};
use crate::measure::stream::StreamCounter;
use crate::phone::sip::sdp::Codec;

/// Most 20 ms frames taken from one packet.
const MOST_FRAMES: usize = 10;

/// What a packet made certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The far end began to speak at that time.
    Speech { onset: Duration },
    /// The pilot at that index of the list is there.
    Pilot { index: usize },
}

/// The receiving half of a line.
#[derive(Debug)]
pub(crate) struct Hearing {
    codec: Codec,
    pub(crate) activity: Activity,
    pub(crate) stream: StreamCounter,
    pub(crate) pilots: Vec<PilotEar>,
}

impl Hearing {
    /// Listens for `pilots` besides speech.
    pub(crate) fn new(codec: Codec, pilots: &[Pilot]) -> Self {
        Hearing {
            codec,
            activity: Activity::default(),
            stream: StreamCounter::default(),
            pilots: pilots.iter().copied().map(PilotEar::new).collect(),
        }
    }

    /// Takes one packet. What is not RTP, or not the agreed codec, is counted and left.
    pub(crate) fn handle_packet(
        &mut self,
        at: Duration,
        packet: &[u8],
        recording: &mut Recording,
    ) -> Vec<Heard> {
        let mut heard = Vec::new();
        let Some((header, payload)) = Header::parse(packet) else {
            self.stream.handle_other();
            return heard;
        };
        if header.payload_type != self.codec.payload_type() {
            self.stream.handle_other();
            return heard;
        }
        self.stream.handle_packet(at, &header);
        let samples: Vec<i16> = payload
            .iter()
            .map(|byte| g711::decode(self.codec, *byte))
            .collect();
        recording.heard(at, header.ssrc, header.timestamp, &samples);
        for (index, frame) in samples
            .chunks_exact(FRAME_SAMPLES)
            .take(MOST_FRAMES)
            .enumerate()
        {
            self.handle_frame(at + FRAME * index as u32, frame, &mut heard);
        }
        heard
    }

    fn handle_frame(&mut self, at: Duration, frame: &[i16], heard: &mut Vec<Heard>) {
        if self.activity.handle_frame(at, is_speech(frame)) {
            let onset = self.activity.current_segment(at).unwrap_or(at);
            heard.push(Heard::Speech { onset });
        }
        for (index, ear) in self.pilots.iter_mut().enumerate() {
            if ear.handle_frame(at, frame) {
                heard.push(Heard::Pilot { index });
            }
        }
    }
}
