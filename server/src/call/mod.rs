//! One task, one call: it brings facts to the [`Session`] and carries its effects out.
//!
//! Nothing is decided here. Packets, frames, signalling, results of the recogniser, speech, the
//! brain's commands and the desk's answers become facts in the order in which they come; effects
//! are carried out in the order in which they are given.

mod agent;
mod caller;
mod effects;
mod leg;
mod mouth;
mod setup;

pub use setup::{CallSettings, House};

use crate::brain::{BrainLink, BrainMessage};
use crate::clock;
use crate::desk::{DeskAnswer, Place};
use crate::hearing::Ear;
use crate::recording::Tape;
use crate::sip::{IncomingCall, LegControl, LegEvent};
use crate::voice::Speech;
use agent::AgentSide;
use caller::CallerSide;
use serde_json::json;
use sidetone_asr::{Decoded, Outcome};
use sidetone_dialog::api::{HandoverId, UtteranceId};
use sidetone_dialog::session::{Fact, HeardResult, Hypothesis, Party, Session};
use sidetone_media::frame::{FRAME_DURATION, Frame, SILENT_FRAME};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

/// A call from its INVITE to its last event.
struct Call {
    id: String,
    house: House,
    session: Session,
    control: LegControl,
    signalling: mpsc::Receiver<LegEvent>,
    setup: setup::Setup,
    caller: Option<CallerSide>,
    agent: Option<AgentSide>,
    ear: Ear,
    place: Place,
    brain: BrainLink,
    speech: mpsc::Receiver<Speech>,
    speech_sink: mpsc::Sender<Speech>,
    stored: mpsc::Receiver<Stored>,
    stored_sink: mpsc::Sender<Stored>,
    tape: Option<Tape>,
    ticks: Interval,
    /// When the call came in: events count from here.
    came_in: Duration,
    /// The number of the next event in the store.
    next_event: u64,
    stopping: bool,
    /// The caller's leg is over and the session has said its last word.
    over: bool,
}

/// The store's answer to a promise.
struct Stored {
    handover: HandoverId,
    stored: bool,
}

/// What woke the call's task.
enum Wake {
    Tick,
    CallerMedia,
    AgentMedia,
    CallerSignal(Option<LegEvent>),
    AgentSignal(Option<LegEvent>),
    Heard(Decoded),
    Spoken(Speech),
    Brain(BrainMessage),
    Desk(DeskAnswer),
    Stored(Stored),
    Deadline,
    Shutdown,
}

/// Carries one call from its INVITE to its end.
pub async fn run(house: House, incoming: IncomingCall, shutdown: CancellationToken) {
    let Some(mut call) = Call::set_up(house, incoming) else {
        return;
    };
    tracing::info!(call = %call.id, "call");
    call.carry_out();
    while !call.over {
        let wake = call.next(&shutdown).await;
        call.handle(wake);
        call.carry_out();
    }
    call.close();
    tracing::info!(call = %call.id, "call over");
}

impl Call {
    /// Whatever comes first. The sources are polled in random order, so that a flood on one of them
    /// starves no other.
    async fn next(&mut self, shutdown: &CancellationToken) -> Wake {
        let deadline = self.session.poll_timeout();
        let caller = self.caller.as_ref().map(|caller| &caller.leg);
        tokio::select! {
            _ = self.ticks.tick(), if caller.is_some() => Wake::Tick,
            () = readable(caller) => Wake::CallerMedia,
            wake = next_of_agent(&mut self.agent) => wake,
            event = self.signalling.recv() => Wake::CallerSignal(event),
            Some(speech) = self.speech.recv() => Wake::Spoken(speech),
            decoded = self.ear.next() => Wake::Heard(decoded),
            message = self.brain.next() => Wake::Brain(message),
            answer = self.place.next() => Wake::Desk(answer),
            Some(stored) = self.stored.recv() => Wake::Stored(stored),
            () = clock::reached(deadline) => Wake::Deadline,
            () = shutdown.cancelled(), if !self.stopping => Wake::Shutdown,
        }
    }

    fn handle(&mut self, wake: Wake) {
        let now = clock::now();
        match wake {
            Wake::Tick => self.tick(now),
            Wake::CallerMedia => {
                if let Some(caller) = &mut self.caller {
                    caller.leg.receive(now);
                }
            }
            Wake::AgentMedia => {
                if let Some(agent) = &mut self.agent {
                    agent.receive(now);
                }
            }
            Wake::CallerSignal(event) => self.handle_signal(now, event),
            Wake::AgentSignal(event) => self.handle_agent(now, event),
            Wake::Heard(decoded) => {
                if let Some(fact) = heard(decoded) {
                    self.session.handle(now, fact);
                }
            }
            Wake::Spoken(speech) => {
                if let Some(mouth) = self.mouth(speech.party) {
                    mouth.ready(speech);
                }
                self.report_prompts(now);
            }
            Wake::Brain(message) => self.handle_brain(now, message),
            Wake::Desk(answer) => self.session.handle(now, desk_fact(answer)),
            Wake::Stored(Stored { handover, stored }) => {
                let fact = Fact::PromiseStored { handover, stored };
                self.session.handle(now, fact);
            }
            Wake::Deadline => self.session.handle_timeout(now),
            Wake::Shutdown => {
                self.stopping = true;
                self.session.handle(now, Fact::Shutdown);
            }
        }
    }

    /// 20 ms of the call: hear the caller, let the session judge, speak, join the agent, record.
    fn tick(&mut self, now: Duration) {
        let mut heard = SILENT_FRAME;
        let mut said = SILENT_FRAME;
        let Some(caller) = &mut self.caller else {
            return;
        };
        let mark = caller.hear(now, &mut heard);
        while let Some(digit) = caller.leg.poll_digit() {
            self.session.handle(now, Fact::Digit(digit));
        }
        self.session.handle(now, mark);
        // A barge-in takes effect in this very frame.
        self.carry_out();
        let Some(caller) = &mut self.caller else {
            return;
        };
        caller.fill(&mut said);
        if let Some(agent) = &mut self.agent {
            let mut agent_said = SILENT_FRAME;
            agent.turn(now, &heard, &mut agent_said);
            if agent.is_bridged() {
                sidetone_media::tone::mix(&mut said, &agent_said, 1.0);
            }
        }
        caller.send(&said);
        self.keep_sound(now, &heard, &said);
        self.report_prompts(now);
    }

    /// Adds 20 ms to the recording. One that broke is noted, and the call goes on without it.
    fn keep_sound(&mut self, now: Duration, heard: &Frame, said: &Frame) {
        let Some(tape) = &mut self.tape else { return };
        tape.push(heard, said);
        if let Some(fault) = tape.fault() {
            let why = json!({ "detail": fault });
            self.tape = None;
            self.note(now, "recording_failed", &why);
        }
    }

    fn report_prompts(&mut self, now: Duration) {
        for party in [Party::Caller, Party::Agent] {
            while let Some(fact) = self.mouth(party).and_then(mouth::Mouth::poll_fact) {
                self.session.handle(now, fact);
            }
        }
    }

    fn handle_signal(&mut self, now: Duration, event: Option<LegEvent>) {
        match event {
            Some(LegEvent::Confirmed { sdp: Some(sdp) }) => self.late_answer(now, &sdp),
            Some(LegEvent::Info { content_type, body }) => {
                if let Some(digit) = setup::info_digit(&content_type, &body) {
                    self.session.handle(now, Fact::Digit(digit));
                }
            }
            Some(LegEvent::Failed { .. } | LegEvent::Ended { .. }) | None => {
                self.over = true;
                self.session.handle(now, Fact::CallerGone);
            }
            Some(
                LegEvent::Confirmed { sdp: None }
                | LegEvent::Reoffered { .. }
                | LegEvent::Ringing
                | LegEvent::EarlyMedia(_)
                | LegEvent::Answered { .. },
            ) => {}
        }
    }

    fn handle_agent(&mut self, now: Duration, event: Option<LegEvent>) {
        let over = event.is_none();
        let seed = self.house.random();
        if let Some(agent) = &mut self.agent {
            let fact = agent.handle_event(event, self.house.settings.inbound, seed);
            if over {
                self.agent = None;
            }
            if let Some(fact) = fact {
                self.session.handle(now, fact);
            }
        }
    }

    fn handle_brain(&mut self, now: Duration, message: BrainMessage) {
        let fact = match message {
            BrainMessage::Command(command) => Fact::Command(command),
            BrainMessage::Malformed { command_id, reason } => {
                tracing::warn!(call = %self.id, command_id, reason, "the brain sent a malformed command");
                let reason = reason.to_owned();
                Fact::MalformedCommand { command_id, reason }
            }
            BrainMessage::Lost => Fact::BrainLost,
            BrainMessage::Resumed => Fact::BrainResumed,
            BrainMessage::Gone => Fact::BrainGone,
        };
        self.session.handle(now, fact);
    }

    fn mouth(&mut self, party: Party) -> Option<&mut mouth::Mouth> {
        match party {
            Party::Caller => self.caller.as_mut().map(|caller| &mut caller.mouth),
            Party::Agent => self.agent.as_mut().map(AgentSide::mouth),
        }
    }
}

async fn readable(leg: Option<&leg::MediaLeg>) {
    match leg {
        Some(leg) => leg.readable().await,
        None => std::future::pending().await,
    }
}

async fn next_of_agent(agent: &mut Option<AgentSide>) -> Wake {
    match agent {
        Some(agent) => agent.next_wake().await,
        None => std::future::pending().await,
    }
}

/// A result that was superseded is no news: the newer one is on its way.
fn heard(decoded: Decoded) -> Option<Fact> {
    let result = match decoded.outcome {
        Outcome::Text(hypothesis) => HeardResult::Text(Hypothesis {
            text: hypothesis.text,
            confidence: hypothesis.confidence,
            words: hypothesis.words.into_iter().map(setup::word).collect(),
            no_speech: hypothesis.no_speech,
        }),
        Outcome::Rejected { guard, .. } => HeardResult::Nothing {
            guard: guard.name().to_owned(),
        },
        Outcome::Failed(message) => HeardResult::Failed(message),
        Outcome::Aborted => return None,
    };
    let (utterance, revision) = (UtteranceId(decoded.utterance), decoded.revision);
    Some(Fact::Heard {
        utterance,
        revision,
        result,
    })
}

fn desk_fact(answer: DeskAnswer) -> Fact {
    match answer {
        DeskAnswer::Reserved { handover, agent } => Fact::AgentReserved { handover, agent },
        DeskAnswer::NoneFree { handover, waiting } => Fact::NoAgentFree { handover, waiting },
    }
}

/// Ticks that were missed are made up for, so that the RTP clock does not fall behind.
fn frame_clock() -> Interval {
    let mut ticks = interval_at(tokio::time::Instant::now() + FRAME_DURATION, FRAME_DURATION);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    ticks
}
