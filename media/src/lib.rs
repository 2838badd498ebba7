//! One leg of a call: packets to and from 20 ms frames of audio at 8 kHz. Pure: no sockets, no
//! clock, no disk, no randomness. The shell hands in datagrams with the time they came and sends
//! what it gets back.
//!
//! # One packet's way
//! 1. The shell stamps a datagram with `now` and calls [`inbound::Inbound::handle_packet`].
//! 2. `inbound::wire` reads the header without trusting a length; `inbound::latch` asks whether
//!    the sender is this leg's peer; a digit goes to `inbound::digits`.
//! 3. Audio is decoded by [`g711`] and laid into `inbound::jitter` at the place its timestamp
//!    names: order and duplicates settle themselves.
//! 4. Every 20 ms the shell calls [`inbound::Inbound::poll_frame`]; what is missing is filled by
//!    `inbound::conceal`, and the [`frame::FrameKind`] says so.
//! 5. The frame is marked as speech or not by [`vad::Vad`], kept in a [`history::AudioRing`] for
//!    the transcriber ([`resample::Upsampler`] makes 16 kHz of it) and written by a
//!    [`recorder::Recorder`].
//! 6. In the same tick [`playout::Playout`] fills the frame of what is being said, and
//!    [`outbound::Outbound`] makes it the packet that the shell sends.
//!
//! What both sides agreed on before the first packet is a [`sdp::MediaPlan`].

pub mod dtmf;
pub mod frame;
pub mod g711;
mod goertzel;
pub mod history;
pub mod inbound;
mod keypad;
pub mod level;
pub mod onset;
pub mod outbound;
pub mod playout;
pub mod recorder;
pub mod resample;
pub mod sdp;
pub mod tone;
pub mod vad;

pub use frame::{FRAME_DURATION, FRAME_SAMPLES, Frame, FrameKind, SAMPLE_RATE, SILENT_FRAME};
