use super::*;
use crate::api::{Context, Fallback, Handover, HandoverId, HandoverStage};
use crate::queue::AgentId;
use crate::session::PromiseKind;
use proptest::prelude::*;
use std::time::Duration;

const CALLER: &str = "+49 30 1234567";

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn id(name: &str) -> AgentId {
    AgentId(name.into())
}

fn request(fallback: Fallback) -> Handover {
    Handover {
        skill: "care".into(),
        deadline: at(30_000),
        ring: at(8_000),
        context: Context {
            intent: "order status".into(),
            reason: "asked".into(),
            ..Context::default()
        },
        fallback,
    }
}

fn start(fallback: Fallback, caller: &str) -> TransferInput {
    TransferInput::Start {
        handover: HandoverId(1),
        request: request(fallback),
        caller: caller.into(),
    }
}

/// An input by name; `x` is the agent under way, `y` another one.
fn input(name: &str) -> TransferInput {
    let sip_code = Some(486);
    match name {
        "start" => start(Fallback::Callback, CALLER),
        "cancel" => TransferInput::Cancel,
        "over" => TransferInput::CallOver,
        "reserved x" | "reserved y" => TransferInput::Reserved {
            handover: HandoverId(1),
            agent: agent(name),
        },
        "reserved for an older handover" => TransferInput::Reserved {
            handover: HandoverId(0),
            agent: id("y"),
        },
        "none free" | "queue full" => TransferInput::NoneFree {
            handover: HandoverId(1),
            waiting: name == "none free",
        },
        "rings x" | "rings y" => TransferInput::Ringing { agent: agent(name) },
        "answers x" | "answers y" => TransferInput::Answered { agent: agent(name) },
        "fails x" | "fails y" => TransferInput::Failed {
            agent: agent(name),
            sip_code,
        },
        "leaves x" | "leaves y" => TransferInput::Ended { agent: agent(name) },
        "brief" => TransferInput::BriefEnded,
        "accepts" | "declines" => TransferInput::OfferAnswered {
            accepted: name == "accepts",
        },
        "stored" | "not stored" => TransferInput::PromiseStored {
            handover: HandoverId(1),
            stored: name == "stored",
        },
        "stored for an older handover" => TransferInput::PromiseStored {
            handover: HandoverId(0),
            stored: true,
        },
        "due" => TransferInput::Due,
        other => panic!("no input is called {other}"),
    }
}

fn agent(name: &str) -> AgentId {
    id(&name[name.len() - 1..])
}

fn words(output: &TransferOutput) -> String {
    match output {
        TransferOutput::Reserve { not, .. } if not.is_empty() => "ask".into(),
        TransferOutput::Reserve { not, .. } => {
            let not: Vec<&str> = not.iter().map(|agent| agent.0.as_str()).collect();
            format!("ask not {}", not.join(" "))
        }
        TransferOutput::Withdraw { .. } => "withdraw".into(),
        TransferOutput::Release { agent, how } => format!("release {agent} {how:?}"),
        TransferOutput::Dial { agent } => format!("dial {agent}"),
        TransferOutput::HangUp { agent } => format!("hang up {agent}"),
        TransferOutput::Bridge { agent } => format!("bridge {agent}"),
        TransferOutput::Say(_) => "say".into(),
        TransferOutput::Brief(text) => format!("brief {text}"),
        TransferOutput::StopBrief => "stop brief".into(),
        TransferOutput::HoldSound(on) => format!("hold {on}"),
        TransferOutput::Progress(progress) => format!("{:?}", progress.stage),
        TransferOutput::Ask(_) => "offer".into(),
        TransferOutput::Promise(promise) => format!("store {:?}", promise.kind),
        TransferOutput::Promised(_) => "promised".into(),
        TransferOutput::NotPromised { .. } => "not promised".into(),
    }
}

struct Bench {
    controller: Controller,
    now: Duration,
}

impl Bench {
    fn new() -> Self {
        let controller = Controller::new(TransferConfig::default(), 40_127);
        Self {
            controller,
            now: at(0),
        }
    }

    /// A controller in the state of that name, with agent `x` where there is one.
    fn in_state(name: &str) -> Self {
        let path: &[&str] = match name {
            "Idle" => &[],
            "Queued" => &["start"],
            "Reserved" => &["start", "reserved x"],
            "Ringing" => &["start", "reserved x", "rings x"],
            "Answered" => &["start", "reserved x", "rings x", "answers x"],
            "Bridged" => &["start", "reserved x", "rings x", "answers x", "brief"],
            "Promising" => &["start", "wait for the promise"],
            other => panic!("no state is called {other}"),
        };
        let mut bench = Self::new();
        for step in path {
            bench.now += at(100);
            if *step == "wait for the promise" {
                bench.run_until(at(25_100));
            } else {
                bench.take(step);
            }
        }
        bench
    }

    fn outputs(&mut self) -> Vec<TransferOutput> {
        std::iter::from_fn(|| self.controller.poll_output()).collect()
    }

    fn take(&mut self, name: &str) -> String {
        self.give(input(name))
    }

    fn give(&mut self, input: TransferInput) -> String {
        self.controller.handle(self.now, input);
        let outputs: Vec<String> = self.outputs().iter().map(words).collect();
        outputs.join(", ")
    }

    /// Steps from deadline to deadline, and gives what comes out with the second of each.
    fn run_until(&mut self, end: Duration) -> Vec<(f64, String)> {
        let mut seen = Vec::new();
        while let Some(due) = self.controller.poll_timeout().filter(|due| due.at <= end) {
            self.now = due.at;
            self.controller.handle(due.at, TransferInput::Due);
            let outputs = self.outputs();
            seen.extend(outputs.iter().map(|o| (due.at.as_secs_f64(), words(o))));
        }
        self.now = end;
        seen
    }
}

/// Every state, every event: what comes out. Whoever adds a state or an event adds a row or a line.
const MATRIX: &[(&str, &[(&str, &str)])] = &[
    (
        "Idle",
        &[
            ("start", "say, hold true, Queued, ask"),
            ("cancel", ""),
            ("over", ""),
            ("reserved x", "release x Unused"),
            ("reserved for an older handover", "release y Unused"),
            ("none free", ""),
            ("queue full", ""),
            ("rings x", ""),
            ("answers x", "hang up x"),
            ("fails x", ""),
            ("leaves x", ""),
            ("brief", ""),
            ("accepts", ""),
            ("declines", ""),
            ("stored", ""),
            ("not stored", ""),
            ("stored for an older handover", ""),
            ("due", ""),
        ],
    ),
    (
        "Queued",
        &[
            ("start", ""),
            ("cancel", "withdraw, hold false, Cancelled"),
            ("over", "withdraw"),
            ("reserved x", "dial x, Reserved"),
            ("reserved for an older handover", "release y Unused"),
            ("none free", ""),
            ("queue full", ""),
            ("rings y", ""),
            ("answers y", "hang up y"),
            ("fails y", ""),
            ("leaves y", ""),
            ("brief", ""),
            ("accepts", ""),
            ("declines", ""),
            ("stored", ""),
            ("not stored", ""),
            ("stored for an older handover", ""),
            ("due", ""),
        ],
    ),
    (
        "Reserved",
        &[
            ("start", ""),
            (
                "cancel",
                "hang up x, release x Unused, hold false, Cancelled",
            ),
            ("over", "hang up x, release x Unused"),
            ("reserved x", ""),
            ("reserved y", "release y Unused"),
            ("reserved for an older handover", "release y Unused"),
            ("none free", ""),
            ("queue full", ""),
            ("rings x", "Ringing"),
            ("rings y", ""),
            ("answers x", "Answered, brief Order status."),
            ("answers y", "hang up y"),
            ("fails x", "release x Declined, Declined, ask not x"),
            ("fails y", ""),
            ("leaves x", "release x Declined, Declined, ask not x"),
            ("leaves y", ""),
            ("brief", ""),
            ("accepts", ""),
            ("declines", ""),
            ("stored", ""),
            ("not stored", ""),
            ("stored for an older handover", ""),
            ("due", ""),
        ],
    ),
    (
        "Ringing",
        &[
            ("start", ""),
            (
                "cancel",
                "hang up x, release x Unused, hold false, Cancelled",
            ),
            ("over", "hang up x, release x Unused"),
            ("reserved x", ""),
            ("reserved y", "release y Unused"),
            ("reserved for an older handover", "release y Unused"),
            ("none free", ""),
            ("queue full", ""),
            ("rings x", ""),
            ("rings y", ""),
            ("answers x", "Answered, brief Order status."),
            ("answers y", "hang up y"),
            ("fails x", "release x Declined, Declined, ask not x"),
            ("fails y", ""),
            ("leaves x", "release x Declined, Declined, ask not x"),
            ("leaves y", ""),
            ("brief", ""),
            ("accepts", ""),
            ("declines", ""),
            ("stored", ""),
            ("not stored", ""),
            ("stored for an older handover", ""),
            ("due", ""),
        ],
    ),
    (
        "Answered",
        &[
            ("start", ""),
            (
                "cancel",
                "hang up x, release x Unused, hold false, Cancelled",
            ),
            ("over", "hang up x, release x Unused"),
            ("reserved x", ""),
            ("reserved y", "release y Unused"),
            ("reserved for an older handover", "release y Unused"),
            ("none free", ""),
            ("queue full", ""),
            ("rings x", ""),
            ("rings y", ""),
            ("answers x", ""),
            ("answers y", "hang up y"),
            ("fails x", "release x Declined, Declined, ask not x"),
            ("fails y", ""),
            ("leaves x", "release x Declined, Declined, ask not x"),
            ("leaves y", ""),
            ("brief", "hold false, bridge x, Bridged"),
            ("accepts", ""),
            ("declines", ""),
            ("stored", ""),
            ("not stored", ""),
            ("stored for an older handover", ""),
            ("due", ""),
        ],
    ),
    (
        "Bridged",
        &[
            ("start", ""),
            ("cancel", ""),
            ("over", "hang up x, release x Bridged"),
            ("reserved x", ""),
            ("reserved y", "release y Unused"),
            ("reserved for an older handover", "release y Unused"),
            ("none free", ""),
            ("queue full", ""),
            ("rings x", ""),
            ("rings y", ""),
            ("answers x", ""),
            ("answers y", "hang up y"),
            ("fails x", "release x Bridged, AgentLeft"),
            ("fails y", ""),
            ("leaves x", "release x Bridged, AgentLeft"),
            ("leaves y", ""),
            ("brief", ""),
            ("accepts", ""),
            ("declines", ""),
            ("stored", ""),
            ("not stored", ""),
            ("stored for an older handover", ""),
            ("due", ""),
        ],
    ),
    (
        "Promising",
        &[
            ("start", ""),
            ("cancel", ""),
            ("over", ""),
            ("reserved x", "release x Unused"),
            ("reserved for an older handover", "release y Unused"),
            ("none free", ""),
            ("queue full", ""),
            ("rings x", ""),
            ("answers x", "hang up x"),
            ("fails x", ""),
            ("leaves x", ""),
            ("brief", ""),
            ("accepts", ""),
            ("declines", ""),
            ("stored", "promised, hold false, say, Overflow"),
            ("not stored", "not promised, hold false, say, Overflow"),
            ("stored for an older handover", ""),
            ("due", ""),
        ],
    ),
];

#[test]
fn every_event_is_defined_in_every_state() {
    for (state, row) in MATRIX {
        for (event, wanted) in *row {
            let mut bench = Bench::in_state(state);
            assert_eq!(bench.take(event), *wanted, "{event} in {state}");
        }
    }
}

#[test]
fn a_human_who_answers_at_once_has_the_caller_after_the_brief() {
    let mut bench = Bench::in_state("Answered");
    assert_eq!(bench.run_until(at(1_599)), []);
    // Answered at 0.4 s; the brief may take 1.2 s and no more.
    let seen = bench.run_until(at(1_600));
    let wanted = ["stop brief", "hold false", "bridge x", "Bridged"];
    assert_eq!(
        seen.iter().map(|(_, o)| o.as_str()).collect::<Vec<_>>(),
        wanted
    );
}

#[test]
fn a_phone_that_rings_out_gives_way_to_the_next_agent_and_is_not_tried_twice() {
    let mut bench = Bench::in_state("Ringing");
    let seen = bench.run_until(at(8_200));
    let wanted = [
        (7.1, "say"),
        (8.2, "hang up x"),
        (8.2, "release x NoAnswer"),
        (8.2, "Declined"),
        (8.2, "ask not x"),
    ];
    assert_eq!(seen, wanted.map(|(second, what)| (second, what.to_owned())));
}

#[test]
fn when_everyone_was_tried_everyone_is_tried_again() {
    let mut bench = Bench::in_state("Ringing");
    bench.take("fails x");
    assert_eq!(bench.take("none free"), "ask");
    assert_eq!(
        bench.take("none free"),
        "",
        "and only once for each answer of the queue"
    );
}

#[test]
fn a_full_queue_is_asked_again_after_a_while() {
    let mut bench = Bench::in_state("Queued");
    bench.take("queue full");
    assert_eq!(bench.run_until(at(2_500)), [(2.1, "ask".to_owned())]);
}

#[test]
fn no_human_in_time_means_a_promise_that_is_stored_before_it_is_spoken() {
    let mut bench = Bench::new();
    bench.take("start");
    let seen = bench.run_until(at(25_000));
    let number = CALLER.into();
    let store = format!("store {:?}", PromiseKind::Callback { number });
    let wanted = [
        (7.0, "say"),
        (14.0, "say"),
        (20.0, "offer"),
        (25.0, "withdraw"),
        (25.0, store.as_str()),
    ];
    assert_eq!(seen, wanted.map(|(second, what)| (second, what.to_owned())));
    assert_eq!(bench.take("stored"), "promised, hold false, say, Overflow");
    assert!(!bench.controller.is_active());
    for late in ["stored", "not stored"] {
        assert_eq!(bench.take(late), "", "an answer counts once");
    }
}

#[test]
fn a_promise_that_is_not_stored_is_not_spoken() {
    for answer in [Some("not stored"), None] {
        let mut bench = Bench::in_state("Promising");
        if let Some(answer) = answer {
            bench.controller.handle(bench.now, input(answer));
        } else {
            assert_eq!(bench.run_until(at(27_599)), []);
            bench.controller.handle(at(27_600), TransferInput::Due);
        }
        let outputs = bench.outputs();
        assert!(matches!(&outputs[0], TransferOutput::NotPromised { .. }));
        let say = TransferOutput::Say(super::words::NOT_STORED.into());
        assert_eq!(outputs[1..3], [TransferOutput::HoldSound(false), say]);
        let TransferOutput::Progress(progress) = &outputs[3] else {
            panic!("{outputs:?}");
        };
        assert_eq!(progress.stage, HandoverStage::Overflow);
        assert!(
            progress
                .detail
                .starts_with("nothing was promised: the store")
        );
        assert_eq!(bench.take("stored"), "", "it comes too late to be spoken");
    }
}

#[test]
fn a_caller_who_takes_the_offer_has_the_promise_at_once() {
    let store = format!(
        "store {:?}",
        PromiseKind::Callback {
            number: CALLER.into()
        }
    );
    for (before, wanted) in [
        (&["none free"] as &[&str], "withdraw, "),
        (&["reserved x"], "hang up x, release x Unused, "),
        (&["reserved x", "rings x"], "hang up x, release x Unused, "),
    ] {
        let mut bench = Bench::new();
        bench.take("start");
        assert_eq!(bench.take("accepts"), "", "nothing was offered yet");
        bench.run_until(at(20_000));
        for step in before {
            bench.take(step);
        }
        assert!(bench.controller.is_offering());
        assert_eq!(bench.take("accepts"), format!("{wanted}{store}"));
        assert!(!bench.controller.is_offering());
        assert_eq!(bench.take("stored"), "promised, hold false, say, Overflow");
    }
}

#[test]
fn a_caller_who_refuses_the_offer_waits_on() {
    let mut bench = Bench::new();
    bench.take("start");
    bench.run_until(at(20_000));
    assert_eq!(bench.take("declines"), "");
    assert!(!bench.controller.is_offering());
    assert_eq!(bench.take("accepts"), "", "the question is answered");
    assert_eq!(bench.take("reserved x"), "dial x, Reserved");
}

#[test]
fn a_phone_that_rings_at_the_promise_is_hung_up_and_the_agent_given_back() {
    let mut bench = Bench::new();
    bench.take("start");
    bench.run_until(at(20_000));
    bench.take("reserved x");
    bench.take("rings x");
    let seen: Vec<_> = bench
        .run_until(at(25_000))
        .into_iter()
        .map(|(_, what)| what)
        .collect();
    assert_eq!(seen[..2], ["hang up x", "release x Unused"]);
    assert_eq!(bench.take("answers x"), "hang up x");
    assert_eq!(bench.take("reserved y"), "release y Unused");
}

#[test]
fn an_answer_just_before_the_promise_wins() {
    let mut bench = Bench::new();
    bench.take("start");
    bench.run_until(at(20_000));
    bench.take("reserved x");
    bench.run_until(at(24_900));
    bench.take("answers x");
    let seen: Vec<_> = bench
        .run_until(at(40_000))
        .into_iter()
        .map(|(_, what)| what)
        .collect();
    assert_eq!(seen, ["stop brief", "hold false", "bridge x", "Bridged"]);
}

#[test]
fn a_caller_without_a_number_gets_a_ticket_with_its_number_read_out() {
    for (fallback, caller) in [
        (Fallback::Callback, "anonymous"),
        (Fallback::Ticket, CALLER),
    ] {
        let mut bench = Bench::new();
        bench.give(start(fallback, caller));
        let mut promised = None;
        let mut said = String::new();
        while let Some(due) = bench.controller.poll_timeout() {
            bench.controller.handle(due.at, TransferInput::Due);
            bench.controller.handle(due.at, input("stored"));
            for output in bench.outputs() {
                match output {
                    TransferOutput::Promise(promise) => promised = Some(promise.kind),
                    TransferOutput::Say(line) | TransferOutput::Ask(line) => {
                        assert_ne!(line, said, "no line twice in a row");
                        said = line;
                    }
                    TransferOutput::Reserve { .. }
                    | TransferOutput::Withdraw { .. }
                    | TransferOutput::Release { .. }
                    | TransferOutput::Dial { .. }
                    | TransferOutput::HangUp { .. }
                    | TransferOutput::Bridge { .. }
                    | TransferOutput::Brief(_)
                    | TransferOutput::StopBrief
                    | TransferOutput::HoldSound(_)
                    | TransferOutput::Promised(_)
                    | TransferOutput::NotPromised { .. }
                    | TransferOutput::Progress(_) => {}
                }
            }
        }
        assert_eq!(promised, Some(PromiseKind::Ticket { number: 40_127 }));
        assert!(said.ends_with("4 0, 1 2 7."), "{said}");
    }
}

#[test]
fn every_step_tells_the_time_since_the_decision() {
    let mut bench = Bench::new();
    bench.now = at(5_000);
    bench.take("start");
    bench.now = at(5_700);
    bench.controller.handle(bench.now, input("reserved x"));
    let outputs = bench.outputs();
    let progress = outputs.iter().find_map(|output| {
        if let TransferOutput::Progress(progress) = output {
            Some(progress)
        } else {
            None
        }
    });
    let progress = progress.expect("a reservation is progress");
    assert_eq!(
        (progress.stage, progress.elapsed),
        (HandoverStage::Reserved, at(700))
    );
}

const EVENTS: &[&str] = &[
    "start",
    "cancel",
    "reserved x",
    "reserved y",
    "reserved for an older handover",
    "none free",
    "queue full",
    "rings x",
    "rings y",
    "answers x",
    "answers y",
    "fails x",
    "fails y",
    "leaves x",
    "leaves y",
    "brief",
    "accepts",
    "declines",
    "stored",
    "not stored",
    "stored for an older handover",
    "due",
];

proptest! {
    #[test]
    fn whatever_happens_each_lease_is_given_back_exactly_once(
        events in prop::collection::vec((prop::sample::select(EVENTS), 0..4_000_u64), 0..60),
    ) {
        let mut bench = Bench::new();
        let mut held: Vec<String> = Vec::new();
        for (event, wait) in events.into_iter().chain([("over", 0)]) {
            bench.now += at(wait);
            // The queue never leases an agent that is leased already.
            if let TransferInput::Reserved { agent, .. } = input(event) {
                if held.contains(&agent.0) {
                    continue;
                }
                held.push(agent.0);
            }
            bench.controller.handle(bench.now, input(event));
            let outputs = bench.outputs();
            prop_assert!(outputs.len() <= 8);
            for output in outputs {
                if let TransferOutput::Release { agent, .. } = output {
                    let at = held.iter().position(|name| *name == agent.0);
                    prop_assert!(at.is_some(), "{agent} was given back twice");
                    held.remove(at.unwrap());
                }
            }
        }
        prop_assert_eq!(held, Vec::<String>::new());
        prop_assert!(!bench.controller.is_active());
    }
}
