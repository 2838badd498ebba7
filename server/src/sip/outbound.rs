//! Calls we place: from the INVITE to the far end's answer, or to the end of it.

use std::sync::Arc;

use rsipstack::dialog::invitation::{InviteAsyncResult, InviteOption};
use rsipstack::dialog::invite_dialog::InviteDialog;
use tokio::task::JoinHandle;

use super::control::{End, Wish, WishReader};
use super::established::{Leg, Registered};
use super::events::{EventSink, LegEvent};
use super::fact::{Fact, Facts, Side};
use super::stack::{Core, Placing};

/// The far end said nothing at all (RFC 3261 §17.1.1.2, timer B).
const REQUEST_TIMEOUT: u16 = 408;
/// The status of a call given up before its answer.
const REQUEST_TERMINATED: u16 = 487;
/// The INVITE could not be sent, or its answer could not be read.
const SERVER_INTERNAL_ERROR: u16 = 500;

/// Runs one outbound leg from beginning to end.
pub(super) async fn run(
    core: Arc<Core>,
    invite: InviteOption,
    wishes: WishReader,
    mut events: EventSink,
) {
    if let Some(end) = wishes.end_wished() {
        return events.finish_locally(REQUEST_TERMINATED, &end.reason);
    }
    let placing = core.place(events.id());
    let offer = invite.offer.clone().unwrap_or_default();
    let (states_in, states) = core.layer.new_dialog_state_channel();
    let (dialog, invitation) = match core.layer.do_invite_async(invite, states_in) {
        Ok(started) => started,
        Err(_) => {
            return events.finish(failed(
                SERVER_INTERNAL_ERROR,
                "the INVITE could not be built",
            ));
        }
    };
    let patience = core.config.transaction_timeout();
    let facts = Facts::new(states, Side::Caller);
    let leg = Leg {
        dialog,
        facts,
        wishes,
        events,
        patience,
    };
    Calling {
        core,
        leg,
        placing,
        invitation,
    }
    .run(&String::from_utf8_lossy(&offer))
    .await;
}

/// A call that is not answered yet.
struct Calling {
    core: Arc<Core>,
    leg: Leg,
    /// Holds back requests of the far end until the answered dialog is registered.
    placing: Placing,
    /// The stack's task behind the INVITE; it has registered an answered dialog when it ends.
    invitation: JoinHandle<InviteAsyncResult>,
}

impl Calling {
    async fn run(mut self, offer: &str) {
        let mut rang = false;
        loop {
            tokio::select! {
                biased;
                fact = self.leg.facts.next() => match fact {
                    Some(Fact::Progress { ringing, sdp }) => {
                        if ringing && !rang {
                            rang = true;
                            self.leg.events.milestone(LegEvent::Ringing);
                        }
                        if let Some(sdp) = sdp {
                            self.leg.events.ordinary(LegEvent::EarlyMedia(sdp));
                        }
                    }
                    Some(Fact::Up { sdp }) => return self.answered(sdp, offer).await,
                    Some(Fact::Over(event)) => return self.leg.events.finish(event),
                    Some(_) => {}
                    None => return,
                },
                wish = self.leg.wishes.next() => match wish {
                    Wish::End(end) => return self.give_up(&end).await,
                    Wish::Ring | Wish::Answer(_) => {}
                },
                outcome = &mut self.invitation => return self.finished(outcome.is_ok(), offer).await,
            }
        }
    }

    async fn answered(self, sdp: Option<String>, offer: &str) {
        // It ends right after the answer, and only then does the layer know the dialog.
        let _ = self.invitation.await;
        let _registered = Registered::adopt(&self.core.layer, &self.leg.dialog);
        drop(self.placing);
        self.leg.events.milestone(LegEvent::Answered { sdp });
        self.leg.talk(offer).await;
    }

    /// The INVITE's task is over; what it learned may still be on its way to us.
    async fn finished(mut self, regularly: bool, offer: &str) {
        while let Some(fact) = self.leg.facts.next_ready() {
            match fact {
                Fact::Up { sdp } => {
                    let _registered = Registered::adopt(&self.core.layer, &self.leg.dialog);
                    drop(self.placing);
                    self.leg.events.milestone(LegEvent::Answered { sdp });
                    return self.leg.talk(offer).await;
                }
                Fact::Over(event) => return self.leg.events.finish(event),
                Fact::Progress { .. }
                | Fact::Offer { .. }
                | Fact::Info { .. }
                | Fact::Options(_)
                | Fact::Unwanted(_)
                | Fact::Nothing => {}
            }
        }
        let event = if regularly {
            failed(REQUEST_TIMEOUT, "no final response")
        } else {
            failed(SERVER_INTERNAL_ERROR, "the INVITE's task failed")
        };
        self.leg.events.finish(event);
    }

    /// Reports the end at once and then sees the CANCEL through; an answer that crosses it gets a BYE.
    async fn give_up(mut self, end: &End) {
        self.leg
            .events
            .finish_locally(REQUEST_TERMINATED, &end.reason);
        let dialog: InviteDialog = self.leg.dialog.clone();
        // Without a provisional response the stack holds the CANCEL back until one comes (RFC 3261 §9.1).
        let cancelling = tokio::spawn(async move { dialog.cancel().await });
        let deadline = tokio::time::sleep(self.leg.patience * 2);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                    biased;
                    fact = self.leg.facts.next() => match fact {
                        Some(Fact::Up { .. }) => {
                            let _ = self.invitation.await;
                            let _registered = Registered::adopt(&self.core.layer, &self.leg.dialog);
            drop(self.placing);
                            self.leg.bye(&end.reason).await;
                            break;
                        }
                        Some(Fact::Over(_)) | None => break,
                        Some(_) => {}
                    },
                    () = &mut deadline => {
                        // The far end answers neither the INVITE nor the CANCEL: forget the call (RFC 3261 §9.1).
                        tracing::warn!(call = %self.leg.events.id(), "a cancelled call never ended");
                        self.invitation.abort();
                        break;
                    }
                }
        }
        let _ = cancelling.await;
    }
}

fn failed(code: u16, reason: &str) -> LegEvent {
    LegEvent::Failed {
        code,
        reason: reason.to_owned(),
    }
}
