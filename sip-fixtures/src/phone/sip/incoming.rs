//! Taking a call: ringing until it is answered, refused or cancelled (RFC 3261 sections 13.3, 9.2).

use std::net::SocketAddr;
use std::time::Duration;

use super::dialog::{Parties, SipDialog};
use super::ids::Ids;
use super::message::{Message, StartLine, tag_of};
use super::outbox::{Outbox, SipEvent, SipOutput};
use super::retransmit::{Due, Retransmit};
use super::sdp::SessionDescription;

/// A call this phone is offered.
///
/// ```text
/// Ringing --accept()--> Up(SipDialog, repeats its 200 until the ACK) --> (see SipDialog)
///    |--reject(), CANCEL--> Refused (repeats until the ACK) --ACK, or none in 32 s--> Over
/// ```
#[derive(Debug)]
pub(crate) struct IncomingCall {
    local: SocketAddr,
    from: SocketAddr,
    invite: Message,
    offer: SessionDescription,
    tag: String,
    ids: Ids,
    out: Outbox,
    state: State,
}

#[derive(Debug)]
enum State {
    Ringing,
    Refused(Retransmit),
    Up(Box<SipDialog>),
    Over,
}

impl IncomingCall {
    /// Rings. An INVITE without usable audio is refused at once, with 488.
    pub(crate) fn ring(
        now: Duration,
        local: SocketAddr,
        from: SocketAddr,
        invite: Message,
        seed: u64,
    ) -> Self {
        let mut ids = Ids::new(seed);
        let tag = ids.token();
        let parsed = SessionDescription::parse(&invite.body);
        let nowhere = SessionDescription::offer(from, super::sdp::Codec::Pcmu);
        let offer = parsed.clone().unwrap_or(nowhere);
        let out = Outbox::default();
        let mut call = IncomingCall {
            local,
            from,
            invite,
            offer,
            tag,
            ids,
            out,
            state: State::Ringing,
        };
        call.trace_in(&call.invite.summary());
        if parsed.is_ok() {
            let ringing = call.response(180);
            call.out.send(from, &ringing);
        } else {
            call.reject(now, 488);
        }
        call
    }

    /// The Call-ID of the INVITE.
    pub(crate) fn call_id(&self) -> &str {
        self.invite.header("Call-ID").unwrap_or_default()
    }

    /// Whether the phone may still be answered or refused.
    pub(crate) fn is_ringing(&self) -> bool {
        matches!(self.state, State::Ringing)
    }

    /// Whether nothing more will happen.
    pub(crate) fn is_over(&self) -> bool {
        match &self.state {
            State::Up(dialog) => dialog.is_over(),
            State::Over => true,
            State::Ringing | State::Refused(_) => false,
        }
    }

    /// Answers with 200 and the audio at `rtp`.
    pub(crate) fn accept(&mut self, now: Duration, rtp: SocketAddr) {
        if !self.is_ringing() {
            return;
        }
        let answer = self.offer.answer_from(rtp);
        let contact = format!("<sip:phone@{}>", self.local);
        let ok = self
            .response(200)
            .with("Contact", &contact)
            .with_sdp(&answer.to_text());
        let parties = Parties {
            local: ok.header("To").unwrap_or_default().to_owned(),
            remote: self.invite.header("From").unwrap_or_default().to_owned(),
            contact,
            address: self.local,
            fallback: self.from,
            cseq: 0,
        };
        let mut dialog = SipDialog::new(parties, &self.invite, false, answer);
        let bytes = self.out.send(self.from, &ok);
        dialog.expect_ack(now, self.from, bytes);
        self.out.event(SipEvent::Answered(self.offer.clone()));
        self.state = State::Up(Box::new(dialog));
    }

    /// Refuses with `status`, 4xx to 6xx.
    pub(crate) fn reject(&mut self, now: Duration, status: u16) {
        if self.is_ringing() {
            self.out.event(SipEvent::Refused { status });
            self.refuse(now, status);
        }
    }

    /// Hangs up; a ringing phone refuses instead.
    pub(crate) fn hang_up(&mut self, now: Duration) {
        match &mut self.state {
            State::Ringing => self.reject(now, 480),
            State::Up(dialog) => dialog.hang_up(now, &mut self.ids, &mut self.out),
            State::Refused(_) | State::Over => {}
        }
    }

    /// Takes a message whose Call-ID is this call's.
    pub(crate) fn handle_message(&mut self, now: Duration, from: SocketAddr, message: &Message) {
        self.trace_in(&message.summary());
        if let StartLine::Response { .. } = message.start {
            if let State::Up(dialog) = &mut self.state {
                dialog.handle_response(message, &mut self.out);
            }
            return;
        }
        let is_first_invite =
            message.method() == "INVITE" && message.header("To").and_then(tag_of).is_none();
        match message.method() {
            "INVITE" if is_first_invite => self.handle_repeated_invite(),
            "CANCEL" => self.handle_cancel(now, from, message),
            "ACK" => self.handle_ack(now, from, message),
            _ => self.handle_in_dialog(now, from, message),
        }
    }

    /// The next thing to do.
    pub(crate) fn poll_output(&mut self) -> Option<SipOutput> {
        self.out.poll()
    }

    /// When [`IncomingCall::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        match &self.state {
            State::Refused(refusal) => Some(refusal.deadline()),
            State::Up(dialog) => dialog.poll_timeout(),
            State::Ringing | State::Over => None,
        }
    }

    /// Sends again what was not answered.
    pub(crate) fn handle_timeout(&mut self, now: Duration) {
        match &mut self.state {
            State::Up(dialog) => dialog.handle_timeout(now, &mut self.ids, &mut self.out),
            State::Refused(refusal) => match refusal.due(now) {
                Due::Nothing => {}
                Due::Again => self.out.send_again(refusal.to, &refusal.bytes),
                Due::GiveUp => self.state = State::Over,
            },
            State::Ringing | State::Over => {}
        }
    }

    fn handle_repeated_invite(&mut self) {
        match &self.state {
            State::Ringing => {
                let ringing = self.response(180);
                self.out.send(self.from, &ringing);
            }
            State::Refused(refusal) => self.out.send_again(refusal.to, &refusal.bytes),
            State::Up(dialog) => dialog.repeat_now(&mut self.out),
            State::Over => {}
        }
    }

    /// A CANCEL that comes after the answer changes nothing (RFC 3261 section 9.2).
    fn handle_cancel(&mut self, now: Duration, from: SocketAddr, cancel: &Message) {
        let ok = Message::response_to(cancel, 200, &self.tag);
        self.out.send(from, &ok);
        if self.is_ringing() {
            self.out.event(SipEvent::Cancelled);
            self.refuse(now, 487);
        }
    }

    fn handle_ack(&mut self, now: Duration, from: SocketAddr, ack: &Message) {
        match &mut self.state {
            State::Up(dialog) => {
                if dialog.awaits_ack() {
                    self.out.event(SipEvent::Acknowledged);
                }
                dialog.handle_request(now, from, ack, &mut self.out);
            }
            State::Refused(_) => self.state = State::Over,
            State::Ringing | State::Over => {}
        }
    }

    fn handle_in_dialog(&mut self, now: Duration, from: SocketAddr, request: &Message) {
        match &mut self.state {
            State::Up(dialog) if dialog.owns(request) => {
                dialog.handle_request(now, from, request, &mut self.out);
            }
            State::Ringing | State::Refused(_) | State::Up(_) | State::Over => {
                self.out
                    .send(from, &Message::response_to(request, 481, &self.tag));
            }
        }
    }

    fn refuse(&mut self, now: Duration, status: u16) {
        let refusal = self.response(status);
        let bytes = self.out.send(self.from, &refusal);
        self.state = State::Refused(Retransmit::capped(now, self.from, bytes));
    }

    fn response(&self, status: u16) -> Message {
        Message::response_to(&self.invite, status, &self.tag)
    }

    fn trace_in(&mut self, summary: &str) {
        self.out.event(SipEvent::Trace(format!("<- {summary}")));
    }
}
