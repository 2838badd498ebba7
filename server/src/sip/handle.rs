//! The handle the server holds on signalling: start, dial, drain, shut down.

use std::net::SocketAddr;
use std::sync::Arc;

use rsipstack::dialog::invitation::InviteOption;
use rsipstack::sip::uri::ParamsExt;
use rsipstack::sip::{Header, Scheme, Transport, Uri};
use rsipstack::transaction::make_uuid_v4;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::answer::{ALLOW, SDP};
use super::config::{SipConfig, SipError};
use super::control::{LegControl, WishReader};
use super::events::{EventSink, LegEvent};
use super::incoming::IncomingCall;
use super::outbound;
use super::party::{breaks_lines, quotable};
use super::stack::{self, Core};
use super::supervisor::Supervisor;

/// Headers the stack writes; a dial request must not set them.
const OWN_HEADERS: [&str; 13] = [
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Max-Forwards",
    "Route",
    "Record-Route",
    "Content-Length",
    "Content-Type",
    "Allow",
    "User-Agent",
];

/// A call to place.
#[derive(Debug, Clone, Default)]
pub struct Dial {
    /// Whom to call: `sip:user@host:port`, with `;transport=tcp` to use TCP.
    pub to: String,
    /// Who calls: `sip:user@host`.
    pub from: String,
    /// The name shown to the called; unsafe characters are taken out.
    pub display: Option<String>,
    /// Our offer.
    pub offer: String,
    /// Further headers of the INVITE.
    pub headers: Vec<(String, String)>,
}

/// A call we placed.
#[derive(Debug)]
pub struct OutgoingLeg {
    /// The Call-ID.
    pub id: String,
    /// Gives the call up, or ends it.
    pub leg: LegControl,
    /// What happens on the call.
    pub events: mpsc::Receiver<LegEvent>,
}

/// The signalling of the server. Cheap to clone; when the last clone goes, everything is hung up.
#[derive(Clone)]
pub struct Sip {
    core: Arc<Core>,
    close: CancellationToken,
    stopped: watch::Receiver<bool>,
    _last: Arc<DropGuard>,
}

impl Sip {
    /// Binds the sockets and hands every call that comes to `on_call`. A full channel refuses calls with 503.
    ///
    /// # Errors
    /// [`SipError::Bind`] when the address is taken, [`SipError::Stack`] when the stack does not start.
    pub async fn start(
        config: SipConfig,
        on_call: mpsc::Sender<IncomingCall>,
    ) -> Result<Sip, SipError> {
        let (core, endpoint, incoming) = stack::start(config, CancellationToken::new()).await?;
        let close = CancellationToken::new();
        let (done, stopped) = watch::channel(false);
        let supervisor = Supervisor {
            core: core.clone(),
            endpoint,
            incoming,
            on_call,
            close: close.clone(),
        };
        tokio::spawn(async move {
            supervisor.run().await;
            let _ = done.send(true);
        });
        Ok(Sip {
            core,
            stopped,
            _last: Arc::new(close.clone().drop_guard()),
            close,
        })
    }

    /// Where UDP and TCP are bound.
    pub fn local_addr(&self) -> SocketAddr {
        self.core.local
    }

    /// Places a call. Returns at once; what comes of it arrives as events.
    ///
    /// # Errors
    /// [`SipError`] when the request cannot be sent as it is, too many calls are out, or we are draining.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn dial(&self, dial: Dial) -> Result<OutgoingLeg, SipError> {
        if self.core.is_draining() {
            return Err(SipError::Draining);
        }
        let id = make_uuid_v4();
        let invite = self.invite(&id, dial)?;
        let limit = self.core.config.max_outbound;
        let slot = self.core.outbound.clone().try_acquire_owned();
        let permit = slot.map_err(|_| SipError::TooManyCalls { limit })?;
        let (leg, wishes) = WishReader::channel(self.core.stop_legs.clone());
        let (sink, events) = EventSink::channel(&id);
        let (core, count) = (self.core.clone(), self.core.count_leg());
        tokio::spawn(async move {
            let _kept = (permit, count);
            outbound::run(core, invite, wishes, sink).await;
        });
        Ok(OutgoingLeg { id, leg, events })
    }

    /// Dialogs the stack keeps; 0 when no call is up or ending.
    pub fn dialogs(&self) -> usize {
        self.core.layer.len()
    }

    /// Legs alive, including those whose farewells are still under way.
    pub fn legs(&self) -> usize {
        self.core.legs()
    }

    /// Waits until no leg is alive.
    pub async fn idle(&self) {
        self.core.idle().await;
    }

    /// Refuses new calls, and answers OPTIONS with 503, while the calls that are up go on.
    pub fn drain(&self) {
        self.core.drain();
    }

    /// Waits until signalling has stopped: by [`shutdown`](Self::shutdown), or because the stack failed.
    pub async fn stopped(&self) {
        // An error means the supervisor is gone, which is as stopped as can be.
        let _ = self.stopped.clone().wait_for(|done| *done).await;
    }

    /// Hangs up all calls, waits up to five seconds for the peers to agree, and closes the sockets.
    pub async fn shutdown(self) {
        self.close.cancel();
        self.stopped().await;
    }

    fn invite(&self, id: &str, dial: Dial) -> Result<InviteOption, SipError> {
        let callee = sip_uri(&dial.to, "to")?;
        let caller = sip_uri(&dial.from, "from")?;
        let mut headers = vec![Header::Allow(ALLOW.into())];
        for (name, value) in dial.headers {
            if !is_settable(&name, &value) {
                let name = name
                    .chars()
                    .filter(|c| c.is_ascii_graphic())
                    .take(64)
                    .collect();
                return Err(SipError::BadHeader { name });
            }
            headers.push(Header::Other(name, value));
        }
        let transport = callee.transport().copied().unwrap_or(Transport::Udp);
        Ok(InviteOption {
            caller_display_name: dial.display.map(|d| quotable(&d)).filter(|d| !d.is_empty()),
            caller,
            contact: self.core.contact(transport),
            callee,
            content_type: Some(SDP.to_owned()),
            offer: Some(dial.offer.into_bytes()),
            headers: Some(headers),
            call_id: Some(id.to_owned()),
            ..InviteOption::default()
        })
    }
}

fn sip_uri(text: &str, field: &'static str) -> Result<Uri, SipError> {
    let bad = SipError::BadUri { field };
    if breaks_lines(text) || text.contains(['<', '>', '"', ' ']) {
        return Err(bad);
    }
    match Uri::try_from(text) {
        Ok(uri) if matches!(uri.scheme, Some(Scheme::Sip | Scheme::Sips)) => Ok(uri),
        Ok(_) | Err(_) => Err(bad),
    }
}

fn is_settable(name: &str, value: &str) -> bool {
    // RFC 3261 §25.1: a header name is a token.
    let is_token = |c: char| c.is_ascii_alphanumeric() || "-.!%*_+`'~".contains(c);
    !name.is_empty()
        && name.chars().all(is_token)
        && !breaks_lines(value)
        && !OWN_HEADERS.iter().any(|own| own.eq_ignore_ascii_case(name))
        // Compact forms have one letter (RFC 3261 §7.3.3), and most name the headers above.
        && name.len() > 1
}
