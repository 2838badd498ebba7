//! What a spoken answer does to a confirmation, state by state.

use super::super::belief;
use super::super::step::Step;
use super::{Confirmation, FAILURES_TO_KEYPAD, State, reason};
use crate::api::{ConfirmOutcome, Transcript};
use crate::understand::Tokens;
use crate::understand::command::{self, Universal};
use crate::understand::correction::{self, Correction, How};
use crate::understand::place::Place;
use crate::understand::yes_no::{self, Answer, Reply};

impl Confirmation {
    pub(super) fn answer(&mut self, transcript: &Transcript) -> Vec<Step> {
        self.silences = 0;
        let tokens = Tokens::from_transcript(transcript);
        if let Some(found) = command::universal(&tokens) {
            let detail = format!(
                "{:?} by \"{}\" p {:.2}",
                found.command, found.phrase, found.p
            );
            return match found.command {
                Universal::Repeat => self.ask("", "", reason("confirm.repeat", detail)),
                Universal::Agent
                | Universal::Help
                | Universal::StartOver
                | Universal::GoBack
                | Universal::Cancel
                | Universal::Stop
                | Universal::Goodbye => self.pass(detail),
            };
        }
        match self.state.clone() {
            State::Asking => self.answer_asking(&tokens),
            State::WhichPart => self.answer_which_part(&tokens),
            State::PlaceDigits(place) => self.answer_place(&tokens, &place),
            State::Collect | State::Keypad => self.answer_whole(&tokens),
            State::Done => Vec::new(),
        }
    }

    /// "Is that right?" was asked.
    fn answer_asking(&mut self, tokens: &Tokens) -> Vec<Step> {
        let reply = yes_no::reply(tokens);
        let said_no = reply
            .as_ref()
            .is_some_and(|reply| reply.answer == Answer::No);
        let yes = reply.as_ref().filter(|reply| reply.is_clean_yes());
        match self.correction(tokens, reply.as_ref()) {
            Some(Correction::Value { digits, p, .. }) if digits == self.value => {
                if said_no {
                    self.deny();
                    let detail = "no, and then the same value".to_owned();
                    return self.ask_anew(reason("confirm.contradiction", detail));
                }
                let p = yes.map_or(p, |yes| yes.p.min(p));
                self.yes(p, "the same value said again")
            }
            Some(correction) => match yes.filter(|_| agrees(&correction)) {
                Some(yes) => self.yes(yes.p, &yes.phrase),
                None => self.correct(correction),
            },
            None => self.answer_without_value(reply.as_ref()),
        }
    }

    fn answer_without_value(&mut self, reply: Option<&Reply>) -> Vec<Step> {
        match reply {
            Some(reply) if reply.is_clean_yes() => self.yes(reply.p, &reply.phrase),
            Some(reply) if reply.answer == Answer::No => self.no(reply),
            Some(reply) => {
                let detail = format!("{:?} by \"{}\"", reply.answer, reply.phrase);
                self.miss("confirm.unclear", detail)
            }
            None => self.miss("confirm.unclear", "neither yes nor no".to_owned()),
        }
    }

    /// "Which part is wrong?" was asked.
    fn answer_which_part(&mut self, tokens: &Tokens) -> Vec<Step> {
        let all = ["both", "all of it", "everything", "the whole", "all"];
        if all.iter().any(|all| tokens.find(all).is_some()) {
            return self.collect(reason(
                "confirm.all_parts_wrong",
                "named all parts".to_owned(),
            ));
        }
        match correction::correct(tokens, self.current()) {
            Some(Correction::Which { heard, .. }) => self.miss(
                "confirm.place_unknown",
                format!("{heard} fits no single place"),
            ),
            Some(correction) => self.correct(correction),
            None => self.no_value(tokens),
        }
    }

    /// "What is the second part?" was asked.
    pub(super) fn answer_place(&mut self, tokens: &Tokens, place: &Place) -> Vec<Step> {
        match correction::correct_at(tokens, place, self.current()) {
            Some(Correction::Misfit { heard, place }) => {
                let wanted = place.digits.len();
                let detail = format!("{heard} for the {}, which has {wanted} digits", place.name);
                self.miss("confirm.misfit", detail)
            }
            Some(correction) => self.correct(correction),
            None => self.no_value(tokens),
        }
    }

    /// The whole value was asked for.
    fn answer_whole(&mut self, tokens: &Tokens) -> Vec<Step> {
        if self.count() == 0 {
            let said = tokens.text();
            if said.is_empty() {
                return self.miss("confirm.no_match", "nothing said".to_owned());
            }
            return self.replace(said, tokens.weakest(0..tokens.len()), "said again");
        }
        match correction::correct(tokens, self.current()) {
            Some(correction @ Correction::Value { .. }) => self.correct(correction),
            Some(Correction::Misfit { heard, .. } | Correction::Which { heard, .. }) => {
                let detail = format!("{} digits of {}", heard.len(), self.count());
                self.miss("confirm.wrong_length", detail)
            }
            Some(Correction::Named(_)) | None => self.no_value(tokens),
        }
    }

    /// The caller was asked for digits and gave none.
    fn no_value(&mut self, tokens: &Tokens) -> Vec<Step> {
        match yes_no::reply(tokens) {
            Some(reply) if reply.answer == Answer::DontKnow => self.finish(
                ConfirmOutcome::Denied,
                reason(
                    "confirm.denied",
                    format!("\"{}\"; gave no other value", reply.phrase),
                ),
            ),
            Some(_) | None => self.miss("confirm.no_value", "no digits in the answer".to_owned()),
        }
    }

    fn correction(&self, tokens: &Tokens, reply: Option<&Reply>) -> Option<Correction> {
        if self.count() > 0 {
            return correction::correct(tokens, self.current());
        }
        let reply = reply.filter(|reply| reply.answer == Answer::No && !reply.rest.is_empty())?;
        let p = reply.rest.weakest(0..reply.rest.len());
        Some(Correction::Value {
            digits: reply.rest.text(),
            p,
            how: How::Whole,
        })
    }

    pub(super) fn yes(&mut self, p: f32, phrase: &str) -> Vec<Step> {
        let judged = belief::judge_yes(self.request.class, self.belief, p);
        let detail = format!("\"{phrase}\": {}", judged.detail);
        if !judged.settles {
            return self.miss("confirm.yes_not_sure", detail);
        }
        if self.checksum() == Some(false) {
            // The caller may read a wrong number off a paper: no yes makes it an order number.
            self.deny();
            return self.fail_to_keypad(reason("confirm.yes_but_checksum", detail));
        }
        self.belief = judged.belief.max(self.belief.min(belief::SPOKEN_CAP));
        self.settle(reason("confirm.explicit_yes", detail))
    }

    /// "No", and nothing else.
    pub(super) fn no(&mut self, reply: &Reply) -> Vec<Step> {
        self.deny();
        let detail = format!(
            "\"{}\" p {:.2}, {} denied",
            reply.phrase, reply.p, self.denials
        );
        let why = reason("confirm.denied_without_value", detail);
        if self.denials >= FAILURES_TO_KEYPAD {
            return self.fail_to_keypad(why);
        }
        if self.parts() < 2 {
            return self.collect(why);
        }
        self.state = State::WhichPart;
        self.ask("Sorry.", "", why)
    }

    fn correct(&mut self, correction: Correction) -> Vec<Step> {
        match correction {
            Correction::Value { digits, p, how } => {
                let how = match how {
                    How::Whole => "whole value".to_owned(),
                    How::Place(place) => format!("by place: {}", place.name),
                    How::Swap => "by contrast".to_owned(),
                    How::Checksum => "by check digit".to_owned(),
                };
                self.replace(digits, p, &how)
            }
            Correction::Named(place) => {
                let why = reason("confirm.place_named", format!("the {}", place.name));
                self.state = State::PlaceDigits(place);
                self.ask("", "", why)
            }
            Correction::Misfit { place, heard } => {
                let wanted = place.digits.len();
                let detail = format!("{heard} for the {}, which has {wanted} digits", place.name);
                self.state = State::PlaceDigits(place);
                self.ask("Sorry.", "", reason("confirm.misfit", detail))
            }
            Correction::Which { heard, candidates } => {
                let detail = format!("{heard} could make {} values", candidates.len());
                let why = reason("confirm.which_part", detail);
                if self.parts() < 2 {
                    return self.collect(why);
                }
                self.state = State::WhichPart;
                self.ask("", "", why)
            }
        }
    }

    /// Puts a spoken value in the old one's place and reads it back.
    fn replace(&mut self, value: String, p: f32, how: &str) -> Vec<Step> {
        let known = self.rejected.contains(&value);
        if known || (value == self.value && self.denials > 0) {
            self.deny();
            let detail = format!("{how}: a value already denied");
            return self.ask_anew(reason("confirm.rejected_value_again", detail));
        }
        if value != self.value {
            self.reject();
        }
        self.value = value;
        self.belief = belief::spoken(p, self.checksum());
        self.misses = 0;
        let checksum = match self.checksum() {
            Some(true) => "check digit right",
            Some(false) => "check digit wrong",
            None => "no check digit",
        };
        let detail = format!(
            "{how}, words p {p:.2}, {checksum}, belief {:.2}",
            self.belief
        );
        self.read_back("Thank you.", reason("confirm.corrected", detail))
    }
}

/// Whether words besides a clean yes leave it one: "yes, that one", "yes, the second part is right".
fn agrees(correction: &Correction) -> bool {
    match correction {
        Correction::Named(_) => true,
        Correction::Which { heard, .. } => heard == "1",
        Correction::Value { .. } | Correction::Misfit { .. } => false,
    }
}
