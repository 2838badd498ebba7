//! What is said during a handover: to the agent before the bridge, to the caller when there is none.

use crate::api::{Context, ContextSlot, Fallback, Handover, HandoverId, SlotState};
use crate::session::{Promise, PromiseKind};
use crate::understand::grouping;

/// Said when a promise could not be stored: nothing is promised that nobody can keep.
pub(super) const NOT_STORED: &str = "I'm sorry, nobody is free right now, and I could not note \
     your request. Please call again.";
/// Asked before a call back is promised. The number is read out in the promise itself: in the
/// question it would leave no time to answer before the promise is due.
pub(super) const OFFER_CALLBACK: &str = "Nobody has picked up yet. Shall we call you back? \
     Say yes or press 1, or stay on the line.";
/// Asked before a ticket is opened.
pub(super) const OFFER_TICKET: &str = "Nobody has picked up yet. Shall I open a ticket for you? \
     Say yes or press 1, or stay on the line.";

/// The longest intent that fits into a brief of about a second.
const BRIEF_CHARS: usize = 32;
/// How many characters of a number an agent needs to tell orders apart.
const BRIEF_DIGITS: usize = 4;
/// Fewer digits than this are an extension, not a number to call back.
const NUMBER_DIGITS: usize = 5;

/// One line for the agent's ear: `Order status, 7 7 0 9.`
pub(super) fn brief(context: &Context) -> String {
    let subject = [&context.intent, &context.reason]
        .into_iter()
        .map(|text| text.trim())
        .find(|text| !text.is_empty())
        .unwrap_or("a caller");
    let mut line = String::with_capacity(BRIEF_CHARS * 2);
    let mut chars = subject.chars().take(BRIEF_CHARS);
    line.extend(chars.next().into_iter().flat_map(char::to_uppercase));
    line.extend(chars);
    if let Some(digits) = best_number(&context.slots) {
        line.push_str(", ");
        line.push_str(&grouping::spoken(&digits));
    }
    line.push('.');
    line
}

/// The last digits of the surest number: a confirmed one before one that was only heard.
fn best_number(slots: &[ContextSlot]) -> Option<String> {
    let number = |state: SlotState| {
        let of_state = slots.iter().filter(move |slot| slot.state == state);
        of_state
            .map(|slot| slot.value.as_str())
            .find(|value| !value.is_empty() && value.chars().all(|c| c.is_ascii_digit()))
    };
    let value = number(SlotState::Confirmed).or_else(|| number(SlotState::Heard))?;
    Some(value[value.len().saturating_sub(BRIEF_DIGITS)..].to_owned())
}

/// What the caller is promised when no human answers in time.
pub(super) fn promise(
    handover: HandoverId,
    request: &Handover,
    caller: &str,
    ticket: u64,
) -> Promise {
    let kind = match request.fallback {
        Fallback::Callback if is_number(caller) => PromiseKind::Callback {
            number: caller.to_owned(),
        },
        Fallback::Callback | Fallback::Ticket => PromiseKind::Ticket { number: ticket },
    };
    Promise {
        handover,
        skill: request.skill.clone(),
        kind,
    }
}

/// The promise in words.
pub(super) fn promise_spoken(promise: &Promise) -> String {
    match &promise.kind {
        PromiseKind::Callback { number } => {
            let digits: String = number.chars().filter(char::is_ascii_digit).collect();
            let digits = grouping::spoken(&digits);
            format!("I'm sorry, nobody is free right now. We will call you back at {digits}.")
        }
        PromiseKind::Ticket { number } => {
            let digits = grouping::spoken(&number.to_string());
            format!(
                "I'm sorry, nobody is free right now. I've opened a ticket for you. \
                 Its number is {digits}."
            )
        }
    }
}

/// What is asked while there is still hope, and no longer much of it.
pub(super) fn offer(promise: &Promise) -> &'static str {
    match promise.kind {
        PromiseKind::Callback { .. } => OFFER_CALLBACK,
        PromiseKind::Ticket { .. } => OFFER_TICKET,
    }
}

/// Whether a caller's address can be called back: digits, as written in a telephone number.
fn is_number(caller: &str) -> bool {
    let written = |c: char| c.is_ascii_digit() || "+-(). ".contains(c);
    caller.chars().all(written)
        && caller.chars().filter(char::is_ascii_digit).count() >= NUMBER_DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(value: &str, state: SlotState) -> ContextSlot {
        ContextSlot {
            name: "order_ref".into(),
            value: value.into(),
            state,
        }
    }

    #[test]
    fn the_brief_names_the_subject_and_the_surest_number() {
        let slots = vec![
            slot("44120000", SlotState::Heard),
            slot("44127709", SlotState::Confirmed),
        ];
        let context = Context {
            intent: "order status".into(),
            reason: "asked".into(),
            slots,
        };
        assert_eq!(brief(&context), "Order status, 7 7 0 9.");
    }

    #[test]
    fn the_brief_of_an_empty_context_still_says_something() {
        assert_eq!(brief(&Context::default()), "A caller.");
    }

    #[test]
    fn the_brief_never_says_a_rejected_number_and_stays_short() {
        let slots = vec![slot("44127709", SlotState::Rejected)];
        let context = Context {
            intent: "ß".repeat(500),
            reason: String::new(),
            slots,
        };
        assert!(brief(&context).chars().count() <= BRIEF_CHARS + 2);
        assert!(!brief(&context).contains('7'));
    }

    #[test]
    fn only_a_number_is_called_back() {
        for number in ["+49 30 1234567", "0301234567", "(030) 123-4567"] {
            assert!(is_number(number), "{number}");
        }
        for other in ["", "anonymous", "1001", "+", "alice1234567"] {
            assert!(!is_number(other), "{other}");
        }
    }
}
