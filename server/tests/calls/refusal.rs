//! Offers that cannot be met, offers that come late, and calls beyond the limit.

use std::net::SocketAddr;
use std::time::Duration;

use sidetone_fixtures::phone::What;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;

use crate::harness::{House, soon, told};
use crate::peer::{Peer, sdp};
use crate::steps::{bot_finishes, hangs_up, listens, script};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_without_a_common_codec_is_not_acceptable_and_an_unreadable_one_is_bad() {
    let house = House::start().await;
    let here = SocketAddr::from(([127, 0, 0, 1], 4000));
    // G.729 and GSM alone.
    let mut foreign = Peer::new(house.server.address(), "foreign").await;
    assert_eq!(foreign.is_refused(&sdp(here, "18 3")).await, 488);
    let mut rubbish = Peer::new(house.server.address(), "rubbish").await;
    assert_eq!(rubbish.is_refused("v=0\r\nm=audio\r\n").await, 400);
    assert!(house.records().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invite_without_an_offer_is_offered_audio_and_hears_the_greeting() {
    let house = House::start().await;
    let rtp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut peer = Peer::new(house.server.address(), "late").await;
    peer.send("INVITE", 1, "invite", "").await;
    let (status, offer) = peer.final_response().await;
    assert_eq!(status, 200);
    assert!(offer.contains("m=audio"), "{offer}");
    let answer = sdp(rtp.local_addr().unwrap(), "0");
    peer.send("ACK", 1, "ack", &answer).await;
    let greeting = async {
        let mut packet = [0; 1500];
        let mut loud = 0;
        while loud < 25 {
            let length = rtp.recv(&mut packet).await.unwrap();
            // Of payload type 0 and not all silence: 0xff and 0x7f are the two zeros of PCMU.
            let is_loud = |code: &u8| code & 0x7f < 0x60;
            loud += u32::from(packet[1] & 0x7f == 0 && packet[12..length].iter().any(is_loud));
        }
    };
    soon(greeting).await;
    peer.send("BYE", 2, "bye", "").await;
    assert_eq!(peer.final_response().await.0, 200);
    let record = house.record().await;
    record.is_whole();
    assert_eq!(record.texts("answered", "codec"), ["PCMU"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_beyond_the_limit_is_told_to_come_back_and_the_first_does_not_notice() {
    let house = House::start_with(|config| config.sip.max_calls = 1).await;
    let (watcher, mut events) = mpsc::channel(1000);
    let first = script(vec![
        bot_finishes(),
        listens(Duration::from_millis(300)),
        hangs_up(),
    ]);
    let second = async {
        told(&mut events, |what| matches!(what, What::HearsSpeech { .. })).await;
        let refused = house.place(script(vec![hangs_up()]), None).await;
        refused.expect_err("a second call was taken").to_string()
    };
    let (first, second) = tokio::join!(house.call_watched(first, Some(watcher)), second);
    assert!(second.contains("503"), "{second}");
    assert_eq!((first.received.lost, first.received.sources), (0, 1));
    let record = house.record().await;
    record.is_whole();
    assert!(record.heard().contains("How can I help?"));
}
