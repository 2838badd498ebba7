//! An agent's phone: waits for calls and does with each what its behaviour says.
//!
//! Sans-IO: datagrams and times come in, datagrams and events go out. One call at a time; a second
//! caller hears 486.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use super::event::{PhoneEvent, What, as_ms};
use super::line::Line;
use super::line::hearing::Heard;
use super::line::recording::Recording;
use super::output::{Output, Phone};
use super::sip::ALLOW;
use super::sip::ids::Ids;
use super::sip::incoming::IncomingCall;
use super::sip::message::{Message, StartLine};
use super::sip::outbox::{SipEvent, SipOutput};
use crate::measure::pilot::Pilot;
use crate::measure::{AgentCallReport, AgentReport};
use crate::script::{Behaviour, Clip, Reply};

/// Silence after which the agent takes the caller to have finished.
const CALLER_FINISHED: Duration = Duration::from_millis(700);

/// An agent's phone.
#[derive(Debug)]
pub(crate) struct AgentPhone {
    behaviour: Behaviour,
    local: SocketAddr,
    rtp: SocketAddr,
    ids: Ids,
    current: Option<Current>,
    calls: Vec<AgentCallReport>,
    recordings: Vec<Recording>,
    outputs: VecDeque<Output>,
}

/// The call that is going on, or the last one.
#[derive(Debug)]
struct Current {
    sip: IncomingCall,
    line: Option<Line>,
    ring_until: Option<Duration>,
    hang_up_at: Option<Duration>,
    speech: SpeechPlan,
    report: AgentCallReport,
}

/// What the agent still has to say.
#[derive(Debug)]
struct SpeechPlan {
    greeting: Option<(Duration, Clip)>,
    replies: VecDeque<Clip>,
    /// Until when the caller's speech has been dealt with.
    answered_until: Duration,
}

impl Phone for AgentPhone {
    fn handle_sip(&mut self, now: Duration, from: SocketAddr, datagram: &[u8]) {
        let Ok(message) = Message::parse(datagram) else {
            return;
        };
        let call_id = message.header("Call-ID").unwrap_or_default();
        let is_invite =
            matches!(&message.start, StartLine::Request { method, .. } if method == "INVITE");
        match &mut self.current {
            Some(current) if current.sip.call_id() == call_id => {
                current.sip.handle_message(now, from, &message);
            }
            Some(current) if !current.sip.is_over() => self.answer_stray(now, from, &message, 486),
            Some(_) | None if is_invite => self.ring(now, from, message),
            Some(_) | None => self.answer_stray(now, from, &message, 481),
        }
        self.drain_sip(now);
    }

    fn handle_rtp(&mut self, now: Duration, packet: &[u8]) {
        let Some(current) = self
            .current
            .as_mut()
            .filter(|current| !current.sip.is_over())
        else {
            return;
        };
        let Some(line) = &mut current.line else {
            return;
        };
        for heard in line.handle_packet(now, packet) {
            let what = match heard {
                Heard::Speech { .. } => What::HearsSpeech { after_ms: None },
                Heard::Pilot { index } => {
                    let onset = line.hearing.pilots[index].onset().unwrap_or(now);
                    What::Hears {
                        phone: "caller".to_owned(),
                        since_ms: as_ms(onset),
                    }
                }
            };
            self.outputs.push_back(Output::Event(PhoneEvent::new(
                now,
                &self.behaviour.name,
                what,
            )));
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Duration> {
        let current = self.current.as_ref()?;
        if current.sip.is_over() {
            return None;
        }
        let media = current.line.as_ref().map(|line| line.talker.poll_timeout());
        let deadlines = [
            current.sip.poll_timeout(),
            current.ring_until,
            current.hang_up_at,
            media,
        ];
        deadlines.into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Duration) {
        let Some(current) = &mut self.current else {
            return;
        };
        current.sip.handle_timeout(now);
        if current.ring_until.is_some_and(|end| now >= end) {
            current.ring_until = None;
            match self.behaviour.reply {
                Reply::Answer => current.sip.accept(now, self.rtp),
                Reply::Decline(status) => current.sip.reject(now, status),
                Reply::NeverAnswer => {}
            }
        }
        if current.hang_up_at.is_some_and(|end| now >= end) {
            current.hang_up_at = None;
            current.sip.hang_up(now);
        }
        self.drain_sip(now);
        self.speak(now);
    }
}

impl AgentPhone {
    /// Waits for calls at `local`, with its audio at `rtp`.
    pub(crate) fn new(behaviour: Behaviour, local: SocketAddr, rtp: SocketAddr, seed: u64) -> Self {
        AgentPhone {
            behaviour,
            local,
            rtp,
            ids: Ids::new(seed),
            current: None,
            calls: Vec::new(),
            recordings: Vec::new(),
            outputs: VecDeque::new(),
        }
    }

    /// Whether a call is going on.
    pub(crate) fn is_busy(&self) -> bool {
        self.current
            .as_ref()
            .is_some_and(|current| !current.sip.is_over())
    }

    /// What every call showed, and their recordings.
    pub(crate) fn into_report(mut self) -> (AgentReport, Vec<Recording>) {
        self.file_current();
        let report = AgentReport {
            name: self.behaviour.name,
            calls: self.calls,
        };
        (report, self.recordings)
    }

    fn ring(&mut self, now: Duration, from: SocketAddr, invite: Message) {
        self.file_current();
        let sip = IncomingCall::ring(now, self.local, from, invite, self.ids.number());
        let rings = sip.is_ringing() && self.behaviour.reply != Reply::NeverAnswer;
        self.current = Some(Current {
            ring_until: rings.then(|| now + self.behaviour.ring),
            sip,
            line: None,
            hang_up_at: None,
            speech: SpeechPlan {
                greeting: self.behaviour.greeting.clone(),
                replies: self.behaviour.replies.clone().into(),
                answered_until: now,
            },
            report: AgentCallReport {
                offered_at_ms: as_ms(now),
                ..AgentCallReport::default()
            },
        });
    }

    fn answer_stray(&mut self, now: Duration, from: SocketAddr, message: &Message, status: u16) {
        let StartLine::Request { method, .. } = &message.start else {
            return;
        };
        let status = match method.as_str() {
            "ACK" => return,
            "OPTIONS" => 200,
            "INVITE" => status,
            _ => 481,
        };
        let tag = self.ids.token();
        let answer = Message::response_to(message, status, &tag).with("Allow", ALLOW);
        self.tell(
            now,
            What::Sip {
                line: format!("-> {}", answer.summary()),
            },
        );
        self.outputs.push_back(Output::Sip {
            to: from,
            bytes: answer.to_bytes(),
        });
    }

    /// Sends the frames that are due and starts what the agent has to say.
    fn speak(&mut self, now: Duration) {
        let Some(current) = self
            .current
            .as_mut()
            .filter(|current| !current.sip.is_over())
        else {
            return;
        };
        let Some(line) = &mut current.line else {
            return;
        };
        if let Some(said) = line.talker.take_done() {
            current.speech.answered_until = said.last;
        }
        if line.talker.is_silent()
            && let Some(clip) = current.speech.next_clip(now, line)
        {
            line.talker.say(clip.samples.clone());
            let what = What::Says { clip: clip.name };
            self.outputs.push_back(Output::Event(PhoneEvent::new(
                now,
                &self.behaviour.name,
                what,
            )));
        }
        while let Some((to, bytes)) = line.poll_packet(now) {
            self.outputs.push_back(Output::Rtp { to, bytes });
        }
    }

    fn drain_sip(&mut self, now: Duration) {
        while let Some(output) = self
            .current
            .as_mut()
            .and_then(|current| current.sip.poll_output())
        {
            match output {
                SipOutput::Send { to, bytes } => self.outputs.push_back(Output::Sip { to, bytes }),
                SipOutput::Event(event) => self.handle_event(now, event),
            }
        }
    }

    fn handle_event(&mut self, now: Duration, event: SipEvent) {
        let Some(current) = &mut self.current else {
            return;
        };
        let told = match event {
            SipEvent::Trace(line) => Some(What::Sip { line }),
            SipEvent::Answered(agreed) => {
                let mut line = Line::open(now, &agreed, &[Pilot::of_caller()], self.ids.number());
                line.talker
                    .sound_pilot(Pilot::of_agent(self.behaviour.pilot));
                current.line = Some(line);
                current.report.answered_at_ms = Some(as_ms(now));
                current.hang_up_at = self.behaviour.hang_up_after.map(|after| now + after);
                Some(What::Up {
                    codec: agreed.codec(),
                })
            }
            SipEvent::Moved(offer) => {
                if let Some(line) = &mut current.line {
                    line.remote = offer.address;
                }
                None
            }
            SipEvent::Acknowledged => {
                current.report.acknowledged_at_ms = Some(as_ms(now));
                None
            }
            SipEvent::Refused { status } => {
                current.report.refused = Some(status);
                None
            }
            SipEvent::Cancelled => {
                current.report.cancelled = true;
                current.ring_until = None;
                None
            }
            SipEvent::Ended { by_far_end } => {
                current.report.ended_at_ms = Some(as_ms(now));
                Some(What::Over { by_far_end })
            }
            SipEvent::TimedOut { .. } | SipEvent::Ringing => None,
        };
        if let Some(what) = told {
            self.tell(now, what);
        }
    }

    /// Completes the report of the call that is over and puts it away.
    fn file_current(&mut self) {
        let Some(Current {
            line, mut report, ..
        }) = self.current.take()
        else {
            return;
        };
        if let Some(line) = line {
            report.first_packet_at_ms = line.hearing.stream.first_arrival().map(as_ms);
            report.caller_audio_at_ms = line.hearing.pilots[0].onset().map(as_ms);
            report.first_speech_at_ms =
                line.hearing.activity.onset_after(Duration::ZERO).map(as_ms);
            report.received = line.hearing.stream.report();
            report.sent_packets = line.talker.packets();
            self.recordings.push(line.recording);
        }
        self.calls.push(report);
    }

    fn tell(&mut self, now: Duration, what: What) {
        self.outputs.push_back(Output::Event(PhoneEvent::new(
            now,
            &self.behaviour.name,
            what,
        )));
    }
}

impl SpeechPlan {
    /// The greeting once there is audio and nobody speaks (an agent may be briefed first), then a
    /// reply each time the caller has finished.
    fn next_clip(&mut self, now: Duration, line: &Line) -> Option<Clip> {
        let last_speech = line.hearing.activity.last_speech();
        let quiet_since = line.hearing.stream.first_arrival().max(last_speech)?;
        if let Some((after, clip)) = &self.greeting {
            if now < quiet_since + *after {
                return None;
            }
            let clip = clip.clone();
            self.greeting = None;
            return Some(clip);
        }
        let last = last_speech?;
        let is_new = last > self.answered_until;
        if !is_new || now.saturating_sub(last) < CALLER_FINISHED {
            return None;
        }
        self.answered_until = now;
        self.replies.pop_front()
    }
}
