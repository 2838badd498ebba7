//! Every request that starts a transaction passes here once, in a task of its own, and is handed to
//! the dialog it belongs to. What belongs to none is answered on the spot.

use std::sync::Arc;

use rsipstack::dialog::dialog::Dialog;
use rsipstack::sip::{HeadersExt, Method};
use rsipstack::transaction::transaction::Transaction;
use tokio::sync::mpsc;

use super::answer::{capabilities, not_allowed, reply, unavailable};
use super::incoming::{self, IncomingCall};
use super::party::breaks_lines;
use super::stack::Core;

/// Handles one request to the end of its transaction.
pub(super) async fn route(
    core: Arc<Core>,
    mut tx: Transaction,
    on_call: mpsc::Sender<IncomingCall>,
) {
    // Our replies and later requests repeat these values; none may smuggle in a line of its own.
    if tx
        .original
        .headers
        .iter()
        .any(|h| breaks_lines(h.value()) || breaks_lines(h.name()))
    {
        tracing::warn!("a request with control characters in its headers is dropped");
        return;
    }
    let in_dialog = match tx.original.to_header().and_then(|to| to.tag()) {
        Ok(tag) => tag.is_some(),
        Err(_) => return reply(&mut tx, 400, Vec::new()).await,
    };
    if in_dialog {
        return route_in_dialog(&core, tx).await;
    }
    match tx.original.method {
        Method::Invite => incoming::accept(core, tx, on_call).await,
        Method::Options if core.is_draining() => {
            let (code, headers) = unavailable();
            reply(&mut tx, code, headers).await;
        }
        Method::Options => capabilities(&mut tx).await,
        // RFC 3261 §12.2.2 and §15.1.2: these make sense inside a dialog only.
        Method::Bye | Method::Info | Method::Update | Method::PRack | Method::Notify => {
            reply(&mut tx, 481, Vec::new()).await;
        }
        Method::Message
        | Method::Publish
        | Method::Refer
        | Method::Register
        | Method::Subscribe => {
            not_allowed(&mut tx).await;
        }
        // The stack matches both with their INVITE and drops them when there is none.
        Method::Ack | Method::Cancel => {}
    }
}

async fn route_in_dialog(core: &Core, mut tx: Transaction) {
    let Some(mut dialog) = find(core, &tx).await else {
        return reply(&mut tx, 481, Vec::new()).await;
    };
    match tx.original.method {
        Method::Invite
        | Method::Ack
        | Method::Bye
        | Method::Cancel
        | Method::Info
        | Method::Options
        | Method::PRack
        | Method::Update => {
            if dialog.handle(&mut tx).await.is_err() {
                tracing::debug!(call = %dialog.id().call_id, "an in-dialog request ended with an error");
            }
        }
        Method::Message
        | Method::Notify
        | Method::Publish
        | Method::Refer
        | Method::Register
        | Method::Subscribe => not_allowed(&mut tx).await,
    }
    // The stack ignores requests out of order or too early; RFC 3261 §12.2.2 wants them refused.
    if tx.last_response.is_none() && tx.original.method != Method::Ack {
        reply(&mut tx, 500, Vec::new()).await;
    }
}

async fn find(core: &Core, tx: &Transaction) -> Option<Dialog> {
    if let Some(dialog) = core.layer.match_dialog(tx) {
        return Some(dialog);
    }
    core.placed(tx.original.call_id_header().ok()?.value())
        .await;
    core.layer.match_dialog(tx)
}
