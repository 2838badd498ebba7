//! What silence and words that make no sense do: the question in other words, then with an example
//! and the keypad, then a person. Silence and misunderstanding are counted apart.

use super::super::prompts::{Notice, Question};
use super::{OrderStatus, State};

/// Misunderstandings in the whole call after which a person is fetched.
const CALL_BUDGET: u8 = 5;
/// Misunderstandings of the offer of a person after which it is taken as accepted.
const OFFER_MISSES: u8 = 2;
/// The silence at which a person is offered.
const SILENCE_OFFERS: u8 = 3;

impl OrderStatus {
    /// The caller said nothing in the time allowed.
    pub(super) fn silence(&mut self) {
        if !self.is_asking() || self.say_dropped_status() {
            return;
        }
        self.silences += 1;
        self.note("flow.no_input", format!("{} in a row", self.silences));
        if self.silences < SILENCE_OFFERS {
            let prompt = self.reworded(self.silences == 1);
            self.ask(prompt);
        } else if self.silences == SILENCE_OFFERS {
            let silences = self.silences;
            if !matches!(self.state, State::OfferPerson { .. }) {
                self.enter(State::OfferPerson {
                    reason: "caller silent",
                });
                self.silences = silences;
            }
            self.ask(Question::StillThere);
        } else if self.wants_status && !self.reported {
            self.hand_over("caller silent");
        } else {
            self.leave(Notice::Goodbye, "caller_silent");
        }
    }

    /// The caller's words made no sense here.
    pub(super) fn no_match(&mut self, why: &str) {
        if !self.is_asking() || self.say_dropped_status() {
            return;
        }
        self.silences = 0;
        self.misses += 1;
        self.budget = self.budget.saturating_add(1);
        let (misses, budget) = (self.misses, self.budget);
        self.note(
            "flow.no_match",
            format!("{why}; {misses} in a row, {budget} in the call"),
        );
        if budget > CALL_BUDGET {
            self.hand_over("not understood");
            return;
        }
        let offering = matches!(self.state, State::OfferPerson { .. });
        match misses {
            _ if offering && misses >= OFFER_MISSES => self.hand_over("not understood"),
            1 => {
                let prompt = self.missed();
                self.ask(prompt);
            }
            2 => {
                let prompt = self.reworded(false);
                self.ask(prompt);
            }
            _ => self.offer_person("not understood"),
        }
    }

    /// A keyed number does not add up.
    pub(super) fn keys_wrong(&mut self) {
        self.silences = 0;
        let misses = self.misses + 1;
        if misses > OFFER_MISSES {
            self.offer_person("order number not understood");
            return;
        }
        self.ask_number(Question::KeysWrong);
        self.misses = misses;
    }

    /// Whether the flow waits for the caller's answer.
    fn is_asking(&self) -> bool {
        match self.state {
            State::Open | State::AskNumber | State::Anything | State::OfferPerson { .. } => true,
            State::New
            | State::Confirming
            | State::LookingUp
            | State::HandingOver { .. }
            | State::WithAgent
            | State::Leaving
            | State::Over => false,
        }
    }

    /// Says where the order is once more when the caller took the floor before it was said.
    fn say_dropped_status(&mut self) -> bool {
        let dropped = self.status_said.is_some_and(|(_, dropped)| dropped);
        if !dropped || self.state != State::Anything {
            return false;
        }
        self.note(
            "flow.status.again",
            "it was dropped when the caller spoke".to_owned(),
        );
        self.tell_status();
        self.ask(Question::AnythingElse);
        true
    }

    /// The state's question: short, or with an example and the keypad.
    fn reworded(&self, short: bool) -> Question {
        match self.state {
            State::AskNumber if short => Question::AskNumber,
            State::AskNumber => Question::NumberDetail,
            State::Anything => Question::AnythingElse,
            State::OfferPerson { .. } => Question::OfferPerson,
            State::Open if short => Question::Open,
            State::Open
            | State::New
            | State::Confirming
            | State::LookingUp
            | State::HandingOver { .. }
            | State::WithAgent
            | State::Leaving
            | State::Over => Question::OpenDetail,
        }
    }

    /// The state's question after words that made no sense.
    fn missed(&self) -> Question {
        match self.state {
            State::AskNumber => Question::NumberMissed,
            State::Anything => Question::AnythingElseMissed,
            State::OfferPerson { .. } => Question::OfferPerson,
            State::Open
            | State::New
            | State::Confirming
            | State::LookingUp
            | State::HandingOver { .. }
            | State::WithAgent
            | State::Leaving
            | State::Over => Question::OpenMissed,
        }
    }
}
