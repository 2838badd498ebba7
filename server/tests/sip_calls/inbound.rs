//! Calls to the server.

use std::time::Duration;

use sidetone_server::sip::{EndedBy, LegEvent, Party};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::peer::{
    ANSWER, Caller, Message, OFFER, Peer, config, connect, event, is_over, server, soon,
};

fn ended(by: EndedBy, code: u16, reason: &str) -> LegEvent {
    LegEvent::Ended {
        by,
        code,
        reason: reason.to_owned(),
    }
}

#[tokio::test]
async fn a_call_rings_is_answered_and_is_hung_up_by_the_caller() {
    let mut settings = config();
    settings.headers = vec!["x-account".to_owned()];
    let mut server = server(settings).await;
    let peer = Peer::new(&server).await;
    let mut caller = Caller::new("call-1", peer.addr(), server.addr());
    caller.extra = "X-Account: 7\r\nX-Private: no\r\n".to_owned();
    peer.send(&caller.invite(Some(OFFER))).await;

    let mut call = server.call().await;
    assert_eq!(call.id, "call-1");
    assert_eq!(call.source, peer.addr());
    assert_eq!(call.offer.as_deref(), Some(OFFER));
    assert_eq!(call.headers, [("X-Account".to_owned(), "7".to_owned())]);
    let from = Party {
        display: Some("A Caller".into()),
        user: "200".into(),
        host: "example.com".into(),
    };
    assert_eq!(call.from, from);
    assert_eq!(call.to.user, "100");
    assert_eq!(server.sip.legs(), 1);

    call.leg.ringing();
    peer.expect("180").await;
    call.leg.answer(ANSWER);
    let answer = peer.expect("200").await;
    assert_eq!(answer.body(), ANSWER);
    assert_eq!(answer.header("Content-Type"), "application/sdp");
    assert_eq!(answer.contact(), format!("sip:sidetone@{}", server.addr()));
    assert!(answer.header("Allow").contains("INVITE"));

    caller.learn(&answer);
    peer.send(&caller.ack(None)).await;
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::Confirmed { sdp: None }
    );
    let bye = caller.next("BYE", None);
    peer.send(&bye).await;
    let bye_answer = peer.expect("200").await;
    assert_eq!(bye_answer.header("CSeq"), "2 BYE");
    assert_eq!(
        event(&mut call.events).await,
        ended(EndedBy::Remote, 200, "hung up")
    );
    is_over(&mut call.events).await;
    server.is_clean().await;
}

#[tokio::test]
async fn we_hang_up_with_a_bye_that_says_why() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let (caller, mut call) = connect(&mut server, &peer, "call-2").await;
    call.leg.hangup("flow \"done\"\r\nX-Evil: 1");
    assert!(matches!(
        event(&mut call.events).await,
        LegEvent::Ended {
            by: EndedBy::Local,
            code: 200,
            ..
        }
    ));
    let bye = peer.expect("BYE").await;
    assert_eq!(bye.start(), format!("BYE sip:200@{} SIP/2.0", peer.addr()));
    assert_eq!(bye.header("From"), caller.to);
    assert_eq!(
        bye.header("Reason"),
        "Q.850;cause=16;text=\"flow doneX-Evil: 1\""
    );
    assert_eq!(bye.find("X-Evil"), None);
    peer.respond(&bye, "200 OK", "", None).await;
    is_over(&mut call.events).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_caller_behind_nat_gets_our_bye_where_its_invite_came_from() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut caller = Caller::new("call-nat", peer.addr(), server.addr());
    caller.contact = "192.168.1.7:5060".to_owned();
    peer.send(&caller.invite(Some(OFFER))).await;
    let mut call = server.call().await;
    call.leg.answer(ANSWER);
    caller.learn(&peer.expect("200").await);
    peer.send(&caller.ack(None)).await;
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::Confirmed { sdp: None }
    );
    call.leg.hangup("done");
    let bye = peer.expect("BYE").await;
    peer.respond(&bye, "200 OK", "", None).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_cancelled_call_ends_before_it_was_answered() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let caller = Caller::new("call-3", peer.addr(), server.addr());
    peer.send(&caller.invite(Some(OFFER))).await;
    let mut call = server.call().await;
    call.leg.ringing();
    peer.expect("180").await;
    peer.send(&caller.cancel()).await;
    assert_eq!(peer.expect("200").await.header("CSeq"), "1 CANCEL");
    peer.expect("487").await;
    peer.send(&caller.ack_refusal()).await;
    assert_eq!(
        event(&mut call.events).await,
        ended(EndedBy::Remote, 487, "cancelled")
    );
    call.leg.answer(ANSWER);
    is_over(&mut call.events).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_cancel_that_crosses_our_answer_changes_nothing() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut caller = Caller::new("call-4", peer.addr(), server.addr());
    peer.send(&caller.invite(Some(OFFER))).await;
    let mut call = server.call().await;
    call.leg.answer(ANSWER);
    let answer = peer.expect("200").await;
    peer.send(&caller.cancel()).await;
    assert_eq!(peer.expect("200").await.header("CSeq"), "1 CANCEL");
    caller.learn(&answer);
    peer.send(&caller.ack(None)).await;
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::Confirmed { sdp: None }
    );
    let bye = caller.next("BYE", None);
    peer.send(&bye).await;
    assert_eq!(
        event(&mut call.events).await,
        ended(EndedBy::Remote, 200, "hung up")
    );
    server.is_clean().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_races_a_cancel_ends_the_call_once_either_way() {
    let mut server = server(config()).await;
    for round in 0..50 {
        let peer = Peer::new(&server).await;
        let mut caller = Caller::new(&format!("race-{round}"), peer.addr(), server.addr());
        peer.send(&caller.invite(Some(OFFER))).await;
        let mut call = server.call().await;
        peer.send(&caller.cancel()).await;
        call.leg.answer(ANSWER);
        loop {
            let message = peer.receive().await;
            if message.start().starts_with("SIP/2.0 487") {
                peer.send(&caller.ack_refusal()).await;
                break;
            }
            if message.start().starts_with("SIP/2.0 200") && message.header("CSeq") == "1 INVITE" {
                caller.learn(&message);
                peer.send(&caller.ack(None)).await;
                let bye = caller.next("BYE", None);
                peer.send(&bye).await;
                break;
            }
        }
        let mut last = event(&mut call.events).await;
        if last == (LegEvent::Confirmed { sdp: None }) {
            last = event(&mut call.events).await;
        }
        assert!(
            matches!(
                last,
                LegEvent::Ended {
                    by: EndedBy::Remote,
                    ..
                }
            ),
            "{last:?}"
        );
        is_over(&mut call.events).await;
    }
    server.is_clean().await;
}

#[tokio::test]
async fn a_refused_call_gets_our_status() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let caller = Caller::new("call-5", peer.addr(), server.addr());
    peer.send(&caller.invite(Some(OFFER))).await;
    let mut call = server.call().await;
    call.leg.reject(486, "all lines busy");
    let busy = peer.expect("486").await;
    assert_eq!(
        busy.header("Reason"),
        "SIP;cause=486;text=\"all lines busy\""
    );
    peer.send(&caller.ack_refusal()).await;
    assert_eq!(
        event(&mut call.events).await,
        ended(EndedBy::Local, 486, "all lines busy")
    );
    is_over(&mut call.events).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_call_nobody_holds_on_to_is_refused_or_hung_up() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let caller = Caller::new("call-6", peer.addr(), server.addr());
    peer.send(&caller.invite(Some(OFFER))).await;
    drop(server.call().await);
    peer.expect("480").await;
    peer.send(&caller.ack_refusal()).await;

    let (_, call) = connect(&mut server, &peer, "call-7").await;
    drop(call);
    let bye = peer.expect("BYE").await;
    peer.respond(&bye, "200 OK", "", None).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_late_offer_is_ours_to_make_and_the_ack_answers_it() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut caller = Caller::new("call-8", peer.addr(), server.addr());
    peer.send(&caller.invite(None)).await;
    let mut call = server.call().await;
    assert_eq!(call.offer, None);
    call.leg.answer(OFFER);
    let answer = peer.expect("200").await;
    assert_eq!(answer.body(), OFFER);
    caller.learn(&answer);
    peer.send(&caller.ack(Some(ANSWER))).await;
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::Confirmed {
            sdp: Some(ANSWER.to_owned())
        }
    );
}

#[tokio::test]
async fn an_answer_without_ack_is_repeated_and_then_torn_down() {
    let mut settings = config();
    settings.t1 = Duration::from_millis(5);
    let mut server = server(settings).await;
    let peer = Peer::new(&server).await;
    let caller = Caller::new("call-9", peer.addr(), server.addr());
    peer.send(&caller.invite(Some(OFFER))).await;
    let mut call = server.call().await;
    call.leg.answer(ANSWER);
    peer.expect("200").await;
    peer.expect("200").await;
    let bye = peer.expect("BYE").await;
    peer.respond(&bye, "200 OK", "", None).await;
    assert!(matches!(
        event(&mut call.events).await,
        LegEvent::Ended {
            by: EndedBy::Timeout,
            ..
        }
    ));
    is_over(&mut call.events).await;
    server.is_clean().await;
}

#[tokio::test]
async fn hanging_up_before_the_ack_waits_for_it_with_the_bye_only() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let mut caller = Caller::new("call-10", peer.addr(), server.addr());
    peer.send(&caller.invite(Some(OFFER))).await;
    let mut call = server.call().await;
    call.leg.answer(ANSWER);
    let answer = peer.expect("200").await;
    call.leg.hangup("changed our mind");
    assert!(matches!(
        event(&mut call.events).await,
        LegEvent::Ended {
            by: EndedBy::Local,
            ..
        }
    ));
    caller.learn(&answer);
    peer.send(&caller.ack(None)).await;
    let bye = peer.expect("BYE").await;
    peer.respond(&bye, "200 OK", "", None).await;
    server.is_clean().await;
}

#[tokio::test]
async fn a_new_offer_gets_our_description_and_does_not_end_the_call() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let (mut caller, mut call) = connect(&mut server, &peer, "call-11").await;

    let hold = format!("{OFFER}a=sendonly\r\n");
    let reinvite = caller.next("INVITE", Some(("application/sdp", &hold)));
    peer.send(&reinvite).await;
    let answer = peer.expect("200").await;
    assert_eq!(answer.body(), ANSWER);
    peer.send(&caller.ack(None)).await;
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::Reoffered { sdp: Some(hold) }
    );

    let update = caller.next("UPDATE", None);
    peer.send(&update).await;
    assert_eq!(peer.expect("200").await.body(), "");
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::Reoffered { sdp: None }
    );

    let info = caller.next("INFO", Some(("application/dtmf-relay", "Signal=5\r\n")));
    peer.send(&info).await;
    peer.expect("200").await;
    let expected = LegEvent::Info {
        content_type: "application/dtmf-relay".into(),
        body: b"Signal=5\r\n".to_vec(),
    };
    assert_eq!(event(&mut call.events).await, expected);

    let refer = caller.next("REFER", None);
    peer.send(&refer).await;
    peer.expect("405").await;
    let options = caller.next("OPTIONS", None);
    peer.send(&options).await;
    peer.expect("200").await;

    let bye = caller.next("BYE", None);
    peer.send(&bye).await;
    peer.expect("200").await;
    assert_eq!(
        event(&mut call.events).await,
        ended(EndedBy::Remote, 200, "hung up")
    );
    server.is_clean().await;
}

#[tokio::test]
async fn a_call_over_tcp_goes_through() {
    let mut server = server(config()).await;
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    let mut caller = Caller::new("call-tcp", stream.local_addr().unwrap(), server.addr());
    caller.transport = "TCP";
    stream
        .write_all(caller.invite(Some(OFFER)).as_bytes())
        .await
        .unwrap();
    let mut call = server.call().await;
    call.leg.answer(ANSWER);
    let answer = tcp_expect(&mut stream, "SIP/2.0 200").await;
    assert_eq!(
        answer.contact(),
        format!("sip:sidetone@{};transport=TCP", server.addr())
    );
    caller.learn(&answer);
    stream.write_all(caller.ack(None).as_bytes()).await.unwrap();
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::Confirmed { sdp: None }
    );
    call.leg.hangup("done");
    let bye = tcp_expect(&mut stream, "BYE").await;
    assert!(
        bye.header("Via")
            .starts_with(&format!("SIP/2.0/TCP {}", server.addr()))
    );
    let ok = format!(
        "SIP/2.0 200 OK\r\nVia: {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {}\r\nContent-Length: 0\r\n\r\n",
        bye.header("Via"),
        bye.header("From"),
        bye.header("To"),
        bye.header("Call-ID"),
        bye.header("CSeq")
    );
    stream.write_all(ok.as_bytes()).await.unwrap();
    server.is_clean().await;
}

/// Reads messages off the stream until one starts like this.
async fn tcp_expect(stream: &mut TcpStream, start: &str) -> Message {
    let mut text = Vec::new();
    loop {
        let byte = soon(stream.read_u8()).await.unwrap();
        text.push(byte);
        if !text.ends_with(b"\r\n\r\n") {
            continue;
        }
        let head = Message(String::from_utf8(std::mem::take(&mut text)).unwrap());
        let mut body = vec![0; head.header("Content-Length").parse().unwrap()];
        soon(stream.read_exact(&mut body)).await.unwrap();
        if head.start().starts_with(start) {
            return Message(head.0 + std::str::from_utf8(&body).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_calls_leave_nothing_behind() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    for n in 0..200 {
        let (mut caller, mut call) = connect(&mut server, &peer, &format!("many-{n}")).await;
        let from_us = n % 2 == 0;
        if from_us {
            call.leg.hangup("done");
            let bye = peer.expect("BYE").await;
            peer.respond(&bye, "200 OK", "", None).await;
        } else {
            let bye = caller.next("BYE", None);
            peer.send(&bye).await;
            peer.expect("200").await;
        }
        assert!(matches!(
            event(&mut call.events).await,
            LegEvent::Ended { code: 200, .. }
        ));
        is_over(&mut call.events).await;
    }
    server.is_clean().await;
}

#[tokio::test]
async fn a_shutdown_hangs_up_and_a_drain_does_not() {
    let mut server = server(config()).await;
    let peer = Peer::new(&server).await;
    let (_, mut call) = connect(&mut server, &peer, "call-12").await;

    server.sip.drain();
    let second = Caller::new("call-13", peer.addr(), server.addr());
    peer.send(&second.invite(Some(OFFER))).await;
    assert_eq!(peer.expect("503").await.header("Retry-After"), "5");
    peer.send(&second.ack_refusal()).await;
    let probe = Caller::new("probe", peer.addr(), server.addr());
    peer.send(&probe.request("OPTIONS", 1, "z9hG4bK-probe", None))
        .await;
    peer.expect("503").await;
    assert_eq!(server.sip.legs(), 1);

    let sip = server.sip.clone();
    let down = tokio::spawn(sip.shutdown());
    let bye = peer.expect("BYE").await;
    peer.respond(&bye, "200 OK", "", None).await;
    assert!(matches!(
        event(&mut call.events).await,
        LegEvent::Ended {
            by: EndedBy::Local,
            ..
        }
    ));
    soon(down).await.unwrap();
    soon(server.sip.stopped()).await;
    server.is_clean().await;
}
