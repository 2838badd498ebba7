//! The built-in brain: order status for the demonstration shop Harbour Goods.
//!
//! It speaks only the dialog API, so it can do nothing that a brain over gRPC cannot. It holds no
//! timers, no sockets and no orders: the shell looks orders up and brings the answer back.

mod order_status;
pub mod prompts;

pub use order_status::OrderStatus;

use crate::api::CommandEnvelope;

/// What the flow wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum FlowOutput {
    /// Send a command to the media server.
    Command(CommandEnvelope),
    /// Look an order up, and bring the answer to [`OrderStatus::handle_order`].
    FindOrder {
        /// The order number: eight digits with a right check digit.
        digits: String,
    },
}

/// What a look-up gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderLookup {
    /// There is such an order.
    Found(OrderFacts),
    /// There is none.
    NotFound,
    /// The orders could not be asked.
    Unavailable,
}

/// What may be said about an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderFacts {
    /// Its number.
    pub order_ref: String,
    /// What was ordered, to stand after "your": `grey harbour lamp`.
    pub item: String,
    /// Where it is, to stand after the item: `is with the driver and arrives today by six`.
    pub status_line: String,
}

#[cfg(test)]
mod tests;
