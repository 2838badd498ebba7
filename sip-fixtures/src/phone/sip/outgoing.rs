//! Placing a call: INVITE until it is answered, refused or cancelled (RFC 3261 sections 13.2, 9.1).

use std::net::SocketAddr;
use std::time::Duration;

use super::dialog::{Parties, SipDialog};
use super::ids::Ids;
use super::message::{Message, StartLine};
use super::outbox::{Outbox, SipEvent, SipOutput};
use super::retransmit::{Due, Retransmit};
use super::sdp::SessionDescription;
use super::{ALLOW, via};

/// Who calls whom, from where.
#[derive(Debug, Clone)]
pub(crate) struct Invitation {
    /// Our own SIP address and port.
    pub(crate) local: SocketAddr,
    /// URI in the From header.
    pub(crate) from: String,
    /// URI to call.
    pub(crate) to: String,
    /// Where to send the INVITE.
    pub(crate) peer: SocketAddr,
    /// Our audio.
    pub(crate) offer: SessionDescription,
}

/// A call this phone places.
///
/// ```text
/// Calling --1xx--> Proceeding --2xx--> Up(SipDialog) --> (see SipDialog)
///    |  hang_up():     | hang_up(): CANCEL
///    |  wait for 1xx   v
///    |            Cancelling --487--> Over      (a 2xx that crosses is acknowledged and ended)
///    +--3xx..6xx, or none in 32 s--> Over
/// ```
#[derive(Debug)]
pub(crate) struct OutgoingCall {
    invitation: Invitation,
    ids: Ids,
    out: Outbox,
    invite: Message,
    state: State,
}

#[derive(Debug)]
enum State {
    Calling {
        invite: Retransmit,
        cancel_wanted: bool,
    },
    Proceeding,
    Cancelling(Retransmit),
    Up(Box<SipDialog>),
    Over,
}

/// The INVITE's place in the dialog's sequence.
const INVITE_CSEQ: u32 = 1;

impl OutgoingCall {
    /// Sends the INVITE.
    pub(crate) fn start(now: Duration, invitation: Invitation, seed: u64) -> Self {
        let mut ids = Ids::new(seed);
        let mut out = Outbox::default();
        let Invitation {
            local,
            from,
            to,
            peer,
            offer,
        } = &invitation;
        let invite = Message::request("INVITE", to)
            .with("Via", &via(*local, &ids.branch()))
            .with("Max-Forwards", "70")
            .with("From", &format!("<{from}>;tag={}", ids.token()))
            .with("To", &format!("<{to}>"))
            .with("Call-ID", &ids.token())
            .with("CSeq", &format!("{INVITE_CSEQ} INVITE"))
            .with("Contact", &format!("<sip:phone@{local}>"))
            .with("Allow", ALLOW)
            .with_sdp(&offer.to_text());
        let bytes = out.send(*peer, &invite);
        let invite_timer = Retransmit::invite(now, *peer, bytes);
        let state = State::Calling {
            invite: invite_timer,
            cancel_wanted: false,
        };
        OutgoingCall {
            invitation,
            ids,
            out,
            invite,
            state,
        }
    }

    /// Whether nothing more will happen.
    pub(crate) fn is_over(&self) -> bool {
        match &self.state {
            State::Up(dialog) => dialog.is_over(),
            State::Over => true,
            State::Calling { .. } | State::Proceeding | State::Cancelling(_) => false,
        }
    }

    /// Whether not one answer has come yet.
    pub(crate) fn is_unheard(&self) -> bool {
        matches!(self.state, State::Calling { .. })
    }

    /// Ends the call, or gives it up when it is not answered yet.
    pub(crate) fn hang_up(&mut self, now: Duration) {
        match &mut self.state {
            State::Calling { cancel_wanted, .. } => *cancel_wanted = true,
            State::Proceeding => self.cancel(now),
            State::Up(dialog) => dialog.hang_up(now, &mut self.ids, &mut self.out),
            State::Cancelling(_) | State::Over => {}
        }
    }

    /// Takes one datagram from the far end.
    pub(crate) fn handle_datagram(&mut self, now: Duration, from: SocketAddr, datagram: &[u8]) {
        let Ok(message) = Message::parse(datagram) else {
            return;
        };
        self.out
            .event(SipEvent::Trace(format!("<- {}", message.summary())));
        match message.start {
            StartLine::Request { .. } => self.handle_request(now, from, &message),
            StartLine::Response { status, .. } => self.handle_response(now, status, &message),
        }
    }

    /// The next thing to do.
    pub(crate) fn poll_output(&mut self) -> Option<SipOutput> {
        self.out.poll()
    }

    /// When [`OutgoingCall::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        match &self.state {
            State::Calling { invite, .. } => Some(invite.deadline()),
            State::Cancelling(cancel) => Some(cancel.deadline()),
            State::Up(dialog) => dialog.poll_timeout(),
            State::Proceeding | State::Over => None,
        }
    }

    /// Sends again what was not answered.
    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        let (timer, method) = match &mut self.state {
            State::Calling { invite, .. } => (invite, "INVITE"),
            State::Cancelling(cancel) => (cancel, "CANCEL"),
            State::Up(dialog) => {
                dialog.handle_timeout(now, &mut self.ids, &mut self.out);
                return;
            }
            State::Proceeding | State::Over => return,
        };
        match timer.due(now) {
            Due::Nothing => {}
            Due::Again => self.out.send_again(timer.to, &timer.bytes),
            Due::GiveUp => {
                self.state = State::Over;
                self.out.event(SipEvent::TimedOut { method });
            }
        }
    }

    fn handle_request(&mut self, now: Duration, from: SocketAddr, request: &Message) {
        match &mut self.state {
            State::Up(dialog) if dialog.owns(request) => {
                dialog.handle_request(now, from, request, &mut self.out);
            }
            State::Calling { .. }
            | State::Proceeding
            | State::Cancelling(_)
            | State::Up(_)
            | State::Over => self.answer_stray(from, request),
        }
    }

    fn answer_stray(&mut self, from: SocketAddr, request: &Message) {
        let status = match request.method() {
            "ACK" => return,
            "OPTIONS" => 200,
            _ => 481,
        };
        let tag = self.ids.token();
        self.out.send(
            from,
            &Message::response_to(request, status, &tag).with("Allow", ALLOW),
        );
    }

    fn handle_response(&mut self, now: Duration, status: u16, response: &Message) {
        if response.header("Call-ID") != self.invite.header("Call-ID") {
            return;
        }
        match response.method() {
            "INVITE" if status < 200 => self.handle_provisional(now, status),
            "INVITE" if status < 300 => self.handle_answer(now, response),
            "INVITE" => self.handle_refusal(status, response),
            "CANCEL" => self.handle_cancel_answer(),
            _ => {
                if let State::Up(dialog) = &mut self.state {
                    dialog.handle_response(response, &mut self.out);
                }
            }
        }
    }

    fn handle_provisional(&mut self, now: Duration, status: u16) {
        if let State::Calling { cancel_wanted, .. } = self.state {
            self.state = State::Proceeding;
            if cancel_wanted {
                self.cancel(now);
            }
        }
        if status > 100 {
            self.out.event(SipEvent::Ringing);
        }
    }

    /// A repeated 2xx means our ACK was lost: only the ACK is sent again (RFC 3261 section 13.2.2.4).
    fn handle_answer(&mut self, now: Duration, response: &Message) {
        let end_at_once = match &mut self.state {
            State::Up(dialog) => {
                dialog.acknowledge(INVITE_CSEQ, &mut self.ids, &mut self.out);
                return;
            }
            State::Calling { cancel_wanted, .. } => *cancel_wanted,
            State::Cancelling(_) => true,
            State::Proceeding => false,
            State::Over => return,
        };
        let parties = Parties {
            local: self.invite.header("From").unwrap_or_default().to_owned(),
            remote: response.header("To").unwrap_or_default().to_owned(),
            contact: self.invite.header("Contact").unwrap_or_default().to_owned(),
            address: self.invitation.local,
            fallback: self.invitation.peer,
            cseq: INVITE_CSEQ,
        };
        let offer = self.invitation.offer.clone();
        let mut dialog = SipDialog::new(parties, response, true, offer);
        dialog.acknowledge(INVITE_CSEQ, &mut self.ids, &mut self.out);
        match SessionDescription::parse(&response.body) {
            Ok(answer) if !end_at_once => self.out.event(SipEvent::Answered(answer)),
            Ok(_) | Err(_) => dialog.hang_up(now, &mut self.ids, &mut self.out),
        }
        self.state = State::Up(Box::new(dialog));
    }

    /// A refusal is acknowledged inside the INVITE's transaction (RFC 3261 section 17.1.1.3).
    fn handle_refusal(&mut self, status: u16, response: &Message) {
        let StartLine::Request { uri, .. } = &self.invite.start else {
            return;
        };
        let mut ack = Message::request("ACK", uri);
        for name in ["Via", "Max-Forwards", "From", "Call-ID"] {
            ack.push(name, self.invite.header(name).unwrap_or_default());
        }
        ack.push("To", response.header("To").unwrap_or_default());
        ack.push("CSeq", &format!("{INVITE_CSEQ} ACK"));
        self.out.send(self.invitation.peer, &ack);
        match self.state {
            State::Calling { .. } | State::Proceeding => {
                self.out.event(SipEvent::Refused { status });
                self.state = State::Over;
            }
            State::Cancelling(_) => {
                self.out.event(SipEvent::Cancelled);
                self.state = State::Over;
            }
            State::Up(_) | State::Over => {}
        }
    }

    /// The CANCEL has arrived; the INVITE's own final answer is still to come.
    fn handle_cancel_answer(&mut self) {
        if let State::Cancelling(cancel) = &mut self.state {
            cancel.stop();
        }
    }

    fn cancel(&mut self, now: Duration) {
        let StartLine::Request { uri, .. } = &self.invite.start else {
            return;
        };
        let mut cancel = Message::request("CANCEL", uri);
        for name in ["Via", "Max-Forwards", "From", "To", "Call-ID"] {
            cancel.push(name, self.invite.header(name).unwrap_or_default());
        }
        cancel.push("CSeq", &format!("{INVITE_CSEQ} CANCEL"));
        let bytes = self.out.send(self.invitation.peer, &cancel);
        self.state = State::Cancelling(Retransmit::capped(now, self.invitation.peer, bytes));
    }
}
