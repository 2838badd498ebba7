//! Speaking, listening, and who has the floor.

use super::*;
use crate::api::{Confirm, ConfirmStyle, Initiator, PlaybackEnd, RiskClass};

fn is_end_of_turn(event: &CallEvent) -> bool {
    matches!(event, CallEvent::EndOfTurn { .. })
}

#[test]
fn a_call_is_answered_asked_and_heard() {
    let mut call = Call::ringing();
    call.command(Command::Accept);
    call.fact(Fact::Answered {
        codec: "PCMU".into(),
    });
    call.command(question("Shall I?"));
    call.command(listen(Expect::YesNo));
    call.answer = Some("yes");
    call.silence(3_000);
    call.speak(400);
    call.silence(500);
    assert_eq!(
        call.effects(),
        ["answer", "to Caller: Shall I?", "decode Final"]
    );
    assert_eq!(call.count(is_end_of_turn), 1);
}

#[test]
fn a_voice_stops_a_question_within_180_ms_and_older_commands_are_stale() {
    let mut call = Call::talking();
    call.command(question("Would you like to hear all of our offers?"));
    call.silence(1_000);
    let (onset, epoch) = (call.now, call.epoch);
    call.speak(200);
    let (at, _) = call
        .effects
        .iter()
        .find(|(_, words)| words == "stop Caller")
        .unwrap();
    assert!(
        ms(*at) - onset <= ms(180),
        "stopped {at} ms, onset {onset:?}"
    );
    assert_eq!(call.epoch, epoch + 1);
    let late = CommandEnvelope {
        command_id: 900,
        epoch,
        command: question("late"),
    };
    assert_eq!(call.send(late), CommandCode::Stale);
    assert_eq!(call.command(question("fresh")), CommandCode::Ok);
}

/// An accepted barge-in with audio going on, and the old sentence after the new.
#[test]
fn barge_in_leaves_nothing_of_the_old_prompts_and_tells_what_was_heard() {
    let mut call = Call::talking();
    call.command(question("one"));
    call.command(question("two"));
    call.silence(1_000);
    call.speak(400);
    let ends = call.events.iter().filter_map(|event| {
        if let CallEvent::PlaybackFinished {
            prompt,
            end,
            heard_text,
            ..
        } = event
        {
            Some((prompt.0, *end, heard_text.as_str()))
        } else {
            None
        }
    });
    let ends: Vec<_> = ends.collect();
    assert_eq!(
        ends,
        [
            (2, PlaybackEnd::BargeIn, ""),
            (1, PlaybackEnd::BargeIn, "half")
        ]
    );
}

/// Stuck "speaking": one lost playback-finished must not deafen the call for ever.
#[test]
fn a_lost_playback_end_does_not_leave_the_call_deaf() {
    let mut call = Call::talking();
    call.command(question("Shall I?"));
    call.run(100);
    call.playing.clear();
    call.run(20_000);
    assert!(
        call.records
            .iter()
            .any(|r| matches!(r, Record::Fault { code, .. } if code == "playback_lost"))
    );
    assert!(call.count(|event| matches!(event, CallEvent::NoInput { .. })) > 0);
    call.answer = Some("yes");
    call.command(listen(Expect::YesNo));
    call.speak(400);
    call.silence(500);
    assert_eq!(call.count(is_end_of_turn), 1);
}

#[test]
fn a_repeated_a_late_and_a_senseless_command_are_answered_and_the_call_goes_on() {
    let mut call = Call::talking();
    let envelope = CommandEnvelope {
        command_id: 77,
        epoch: call.epoch,
        command: question("once"),
    };
    assert_eq!(call.send(envelope.clone()), CommandCode::Ok);
    assert_eq!(call.send(envelope), CommandCode::Duplicate);
    assert_eq!(call.command(Command::Accept), CommandCode::NotNow);
    assert_eq!(call.command(Command::HandoverCancel), CommandCode::NotNow);
    assert_eq!(call.command(question("   ")), CommandCode::Invalid);
    let digits = Expect::Digits {
        count: 0,
        luhn: true,
    };
    assert_eq!(call.command(listen(digits)), CommandCode::Invalid);
    assert_eq!(call.effects(), ["to Caller: once"]);
}

#[test]
fn a_brain_that_never_stops_talking_is_told_not_now() {
    let mut call = Call::talking();
    let codes: Vec<_> = (0..40).map(|_| call.command(question("more"))).collect();
    assert_eq!(
        codes
            .iter()
            .filter(|code| **code == CommandCode::Ok)
            .count(),
        32
    );
    assert_eq!(codes.last(), Some(&CommandCode::NotNow));
}

#[test]
fn a_confirmation_runs_without_the_brain_and_the_brain_hears_the_result() {
    let mut call = Call::talking();
    let expect = Expect::Digits {
        count: 8,
        luhn: false,
    };
    let confirm = Confirm {
        slot: "order_ref".into(),
        value: "44127709".into(),
        class: RiskClass::W2,
        style: ConfirmStyle::Grouped,
        confidence: 0.6,
        utterance: None,
        expect,
        max_attempts: 3,
    };
    assert_eq!(call.command(Command::Confirm(confirm)), CommandCode::Ok);
    assert_eq!(call.command(question("meanwhile")), CommandCode::NotNow);
    call.answer = Some("yes that's right");
    call.silence(3_000);
    call.speak(500);
    call.silence(1_000);
    assert_eq!(
        call.count(is_end_of_turn),
        0,
        "the answer is the confirmation's"
    );
    let results = call.count(|event| matches!(event, CallEvent::ConfirmationResult { .. }));
    assert_eq!(results, 1);
    assert!(call.count(|event| matches!(event, CallEvent::Transcript(_))) > 0);
    assert_eq!(call.command(question("and now")), CommandCode::Ok);
}

#[test]
fn the_goodbye_is_heard_to_its_end_before_the_hang_up() {
    let mut call = Call::talking();
    call.command(say("Goodbye.", PromptKind::Information));
    let reason = "completed".to_owned();
    assert_eq!(call.command(Command::Hangup { reason }), CommandCode::Ok);
    call.silence(500);
    call.speak(1_000);
    assert_eq!(call.effects(), ["to Caller: Goodbye."]);
    call.run(1_000);
    assert_eq!(call.effects(), ["hang up: completed"]);
    let ended = CallEvent::Ended {
        initiator: Initiator::Bot,
        reason: "completed".into(),
    };
    assert_eq!(call.events.last(), Some(&ended));
}

#[test]
fn a_hang_up_waits_for_a_prompt_that_never_ends_no_longer_than_its_cap() {
    let mut call = Call::talking();
    call.speech = ms(300_000);
    call.command(say(&"word ".repeat(300), PromptKind::Information));
    let reason = "completed".to_owned();
    call.command(Command::Hangup { reason });
    call.run(30_000);
    assert_eq!(call.effects()[1..], ["stop Caller", "hang up: completed"]);
}

#[test]
fn keys_are_told_one_by_one_and_as_an_answer() {
    let mut call = Call::talking();
    call.command(question("Press one."));
    call.silence(600);
    call.fact(Fact::Digit('1'));
    call.fact(Fact::Digit('x'));
    assert_eq!(call.effects(), ["to Caller: Press one.", "stop Caller"]);
    assert_eq!(
        call.count(|event| matches!(event, CallEvent::Dtmf { .. })),
        1
    );
    let collected = CallEvent::DtmfCollected { digits: "1".into() };
    assert!(call.events.contains(&collected));
}

#[test]
fn a_malformed_command_is_answered_and_its_id_may_be_used_again() {
    let mut call = Call::talking();
    let (command_id, reason) = (call.commands + 1, "no command".to_owned());
    call.fact(Fact::MalformedCommand { command_id, reason });
    let code = CommandCode::Invalid;
    let answer = CallEvent::CommandResult { command_id, code };
    assert_eq!(call.events.last(), Some(&answer));
    let refused = Record::CommandRefused {
        command_id,
        command: "malformed".into(),
        code,
        reason: "no command".into(),
    };
    assert_eq!(call.records.last(), Some(&refused));
    assert_eq!(call.command(question("Hello?")), CommandCode::Ok);
}
