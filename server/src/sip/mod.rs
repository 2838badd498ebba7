//! SIP signalling: answering calls, placing calls, and ending both exactly once.
//!
//! The rest of the server sees a [`Sip`] handle, one [`IncomingCall`] or [`OutgoingLeg`] per call,
//! a [`LegControl`] to steer it and a stream of [`LegEvent`]s. No type of the SIP stack leaves this
//! folder, so the stack can be replaced. SDP passes through as text: what it says is media's business.
//!
//! One task owns one leg; `route` only hands requests to the dialog they belong to.

mod answer;
mod config;
mod control;
mod established;
mod events;
mod fact;
mod gate;
mod handle;
mod inbound;
mod incoming;
mod outbound;
mod party;
mod route;
mod stack;
mod supervisor;

pub use config::{SipConfig, SipError};
pub use control::LegControl;
pub use events::{EndedBy, LegEvent};
pub use handle::{Dial, OutgoingLeg, Sip};
pub use incoming::IncomingCall;
pub use party::Party;

/// A log filter directive the process must carry: below `error` the stack logs messages and
/// parts of them, and with them the callers' numbers and names.
pub const QUIET_STACK: &str = "rsipstack=error";
