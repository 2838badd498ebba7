//! A human for the caller: what the transfer decides goes to the shell, the brain and the record,
//! and the caller's answer to its one question comes back.

use super::link::BrainState;
use super::{Effect, Party, Session};
use crate::api::{
    BargeIn, CallEvent, Context, Expect, Fallback, Handover, HandoverId, HandoverStage, Initiator,
    Keypad, Listen, PROMISE_NOT_STORED, PlaybackEnd, PromptId, PromptKind, Say,
};
use crate::confirm::Input;
use crate::record::Record;
use crate::transfer::{Progress, TransferInput, TransferOutput, takes_promise};
use crate::understand::Tokens;
use std::time::Duration;

/// How fast the brief is spoken, in percent of the normal length.
const BRIEF_RATE_PERCENT: u16 = 85;
/// The key that takes what is offered.
const YES_KEY: &str = "1";

impl Session {
    /// Fetches a human when no brain is there to ask for one.
    pub(super) fn hand_over_alone(&mut self, now: Duration) {
        let request = Handover {
            skill: self.config.default_skill.clone(),
            deadline: self.config.default_deadline,
            ring: self.config.default_ring,
            context: Context {
                reason: "brain gone".into(),
                ..Context::default()
            },
            fallback: Fallback::Callback,
        };
        self.start_handover(now, request);
    }

    pub(super) fn start_handover(&mut self, now: Duration, request: Handover) {
        self.confirming = None;
        self.not_promised = false;
        self.handovers += 1;
        let handover = HandoverId(self.handovers);
        let caller = self.caller.clone();
        self.transfer.handle(
            now,
            TransferInput::Start {
                handover,
                request,
                caller,
            },
        );
    }

    pub(super) fn brief_over(&mut self, now: Duration, prompt: PromptId) {
        if self.brief == Some(prompt) {
            self.brief = None;
            self.hand(now, TransferInput::BriefEnded);
        }
    }

    pub(super) fn route_transfer(&mut self, now: Duration, output: TransferOutput) {
        match output {
            TransferOutput::Reserve {
                handover,
                skill,
                not,
            } => {
                self.out.push_back(Effect::ReserveAgent {
                    handover,
                    skill,
                    not,
                });
            }
            TransferOutput::Withdraw { handover } => {
                self.out.push_back(Effect::WithdrawRequest { handover });
            }
            TransferOutput::Release { agent, how } => {
                self.out.push_back(Effect::ReleaseAgent { agent, how });
            }
            TransferOutput::Dial { agent } => self.out.push_back(Effect::Dial { agent }),
            TransferOutput::HangUp { agent } => {
                self.brief = None;
                self.out.push_back(Effect::HangupAgent { agent });
            }
            TransferOutput::Bridge { agent } => {
                self.stop_prompts_quietly(now, PlaybackEnd::Cleared);
                self.floor.enable(now, false);
                self.out.push_back(Effect::Bridge { agent });
            }
            TransferOutput::Say(line) => self.say_own(now, line),
            TransferOutput::Ask(question) => self.ask_own(now, question),
            TransferOutput::Brief(text) => self.say_brief(now, text),
            TransferOutput::StopBrief => {
                self.brief = None;
                self.out.push_back(Effect::StopPlayback {
                    party: Party::Agent,
                });
            }
            TransferOutput::HoldSound(on) => self.hold_sound(on),
            TransferOutput::Progress(progress) => self.progress(now, progress),
            TransferOutput::Promise(promise) => self.out.push_back(Effect::Promise(promise)),
            TransferOutput::Promised(promise) => self.record(now, Record::Promised { promise }),
            TransferOutput::NotPromised { handover, why } => {
                self.not_promised = true;
                let detail = format!("handover {}: {why}", handover.0);
                self.fault(now, PROMISE_NOT_STORED, detail);
            }
        }
    }

    fn progress(&mut self, now: Duration, progress: Progress) {
        let Progress {
            handover,
            stage,
            agent,
            elapsed,
            sip_code,
            detail,
        } = progress;
        let record = Record::Handover {
            handover,
            stage,
            agent,
            elapsed,
            sip_code,
            detail,
        };
        self.record(now, record);
        self.tell(
            now,
            CallEvent::HandoverProgress {
                handover,
                stage,
                elapsed,
                sip_code,
            },
        );
        match stage {
            HandoverStage::AgentLeft => {
                self.floor.enable(now, true);
                self.without_brain(now, "agent_left");
            }
            HandoverStage::Overflow if self.not_promised => {
                self.without_brain(now, "not_promised");
            }
            HandoverStage::Overflow => self.without_brain(now, "promised"),
            HandoverStage::Queued
            | HandoverStage::Reserved
            | HandoverStage::Ringing
            | HandoverStage::Answered
            | HandoverStage::Bridged
            | HandoverStage::Declined
            | HandoverStage::Cancelled => {}
        }
    }

    /// A handover came to its end: with no brain to say goodbye, the server does.
    fn without_brain(&mut self, now: Duration, reason: &str) {
        if self.link.brain != BrainState::Up {
            let goodbye = self.config.phrases.goodbye.clone();
            self.say_own(now, goodbye);
            self.hang_up_after_prompts(now, Initiator::Server, reason.to_owned());
        }
    }

    /// Asks a question of the server's own; the answer is a yes, a no or key 1.
    fn ask_own(&mut self, now: Duration, question: String) {
        let (kind, barge_in) = (PromptKind::Question, BargeIn::Any);
        let say = Say {
            text: question,
            kind,
            barge_in,
        };
        self.say(now, say, None);
        let listen = Listen {
            expect: Expect::YesNo,
            no_input: None,
            keypad: Keypad::default(),
        };
        self.listen(now, &listen);
    }

    /// Gives the caller's answer to the transfer when its question is open and the answer is
    /// clear; true when it was given, and is no news for the brain.
    pub(super) fn answers_offer(&mut self, now: Duration, answer: Input<'_>) -> bool {
        if !self.transfer.is_offering() {
            return false;
        }
        let (accepted, heard) = match answer {
            Input::Answer(transcript) => {
                let tokens = Tokens::from_transcript(transcript);
                (takes_promise(&tokens), format!("\"{}\"", tokens.text()))
            }
            Input::Keys(keys) => ((keys == YES_KEY).then_some(true), format!("key {keys}")),
            Input::NoInput | Input::NoMatch => (None, String::new()),
        };
        let Some(accepted) = accepted else {
            return false;
        };
        let decision = if accepted {
            "the caller takes the promise"
        } else {
            "the caller waits on"
        };
        let detail = format!("{heard}: {decision}");
        let rule = "transfer.offer".to_owned();
        self.record(now, Record::Decided { rule, detail });
        self.hand(now, TransferInput::OfferAnswered { accepted });
        true
    }

    fn say_brief(&mut self, now: Duration, text: String) {
        let prompt = self.prompts.name();
        self.brief = Some(prompt);
        let (kind, barge_in) = (PromptKind::Information, BargeIn::None);
        let say = Say {
            text,
            kind,
            barge_in,
        };
        self.speak(now, Party::Agent, prompt, say, BRIEF_RATE_PERCENT);
    }
}
