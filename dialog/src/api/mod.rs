//! The dialog API as Rust values: what a brain is told ([`CallEvent`]) and what it may ask ([`Command`]).
//!
//! The gRPC contract in `sidetone-proto` says the same in protobuf; the shell converts. The
//! built-in brain speaks exactly this, so it can do nothing that a brain over gRPC cannot.

mod command;
mod event;

pub use command::{
    BargeIn, Command, CommandEnvelope, Confirm, ConfirmStyle, Context, ContextSlot, Expect,
    Fallback, HANDOVER_DEADLINE, HANDOVER_RING, Handover, Keypad, Listen, PromptKind, Say,
    SlotState,
};
pub use event::{
    CallEvent, CommandCode, ConfirmOutcome, EndOfTurnReason, EventEnvelope, HandoverStage,
    Initiator, PROMISE_NOT_STORED, PlaybackEnd, Transcript, Word,
};

use serde::{Deserialize, Serialize};

/// What a wrong value costs, from nothing (W0) to money, law or identity (W4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RiskClass {
    /// Read-only and not personal: a stock question.
    W0,
    /// A lookup key: an order number, a product.
    W1,
    /// A write that can be taken back: a return reason, a quantity.
    W2,
    /// Hard to undo: a cancelled order, an address, a callback number.
    W3,
    /// Money, law or identity: always asked explicitly.
    W4,
}

/// Names one prompt within a call; counts up from 1 in the order in which the prompts were asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PromptId(pub u64);

/// Names one utterance of the caller within a call; counts up from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct UtteranceId(pub u64);

/// Names one handover within a call; counts up from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct HandoverId(pub u64);
