//! Drives the built-in flow: events in, commands out, and the look-ups in between.

use super::BrainMessage;
use crate::config::Handover;
use crate::shop::Shop;
use sidetone_dialog::api::{CommandEnvelope, EventEnvelope};
use sidetone_dialog::flow::{FlowOutput, OrderFacts, OrderLookup, OrderStatus};
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// The built-in flow with what it needs: where orders are, and the deadlines of a handover.
#[derive(Clone)]
pub struct BuiltIn {
    shop: Shop,
    /// The flow of a call that has not happened yet.
    flow: OrderStatus,
}

impl BuiltIn {
    /// A flow that looks orders up in `shop` and hands over as `handover` says.
    pub fn new(shop: Shop, handover: &Handover) -> Self {
        let flow = OrderStatus::new().handing_over_within(handover.deadline, handover.ring);
        Self { shop, flow }
    }
}

/// Runs the flow for one call in process.
pub(super) async fn run_linked(
    brain: BuiltIn,
    events: mpsc::Receiver<EventEnvelope>,
    messages: mpsc::Sender<BrainMessage>,
) {
    run(brain, events, |command| {
        let messages = messages.clone();
        async move { messages.send(BrainMessage::Command(command)).await.is_ok() }
    })
    .await;
}

/// Runs the flow until the events end or `send` reports that nobody listens any more.
pub(super) async fn run<F, S>(brain: BuiltIn, mut events: mpsc::Receiver<EventEnvelope>, send: F)
where
    F: Fn(CommandEnvelope) -> S,
    S: Future<Output = bool>,
{
    let BuiltIn { shop, mut flow } = brain;
    while let Some(event) = events.recv().await {
        let mut outputs = VecDeque::from(flow.handle(&event));
        while let Some(output) = outputs.pop_front() {
            match output {
                FlowOutput::Command(command) => {
                    if !send(command).await {
                        return;
                    }
                }
                FlowOutput::FindOrder { digits } => {
                    let found = look_up(&shop, &digits).await;
                    outputs.extend(flow.handle_order(found));
                }
            }
        }
    }
}

/// What cannot be asked is said to be so: a fact is never invented.
async fn look_up(shop: &Shop, digits: &str) -> OrderLookup {
    match shop.find_order(digits).await {
        Ok(Some(order)) => OrderLookup::Found(OrderFacts {
            order_ref: order.number,
            item: order.item,
            status_line: format!("is {} and {}", order.status, order.eta),
        }),
        Ok(None) => OrderLookup::NotFound,
        Err(error) => {
            tracing::warn!(%error, "an order could not be looked up");
            OrderLookup::Unavailable
        }
    }
}
