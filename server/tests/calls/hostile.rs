//! What strangers send at a call's ports while the call is up.

use std::time::Duration;

use sidetone_fixtures::measure::CallReport;
use sidetone_fixtures::phone::What;
use sidetone_fixtures::torture;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::interval;

use crate::harness::{House, told};
use crate::steps::{ORDER_KEYS, bot_finishes, hangs_up, keys, script};

/// Loud PCMU: full scale, alternating.
fn loud_audio(sequence: u16) -> Vec<u8> {
    let mut packet = rtp(0, sequence);
    packet.extend([0x00, 0x80].repeat(80));
    packet
}

/// Key 0 of RFC 4733, with the end bit: who is believed here gets a human.
fn key_zero(sequence: u16) -> Vec<u8> {
    let mut packet = rtp(101, sequence);
    packet.extend([0, 0x8a, 0x03, 0x20]);
    packet
}

fn rtp(payload_type: u8, sequence: u16) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type];
    packet.extend(sequence.to_be_bytes());
    packet.extend((u32::from(sequence) * 160).to_be_bytes());
    packet.extend(0xdead_beef_u32.to_be_bytes());
    packet
}

/// Sends all of this at every RTP port of the server, every 5 ms, and messages at its SIP port.
async fn attack(house: &House) {
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let ports = house.config.media.rtp_ports;
    let messages = torture::load().unwrap();
    let mut beat = interval(Duration::from_millis(5));
    for sequence in 0.. {
        beat.tick().await;
        let rubbish = [vec![], vec![0x80], vec![0xff; 1400], vec![0x9f; 12]];
        let packets = [loud_audio(sequence), key_zero(sequence)];
        let packet = match sequence % 3 {
            0 => &packets[0],
            1 => &packets[1],
            _ => &rubbish[usize::from(sequence / 3) % rubbish.len()],
        };
        for port in (ports.first..=ports.last).step_by(2) {
            // A port that nobody has open may refuse; that is no failure of the attack.
            let _ = stranger.send_to(packet, (ports_ip(), port)).await;
        }
        if let Some(message) = messages.get(usize::from(sequence)) {
            let _ = stranger
                .send_to(&message.datagram, house.server.address())
                .await;
        }
    }
}

fn ports_ip() -> std::net::Ipv4Addr {
    std::net::Ipv4Addr::LOCALHOST
}

async fn call_under_attack(house: &House) -> CallReport {
    let (watcher, mut events) = mpsc::channel(1000);
    let steps = vec![bot_finishes(), keys(ORDER_KEYS), bot_finishes(), hangs_up()];
    let attack = async {
        told(&mut events, |what| matches!(what, What::HearsSpeech { .. })).await;
        attack(house).await;
    };
    tokio::select! {
        report = house.call_watched(script(steps), Some(watcher)) => report,
        () = attack => unreachable!("the attack has no end"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_at_the_media_ports_are_neither_heard_nor_obeyed() {
    let house = House::start().await;
    let report = call_under_attack(&house).await;
    assert_eq!((report.received.sources, report.received.not_audio), (1, 0));
    assert_eq!(report.received.lost, 0);

    let records = house.records().await;
    // Some of the messages at the SIP port are calls of their own; ours came first.
    let record = records.last().unwrap();
    record.is_whole();
    let heard = record.heard();
    assert!(heard.contains("is with the driver"), "{heard}");
    assert_eq!(record.texts("keys_collected", "digits"), ["44127769"]);
    assert_eq!(record.all("speech_started").count(), 0);
    let recording = house.recording(&record.summary.call_id);
    let mut recording = hound::WavReader::open(recording).unwrap();
    let samples: Vec<i16> = recording.samples().map(Result::unwrap).collect();
    let loudest = samples.iter().step_by(2).map(|s| s.unsigned_abs()).max();
    assert!(loudest.is_some_and(|loudest| loudest < 1000), "{loudest:?}");
}
