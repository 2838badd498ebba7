//! A human on the line, seen from the call.

use super::*;
use crate::api::{Context, Fallback, Handover, HandoverId, HandoverStage};

const RINGS: u64 = 8_000;

fn handover() -> Command {
    Command::Handover(Handover {
        skill: "care".into(),
        deadline: ms(30_000),
        ring: ms(RINGS),
        context: Context {
            intent: "order status".into(),
            ..Context::default()
        },
        fallback: Fallback::Callback,
    })
}

fn reserve(call: &mut Call, name: &str) {
    call.fact(Fact::AgentReserved {
        handover: HandoverId(1),
        agent: agent(name),
    });
}

fn bridged() -> Call {
    let mut call = Call::talking();
    call.speech = ms(1_000);
    call.command(handover());
    reserve(&mut call, "a");
    call.fact(Fact::AgentRinging { agent: agent("a") });
    call.run(3_000);
    call.fact(Fact::AgentAnswered { agent: agent("a") });
    call.run(1_000);
    call
}

fn stages(call: &Call) -> Vec<HandoverStage> {
    let stages = call.events.iter().filter_map(|event| {
        if let CallEvent::HandoverProgress { stage, .. } = event {
            Some(*stage)
        } else {
            None
        }
    });
    stages.collect()
}

#[test]
fn the_caller_is_spoken_to_until_the_agent_has_heard_the_brief() {
    let mut call = bridged();
    let wanted = [
        "to Caller: I'm getting a colleague for you.",
        "hold true",
        "reserve care",
        "dial a",
        "to Agent: Order status.",
        "hold false",
        "bridge a",
    ];
    assert_eq!(call.effects(), wanted);
    use HandoverStage::{Answered, Bridged, Queued, Reserved, Ringing};
    assert_eq!(
        stages(&call),
        [Queued, Reserved, Ringing, Answered, Bridged]
    );
}

#[test]
fn the_caller_is_never_left_in_silence() {
    let mut call = Call::talking();
    call.command(handover());
    call.run(24_999);
    let (mut hold, mut spoken) = (false, 0);
    for (_, effect) in &call.effects {
        spoken += usize::from(effect.starts_with("to Caller"));
        match effect.as_str() {
            "hold true" => hold = true,
            "hold false" => hold = false,
            _ => {}
        }
    }
    // The hold sound fills every gap between the four lines.
    assert_eq!((hold, spoken), (true, 4));
}

#[test]
fn a_bridged_call_is_not_listened_to() {
    let mut call = bridged();
    call.effects.clear();
    call.speak(3_000);
    call.silence(30_000);
    assert_eq!(call.effects(), [""; 0]);
    assert_eq!(call.command(question("May I?")), CommandCode::NotNow);
}

#[test]
fn an_agent_who_hangs_up_gives_the_caller_back_to_the_brain() {
    let mut call = bridged();
    call.effects.clear();
    call.fact(Fact::AgentEnded { agent: agent("a") });
    assert_eq!(call.effects(), ["release a Bridged"]);
    assert_eq!(stages(&call).last(), Some(&HandoverStage::AgentLeft));
    assert_eq!(call.command(question("Anything else?")), CommandCode::Ok);
    call.answer = Some("no");
    call.speak(700);
    call.silence(3_000);
    assert!(call.count(|event| matches!(event, CallEvent::EndOfTurn { .. })) == 1);
}

/// Warm handover: the caller left, the agent's phone rings on.
#[test]
fn a_caller_who_leaves_stops_the_agents_phone() {
    let mut call = Call::talking();
    call.command(handover());
    reserve(&mut call, "a");
    call.fact(Fact::AgentRinging { agent: agent("a") });
    call.effects.clear();
    call.fact(Fact::CallerGone);
    let wanted = ["hang up a", "release a Unused", "hold false", "stop Caller"];
    assert_eq!(call.effects(), wanted);
    call.fact(Fact::AgentAnswered { agent: agent("a") });
    reserve(&mut call, "b");
    assert_eq!(call.effects(), ["hang up a", "release b Unused"]);
}

/// Warm handover: busy not seen.
#[test]
fn a_busy_agent_gives_way_to_the_next_at_once() {
    let mut call = Call::talking();
    call.command(handover());
    reserve(&mut call, "a");
    call.effects.clear();
    let sip_code = Some(486);
    call.fact(Fact::AgentFailed {
        agent: agent("a"),
        sip_code,
    });
    assert_eq!(call.effects(), ["release a Declined", "reserve care"]);
    assert_eq!(stages(&call).last(), Some(&HandoverStage::Declined));
}

#[test]
fn a_cancelled_handover_leaves_the_caller_with_the_bot() {
    let mut call = Call::talking();
    call.command(handover());
    reserve(&mut call, "a");
    call.effects.clear();
    assert_eq!(call.command(Command::HandoverCancel), CommandCode::Ok);
    assert_eq!(
        call.effects(),
        ["hang up a", "release a Unused", "hold false"]
    );
    assert_eq!(
        call.command(question("So, where were we?")),
        CommandCode::Ok
    );
}

#[test]
fn waiting_for_a_human_is_no_silence_of_the_callers() {
    let mut call = Call::talking();
    call.command(handover());
    call.silence(24_000);
    assert_eq!(
        call.count(|event| matches!(event, CallEvent::NoInput { .. })),
        0
    );
}

fn waited_out() -> Call {
    let mut call = Call::talking();
    call.speech = ms(1_000);
    call.command(handover());
    call.run(24_999);
    call.effects.clear();
    call.records.clear();
    call.run(1);
    call
}

fn promised(call: &Call) -> bool {
    let mut records = call.records.iter();
    records.any(|record| matches!(record, Record::Promised { .. }))
}

fn stored(call: &mut Call, stored: bool) {
    call.fact(Fact::PromiseStored {
        handover: HandoverId(1),
        stored,
    });
}

#[test]
fn a_promise_is_recorded_and_spoken_once_it_is_stored() {
    let mut call = waited_out();
    let store = "promise Callback { number: \"0301234567\" }";
    assert_eq!(call.effects(), ["withdraw", store]);
    assert!(!promised(&call));
    stored(&mut call, true);
    let spoken = "to Caller: I'm sorry, nobody is free right now. \
                  We will call you back at 0 3 0, 1 2 3, 4 5 6 7.";
    assert_eq!(call.effects(), ["hold false", spoken]);
    assert!(promised(&call));
    assert_eq!(stages(&call).last(), Some(&HandoverStage::Overflow));
    stored(&mut call, true);
    assert_eq!(call.effects(), [""; 0]);
}

#[test]
fn a_promise_that_cannot_be_stored_is_a_fault_and_the_caller_hears_the_truth() {
    let mut call = waited_out();
    call.effects.clear();
    call.run(2_500);
    let spoken = "to Caller: I'm sorry, nobody is free right now, and I could not note your \
                  request. Please call again.";
    assert_eq!(call.effects(), ["hold false", spoken]);
    assert!(!promised(&call));
    let fault = |event: &CallEvent| matches!(event, CallEvent::Fault { code, .. } if code == crate::api::PROMISE_NOT_STORED);
    assert_eq!(call.count(fault), 1);
    assert_eq!(stages(&call).last(), Some(&HandoverStage::Overflow));
}

#[test]
fn a_caller_who_leaves_before_the_store_has_answered_leaves_nothing_behind() {
    let mut call = waited_out();
    call.effects.clear();
    call.fact(Fact::CallerGone);
    assert_eq!(call.effects(), ["hold false"]);
    stored(&mut call, true);
    assert_eq!(call.effects(), [""; 0]);
}

/// Waits until the offer, and speaks into the silence after it.
fn offered(answer: &'static str) -> Call {
    let mut call = Call::talking();
    call.speech = ms(1_000);
    call.command(handover());
    call.silence(21_500);
    call.effects.clear();
    call.events.clear();
    call.answer = Some(answer);
    call.speak(600);
    call.silence(1_000);
    call
}

#[test]
fn a_yes_to_the_offer_makes_the_promise_at_once_and_is_no_news_for_the_brain() {
    let mut call = offered("Yes, please.");
    let store = "promise Callback { number: \"0301234567\" }";
    assert_eq!(call.effects()[1..], ["withdraw", store]);
    let turn = |event: &CallEvent| matches!(event, CallEvent::EndOfTurn { .. });
    assert_eq!(call.count(turn), 0);
}

#[test]
fn key_1_takes_the_offer_and_no_other_key_does() {
    let mut call = offered("");
    call.effects.clear();
    call.fact(Fact::Digit('2'));
    assert_eq!(call.effects(), [""; 0]);
    call.fact(Fact::Digit('1'));
    assert_eq!(call.effects()[..1], ["withdraw"]);
}

#[test]
fn whatever_is_no_clear_answer_to_the_offer_goes_to_the_brain() {
    let mut call = offered("I want to cancel.");
    let turn = |event: &CallEvent| matches!(event, CallEvent::EndOfTurn { .. });
    assert_eq!(call.count(turn), 1);
    assert_eq!(call.command(Command::HandoverCancel), CommandCode::Ok);
    assert_eq!(stages(&call).last(), Some(&HandoverStage::Cancelled));
}
