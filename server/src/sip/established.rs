//! A leg whose call is up: offers and INFO from the peer, and the two ways to end.

use std::sync::Arc;
use std::time::Duration;

use rsipstack::dialog::DialogId;
use rsipstack::dialog::dialog::TransactionHandle;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, StatusCode};

use super::answer::{ALLOW, SDP};
use super::control::{End, Wish, WishReader};
use super::events::{EndedBy, EventSink, LegEvent};
use super::fact::{Fact, Facts};
use super::party::reason_text;

/// What a leg task works with.
pub(super) struct Leg {
    pub(super) dialog: InviteDialog,
    pub(super) facts: Facts,
    pub(super) wishes: WishReader,
    pub(super) events: EventSink,
    /// How long the peer may take to answer a request of ours.
    pub(super) patience: Duration,
}

/// Keeps a dialog findable for the peer's requests; forgets it when dropped.
pub(super) struct Registered {
    layer: Arc<DialogLayer>,
    id: DialogId,
}

impl Registered {
    /// Takes over a dialog the layer already knows.
    pub(super) fn adopt(layer: &Arc<DialogLayer>, dialog: &InviteDialog) -> Self {
        Registered {
            layer: layer.clone(),
            id: dialog.id(),
        }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.layer.remove_dialog(&self.id);
    }
}

impl Leg {
    /// Runs the established call until it is over. `current` is our description in force.
    pub(super) async fn talk(mut self, current: &str) {
        loop {
            tokio::select! {
                biased;
                fact = self.facts.next() => match fact {
                    Some(Fact::Over(event)) => return self.events.finish(after_answer(event)),
                    Some(fact) => self.respond(fact, current).await,
                    None => return,
                },
                wish = self.wishes.next() => match wish {
                    Wish::End(end) => return self.hang_up(&end).await,
                    Wish::Ring | Wish::Answer(_) => {}
                },
            }
        }
    }

    /// Reports the end at once, so that media stops, and then sees the BYE through.
    pub(super) async fn hang_up(mut self, end: &End) {
        self.events.finish_locally(200, &end.reason);
        self.bye(&end.reason).await;
    }

    /// Sends a BYE and waits for its answer.
    pub(super) async fn bye(&self, reason: &str) {
        // RFC 3326 and Q.850: cause 16 is normal call clearing.
        let value = format!("Q.850;cause=16;text=\"{}\"", reason_text(reason));
        let bye = self
            .dialog
            .bye_with_headers(Some(vec![Header::Reason(value.into())]));
        // Twice the transaction's own limit: the stack may try a second route.
        match tokio::time::timeout(self.patience * 2, bye).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => {
                tracing::warn!(call = %self.events.id(), "the BYE could not be delivered")
            }
            Err(_) => tracing::warn!(call = %self.events.id(), "the BYE was never answered"),
        }
    }

    async fn respond(&mut self, fact: Fact, current: &str) {
        match fact {
            Fact::Offer {
                sdp,
                needs_sdp,
                reply,
            } => {
                let description = needs_sdp.then_some(current);
                answer(&reply, StatusCode::OK, description).await;
                self.events.ordinary(LegEvent::Reoffered { sdp });
            }
            Fact::Info {
                content_type,
                body,
                reply,
            } => {
                answer(&reply, StatusCode::OK, None).await;
                self.events.ordinary(LegEvent::Info { content_type, body });
            }
            Fact::Options(reply) => answer(&reply, StatusCode::OK, None).await,
            Fact::Unwanted(reply) => answer(&reply, StatusCode::MethodNotAllowed, None).await,
            // The stack repeats `Up` after each in-dialog request.
            Fact::Up { .. } | Fact::Progress { .. } | Fact::Over(_) | Fact::Nothing => {}
        }
    }
}

/// The headers that go with a description of ours.
pub(super) fn description_headers() -> Vec<Header> {
    vec![Header::ContentType(SDP.into()), Header::Allow(ALLOW.into())]
}

async fn answer(reply: &TransactionHandle, status: StatusCode, sdp: Option<&str>) {
    let (headers, body) = match sdp {
        Some(sdp) => (description_headers(), Some(sdp.as_bytes().to_vec())),
        None => (vec![Header::Allow(ALLOW.into())], None),
    };
    // Fails when the peer's transaction has gone; nobody waits for the answer then.
    let _ = reply.respond(status, Some(headers), body).await;
}

/// Once answered a call cannot fail any more, only end.
fn after_answer(event: LegEvent) -> LegEvent {
    match event {
        LegEvent::Failed { code, reason } => LegEvent::Ended {
            by: EndedBy::Remote,
            code,
            reason,
        },
        other @ (LegEvent::Ringing
        | LegEvent::EarlyMedia(_)
        | LegEvent::Answered { .. }
        | LegEvent::Confirmed { .. }
        | LegEvent::Reoffered { .. }
        | LegEvent::Info { .. }
        | LegEvent::Ended { .. }) => other,
    }
}
