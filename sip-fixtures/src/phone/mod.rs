//! A scripted SIP phone: it places calls or takes them, speaks, listens, records and measures.
//!
//! The phone has its own small SIP, RTP and G.711, and shares none with the server: when both ends
//! of a test were the same code, a fault could hide behind its mirror image. Everything except
//! `net`, `clock`, `call` and `desk` is sans-IO, so phones call each other in virtual time too.

mod agent;
mod call;
mod caller;
pub(crate) mod clock;
mod desk;
pub(crate) mod event;
pub(crate) mod line;
mod net;
mod output;
mod runner;
pub(crate) mod sip;
#[cfg(test)]
mod tests;

pub use self::call::{CallError, CallOptions, Target, TargetError, run_call};
pub use self::caller::CallFailure;
pub use self::clock::Clock;
pub use self::desk::{Agent, AgentHandle};
pub use self::event::{PhoneEvent, What};
pub use self::sip::sdp::Codec;
