//! The UDP socket the stack reads from, with a gate in front of its parser.
//!
//! The stack drops what it cannot parse without a word, and a panic in its parser would end its only
//! reader. So each datagram is parsed here first, where a panic is caught. A request that is refused
//! here is answered, 501 for a method nobody knows and 400 otherwise, if it has the headers an answer
//! repeats. Everything else is dropped: its sender's timers take care of it.

use std::future::Future;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use rsipstack::sip::{Method, SipMessage, Transport};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transport::SipConnection;
use tokio::net::UdpSocket;

/// The To tag of our refusals: they are sent without state, so it may be the same for everyone (RFC 3261 §8.2.7).
const STATELESS_TAG: &str = "refused";
/// More Via lines than any real path has hops; RFC 3261 §8.1.1.6 starts Max-Forwards at 70.
const MAX_VIAS: usize = 70;

type Answer<'a, T> = Pin<Box<dyn Future<Output = rsipstack::Result<T>> + Send + 'a>>;

/// A bound UDP socket that lets only readable SIP through.
pub(super) struct Gate {
    socket: UdpSocket,
}

/// What to do with a datagram.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Pass,
    Answer(String),
    Drop(&'static str),
}

impl Gate {
    pub(super) fn new(socket: UdpSocket) -> Self {
        Gate { socket }
    }
}

impl rsipstack::platform::net::UdpSocket for Gate {
    fn recv_from<'s, 'b, 'f>(&'s self, buf: &'b mut [u8]) -> Answer<'f, (usize, SocketAddr)>
    where
        's: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            loop {
                let (len, from) = self.socket.recv_from(buf).await?;
                // A datagram that fills the buffer was most likely cut.
                if len == buf.len() {
                    tracing::warn!(%from, "a SIP datagram too long for the buffer is dropped; use TCP");
                    continue;
                }
                match judge(&buf[..len], from) {
                    Verdict::Pass => return Ok((len, from)),
                    Verdict::Answer(reply) => {
                        let _ = self.socket.send_to(reply.as_bytes(), from).await;
                    }
                    Verdict::Drop(why) => tracing::debug!(%from, why, "a datagram is dropped"),
                }
            }
        })
    }

    fn send_to<'s, 'b, 'f>(&'s self, buf: &'b [u8], addr: SocketAddr) -> Answer<'f, usize>
    where
        's: 'f,
        'b: 'f,
        Self: 'f,
    {
        Box::pin(async move { Ok(self.socket.send_to(buf, addr).await?) })
    }

    fn local_addr(&self) -> rsipstack::Result<SocketAddr> {
        Ok(self.socket.local_addr()?)
    }
}

fn judge(packet: &[u8], from: SocketAddr) -> Verdict {
    // RFC 5626 §3.5.1 keep-alives.
    if packet.iter().all(u8::is_ascii_whitespace) {
        return Verdict::Pass;
    }
    match catch_unwind(AssertUnwindSafe(|| is_readable(packet, from))) {
        Ok(true) => Verdict::Pass,
        Ok(false) => match refusal(packet) {
            Some(reply) => Verdict::Answer(reply),
            None => Verdict::Drop("it is not readable as SIP"),
        },
        Err(_) => Verdict::Drop("the parser panicked over it"),
    }
}

/// Whether the stack gets as far as a transaction with this datagram: its own steps, rehearsed.
fn is_readable(packet: &[u8], from: SocketAddr) -> bool {
    let received = SipMessage::try_from(packet)
        .ok()
        .and_then(|m| SipConnection::update_msg_received(m, from, Transport::Udp).ok());
    match received {
        Some(SipMessage::Request(r)) => {
            TransactionKey::from_request(&r, TransactionRole::Server).is_ok()
        }
        Some(SipMessage::Response(r)) => {
            TransactionKey::from_response(&r, TransactionRole::Client).is_ok()
        }
        None => false,
    }
}

/// The answer to a request the stack cannot read (RFC 3261 §21.4.1 and §21.5.2), if one is possible.
fn refusal(packet: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(packet).ok()?;
    let (head, _) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let mut start = lines.next()?.split(' ');
    let (method, _uri, version) = (start.next()?, start.next()?, start.next()?);
    let is_token = !method.is_empty()
        && method
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_token || version != "SIP/2.0" {
        return None;
    }
    let status = match method.parse() {
        // RFC 3261 §17.1.1.3: an ACK is never answered.
        Ok(Method::Ack) => return None,
        Ok(_) => "400 Bad Request",
        Err(_) => "501 Not Implemented",
    };
    let (mut vias, mut rest) = (Vec::new(), [None; 4]);
    for line in lines {
        let (name, value) = line.split_once(':')?;
        if super::party::breaks_lines(value) {
            return None;
        }
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "via" | "v" => vias.push(value),
            "from" | "f" => rest[0] = Some(value),
            "to" | "t" => rest[1] = Some(value),
            "call-id" | "i" => rest[2] = Some(value),
            "cseq" => rest[3] = Some(value),
            _ => {}
        }
    }
    let [Some(from), Some(to), Some(call_id), Some(cseq)] = rest else {
        return None;
    };
    if vias.is_empty() || vias.len() > MAX_VIAS {
        return None;
    }
    let mut reply = format!("SIP/2.0 {status}\r\n");
    for via in vias {
        reply += &format!("Via: {via}\r\n");
    }
    let tag = if to.contains(";tag=") {
        String::new()
    } else {
        format!(";tag={STATELESS_TAG}")
    };
    reply += &format!("From: {from}\r\nTo: {to}{tag}\r\nCall-ID: {call_id}\r\nCSeq: {cseq}\r\n");
    reply += &format!(
        "Allow: {}\r\nContent-Length: 0\r\n\r\n",
        super::answer::ALLOW
    );
    Some(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge_text(text: &str) -> Verdict {
        judge(text.as_bytes(), SocketAddr::from(([127, 0, 0, 1], 5060)))
    }

    fn request(method: &str) -> String {
        format!(
            "{method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nf: <sip:x@y>;tag=1\r\n\
             To: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
        )
    }

    #[test]
    fn readable_sip_passes_and_rubbish_does_not() {
        assert_eq!(judge_text(&request("OPTIONS")), Verdict::Pass);
        assert_eq!(judge_text("\r\n\r\n"), Verdict::Pass);
        for rubbish in [
            "hello",
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "INVITE\r\n\r\n",
            "\0\u{1}\u{2}",
        ] {
            assert!(
                matches!(judge_text(rubbish), Verdict::Drop(_)),
                "{rubbish:?}"
            );
        }
    }

    #[test]
    fn an_unknown_method_is_answered_501_with_its_own_headers() {
        let Verdict::Answer(reply) = judge_text(&request("NEWMETHOD")) else {
            panic!("no answer")
        };
        assert!(
            reply.starts_with(
                "SIP/2.0 501 Not Implemented\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
            )
        );
        assert!(reply.contains("To: <sip:a@b>;tag=refused\r\nCall-ID: c\r\nCSeq: 1 NEWMETHOD\r\n"));
    }

    #[test]
    fn a_request_the_stack_cannot_key_is_answered_400_but_an_ack_is_not() {
        let untagged = |method: &str| request(method).replace(";tag=1", "");
        let Verdict::Answer(reply) = judge_text(&untagged("INVITE")) else {
            panic!("no answer")
        };
        assert!(reply.starts_with("SIP/2.0 400 Bad Request\r\n"));
        assert!(matches!(judge_text(&untagged("ACK")), Verdict::Drop(_)));
    }

    #[test]
    fn an_unknown_method_that_would_smuggle_a_line_is_not_answered() {
        let evil = request("NEWMETHOD").replace("Call-ID: c", "Call-ID: c\rX-Evil: 1");
        assert!(matches!(judge_text(&evil), Verdict::Drop(_)));
    }
}
