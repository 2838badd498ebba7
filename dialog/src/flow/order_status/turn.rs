//! What the caller's words and keys mean in each state.

use super::super::prompts::{Notice, Question};
use super::Awaited;
use super::speak::ORDER_NUMBER;
use super::{ORDER_DIGITS, ORDER_REF, OrderSlot, OrderStatus, State};
use crate::api::{Command, Confirm, ConfirmStyle, RiskClass, SlotState, Transcript, UtteranceId};
use crate::confirm::belief;
use crate::understand::command::{self, Universal, UniversalMatch};
use crate::understand::intent::{self, Intent, IntentGuess};
use crate::understand::yes_no::{self, Answer};
use crate::understand::{Tokens, luhn, numbers};

/// How often the server may ask whether the number is right.
const CONFIRM_ATTEMPTS: u8 = 3;

/// First words of "no" to "is there anything else?".
const NO_MORE: &[&str] = &["no", "nope", "nah", "nothing"];

/// Last words of an answer to "is there anything else?" that mean that there is not.
const THAT_IS_ALL: &[&str] = &[
    "all good",
    "im done",
    "im fine",
    "im good",
    "no",
    "nothing else",
    "thank you",
    "thanks",
    "that is all",
    "that is it",
    "that was all",
    "thats all",
    "thats fine",
    "thats it",
];

/// First words of "yes" to "is there anything else?".
const MORE: &[&str] = &["yes", "yeah", "yep", "yup", "sure"];

impl OrderStatus {
    /// The caller's turn is over.
    pub(super) fn turn(&mut self, transcript: &Transcript) {
        let tokens = Tokens::from_transcript(transcript);
        let guess = intent::guess(&tokens);
        let found = command::universal(&tokens);
        self.note_understanding(&guess, found.as_ref());
        if let Some(found) = found {
            self.obey(found.command);
            return;
        }
        match self.state.clone() {
            State::Open => self.turn_open(&tokens, &guess, transcript.utterance),
            State::AskNumber => self.turn_number(&tokens, &guess, transcript.utterance),
            State::Anything => self.turn_anything(&tokens, &guess, transcript.utterance),
            State::OfferPerson { reason } => {
                self.turn_offer(&tokens, reason, transcript.utterance);
            }
            // The server confirms; only what it passes on concerns the flow.
            State::Confirming
            | State::LookingUp
            | State::New
            | State::HandingOver { .. }
            | State::WithAgent
            | State::Leaving
            | State::Over => {}
        }
    }

    fn turn_open(&mut self, tokens: &Tokens, guess: &IntentGuess, utterance: UtteranceId) {
        if self.take_number(tokens, utterance) {
            return;
        }
        match guess.intent {
            Some(Intent::OrderStatus) => {
                self.wants_status = true;
                self.reported = false;
                self.ask_number(Question::AskNumber);
            }
            Some(Intent::Agent) => self.hand_over("caller asked"),
            Some(Intent::AreYouHuman) => self.answer_what_am_i(),
            Some(Intent::OtherMatter) => {
                self.tell(Notice::OtherMatter);
                self.offer_person("another matter");
            }
            None => self.no_match("no intent strong enough"),
        }
    }

    fn turn_number(&mut self, tokens: &Tokens, guess: &IntentGuess, utterance: UtteranceId) {
        if self.take_number(tokens, utterance) {
            return;
        }
        let heard = numbers::digits(tokens).digits.len();
        if heard > 0 {
            self.no_match(&format!("{heard} digits of {ORDER_DIGITS}"));
            return;
        }
        let lost = yes_no::reply(tokens).is_some_and(|reply| reply.answer == Answer::DontKnow);
        match guess.intent {
            Some(Intent::AreYouHuman) => self.answer_what_am_i(),
            Some(Intent::OtherMatter) => {
                self.tell(Notice::OtherMatter);
                self.offer_person("another matter");
            }
            Some(Intent::OrderStatus | Intent::Agent) | None if lost => {
                self.offer_person("caller has no order number");
            }
            Some(Intent::OrderStatus | Intent::Agent) | None => self.no_match("no digits"),
        }
    }

    /// Here "no, that's fine" means no, which is why the yes-and-no reading is not used.
    fn turn_anything(&mut self, tokens: &Tokens, guess: &IntentGuess, utterance: UtteranceId) {
        let number = numbers::digits(tokens).fitted(ORDER_DIGITS).digits.len() == ORDER_DIGITS;
        let topic = number || guess.intent.is_some();
        let ends_with = |phrase: &&str| {
            let start = tokens.len().checked_sub(phrase.split(' ').count());
            start.is_some_and(|start| tokens.phrase_at(start, phrase) > 0)
        };
        let first = tokens.at(0);
        if !topic && MORE.contains(&first) {
            self.ask_open(Question::Open);
        } else if !topic && (NO_MORE.contains(&first) || THAT_IS_ALL.iter().any(ends_with)) {
            self.leave(Notice::Goodbye, "completed");
        } else {
            self.turn_open(tokens, guess, utterance);
        }
    }

    fn turn_offer(&mut self, tokens: &Tokens, reason: &'static str, utterance: UtteranceId) {
        match yes_no::reply(tokens) {
            Some(reply) if reply.is_clean_yes() => self.hand_over(reason),
            Some(reply) if reply.answer == Answer::No => {
                if !self.take_number(&reply.rest, utterance) {
                    self.ask_anything(Question::AnythingElse);
                }
            }
            Some(_) => self.no_match("neither yes nor no"),
            None if self.take_number(tokens, utterance) => {}
            None => self.no_match("neither yes nor no"),
        }
    }

    /// Commands that work in every state.
    fn obey(&mut self, command: Universal) {
        match self.state {
            State::HandingOver { .. } => {
                if matches!(
                    command,
                    Universal::Cancel | Universal::Stop | Universal::GoBack
                ) {
                    self.command(Command::HandoverCancel);
                }
                return;
            }
            State::New | State::WithAgent | State::Leaving | State::Over => return,
            State::Open
            | State::AskNumber
            | State::Confirming
            | State::LookingUp
            | State::Anything
            | State::OfferPerson { .. } => {}
        }
        match command {
            Universal::Agent => self.hand_over("caller asked"),
            Universal::Goodbye => self.leave(Notice::Goodbye, "completed"),
            Universal::Repeat => self.repeat(),
            Universal::Help if self.state == State::Confirming => {
                self.tell(Notice::HelpConfirm);
                self.confirm_order();
            }
            Universal::Help => {
                self.tell(Notice::Help);
                self.ask_again();
            }
            Universal::StartOver | Universal::GoBack => {
                self.order = None;
                if self.wants_status && self.state != State::AskNumber {
                    self.ask_number(Question::AskNumber);
                } else {
                    self.ask_open(Question::Open);
                }
            }
            Universal::Cancel | Universal::Stop => self.ask_anything(Question::AnythingElse),
        }
    }

    /// Says the last thing again, in other words.
    fn repeat(&mut self) {
        if self.state == State::Anything && self.found.is_some() {
            self.tell_status();
        }
        self.ask_again();
    }

    fn answer_what_am_i(&mut self) {
        self.tell(Notice::Automated);
        self.ask_again();
    }

    /// Takes an order number when the turn holds one.
    fn take_number(&mut self, tokens: &Tokens, utterance: UtteranceId) -> bool {
        let heard = numbers::digits(tokens).fitted(ORDER_DIGITS);
        if heard.digits.len() != ORDER_DIGITS {
            return false;
        }
        let valid = luhn::is_valid(&heard.digits);
        let belief = belief::spoken(heard.confidence, Some(valid));
        let check = if valid { "right" } else { "wrong" };
        self.note(
            "flow.order_ref.heard",
            format!(
                "words p {:.2}, check digit {check}, belief {belief:.2}",
                heard.confidence
            ),
        );
        self.wants_status = true;
        let (digits, state, utterance) = (heard.digits, SlotState::Heard, Some(utterance));
        self.order = Some(OrderSlot {
            digits,
            state,
            belief,
            utterance,
        });
        self.confirm_order();
        true
    }

    /// Has the server confirm the number as it was heard.
    pub(super) fn confirm_order(&mut self) {
        let Some(order) = self.order.clone() else {
            self.ask_number(Question::AskNumber);
            return;
        };
        self.enter(State::Confirming);
        let confirm = Confirm {
            slot: ORDER_REF.to_owned(),
            value: order.digits,
            class: RiskClass::W1,
            style: ConfirmStyle::Grouped,
            confidence: order.belief,
            utterance: order.utterance,
            expect: ORDER_NUMBER,
            max_attempts: CONFIRM_ATTEMPTS,
        };
        self.command_awaited(Awaited::Confirm, Command::Confirm(confirm));
    }

    /// Keys were collected.
    pub(super) fn keys(&mut self, keys: &str) {
        match self.state.clone() {
            State::New
            | State::HandingOver { .. }
            | State::WithAgent
            | State::Leaving
            | State::Over => return,
            State::OfferPerson { reason } if keys == "1" => return self.hand_over(reason),
            State::OfferPerson { .. } if keys == "2" => {
                return self.ask_anything(Question::AnythingElse);
            }
            State::Anything if keys == "1" => return self.ask_open(Question::Open),
            State::Anything if keys == "2" => return self.leave(Notice::Goodbye, "completed"),
            State::Open
            | State::AskNumber
            | State::Confirming
            | State::LookingUp
            | State::Anything
            | State::OfferPerson { .. } => {}
        }
        match keys {
            "0" => self.hand_over("caller pressed 0"),
            "9" => self.obey(Universal::Help),
            "*" => self.repeat(),
            _ if self.state == State::LookingUp => {}
            _ if keys.len() == ORDER_DIGITS && luhn::is_valid(keys) => self.take_keys(keys),
            _ if keys.len() == ORDER_DIGITS => {
                self.note(
                    "flow.keys.checksum",
                    "keyed number has a wrong check digit".to_owned(),
                );
                self.keys_wrong();
            }
            _ => self.no_match(&format!("{} keys", keys.chars().count())),
        }
    }

    /// A keyed number needs no confirmation: the keypad does not mishear.
    fn take_keys(&mut self, keys: &str) {
        self.wants_status = true;
        self.note(
            "flow.order_ref.keyed",
            format!("belief {:.3}", belief::KEYPAD),
        );
        self.order = Some(OrderSlot {
            digits: keys.to_owned(),
            state: SlotState::Confirmed,
            belief: belief::KEYPAD,
            utterance: None,
        });
        self.look_up(keys.to_owned());
    }

    fn note_understanding(&mut self, guess: &IntentGuess, found: Option<&UniversalMatch>) {
        let command = found.map_or_else(String::new, |found| {
            format!(
                "command {:?} by \"{}\" p {:.2}; ",
                found.command, found.phrase, found.p
            )
        });
        self.note("flow.understood", format!("{command}{}", guess.explain()));
    }
}
