//! What strangers send.

use std::time::Duration;

use sidetone_server::sip::{Dial, LegEvent};
use tokio::time::timeout;

use crate::peer::{ANSWER, Caller, Message, OFFER, Peer, Server, config, event, server, soon};

/// Far longer than OPTIONS takes, far shorter than a retransmission or a flood.
const QUICKLY: Duration = Duration::from_secs(1);

async fn probe(server: &Server, n: u32) -> Message {
    let peer = Peer::new(server).await;
    let caller = Caller::new(&format!("probe-{n}"), peer.addr(), server.addr());
    peer.send(&caller.request("OPTIONS", n + 1, &format!("z9hG4bK-probe-{n}"), None))
        .await;
    peer.expect("200").await
}

#[tokio::test]
async fn options_says_what_we_can_do() {
    let server = server(config()).await;
    let answer = probe(&server, 0).await;
    assert!(answer.header("Allow").contains("INVITE"));
    assert_eq!(answer.header("Accept"), "application/sdp");
}

#[tokio::test]
async fn requests_we_cannot_serve_get_the_status_that_says_so() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let cases = [
        ("NEWMETHOD", "501"),
        ("REGISTER", "405"),
        ("SUBSCRIBE", "405"),
        ("BYE", "481"),
        ("UPDATE", "481"),
    ];
    for (method, status) in cases {
        let caller = Caller::new(&format!("x-{method}"), peer.addr(), server.addr());
        peer.send(&caller.request(method, 1, &format!("z9hG4bK-{method}"), None))
            .await;
        assert_eq!(
            peer.expect(status).await.header("CSeq"),
            format!("1 {method}")
        );
    }
    let mut stray = Caller::new("stray", peer.addr(), server.addr());
    stray.to += ";tag=nobody";
    for method in ["INVITE", "BYE"] {
        let request = stray.next(method, None);
        peer.send(&request).await;
        peer.expect("481").await;
    }
    server.is_clean().await;
}

#[tokio::test]
async fn an_invite_we_cannot_take_is_refused_and_leaves_nothing() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let invite = |id: &str| Caller::new(id, peer.addr(), server.addr()).invite(Some(OFFER));
    let cases = [
        (invite("a").replace("application/sdp", "text/plain"), "415"),
        (
            invite("b").replace("Content-Type: application/sdp\r\n", ""),
            "415",
        ),
        (invite("c").replace("Contact: ", "X-Contact: "), "400"),
        (invite("d").replace(";tag=caller", ""), "400"),
        (
            invite("e").replace("Max-Forwards: 70", "Require: 100rel, x"),
            "420",
        ),
    ];
    for (text, status) in cases {
        peer.send(&text).await;
        let refusal = peer.expect(status).await;
        match status {
            "415" => assert_eq!(refusal.header("Accept"), "application/sdp"),
            "420" => assert_eq!(refusal.header("Unsupported"), "100rel, x"),
            _ => {}
        }
    }
    server.is_clean().await;
}

#[tokio::test]
async fn a_call_beyond_the_limit_is_asked_to_come_back() {
    let mut settings = config();
    settings.max_inbound = 1;
    let mut server = server(settings).await;
    let peer = Peer::new(&server).await;
    let first = Caller::new("first", peer.addr(), server.addr());
    peer.send(&first.invite(Some(OFFER))).await;
    let call = server.call().await;
    let second = Caller::new("second", peer.addr(), server.addr());
    peer.send(&second.invite(Some(OFFER))).await;
    assert_eq!(peer.expect("503").await.header("Retry-After"), "5");
    peer.send(&second.ack_refusal()).await;
    call.leg.reject(486, "busy");
    peer.expect("486").await;
    peer.send(&first.ack_refusal()).await;
    soon(server.sip.idle()).await;
    peer.send(&Caller::new("third", peer.addr(), server.addr()).invite(Some(OFFER)))
        .await;
    server.call().await;
}

#[tokio::test]
async fn a_line_smuggled_into_a_name_never_reaches_a_message_of_ours() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut caller = Caller::new("smuggle", peer.addr(), server.addr());
    caller.from = "\"x\rX-Evil: 1\" <sip:200@example.com>;tag=caller".to_owned();
    peer.send(&caller.invite(Some(OFFER))).await;

    // The first is dropped unanswered; a name with mere quotes and folds in it is a call.
    let mut caller = Caller::new("quotes", peer.addr(), server.addr());
    caller.from =
        "\"x\\\" sip:evil@host\r\n X-Evil: 1\" <sip:200@example.com>;tag=caller".to_owned();
    peer.send(&caller.invite(Some(OFFER))).await;
    let mut call = server.call().await;
    assert_eq!(call.id, "quotes");
    call.leg.answer(ANSWER);
    let answer = peer.expect("200").await;
    assert_eq!(answer.find("X-Evil"), None);
    caller.learn(&answer);
    peer.send(&caller.ack(None)).await;
    event(&mut call.events).await;

    let display = Some(format!(
        "{}\r\nX-Evil: 1\" <sip:evil@host>",
        call.from.display.unwrap()
    ));
    let dial = Dial {
        to: format!("sip:desk@{}", peer.addr()),
        from: "sip:100@example.com".to_owned(),
        display,
        offer: OFFER.to_owned(),
        headers: Vec::new(),
    };
    let _leg = server.sip.dial(dial).unwrap();
    let invite = peer.expect("INVITE").await;
    assert_eq!(invite.find("X-Evil"), None);
    let from = invite.header("From");
    assert_eq!(
        (from.matches('"').count(), from.matches('<').count()),
        (2, 1),
        "{from}"
    );
}

/// A small generator with a fixed sequence (Knuth's MMIX constants).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.below(8) {
            let (at, other) = (self.below(bytes.len()), self.below(bytes.len()));
            match self.below(5) {
                0 => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                1 => drop(bytes.drain(at.min(other)..at.max(other).min(at.min(other) + 40))),
                2 => bytes.insert(at, b"\r\n\0\"<>;:,@ \xff"[self.below(12)]),
                3 => bytes.swap(at, other),
                _ => bytes.truncate(bytes.len() - self.below(bytes.len() / 4 + 1)),
            }
            if bytes.is_empty() {
                bytes.push(b'I');
            }
        }
    }
}

#[tokio::test]
async fn a_thousand_mutilated_invites_neither_stop_nor_slow_the_server() {
    let mut server = server(config()).await;
    let flood = Peer::new(&server).await;
    let mut dice = Dice(5060);
    for n in 0..1000 {
        let caller = Caller::new(&format!("flood-{n}"), flood.addr(), server.addr());
        let mut bytes = caller.invite(Some(OFFER)).into_bytes();
        dice.mutate(&mut bytes);
        flood.socket.send_to(&bytes, server.addr()).await.unwrap();
        // Those that still are calls are refused by dropping them.
        if n % 20 == 0 {
            while server.calls.try_recv().is_ok() {}
            probe(&server, n).await;
        }
    }
    timeout(QUICKLY, probe(&server, 1000))
        .await
        .expect("OPTIONS is not answered quickly");
    while server.calls.try_recv().is_ok() {}
    server.is_clean().await;

    let peer = Peer::new(&server).await;
    let (_, mut call) = crate::peer::connect(&mut server, &peer, "after-the-flood").await;
    call.leg.hangup("done");
    assert!(matches!(
        event(&mut call.events).await,
        LegEvent::Ended { .. }
    ));
}
