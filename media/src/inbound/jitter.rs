//! The jitter buffer: samples addressed by their RTP timestamp, and a cursor that walks over
//! them in real time. Order, duplicates and packets of any length need no further rule: a sample
//! has one place. What to play where nothing arrived is the business of `conceal`.

use std::time::Duration;

use super::InboundConfig;
use crate::frame::{FRAME_SAMPLES, Frame, SAMPLE_RATE, duration_of, samples_in};

/// Samples that fit: half a second, and a power of two so that a place is a mask.
const CAPACITY: usize = 4096;

/// Most audio kept ahead of the cursor: 300 ms. Rule when full: the oldest is dropped.
const MAX_AHEAD: i64 = 2400;

/// A timestamp that is off by more than this against the clock belongs to another stream.
const MAX_JUMP: i64 = SAMPLE_RATE as i64;

/// Packets between two renewals of the shortest transit time, so that clock drift is followed:
/// four seconds of ordinary packets.
const TRANSIT_WINDOW: u32 = 200;

/// Step of the estimate of lateness, in samples, and the share of packets that should be in time.
const LATENESS_STEP: f32 = 80.0;
const IN_TIME: f32 = 0.97;

/// Frames between two cuts while the delay comes down, so that a cut is hardly heard.
const FRAMES_BETWEEN_CUTS: u32 = 5;

const FRAME: i64 = FRAME_SAMPLES as i64;

/// What became of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Insert {
    Stored,
    TooLate,
    Duplicate,
    Implausible,
}

/// Which samples of a frame were received.
pub(super) type Known = [bool; FRAME_SAMPLES];

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counters {
    pub(super) overrun_samples: u64,
    pub(super) shortened_samples: u64,
    pub(super) restarts: u64,
}

#[derive(Debug)]
pub(super) struct JitterBuffer {
    samples: Box<[i16; CAPACITY]>,
    filled: Box<[bool; CAPACITY]>,
    stream: Option<Stream>,
    /// Sequence number that would confirm the jump of an implausible packet.
    jump: Option<u16>,
    lateness: f32,
    initial: f32,
    min_target: i64,
    max_target: i64,
    frames_since_cut: u32,
    counters: Counters,
}

/// The stream being played. Positions are timestamps without their wrap.
#[derive(Debug)]
struct Stream {
    /// The next sample to play.
    cursor: i64,
    /// Behind the newest sample received.
    newest: i64,
    /// The shortest transit time (arrival less timestamp) in this window and the one before.
    shortest: [i64; 2],
    packets_in_window: u32,
}

impl JitterBuffer {
    pub(super) fn new(config: &InboundConfig) -> JitterBuffer {
        let min_target = samples_in(config.min_delay) as i64;
        let max_target = samples_in(config.max_delay) as i64;
        let initial = (samples_in(config.initial_delay) as i64).clamp(min_target, max_target);
        let initial = (initial - FRAME).max(0) as f32;
        JitterBuffer {
            samples: Box::new([0; CAPACITY]),
            filled: Box::new([false; CAPACITY]),
            stream: None,
            jump: None,
            lateness: initial,
            initial,
            min_target,
            max_target,
            frames_since_cut: 0,
            counters: Counters::default(),
        }
    }

    /// Forgets the stream: the next packet begins a new one.
    pub(super) fn restart(&mut self) {
        self.stream = None;
        self.jump = None;
        self.filled.fill(false);
        self.lateness = self.initial;
    }

    pub(super) fn counters(&self) -> Counters {
        self.counters
    }

    pub(super) fn target_delay(&self) -> Duration {
        duration_of(self.target() as usize)
    }

    /// Takes the audio of a packet that arrived at `now`.
    pub(super) fn insert(
        &mut self,
        now: Duration,
        sequence: u16,
        timestamp: u32,
        pcm: &[i16],
    ) -> Insert {
        let now = samples_in(now) as i64;
        let Some(stream) = &mut self.stream else {
            return self.begin(now, timestamp, pcm);
        };
        let start = stream.position(timestamp);
        let late = now - start - stream.shortest_transit();
        if late.abs() > MAX_JUMP {
            if self.jump == Some(sequence) {
                self.restart();
                self.counters.restarts += 1;
                return self.begin(now, timestamp, pcm);
            }
            self.jump = Some(sequence.wrapping_add(1));
            return Insert::Implausible;
        }
        self.jump = None;
        let end = start + pcm.len() as i64;
        if start >= stream.newest {
            stream.learn_transit(now - start);
            self.learn_lateness(now, start);
        }
        self.re_anchor_if_dry(now, start);
        let cursor = self.cursor();
        if end <= cursor {
            return Insert::TooLate;
        }
        if self.filled[place(start.max(cursor))] {
            return Insert::Duplicate;
        }
        self.make_room(end);
        self.store(start, pcm);
        Insert::Stored
    }

    /// Copies the next frame and walks on. Samples that are not known are zero.
    pub(super) fn take(&mut self, now: Duration, frame: &mut Frame) -> Known {
        frame.fill(0);
        let mut known = [false; FRAME_SAMPLES];
        let now = samples_in(now) as i64;
        let target = self.target();
        let Some(stream) = &self.stream else {
            return known;
        };
        if stream.newest <= stream.cursor {
            // Dry: the cursor waits, so that audio which is merely late is still heard.
            return known;
        }
        let delay = now - stream.shortest_transit() - stream.cursor;
        self.frames_since_cut = self.frames_since_cut.saturating_add(1);
        let cut = delay > target + FRAME
            && self.frames_since_cut >= FRAMES_BETWEEN_CUTS
            && self.all_filled(stream.cursor, 2 * FRAME);
        self.copy_frame(frame, &mut known);
        if cut {
            let mut second = [0; FRAME_SAMPLES];
            self.copy_frame(&mut second, &mut known);
            cross_fade(frame, &second);
            self.frames_since_cut = 0;
            self.counters.shortened_samples += FRAME as u64;
        }
        known
    }

    /// The wait before the first sample is an ordinary gap in front of it.
    fn begin(&mut self, now: i64, timestamp: u32, pcm: &[i16]) -> Insert {
        // Far from zero, so that earlier packets have places too.
        let start = i64::from(timestamp) + (1 << 32);
        self.stream = Some(Stream {
            cursor: start - self.target() + FRAME / 2,
            newest: start,
            shortest: [now - start; 2],
            packets_in_window: 1,
        });
        self.store(start, pcm);
        Insert::Stored
    }

    /// With nothing left to play there is nothing to tear: the cursor goes where the target
    /// delay wants it, but not past the audio that has just come.
    fn re_anchor_if_dry(&mut self, now: i64, start: i64) {
        let target = self.target();
        if let Some(stream) = &mut self.stream
            && stream.newest <= stream.cursor
            && start >= stream.newest
        {
            let ideal = now - stream.shortest_transit() - target + FRAME / 2;
            stream.cursor = ideal.clamp(start - target, start);
        }
    }

    /// Drops the oldest audio when the newest would lie too far ahead.
    fn make_room(&mut self, end: i64) {
        let target = self.target();
        let cursor = self.cursor();
        if end - cursor <= MAX_AHEAD {
            return;
        }
        let goal = end - target;
        for position in cursor..goal.min(cursor + CAPACITY as i64) {
            let filled = &mut self.filled[place(position)];
            self.counters.overrun_samples += u64::from(*filled);
            *filled = false;
        }
        if let Some(stream) = &mut self.stream {
            stream.cursor = goal;
        }
    }

    fn store(&mut self, start: i64, pcm: &[i16]) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        stream.newest = stream.newest.max(start + pcm.len() as i64);
        for (position, sample) in (start..).zip(pcm) {
            if position >= stream.cursor {
                self.samples[place(position)] = *sample;
                self.filled[place(position)] = true;
            }
        }
    }

    fn copy_frame(&mut self, frame: &mut Frame, known: &mut Known) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        for (n, (sample, known)) in frame.iter_mut().zip(known.iter_mut()).enumerate() {
            let place = place(stream.cursor + n as i64);
            *known = std::mem::take(&mut self.filled[place]);
            *sample = if *known { self.samples[place] } else { 0 };
        }
        stream.cursor += FRAME;
    }

    fn all_filled(&self, from: i64, count: i64) -> bool {
        (from..from + count).all(|position| self.filled[place(position)])
    }

    fn cursor(&self) -> i64 {
        self.stream.as_ref().map_or(0, |stream| stream.cursor)
    }

    /// The delay that lets most packets arrive in time, plus the frame being played.
    fn target(&self) -> i64 {
        (self.lateness as i64 + FRAME).clamp(self.min_target, self.max_target)
    }

    /// Moves a running estimate of a high percentile: up by much for a late packet, down by
    /// little for one in time, so that it rests where one in 33 is late.
    fn learn_lateness(&mut self, now: i64, start: i64) {
        let Some(stream) = &self.stream else {
            return;
        };
        let late = (now - start - stream.shortest_transit()) as f32;
        let step = if late > self.lateness {
            IN_TIME
        } else {
            IN_TIME - 1.0
        };
        let limit = (self.max_target - FRAME).max(0) as f32;
        self.lateness = (self.lateness + LATENESS_STEP * step).clamp(0.0, limit);
    }
}

impl Stream {
    /// The place of a timestamp next to the newest audio, on whichever side is nearer.
    fn position(&self, timestamp: u32) -> i64 {
        self.newest + i64::from(timestamp.wrapping_sub(self.newest as u32) as i32)
    }

    fn shortest_transit(&self) -> i64 {
        self.shortest[0].min(self.shortest[1])
    }

    fn learn_transit(&mut self, transit: i64) {
        self.packets_in_window += 1;
        if self.packets_in_window > TRANSIT_WINDOW {
            self.shortest = [transit, self.shortest[0]];
            self.packets_in_window = 1;
        }
        self.shortest[0] = self.shortest[0].min(transit);
    }
}

fn place(position: i64) -> usize {
    position.rem_euclid(CAPACITY as i64) as usize
}

fn cross_fade(frame: &mut Frame, into: &Frame) {
    for (n, (from, to)) in frame.iter_mut().zip(into).enumerate() {
        let rest = (FRAME_SAMPLES - n) as i32;
        let mixed = i32::from(*from) * rest + i32::from(*to) * n as i32;
        *from = (mixed / FRAME_SAMPLES as i32) as i16;
    }
}
