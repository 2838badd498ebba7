//! The shell: the only part of the house that touches sockets, disk, clock and randomness.
//!
//! What is decided, decoded, spoken or encoded lives in the other crates; here their values become
//! packets, files and processes. Start at [`serve`], then [`call`].

pub mod brain;
pub mod call;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod desk;
pub mod doctor;
pub mod hearing;
pub mod ports;
pub mod recording;
pub mod serve;
pub mod shop;
pub mod sip;
pub mod store;
pub mod voice;
