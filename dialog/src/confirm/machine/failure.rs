//! What silence and answers that lead nowhere do to a confirmation: the question another way, then
//! the keypad, then the end.

use super::super::step::Step;
use super::{Confirmation, FAILURES_TO_KEYPAD, KEYPAD_FAILURES, SILENCES, State, reason};
use crate::api::ConfirmOutcome;

impl Confirmation {
    pub(super) fn silence(&mut self) -> Vec<Step> {
        self.silences += 1;
        let why = reason("confirm.no_input", format!("{} in a row", self.silences));
        match self.silences {
            1 => self.ask("", "", why),
            2 => {
                let closing = self.keypad_hint();
                self.ask("", closing, why)
            }
            silences if silences < SILENCES => self.ask("Are you still there?", "", why),
            _ => self.finish(ConfirmOutcome::Exhausted, why),
        }
    }

    /// An answer that led nowhere: the question another way, then the keypad.
    pub(super) fn miss(&mut self, rule: &'static str, detail: String) -> Vec<Step> {
        self.silences = 0;
        self.misses += 1;
        let why = reason(rule, format!("{detail}; {} in a row", self.misses));
        match self.state {
            State::Asking if self.misses < FAILURES_TO_KEYPAD => {
                self.read_back("Sorry, was that a yes or a no?", why)
            }
            State::PlaceDigits(_) if self.misses < FAILURES_TO_KEYPAD => {
                self.ask("Sorry.", "", why)
            }
            State::Asking
            | State::WhichPart
            | State::PlaceDigits(_)
            | State::Collect
            | State::Keypad => self.fail_to_keypad(why),
            State::Done => Vec::new(),
        }
    }

    pub(super) fn fail_to_keypad(&mut self, why: Step) -> Vec<Step> {
        if self.count() == 0 {
            return self.finish(ConfirmOutcome::Exhausted, why);
        }
        if self.state == State::Keypad {
            self.keypad_failures += 1;
        }
        if self.keypad_failures >= KEYPAD_FAILURES {
            return self.finish(ConfirmOutcome::Exhausted, why);
        }
        self.state = State::Keypad;
        self.ask("Let us try it another way.", "", why)
    }

    pub(super) fn collect(&mut self, why: Step) -> Vec<Step> {
        self.state = State::Collect;
        self.ask("", "", why)
    }

    /// Asks for the whole value: by voice at first, by keys when that was just tried.
    pub(super) fn ask_anew(&mut self, why: Step) -> Vec<Step> {
        match self.state {
            State::Collect | State::Keypad => self.fail_to_keypad(why),
            State::Asking | State::WhichPart | State::PlaceDigits(_) | State::Done => {
                self.collect(why)
            }
        }
    }

    fn keypad_hint(&self) -> &'static str {
        match self.state {
            State::Asking => "You can also press 1 for yes or 2 for no.",
            State::WhichPart | State::PlaceDigits(_) | State::Collect if self.count() > 0 => {
                "You can also key in the whole number."
            }
            State::WhichPart | State::PlaceDigits(_) | State::Collect | State::Keypad => "",
            State::Done => "",
        }
    }
}
