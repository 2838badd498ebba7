//! The caller's phone: places the call, plays the script on it, and writes the report.
//!
//! Sans-IO: datagrams and times come in, datagrams and events go out.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::event::{PhoneEvent, What, as_ms};
use super::line::Line;
use super::line::hearing::Heard;
use super::output::{Output, Phone};
use super::runner::{Progress, Runner};
use super::sip::outbox::{SipEvent, SipOutput};
use super::sip::outgoing::{Invitation, OutgoingCall};
use super::sip::sdp::SessionDescription;
use crate::measure::activity::SEGMENT_PAUSE;
use crate::measure::pilot::Pilot;
use crate::measure::{CallReport, HandoverReport};
use crate::script::Script;

/// Name of this phone in the timeline.
const NAME: &str = "caller";

/// Why a call did not run its script to the end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// The far end refused the call.
    #[error("the call was refused with status {status}")]
    Refused {
        /// SIP status, 3xx to 6xx.
        status: u16,
    },
    /// Nobody answered in time.
    #[error("the call was not answered within {within_ms} ms")]
    NotAnswered {
        /// The limit of the script.
        within_ms: u64,
    },
    /// No SIP message came back.
    #[error("nobody answers {method} at the target address: is the server running there?")]
    NobodyThere {
        /// Method of the request that was given up.
        method: String,
    },
    /// A step could not be done.
    #[error("step {number} (\"{step}\"): {reason}")]
    Step {
        /// Place in the script, from 1.
        number: usize,
        /// Name of the step.
        step: String,
        /// What did not happen.
        reason: String,
    },
}

/// The caller's phone.
///
/// ```text
/// Dialling --200--> Talking --script ends or fails--> Leaving --BYE answered--> Done
///     |--refused, nobody there--------------------------------------------> Done
///     |--not answered in time, script gives up--> Leaving --487--> Done
/// ```
#[derive(Debug)]
pub(crate) struct CallerPhone {
    script: Script,
    agents: Vec<String>,
    started: Duration,
    seed: u64,
    sip: OutgoingCall,
    line: Option<Line>,
    runner: Runner,
    state: State,
    failure: Option<CallFailure>,
    /// The bot's silence has been told since its last speech.
    silence_told: bool,
    report: CallReport,
    outputs: VecDeque<Output>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Dialling,
    Talking,
    Leaving,
    Done,
}

impl Phone for CallerPhone {
    fn handle_sip(&mut self, now: Duration, from: SocketAddr, datagram: &[u8]) {
        self.sip.handle_datagram(now, from, datagram);
        self.drain_sip(now);
        self.advance(now);
    }

    fn handle_rtp(&mut self, now: Duration, packet: &[u8]) {
        let Some(line) = &mut self.line else { return };
        for heard in line.handle_packet(now, packet) {
            let what = match heard {
                Heard::Speech { onset } => {
                    self.silence_told = false;
                    let own = self.runner.last_turn_end().filter(|last| *last <= onset);
                    What::HearsSpeech {
                        after_ms: own.map(|last| as_ms(onset - last)),
                    }
                }
                Heard::Pilot { index } => {
                    let onset = line.hearing.pilots[index].onset().unwrap_or(now);
                    What::Hears {
                        phone: self.agents[index].clone(),
                        since_ms: as_ms(onset),
                    }
                }
            };
            self.outputs
                .push_back(Output::Event(PhoneEvent::new(now, NAME, what)));
        }
        self.advance(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let media = self.line.as_ref().filter(|_| self.state == State::Talking);
        let media = media.map(|line| line.talker.poll_timeout());
        let dialling = (self.state == State::Dialling).then(|| self.patience());
        [self.sip.poll_timeout(), media, dialling]
            .into_iter()
            .flatten()
            .min()
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.sip.handle_timeout(now);
        self.drain_sip(now);
        if self.state == State::Dialling && now >= self.patience() {
            self.give_up(now);
        }
        self.advance(now);
        if let Some(line) = self.line.as_mut().filter(|_| self.state == State::Talking) {
            while let Some((to, bytes)) = line.poll_packet(now) {
                self.outputs.push_back(Output::Rtp { to, bytes });
            }
        }
    }
}

impl CallerPhone {
    /// Sends the INVITE to `peer`.
    pub(crate) fn dial(
        now: Duration,
        script: Script,
        target: &str,
        peer: SocketAddr,
        sockets: (SocketAddr, SocketAddr),
        seed: u64,
    ) -> Self {
        let (local, rtp) = sockets;
        let invitation = Invitation {
            local,
            from: script.caller.from.clone(),
            to: target.to_owned(),
            peer,
            offer: SessionDescription::offer(rtp, script.caller.codec),
        };
        let report = CallReport {
            script: script.name.clone(),
            target: target.to_owned(),
            ..CallReport::default()
        };
        let mut phone = CallerPhone {
            agents: script
                .agents
                .iter()
                .map(|agent| agent.behaviour.name.clone())
                .collect(),
            started: now,
            seed,
            sip: OutgoingCall::start(now, invitation, seed),
            line: None,
            runner: Runner::start(now, script.steps.clone()),
            state: State::Dialling,
            failure: None,
            silence_told: true,
            report,
            outputs: VecDeque::new(),
            script,
        };
        phone.drain_sip(now);
        phone
    }

    /// Whether the call is over and the report can be taken.
    pub(crate) fn is_done(&self) -> bool {
        self.state == State::Done
    }

    /// The report and why the script did not run to its end, if it did not.
    pub(crate) fn into_report(mut self) -> (CallReport, Option<Line>, Option<CallFailure>) {
        let Some(line) = self.line else {
            return (self.report, None, self.failure);
        };
        let marks = &self.runner.marks;
        let heard = &line.hearing.activity;
        self.report.time_to_greeting_ms = marks.time_to_greeting(heard);
        self.report.turns = marks.turns(heard);
        self.report.longest_silence_ms = marks.longest_silence(heard);
        self.report.received = line.hearing.stream.report();
        self.report.sent_packets = line.talker.packets();
        let found = line
            .hearing
            .pilots
            .iter()
            .position(|ear| ear.voice().is_some());
        self.report.handover = found.and_then(|index| {
            let ear = &line.hearing.pilots[index];
            let (audio, voice, asked) = (ear.onset()?, ear.voice()?, marks.asked_at?);
            Some(HandoverReport {
                agent: self.agents[index].clone(),
                handover_ms: as_ms(voice.saturating_sub(asked)),
                audio_at_ms: as_ms(audio),
                voice_at_ms: as_ms(voice),
                bridged: None,
            })
        });
        (self.report, Some(line), self.failure)
    }

    /// When a call that is not answered is given up.
    fn patience(&self) -> Duration {
        let caller = &self.script.caller;
        let limit = caller
            .cancel_after
            .unwrap_or(caller.answer_within)
            .min(caller.answer_within);
        self.started + limit
    }

    fn give_up(&mut self, now: Duration) {
        if self.sip.is_unheard() {
            let method = "INVITE".to_owned();
            self.fail(now, CallFailure::NobodyThere { method });
            self.state = State::Done;
            return;
        }
        if self.script.caller.cancel_after.is_none() {
            let within_ms = as_ms(self.script.caller.answer_within);
            self.fail(now, CallFailure::NotAnswered { within_ms });
        }
        self.leave(now);
    }

    fn advance(&mut self, now: Duration) {
        if self.state != State::Talking {
            return;
        }
        let Some(line) = &mut self.line else { return };
        let mut told = Vec::new();
        let last = line.hearing.activity.last_speech();
        if let Some(last) = last.filter(|last| now.saturating_sub(*last) >= SEGMENT_PAUSE)
            && !self.silence_told
        {
            self.silence_told = true;
            told.push(What::HearsSilence {
                since_ms: as_ms(last),
            });
        }
        let progress = self.runner.advance(now, line, &mut told);
        for what in told {
            self.outputs
                .push_back(Output::Event(PhoneEvent::new(now, NAME, what)));
        }
        match progress {
            Progress::Going => {}
            Progress::Finished => self.leave(now),
            Progress::Failed {
                step,
                number,
                reason,
            } => {
                self.fail(
                    now,
                    CallFailure::Step {
                        number,
                        step,
                        reason,
                    },
                );
                self.leave(now);
            }
        }
    }

    fn fail(&mut self, now: Duration, failure: CallFailure) {
        let (step, reason) = match &failure {
            CallFailure::Step { step, reason, .. } => (step.clone(), reason.clone()),
            CallFailure::Refused { .. }
            | CallFailure::NotAnswered { .. }
            | CallFailure::NobodyThere { .. } => ("call".to_owned(), failure.to_string()),
        };
        let event = PhoneEvent::new(now, NAME, What::Fails { step, reason });
        self.outputs.push_back(Output::Event(event));
        self.failure.get_or_insert(failure);
    }

    fn leave(&mut self, now: Duration) {
        self.state = State::Leaving;
        self.sip.hang_up(now);
        self.drain_sip(now);
    }

    fn drain_sip(&mut self, now: Duration) {
        while let Some(output) = self.sip.poll_output() {
            match output {
                SipOutput::Send { to, bytes } => self.outputs.push_back(Output::Sip { to, bytes }),
                SipOutput::Event(event) => self.handle_event(now, event),
            }
        }
        if self.sip.is_over() {
            self.state = State::Done;
        }
    }

    fn handle_event(&mut self, now: Duration, event: SipEvent) {
        match event {
            SipEvent::Trace(line) => self.tell(now, What::Sip { line }),
            SipEvent::Answered(agreed) => self.handle_answer(now, &agreed),
            SipEvent::Moved(offer) => {
                if let Some(line) = &mut self.line {
                    line.remote = offer.address;
                }
            }
            SipEvent::Refused { status } => {
                self.report.refused = Some(status);
                self.fail(now, CallFailure::Refused { status });
            }
            SipEvent::Cancelled => self.report.cancelled = true,
            SipEvent::Ended { by_far_end } => self.handle_end(now, by_far_end),
            SipEvent::TimedOut { method } => {
                self.fail(
                    now,
                    CallFailure::NobodyThere {
                        method: method.to_owned(),
                    },
                );
            }
            SipEvent::Ringing | SipEvent::Acknowledged => {}
        }
    }

    fn handle_answer(&mut self, now: Duration, agreed: &SessionDescription) {
        let pilots: Vec<Pilot> = (0..self.agents.len()).map(Pilot::of_agent).collect();
        self.line = Some(Line::open(now, agreed, &pilots, self.seed));
        self.runner = Runner::start(now, self.script.steps.clone());
        self.report.codec = Some(agreed.codec());
        self.report.time_to_answer_ms = Some(as_ms(now - self.started));
        self.state = State::Talking;
        self.tell(
            now,
            What::Up {
                codec: agreed.codec(),
            },
        );
    }

    fn handle_end(&mut self, now: Duration, by_far_end: bool) {
        self.report.ended_by_far_end = by_far_end;
        self.report.duration_ms = Some(as_ms(now.saturating_sub(self.runner.marks.up_at)));
        self.tell(now, What::Over { by_far_end });
        if by_far_end && self.state == State::Talking {
            self.runner.handle_hang_up();
            self.advance(now);
        }
    }

    fn tell(&mut self, now: Duration, what: What) {
        self.outputs
            .push_back(Output::Event(PhoneEvent::new(now, NAME, what)));
    }
}
