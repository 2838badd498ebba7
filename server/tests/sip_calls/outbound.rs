//! Calls the server places.

use std::time::Duration;

use sidetone_server::sip::{Dial, EndedBy, LegEvent, OutgoingLeg, SipError};

use crate::peer::{ANSWER, Message, OFFER, Peer, Server, config, event, is_over, server};

fn dial(server: &Server, peer: &Peer) -> OutgoingLeg {
    server.sip.dial(request(peer)).unwrap()
}

fn request(peer: &Peer) -> Dial {
    Dial {
        to: format!("sip:desk@{}", peer.addr()),
        from: "sip:100@example.com".to_owned(),
        display: None,
        offer: OFFER.to_owned(),
        headers: Vec::new(),
    }
}

fn given_up(code: u16) -> LegEvent {
    LegEvent::Ended {
        by: EndedBy::Local,
        code,
        reason: "cancelled".to_owned(),
    }
}

/// Plays the far end of a cancelled INVITE.
async fn accept_cancel(peer: &Peer, invite: &Message) {
    let cancel = peer.expect("CANCEL").await;
    assert_eq!(
        cancel.header("Via").split(";branch=").nth(1),
        invite.header("Via").split(";branch=").nth(1)
    );
    peer.respond(&cancel, "200 OK", "far", None).await;
    peer.respond(invite, "487 Request Terminated", "far", None)
        .await;
    peer.expect("ACK").await;
}

#[tokio::test]
async fn a_dialled_call_rings_plays_answers_and_is_hung_up_by_the_far_end() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut wanted = request(&peer);
    wanted
        .headers
        .push(("X-Handover".to_owned(), "h-1".to_owned()));
    wanted.display = Some("A Caller".to_owned());
    let mut call = server.sip.dial(wanted).unwrap();
    let invite = peer.expect("INVITE").await;
    assert_eq!(
        invite.start(),
        format!("INVITE sip:desk@{} SIP/2.0", peer.addr())
    );
    assert_eq!(invite.header("Call-ID"), call.id);
    assert_eq!(invite.body(), OFFER);
    assert_eq!(invite.header("Content-Type"), "application/sdp");
    assert_eq!(invite.contact(), format!("sip:sidetone@{}", server.addr()));
    assert!(
        invite
            .header("Via")
            .starts_with(&format!("SIP/2.0/UDP {}", server.addr()))
    );
    assert!(
        invite
            .header("From")
            .starts_with("\"A Caller\" <sip:100@example.com>;tag=")
    );
    assert_eq!(invite.header("X-Handover"), "h-1");

    peer.respond(&invite, "180 Ringing", "far", None).await;
    assert_eq!(event(&mut call.events).await, LegEvent::Ringing);
    peer.respond(&invite, "183 Session Progress", "far", Some(ANSWER))
        .await;
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::EarlyMedia(ANSWER.to_owned())
    );
    peer.respond(&invite, "200 OK", "far", Some(ANSWER)).await;
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::Answered {
            sdp: Some(ANSWER.to_owned())
        }
    );
    let ack = peer.expect("ACK").await;
    assert_eq!(ack.start(), format!("ACK sip:peer@{} SIP/2.0", peer.addr()));

    let bye = bye(&peer, &ack);
    peer.send(&bye).await;
    peer.expect("200").await;
    let ended = LegEvent::Ended {
        by: EndedBy::Remote,
        code: 200,
        reason: "hung up".to_owned(),
    };
    assert_eq!(event(&mut call.events).await, ended);
    is_over(&mut call.events).await;
    server.is_clean().await;
}

/// A BYE from the far end of the dialog this ACK belongs to.
fn bye(peer: &Peer, ack: &Message) -> String {
    format!(
        "BYE sip:sidetone@host SIP/2.0\r\nVia: SIP/2.0/UDP {};branch=z9hG4bK-bye-{};rport\r\n\
         Max-Forwards: 70\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
        peer.addr(),
        ack.header("Call-ID"),
        ack.header("To"),
        ack.header("From"),
        ack.header("Call-ID"),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bye_on_the_heels_of_the_answer_finds_its_dialog() {
    let server = server(config()).await;
    for _ in 0..50 {
        let peer = Peer::new(&server).await;
        let mut call = dial(&server, &peer);
        let invite = peer.expect("INVITE").await;
        peer.respond(&invite, "200 OK", "far", Some(ANSWER)).await;
        let ack = peer.expect("ACK").await;
        peer.send(&bye(&peer, &ack)).await;
        peer.expect("200").await;
        assert!(matches!(
            event(&mut call.events).await,
            LegEvent::Answered { .. }
        ));
        assert!(matches!(
            event(&mut call.events).await,
            LegEvent::Ended {
                by: EndedBy::Remote,
                ..
            }
        ));
    }
    server.is_clean().await;
}

#[tokio::test]
async fn a_busy_agent_fails_the_leg_once() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut call = dial(&server, &peer);
    let invite = peer.expect("INVITE").await;
    peer.respond(&invite, "486 Busy Here", "far", None).await;
    peer.expect("ACK").await;
    assert!(matches!(
        event(&mut call.events).await,
        LegEvent::Failed { code: 486, .. }
    ));
    call.leg.cancel();
    is_over(&mut call.events).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_call_given_up_at_once_is_cancelled_when_the_far_end_speaks() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut call = dial(&server, &peer);
    let invite = peer.expect("INVITE").await;
    call.leg.cancel();
    assert_eq!(event(&mut call.events).await, given_up(487));
    is_over(&mut call.events).await;
    peer.respond(&invite, "180 Ringing", "far", None).await;
    accept_cancel(&peer, &invite).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_call_given_up_before_it_was_sent_sends_nothing() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut call = dial(&server, &peer);
    call.leg.cancel();
    assert_eq!(event(&mut call.events).await, given_up(487));
    server.is_clean().await;
    let mut byte = [0; 1];
    assert!(peer.socket.try_recv_from(&mut byte).is_err());
}

#[tokio::test]
async fn a_ringing_call_given_up_is_cancelled() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut call = dial(&server, &peer);
    let invite = peer.expect("INVITE").await;
    peer.respond(&invite, "180 Ringing", "far", None).await;
    assert_eq!(event(&mut call.events).await, LegEvent::Ringing);
    call.leg.cancel();
    assert_eq!(event(&mut call.events).await, given_up(487));
    accept_cancel(&peer, &invite).await;
    is_over(&mut call.events).await;
    server.is_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_crosses_our_cancel_is_acknowledged_and_hung_up() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut call = dial(&server, &peer);
    let invite = peer.expect("INVITE").await;
    peer.respond(&invite, "180 Ringing", "far", None).await;
    assert_eq!(event(&mut call.events).await, LegEvent::Ringing);
    call.leg.cancel();
    let cancel = peer.expect("CANCEL").await;
    peer.respond(&invite, "200 OK", "far", Some(ANSWER)).await;
    peer.respond(&cancel, "200 OK", "far", None).await;
    peer.expect("ACK").await;
    let bye = peer.expect("BYE").await;
    peer.respond(&bye, "200 OK", "far", None).await;
    assert_eq!(event(&mut call.events).await, given_up(487));
    is_over(&mut call.events).await;
    server.is_clean().await;
}

#[tokio::test]
async fn an_answered_call_given_up_is_hung_up() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut call = dial(&server, &peer);
    let invite = peer.expect("INVITE").await;
    peer.respond(&invite, "200 OK", "far", Some(ANSWER)).await;
    assert!(matches!(
        event(&mut call.events).await,
        LegEvent::Answered { .. }
    ));
    call.leg.cancel();
    assert_eq!(event(&mut call.events).await, given_up(200));
    let bye = peer.expect("BYE").await;
    peer.respond(&bye, "200 OK", "far", None).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_second_branch_that_answers_is_hung_up() {
    let server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut call = dial(&server, &peer);
    let invite = peer.expect("INVITE").await;
    peer.respond(&invite, "200 OK", "first", Some(ANSWER)).await;
    assert!(matches!(
        event(&mut call.events).await,
        LegEvent::Answered { .. }
    ));
    peer.expect("ACK").await;
    peer.respond(&invite, "200 OK", "second", Some(ANSWER))
        .await;
    let bye = peer.expect("BYE").await;
    assert!(bye.header("To").ends_with(";tag=second"));
    peer.respond(&bye, "200 OK", "second", None).await;
    assert_eq!(server.sip.legs(), 1);
}

#[tokio::test]
async fn a_far_end_that_says_nothing_is_a_timeout() {
    let mut settings = config();
    settings.t1 = Duration::from_millis(5);
    let server = server(settings).await;
    let peer = Peer::new(&server).await;
    let mut call = dial(&server, &peer);
    peer.expect("INVITE").await;
    assert!(matches!(
        event(&mut call.events).await,
        LegEvent::Failed { code: 408, .. }
    ));
    is_over(&mut call.events).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_dial_request_that_cannot_be_sent_safely_is_refused() {
    let mut settings = config();
    settings.max_outbound = 1;
    let server = server(settings).await;
    let peer = Peer::new(&server).await;
    for to in [
        "",
        "desk",
        "sip:",
        "tel:+1555",
        "sip:a@b\r\nX-Evil: 1",
        "sip:a@b> <x",
    ] {
        let refused = server.sip.dial(Dial {
            to: to.to_owned(),
            ..request(&peer)
        });
        assert!(
            matches!(refused, Err(SipError::BadUri { field: "to" })),
            "{to:?}"
        );
    }
    for (name, value) in [
        ("X-A", "b\r\nX-Evil: 1"),
        ("X A", "b"),
        ("", "b"),
        ("via", "b"),
        ("v", "b"),
    ] {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let refused = server.sip.dial(Dial {
            headers,
            ..request(&peer)
        });
        assert!(
            matches!(refused, Err(SipError::BadHeader { .. })),
            "{name:?}: {value:?}"
        );
    }
    let _one = dial(&server, &peer);
    assert!(matches!(
        server.sip.dial(request(&peer)),
        Err(SipError::TooManyCalls { limit: 1 })
    ));
}
