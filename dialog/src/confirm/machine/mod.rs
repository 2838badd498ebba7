//! The confirmation of one value with the caller. What each way of asking costs is in `policy`,
//! what evidence does to the belief in `belief`, the wording in `prompts`.

mod failure;
mod spoken;

use super::belief;
use super::policy::{self, Band};
use super::prompts::{Question, read_out, wordings};
use super::step::{Input, Step, Verdict};
use super::wording::Wording;
use crate::api::{
    BargeIn, Confirm, ConfirmOutcome, ConfirmStyle, Expect, Keypad, Listen, PromptKind, RiskClass,
    Say,
};
use crate::understand::correction::CurrentValue;
use crate::understand::place::Place;
use crate::understand::yes_no::{Answer, Reply};
use crate::understand::{Tokens, grouping, luhn};
use std::time::Duration;

/// The most questions of one confirmation, of whatever kind; then it is exhausted.
const MAX_ASKS: u8 = 12;
/// The most rejected values that are remembered; the oldest is forgotten first.
const MAX_REJECTED: usize = 8;
/// Failures of one kind after which the keypad is offered.
const FAILURES_TO_KEYPAD: u8 = 2;
/// Failed keypad entries after which it is exhausted.
const KEYPAD_FAILURES: u8 = 2;
/// Silences in a row after which it is exhausted: a re-ask, one with the keypad, "are you there".
const SILENCES: u8 = 4;
/// The pause that ends keys at a yes-or-no question: one key is the usual answer there.
const SHORT_INTER_DIGIT: Duration = Duration::from_millis(1500);

/// Confirms one value.
///
/// ```text
///            accept band
///  start ───────────────────────────────────────────────▶ Done(Confirmed)
///    │ re-ask band            yes, sure enough
///    │   ┌──────────▶ Collect ◀──┐     ┌───────────────▶ Done(Confirmed | Corrected)
///    ▼   │               │       │     │  agent, cancel ...
///  Asking ◀──────────────┴── new value │─────────────────▶ Done, Pass (from every state)
///    │ ▲ ▲                       │     │
///    │ │ └─ new value ── PlaceDigits ◀─┤ "the second part is wrong"
///    │ └─── new value ── WhichPart ◀───┤ "no" alone; digits that fit in several places
///    │                      │ second failure, anywhere
///    └──────────────────────┴──────────▶ Keypad ── keys ──▶ Done(Confirmed | Corrected)
///                                          │ second failure, too many attempts, silence
///                                          └──────────────▶ Done(Exhausted | Denied)
/// ```
///
/// A new value rejects the old one: it is kept in a list, and never asked again as the next
/// question. Keys outrank that list, since callers sometimes reject a right value.
#[derive(Debug, Clone)]
pub struct Confirmation {
    request: Confirm,
    state: State,
    value: String,
    belief: f32,
    rejected: Vec<String>,
    wording: Wording,
    /// Questions "is that right?" so far.
    attempts: u8,
    /// Questions of every kind so far.
    asks: u8,
    /// Answers in a row that led nowhere.
    misses: u8,
    /// Values denied so far.
    denials: u8,
    silences: u8,
    keypad_failures: u8,
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    /// Asked whether the value is right.
    Asking,
    /// Asked which part is wrong.
    WhichPart,
    /// Asked what belongs in a place.
    PlaceDigits(Place),
    /// Asked for the whole value by voice.
    Collect,
    /// Asked for the whole value by keys; a spoken one is taken, too.
    Keypad,
    /// Over.
    Done,
}

impl Confirmation {
    /// Begins, and gives the first steps.
    pub fn start(request: Confirm) -> (Self, Vec<Step>) {
        let belief = if request.confidence.is_nan() {
            0.0
        } else {
            request.confidence.clamp(0.0, 1.0)
        };
        let mut confirmation = Self {
            state: State::Asking,
            value: request.value.clone(),
            belief,
            rejected: Vec::new(),
            wording: Wording::default(),
            attempts: 0,
            asks: 0,
            misses: 0,
            denials: 0,
            silences: 0,
            keypad_failures: 0,
            request,
        };
        let steps = confirmation.begin();
        (confirmation, steps)
    }

    /// Takes what the caller did. Gives no steps once it is over.
    pub fn handle(&mut self, input: Input<'_>) -> Vec<Step> {
        if self.is_done() {
            return Vec::new();
        }
        match input {
            Input::Answer(transcript) => self.answer(transcript),
            Input::Keys(keys) => self.keys(keys),
            Input::NoInput => self.silence(),
            Input::NoMatch => {
                self.miss("confirm.no_match", "no words in what was heard".to_owned())
            }
        }
    }

    /// Whether it is over.
    pub fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// The value as it stands now.
    pub fn value(&self) -> &str {
        &self.value
    }

    fn begin(&mut self) -> Vec<Step> {
        let decision = policy::decide(self.request.class, self.request.style, self.belief);
        match (self.request.style, decision.band) {
            (ConfirmStyle::ByRisk, Band::Accept) => self.finish(
                ConfirmOutcome::Confirmed,
                reason("confirm.accepted", decision.detail),
            ),
            (ConfirmStyle::ByRisk, Band::Reask) => {
                self.collect(reason("confirm.too_unsure_to_read_back", decision.detail))
            }
            // Passing it implicitly needs the brain's next two turns for the caller to object in;
            // until then the question is put.
            (ConfirmStyle::ByRisk, Band::Implicit) => {
                self.read_back("", reason("confirm.implicit_as_explicit", decision.detail))
            }
            (ConfirmStyle::ByRisk, Band::Explicit) => {
                self.read_back("", reason("confirm.explicit", decision.detail))
            }
            (ConfirmStyle::Grouped | ConfirmStyle::Explicit, _) => {
                let detail = format!("the brain wants it read back; {}", decision.detail);
                self.read_back("", reason("confirm.style_ordered", detail))
            }
        }
    }

    fn keys(&mut self, keys: &str) -> Vec<Step> {
        self.silences = 0;
        match (keys, &self.state) {
            ("*", _) => return self.ask("", "", reason("confirm.repeat", "key *".to_owned())),
            ("0" | "9", _) => return self.pass(format!("key {keys}")),
            ("1", State::Asking) => return self.yes(belief::KEYPAD, "key 1"),
            ("2", State::Asking) => {
                let phrase = "key 2".to_owned();
                let (answer, p, rest) = (Answer::No, belief::KEYPAD, Tokens::default());
                return self.no(&Reply {
                    answer,
                    p,
                    phrase,
                    rest,
                });
            }
            (_, State::PlaceDigits(place)) if keys.len() == place.digits.len() => {
                let heard = Tokens::from_text(keys, belief::KEYPAD);
                let place = place.clone();
                return self.answer_place(&heard, &place);
            }
            _ => {}
        }
        let digits = keys.bytes().all(|byte| byte.is_ascii_digit());
        if self.count() == 0 || keys.len() != self.count() || !digits {
            return self.miss(
                "confirm.keys_misfit",
                format!("{} keys", keys.chars().count()),
            );
        }
        if self.is_luhn() && !luhn::is_valid(keys) {
            return self.fail_to_keypad(reason(
                "confirm.keys_checksum",
                "keyed value has a wrong check digit".to_owned(),
            ));
        }
        if keys != self.value {
            self.reject();
        }
        keys.clone_into(&mut self.value);
        self.belief = belief::KEYPAD;
        let why = reason("confirm.keyed", format!("belief {:.3}", self.belief));
        match self.request.class {
            RiskClass::W0 | RiskClass::W1 | RiskClass::W2 => self.settle(why),
            RiskClass::W3 | RiskClass::W4 => self.read_back("Thank you.", why),
        }
    }

    fn read_back(&mut self, opening: &str, why: Step) -> Vec<Step> {
        if self.attempts >= self.request.max_attempts {
            return self.finish(ConfirmOutcome::Exhausted, why);
        }
        self.attempts += 1;
        self.state = State::Asking;
        self.ask(opening, "", why)
    }

    /// Puts the question of the present state.
    fn ask(&mut self, opening: &str, closing: &str, why: Step) -> Vec<Step> {
        if self.asks >= MAX_ASKS {
            return self.finish(ConfirmOutcome::Exhausted, why);
        }
        self.asks += 1;
        let count = self.count();
        let question = match &self.state {
            State::Asking => Question::IsItRight {
                read: read_out(&self.value, count > 0),
            },
            State::WhichPart => Question::WhichPart {
                parts: self.parts(),
            },
            State::PlaceDigits(place) => Question::Place {
                name: &place.name,
                count: place.digits.len(),
            },
            State::Collect => Question::Whole { count },
            State::Keypad => Question::Keys { count },
            State::Done => return Vec::new(),
        };
        let text = self.wording.choose(wordings(opening, &question, closing));
        let say = Say {
            text,
            kind: PromptKind::Question,
            barge_in: BargeIn::Any,
        };
        vec![
            why,
            Step::Ask {
                say,
                listen: self.listen(),
            },
        ]
    }

    fn listen(&self) -> Listen {
        let max = u8::try_from(self.count()).unwrap_or(u8::MAX).max(1);
        let (expect, inter_digit) = match &self.state {
            State::Asking => (Expect::YesNo, SHORT_INTER_DIGIT),
            State::WhichPart | State::Done => (Expect::Free, SHORT_INTER_DIGIT),
            State::PlaceDigits(place) => {
                let count = u8::try_from(place.digits.len()).unwrap_or(u8::MAX);
                (
                    Expect::Digits { count, luhn: false },
                    Keypad::default().inter_digit,
                )
            }
            State::Collect | State::Keypad => (self.request.expect, Keypad::default().inter_digit),
        };
        let keypad = Keypad {
            inter_digit,
            max,
            ..Keypad::default()
        };
        Listen {
            expect,
            no_input: None,
            keypad,
        }
    }

    fn settle(&mut self, why: Step) -> Vec<Step> {
        let same = self.value == self.request.value;
        let outcome = if same {
            ConfirmOutcome::Confirmed
        } else {
            ConfirmOutcome::Corrected
        };
        self.finish(outcome, why)
    }

    fn finish(&mut self, outcome: ConfirmOutcome, why: Step) -> Vec<Step> {
        self.state = State::Done;
        let evidence = match &why {
            Step::Reason { rule, detail } => format!("{rule}: {detail}"),
            Step::Ask { .. } | Step::Result(_) | Step::Pass => String::new(),
        };
        let verdict = Verdict {
            slot: self.request.slot.clone(),
            value: self.value.clone(),
            outcome,
            attempts: self.attempts,
            confidence: self.belief,
            evidence,
        };
        vec![why, Step::Result(verdict)]
    }

    fn pass(&mut self, detail: String) -> Vec<Step> {
        self.state = State::Done;
        vec![reason("confirm.passed", detail), Step::Pass]
    }

    fn deny(&mut self) {
        self.denials = self.denials.saturating_add(1);
        self.reject();
    }

    fn reject(&mut self) {
        if self.rejected.contains(&self.value) {
            return;
        }
        if self.rejected.len() == MAX_REJECTED {
            self.rejected.remove(0);
        }
        self.rejected.push(self.value.clone());
    }

    fn current(&self) -> CurrentValue<'_> {
        CurrentValue {
            digits: &self.value,
            count: self.count(),
            luhn: self.is_luhn(),
        }
    }

    /// How many digits the value has; 0 when it is no digit string.
    fn count(&self) -> usize {
        match self.request.expect {
            Expect::Digits { count, .. } => usize::from(count),
            Expect::Free | Expect::YesNo => 0,
        }
    }

    fn parts(&self) -> usize {
        grouping::groups(self.count()).len()
    }

    fn is_luhn(&self) -> bool {
        matches!(self.request.expect, Expect::Digits { luhn: true, .. })
    }

    fn checksum(&self) -> Option<bool> {
        self.is_luhn().then(|| luhn::is_valid(&self.value))
    }
}

fn reason(rule: &'static str, detail: String) -> Step {
    Step::Reason { rule, detail }
}
