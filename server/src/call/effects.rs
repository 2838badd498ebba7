//! What the session orders, carried out.

use super::agent::AgentSide;
use super::mouth::Mouth;
use super::{Call, setup};
use crate::clock;
use crate::sip::Dial;
use crate::store::Event;
use sidetone_asr::{Job, JobKind, MIN_VOICED, MIN_VOICED_SHORT_ANSWER};
use sidetone_dialog::api::{Expect, UtteranceId};
use sidetone_dialog::queue::AgentId;
use sidetone_dialog::record::Stamped;
use sidetone_dialog::session::{DecodeKind, Effect, Fact, HeardResult, Party};
use std::time::Duration;

/// A partial that is not begun by then is worth nothing: the next one is due.
const PARTIAL_SLACK: Duration = Duration::from_millis(600);

impl Call {
    /// Carries out all effects that wait, and those that follow from them.
    pub(super) fn carry_out(&mut self) {
        while let Some(effect) = self.session.poll_effect() {
            self.effect(clock::now(), effect);
        }
    }

    fn effect(&mut self, now: Duration, effect: Effect) {
        match effect {
            Effect::Answer => self.answer(now),
            Effect::Reject { sip_code } => {
                self.control.reject(sip_code, "refused");
            }
            Effect::Hangup { reason } => self.control.hangup(&reason),
            Effect::Speak {
                party,
                prompt,
                text,
                rate_percent,
            } => match self.mouth(party) {
                Some(mouth) => mouth.speak(prompt, text, rate_percent),
                None => self
                    .session
                    .handle(now, Fact::PromptFailed { party, prompt }),
            },
            Effect::StopPlayback { party } => self.stop_playback(now, party),
            Effect::HoldSound { on } => {
                if let Some(caller) = &mut self.caller {
                    caller.hold(on);
                }
            }
            Effect::Decode {
                utterance,
                revision,
                kind,
                from,
                to,
                voiced,
                expect,
            } => {
                let job = self.job(now, (utterance, revision, kind), (from, to), voiced, expect);
                self.decode(now, job);
            }
            Effect::ToBrain(event) => {
                if self.brain.tell(event).is_err() {
                    self.session.handle(now, Fact::BrainLost);
                }
            }
            Effect::ReserveAgent {
                handover,
                skill,
                not,
            } => {
                if let Some(answer) = self.place.reserve(handover, skill, not) {
                    self.session.handle(now, super::desk_fact(answer));
                }
            }
            Effect::WithdrawRequest { .. } => self.place.withdraw(),
            Effect::ReleaseAgent { agent, how } => self.place.release(agent, how),
            Effect::Dial { agent } => self.dial(now, agent),
            Effect::HangupAgent { agent } => {
                if let Some(side) = self.agent.take_if(|side| *side.agent() == agent) {
                    side.hang_up();
                }
            }
            Effect::Bridge { agent } => self.bridge(agent),
            Effect::Promise(promise) => self.promise(promise),
            Effect::Record(stamped) => self.record(&stamped),
        }
    }

    fn stop_playback(&mut self, now: Duration, party: Party) {
        if let Some(mouth) = self.mouth(party) {
            mouth.stop();
        }
        self.report_prompts(now);
    }

    fn bridge(&mut self, agent: AgentId) {
        if let Some(side) = self.agent.as_mut().filter(|side| *side.agent() == agent) {
            side.bridge();
        }
        self.place.bridged(agent);
    }

    fn job(
        &self,
        now: Duration,
        (utterance, revision, kind): (UtteranceId, u32, DecodeKind),
        (from, to): (Duration, Duration),
        voiced: Duration,
        expect: Expect,
    ) -> Job {
        let audio = self
            .caller
            .as_ref()
            .map(|caller| caller.audio(from, to))
            .unwrap_or_default();
        Job {
            // The ear fills in its call.
            call: 0,
            utterance: utterance.0,
            revision,
            kind: match kind {
                DecodeKind::Partial => JobKind::Partial,
                DecodeKind::Final => JobKind::Final,
            },
            audio,
            voiced,
            min_voiced: match expect {
                Expect::YesNo => MIN_VOICED_SHORT_ANSWER,
                Expect::Free | Expect::Digits { .. } => MIN_VOICED,
            },
            deadline: now + PARTIAL_SLACK,
        }
    }

    fn decode(&mut self, now: Duration, job: Job) {
        let (utterance, revision, kind) = (UtteranceId(job.utterance), job.revision, job.kind);
        if let Err(refused) = self.ear.decode(job)
            && kind == JobKind::Final
        {
            let result = HeardResult::Failed(refused.to_string());
            self.session.handle(
                now,
                Fact::Heard {
                    utterance,
                    revision,
                    result,
                },
            );
        }
    }

    fn dial(&mut self, now: Duration, agent: AgentId) {
        match self.place_call(&agent) {
            Ok(side) => self.agent = Some(side),
            Err(error) => {
                tracing::warn!(call = %self.id, %error, "an agent could not be dialled");
                self.session.handle(
                    now,
                    Fact::AgentFailed {
                        agent,
                        sip_code: None,
                    },
                );
            }
        }
    }

    fn place_call(&self, agent: &AgentId) -> anyhow::Result<AgentSide> {
        let uri = self.house.agent_uri(agent)?;
        let socket = self.house.ports.take()?;
        let offer = setup::offer(&self.house, &socket);
        let leg = self.house.sip.dial(Dial {
            to: uri,
            from: self.house.identity(),
            display: None,
            offer: offer.to_string(),
            // An opaque pointer: what the call is about is fetched by it, not carried in SIP.
            headers: vec![("X-Sidetone-Call".into(), self.id.clone())],
        })?;
        let mouth = Mouth::new(
            Party::Agent,
            self.house.voice.clone(),
            self.speech_sink.clone(),
        );
        Ok(AgentSide::new(agent.clone(), leg, offer, socket, mouth))
    }

    fn record(&mut self, stamped: &Stamped) {
        let event = Event::of_record(&self.id, self.next_event, clock::wall_ms(), stamped);
        self.next_event += 1;
        self.house.store.append(event);
    }

    /// Keeps a fact that the session does not know of.
    pub(super) fn note(&mut self, now: Duration, kind: &str, body: &serde_json::Value) {
        let event = Event {
            call_id: Some(self.id.clone()),
            seq: Some(self.next_event),
            wall_ms: clock::wall_ms(),
            at: Some(now.saturating_sub(self.came_in)),
            kind: kind.to_owned(),
            body: body.to_string(),
        };
        self.next_event += 1;
        self.house.store.append(event);
    }
}
