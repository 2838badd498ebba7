//! Puts a human on the line, or a promise in the human's place, within the deadline.
//!
//! The caller is spoken to all the while. Who is free is known to [`crate::queue`]; phones and
//! sockets live in the shell.

mod config;

pub use config::TransferConfig;
