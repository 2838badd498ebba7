//! INVITEs from strangers: which are taken in, and what the server is told of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use rsipstack::dialog::dialog::{Dialog, DialogState, DialogStateSender, TerminatedReason};
use rsipstack::dialog::invite_dialog::InviteDialog;
use rsipstack::sip::{Header, HeadersExt, Host, Request};
use rsipstack::transaction::transaction::Transaction;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::answer::{reply, unavailable, unsupported_media};
use super::control::{LegControl, WishReader};
use super::established::{Leg, Registered};
use super::events::{EventSink, LegEvent};
use super::fact::{Facts, Side, content_type, is_sdp, sdp};
use super::party::Party;
use super::stack::Core;

/// The most headers, and bytes of one, passed on with a call.
const MAX_HEADERS: usize = 32;
const MAX_HEADER_BYTES: usize = 1024;

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
    answer_through_nat(&dialog, &tx.original, source);
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

/// Sends our requests to where the INVITE came from when its Contact is a private address seen from
/// a public one: the caller sits behind NAT, and a BYE to the Contact would be lost.
fn answer_through_nat(dialog: &InviteDialog, invite: &Request, source: SocketAddr) {
    // With a proxy on the path, reaching the caller is the proxy's business.
    if !invite.record_route_headers().is_empty() || is_private(source.ip()) {
        return;
    }
    let Ok(Some(mut uri)) = invite
        .typed_contact_headers()
        .map(|c| c.first().map(|c| c.uri.clone()))
    else {
        return;
    };
    if matches!(uri.host_with_port.host, Host::IpAddr(ip) if is_private(ip)) {
        uri.host_with_port = source.into();
        let contact = invite.contact_header().ok().cloned();
        Dialog::Invite(dialog.clone()).set_remote_target(uri, contact);
    }
}

/// RFC 1918 and RFC 4193 addresses, and link-local ones.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
    }
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
