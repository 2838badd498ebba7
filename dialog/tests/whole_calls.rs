//! The built-in brain on a whole call, in virtual time: what the caller hears, and how it ends.
#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use sidetone_dialog::flow::{FlowOutput, OrderFacts, OrderLookup, OrderStatus};
use sidetone_dialog::queue::AgentId;
use sidetone_dialog::record::Record;
use sidetone_dialog::session::{
    DecodeKind, Effect, Fact, HeardResult, Hypothesis, Party, PromiseKind, Session, SessionConfig,
    SpeechMark,
};
use std::collections::VecDeque;
use std::time::Duration;

const FRAME: Duration = Duration::from_millis(20);
/// How long the recogniser takes.
const DECODE: Duration = Duration::from_millis(120);
/// How long the voice takes to its first frame.
const VOICE: Duration = Duration::from_millis(80);

/// A prompt in the caller's or the agent's ear.
struct Playing {
    party: Party,
    prompt: sidetone_dialog::api::PromptId,
    starts: Duration,
    ends: Duration,
    started: bool,
}

/// A caller who says the next line whenever the bot has been silent for a second, a server, and
/// the built-in brain.
struct Stage {
    session: Session,
    brain: OrderStatus,
    now: Duration,
    lines: VecDeque<&'static str>,
    /// What the caller is saying, and until when.
    saying: Option<(&'static str, Duration)>,
    last_said: &'static str,
    quiet_since: Duration,
    playing: VecDeque<Playing>,
    decodes: VecDeque<(Duration, Fact)>,
    /// Facts that come at a time of their own.
    later: VecDeque<(Duration, Fact)>,
    agent: Option<AgentId>,
    said: Vec<String>,
    records: Vec<Record>,
    promise: Option<PromiseKind>,
    store_works: bool,
    bridged: bool,
    over: Option<String>,
}

impl Stage {
    fn new(lines: &[&'static str], agent: Option<&str>) -> Self {
        let mut stage = Self {
            session: Session::new(SessionConfig::default()),
            brain: OrderStatus::new(),
            now: Duration::from_secs(100),
            lines: lines.iter().copied().collect(),
            saying: None,
            last_said: "",
            quiet_since: Duration::from_secs(100),
            playing: VecDeque::new(),
            decodes: VecDeque::new(),
            later: VecDeque::new(),
            agent: agent.map(|name| AgentId(name.into())),
            said: Vec::new(),
            records: Vec::new(),
            promise: None,
            store_works: true,
            bridged: false,
            over: None,
        };
        let (from, to) = ("0301234567".to_owned(), "100".to_owned());
        stage.fact(Fact::Incoming { from, to });
        stage
    }

    fn fact(&mut self, fact: Fact) {
        self.session.handle(self.now, fact);
        self.carry_out();
    }

    fn carry_out(&mut self) {
        while let Some(effect) = self.session.poll_effect() {
            self.effect(effect);
        }
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            Effect::Answer => self.soon(Fact::Answered {
                codec: "PCMU".into(),
            }),
            Effect::Hangup { reason } => self.over = Some(reason),
            Effect::Reject { sip_code } => self.over = Some(sip_code.to_string()),
            Effect::Speak {
                party,
                prompt,
                text,
                ..
            } => self.speak(party, prompt, text),
            Effect::StopPlayback { party } => self.playing.retain(|p| p.party != party),
            Effect::Decode {
                utterance,
                revision,
                kind: DecodeKind::Final,
                ..
            } => {
                let text = self
                    .saying
                    .map_or(self.last_said, |(text, _)| text)
                    .to_owned();
                let result = HeardResult::Text(Hypothesis {
                    text,
                    confidence: 0.9,
                    words: Vec::new(),
                    no_speech: 0.0,
                });
                let heard = Fact::Heard {
                    utterance,
                    revision,
                    result,
                };
                self.decodes.push_back((self.now + DECODE, heard));
            }
            Effect::ToBrain(event) => {
                let outputs = self.brain.handle(&event);
                self.brain_says(outputs);
            }
            Effect::ReserveAgent { handover, .. } => match self.agent.clone() {
                Some(agent) => self.soon(Fact::AgentReserved { handover, agent }),
                None => self.soon(Fact::NoAgentFree {
                    handover,
                    waiting: true,
                }),
            },
            Effect::Dial { agent } => {
                let rings = Fact::AgentRinging {
                    agent: agent.clone(),
                };
                let second = Duration::from_secs(1);
                self.later.push_back((self.now + second, rings));
                let answers = Fact::AgentAnswered { agent };
                self.later.push_back((self.now + second * 4, answers));
            }
            Effect::Bridge { .. } => self.bridged = true,
            Effect::Promise(promise) => {
                let (handover, stored) = (promise.handover, self.store_works);
                self.promise = Some(promise.kind);
                self.soon(Fact::PromiseStored { handover, stored });
            }
            Effect::Record(stamped) => self.records.push(stamped.record),
            Effect::Decode { .. }
            | Effect::HoldSound { .. }
            | Effect::WithdrawRequest { .. }
            | Effect::ReleaseAgent { .. }
            | Effect::HangupAgent { .. } => {}
        }
    }

    fn speak(&mut self, party: Party, prompt: sidetone_dialog::api::PromptId, text: String) {
        let last = self
            .playing
            .iter()
            .filter(|p| p.party == party)
            .map(|p| p.ends)
            .max();
        let starts = last.unwrap_or(self.now).max(self.now) + VOICE;
        let length = Duration::from_millis(60) * u32::try_from(text.len()).unwrap();
        self.playing.push_back(Playing {
            party,
            prompt,
            starts,
            ends: starts + length,
            started: false,
        });
        if party == Party::Caller {
            self.said.push(text);
        }
    }

    fn soon(&mut self, fact: Fact) {
        self.later.push_back((self.now, fact));
    }

    fn brain_says(&mut self, outputs: Vec<FlowOutput>) {
        let mut outputs = VecDeque::from(outputs);
        while let Some(output) = outputs.pop_front() {
            match output {
                FlowOutput::Command(command) => {
                    self.session.handle(self.now, Fact::Command(command))
                }
                FlowOutput::FindOrder { digits } => {
                    outputs.extend(self.brain.handle_order(OrderLookup::Found(OrderFacts {
                        order_ref: digits,
                        item: "grey harbour lamp".into(),
                        status_line: "is with the driver".into(),
                    })));
                }
            }
        }
    }

    /// Runs frame by frame until the call is over or the time is up.
    fn run(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        while self.now < end && self.over.is_none() {
            self.now += FRAME;
            if self.session.poll_timeout().is_some_and(|at| at <= self.now) {
                self.session.handle_timeout(self.now);
                self.carry_out();
            }
            self.deliver();
            self.play();
            let voiced = self.caller_speaks();
            self.fact(Fact::Frame(SpeechMark { voiced }));
        }
    }

    fn deliver(&mut self) {
        for _ in 0..self.later.len() + self.decodes.len() {
            let later = self.later.iter().position(|(at, _)| *at <= self.now);
            let decoded = self.decodes.iter().position(|(at, _)| *at <= self.now);
            let due = later.and_then(|i| self.later.remove(i));
            if let Some((_, fact)) = due.or_else(|| decoded.and_then(|i| self.decodes.remove(i))) {
                self.fact(fact);
            }
        }
    }

    fn play(&mut self) {
        let mut at = 0;
        while let Some(prompt) = self.playing.get_mut(at) {
            let (party, id) = (prompt.party, prompt.prompt);
            if self.now >= prompt.ends {
                let played = prompt.ends - prompt.starts;
                self.playing.remove(at);
                self.quiet_since = self.now;
                self.fact(Fact::PromptEnded {
                    party,
                    prompt: id,
                    completed: true,
                    played,
                    heard_text: String::new(),
                });
            } else if self.now >= prompt.starts && !prompt.started {
                prompt.started = true;
                self.fact(Fact::PromptStarted { party, prompt: id });
                at += 1;
            } else {
                at += 1;
            }
        }
    }

    fn caller_speaks(&mut self) -> bool {
        if let Some((text, until)) = self.saying {
            if self.now < until {
                return true;
            }
            self.last_said = text;
            self.quiet_since = self.now;
            self.saying = None;
        }
        let bot_speaks = self.playing.iter().any(|p| p.party == Party::Caller);
        let polite = self.now >= self.quiet_since + Duration::from_secs(1);
        // After a line the caller waits three seconds for the answer before the next.
        if !bot_speaks && polite && !self.bridged && !self.said.is_empty() {
            self.saying = self.lines.pop_front().map(|text| {
                let length = Duration::from_millis(70) * u32::try_from(text.len()).unwrap();
                (text, self.now + length)
            });
            self.quiet_since = self.now + Duration::from_secs(3);
        }
        self.saying.is_some()
    }

    fn said(&self, words: &str) -> bool {
        self.said.iter().any(|line| line.contains(words))
    }

    fn outcome(&self) -> Option<(&str, bool)> {
        self.records.iter().find_map(|record| {
            let Record::Outcome { goal, success } = record else {
                return None;
            };
            Some((goal.as_str(), *success))
        })
    }

    fn refused(&self) -> Vec<&Record> {
        let refused = |record: &&Record| matches!(record, Record::CommandRefused { .. });
        self.records.iter().filter(refused).collect()
    }

    fn transcript(&self) -> String {
        self.said.join("\n")
    }
}

#[test]
fn an_order_is_found_confirmed_and_told() {
    let lines = [
        "where is my order please",
        "four four one two seven seven six nine",
        "yes that's right",
        "no thank you",
    ];
    let mut stage = Stage::new(&lines, None);
    stage.run(120);
    assert!(stage.said("4 4 1 2"), "{}", stage.transcript());
    assert!(
        stage.said("grey harbour lamp is with the driver"),
        "{}",
        stage.transcript()
    );
    assert_eq!(stage.outcome(), Some(("order_status", true)));
    assert!(
        stage.over.is_some(),
        "the call ends by itself: {}",
        stage.transcript()
    );
    assert_eq!(stage.refused(), Vec::<&Record>::new());
    assert!(matches!(stage.records.last(), Some(Record::Ended { .. })));
}

#[test]
fn a_caller_who_asks_for_a_human_gets_one_within_seconds() {
    let mut stage = Stage::new(&["I want to speak to a person please"], Some("desk-1"));
    stage.run(30);
    assert!(stage.bridged, "{}", stage.transcript());
    let bridged = stage.records.iter().find_map(|record| {
        let Record::Handover { stage, elapsed, .. } = record else {
            return None;
        };
        (*stage == sidetone_dialog::api::HandoverStage::Bridged).then_some(*elapsed)
    });
    assert!(bridged.unwrap() < Duration::from_secs(8), "{bridged:?}");
    stage.fact(Fact::CallerGone);
    assert!(matches!(stage.records.last(), Some(Record::Ended { .. })));
}

#[test]
fn when_no_human_comes_a_call_back_is_promised_and_the_call_ends() {
    let mut stage = Stage::new(&["I want to speak to a person please"], None);
    stage.run(90);
    let number = "0301234567".to_owned();
    assert_eq!(stage.promise, Some(PromiseKind::Callback { number }));
    assert!(stage.over.is_some(), "{}", stage.transcript());
}

#[test]
fn a_call_back_that_cannot_be_stored_is_not_promised() {
    let mut stage = Stage::new(&["I want to speak to a person please"], None);
    stage.store_works = false;
    stage.run(90);
    assert!(!stage.said("We will call you"), "{}", stage.transcript());
    assert!(stage.said("Please call again"), "{}", stage.transcript());
    assert_eq!(stage.over.as_deref(), Some("not_promised"));
}

#[test]
fn a_caller_who_would_rather_be_called_back_need_not_wait() {
    let mut stage = Stage::new(&["I want to speak to a person please"], None);
    stage.run(24);
    stage.lines.push_back("yes please");
    stage.run(6);
    assert!(stage.promise.is_some(), "{}", stage.transcript());
    assert!(stage.said("We will call you"), "{}", stage.transcript());
}

#[test]
fn a_silent_caller_is_let_go() {
    let mut stage = Stage::new(&[], None);
    stage.run(180);
    assert!(
        stage.over.is_some() || stage.promise.is_some(),
        "{}",
        stage.transcript()
    );
}
