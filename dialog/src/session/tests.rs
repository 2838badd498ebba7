//! Whole calls in virtual time. Effects are compared as lists, records apart.

mod ending;
mod handover;
mod storm;
mod talk;

use super::*;
use crate::api::{
    BargeIn, CallEvent, Command, CommandCode, CommandEnvelope, Expect, Keypad, Listen, PromptKind,
    Say,
};
use crate::queue::AgentId;

/// A call with a shell that carries out nothing but plays each prompt for `speech` when asked to.
struct Call {
    session: Session,
    now: Duration,
    /// Every effect but records and events.
    effects: Vec<(u64, String)>,
    events: Vec<CallEvent>,
    records: Vec<Record>,
    epoch: u64,
    commands: u64,
    /// What is being played: prompt, party, when it ends.
    playing: VecDeque<(PromptId, Party, Duration)>,
    speech: Duration,
    /// The answers to final decodes.
    answer: Option<&'static str>,
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn agent(name: &str) -> AgentId {
    AgentId(name.into())
}

fn say(text: &str, kind: PromptKind) -> Command {
    Command::Say(Say {
        text: text.into(),
        kind,
        barge_in: BargeIn::Any,
    })
}

fn question(text: &str) -> Command {
    say(text, PromptKind::Question)
}

fn listen(expect: Expect) -> Command {
    Command::Listen(Listen {
        expect,
        no_input: None,
        keypad: Keypad::default(),
    })
}

impl Call {
    fn ringing() -> Self {
        let mut call = Self {
            session: Session::new(SessionConfig::default()),
            now: Duration::ZERO,
            effects: Vec::new(),
            events: Vec::new(),
            records: Vec::new(),
            epoch: 0,
            commands: 0,
            playing: VecDeque::new(),
            speech: ms(2_000),
            answer: None,
        };
        call.fact(Fact::Incoming {
            from: "0301234567".into(),
            to: "100".into(),
        });
        call
    }

    fn talking() -> Self {
        let mut call = Self::ringing();
        call.command(Command::Accept);
        call.fact(Fact::Answered {
            codec: "PCMU".into(),
        });
        call.effects.clear();
        call.events.clear();
        call
    }

    fn fact(&mut self, fact: Fact) {
        self.session.handle(self.now, fact);
        self.collect();
    }

    fn command(&mut self, command: Command) -> CommandCode {
        self.commands += 1;
        let (command_id, epoch) = (self.commands, self.epoch);
        self.send(CommandEnvelope {
            command_id,
            epoch,
            command,
        })
    }

    fn send(&mut self, envelope: CommandEnvelope) -> CommandCode {
        self.fact(Fact::Command(envelope));
        let codes = self.events.iter().rev().find_map(|event| {
            if let CallEvent::CommandResult { code, .. } = event {
                Some(*code)
            } else {
                None
            }
        });
        codes.expect("every command is answered")
    }

    fn collect(&mut self) {
        while let Some(effect) = self.session.poll_effect() {
            self.note(&effect);
            match effect {
                Effect::Record(stamped) => self.records.push(stamped.record),
                Effect::ToBrain(envelope) => {
                    self.epoch = envelope.epoch;
                    self.events.push(envelope.event);
                }
                Effect::Speak { party, prompt, .. } => {
                    self.playing.push_back((prompt, party, Duration::ZERO));
                }
                Effect::StopPlayback { party } => self.stop(party),
                Effect::Decode {
                    utterance,
                    revision,
                    kind: DecodeKind::Final,
                    ..
                } => self.recognise(utterance, revision),
                Effect::Answer
                | Effect::Reject { .. }
                | Effect::Hangup { .. }
                | Effect::HoldSound { .. }
                | Effect::Decode { .. }
                | Effect::ReserveAgent { .. }
                | Effect::WithdrawRequest { .. }
                | Effect::ReleaseAgent { .. }
                | Effect::Dial { .. }
                | Effect::HangupAgent { .. }
                | Effect::Bridge { .. }
                | Effect::Promise(_) => {}
            }
        }
    }

    fn recognise(&mut self, utterance: crate::api::UtteranceId, revision: u32) {
        let result = match self.answer {
            Some(text) => HeardResult::Text(Hypothesis {
                text: text.into(),
                confidence: 0.9,
                words: Vec::new(),
                no_speech: 0.0,
            }),
            None => return,
        };
        self.session.handle(
            self.now,
            Fact::Heard {
                utterance,
                revision,
                result,
            },
        );
    }

    fn stop(&mut self, party: Party) {
        let first = self.playing.iter().find(|(_, to, _)| *to == party).copied();
        self.playing.retain(|(_, to, _)| *to != party);
        if let Some((prompt, party, ends)) = first.filter(|(_, _, ends)| !ends.is_zero()) {
            let played = self.speech.saturating_sub(ends.saturating_sub(self.now));
            self.session.handle(
                self.now,
                Fact::PromptEnded {
                    party,
                    prompt,
                    completed: false,
                    played,
                    heard_text: "half".into(),
                },
            );
        }
    }

    /// Plays prompts one after the other, and steps to each deadline on the way.
    fn run(&mut self, time: u64) {
        let end = self.now + ms(time);
        self.run_until(end);
    }

    fn run_until(&mut self, end: Duration) {
        loop {
            if let Some((prompt, party, ends)) = self.playing.front_mut()
                && ends.is_zero()
            {
                *ends = self.now + self.speech;
                let (prompt, party) = (*prompt, *party);
                self.fact(Fact::PromptStarted { party, prompt });
                continue;
            }
            let playback = self.playing.front().map(|(_, _, ends)| *ends);
            let timer = self.session.poll_timeout();
            let next = timer.into_iter().chain(playback).min();
            let Some(next) = next.filter(|at| *at <= end) else {
                break;
            };
            self.now = self.now.max(next);
            if playback.is_some_and(|at| self.now >= at)
                && let Some((prompt, party, _)) = self.playing.pop_front()
            {
                self.fact(Fact::PromptEnded {
                    party,
                    prompt,
                    completed: true,
                    played: self.speech,
                    heard_text: "all".into(),
                });
            } else {
                self.session.handle_timeout(self.now);
                self.collect();
            }
        }
        self.now = end;
    }

    fn frames(&mut self, time: u64, voiced: bool) {
        for _ in 0..time / 20 {
            self.run(20);
            self.fact(Fact::Frame(SpeechMark { voiced }));
        }
    }

    fn speak(&mut self, time: u64) {
        self.frames(time, true);
    }

    fn silence(&mut self, time: u64) {
        self.frames(time, false);
    }

    fn note(&mut self, effect: &Effect) {
        let words = match effect {
            Effect::Record(_) | Effect::ToBrain(_) => return,
            Effect::Answer => "answer".to_owned(),
            Effect::Reject { sip_code } => format!("reject {sip_code}"),
            Effect::Hangup { reason } => format!("hang up: {reason}"),
            Effect::Speak { party, text, .. } => format!("to {party:?}: {text}"),
            Effect::StopPlayback { party } => format!("stop {party:?}"),
            Effect::HoldSound { on } => format!("hold {on}"),
            Effect::Decode { kind, .. } => format!("decode {kind:?}"),
            Effect::ReserveAgent { skill, .. } => format!("reserve {skill}"),
            Effect::WithdrawRequest { .. } => "withdraw".to_owned(),
            Effect::ReleaseAgent { agent, how } => format!("release {agent} {how:?}"),
            Effect::Dial { agent } => format!("dial {agent}"),
            Effect::HangupAgent { agent } => format!("hang up {agent}"),
            Effect::Bridge { agent } => format!("bridge {agent}"),
            Effect::Promise(promise) => format!("promise {:?}", promise.kind),
        };
        let at = u64::try_from(self.now.as_millis()).expect("a test is short");
        self.effects.push((at, words));
    }

    /// The effects since the last look, without their times.
    fn effects(&mut self) -> Vec<String> {
        self.effects.drain(..).map(|(_, words)| words).collect()
    }

    fn count(&self, wanted: impl Fn(&CallEvent) -> bool) -> usize {
        self.events.iter().filter(|event| wanted(event)).count()
    }
}
