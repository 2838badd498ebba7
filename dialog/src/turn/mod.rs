//! The floor: who may speak, when the caller's turn begins and ends, and what stops the bot.
//!
//! The machines here know times, marks and texts; what a turn means is decided elsewhere.

mod barge_in;
mod config;
mod floor;
mod keypad;
mod no_input;
mod onset;
mod output;
mod segment;
mod settle;
mod timers;
mod utterance;

#[cfg(test)]
mod tests;

pub use barge_in::Playing;
pub use config::TurnConfig;
pub use floor::Floor;
pub use output::{DecodeOrder, TurnEnd, TurnOutput};

pub(crate) use keypad::MAX_KEYS;
