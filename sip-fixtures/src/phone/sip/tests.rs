//! Calls between an `OutgoingCall` and an `IncomingCall` over a wire that can lose datagrams.

use std::net::SocketAddr;
use std::time::Duration;

use super::incoming::IncomingCall;
use super::message::Message;
use super::outbox::{SipEvent, SipOutput};
use super::outgoing::{Invitation, OutgoingCall};
use super::sdp::{Codec, SessionDescription};

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Both ends of one call, and a wire that loses the datagrams whose first line `lose` names.
struct Wire {
    now: Duration,
    caller: OutgoingCall,
    callee: Option<IncomingCall>,
    lose: Vec<&'static str>,
    heard_by_caller: Vec<SipEvent>,
    heard_by_callee: Vec<SipEvent>,
}

impl Wire {
    fn call() -> Self {
        let invitation = Invitation {
            local: address(5070),
            from: "sip:caller@example.com".to_owned(),
            to: "sip:shop@127.0.0.1:5060".to_owned(),
            peer: address(5060),
            offer: SessionDescription::offer(address(40000), Codec::Pcmu),
        };
        Wire {
            now: Duration::ZERO,
            caller: OutgoingCall::start(Duration::ZERO, invitation, 1),
            callee: None,
            lose: Vec::new(),
            heard_by_caller: Vec::new(),
            heard_by_callee: Vec::new(),
        }
    }

    fn losing(mut self, first_lines: &[&'static str]) -> Self {
        self.lose = first_lines.to_vec();
        self
    }

    fn is_lost(&mut self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let found = self.lose.iter().position(|line| text.starts_with(line));
        found.map(|index| self.lose.remove(index)).is_some()
    }

    /// Carries datagrams until both ends are quiet.
    fn settle(&mut self) {
        loop {
            if let Some(output) = self.caller.poll_output() {
                self.deliver_to_callee(output);
            } else if let Some(output) = self.callee.as_mut().and_then(IncomingCall::poll_output) {
                self.deliver_to_caller(output);
            } else {
                return;
            }
        }
    }

    fn deliver_to_callee(&mut self, output: SipOutput) {
        match output {
            SipOutput::Event(SipEvent::Trace(_)) => {}
            SipOutput::Event(event) => self.heard_by_caller.push(event),
            SipOutput::Send { bytes, .. } if self.is_lost(&bytes) => {}
            SipOutput::Send { bytes, .. } => {
                let message = Message::parse(&bytes).unwrap();
                match &mut self.callee {
                    Some(callee) => callee.handle_message(self.now, address(5070), &message),
                    None => {
                        let ringing =
                            IncomingCall::ring(self.now, address(5060), address(5070), message, 2);
                        self.callee = Some(ringing);
                    }
                }
            }
        }
    }

    fn deliver_to_caller(&mut self, output: SipOutput) {
        match output {
            SipOutput::Event(SipEvent::Trace(_)) => {}
            SipOutput::Event(event) => self.heard_by_callee.push(event),
            SipOutput::Send { bytes, .. } if self.is_lost(&bytes) => {}
            SipOutput::Send { bytes, .. } => {
                self.caller.handle_datagram(self.now, address(5060), &bytes);
            }
        }
    }

    /// Steps to the next deadline of either end.
    fn step(&mut self) {
        let callee = self.callee.as_ref().and_then(IncomingCall::poll_timeout);
        let next = [self.caller.poll_timeout(), callee]
            .into_iter()
            .flatten()
            .min();
        self.now = next.expect("a deadline must be waiting");
        self.caller.handle_timeout(self.now);
        if let Some(callee) = &mut self.callee {
            callee.handle_timeout(self.now);
        }
        self.settle();
    }

    fn callee(&mut self) -> &mut IncomingCall {
        self.callee.as_mut().expect("the callee rings")
    }

    fn answer(&mut self) {
        self.settle();
        let now = self.now;
        self.callee().accept(now, address(40002));
        self.settle();
    }
}

fn answered(port: u16) -> SipEvent {
    let offer = SessionDescription::offer(address(40000), Codec::Pcmu);
    SipEvent::Answered(if port == 40000 {
        offer
    } else {
        offer.answer_from(address(port))
    })
}

#[test]
fn a_call_is_answered_and_ended_by_the_caller() {
    let mut wire = Wire::call();
    wire.answer();
    wire.caller.hang_up(wire.now);
    wire.settle();
    let ended = |by_far_end| SipEvent::Ended { by_far_end };
    assert_eq!(
        wire.heard_by_caller,
        [SipEvent::Ringing, answered(40002), ended(false)]
    );
    let callee = [answered(40000), SipEvent::Acknowledged, ended(true)];
    assert_eq!(wire.heard_by_callee, callee);
    assert!(wire.caller.is_over() && wire.callee().is_over());
}

#[test]
fn a_call_is_ended_by_the_callee() {
    let mut wire = Wire::call();
    wire.answer();
    let now = wire.now;
    wire.callee().hang_up(now);
    wire.settle();
    assert_eq!(
        wire.heard_by_caller.last(),
        Some(&SipEvent::Ended { by_far_end: true })
    );
    assert!(wire.caller.is_over() && wire.callee().is_over());
}

#[test]
fn a_lost_200_is_sent_again_after_t1_and_a_lost_ack_after_the_next() {
    let mut wire = Wire::call().losing(&["SIP/2.0 200", "ACK"]);
    wire.answer();
    assert_eq!(wire.heard_by_caller, [SipEvent::Ringing]);
    wire.step();
    assert_eq!(
        (wire.now, wire.heard_by_caller.last()),
        (ms(500), Some(&answered(40002)))
    );
    assert_eq!(wire.heard_by_callee, [answered(40000)]);
    wire.step();
    assert_eq!(wire.now, ms(1500));
    assert_eq!(
        wire.heard_by_callee,
        [answered(40000), SipEvent::Acknowledged]
    );
    assert_eq!(wire.heard_by_caller, [SipEvent::Ringing, answered(40002)]);
}

#[test]
fn a_lost_invite_is_sent_again() {
    let mut wire = Wire::call().losing(&["INVITE"]);
    wire.settle();
    assert!(wire.callee.is_none());
    wire.step();
    assert_eq!(
        (wire.now, wire.heard_by_caller.as_slice()),
        (ms(500), &[SipEvent::Ringing][..])
    );
}

#[test]
fn a_decline_reaches_the_caller_even_when_its_ack_is_lost() {
    let mut wire = Wire::call().losing(&["ACK"]);
    wire.settle();
    let now = wire.now;
    wire.callee().reject(now, 603);
    wire.settle();
    assert_eq!(
        wire.heard_by_caller,
        [SipEvent::Ringing, SipEvent::Refused { status: 603 }]
    );
    assert!(!wire.callee().is_over());
    wire.step();
    assert!(wire.callee().is_over());
}

#[test]
fn a_caller_who_gives_up_while_it_rings_cancels() {
    let mut wire = Wire::call().losing(&["CANCEL"]);
    wire.settle();
    wire.caller.hang_up(wire.now);
    wire.settle();
    assert!(!wire.caller.is_over());
    wire.step();
    assert_eq!(
        wire.heard_by_caller,
        [SipEvent::Ringing, SipEvent::Cancelled]
    );
    assert_eq!(wire.heard_by_callee, [SipEvent::Cancelled]);
    assert!(wire.caller.is_over() && wire.callee().is_over());
}

#[test]
fn a_cancel_that_crosses_the_answer_ends_the_call_with_bye() {
    let mut wire = Wire::call();
    wire.settle();
    wire.caller.hang_up(wire.now);
    let now = wire.now;
    wire.callee().accept(now, address(40002));
    wire.settle();
    assert!(wire.caller.is_over() && wire.callee().is_over());
    assert_eq!(
        wire.heard_by_caller.last(),
        Some(&SipEvent::Ended { by_far_end: false })
    );
}

#[test]
fn giving_up_before_any_answer_waits_for_the_first_provisional() {
    let mut wire = Wire::call().losing(&["SIP/2.0 180"]);
    wire.caller.hang_up(wire.now);
    wire.settle();
    assert!(wire.heard_by_callee.is_empty());
    wire.step();
    assert_eq!(wire.heard_by_callee, [SipEvent::Cancelled]);
}

#[test]
fn nobody_there_is_known_after_32_seconds() {
    let mut wire = Wire::call().losing(&["INVITE"; 8]);
    wire.settle();
    while !wire.caller.is_over() {
        wire.step();
    }
    assert_eq!(wire.now, ms(32_000));
    assert_eq!(
        wire.heard_by_caller,
        [SipEvent::TimedOut { method: "INVITE" }]
    );
}

#[test]
fn rubbish_and_strangers_change_nothing() {
    let mut wire = Wire::call();
    wire.answer();
    let stranger = Message::request("BYE", "sip:phone@127.0.0.1:5070")
        .with("Via", "SIP/2.0/UDP 127.0.0.1:6666;branch=z9hG4bKstranger")
        .with("From", "<sip:x@example.com>;tag=a")
        .with("To", "<sip:y@example.com>;tag=b")
        .with("Call-ID", "other")
        .with("CSeq", "1 BYE");
    wire.caller
        .handle_datagram(wire.now, address(6666), &stranger.to_bytes());
    wire.caller
        .handle_datagram(wire.now, address(6666), b"\0\x01\x02");
    let refusal =
        std::iter::from_fn(|| wire.caller.poll_output()).find_map(|output| match output {
            SipOutput::Send { bytes, .. } => Message::parse(&bytes).ok(),
            SipOutput::Event(_) => None,
        });
    assert_eq!(refusal.and_then(|message| message.status()), Some(481));
    assert!(!wire.caller.is_over());
}
