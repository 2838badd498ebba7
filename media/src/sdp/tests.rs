//! What carriers and phones send, and what we make of it.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::{select, subsequence};

use super::{Capabilities, Direction, MAX_MEDIA, MediaPlan, Sdp, SdpError, accept, answer, offer};
use crate::g711::Law;

fn us() -> Capabilities {
    Capabilities::new("192.0.2.1:40000".parse().unwrap(), 7)
}

fn sdp(text: &str) -> Sdp {
    text.parse().unwrap()
}

/// A description with the given lines after the session part.
fn with(lines: &str) -> Sdp {
    sdp(&format!(
        "v=0\r\no=- 1 1 IN IP4 198.51.100.9\r\ns=-\r\nc=IN IP4 198.51.100.9\r\n{lines}"
    ))
}

#[test]
fn our_offer_is_written_as_every_phone_expects() {
    let text = offer(&us()).to_string();
    assert_eq!(
        text,
        "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n\
         m=audio 40000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n\
         a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    );
    assert_eq!(sdp(&text), offer(&us()));
}

#[test]
fn the_offerers_first_law_wins_with_its_own_payload_types() {
    let theirs = with(
        "m=audio 5004 RTP/AVP 18 8 0 96\r\na=rtpmap:18 G729/8000\r\n\
         a=rtpmap:96 telephone-event/8000\r\n",
    );
    let (ours, plan) = answer(&theirs, &us()).unwrap();
    assert_eq!(
        plan,
        MediaPlan {
            remote: "198.51.100.9:5004".parse().unwrap(),
            law: Law::A,
            payload_type: 8,
            telephone_event: Some(96),
            direction: Direction::SendRecv,
        }
    );
    assert_eq!(ours.media[0].formats, ["8", "96"]);
}

#[test]
fn events_at_another_clock_are_not_taken() {
    let theirs = with("m=audio 5004 RTP/AVP 0 97\r\na=rtpmap:97 telephone-event/48000\r\n");
    assert_eq!(answer(&theirs, &us()).unwrap().1.telephone_event, None);
}

#[test]
fn a_static_number_given_another_meaning_is_not_g711() {
    let theirs = with("m=audio 5004 RTP/AVP 0\r\na=rtpmap:0 L16/8000\r\n");
    assert_eq!(answer(&theirs, &us()).unwrap_err(), SdpError::NoCommonCodec);
}

#[test]
fn g729_only_is_488_and_rubbish_is_400() {
    let error = answer(&with("m=audio 5004 RTP/AVP 18\r\n"), &us()).unwrap_err();
    assert_eq!((error.sip_status(), error), (488, SdpError::NoCommonCodec));
    let error = Sdp::parse(b"hello").unwrap_err();
    assert_eq!(error.sip_status(), 400);
    let error = Sdp::parse(b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio x RTP/AVP 0\r\n");
    assert_eq!(
        error.unwrap_err(),
        SdpError::Malformed {
            line: 3,
            reason: "bad m= line"
        }
    );
}

#[test]
fn secured_or_absent_audio_is_no_usable_audio() {
    for lines in ["m=audio 5004 RTP/SAVP 0\r\n", "m=audio 0 RTP/AVP 0\r\n", ""] {
        assert_eq!(
            answer(&with(lines), &us()).unwrap_err(),
            SdpError::NoUsableAudio,
            "{lines}"
        );
    }
}

#[test]
fn other_media_are_refused_and_keep_their_places() {
    let theirs = with(
        "m=video 5010 RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\nm=audio 5004 RTP/AVP 0\r\n\
         m=audio 5006 RTP/AVP 8\r\nm=image 5008 udptl t38\r\n",
    );
    let (ours, _) = answer(&theirs, &us()).unwrap();
    let lines: Vec<_> = ours
        .media
        .iter()
        .map(|m| (m.kind.as_str(), m.port))
        .collect();
    assert_eq!(
        lines,
        [("video", 0), ("audio", 40000), ("audio", 0), ("image", 0)]
    );
    assert_eq!(ours.media[3].formats, ["t38"]);
}

#[test]
fn directions_are_mirrored() {
    let cases = [
        ("sendrecv", Direction::SendRecv),
        ("sendonly", Direction::RecvOnly),
        ("recvonly", Direction::SendOnly),
        ("inactive", Direction::Inactive),
    ];
    for (theirs, ours) in cases {
        let theirs = with(&format!("m=audio 5004 RTP/AVP 0\r\na={theirs}\r\n"));
        let (description, plan) = answer(&theirs, &us()).unwrap();
        assert_eq!(
            (plan.direction, description.media[0].direction),
            (ours, Some(ours))
        );
    }
}

#[test]
fn a_sessions_direction_holds_for_its_media() {
    let theirs = with("a=sendonly\r\nm=audio 5004 RTP/AVP 0\r\n");
    assert_eq!(
        answer(&theirs, &us()).unwrap().1.direction,
        Direction::RecvOnly
    );
}

#[test]
fn hold_by_an_unspecified_address_stops_our_sending() {
    let theirs = with("m=audio 5004 RTP/AVP 0\r\nc=IN IP4 0.0.0.0\r\n");
    assert_eq!(
        answer(&theirs, &us()).unwrap().1.direction,
        Direction::RecvOnly
    );
}

#[test]
fn a_medias_own_address_goes_before_the_sessions() {
    let theirs = with("m=audio 5004 RTP/AVP 0\r\nc=IN IP6 2001:db8::5\r\n");
    let remote = answer(&theirs, &us()).unwrap().1.remote;
    assert_eq!(remote, "[2001:db8::5]:5004".parse().unwrap());
}

#[test]
fn a_host_name_is_readable_but_not_usable() {
    let theirs = sdp("v=0\no=- 1 1 IN IP4 a.example\nc=IN IP4 a.example\nm=audio 9 RTP/AVP 0\n");
    assert_eq!(answer(&theirs, &us()).unwrap_err(), SdpError::NoAddress);
}

#[test]
fn our_offer_and_our_answer_agree() {
    let them = Capabilities::new("198.51.100.9:5004".parse().unwrap(), 9);
    let theirs = offer(&them);
    let (ours, plan) = answer(&theirs, &us()).unwrap();
    let seen = accept(&theirs, &sdp(&ours.to_string())).unwrap();
    assert_eq!(
        seen,
        MediaPlan {
            remote: us().rtp_address,
            ..plan
        }
    );
}

#[test]
fn an_answer_with_a_codec_never_offered_is_not_accepted() {
    let only_mu = Capabilities {
        laws: vec![Law::Mu],
        ..us()
    };
    let theirs = with("m=audio 5004 RTP/AVP 8\r\n");
    assert_eq!(
        accept(&offer(&only_mu), &theirs),
        Err(SdpError::NoCommonCodec)
    );
    let refused = with("m=audio 0 RTP/AVP 0\r\n");
    assert_eq!(
        accept(&offer(&only_mu), &refused),
        Err(SdpError::NoUsableAudio)
    );
}

#[test]
fn more_media_than_anyone_needs_are_refused() {
    let lines = "m=audio 5004 RTP/AVP 0\r\n".repeat(MAX_MEDIA + 1);
    let text = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n{lines}");
    assert_eq!(Sdp::parse(text.as_bytes()).unwrap_err().sip_status(), 400);
}

/// Offers of audio lines with any set of payload types, in any order, perhaps mapped oddly.
fn any_offer() -> impl Strategy<Value = String> {
    let formats = subsequence((0..128).collect::<Vec<u8>>(), 1..6).prop_shuffle();
    let map = (
        0..128_u8,
        select(vec!["PCMU", "pcma", "telephone-event", "G722", "opus"]),
    );
    let media = (
        formats,
        vec(map, 0..5),
        0..3_u16,
        select(vec!["audio", "video"]),
    )
        .prop_map(|(formats, maps, port, kind)| {
            let formats: Vec<_> = formats.iter().map(u8::to_string).collect();
            let maps = maps
                .iter()
                .map(|(n, name)| format!("a=rtpmap:{n} {name}/8000\r\n"));
            let maps: String = maps.collect();
            format!("m={kind} {port} RTP/AVP {}\r\n{maps}", formats.join(" "))
        });
    vec(media, 1..4).prop_map(|media| {
        format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\nc=IN IP4 192.0.2.9\r\n{}",
            media.concat()
        )
    })
}

proptest! {
    #[test]
    fn any_bytes_never_panic(bytes in vec(any::<u8>(), 0..400)) {
        let _ = Sdp::parse(&bytes);
    }

    #[test]
    fn almost_descriptions_never_panic(
        lines in vec("[vosctmab]=[ -~]{0,40}", 0..20),
    ) {
        let text = format!("v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\n{}", lines.join("\r\n"));
        if let Ok(parsed) = text.parse::<Sdp>() {
            let _ = answer(&parsed, &us());
            let _ = accept(&offer(&us()), &parsed);
        }
    }

    #[test]
    fn an_answer_lists_only_what_was_offered(text in any_offer()) {
        let theirs = sdp(&text);
        if let Ok((ours, plan)) = answer(&theirs, &us()) {
            prop_assert_eq!(ours.media.len(), theirs.media.len());
            for (ours, theirs) in ours.media.iter().zip(&theirs.media) {
                prop_assert_eq!(&ours.kind, &theirs.kind);
                for format in &ours.formats {
                    prop_assert!(theirs.formats.contains(format));
                }
            }
            prop_assert!(Some(plan.payload_type) != plan.telephone_event);
            prop_assert_eq!(sdp(&ours.to_string()), ours);
        }
    }
}
