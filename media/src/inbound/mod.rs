//! Datagrams in, one frame every 20 ms and keypad digits out. [`Inbound`] only routes: who may
//! speak is decided in `latch`, order and delay in `jitter`, filling of gaps in `conceal`, and
//! RFC 4733 events in `digits`. Sockets and RTCP live elsewhere.

mod conceal;
mod digits;
mod jitter;
mod latch;
mod wire;

use std::net::SocketAddr;
use std::time::Duration;

pub use digits::Digit;

use crate::frame::{FRAME_SAMPLES, Frame, FrameKind};
use crate::sdp::MediaPlan;
use conceal::Concealer;
use digits::{DigitDetector, Event};
use jitter::{Insert, JitterBuffer};
use latch::{Latch, Verdict};

/// Longest packet taken, in samples: 100 ms. Nobody sends longer ones.
const MAX_PACKET_SAMPLES: usize = 5 * FRAME_SAMPLES;

/// How a leg listens. The defaults suit a carrier's trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InboundConfig {
    /// Delay of the jitter buffer before the network is known.
    pub initial_delay: Duration,
    /// Shortest delay it may shrink to.
    pub min_delay: Duration,
    /// Longest delay it may grow to.
    pub max_delay: Duration,
    /// Whether a peer behind a NAT may be heard from another address than the one it announced
    /// (symmetric RTP, RFC 4961).
    pub symmetric: bool,
    /// Packets in sequence that such an address must send before it is believed.
    pub probation: u16,
}

impl Default for InboundConfig {
    fn default() -> InboundConfig {
        InboundConfig {
            initial_delay: Duration::from_millis(40),
            min_delay: Duration::from_millis(20),
            max_delay: Duration::from_millis(120),
            symmetric: true,
            probation: 4,
        }
    }
}

/// What became of a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is part of the call.
    Accepted,
    /// It was counted and forgotten.
    Dropped(DropReason),
}

/// Why a datagram was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropReason {
    /// No RTP packet of version 2 with a whole header, or a payload of impossible size.
    NotRtp,
    /// Sent from an address that is not, and will not become, the source of this leg.
    Stranger,
    /// Sent from an address that has not yet proved itself.
    Probation,
    /// Its payload type is not in the plan.
    UnknownPayload,
    /// Its turn to be heard has passed.
    TooLate,
    /// Its audio is already there.
    Duplicate,
    /// Its timestamp is more than a second off; a second such packet restarts the stream.
    Implausible,
}

/// What happened on a leg since it was made. Every datagram is in exactly one of `accepted` and
/// the counters named after a [`DropReason`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InboundStats {
    /// Datagrams taken: audio and events.
    pub accepted: u64,
    /// See [`DropReason::NotRtp`].
    pub not_rtp: u64,
    /// See [`DropReason::Stranger`].
    pub stranger: u64,
    /// See [`DropReason::Probation`].
    pub probation: u64,
    /// See [`DropReason::UnknownPayload`].
    pub unknown_payload: u64,
    /// See [`DropReason::TooLate`].
    pub too_late: u64,
    /// See [`DropReason::Duplicate`].
    pub duplicate: u64,
    /// See [`DropReason::Implausible`].
    pub implausible: u64,
    /// Samples dropped unheard, oldest first, because the jitter buffer was full.
    pub overrun_samples: u64,
    /// Samples cut out to bring the delay down.
    pub shortened_samples: u64,
    /// Streams begun anew: another SSRC, or a jump of the timestamp.
    pub restarts: u64,
    /// Frames that were mostly concealed.
    pub concealed_frames: u64,
    /// Frames handed out, of any kind.
    pub frames: u64,
}

/// The receiving half of one leg.
///
/// Feed every datagram to [`Inbound::handle_packet`] and call [`Inbound::poll_frame`] exactly
/// once in 20 ms; digits wait in [`Inbound::poll_digit`]. The frame path does not allocate.
#[derive(Debug)]
pub struct Inbound {
    plan: MediaPlan,
    config: InboundConfig,
    latch: Latch,
    jitter: JitterBuffer,
    concealer: Concealer,
    digits: DigitDetector,
    ssrc: Option<u32>,
    last_accepted: Option<Duration>,
    stats: InboundStats,
}

impl Inbound {
    /// A leg that has heard nothing yet.
    pub fn new(plan: MediaPlan, config: InboundConfig) -> Inbound {
        Inbound {
            plan,
            config,
            latch: Latch::new(plan.remote, config.symmetric, config.probation),
            jitter: JitterBuffer::new(&config),
            concealer: Concealer::new(),
            digits: DigitDetector::new(),
            ssrc: None,
            last_accepted: None,
            stats: InboundStats::default(),
        }
    }

    /// Takes over a newly negotiated plan. Another address lifts the lock on the source; the
    /// same address keeps it, so that a mere hold does not open the leg to strangers.
    pub fn set_plan(&mut self, plan: MediaPlan) {
        if plan.remote != self.plan.remote {
            self.latch = Latch::new(plan.remote, self.config.symmetric, self.config.probation);
        }
        self.plan = plan;
    }

    /// Takes one datagram that arrived at `now` from `source`.
    pub fn handle_packet(&mut self, now: Duration, source: SocketAddr, data: &[u8]) -> Received {
        let verdict = self.take(now, source, data);
        match verdict {
            Ok(()) => {
                self.stats.accepted += 1;
                self.last_accepted = Some(now);
                Received::Accepted
            }
            Err(reason) => {
                self.count(reason);
                Received::Dropped(reason)
            }
        }
    }

    fn take(&mut self, now: Duration, source: SocketAddr, data: &[u8]) -> Result<(), DropReason> {
        let packet = wire::parse(data).ok_or(DropReason::NotRtp)?;
        let is_event = self.plan.telephone_event == Some(packet.payload_type);
        if !is_event && packet.payload_type != self.plan.payload_type {
            return Err(DropReason::UnknownPayload);
        }
        let event = if is_event {
            Some(Event::parse(packet.payload).ok_or(DropReason::NotRtp)?)
        } else {
            None
        };
        if packet.payload.is_empty() || packet.payload.len() > MAX_PACKET_SAMPLES {
            return Err(DropReason::NotRtp);
        }
        match self.latch.judge(source, packet.ssrc, packet.sequence) {
            Verdict::Ours => {}
            Verdict::Probation => return Err(DropReason::Probation),
            Verdict::Stranger => return Err(DropReason::Stranger),
        }
        match event {
            Some(event) => {
                self.digits
                    .handle_event(now, packet.ssrc, packet.timestamp, event);
                Ok(())
            }
            None => self.take_audio(now, &packet),
        }
    }

    fn take_audio(&mut self, now: Duration, packet: &wire::Packet<'_>) -> Result<(), DropReason> {
        if self
            .ssrc
            .replace(packet.ssrc)
            .is_some_and(|before| before != packet.ssrc)
        {
            self.jitter.restart();
            self.stats.restarts += 1;
        }
        let mut pcm = [0; MAX_PACKET_SAMPLES];
        let count = self.plan.law.decode(packet.payload, &mut pcm);
        let pcm = &pcm[..count];
        match self
            .jitter
            .insert(now, packet.sequence, packet.timestamp, pcm)
        {
            Insert::Stored => Ok(()),
            Insert::TooLate => Err(DropReason::TooLate),
            Insert::Duplicate => Err(DropReason::Duplicate),
            Insert::Implausible => Err(DropReason::Implausible),
        }
    }

    fn count(&mut self, reason: DropReason) {
        let stats = &mut self.stats;
        let counter = match reason {
            DropReason::NotRtp => &mut stats.not_rtp,
            DropReason::Stranger => &mut stats.stranger,
            DropReason::Probation => &mut stats.probation,
            DropReason::UnknownPayload => &mut stats.unknown_payload,
            DropReason::TooLate => &mut stats.too_late,
            DropReason::Duplicate => &mut stats.duplicate,
            DropReason::Implausible => &mut stats.implausible,
        };
        *counter += 1;
    }

    /// Writes the next 20 ms into `frame`. To be called exactly once in 20 ms.
    pub fn poll_frame(&mut self, now: Duration, frame: &mut Frame) -> FrameKind {
        let known = self.jitter.take(now, frame);
        let kind = self.concealer.fill_gaps(frame, &known);
        self.stats.frames += 1;
        if self.digits.is_muted(now) {
            // The tone that goes with the event must reach neither VAD nor ASR.
            self.concealer.forget();
            frame.fill(0);
            return FrameKind::Silence;
        }
        if kind == FrameKind::Concealed {
            self.stats.concealed_frames += 1;
        }
        kind
    }

    /// The next digit pressed, each reported once.
    pub fn poll_digit(&mut self) -> Option<Digit> {
        self.digits.poll_digit()
    }

    /// Where the peer really sends from, once that is settled. Sending there reaches a peer
    /// behind a NAT; before, use the plan's address.
    pub fn source(&self) -> Option<SocketAddr> {
        self.latch.locked()
    }

    /// When the last datagram was accepted: tells a leg that has fallen silent.
    pub fn last_accepted(&self) -> Option<Duration> {
        self.last_accepted
    }

    /// The current delay that the jitter buffer aims at.
    pub fn target_delay(&self) -> Duration {
        self.jitter.target_delay()
    }

    /// What happened so far.
    pub fn stats(&self) -> InboundStats {
        let jitter = self.jitter.counters();
        InboundStats {
            overrun_samples: jitter.overrun_samples,
            shortened_samples: jitter.shortened_samples,
            restarts: self.stats.restarts + jitter.restarts,
            ..self.stats
        }
    }
}
