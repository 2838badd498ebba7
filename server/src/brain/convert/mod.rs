//! The dialog API between its Rust values and protobuf, both ways.
//!
//! The server sends events and reads commands; a brain that is written with these crates does the
//! opposite. A message that lacks what it needs is an [`Malformed`], never a guess.

mod down;
mod kinds;
mod up;

pub use down::{command_from_proto, command_to_proto};
pub use up::{event_from_proto, event_to_proto};

use prost_types::Duration as ProtoDuration;
use std::time::Duration;

/// A message that says too little or something out of range.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

/// A message of the wire's size limit is far longer than any real duration; what does not fit counts as the longest.
fn duration_to_proto(value: Duration) -> ProtoDuration {
    ProtoDuration::try_from(value).unwrap_or(ProtoDuration {
        seconds: i64::MAX,
        nanos: 0,
    })
}

/// Negative durations mean nothing in this contract.
fn duration_from_proto(value: ProtoDuration) -> Result<Duration, Malformed> {
    Duration::try_from(value).map_err(|_| Malformed("a duration is negative"))
}

#[cfg(test)]
mod tests;
