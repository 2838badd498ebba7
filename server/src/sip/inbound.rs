//! Calls that come in: admission, the wait for our answer and for the caller's ACK.
//!
//! ```text
//! INVITE -> offered --answer--> answered --ACK--> established (see `established`)
//!              |                   |
//!              +-- reject, CANCEL  +-- BYE, or no ACK for 64 x T1
//! ```

use std::net::SocketAddr;
use std::sync::Arc;

use rsipstack::dialog::dialog::{DialogState, DialogStateSender, TerminatedReason};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, Request, StatusCode};
use rsipstack::transaction::transaction::Transaction;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::answer::{reply, unavailable, unsupported_media};
use super::established::{Leg, Registered, description_headers};
use super::fact::{Fact, Facts, Side, content_type, is_sdp, sdp};
use super::leg::{End, EndedBy, EventSink, LegControl, LegEvent, Wish, WishReader};
use super::party::{Party, reason_text};
use super::stack::Core;

/// The most headers, and bytes of one, passed on with a call.
const MAX_HEADERS: usize = 32;
const MAX_HEADER_BYTES: usize = 1024;
/// The refusal when we end a call we have not answered (RFC 3261 §21.4.18).
const TEMPORARILY_UNAVAILABLE: u16 = 480;

/// A call somebody places to us. It rings until [`leg`](Self::leg) decides.
#[derive(Debug)]
pub struct IncomingCall {
    /// The Call-ID.
    pub id: String,
    /// The caller, as it names itself.
    pub from: Party,
    /// The party it wants.
    pub to: Party,
    /// The allow-listed headers, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The caller's offer; without one our answer carries the offer, and `Confirmed` the caller's answer.
    pub offer: Option<String>,
    /// Where the INVITE came from.
    pub source: SocketAddr,
    /// Decides about the call and ends it.
    pub leg: LegControl,
    /// What happens on the call.
    pub events: mpsc::Receiver<LegEvent>,
}

type Refusal = (u16, Vec<Header>);

/// Takes in an INVITE outside of a dialog, and stays until its transaction is over.
pub(super) async fn accept(
    core: Arc<Core>,
    mut tx: Transaction,
    on_call: mpsc::Sender<IncomingCall>,
) {
    let (permit, room) = match admit(&core, &tx.original, &on_call) {
        Ok(admitted) => admitted,
        Err((code, headers)) => return reply(&mut tx, code, headers).await,
    };
    let Some((transport, source)) = origin(&tx) else {
        return reply(&mut tx, 400, Vec::new()).await;
    };
    let (states_in, states) = core.layer.new_dialog_state_channel();
    let contact = core.contact(transport);
    let created =
        core.layer
            .get_or_create_server_invite(&tx, states_in.clone(), None, Some(contact));
    let Ok(mut dialog) = created else {
        // Contact, From, To or CSeq are missing or unreadable (RFC 3261 §8.1.1).
        return reply(&mut tx, 400, Vec::new()).await;
    };
    let registered = Registered::adopt(&core.layer, &dialog);
    let id = dialog.id().call_id;
    let (control, wishes) = WishReader::channel(core.stop_legs.clone());
    let (events, receiver) = EventSink::channel(&id);
    room.send(describe(&core, &tx.original, id, source, control, receiver));
    let patience = core.config.transaction_timeout();
    let facts = Facts::new(states, Side::Callee);
    let leg = Leg {
        dialog: dialog.clone(),
        facts,
        wishes,
        events,
        patience,
    };
    let count = core.count_leg();
    tokio::spawn(async move {
        let _kept = (registered, permit, count);
        leg.run_inbound().await;
    });
    let _guard = TransactionGuard {
        dialog: dialog.clone(),
        states: states_in,
    };
    if dialog.handle(&mut tx).await.is_err() {
        tracing::debug!(call = %dialog.id().call_id, "the INVITE transaction ended with an error");
    }
}

impl Leg {
    async fn run_inbound(mut self) {
        let Some(current) = self.offered().await else {
            return;
        };
        if self.answered().await {
            self.talk(&current).await;
        }
    }

    /// Waits for a decision; returns our description once it is sent.
    async fn offered(&mut self) -> Option<String> {
        loop {
            tokio::select! {
                biased;
                fact = self.facts.next() => match fact {
                    Some(Fact::Over(event)) => {
                        self.events.finish(event);
                        return None;
                    }
                    Some(_) => {}
                    None => return None,
                },
                wish = self.wishes.next() => match wish {
                    Wish::Ring => {
                        let _ = self.dialog.ringing(None, None);
                    }
                    Wish::Answer(sdp) => {
                        let body = sdp.clone().into_bytes();
                        // Fails when the transaction has just gone: the next fact tells why.
                        let _ = self.dialog.accept(Some(description_headers()), Some(body));
                        return Some(sdp);
                    }
                    Wish::End(end) => {
                        self.refuse(&end);
                        return None;
                    }
                },
            }
        }
    }

    /// Waits for the ACK; true when the call is up. A hang-up waits for it too (RFC 3261 §15).
    async fn answered(&mut self) -> bool {
        let mut ending: Option<End> = None;
        loop {
            tokio::select! {
                biased;
                fact = self.facts.next() => match fact {
                    Some(Fact::Up { .. }) => match ending {
                        Some(end) => {
                            self.bye(&end.reason).await;
                            return false;
                        }
                        None => {
                            let sdp = self.dialog.last_remote_ack().and_then(|ack| sdp(&ack.headers, &ack.body));
                            self.events.milestone(LegEvent::Confirmed { sdp });
                            return true;
                        }
                    },
                    Some(Fact::Over(event)) => {
                        self.report_silence(&event);
                        self.events.finish(event);
                        return false;
                    }
                    Some(_) => {}
                    None => return false,
                },
                wish = self.wishes.next(), if ending.is_none() => match wish {
                    Wish::End(end) => {
                        self.events.finish_locally(200, &end.reason);
                        ending = Some(end);
                    }
                    Wish::Ring | Wish::Answer(_) => {}
                },
            }
        }
    }

    fn refuse(&mut self, end: &End) {
        let code = end
            .code
            .filter(|c| (300..700).contains(c))
            .unwrap_or(TEMPORARILY_UNAVAILABLE);
        let reason = format!("SIP;cause={code};text=\"{}\"", reason_text(&end.reason));
        let _ = self
            .dialog
            .reject(Some(StatusCode::from(code)), Some(reason));
        self.events.finish_locally(code, &end.reason);
    }

    fn report_silence(&self, event: &LegEvent) {
        if matches!(
            event,
            LegEvent::Ended {
                by: EndedBy::Timeout,
                ..
            }
        ) {
            tracing::warn!(
                call = %self.events.id(),
                "our answer got no ACK for 64 x T1, so the call is torn down; \
                 check that the peer can reach the advertised address"
            );
        }
    }
}

/// Makes sure the leg hears of a transaction that ended without leaving the dialog confirmed or over.
struct TransactionGuard {
    dialog: InviteDialog,
    states: DialogStateSender,
}

impl Drop for TransactionGuard {
    fn drop(&mut self) {
        let state = self.dialog.state();
        if state.can_cancel() || state.waiting_ack() {
            let lost = DialogState::Terminated(self.dialog.id(), TerminatedReason::Timeout);
            let _ = self.states.send(lost);
        }
    }
}

fn admit<'a>(
    core: &Core,
    invite: &Request,
    on_call: &'a mpsc::Sender<IncomingCall>,
) -> Result<(OwnedSemaphorePermit, mpsc::Permit<'a, IncomingCall>), Refusal> {
    if core.is_draining() {
        return Err(unavailable());
    }
    let required: Vec<&str> = invite
        .headers
        .iter()
        .filter(|h| matches!(h, Header::Require(_)))
        .map(Header::value)
        .collect();
    if !required.is_empty() {
        // RFC 3261 §8.2.2.3: we support no extension a caller could insist on.
        return Err((420, vec![Header::Unsupported(required.join(", ").into())]));
    }
    if !invite.body.is_empty() {
        if !content_type(&invite.headers).is_some_and(|t| is_sdp(&t)) {
            return Err(unsupported_media());
        }
        if std::str::from_utf8(&invite.body).is_err() {
            return Err((400, Vec::new()));
        }
    }
    let permit = core.inbound.clone().try_acquire_owned().map_err(|_| {
        tracing::warn!(
            limit = core.config.max_inbound,
            "a call is refused: too many inbound calls"
        );
        unavailable()
    })?;
    let room = on_call.try_reserve().map_err(|_| {
        tracing::warn!("a call is refused: nobody takes the calls waiting");
        unavailable()
    })?;
    Ok((permit, room))
}

fn origin(tx: &Transaction) -> Option<(rsipstack::sip::Transport, SocketAddr)> {
    let connection = tx.connection.as_ref()?;
    let source = connection.get_remote_addr()?.get_socketaddr().ok()?;
    Some((connection.transport(), source))
}

fn describe(
    core: &Core,
    invite: &Request,
    id: String,
    source: SocketAddr,
    leg: LegControl,
    events: mpsc::Receiver<LegEvent>,
) -> IncomingCall {
    let party = |name: &str| {
        let header = invite.headers.iter().find(|h| h.name() == name);
        header.map(|h| Party::parse(h.value())).unwrap_or_default()
    };
    let wanted = |h: &&Header| {
        core.config
            .headers
            .iter()
            .any(|w| w.eq_ignore_ascii_case(h.name()))
    };
    let headers = invite
        .headers
        .iter()
        .filter(wanted)
        .filter(|h| h.value().len() <= MAX_HEADER_BYTES)
        .take(MAX_HEADERS)
        .map(|h| (h.name().to_owned(), h.value().to_owned()))
        .collect();
    let offer = sdp(&invite.headers, &invite.body);
    IncomingCall {
        id,
        from: party("From"),
        to: party("To"),
        headers,
        offer,
        source,
        leg,
        events,
    }
}
