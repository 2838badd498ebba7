//! The brain's stream breaking, and the end of a call.

use super::*;
use crate::api::Initiator;

fn ends(call: &Call) -> usize {
    call.count(|event| matches!(event, CallEvent::Ended { .. }))
}

#[test]
fn a_brain_that_comes_back_finds_the_call_alive() {
    let mut call = Call::talking();
    call.fact(Fact::BrainLost);
    call.fact(Fact::BrainLost);
    assert_eq!(
        call.effects(),
        ["to Caller: One moment, please.", "hold true"]
    );
    call.fact(Fact::BrainResumed);
    assert_eq!(call.effects(), ["hold false"]);
    let started = CallEvent::Started {
        codec: "PCMU".into(),
        resumed: true,
    };
    assert_eq!(call.events.last(), Some(&started));
}

#[test]
fn a_brain_that_is_gone_is_replaced_by_a_human_or_a_promise() {
    let mut call = Call::talking();
    call.fact(Fact::BrainLost);
    call.effects.clear();
    call.fact(Fact::BrainGone);
    assert_eq!(
        call.effects(),
        [
            "to Caller: I'm getting a colleague for you.",
            "reserve care"
        ]
    );
    call.run(25_000);
    let (handover, stored) = (crate::api::HandoverId(1), true);
    call.fact(Fact::PromiseStored { handover, stored });
    call.run(35_000);
    let effects = call.effects();
    assert!(
        effects
            .iter()
            .any(|effect| effect.starts_with("promise Callback")),
        "{effects:?}"
    );
    assert_eq!(
        effects[effects.len() - 2..],
        [
            "to Caller: Thank you for calling. Goodbye.",
            "hang up: promised"
        ]
    );
    assert_eq!(ends(&call), 1);
}

#[test]
fn a_call_whose_brain_never_answers_is_answered_and_handed_over() {
    let mut call = Call::ringing();
    call.run(8_000);
    assert_eq!(call.effects(), ["answer"]);
    call.fact(Fact::Answered {
        codec: "PCMU".into(),
    });
    assert!(call.effects().contains(&"reserve care".to_owned()));
}

#[test]
fn a_rejected_call_is_over() {
    let mut call = Call::ringing();
    call.command(Command::Reject { sip_code: 603 });
    assert_eq!(call.effects(), ["reject 603"]);
    call.fact(Fact::CallerGone);
    assert_eq!((call.effects(), ends(&call)), (Vec::new(), 1));
}

/// Session leaks: nothing of a call stays behind, whenever the caller leaves.
#[test]
fn a_caller_who_leaves_ends_the_call_once_and_the_end_is_the_last_record() {
    for moment in ["ringing", "answering", "talking", "speaking", "hanging up"] {
        let mut call = if moment == "ringing" {
            Call::ringing()
        } else {
            Call::talking()
        };
        match moment {
            "answering" => {
                call = Call::ringing();
                call.command(Command::Accept);
            }
            "speaking" => {
                call.command(question("Shall I?"));
                call.speak(100);
            }
            "hanging up" => {
                call.command(question("Goodbye."));
                let reason = "completed".to_owned();
                call.command(Command::Hangup { reason });
            }
            _ => {}
        }
        call.fact(Fact::CallerGone);
        call.fact(Fact::CallerGone);
        call.fact(Fact::Shutdown);
        let ended = Record::Ended {
            initiator: Initiator::Caller,
            reason: "caller_gone".into(),
        };
        assert_eq!(call.records.last(), Some(&ended), "{moment}");
        assert_eq!(ends(&call), 1, "{moment}");
        assert_eq!(
            call.session.poll_timeout(),
            None,
            "{moment}: no timer is left"
        );
        assert!(
            !call
                .effects()
                .iter()
                .any(|effect| effect.starts_with("hang up")),
            "{moment}"
        );
    }
}

#[test]
fn a_server_that_stops_ends_every_call_properly() {
    let mut ringing = Call::ringing();
    ringing.fact(Fact::Shutdown);
    assert_eq!(ringing.effects(), ["reject 503"]);
    let mut talking = Call::talking();
    talking.fact(Fact::Shutdown);
    assert_eq!(talking.effects(), ["hang up: shutdown"]);
}

#[test]
fn an_answer_that_is_never_acknowledged_does_not_leave_a_call_behind() {
    let mut call = Call::ringing();
    call.command(Command::Accept);
    call.run(40_000);
    assert_eq!(call.effects(), ["answer", "hang up: never_acknowledged"]);
    assert_eq!(ends(&call), 1);
}
