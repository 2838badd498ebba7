//! Whole legs: packets in, frames out, over links that lose, delay, double and reorder.

use proptest::collection::vec;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::frame::{FRAME_DURATION, SILENT_FRAME};
use crate::g711::Law;
use crate::outbound::Outbound;
use crate::sdp::Direction;

const PEER: &str = "198.51.100.9:5004";
const NAT: &str = "203.0.113.5:61000";

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn plan() -> MediaPlan {
    MediaPlan {
        remote: at(PEER),
        law: Law::A,
        payload_type: 8,
        telephone_event: Some(101),
        direction: Direction::SendRecv,
    }
}

fn inbound() -> Inbound {
    Inbound::new(plan(), InboundConfig::default())
}

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// An audio packet by hand, so that any field can be wrong.
fn packet(ssrc: u32, sequence: u16, timestamp: u32, pcm: &[i16]) -> Vec<u8> {
    let mut data = vec![0x80, 8];
    data.extend(sequence.to_be_bytes());
    data.extend(timestamp.to_be_bytes());
    data.extend(ssrc.to_be_bytes());
    data.extend(pcm.iter().map(|sample| Law::A.encode_sample(*sample)));
    data
}

/// Packet `n` of an ordinary stream; its samples all have the level that stands for `n`.
fn nth(n: u16) -> Vec<u8> {
    packet(1, n, u32::from(n) * 160, &[level(n); 160])
}

/// A level that tells a packet from its neighbours, exact in A-law.
fn level(n: u16) -> i16 {
    Law::A.decode_sample(Law::A.encode_sample(1000 + (n % 20) as i16 * 1500))
}

/// Plays `arrivals` of (time, datagram), polling every 20 ms until `until`.
fn play(inbound: &mut Inbound, arrivals: &mut [(Duration, Vec<u8>)], until: Duration) -> Heard {
    arrivals.sort_by_key(|(time, _)| *time);
    let mut heard = Heard::default();
    let mut waiting = arrivals.iter().peekable();
    let mut now = Duration::ZERO;
    while now < until {
        while let Some((time, data)) = waiting.next_if(|(time, _)| *time <= now) {
            inbound.handle_packet(*time, at(PEER), data);
        }
        let mut frame = SILENT_FRAME;
        heard.kinds.push(inbound.poll_frame(now, &mut frame));
        heard.middles.push(frame[80]);
        now += FRAME_DURATION;
    }
    heard
}

#[derive(Default)]
struct Heard {
    kinds: Vec<FrameKind>,
    /// The sample in the middle of each frame, away from any seam.
    middles: Vec<i16>,
}

impl Heard {
    fn count(&self, kind: FrameKind) -> usize {
        self.kinds.iter().filter(|k| **k == kind).count()
    }
}

/// A stream of `count` packets, each delayed by what `delay` says; None loses it.
fn stream(count: u16, delay: impl Fn(u16) -> Option<u64>) -> Vec<(Duration, Vec<u8>)> {
    (0..count)
        .filter_map(|n| Some((millis(u64::from(n) * 20 + delay(n)?), nth(n))))
        .collect()
}

/// Numbers below `below` from a seed: a link must misbehave alike on every run.
fn noise(seed: u64, below: u64) -> u64 {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (x ^ (x >> 32)) % below
}

#[test]
fn a_steady_stream_is_heard_whole_and_in_order_after_the_target_delay() {
    let heard = play(&mut inbound(), &mut stream(50, |_| Some(5)), millis(1100));
    let first = heard
        .kinds
        .iter()
        .position(|k| *k == FrameKind::Speech)
        .unwrap();
    assert!((2..=3).contains(&first), "first frame at tick {first}");
    assert_eq!(heard.count(FrameKind::Speech), 50);
    for n in 1..50 {
        // The packet's edges fall anywhere in a frame, its middle belongs to one of two.
        let middle = heard.middles[first + n as usize];
        assert!(
            [level(n - 1), level(n), level(n + 1)].contains(&middle),
            "frame {n}"
        );
    }
}

#[test]
fn reordered_packets_are_put_in_order() {
    let reordered = |n| Some(if n % 5 == 2 { 25 } else { 1 });
    let mut inbound = inbound();
    let heard = play(&mut inbound, &mut stream(50, reordered), millis(1100));
    assert_eq!(
        (
            heard.count(FrameKind::Speech),
            heard.count(FrameKind::Concealed)
        ),
        (50, 3)
    );
    assert_eq!(inbound.stats().too_late, 0);
}

#[test]
fn a_lost_packet_is_one_concealed_frame() {
    let lossy = |n| (n % 10 != 5).then_some(1);
    let heard = play(&mut inbound(), &mut stream(50, lossy), millis(1020));
    assert_eq!(heard.count(FrameKind::Concealed), 5);
}

#[test]
fn doubled_packets_are_heard_once() {
    let mut arrivals = stream(20, |_| Some(1));
    arrivals.extend(stream(20, |_| Some(2)));
    let mut inbound = inbound();
    let heard = play(&mut inbound, &mut arrivals, millis(500));
    assert_eq!(heard.count(FrameKind::Speech), 20);
    let stats = inbound.stats();
    assert_eq!((stats.accepted, stats.duplicate + stats.too_late), (20, 20));
}

#[test]
fn sequence_and_timestamp_wrap_unheard() {
    let mut arrivals: Vec<_> = (0..40_u32)
        .map(|n| {
            let sequence = 0xfff0_u16.wrapping_add(n as u16);
            let timestamp = 0xffff_fa00_u32.wrapping_add(n * 160);
            (
                millis(u64::from(n) * 20),
                packet(1, sequence, timestamp, &[4000; 160]),
            )
        })
        .collect();
    let mut inbound = inbound();
    let heard = play(&mut inbound, &mut arrivals, millis(860));
    assert_eq!(
        (heard.count(FrameKind::Speech), inbound.stats().restarts),
        (40, 0)
    );
}

#[test]
fn packets_of_other_lengths_are_cut_into_frames() {
    for samples in [80_u32, 240, 320] {
        let mut arrivals: Vec<_> = (0..8000 / samples)
            .map(|n| {
                let pcm = vec![4000; samples as usize];
                (
                    millis(u64::from(n * samples / 8)),
                    packet(1, n as u16, n * samples, &pcm),
                )
            })
            .collect();
        let mut inbound = inbound();
        let heard = play(&mut inbound, &mut arrivals, millis(1020));
        assert_eq!(inbound.stats().accepted, u64::from(8000 / samples));
        assert!(
            heard.count(FrameKind::Speech) >= 46,
            "{samples}: {:?}",
            heard.kinds
        );
        assert!(
            heard.count(FrameKind::Concealed) <= 1,
            "{samples}: {:?}",
            heard.kinds
        );
    }
}

#[test]
fn a_pause_of_the_sender_neither_tears_nor_delays_what_follows() {
    let mut arrivals: Vec<_> = (0..20)
        .map(|n| (millis(u64::from(n) * 20), nth(n)))
        .collect();
    for n in 0..20_u16 {
        let timestamp = (u32::from(n) + 520) * 160;
        let data = packet(1, 20 + n, timestamp, &[4000; 160]);
        arrivals.push((millis((u64::from(n) + 520) * 20), data));
    }
    let mut inbound = inbound();
    let heard = play(&mut inbound, &mut arrivals, millis(10_900));
    assert_eq!(heard.count(FrameKind::Speech), 40);
    let resumed = heard.kinds[100..]
        .iter()
        .position(|k| *k == FrameKind::Speech)
        .unwrap()
        + 100;
    assert!((521..=523).contains(&resumed), "resumed at tick {resumed}");
}

#[test]
fn after_a_jam_everything_is_heard_and_the_delay_comes_down_again() {
    // Packets 20 to 34 are held back for up to 300 ms and then come all at once.
    let jam = |n: u16| {
        Some(if (20..35).contains(&n) {
            (35 - u64::from(n)) * 20
        } else {
            1
        })
    };
    let mut inbound = inbound();
    let heard = play(&mut inbound, &mut stream(300, jam), millis(6040));
    let stats = inbound.stats();
    assert_eq!((stats.accepted, stats.too_late), (300, 0));
    assert!(stats.shortened_samples > 0, "the delay never came down");
    assert!(inbound.target_delay() <= millis(120));
    // The end is heard no later than the longest delay after it came.
    let last = heard
        .kinds
        .iter()
        .rposition(|k| *k == FrameKind::Speech)
        .unwrap();
    assert!(last <= 299 + 7, "last frame at tick {last}");
}

#[test]
fn a_burst_beyond_the_bound_drops_the_oldest() {
    let mut inbound = inbound();
    for n in 0..40 {
        assert_eq!(
            inbound.handle_packet(Duration::ZERO, at(PEER), &nth(n)),
            Received::Accepted
        );
    }
    assert!(inbound.stats().overrun_samples > 160 * 20);
    let mut frame = SILENT_FRAME;
    let mut last = 0;
    for tick in 0..20 {
        if inbound.poll_frame(FRAME_DURATION * tick, &mut frame) == FrameKind::Speech {
            last = frame[80];
        }
    }
    assert!([level(39), level(38)].contains(&last));
}

#[test]
fn a_jump_of_the_timestamp_restarts_the_stream_at_its_second_packet() {
    let mut inbound = inbound();
    for n in 0..10 {
        inbound.handle_packet(millis(u64::from(n) * 20), at(PEER), &nth(n));
    }
    let mut jumped = |n: u16| {
        let data = packet(1, n, 90_000_000 + u32::from(n) * 160, &[4000; 160]);
        inbound.handle_packet(millis(u64::from(n) * 20), at(PEER), &data)
    };
    assert_eq!(jumped(10), Received::Dropped(DropReason::Implausible));
    assert_eq!(jumped(11), Received::Accepted);
    assert_eq!(inbound.stats().restarts, 1);
}

#[test]
fn another_ssrc_from_the_peer_is_a_new_stream() {
    let mut inbound = inbound();
    let mut arrivals = stream(10, |_| Some(1));
    for n in 0..10_u16 {
        let data = packet(2, 7 + n, 5_000 + u32::from(n) * 160, &[4000; 160]);
        arrivals.push((millis(200 + u64::from(n) * 20), data));
    }
    let heard = play(&mut inbound, &mut arrivals, millis(500));
    assert_eq!(inbound.stats().restarts, 1);
    assert!(heard.count(FrameKind::Speech) >= 17, "{:?}", heard.kinds);
}

#[test]
fn a_stranger_does_not_take_over_the_stream() {
    let mut inbound = inbound();
    assert_eq!(
        inbound.handle_packet(millis(0), at(PEER), &nth(0)),
        Received::Accepted
    );
    for n in 0..50 {
        let verdict = inbound.handle_packet(millis(1), at(NAT), &nth(n));
        assert_eq!(verdict, Received::Dropped(DropReason::Stranger));
    }
    assert_eq!(
        (inbound.source(), inbound.stats().stranger),
        (Some(at(PEER)), 50)
    );
}

#[test]
fn a_peer_behind_a_nat_is_found_after_its_probation() {
    let mut inbound = inbound();
    for n in 0..3 {
        let verdict = inbound.handle_packet(millis(20 * u64::from(n)), at(NAT), &nth(n));
        assert_eq!(verdict, Received::Dropped(DropReason::Probation));
    }
    assert_eq!(
        inbound.handle_packet(millis(60), at(NAT), &nth(3)),
        Received::Accepted
    );
    assert_eq!(inbound.source(), Some(at(NAT)));
}

#[test]
fn hold_keeps_the_lock_and_another_address_lifts_it() {
    let mut inbound = inbound();
    inbound.handle_packet(millis(0), at(PEER), &nth(0));
    inbound.set_plan(MediaPlan {
        direction: Direction::Inactive,
        ..plan()
    });
    assert_eq!(inbound.source(), Some(at(PEER)));
    inbound.set_plan(MediaPlan {
        remote: at(NAT),
        ..plan()
    });
    assert_eq!(inbound.source(), None);
    assert_eq!(
        inbound.handle_packet(millis(9), at(NAT), &nth(1)),
        Received::Accepted
    );
}

#[test]
fn each_kind_of_rubbish_is_counted_under_its_name() {
    let mut inbound = inbound();
    inbound.handle_packet(millis(0), at(PEER), &nth(0));
    inbound.handle_packet(millis(0), at(PEER), b"hello");
    inbound.handle_packet(millis(0), at(PEER), &packet(1, 1, 160, &[]));
    inbound.handle_packet(millis(0), at(PEER), &packet(1, 1, 160, &[0; 1400]));
    let mut unknown = nth(1);
    unknown[1] = 18;
    inbound.handle_packet(millis(0), at(PEER), &unknown);
    let stats = inbound.stats();
    assert_eq!(
        (stats.accepted, stats.not_rtp, stats.unknown_payload),
        (1, 3, 1)
    );
}

#[test]
fn a_digit_sent_is_a_digit_heard_once_and_mutes_the_audio() {
    let mut inbound = inbound();
    let mut sender = Outbound::new(plan(), 1, 0, 0);
    sender.press('5', millis(100)).unwrap();
    let loud = [8000; FRAME_SAMPLES];
    let mut frame = SILENT_FRAME;
    let mut digits = String::new();
    let mut kinds = Vec::new();
    for tick in 0..20 {
        let now = FRAME_DURATION * tick;
        let data = sender.packet(&loud).to_vec();
        assert_eq!(
            inbound.handle_packet(now, at(PEER), &data),
            Received::Accepted
        );
        kinds.push(inbound.poll_frame(now, &mut frame));
        digits.extend(std::iter::from_fn(|| inbound.poll_digit()).map(|d| d.digit));
    }
    assert_eq!(digits, "5");
    assert!(
        kinds[..7].iter().all(|kind| *kind == FrameKind::Silence),
        "{kinds:?}"
    );
    assert_eq!(kinds[19], FrameKind::Speech);
}

/// What a bad link must still deliver: nearly all frames, none out of order.
#[test]
fn a_seeded_bad_link_stays_intelligible() {
    for seed in 0..20 {
        let link = |n: u16| {
            let draw = |salt: u64, below| noise(seed * 1_000_003 + u64::from(n) * 7 + salt, below);
            (draw(1, 100) >= 3).then(|| draw(2, 60) + if draw(3, 50) == 0 { 80 } else { 0 })
        };
        let mut arrivals = stream(500, link);
        let sent = arrivals.len();
        let mut inbound = inbound();
        let heard = play(&mut inbound, &mut arrivals, millis(10_300));
        let stats = inbound.stats();
        assert_eq!(
            stats.accepted + stats.too_late,
            sent as u64,
            "seed {seed}: {stats:?}"
        );
        assert!(stats.too_late < 25, "seed {seed}: {stats:?}");
        assert!(
            heard.count(FrameKind::Speech) > 440,
            "seed {seed}: {stats:?}"
        );
        assert!(inbound.target_delay() <= millis(120));
    }
}

proptest! {
    #[test]
    fn any_datagram_is_survived(
        datagrams in vec((vec(any::<u8>(), 0..300), 0..400_u64), 0..40),
    ) {
        let mut inbound = inbound();
        let mut frame = SILENT_FRAME;
        for (data, time) in datagrams {
            inbound.handle_packet(millis(time), at(PEER), &data);
            inbound.poll_frame(millis(time), &mut frame);
        }
    }

    #[test]
    fn mutated_packets_are_survived_and_all_are_counted(
        changes in vec((0..60_usize, any::<u8>(), any::<u8>()), 0..200),
    ) {
        let mut inbound = inbound();
        let mut frame = SILENT_FRAME;
        let mut now = Duration::ZERO;
        for (n, (index, value, cut)) in changes.iter().enumerate() {
            let mut data = nth(n as u16);
            data[*index] = *value;
            data.truncate(172 - usize::from(*cut) % 3 * 60);
            inbound.handle_packet(now, at(PEER), &data);
            inbound.poll_frame(now, &mut frame);
            now += FRAME_DURATION;
        }
        let s = inbound.stats();
        let dropped = s.not_rtp + s.stranger + s.probation + s.unknown_payload + s.too_late
            + s.duplicate + s.implausible;
        prop_assert_eq!(s.accepted + dropped, changes.len() as u64);
    }

    #[test]
    fn any_order_within_the_delay_comes_out_in_order(
        delays in vec(0..35_u64, 30),
    ) {
        let mut arrivals = stream(30, |n| Some(delays[usize::from(n)]));
        let mut inbound = inbound();
        let heard = play(&mut inbound, &mut arrivals, millis(900));
        // Twenty levels rise one after another: a frame out of order would step back.
        let order: Vec<_> = heard
            .kinds
            .iter()
            .zip(&heard.middles)
            .filter(|(kind, _)| **kind == FrameKind::Speech)
            .map(|(_, middle)| *middle)
            .collect();
        let back = order.windows(2).filter(|w| w[1] < w[0] - 600).count();
        prop_assert!(back <= 1, "{:?}", order);
    }
}
