//! The floor: who may speak, when the caller's turn begins and ends, and what stops the bot.
//!
//! The machines here know times, marks and texts; what a turn means is decided elsewhere.

mod config;

pub use config::TurnConfig;
