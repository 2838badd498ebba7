//! Puts a human on the line, or a promise in the human's place, within the deadline.
//!
//! The caller is spoken to all the while. Who is free is known to [`crate::queue`]; phones and
//! sockets live in the shell.

mod config;
mod controller;
mod io;
mod offer;
mod promising;
mod states;
mod waiting;
mod words;

#[cfg(test)]
mod tests;

pub use config::TransferConfig;
pub use controller::Controller;
pub use io::{Progress, TransferInput, TransferOutput};
pub use offer::takes_promise;
