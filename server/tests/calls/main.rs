//! Whole calls: a server in this process, real sockets on loopback, and the scripted phone.
//!
//! Every test has a server of its own, with its own store, recordings and RTP ports.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers are test code outside of a test function"
)]

mod agents;
mod apart;
mod brain;
mod dialog;
mod disk;
mod hang_up;
mod harness;
mod hostile;
mod keypad;
mod peer;
mod refusal;
mod start;
mod steps;
