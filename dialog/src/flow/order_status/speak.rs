//! How the flow says things: commands with their numbers, prompts with their variants, and the
//! question of each state with what is listened for after it.

use super::super::FlowOutput;
use super::super::prompts::{self, Notice, Question};
use super::{Awaited, GOAL, ORDER_DIGITS, OrderStatus, State};
use crate::api::{BargeIn, Command, CommandEnvelope, Expect, Keypad, Listen, PromptKind, Say};

/// Command ids start anew from each event's number times this, so that a flow that takes over a
/// resumed call never repeats an id of the one before it.
const IDS_PER_EVENT: u64 = 256;

/// The answer to "what is the order number?".
pub(super) const ORDER_NUMBER: Expect = Expect::Digits {
    count: ORDER_DIGITS as u8,
    luhn: true,
};

impl OrderStatus {
    pub(super) fn command(&mut self, command: Command) -> u64 {
        let from = self.seq.saturating_mul(IDS_PER_EVENT);
        self.command_id = self.command_id.max(from).saturating_add(1);
        let command_id = self.command_id;
        let envelope = CommandEnvelope {
            command_id,
            epoch: self.epoch,
            command,
        };
        self.out.push(FlowOutput::Command(envelope));
        command_id
    }

    /// Sends a command that the state depends on.
    pub(super) fn command_awaited(&mut self, awaited: Awaited, command: Command) {
        let id = self.command(command);
        self.awaited = Some((id, awaited));
    }

    pub(super) fn note(&mut self, rule: &str, detail: String) {
        self.command(Command::Note {
            rule: rule.to_owned(),
            detail,
        });
    }

    /// Reports what came of the call, once.
    pub(super) fn report(&mut self, success: bool) {
        if self.wants_status && !self.reported {
            self.reported = true;
            self.command(Command::ReportOutcome {
                goal: GOAL.to_owned(),
                success,
            });
        }
    }

    /// Tells the caller something.
    pub(super) fn tell(&mut self, notice: Notice) -> u64 {
        self.say(prompts::notices(notice), PromptKind::Information)
    }

    pub(super) fn tell_status(&mut self) {
        let id = self.tell(Notice::Found);
        self.status_said = Some((id, false));
    }

    pub(super) fn ask_open(&mut self, prompt: Question) {
        self.enter_unless(State::Open);
        self.ask(prompt);
    }

    pub(super) fn ask_number(&mut self, prompt: Question) {
        self.enter_unless(State::AskNumber);
        self.ask(prompt);
    }

    pub(super) fn ask_anything(&mut self, prompt: Question) {
        self.enter_unless(State::Anything);
        self.ask(prompt);
    }

    pub(super) fn offer_person(&mut self, reason: &'static str) {
        self.enter_unless(State::OfferPerson { reason });
        self.ask(Question::OfferPerson);
    }

    pub(super) fn leave(&mut self, notice: Notice, reason: &str) {
        self.report(false);
        self.enter(State::Leaving);
        self.tell(notice);
        self.command_awaited(
            Awaited::Hangup,
            Command::Hangup {
                reason: reason.to_owned(),
            },
        );
    }

    /// Puts a question and listens for what the present state expects.
    pub(super) fn ask(&mut self, prompt: Question) {
        self.say(prompts::questions(prompt), PromptKind::Question);
        self.command(Command::Listen(self.listen()));
    }

    /// Puts the present state's question in other words.
    pub(super) fn ask_again(&mut self) {
        match self.state {
            State::Open => self.ask(Question::Open),
            State::AskNumber => self.ask(Question::AskNumber),
            State::Confirming => self.confirm_order(),
            State::Anything => self.ask(Question::AnythingElse),
            State::OfferPerson { .. } => self.ask(Question::OfferPerson),
            State::New
            | State::LookingUp
            | State::HandingOver { .. }
            | State::WithAgent
            | State::Leaving
            | State::Over => {}
        }
    }

    fn say(&mut self, variants: &[&str], kind: PromptKind) -> u64 {
        let (item, status) = self
            .found
            .as_ref()
            .map(|facts| (facts.item.clone(), facts.status_line.clone()))
            .unwrap_or_default();
        let number = self.number_read_out();
        let filled = variants.iter().map(|variant| {
            let filled = variant
                .replace("{number}", &number)
                .replace("{item}", &item);
            filled.replace("{status}", &status)
        });
        let text = self.wording.choose(filled.collect());
        self.command(Command::Say(Say {
            text,
            kind,
            barge_in: BargeIn::Any,
        }))
    }

    fn listen(&self) -> Listen {
        let whole = Keypad {
            max: ORDER_DIGITS as u8,
            ..Keypad::default()
        };
        let (expect, keypad) = match self.state {
            State::AskNumber => (ORDER_NUMBER, whole),
            State::Open => (Expect::Free, whole),
            State::OfferPerson { .. } => (Expect::YesNo, Keypad::default()),
            State::Anything => (Expect::Free, whole),
            State::New
            | State::Confirming
            | State::LookingUp
            | State::HandingOver { .. }
            | State::WithAgent
            | State::Leaving
            | State::Over => (Expect::Free, Keypad::default()),
        };
        Listen {
            expect,
            no_input: None,
            keypad,
        }
    }

    /// Enters a state, and starts its ladders anew unless it is the present one.
    fn enter_unless(&mut self, state: State) {
        if self.state != state {
            self.enter(state);
        }
    }
}
