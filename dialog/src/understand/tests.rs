//! Tables of utterances for every reading, and properties over any text.

use super::command::{Universal, universal};
use super::completeness::{Completeness, completeness};
use super::correction::{Correction, CurrentValue, How, correct, correct_at};
use super::intent::{self, Intent};
use super::yes_no::{Answer, reply};
use super::{Place, Tokens, grouping, numbers};
use crate::api::{Expect, Word};
use proptest::prelude::*;
use std::time::Duration;

const ORDER_NUMBER: Expect = Expect::Digits {
    count: 8,
    luhn: true,
};

fn heard(text: &str) -> Tokens {
    Tokens::from_text(text, 0.9)
}

#[test]
fn spoken_numbers_become_digits() {
    let table = [
        ("It's four four one two, double seven six nine.", "44127769"),
        ("four four one two seven five oh nine", "44127509"),
        ("forty four twelve", "4412"),
        ("seventy seven oh nine", "7709"),
        ("four hundred and twelve", "412"),
        ("four hundred seven oh nine", "400709"),
        ("forty four hundred", "4400"),
        ("seven thousand seven hundred and nine", "7709"),
        ("um the number is 4412 77 69", "44127769"),
        ("4412-7769", "44127769"),
        ("4,412", "4412"),
        ("triple oh seven", "0007"),
        ("double 7 o 9", "7709"),
        ("seven to for nine", "7249"),
        ("seven for nine", "749"),
        ("one two to one", "1221"),
        ("it's for my order", ""),
        ("oh I forgot", ""),
        ("twenty", "20"),
        ("hundred", ""),
        ("double", ""),
        ("", ""),
    ];
    for (text, digits) in table {
        assert_eq!(numbers::digits(&heard(text)).digits, digits, "{text}");
    }
}

#[test]
fn an_exclaimed_oh_is_dropped_when_it_makes_the_number_too_long() {
    let found = numbers::digits(&heard("oh four four one two seven seven six nine"));
    assert_eq!(found.digits, "044127769");
    assert_eq!(found.fitted(8).digits, "44127769");
}

#[test]
fn each_digit_keeps_the_belief_of_the_words_it_came_from() {
    let word = |text: &str, p| Word {
        text: text.to_owned(),
        p,
        start: Duration::ZERO,
        end: Duration::ZERO,
    };
    let words = [
        word("It's", 0.2),
        word("double", 0.9),
        word("seven,", 0.5),
        word("oh", 0.8),
    ];
    let found = numbers::digits(&Tokens::from_words(&words));
    assert_eq!(found.digits, "770");
    assert_eq!(found.digit_confidence(), [0.5, 0.5, 0.8]);
    assert!((found.confidence - 0.5).abs() < f32::EPSILON);
    assert!(found.leftover.is_empty());
}

#[test]
fn replies_have_four_values() {
    let table = [
        ("Yes.", Some(Answer::Yes), ""),
        ("yeah that's right", Some(Answer::Yes), ""),
        ("no problem", Some(Answer::Yes), ""),
        ("No, that's fine, go ahead", Some(Answer::Yes), ""),
        ("no no that's right", Some(Answer::Yes), ""),
        ("it is", Some(Answer::Yes), ""),
        ("uh huh", Some(Answer::Yes), ""),
        ("why not", Some(Answer::Yes), ""),
        (
            "yes but the last digit is five",
            Some(Answer::Yes),
            "but the last digit is five",
        ),
        ("no", Some(Answer::No), ""),
        ("No, nine.", Some(Answer::No), "nine"),
        ("no it's not", Some(Answer::No), ""),
        ("that's not right", Some(Answer::No), ""),
        ("not quite", Some(Answer::No), ""),
        ("yeah, no", Some(Answer::No), ""),
        ("of course not", Some(Answer::No), ""),
        ("i don't think so", Some(Answer::No), ""),
        ("Know.", Some(Answer::No), ""),
        ("no yes", Some(Answer::Maybe), ""),
        ("it's not wrong", Some(Answer::Maybe), ""),
        ("no, it isn't wrong", Some(Answer::Maybe), ""),
        ("I think so", Some(Answer::Maybe), ""),
        ("yes and no", Some(Answer::Maybe), ""),
        ("yeah I guess", Some(Answer::Maybe), ""),
        ("no idea", Some(Answer::DontKnow), ""),
        ("I'm not sure", Some(Answer::DontKnow), ""),
        ("why?", Some(Answer::DontKnow), ""),
        ("the second part", None, ""),
        ("", None, ""),
    ];
    for (text, answer, rest) in table {
        let reply = reply(&heard(text));
        assert_eq!(reply.as_ref().map(|reply| reply.answer), answer, "{text}");
        assert_eq!(
            reply.map(|reply| reply.rest.text()).unwrap_or_default(),
            rest,
            "{text}"
        );
    }
}

#[test]
fn a_yes_that_goes_on_with_a_doubt_is_not_clean() {
    let clean = |text: &str| reply(&heard(text)).is_some_and(|reply| reply.is_clean_yes());
    assert!(clean("yes please"));
    assert!(clean("yes and when does it arrive"));
    assert!(!clean("yes but the last one is wrong"));
    assert!(!clean("it is the wrong one"));
}

#[test]
fn a_hum_is_a_yes_only_when_it_was_heard_well() {
    let answer = |p| reply(&Tokens::from_text("mm-hm", p)).map(|reply| reply.answer);
    assert_eq!(answer(0.95), Some(Answer::Yes));
    assert_eq!(answer(0.6), Some(Answer::Maybe));
}

const MISHEARD: CurrentValue<'static> = CurrentValue {
    digits: "44127569",
    count: 8,
    luhn: true,
};

fn corrected(text: &str, current: CurrentValue<'_>) -> Option<String> {
    match correct(&heard(text), current) {
        Some(Correction::Value { digits, .. }) => Some(digits),
        Some(Correction::Named(_) | Correction::Misfit { .. } | Correction::Which { .. })
        | None => None,
    }
}

#[test]
fn one_sentence_corrects_a_number() {
    let table = [
        ("no the second part is seven seven six nine", "44127769"),
        (
            "No, the second half should be double seven six nine",
            "44127769",
        ),
        ("the last four are seven seven six nine", "44127769"),
        ("the last four digits are 7769", "44127769"),
        ("seven seven six nine is the second part", "44127769"),
        (
            "the second part is not seven five six nine it's seven seven six nine",
            "44127769",
        ),
        ("the second number is seven seven six nine", "44127769"),
        (
            "the first part is 4412 and the second part is 7769",
            "44127769",
        ),
        ("no it's 4 4 1 2 7 7 6 9", "44127769"),
        ("no four four one two, double seven six nine", "44127769"),
        ("the sixth digit is seven", "44127769"),
        ("the last digit is five", "44127565"),
        ("the last one is five", "44127565"),
        ("not five, seven", "44127769"),
        ("seven, not five", "44127769"),
        ("No, I said seven, not five.", "44127769"),
        ("not five it's seven", "44127769"),
        ("it isn't five it's seven", "44127769"),
        ("seven instead of five", "44127769"),
        ("the five should be a seven", "44127769"),
        ("change the five to a seven", "44127769"),
        ("not seven five six nine seven seven six nine", "44127769"),
        ("no seven seven six nine", "44127769"),
    ];
    for (text, value) in table {
        assert_eq!(corrected(text, MISHEARD).as_deref(), Some(value), "{text}");
    }
}

#[test]
fn a_single_digit_without_a_place_is_settled_by_the_check_digit_or_not_at_all() {
    let misheard = CurrentValue {
        digits: "44127765",
        ..MISHEARD
    };
    let settled = correct(&heard("no nine"), misheard);
    let expected = Correction::Value {
        digits: "44127769".to_owned(),
        p: 0.9,
        how: How::Checksum,
    };
    assert_eq!(settled, Some(expected));
    let two_fit = correct(&heard("no seven"), MISHEARD);
    assert!(matches!(two_fit, Some(Correction::Which { .. })));
    let unproven = CurrentValue {
        luhn: false,
        ..MISHEARD
    };
    let open = correct(&heard("no nine"), unproven);
    assert!(matches!(open, Some(Correction::Which { candidates, .. }) if candidates.len() > 1));
}

#[test]
fn a_swap_of_a_digit_that_stands_twice_is_not_guessed() {
    let current = CurrentValue {
        digits: "44127569",
        count: 8,
        luhn: false,
    };
    let open = correct(&heard("nine not four"), current);
    let candidates = vec!["94127569".to_owned(), "49127569".to_owned()];
    assert_eq!(
        open,
        Some(Correction::Which {
            heard: "9".to_owned(),
            candidates
        })
    );
}

#[test]
fn a_named_place_without_fitting_digits_is_kept_as_the_place() {
    let second = Place::part(1, 8).expect("two parts");
    let named = correct(&heard("the second part is wrong"), MISHEARD);
    assert!(matches!(named, Some(Correction::Named(place)) if place.digits == second.digits));
    let short = correct(&heard("the second part is seven seven six"), MISHEARD);
    assert!(matches!(short, Some(Correction::Misfit { heard, .. }) if heard == "776"));
    let filled = correct_at(&heard("seven seven six nine"), &second, MISHEARD);
    assert!(matches!(filled, Some(Correction::Value { digits, .. }) if digits == "44127769"));
}

#[test]
fn what_holds_no_number_corrects_nothing() {
    for text in [
        "",
        "no",
        "wait a second",
        "at first I thought so",
        "why do you ask",
    ] {
        assert_eq!(correct(&heard(text), MISHEARD), None, "{text}");
    }
}

#[test]
fn commands_are_heard_in_many_forms_and_only_when_meant() {
    use Universal::{Agent, Cancel, Goodbye, Help, Repeat, StartOver, Stop};
    let table = [
        ("Agent.", Some(Agent)),
        ("agent please", Some(Agent)),
        ("no, agent", Some(Agent)),
        ("i want to speak to a person", Some(Agent)),
        ("Can I talk to a real human being?", Some(Agent)),
        ("put me through to customer service", Some(Agent)),
        ("get me a manager", Some(Agent)),
        ("I'd like to speak with someone", Some(Agent)),
        ("i don't want to speak to a person", None),
        ("the agent told me it was shipped", None),
        ("are you a real person", None),
        ("someone", None),
        ("aged", None),
        ("can you repeat that please", Some(Repeat)),
        ("sorry, what was that?", Some(Repeat)),
        ("sorry?", Some(Repeat)),
        ("sorry, no", None),
        ("help", Some(Help)),
        ("can you help me with my order", None),
        ("start over", Some(StartOver)),
        ("never mind", Some(Cancel)),
        ("cancel my order", None),
        ("stop", Some(Stop)),
        ("thanks, bye", Some(Goodbye)),
        ("goodbye", Some(Goodbye)),
        ("where is my order", None),
        ("", None),
    ];
    for (text, command) in table {
        assert_eq!(
            universal(&heard(text)).map(|found| found.command),
            command,
            "{text}"
        );
    }
}

#[test]
fn the_goal_of_a_call_is_guessed_with_its_evidence() {
    let table = [
        ("where is my order", Some(Intent::OrderStatus)),
        ("Where's my stuff?", Some(Intent::OrderStatus)),
        (
            "hello um where's the lamp i bought last week",
            Some(Intent::OrderStatus),
        ),
        ("when will my parcel come", Some(Intent::OrderStatus)),
        ("my package hasn't arrived", Some(Intent::OrderStatus)),
        (
            "I want to send the lamp back, it came smashed.",
            Some(Intent::OtherMatter),
        ),
        ("My card keeps getting declined", Some(Intent::OtherMatter)),
        ("cancel my order", Some(Intent::OtherMatter)),
        ("Are you a real person?", Some(Intent::AreYouHuman)),
        ("i want to speak to a person", Some(Intent::Agent)),
        ("have you got it in green", None),
        ("", None),
    ];
    for (text, intent) in table {
        assert_eq!(intent::guess(&heard(text)).intent, intent, "{text}");
    }
    let explained = intent::guess(&heard("where is the lamp")).explain();
    assert_eq!(explained, "order_status 0.90 [where is, lamp]");
}

#[test]
fn completeness_follows_what_was_asked() {
    use Completeness::{Complete, Extendable, Incomplete};
    let open = Incomplete {
        at_group_boundary: false,
    };
    let boundary = Incomplete {
        at_group_boundary: true,
    };
    let table = [
        (
            ORDER_NUMBER,
            "four four one two seven seven six nine",
            Complete,
        ),
        (
            ORDER_NUMBER,
            "four four one two seven five six nine",
            Extendable,
        ),
        (ORDER_NUMBER, "four four one two", boundary),
        (ORDER_NUMBER, "four four one two seven", open),
        (ORDER_NUMBER, "it's", open),
        (ORDER_NUMBER, "i don't have it", Extendable),
        (ORDER_NUMBER, "agent please", Complete),
        (Expect::YesNo, "yes", Complete),
        (Expect::YesNo, "no", Extendable),
        (Expect::YesNo, "yes but", Extendable),
        (Expect::YesNo, "no the second part is", open),
        (Expect::YesNo, "no the second part is seven seven", open),
        (
            Expect::YesNo,
            "no the second part is seven seven six nine",
            Extendable,
        ),
        (Expect::YesNo, "no the last digit is five", Extendable),
        (Expect::YesNo, "no it's four four one two", boundary),
        (
            Expect::YesNo,
            "no it's four four one two seven seven six nine",
            Extendable,
        ),
        (Expect::YesNo, "no nine", Extendable),
        (Expect::YesNo, "i don't know", Complete),
        (Expect::Free, "where is my order", Complete),
        (Expect::Free, "where is my", open),
        (Expect::Free, "i bought a lamp", Extendable),
        (Expect::Free, "where is my order it's four four", Extendable),
        (Expect::Free, "", open),
    ];
    for (expect, text, completeness_of_text) in table {
        assert_eq!(
            completeness(expect, text),
            completeness_of_text,
            "{expect:?} {text}"
        );
    }
}

/// A way of saying digits, chosen by `style`.
fn say(digits: &str, style: u8) -> String {
    const NAMES: [&str; 10] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let chars: Vec<char> = digits.chars().collect();
    let mut words = Vec::new();
    let mut index = 0;
    while index < chars.len() {
        let name = chars[index]
            .to_digit(10)
            .map_or("", |digit| NAMES[digit as usize]);
        if style % 2 == 1 && chars.get(index + 1) == Some(&chars[index]) {
            words.push(format!("double {name}"));
            index += 2;
        } else {
            words.push(if style >= 2 {
                chars[index].to_string()
            } else {
                name.to_owned()
            });
            index += 1;
        }
    }
    words.join(" ")
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,80}", value in "[0-9]{0,12}") {
        let tokens = heard(&text);
        let current = CurrentValue { digits: &value, count: 8, luhn: true };
        let _ = (universal(&tokens), reply(&tokens), intent::guess(&tokens));
        let _ = correct(&tokens, current);
        for expect in [Expect::Free, Expect::YesNo, ORDER_NUMBER] {
            let _ = completeness(expect, &text);
        }
    }

    #[test]
    fn any_mix_of_telling_words_is_read_without_a_panic(
        words in prop::collection::vec(prop::sample::select(vec![
            "no", "not", "the", "first", "second", "last", "part", "digit", "four", "is", "seven",
            "double", "hundred", "oh", "and", "to", "instead", "of", "should", "be", "its", "44",
            "yes", "but", "one", "thousand", "twenty", "eighth", "number", "change", "agent", "want",
        ]), 0..14),
        value in "[0-9]{0,10}",
        count in 0_usize..12,
    ) {
        let text = words.join(" ");
        let tokens = heard(&text);
        let current = CurrentValue { digits: &value, count, luhn: false };
        if let Some(Correction::Value { digits, .. }) = correct(&tokens, current) {
            prop_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
        }
        for index in 0..3 {
            if let Some(place) = Place::part(index, count) {
                let _ = correct_at(&tokens, &place, current);
            }
        }
        for expect in [Expect::Free, Expect::YesNo, ORDER_NUMBER] {
            let _ = completeness(expect, &text);
        }
    }

    #[test]
    fn every_spoken_form_of_a_digit_string_reads_back(digits in "[0-9]{1,16}", style in 0_u8..4) {
        prop_assert_eq!(numbers::digits(&heard(&say(&digits, style))).digits, digits.clone());
        let read_back = grouping::spoken(&digits);
        prop_assert_eq!(numbers::digits(&heard(&read_back)).digits, digits);
    }
}
