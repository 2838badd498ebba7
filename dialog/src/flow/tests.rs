//! Whole conversations with a small scripted server: it runs confirmations as the real one does.

use super::prompts::{Notice, notices};
use super::{FlowOutput, OrderFacts, OrderLookup, OrderStatus};
use crate::api::{
    CallEvent, Command, CommandCode, ConfirmOutcome, EndOfTurnReason, EventEnvelope, HandoverId,
    HandoverStage, Initiator, Transcript, UtteranceId,
};
use crate::confirm::{Confirmation, Input, Step};
use proptest::prelude::*;
use std::time::Duration;

/// A server with a caller, one shop and no clock.
struct Server {
    flow: OrderStatus,
    shop: OrderLookup,
    seq: u64,
    epoch: u64,
    utterance: u64,
    confirming: Option<Confirmation>,
    log: Vec<String>,
    commands: Vec<crate::api::CommandEnvelope>,
}

impl Server {
    fn new() -> Self {
        let facts = OrderFacts {
            order_ref: "44127769".to_owned(),
            item: "grey harbour lamp".to_owned(),
            status_line: "is with the driver and arrives today by six".to_owned(),
        };
        Self {
            flow: OrderStatus::new(),
            shop: OrderLookup::Found(facts),
            seq: 0,
            epoch: 0,
            utterance: 0,
            confirming: None,
            log: Vec::new(),
            commands: Vec::new(),
        }
    }

    /// A call that has been greeted.
    fn answered() -> Self {
        let mut server = Self::new();
        server.tell(CallEvent::Incoming {
            from: String::new(),
            to: "shop".to_owned(),
        });
        server.tell(CallEvent::Started {
            codec: "PCMU".to_owned(),
            resumed: false,
        });
        server
    }

    fn tell(&mut self, event: CallEvent) {
        self.seq += 1;
        let (seq, epoch) = (self.seq, self.epoch);
        let envelope = EventEnvelope {
            seq,
            epoch,
            media_time: Duration::ZERO,
            event,
        };
        let outputs = self.flow.handle(&envelope);
        self.carry_out(outputs);
    }

    fn carry_out(&mut self, outputs: Vec<FlowOutput>) {
        for output in outputs {
            match output {
                FlowOutput::Command(envelope) => {
                    self.commands.push(envelope.clone());
                    self.log_command(&envelope.command);
                    if let Command::Confirm(confirm) = envelope.command {
                        let (confirmation, steps) = Confirmation::start(confirm);
                        self.confirming = Some(confirmation);
                        self.walk(steps, None);
                    }
                }
                FlowOutput::FindOrder { digits } => {
                    self.log.push(format!("find {digits}"));
                    let found = self.look_up(&digits);
                    let outputs = self.flow.handle_order(found);
                    self.carry_out(outputs);
                }
            }
        }
    }

    fn look_up(&self, digits: &str) -> OrderLookup {
        match &self.shop {
            OrderLookup::Found(facts) if facts.order_ref != digits => OrderLookup::NotFound,
            OrderLookup::Found(_) | OrderLookup::NotFound | OrderLookup::Unavailable => {
                self.shop.clone()
            }
        }
    }

    fn log_command(&mut self, command: &Command) {
        let line = match command {
            Command::Say(say) => say.text.clone(),
            Command::Confirm(confirm) => format!("confirm {}", confirm.value),
            Command::Handover(handover) => {
                let context = &handover.context;
                let slots = context
                    .slots
                    .iter()
                    .map(|slot| format!("{} {:?}", slot.value, slot.state));
                let slots: Vec<String> = slots.collect();
                format!(
                    "handover: {}, {}, {slots:?}",
                    context.intent, context.reason
                )
            }
            Command::ReportOutcome { goal, success } => format!("outcome {goal} {success}"),
            Command::Hangup { reason } => format!("hang up: {reason}"),
            Command::Accept => "accept".to_owned(),
            Command::HandoverCancel => "cancel the handover".to_owned(),
            Command::Listen(_) | Command::Note { .. } => return,
            Command::Reject { .. } | Command::ClearPlayback => "unexpected".to_owned(),
        };
        self.log.push(line);
    }

    fn walk(&mut self, steps: Vec<Step>, mut passed: Option<CallEvent>) {
        for step in steps {
            match step {
                Step::Reason { .. } => {}
                Step::Ask { say, .. } => self.log.push(say.text),
                Step::Result(verdict) => {
                    self.confirming = None;
                    self.tell(verdict.into());
                }
                Step::Pass => {
                    self.confirming = None;
                    if let Some(event) = passed.take() {
                        self.tell(event);
                    }
                }
            }
        }
    }

    /// The caller says something; gives what was said and done since.
    fn hear(&mut self, text: &str) -> Vec<String> {
        self.utterance += 1;
        let utterance = UtteranceId(self.utterance);
        let transcript = Transcript {
            utterance,
            revision: 1,
            is_final: true,
            text: text.to_owned(),
            confidence: 0.9,
            words: Vec::new(),
            no_speech: 0.0,
        };
        self.tell(CallEvent::Transcript(transcript.clone()));
        let reason = EndOfTurnReason::Complete;
        let event = CallEvent::EndOfTurn {
            utterance,
            reason,
            silence: Duration::from_millis(300),
        };
        match &mut self.confirming {
            Some(confirmation) => {
                let steps = confirmation.handle(Input::Answer(&transcript));
                self.walk(steps, Some(event));
            }
            None => self.tell(event),
        }
        self.since()
    }

    fn key(&mut self, keys: &str) -> Vec<String> {
        let event = CallEvent::DtmfCollected {
            digits: keys.to_owned(),
        };
        match &mut self.confirming {
            Some(confirmation) => {
                let steps = confirmation.handle(Input::Keys(keys));
                self.walk(steps, Some(event));
            }
            None => self.tell(event),
        }
        self.since()
    }

    fn silence(&mut self) -> Vec<String> {
        self.tell(CallEvent::NoInput { count: 1 });
        self.since()
    }

    fn stage(&mut self, stage: HandoverStage) -> Vec<String> {
        let handover = HandoverId(1);
        let elapsed = Duration::from_secs(5);
        self.tell(CallEvent::HandoverProgress {
            handover,
            stage,
            elapsed,
            sip_code: None,
        });
        self.since()
    }

    /// The last command of a kind was answered.
    fn answer(&mut self, kind: fn(&Command) -> bool, code: CommandCode) -> Vec<String> {
        let last = self
            .commands
            .iter()
            .rev()
            .find(|envelope| kind(&envelope.command));
        let command_id = last.expect("there was one").command_id;
        self.tell(CallEvent::CommandResult { command_id, code });
        self.since()
    }

    fn since(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }
}

#[test]
fn the_demonstration_call_goes_through() {
    let mut call = Server::answered();
    assert_eq!(
        call.since(),
        [
            "accept",
            "Hello, this is the automated assistant of Harbour Goods.",
            "How can I help?"
        ]
    );
    assert_eq!(
        call.hear("where is my order"),
        ["What is your order number? It has eight digits."]
    );
    assert_eq!(
        call.hear("four four one two seven five six nine"),
        ["confirm 44127569", "4 4 1 2, 7 5 6 9. Is that right?"]
    );
    assert_eq!(
        call.hear("no the second part is seven seven six nine"),
        ["Thank you. 4 4 1 2, 7 7 6 9. Is that right?"]
    );
    assert_eq!(
        call.hear("yes"),
        [
            "Thank you. One moment.",
            "find 44127769",
            "Your grey harbour lamp is with the driver and arrives today by six.",
            "outcome order_status true",
            "Is there anything else?",
        ]
    );
    let slots = r#"["44127769 Confirmed", "grey harbour lamp Confirmed"]"#;
    assert_eq!(
        call.hear("i want to speak to a person"),
        [format!("handover: order status, caller asked, {slots}")]
    );
    assert!(call.stage(HandoverStage::Ringing).is_empty());
    assert!(call.stage(HandoverStage::Bridged).is_empty());
    assert_eq!(
        call.stage(HandoverStage::AgentLeft),
        [
            "You are back with the automated assistant.",
            "Can I do anything else for you?"
        ]
    );
    assert_eq!(
        call.hear("no thanks"),
        [
            "Thank you for calling Harbour Goods. Goodbye.",
            "hang up: completed"
        ]
    );
}

#[test]
fn the_greeting_says_what_is_speaking_and_is_short() {
    let greeting = notices(Notice::Greeting)[0];
    assert!(greeting.contains("automated"));
    // Four seconds at a calm 2.5 words a second.
    assert!(greeting.split_whitespace().count() <= 10);
}

#[test]
fn a_number_said_at_once_needs_no_question() {
    let mut call = Server::answered();
    call.since();
    assert_eq!(
        call.hear("hi where's my lamp it's four four one two, double seven six nine"),
        ["confirm 44127769", "4 4 1 2, 7 7 6 9. Is that right?"]
    );
    assert_eq!(call.hear("that's right")[1], "find 44127769");
}

#[test]
fn a_keyed_number_is_not_confirmed() {
    let mut call = Server::answered();
    call.hear("where is my order");
    assert_eq!(
        call.key("44127569"),
        ["That number does not add up. Please key in all eight digits again."]
    );
    assert_eq!(call.key("44127769")[1], "find 44127769");
}

#[test]
fn an_order_that_is_not_there_is_asked_for_once_more_and_then_a_person_comes() {
    let mut call = Server::answered();
    call.shop = OrderLookup::NotFound;
    call.hear("where is my order");
    assert_eq!(
        call.key("44127769"),
        [
            "Thank you. One moment.",
            "find 44127769",
            "I cannot find order 4 4 1 2, 7 7 6 9.",
            "Please tell me the eight digits of your order number.",
        ]
    );
    assert_eq!(
        call.key("44127769")[2..],
        [
            "I still cannot find that order. I will get you a person.".to_owned(),
            "outcome order_status false".to_owned(),
            r#"handover: order status, order not found, ["44127769 Confirmed"]"#.to_owned(),
        ]
    );
}

#[test]
fn orders_out_of_reach_are_not_made_up() {
    let mut call = Server::answered();
    call.shop = OrderLookup::Unavailable;
    call.hear("where is my order");
    assert_eq!(
        call.key("44127769")[2..],
        [
            "I cannot look at our orders at the moment.",
            "Shall I connect you to a person?"
        ]
    );
    assert_eq!(
        call.hear("yes please")[1],
        r#"handover: order status, orders unavailable, ["44127769 Confirmed"]"#
    );
}

#[test]
fn a_person_can_be_had_from_every_state() {
    let asks: [&[&str]; 5] = [
        &[],
        &["where is my order"],
        &["where is my order", "four four one two seven five six nine"],
        &[
            "where is my order",
            "four four one two seven seven six nine",
            "yes",
        ],
        &["I want to send it back"],
    ];
    for before in asks {
        for by_key in [true, false] {
            let mut call = Server::answered();
            for text in before {
                call.hear(text);
            }
            let done = if by_key {
                call.key("0")
            } else {
                call.hear("agent please")
            };
            let last = done.last().expect("something was done");
            assert!(last.starts_with("handover: "), "{before:?}: {done:?}");
        }
    }
}

#[test]
fn a_number_that_was_not_confirmed_goes_to_the_person_as_heard() {
    let mut call = Server::answered();
    call.hear("four four one two seven five six nine");
    let done = call.hear("agent");
    assert_eq!(
        done.last().map(String::as_str),
        Some(r#"handover: order status, caller asked, ["44127569 Heard"]"#)
    );
}

#[test]
fn misunderstandings_lead_to_an_example_then_to_a_person() {
    let mut call = Server::answered();
    call.hear("where is my order");
    let mut all = Vec::new();
    for text in ["it is a lamp", "a grey one", "from last week", "yes"] {
        all.extend(call.hear(text));
    }
    let expected = [
        "Sorry, I need all eight digits. What is the order number?",
        "The order number stands in your confirmation. Say its eight digits one by one, or key \
         them in.",
        "Shall I connect you to a person?",
        "outcome order_status false",
        "handover: order status, not understood, []",
    ];
    assert_eq!(all, expected);
}

#[test]
fn silence_leads_to_an_offer_and_then_to_the_end() {
    let mut call = Server::answered();
    call.since();
    let mut all = Vec::new();
    for _ in 0..4 {
        all.extend(call.silence());
    }
    let expected = [
        "What can I do for you?",
        "You can say, for example: where is my order. Or press 0 for a person.",
        "Are you still there? Shall I connect you to a person?",
        "Thank you for calling Harbour Goods. Goodbye.",
        "hang up: caller_silent",
    ];
    assert_eq!(all, expected);
}

#[test]
fn silence_with_an_open_task_gets_a_person() {
    let mut call = Server::answered();
    call.hear("where is my order");
    for _ in 0..3 {
        call.silence();
    }
    assert_eq!(
        call.silence()[1],
        "handover: order status, caller silent, []"
    );
}

#[test]
fn what_the_bot_cannot_do_it_says_and_offers_a_person() {
    let mut call = Server::answered();
    call.since();
    assert_eq!(
        call.hear("my card keeps getting declined"),
        [
            "I can look orders up, but not more than that.",
            "Shall I connect you to a person?"
        ]
    );
    assert_eq!(call.hear("no"), ["Is there anything else?"]);
    assert_eq!(
        call.hear("are you a robot"),
        [
            "I am an automated assistant, not a person.",
            "Can I do anything else for you?"
        ]
    );
    assert_eq!(call.hear("no that's fine")[1], "hang up: completed");
}

#[test]
fn a_promised_callback_ends_the_call_politely() {
    let mut call = Server::answered();
    call.hear("agent");
    assert!(call.hear("hello are you there").is_empty());
    assert!(call.silence().is_empty());
    assert_eq!(
        call.stage(HandoverStage::Overflow),
        ["Thank you for your patience. Goodbye.", "hang up: promised"]
    );
}

#[test]
fn a_caller_can_give_up_waiting_for_a_person() {
    let mut call = Server::answered();
    call.hear("agent");
    assert_eq!(call.hear("never mind"), ["cancel the handover"]);
    assert_eq!(
        call.stage(HandoverStage::Cancelled),
        ["All right, I am with you again.", "Is there anything else?"]
    );
}

#[test]
fn a_handover_that_came_too_late_is_asked_for_again_in_the_new_epoch() {
    let mut call = Server::answered();
    call.hear("agent");
    call.epoch = 7;
    let again = call.answer(
        |command| matches!(command, Command::Handover(_)),
        CommandCode::Stale,
    );
    assert_eq!(again, ["handover: unknown, caller asked, []"]);
    assert_eq!(call.commands.last().map(|envelope| envelope.epoch), Some(7));
}

#[test]
fn a_status_that_the_caller_talked_over_is_said_again() {
    let mut call = Server::answered();
    call.hear("where is my order");
    call.key("44127769");
    let says =
        |command: &Command| matches!(command, Command::Say(say) if say.text.contains("lamp"));
    assert!(call.answer(says, CommandCode::Stale).is_empty());
    assert_eq!(
        call.hear("hello hello"),
        [
            "I found it: your grey harbour lamp is with the driver and arrives today by six.",
            "Can I do anything else for you?",
        ]
    );
}

#[test]
fn a_resumed_session_goes_on_with_new_command_ids() {
    let mut call = Server::answered();
    call.hear("where is my order");
    let last = call.commands.last().map(|envelope| envelope.command_id);
    call.flow = OrderStatus::new();
    call.commands.clear();
    call.tell(CallEvent::Started {
        codec: "PCMU".to_owned(),
        resumed: true,
    });
    assert_eq!(call.since(), ["Sorry for the pause.", "How can I help?"]);
    assert!(call.commands.first().map(|envelope| envelope.command_id) > last);
}

#[test]
fn every_understanding_is_noted_with_what_decided() {
    let mut call = Server::answered();
    call.hear("where is my order");
    let noted = call.commands.iter().any(|envelope| {
        matches!(&envelope.command, Command::Note { rule, detail }
            if rule == "flow.understood" && detail.contains("[where is my order"))
    });
    assert!(noted);
}

fn any_words() -> impl Strategy<Value = CallEvent> {
    let text = prop::sample::select(vec![
        "where is my order",
        "four four one two seven seven six nine",
        "yes",
        "no",
        "agent",
        "goodbye",
        "help",
        "repeat that",
        "start over",
        "cancel",
        "nonsense",
        "",
        "i don't know",
    ]);
    text.prop_map(|text| {
        CallEvent::Transcript(Transcript {
            utterance: UtteranceId(1),
            revision: 1,
            is_final: true,
            text: text.to_owned(),
            confidence: 0.9,
            words: Vec::new(),
            no_speech: 0.0,
        })
    })
}

fn any_event() -> impl Strategy<Value = CallEvent> {
    let outcome = prop::sample::select(vec![
        ConfirmOutcome::Confirmed,
        ConfirmOutcome::Denied,
        ConfirmOutcome::Exhausted,
    ]);
    let stage = prop::sample::select(vec![
        HandoverStage::Bridged,
        HandoverStage::Overflow,
        HandoverStage::Cancelled,
        HandoverStage::AgentLeft,
        HandoverStage::Declined,
    ]);
    let code = prop::sample::select(vec![
        CommandCode::Stale,
        CommandCode::NotNow,
        CommandCode::Ok,
    ]);
    let words = any_words();
    prop_oneof![
        4 => words,
        4 => Just(CallEvent::EndOfTurn {
            utterance: UtteranceId(1),
            reason: EndOfTurnReason::Complete,
            silence: Duration::ZERO,
        }),
        1 => Just(CallEvent::NoInput { count: 1 }),
        1 => Just(CallEvent::NoMatch { count: 1 }),
        1 => "[0-9*#]{0,9}".prop_map(|digits| CallEvent::DtmfCollected { digits }),
        1 => any::<bool>().prop_map(|resumed| CallEvent::Started {
            codec: "PCMU".to_owned(),
            resumed,
        }),
        1 => ("[0-9]{0,9}", outcome).prop_map(|(value, outcome)| CallEvent::ConfirmationResult {
            slot: "order_ref".to_owned(),
            value,
            outcome,
            attempts: 1,
            confidence: 0.9,
            evidence: String::new(),
        }),
        1 => stage.prop_map(|stage| CallEvent::HandoverProgress {
            handover: HandoverId(1),
            stage,
            elapsed: Duration::ZERO,
            sip_code: None,
        }),
        2 => (0_u64..20_000, code)
            .prop_map(|(command_id, code)| CallEvent::CommandResult { command_id, code }),
        1 => Just(CallEvent::Fault { code: "asr_failed".to_owned(), fatal: false }),
    ]
}

proptest! {
    #[test]
    fn events_in_any_order_give_fresh_words_and_growing_ids(
        events in prop::collection::vec((any_event(), 0_u64..3), 0..60),
    ) {
        let mut flow = OrderStatus::new();
        let mut last_id = 0;
        let mut last_question = String::new();
        for (seq, (event, epoch)) in (1_u64..).zip(events) {
            let envelope = EventEnvelope { seq, epoch, media_time: Duration::ZERO, event };
            let outputs = flow.handle(&envelope);
            prop_assert!(flow.handle(&envelope).is_empty(), "an event counts once");
            for output in outputs {
                let FlowOutput::Command(command) = output else { continue };
                prop_assert!(command.command_id > last_id);
                last_id = command.command_id;
                prop_assert_eq!(command.epoch, epoch);
                if let Command::Say(say) = command.command {
                    let filled = !say.text.is_empty() && !say.text.contains('{');
                    prop_assert!(filled);
                    prop_assert!(say.text != last_question, "{}", say.text);
                    last_question = say.text;
                }
            }
        }
    }
}

#[test]
fn nothing_is_said_after_the_end_and_a_late_order_is_only_noted() {
    let mut call = Server::answered();
    call.since();
    let initiator = Initiator::Caller;
    call.tell(CallEvent::Ended {
        initiator,
        reason: "hung_up".to_owned(),
    });
    assert!(call.hear("where is my order").is_empty());
    let late = call.flow.handle_order(OrderLookup::Unavailable);
    assert!(matches!(
        late.as_slice(),
        [FlowOutput::Command(envelope)] if matches!(envelope.command, Command::Note { .. })
    ));
}
