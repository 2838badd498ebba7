//! What is read out of the packets a phone received: speech, tones, streams and the figures.
//!
//! Nothing here looks at a log or asks the server: a figure is what a caller would have heard.

pub(crate) mod activity;
pub(crate) mod figures;
pub(crate) mod level;
pub(crate) mod pilot;
mod report;
pub(crate) mod stream;

pub use report::{
    AgentCallReport, AgentReport, BridgeReport, CallReport, HandoverReport, StreamReport, TurnKind,
    TurnReport,
};
