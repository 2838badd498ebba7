//! Decisions of a call: who may speak, what was meant, whether it is sure enough, and who takes over.
//!
//! Everything here is pure. A machine is told what happened and when (`now` is the time since an
//! origin that the shell chose), and returns what should be done as values. Sockets, clocks,
//! codecs, URIs, speech engines and databases live elsewhere.

pub mod api;
pub mod confirm;
mod deadline;
pub mod flow;
pub mod queue;
pub mod record;
pub mod session;
pub mod transfer;
pub mod turn;
pub mod understand;

pub use deadline::Deadline;
