//! Whole confirmations, step by step, and properties over any sequence of inputs.

use super::{Confirmation, Input, Step, Verdict};
use crate::api::{
    BargeIn, Confirm, ConfirmOutcome, ConfirmStyle, Expect, Keypad, Listen, PromptKind, RiskClass,
    Say, Transcript, UtteranceId,
};
use crate::understand::{Tokens, numbers};
use proptest::prelude::*;
use std::time::Duration;

const WRONG: &str = "44127569";
const RIGHT: &str = "44127769";

fn order_number(value: &str, confidence: f32) -> Confirm {
    Confirm {
        slot: "order_ref".to_owned(),
        value: value.to_owned(),
        class: RiskClass::W1,
        style: ConfirmStyle::Grouped,
        confidence,
        utterance: Some(UtteranceId(1)),
        expect: Expect::Digits {
            count: 8,
            luhn: true,
        },
        max_attempts: 3,
    }
}

fn said(text: &str, p: f32) -> Transcript {
    Transcript {
        utterance: UtteranceId(2),
        revision: 1,
        is_final: true,
        text: text.to_owned(),
        confidence: p,
        words: Vec::new(),
        no_speech: 0.0,
    }
}

fn answer(confirmation: &mut Confirmation, text: &str) -> Vec<Step> {
    confirmation.handle(Input::Answer(&said(text, 0.9)))
}

/// The rules and questions of a list of steps, in order.
fn told(steps: &[Step]) -> Vec<String> {
    let each = steps.iter().map(|step| match step {
        Step::Reason { rule, .. } => (*rule).to_owned(),
        Step::Ask { say, .. } => format!("ask: {}", say.text),
        Step::Result(verdict) => {
            format!(
                "{:?} {} after {}",
                verdict.outcome, verdict.value, verdict.attempts
            )
        }
        Step::Pass => "pass".to_owned(),
    });
    each.collect()
}

/// Starts, gives each answer, and lists everything that came of it.
fn conversation(confirm: Confirm, answers: &[&str]) -> Vec<String> {
    let (mut confirmation, first) = Confirmation::start(confirm);
    let mut all = told(&first);
    for text in answers {
        all.extend(told(&answer(&mut confirmation, text)));
    }
    all
}

#[test]
fn the_first_question_reads_the_value_in_groups_and_says_why() {
    let (_, steps) = Confirmation::start(order_number(WRONG, 0.1));
    let keypad = Keypad {
        inter_digit: Duration::from_millis(1500),
        max: 8,
        ..Keypad::default()
    };
    let expected = vec![
        Step::Reason {
            rule: "confirm.style_ordered",
            detail:
                "the brain wants it read back; believed with p 0.10; W1 (a lookup key): a wrong one \
                 costs 5 turns; expected turns: take it 4.50, say it in passing 3.80, read it back \
                 and ask 2.03, ask again 2.50; thresholds: ask from p 0.00, in passing from 0.72, \
                 take from 0.80"
                    .to_owned(),
        },
        Step::Ask {
            say: Say {
                text: "4 4 1 2, 7 5 6 9. Is that right?".to_owned(),
                kind: PromptKind::Question,
                barge_in: BargeIn::Any,
            },
            listen: Listen {
                expect: Expect::YesNo,
                no_input: None,
                keypad,
            },
        },
    ];
    assert_eq!(steps, expected);
}

#[test]
fn one_sentence_corrects_and_a_yes_settles() {
    let all = conversation(
        order_number(WRONG, 0.1),
        &["no the second part is seven seven six nine", "yes"],
    );
    let expected = [
        "confirm.style_ordered",
        "ask: 4 4 1 2, 7 5 6 9. Is that right?",
        "confirm.corrected",
        "ask: Thank you. 4 4 1 2, 7 7 6 9. Is that right?",
        "confirm.explicit_yes",
        "Corrected 44127769 after 2",
    ];
    assert_eq!(all, expected);
}

#[test]
fn a_bare_no_asks_which_part_without_offering_the_value_again() {
    let all = conversation(
        order_number(WRONG, 0.1),
        &["no", "the second", "seven seven six nine", "that's right"],
    );
    let expected = [
        "confirm.style_ordered",
        "ask: 4 4 1 2, 7 5 6 9. Is that right?",
        "confirm.denied_without_value",
        "ask: Sorry. Which part is wrong, the first or the second?",
        "confirm.place_named",
        "ask: What is the second part?",
        "confirm.corrected",
        "ask: Thank you. 4 4 1 2, 7 7 6 9. Is that right?",
        "confirm.explicit_yes",
        "Corrected 44127769 after 2",
    ];
    assert_eq!(all, expected);
}

#[test]
fn a_second_failure_offers_the_keypad_and_keys_settle() {
    let (mut confirmation, _) = Confirmation::start(order_number(WRONG, 0.1));
    let unclear = told(&answer(&mut confirmation, "I bought a lamp"));
    assert_eq!(
        unclear,
        [
            "confirm.unclear",
            "ask: Sorry, was that a yes or a no? 4 4 1 2, 7 5 6 9. Is that right?"
        ]
    );
    let keypad = told(&confirmation.handle(Input::NoMatch));
    assert_eq!(
        keypad,
        [
            "confirm.no_match",
            "ask: Let us try it another way. Please key in the number on your phone."
        ]
    );
    let steps = confirmation.handle(Input::Keys(RIGHT));
    let verdict = Verdict {
        slot: "order_ref".to_owned(),
        value: RIGHT.to_owned(),
        outcome: ConfirmOutcome::Corrected,
        attempts: 2,
        confidence: 0.995,
        evidence: "confirm.keyed: belief 0.995".to_owned(),
    };
    let why = Step::Reason {
        rule: "confirm.keyed",
        detail: "belief 0.995".to_owned(),
    };
    assert_eq!(steps, [why, Step::Result(verdict)]);
    assert!(confirmation.is_done());
    assert_eq!(confirmation.handle(Input::NoInput), []);
}

#[test]
fn keys_answer_the_question() {
    let play = |keys: &str| {
        let (mut confirmation, _) = Confirmation::start(order_number(RIGHT, 0.9));
        told(&confirmation.handle(Input::Keys(keys)))
    };
    assert_eq!(
        play("1"),
        ["confirm.explicit_yes", "Confirmed 44127769 after 1"]
    );
    assert_eq!(play("2")[0], "confirm.denied_without_value");
    assert_eq!(
        play("*"),
        [
            "confirm.repeat",
            "ask: So that is 4 4 1 2, 7 7 6 9. Is that right?"
        ]
    );
    assert_eq!(play("0"), ["confirm.passed", "pass"]);
    assert_eq!(
        play("44127769"),
        ["confirm.keyed", "Confirmed 44127769 after 1"]
    );
    assert_eq!(play("44127569")[0], "confirm.keys_checksum");
    assert_eq!(play("4412")[0], "confirm.keys_misfit");
    assert_eq!(play("\u{0664}\u{0664}")[0], "confirm.keys_misfit");
}

#[test]
fn a_yes_to_a_number_that_cannot_be_one_does_not_settle_it() {
    let all = conversation(order_number(WRONG, 0.1), &["yes"]);
    assert_eq!(all[2], "confirm.yes_but_checksum");
    assert_eq!(
        all[3],
        "ask: Let us try it another way. Please key in the number on your phone."
    );
}

#[test]
fn a_caller_who_wants_something_else_gets_out_of_every_state() {
    for before in [&[][..], &["no"], &["no", "the second"], &["maybe", "maybe"]] {
        let (mut confirmation, _) = Confirmation::start(order_number(WRONG, 0.1));
        for text in before {
            answer(&mut confirmation, text);
        }
        let steps = told(&answer(&mut confirmation, "I want to speak to a person"));
        assert_eq!(steps, ["confirm.passed", "pass"], "{before:?}");
        assert!(confirmation.is_done());
    }
}

#[test]
fn silence_has_its_own_ladder() {
    let (mut confirmation, _) = Confirmation::start(order_number(RIGHT, 0.9));
    let mut all = Vec::new();
    for _ in 0..4 {
        all.extend(told(&confirmation.handle(Input::NoInput)));
    }
    let expected = [
        "confirm.no_input",
        "ask: So that is 4 4 1 2, 7 7 6 9. Is that right?",
        "confirm.no_input",
        "ask: 4 4 1 2, 7 7 6 9. Is that right? You can also press 1 for yes or 2 for no.",
        "confirm.no_input",
        "ask: Are you still there? 4 4 1 2, 7 7 6 9. Is that right?",
        "confirm.no_input",
        "Exhausted 44127769 after 1",
    ];
    assert_eq!(all, expected);
}

#[test]
fn asked_as_often_as_allowed_is_exhausted_and_not_having_it_is_denied() {
    let once = Confirm {
        max_attempts: 1,
        ..order_number(WRONG, 0.1)
    };
    let all = conversation(once, &["no the second part is seven seven six nine"]);
    assert_eq!(
        all[2..],
        ["confirm.corrected", "Exhausted 44127769 after 1"]
    );
    let all = conversation(order_number(WRONG, 0.1), &["no", "I don't know"]);
    assert_eq!(all[4..], ["confirm.denied", "Denied 44127569 after 1"]);
}

#[test]
fn the_class_decides_when_the_server_chooses() {
    let by_risk = |class, p| {
        let style = ConfirmStyle::ByRisk;
        let (_, steps) = Confirmation::start(Confirm {
            class,
            style,
            ..order_number(RIGHT, p)
        });
        told(&steps)
    };
    assert_eq!(
        by_risk(RiskClass::W1, 0.9),
        ["confirm.accepted", "Confirmed 44127769 after 0"]
    );
    assert_eq!(
        by_risk(RiskClass::W1, 0.7)[0],
        "confirm.implicit_as_explicit"
    );
    assert_eq!(by_risk(RiskClass::W2, 0.7)[0], "confirm.explicit");
    assert_eq!(
        by_risk(RiskClass::W4, 0.5),
        [
            "confirm.too_unsure_to_read_back",
            "ask: Please say all 8 digits again, one by one."
        ]
    );
}

#[test]
fn a_weak_yes_settles_a_lookup_key_and_no_write() {
    let weak = |class| {
        let (mut confirmation, _) = Confirmation::start(Confirm {
            class,
            ..order_number(RIGHT, 0.9)
        });
        told(&confirmation.handle(Input::Answer(&said("yes", 0.6))))[0].clone()
    };
    assert_eq!(weak(RiskClass::W1), "confirm.explicit_yes");
    assert_eq!(weak(RiskClass::W2), "confirm.yes_not_sure");
}

#[test]
fn words_are_confirmed_and_corrected_too() {
    let colour = Confirm {
        slot: "colour".to_owned(),
        value: "blue".to_owned(),
        class: RiskClass::W2,
        style: ConfirmStyle::Explicit,
        expect: Expect::Free,
        ..order_number("", 0.8)
    };
    let all = conversation(colour, &["no, green", "yes"]);
    let expected = [
        "confirm.style_ordered",
        "ask: blue. Is that right?",
        "confirm.corrected",
        "ask: Thank you. green. Is that right?",
        "confirm.explicit_yes",
        "Corrected green after 2",
    ];
    assert_eq!(all, expected);
}

/// One step of a caller who may do anything.
#[derive(Debug, Clone)]
enum Move {
    Say(String, f32),
    Keys(String),
    Silence,
    Noise,
}

fn any_move() -> impl Strategy<Value = Move> {
    let phrases = prop::sample::select(vec![
        "yes",
        "no",
        "maybe",
        "i don't know",
        "repeat that",
        "no seven",
        "not five seven",
        "the second part is wrong",
        "the second part is seven seven six nine",
        "the first",
        "no the second part is seven five six nine",
        "the last digit is five",
        "four four one two seven five six nine",
        "four four one two seven seven six nine",
        "no four four one two seven five six nine",
        "seven five six nine",
        "both",
        "uh the lamp",
    ]);
    prop_oneof![
        6 => (phrases, 0.0_f32..1.0).prop_map(|(text, p)| Move::Say(text.to_owned(), p)),
        1 => ("\\PC{0,20}", 0.0_f32..1.0).prop_map(|(text, p)| Move::Say(text, p)),
        1 => "[0-9*#]{0,9}".prop_map(Move::Keys),
        1 => Just(Move::Silence),
        1 => Just(Move::Noise),
    ]
}

/// The value that a step asks to confirm.
fn offered(steps: &[Step]) -> Option<String> {
    let asked = steps.iter().find_map(|step| match step {
        Step::Ask { say, listen } if listen.expect == Expect::YesNo => Some(say.text.clone()),
        Step::Ask { .. } | Step::Reason { .. } | Step::Result(_) | Step::Pass => None,
    })?;
    let value = asked
        .replace("yes or a no", "")
        .replace("press 1 for yes or 2 for no", "");
    Some(numbers::digits(&Tokens::from_text(&value, 1.0)).digits)
}

fn texts(steps: &[Step]) -> Option<String> {
    steps.iter().find_map(|step| match step {
        Step::Ask { say, .. } => Some(say.text.clone()),
        Step::Reason { .. } | Step::Result(_) | Step::Pass => None,
    })
}

proptest! {
    #[test]
    fn it_ends_gives_reasons_and_never_says_the_same_words_twice_running(
        moves in prop::collection::vec(any_move(), 40),
        confidence in 0.0_f32..1.0,
        attempts in 0_u8..6,
    ) {
        let request = Confirm { max_attempts: attempts, ..order_number(WRONG, confidence) };
        let (mut confirmation, mut steps) = Confirmation::start(request);
        let mut last = None;
        for next in moves {
            if let Some(Step::Reason { detail, .. }) = steps.first() {
                prop_assert!(!detail.is_empty());
            }
            prop_assert!(!steps.is_empty() || confirmation.is_done());
            let text = texts(&steps);
            prop_assert!(text.is_none() || text != last, "{:?}", text);
            last = text;
            let words;
            let input = match &next {
                Move::Say(text, p) => {
                    words = said(text, *p);
                    Input::Answer(&words)
                }
                Move::Keys(keys) => Input::Keys(keys),
                Move::Silence => Input::NoInput,
                Move::Noise => Input::NoMatch,
            };
            steps = confirmation.handle(input);
        }
        prop_assert!(confirmation.is_done());
    }

    #[test]
    fn a_value_that_was_just_denied_is_not_the_next_one_offered(
        moves in prop::collection::vec(any_move(), 1..12),
    ) {
        let (mut confirmation, steps) = Confirmation::start(order_number(WRONG, 0.3));
        let mut on_offer = offered(&steps);
        for next in moves {
            let steps = match &next {
                Move::Say(text, p) => confirmation.handle(Input::Answer(&said(text, *p))),
                Move::Keys(keys) => confirmation.handle(Input::Keys(keys)),
                Move::Silence => confirmation.handle(Input::NoInput),
                Move::Noise => confirmation.handle(Input::NoMatch),
            };
            let denied = matches!(&next, Move::Say(text, _) if text.starts_with("no "))
                || matches!(&next, Move::Say(text, _) if text == "no")
                || matches!(&next, Move::Keys(keys) if keys == "2");
            let now = offered(&steps);
            if denied && on_offer.is_some() {
                prop_assert!(now.is_none() || now != on_offer, "{:?} after {:?}", now, next);
            }
            on_offer = now;
        }
    }
}
