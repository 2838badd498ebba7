//! The flow "where is my order?" (F1): its states and what each event does to them.

mod handover;
mod ladder;
mod speak;
mod turn;

use super::prompts::{Notice, Question};
use super::{FlowOutput, OrderFacts, OrderLookup};
use crate::api::{
    CallEvent, Command, CommandCode, ConfirmOutcome, EventEnvelope, PROMISE_NOT_STORED, SlotState,
    Transcript,
};
use crate::confirm::wording::Wording;
use crate::understand::{grouping, luhn};
use std::time::Duration;

/// How many digits an order number has.
pub(super) const ORDER_DIGITS: usize = 8;
/// The slot's name.
const ORDER_REF: &str = "order_ref";
/// The goal's name.
const GOAL: &str = "order_status";
/// How many orders that cannot be found are looked up before a person is fetched.
const LOOKUPS: u8 = 2;
/// How often a handover that came too late for its epoch is asked for again.
const HANDOVER_RETRIES: u8 = 3;

/// The built-in brain of one call.
///
/// ```text
///  New ──started──▶ Open ──where is my order──▶ AskNumber ◀──────────────┐
///                    │ ▲                          │ │ eight keys         │ not found, once
///                    │ └─yes─ Anything ◀─found──┐ │ └─────────▶ LookingUp ┤
///                    │         │      ▲         │ ▼ spoken        ▲  │    │
///                    │       no│      │no       └─┼─ Confirming ──┘  │    │
///                    │         ▼      │           ▼ no number        │    │
///                    │      Leaving  OfferPerson ◀┴──────────────────┘ unavailable
///                    │                │ yes
///                    └─── agent ──────┴──▶ HandingOver ──bridged──▶ WithAgent
///  "agent", key 0 and "goodbye" work in every state from Open to OfferPerson.
///  HandingOver: overflow ▶ Leaving; cancelled ▶ Anything. WithAgent: agent left ▶ Anything.
/// ```
#[derive(Debug, Clone)]
pub struct OrderStatus {
    state: State,
    /// The last event's number; older events are ignored.
    seq: u64,
    /// The last event's epoch, carried by every command.
    epoch: u64,
    /// The last command's id.
    command_id: u64,
    /// The final transcript of the turn under way.
    heard: Option<Transcript>,
    order: Option<OrderSlot>,
    found: Option<OrderFacts>,
    /// Whether the caller asked where an order is.
    wants_status: bool,
    reported: bool,
    not_found: u8,
    silences: u8,
    misses: u8,
    /// Misses of the whole call.
    budget: u8,
    wording: Wording,
    /// The command that the state depends on, with what to do when it is refused.
    awaited: Option<(u64, Awaited)>,
    /// Whether the promise of the last handover could not be stored.
    not_promised: bool,
    /// The command that said where the order is, and whether it was dropped.
    status_said: Option<(u64, bool)>,
    /// Time to a human, or to the promise of one.
    deadline: Duration,
    /// How long one agent's phone rings.
    ring: Duration,
    out: Vec<FlowOutput>,
}

#[derive(Debug, Clone, PartialEq)]
enum State {
    /// The call is not answered yet.
    New,
    /// Asked how to help.
    Open,
    /// Asked for the order number.
    AskNumber,
    /// The server confirms the number.
    Confirming,
    /// The shell looks the order up.
    LookingUp,
    /// Asked whether there is anything else.
    Anything,
    /// Asked whether a person is wanted, and for what reason.
    OfferPerson { reason: &'static str },
    /// The server fetches a person and speaks to the caller meanwhile.
    HandingOver { reason: &'static str, retries: u8 },
    /// A person has the caller.
    WithAgent,
    /// The goodbye is said.
    Leaving,
    /// The call is over.
    Over,
}

/// A number as far as it is known.
#[derive(Debug, Clone, PartialEq)]
struct OrderSlot {
    digits: String,
    state: SlotState,
    belief: f32,
    utterance: Option<crate::api::UtteranceId>,
}

/// The commands whose refusal changes the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Confirm,
    Handover,
    Hangup,
}

impl Default for OrderStatus {
    fn default() -> Self {
        Self::new()
    }
}

impl OrderStatus {
    /// A flow that has heard of no call yet.
    pub fn new() -> Self {
        Self {
            state: State::New,
            seq: 0,
            epoch: 0,
            command_id: 0,
            heard: None,
            order: None,
            found: None,
            wants_status: false,
            reported: false,
            not_found: 0,
            silences: 0,
            misses: 0,
            budget: 0,
            wording: Wording::default(),
            awaited: None,
            not_promised: false,
            status_said: None,
            deadline: handover::DEADLINE,
            ring: handover::RING,
            out: Vec::new(),
        }
    }

    /// The same flow, whose handovers have a human or a promise after `deadline` and let one
    /// agent's phone ring for `ring`.
    #[must_use]
    pub fn handing_over_within(self, deadline: Duration, ring: Duration) -> Self {
        Self {
            deadline,
            ring,
            ..self
        }
    }

    /// Takes an event and gives what to do, in order. Events that come twice, late or out of place
    /// give nothing.
    pub fn handle(&mut self, envelope: &EventEnvelope) -> Vec<FlowOutput> {
        if envelope.seq <= self.seq || self.state == State::Over {
            return Vec::new();
        }
        self.seq = envelope.seq;
        self.epoch = envelope.epoch;
        match &envelope.event {
            CallEvent::Incoming { .. } if self.state == State::New => {
                self.command(Command::Accept);
            }
            CallEvent::Started { resumed, .. } => self.started(*resumed),
            CallEvent::Transcript(transcript) if transcript.is_final => {
                self.heard = Some(transcript.clone());
            }
            CallEvent::EndOfTurn { utterance, .. } => {
                let heard = self
                    .heard
                    .take()
                    .filter(|heard| heard.utterance == *utterance);
                match heard {
                    Some(transcript) => self.turn(&transcript),
                    None => self.no_match("the turn came without words"),
                }
            }
            CallEvent::NoInput { .. } => self.silence(),
            CallEvent::NoMatch { .. } => self.no_match("no words could be made of it"),
            CallEvent::DtmfCollected { digits } => self.keys(digits),
            CallEvent::ConfirmationResult {
                slot,
                value,
                outcome,
                confidence,
                ..
            } => {
                if slot == ORDER_REF {
                    self.confirmed(value, *outcome, *confidence);
                }
            }
            CallEvent::HandoverProgress { stage, .. } => self.handover_progress(*stage),
            CallEvent::CommandResult { command_id, code } => self.answered(*command_id, *code),
            CallEvent::Fault { code, fatal: false } => self.fault(code),
            CallEvent::Fault { fatal: true, .. } | CallEvent::Ended { .. } => {
                self.state = State::Over;
            }
            CallEvent::Incoming { .. }
            | CallEvent::Transcript(_)
            | CallEvent::SpeechStarted { .. }
            | CallEvent::SpeechStopped { .. }
            | CallEvent::Dtmf { .. }
            | CallEvent::PlaybackStarted { .. }
            | CallEvent::PlaybackFinished { .. }
            | CallEvent::BargeIn { .. } => {}
        }
        std::mem::take(&mut self.out)
    }

    /// Takes the answer to a look-up. An answer that nobody waits for any more gives a note.
    pub fn handle_order(&mut self, lookup: OrderLookup) -> Vec<FlowOutput> {
        if self.state != State::LookingUp {
            self.note("flow.lookup.late", "the call has moved on".to_owned());
            return std::mem::take(&mut self.out);
        }
        match lookup {
            OrderLookup::Found(facts) => self.order_found(facts),
            OrderLookup::NotFound => self.order_not_found(),
            OrderLookup::Unavailable => {
                self.note(
                    "flow.lookup.unavailable",
                    "the orders did not answer".to_owned(),
                );
                self.tell(Notice::Unavailable);
                self.offer_person("orders unavailable");
            }
        }
        std::mem::take(&mut self.out)
    }

    fn started(&mut self, resumed: bool) {
        match (&self.state, resumed) {
            (State::New, false) => {
                self.tell(Notice::Greeting);
                self.ask_open(Question::Open);
            }
            (State::New, true) => {
                self.note(
                    "flow.resumed",
                    "nothing is known of the call so far".to_owned(),
                );
                self.tell(Notice::Resumed);
                self.ask_open(Question::Open);
            }
            (_, true) => {
                self.tell(Notice::Resumed);
                self.ask_again();
            }
            (_, false) => {}
        }
    }

    fn confirmed(&mut self, value: &str, outcome: ConfirmOutcome, belief: f32) {
        if self.state != State::Confirming {
            self.note("flow.confirmation.late", "the call has moved on".to_owned());
            return;
        }
        let whole = value.len() == ORDER_DIGITS && luhn::is_valid(value);
        let settled = matches!(
            outcome,
            ConfirmOutcome::Confirmed | ConfirmOutcome::Corrected
        );
        let state = match outcome {
            ConfirmOutcome::Confirmed | ConfirmOutcome::Corrected if whole => SlotState::Confirmed,
            ConfirmOutcome::Denied => SlotState::Rejected,
            ConfirmOutcome::Confirmed | ConfirmOutcome::Corrected | ConfirmOutcome::Exhausted => {
                SlotState::Heard
            }
        };
        let digits = value.to_owned();
        self.order = Some(OrderSlot {
            digits,
            state,
            belief,
            utterance: None,
        });
        self.note(
            "flow.order_ref.settled",
            format!("{outcome:?}, belief {belief:.2}"),
        );
        if settled && whole {
            self.look_up(value.to_owned());
        } else {
            self.tell(Notice::NoNumber);
            self.offer_person("order number not understood");
        }
    }

    fn look_up(&mut self, digits: String) {
        self.enter(State::LookingUp);
        self.tell(Notice::LookingUp);
        self.out.push(FlowOutput::FindOrder { digits });
    }

    fn order_found(&mut self, facts: OrderFacts) {
        self.note("flow.lookup.found", "there is such an order".to_owned());
        self.found = Some(facts);
        self.not_found = 0;
        self.tell_status();
        self.report(true);
        self.ask_anything(Question::AnythingElse);
    }

    fn order_not_found(&mut self) {
        self.not_found += 1;
        self.note(
            "flow.lookup.not_found",
            format!("{} in a row", self.not_found),
        );
        if self.not_found >= LOOKUPS {
            self.tell(Notice::NotFoundAgain);
            self.hand_over("order not found");
            return;
        }
        if let Some(order) = &mut self.order {
            order.state = SlotState::Rejected;
        }
        self.tell(Notice::NotFound);
        self.ask_number(Question::AskNumber);
    }

    /// A command was answered; only a refusal of one that the state depends on matters.
    fn answered(&mut self, command_id: u64, code: CommandCode) {
        if code == CommandCode::Ok {
            return;
        }
        if let Some((said, dropped)) = &mut self.status_said
            && *said == command_id
        {
            *dropped = true;
        }
        let Some((_, awaited)) = self.awaited.filter(|(awaited, _)| *awaited == command_id) else {
            return;
        };
        self.awaited = None;
        self.note("flow.command.refused", format!("{awaited:?}: {code:?}"));
        match (awaited, self.state.clone()) {
            // The caller went on speaking: what comes now is understood as a number.
            (Awaited::Confirm, State::Confirming) if code == CommandCode::Stale => {
                self.enter(State::AskNumber);
            }
            (Awaited::Confirm, State::Confirming) => self.offer_person("number not confirmed"),
            (Awaited::Handover, State::HandingOver { reason, retries }) => {
                self.handover_refused(reason, retries, code);
            }
            // The caller spoke into the goodbye.
            (Awaited::Hangup, State::Leaving) => self.enter(State::Anything),
            (Awaited::Confirm | Awaited::Handover | Awaited::Hangup, _) => {}
        }
    }

    fn fault(&mut self, code: &str) {
        self.note("flow.fault", code.to_owned());
        self.not_promised |= code == PROMISE_NOT_STORED;
        let deaf = code.starts_with("asr");
        if deaf && self.state == State::AskNumber {
            self.ask_number(Question::NumberDetail);
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.silences = 0;
        self.misses = 0;
    }

    /// The order number as it is read out, for prompts.
    fn number_read_out(&self) -> String {
        self.order
            .as_ref()
            .map(|order| grouping::spoken(&order.digits))
            .unwrap_or_default()
    }
}
