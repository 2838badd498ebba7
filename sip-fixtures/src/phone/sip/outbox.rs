//! What the signalling wants done: datagrams to send and facts to tell, in order.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::message::Message;
use super::sdp::SessionDescription;

/// One thing the signalling wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SipOutput {
    /// Put this datagram on the wire.
    Send { to: SocketAddr, bytes: Vec<u8> },
    /// Tell the phone what happened.
    Event(SipEvent),
}

/// A fact about a call's signalling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SipEvent {
    /// A message went out, or came in, or was sent again: one line for the timeline.
    Trace(String),
    /// The far end rings.
    Ringing,
    /// Both sides know each other's audio; this is the far end's.
    Answered(SessionDescription),
    /// The far end moved its audio in a later offer.
    Moved(SessionDescription),
    /// The call was not taken.
    Refused { status: u16 },
    /// The caller gave up before the answer.
    Cancelled,
    /// The far end has acknowledged our answer.
    Acknowledged,
    /// The call is over after it was up; `by_far_end` says who ended it.
    Ended { by_far_end: bool },
    /// The far end fell silent in the middle of this method's transaction.
    TimedOut { method: &'static str },
}

/// The queue of outputs; it is drained after every input, so it holds a handful at most.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    queue: VecDeque<SipOutput>,
}

impl Outbox {
    /// Sends a message, notes it for the timeline, and returns its bytes for retransmission.
    pub(crate) fn send(&mut self, to: SocketAddr, message: &Message) -> Vec<u8> {
        let bytes = message.to_bytes();
        self.event(SipEvent::Trace(format!("-> {}", message.summary())));
        self.queue.push_back(SipOutput::Send {
            to,
            bytes: bytes.clone(),
        });
        bytes
    }

    /// Sends bytes that went out before.
    pub(crate) fn send_again(&mut self, to: SocketAddr, bytes: &[u8]) {
        let line = bytes
            .split(|byte| *byte == b'\r')
            .next()
            .unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        self.event(SipEvent::Trace(format!("-> again: {line}")));
        self.queue.push_back(SipOutput::Send {
            to,
            bytes: bytes.to_vec(),
        });
    }

    /// Tells a fact.
    pub(crate) fn event(&mut self, event: SipEvent) {
        self.queue.push_back(SipOutput::Event(event));
    }

    /// The next output.
    pub(crate) fn poll(&mut self) -> Option<SipOutput> {
        self.queue.pop_front()
    }
}
