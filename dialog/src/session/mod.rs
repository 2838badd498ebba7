//! One call. A session routes facts to the machines that decide and their decisions to the shell
//! and the brain; it decides nothing itself.

mod checks;
mod commands;
mod config;
mod confirming;
mod effect;
mod ending;
mod fact;
mod handover;
mod link;
mod prompts;
mod route;

#[cfg(test)]
mod tests;

pub use config::{Phrases, SessionConfig};
pub use effect::{DecodeKind, Effect, Promise, PromiseKind};
pub use fact::{Fact, HeardResult, Hypothesis, Party, SpeechMark};

use crate::api::{CallEvent, PromptId};
use crate::confirm::Confirmation;
use crate::deadline::Deadline;
use crate::record::{Record, Stamped};
use crate::transfer::{Controller, TransferInput};
use crate::turn::{Floor, Playing};
use ending::HangingUp;
use link::{BrainState, Link};
use prompts::Prompts;
use std::collections::VecDeque;
use std::time::Duration;

/// How long an answer may go without media or an acknowledgement: Timer H (RFC 3261 §17.2.1).
const ANSWER_TIMEOUT: Duration = Duration::from_secs(32);

/// How far the call has come.
///
/// ```text
///  New --incoming--> Incoming --accept--> Answering --answered--> Talking --> Over
///                       +--------------------+---------+-------------------^
///                          rejected, caller gone, hung up, shut down, never acknowledged
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Incoming { accept_by: Duration },
    Answering { answered_by: Duration },
    Talking,
    Over,
}

/// One call, from the first ring to the last record.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    phase: Phase,
    /// When the call came in: records count from here.
    came_in: Duration,
    answered_at: Option<Duration>,
    caller: String,
    codec: String,
    link: Link,
    floor: Floor,
    prompts: Prompts,
    /// What the floor was last told of the prompts.
    told_playing: Option<Playing>,
    /// Whether the floor was last told that the caller waits for a human.
    told_waiting: bool,
    transfer: Controller,
    handovers: u64,
    /// Whether the promise of the last handover could not be stored.
    not_promised: bool,
    /// The prompt in the agent's ear.
    brief: Option<PromptId>,
    confirming: Option<Confirmation>,
    hanging_up: Option<HangingUp>,
    /// Whether the hold sound was ordered.
    hold: bool,
    out: VecDeque<Effect>,
}

impl Session {
    /// A call that has not happened yet.
    #[must_use]
    pub fn new(config: SessionConfig) -> Self {
        Self {
            phase: Phase::New,
            came_in: Duration::ZERO,
            answered_at: None,
            caller: String::new(),
            codec: String::new(),
            link: Link::new(),
            floor: Floor::new(config.turn.clone()),
            prompts: Prompts::new(config.turn.protect_first),
            told_playing: None,
            told_waiting: false,
            transfer: Controller::new(config.transfer.clone(), config.ticket_number),
            handovers: 0,
            not_promised: false,
            brief: None,
            confirming: None,
            hanging_up: None,
            hold: false,
            out: VecDeque::with_capacity(64),
            config,
        }
    }

    /// Takes one fact. `now` never goes back.
    pub fn handle(&mut self, now: Duration, fact: Fact) {
        match fact {
            Fact::Incoming { from, to } => self.incoming(now, from, to),
            Fact::Answered { codec } => self.answered(now, codec),
            Fact::CallerGone => self.caller_gone(now),
            Fact::Shutdown => self.shut_down(now),
            Fact::Frame(mark) => self.floor.frame(now, mark.voiced),
            Fact::Digit(key) if is_key(key) => self.floor.key(now, key),
            Fact::Digit(_) => {}
            Fact::Heard {
                utterance,
                revision,
                result,
            } => {
                self.floor.heard(now, utterance, revision, result);
            }
            Fact::PromptStarted { party, prompt } => match party {
                Party::Caller => self.prompts.started(now, prompt),
                Party::Agent => {}
            },
            Fact::PromptEnded {
                party,
                prompt,
                completed,
                played,
                heard_text,
            } => match party {
                Party::Caller => {
                    let prompts = &mut self.prompts;
                    prompts.ended(now, prompt, completed, played, heard_text);
                }
                Party::Agent => self.brief_over(now, prompt),
            },
            Fact::PromptFailed { party, prompt } => match party {
                Party::Caller => self.prompts.failed(now, prompt),
                Party::Agent => self.brief_over(now, prompt),
            },
            Fact::Command(envelope) => self.command(now, envelope),
            Fact::MalformedCommand { command_id, reason } => {
                self.malformed_command(now, command_id, reason);
            }
            Fact::BrainLost => self.brain_lost(now),
            Fact::BrainResumed => self.brain_resumed(now),
            Fact::BrainGone => self.brain_gone(now),
            Fact::AgentReserved { handover, agent } => {
                self.hand(now, TransferInput::Reserved { handover, agent });
            }
            Fact::NoAgentFree { handover, waiting } => {
                self.hand(now, TransferInput::NoneFree { handover, waiting });
            }
            Fact::AgentRinging { agent } => self.hand(now, TransferInput::Ringing { agent }),
            Fact::AgentAnswered { agent } => self.hand(now, TransferInput::Answered { agent }),
            Fact::AgentFailed { agent, sip_code } => {
                self.hand(now, TransferInput::Failed { agent, sip_code });
            }
            Fact::AgentEnded { agent } => self.hand(now, TransferInput::Ended { agent }),
            Fact::PromiseStored { handover, stored } => {
                self.hand(now, TransferInput::PromiseStored { handover, stored });
            }
        }
        self.drain(now);
    }

    /// The next order to carry out; none when all are.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.out.pop_front()
    }

    /// When [`Session::handle_timeout`] is next due, on the axis of `now`.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        self.deadline().map(|deadline| deadline.at)
    }

    /// What is next due, with its reason.
    #[must_use]
    pub fn deadline(&self) -> Option<Deadline> {
        let accept = match self.phase {
            Phase::Incoming { accept_by } => Some(Deadline::new(accept_by, "accept")),
            Phase::Answering { answered_by } => Some(Deadline::new(answered_by, "answered")),
            Phase::New | Phase::Talking | Phase::Over => None,
        };
        let hang_up = self
            .hanging_up
            .as_ref()
            .map(|end| Deadline::new(end.by, "hang up"));
        [
            self.floor.poll_timeout(),
            self.prompts.poll_timeout(),
            self.transfer.poll_timeout(),
            hang_up,
        ]
        .into_iter()
        .fold(accept, Deadline::soonest)
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Duration) {
        match self.phase {
            Phase::Incoming { accept_by } if now >= accept_by => {
                let detail = "nobody accepted or rejected the call".to_owned();
                self.fault(now, "brain_silent", detail);
                self.brain_gone(now);
            }
            Phase::Answering { answered_by } if now >= answered_by => {
                self.never_answered(now);
            }
            Phase::Incoming { .. }
            | Phase::New
            | Phase::Answering { .. }
            | Phase::Talking
            | Phase::Over => {}
        }
        self.floor.handle_timeout(now);
        self.prompts.handle_timeout(now);
        self.hand(now, TransferInput::Due);
        self.drain(now);
    }

    fn hand(&mut self, now: Duration, input: TransferInput) {
        self.transfer.handle(now, input);
    }

    fn incoming(&mut self, now: Duration, from: String, to: String) {
        if self.phase != Phase::New {
            return;
        }
        self.came_in = now;
        self.phase = Phase::Incoming {
            accept_by: now + self.config.accept_timeout,
        };
        self.caller.clone_from(&from);
        self.record(
            now,
            Record::Incoming {
                from: from.clone(),
                to: to.clone(),
            },
        );
        self.tell(now, CallEvent::Incoming { from, to });
    }

    fn answer_call(&mut self, now: Duration) {
        let answered_by = now + ANSWER_TIMEOUT;
        self.phase = Phase::Answering { answered_by };
        self.out.push_back(Effect::Answer);
    }

    fn answered(&mut self, now: Duration, codec: String) {
        if !matches!(self.phase, Phase::Incoming { .. } | Phase::Answering { .. }) {
            return;
        }
        self.phase = Phase::Talking;
        self.answered_at = Some(now);
        self.codec.clone_from(&codec);
        self.floor.enable(now, true);
        self.record(
            now,
            Record::Answered {
                codec: codec.clone(),
            },
        );
        self.tell(
            now,
            CallEvent::Started {
                codec,
                resumed: false,
            },
        );
        if self.link.brain == BrainState::Gone {
            self.hand_over_alone(now);
        }
    }

    fn brain_lost(&mut self, now: Duration) {
        if self.link.brain != BrainState::Up || self.phase == Phase::Over {
            return;
        }
        self.link.brain = BrainState::Lost;
        self.record(
            now,
            Record::Brain {
                link: "lost".into(),
            },
        );
        if self.bot_has_caller() {
            if self.confirming.is_none() {
                let phrase = self.config.phrases.brain_lost.clone();
                self.say_own(now, phrase);
            }
            self.hold_sound(true);
        }
    }

    fn brain_resumed(&mut self, now: Duration) {
        if self.link.brain != BrainState::Lost || self.phase == Phase::Over {
            return;
        }
        self.link.brain = BrainState::Up;
        self.record(
            now,
            Record::Brain {
                link: "resumed".into(),
            },
        );
        if !self.transfer.is_active() {
            self.hold_sound(false);
        }
        if self.phase == Phase::Talking {
            let codec = self.codec.clone();
            self.tell(
                now,
                CallEvent::Started {
                    codec,
                    resumed: true,
                },
            );
        }
    }

    fn brain_gone(&mut self, now: Duration) {
        if self.link.brain == BrainState::Gone || self.phase == Phase::Over {
            return;
        }
        self.link.brain = BrainState::Gone;
        self.record(
            now,
            Record::Brain {
                link: "gone".into(),
            },
        );
        match self.phase {
            Phase::Incoming { .. } => {
                self.answer_call(now);
            }
            Phase::Talking if self.bot_has_caller() => self.hand_over_alone(now),
            Phase::New | Phase::Answering { .. } | Phase::Talking | Phase::Over => {}
        }
    }

    /// Whether it is the bot's business that the caller is not left in silence.
    fn bot_has_caller(&self) -> bool {
        self.phase == Phase::Talking && !self.transfer.is_active() && self.hanging_up.is_none()
    }

    fn hold_sound(&mut self, on: bool) {
        if self.hold != on {
            self.hold = on;
            self.out.push_back(Effect::HoldSound { on });
        }
    }

    fn tell(&mut self, now: Duration, event: CallEvent) {
        let media_time = self
            .answered_at
            .map_or(Duration::ZERO, |at| now.saturating_sub(at));
        let envelope = self.link.envelope(media_time, event);
        self.out.push_back(Effect::ToBrain(envelope));
    }

    fn record(&mut self, now: Duration, record: Record) {
        let at = now.saturating_sub(self.came_in);
        self.out.push_back(Effect::Record(Stamped { at, record }));
    }
}

fn is_key(key: char) -> bool {
    key.is_ascii_digit() || matches!(key, '*' | '#' | 'A'..='D')
}
