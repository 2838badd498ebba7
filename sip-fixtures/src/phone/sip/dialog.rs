//! An established SIP dialog (RFC 3261 section 12): what either side may do once a call is up.
//!
//! It answers BYE, OPTIONS, re-INVITE, UPDATE and INFO, and hangs up. How the dialog came to be is
//! in `outgoing` and `incoming`.

use std::net::SocketAddr;
use std::time::Duration;

use super::ids::Ids;
use super::message::{Message, tag_of, uri_of};
use super::outbox::{Outbox, SipEvent};
use super::retransmit::{Due, Retransmit};
use super::sdp::SessionDescription;
use super::{ALLOW, socket_of, via};

/// A dialog, from the answer to the end of the call.
///
/// ```text
/// Up --hang_up()--> Leaving --any final answer, or none in 32 s--> Over
///  \--BYE---------------------------------------------------------> Over
/// ```
#[derive(Debug)]
pub(crate) struct SipDialog {
    pub(crate) call_id: String,
    pub(crate) local: String,
    pub(crate) remote: String,
    pub(crate) contact: String,
    pub(crate) address: SocketAddr,
    remote_target: String,
    routes: Vec<String>,
    next_hop: SocketAddr,
    cseq: u32,
    local_sdp: SessionDescription,
    state: State,
    /// Our 200 to a re-INVITE, sent again until its ACK comes.
    answer: Option<Retransmit>,
}

#[derive(Debug)]
enum State {
    Up,
    Leaving(Retransmit),
    Over,
}

/// What a dialog is made from, by either role.
pub(crate) struct Parties {
    pub(crate) local: String,
    pub(crate) remote: String,
    pub(crate) contact: String,
    pub(crate) address: SocketAddr,
    /// Where packets go when neither Contact nor Record-Route names an address.
    pub(crate) fallback: SocketAddr,
    pub(crate) cseq: u32,
}

impl SipDialog {
    /// Starts from the message that carried the far end's Contact and Record-Route.
    /// A caller reads the route set from the answer in reverse order (RFC 3261 section 12.1.2).
    pub(crate) fn new(
        parties: Parties,
        message: &Message,
        as_caller: bool,
        local_sdp: SessionDescription,
    ) -> Self {
        let mut routes: Vec<String> = message
            .all("Record-Route")
            .flat_map(|value| value.split(','))
            .map(trimmed)
            .collect();
        if as_caller {
            routes.reverse();
        }
        let remote_target = message.header("Contact").map_or("", uri_of).to_owned();
        let first_hop = routes
            .first()
            .map_or(remote_target.as_str(), |route| uri_of(route));
        let next_hop = socket_of(first_hop).unwrap_or(parties.fallback);
        SipDialog {
            call_id: message.header("Call-ID").unwrap_or_default().to_owned(),
            local: parties.local,
            remote: parties.remote,
            contact: parties.contact,
            address: parties.address,
            remote_target,
            routes,
            next_hop,
            cseq: parties.cseq,
            local_sdp,
            state: State::Up,
            answer: None,
        }
    }

    /// Whether the call has ended on both sides.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// Whether the message belongs to this dialog.
    pub(crate) fn owns(&self, message: &Message) -> bool {
        message.header("Call-ID") == Some(&self.call_id)
            && message.header("To").and_then(tag_of) == tag_of(&self.local)
    }

    /// Acknowledges the 2xx that carried `cseq`; the caller sends it again for each repeated 2xx.
    pub(crate) fn acknowledge(&mut self, cseq: u32, ids: &mut Ids, out: &mut Outbox) {
        let ack = self.request("ACK", cseq, ids);
        out.send(self.next_hop, &ack);
    }

    /// Ends the call.
    pub(crate) fn hang_up(&mut self, now: Duration, ids: &mut Ids, out: &mut Outbox) {
        if !matches!(self.state, State::Up) {
            return;
        }
        self.cseq += 1;
        let bye = self.request("BYE", self.cseq, ids);
        let bytes = out.send(self.next_hop, &bye);
        self.answer = None;
        self.state = State::Leaving(Retransmit::capped(now, self.next_hop, bytes));
    }

    /// Takes a request inside the dialog.
    pub(crate) fn handle_request(
        &mut self,
        now: Duration,
        from: SocketAddr,
        request: &Message,
        out: &mut Outbox,
    ) {
        match request.method() {
            "ACK" => self.answer = None,
            "BYE" => self.handle_bye(from, request, out),
            "INVITE" | "UPDATE" => self.handle_offer(now, from, request, out),
            "OPTIONS" | "INFO" => {
                out.send(from, &self.response(request, 200));
            }
            _ => {
                out.send(from, &self.response(request, 405).with("Allow", ALLOW));
            }
        }
    }

    /// Takes a response to our BYE.
    pub(crate) fn handle_response(&mut self, response: &Message, out: &mut Outbox) {
        let is_final = response.status().is_some_and(|status| status >= 200);
        if is_final && response.method() == "BYE" && matches!(self.state, State::Leaving(_)) {
            self.state = State::Over;
            out.event(SipEvent::Ended { by_far_end: false });
        }
    }

    /// When [`SipDialog::handle_timeout`] wants to be called.
    pub(crate) fn poll_timeout(&self) -> Option<Duration> {
        match &self.state {
            State::Up => self.answer.as_ref().map(Retransmit::deadline),
            State::Leaving(bye) => Some(bye.deadline()),
            State::Over => None,
        }
    }

    /// Sends again what was not answered.
    pub(crate) fn handle_timeout(&mut self, now: Duration, ids: &mut Ids, out: &mut Outbox) {
        match &mut self.state {
            State::Up => self.repeat_answer(now, ids, out),
            State::Leaving(bye) => match bye.due(now) {
                Due::Nothing => {}
                Due::Again => out.send_again(bye.to, &bye.bytes),
                Due::GiveUp => {
                    self.state = State::Over;
                    out.event(SipEvent::TimedOut { method: "BYE" });
                }
            },
            State::Over => {}
        }
    }

    /// An answer without an ACK ends the call (RFC 3261 section 13.3.1.4).
    fn repeat_answer(&mut self, now: Duration, ids: &mut Ids, out: &mut Outbox) {
        let Some(answer) = &mut self.answer else {
            return;
        };
        match answer.due(now) {
            Due::Nothing => {}
            Due::Again => out.send_again(answer.to, &answer.bytes),
            Due::GiveUp => {
                out.event(SipEvent::TimedOut { method: "INVITE" });
                self.hang_up(now, ids, out);
            }
        }
    }

    /// Sends `answer` until the ACK comes; used for the first 200 of a called phone too.
    pub(crate) fn expect_ack(&mut self, now: Duration, to: SocketAddr, bytes: Vec<u8>) {
        self.answer = Some(Retransmit::capped(now, to, bytes));
    }

    /// Whether an answer of ours still waits for its ACK.
    pub(crate) fn awaits_ack(&self) -> bool {
        self.answer.is_some()
    }

    /// Sends the unacknowledged answer once more because its INVITE came again.
    pub(crate) fn repeat_now(&self, out: &mut Outbox) {
        if let Some(answer) = &self.answer {
            out.send_again(answer.to, &answer.bytes);
        }
    }

    fn handle_bye(&mut self, from: SocketAddr, request: &Message, out: &mut Outbox) {
        out.send(from, &self.response(request, 200));
        if !matches!(self.state, State::Over) {
            self.state = State::Over;
            out.event(SipEvent::Ended { by_far_end: true });
        }
    }

    fn handle_offer(
        &mut self,
        now: Duration,
        from: SocketAddr,
        request: &Message,
        out: &mut Outbox,
    ) {
        let mut answer = self.response(request, 200).with("Contact", &self.contact);
        if !request.body.is_empty() {
            match SessionDescription::parse(&request.body) {
                Ok(offer) => out.event(SipEvent::Moved(offer)),
                Err(_) => {
                    out.send(from, &self.response(request, 488));
                    return;
                }
            }
        }
        if request.method() == "INVITE" || !request.body.is_empty() {
            answer = answer.with_sdp(&self.local_sdp.to_text());
        }
        let bytes = out.send(from, &answer);
        if request.method() == "INVITE" {
            self.expect_ack(now, from, bytes);
        }
    }

    fn response(&self, request: &Message, status: u16) -> Message {
        Message::response_to(request, status, tag_of(&self.local).unwrap_or_default())
    }

    fn request(&self, method: &str, cseq: u32, ids: &mut Ids) -> Message {
        let mut request = Message::request(method, &self.remote_target)
            .with("Via", &via(self.address, &ids.branch()))
            .with("Max-Forwards", "70");
        for route in &self.routes {
            request.push("Route", route);
        }
        request
            .with("From", &self.local)
            .with("To", &self.remote)
            .with("Call-ID", &self.call_id)
            .with("CSeq", &format!("{cseq} {method}"))
            .with("Contact", &self.contact)
    }
}

fn trimmed(text: &str) -> String {
    text.trim().to_owned()
}
