//! Plays a script's steps on a line: what to do next, and what has not happened in time.
//!
//! Sans-IO: it looks at what the line has heard so far and starts what the script says.

use std::time::Duration;

use super::event::What;
use super::line::Line;
use crate::measure::activity::STOPPED;
use crate::measure::figures::{Marks, Turn, Wait};
use crate::measure::pilot::Pilot;
use crate::script::{Action, Awaited, Step};

/// Plays the steps one after the other.
///
/// ```text
/// Begin(step) --its time comes--> Speaking(step) --said to the end--> Begin(next)
///     |--what it waits for has happened-----------------------------> Begin(next)
///     |--hang_up-----------------------------------------------------> Finished
///     +--time is up, or the far end hung up--------------------------> Failed
/// ```
#[derive(Debug)]
pub(crate) struct Runner {
    steps: Vec<Step>,
    index: usize,
    started: Duration,
    is_speaking: bool,
    /// What the bot said before this is answered or waited for already.
    consumed: Duration,
    /// It is the far end's turn: silence now is the far end's, not the caller's.
    far_end_owes: bool,
    far_end_gone: bool,
    pub(crate) marks: Marks,
}

/// Where the script stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Progress {
    /// There is more to come.
    Going,
    /// The caller hangs up, or the script has ended.
    Finished,
    /// A step cannot be done.
    Failed {
        step: String,
        number: usize,
        reason: String,
    },
}

impl Runner {
    /// Starts with the first step; the call is up since `now`.
    pub(crate) fn start(now: Duration, steps: Vec<Step>) -> Self {
        Runner {
            steps,
            index: 0,
            started: now,
            is_speaking: false,
            consumed: now,
            far_end_owes: true,
            far_end_gone: false,
            marks: Marks::new(now),
        }
    }

    /// The far end has hung up.
    pub(crate) fn handle_hang_up(&mut self) {
        self.far_end_gone = true;
    }

    /// When the caller's last turn ended, as long as no other step has begun to play since.
    pub(crate) fn last_turn_end(&self) -> Option<Duration> {
        self.marks
            .turns
            .last()
            .filter(|_| !self.is_speaking)
            .map(|turn| turn.said.last)
    }

    /// Does whatever is due. Called after every packet and every frame.
    pub(crate) fn advance(
        &mut self,
        now: Duration,
        line: &mut Line,
        told: &mut Vec<What>,
    ) -> Progress {
        loop {
            let Some(step) = self.steps.get(self.index) else {
                return Progress::Finished;
            };
            let action = step.action.clone();
            if matches!(action, Action::HangUp) {
                return Progress::Finished;
            }
            if self.is_done(now, &action, line, told) {
                self.index += 1;
                self.started = now;
                continue;
            }
            return self.judge(now, &action, line);
        }
    }

    fn judge(&self, now: Duration, action: &Action, line: &Line) -> Progress {
        let step = &self.steps[self.index];
        let reason = if self.far_end_gone {
            "the far end hung up".to_owned()
        } else if now.saturating_sub(self.started) >= step.within {
            let limit = step.within.as_millis();
            format!(
                "{} within {limit} ms",
                self.what_is_missing(now, action, line)
            )
        } else {
            return Progress::Going;
        };
        Progress::Failed {
            step: step.name.clone(),
            number: self.index + 1,
            reason,
        }
    }

    fn is_done(
        &mut self,
        now: Duration,
        action: &Action,
        line: &mut Line,
        told: &mut Vec<What>,
    ) -> bool {
        match action {
            Action::Wait(time) => now.saturating_sub(self.started) >= *time,
            Action::WaitFor(awaited) => self.has_happened(now, *awaited, line),
            Action::Say {
                into_bot_prompt, ..
            }
            | Action::Key {
                into_bot_prompt, ..
            } => {
                if self.is_speaking {
                    return self.has_been_said(line);
                }
                if self.may_speak(now, *into_bot_prompt, line) {
                    self.speak(action, line, told);
                }
                false
            }
            Action::HangUp => true,
        }
    }

    fn may_speak(&self, now: Duration, into_bot_prompt: Option<Duration>, line: &Line) -> bool {
        let Some(into) = into_bot_prompt else {
            return true;
        };
        let activity = &line.hearing.activity;
        let is_on = activity
            .last_speech()
            .is_some_and(|last| now.saturating_sub(last) < STOPPED);
        is_on
            && activity
                .current_segment(now)
                .is_some_and(|onset| now >= onset + into)
    }

    fn speak(&mut self, action: &Action, line: &mut Line, told: &mut Vec<What>) {
        match action {
            Action::Say { clip, .. } => {
                line.talker.say(clip.samples.clone());
                told.push(What::Says {
                    clip: clip.name.clone(),
                });
            }
            Action::Key { digits, .. } => {
                line.talker.key(digits);
                told.push(What::Keys {
                    digits: digits.clone(),
                });
            }
            Action::Wait(_) | Action::WaitFor(_) | Action::HangUp => return,
        }
        self.is_speaking = true;
    }

    fn has_been_said(&mut self, line: &mut Line) -> bool {
        let Some(said) = line.talker.take_done() else {
            return false;
        };
        let step = &self.steps[self.index];
        let is_digits = matches!(step.action, Action::Key { .. });
        let to_agent = self.agent_voice(line).is_some();
        self.consumed = said.last;
        self.is_speaking = false;
        self.far_end_owes = true;
        self.marks.turns.push(Turn {
            step: step.name.clone(),
            is_digits,
            to_agent,
            said,
        });
        true
    }

    fn has_happened(&mut self, now: Duration, awaited: Awaited, line: &mut Line) -> bool {
        let activity = &line.hearing.activity;
        let spoken = activity.last_speech().filter(|last| *last >= self.consumed);
        let over = |quiet| spoken.filter(|last| now.saturating_sub(*last) >= quiet);
        let end = match awaited {
            Awaited::BotToSpeak => spoken,
            Awaited::BotToFinish { quiet } => over(quiet),
            Awaited::Agent => {
                line.talker.sound_pilot(Pilot::of_caller());
                self.agent_voice(line)
            }
            Awaited::AgentToFinish { quiet } => {
                over(quiet).filter(|_| self.agent_voice(line).is_some())
            }
            Awaited::FarEndToHangUp => self.far_end_gone.then_some(now),
        };
        let Some(end) = end else { return false };
        let from = self.consumed;
        if awaited == Awaited::Agent {
            self.marks.asked_at = Some(from);
        }
        if self.far_end_owes {
            self.marks.waits.push(Wait { from, to: end });
        }
        self.far_end_owes = false;
        // The bot may go on speaking behind a wait that ends with its onset.
        self.consumed = end.max(self.consumed);
        if !matches!(awaited, Awaited::BotToSpeak | Awaited::Agent) {
            self.consumed = now;
        }
        true
    }

    fn agent_voice(&self, line: &Line) -> Option<Duration> {
        line.hearing
            .pilots
            .iter()
            .filter_map(|ear| ear.voice())
            .min()
    }

    fn what_is_missing(&self, now: Duration, action: &Action, line: &Line) -> String {
        let spoken = line
            .hearing
            .activity
            .last_speech()
            .filter(|last| *last >= self.consumed);
        let still = spoken.is_some_and(|last| now.saturating_sub(last) < STOPPED);
        let missing = match action {
            Action::Wait(_) => "the wait did not end",
            Action::WaitFor(Awaited::BotToSpeak) => "the bot did not speak",
            Action::WaitFor(Awaited::BotToFinish { .. }) if spoken.is_none() => {
                "the bot did not speak"
            }
            Action::WaitFor(Awaited::BotToFinish { .. }) if still => {
                "the bot did not stop speaking"
            }
            Action::WaitFor(Awaited::BotToFinish { .. }) => "the bot was not silent long enough",
            Action::WaitFor(Awaited::Agent) => "no agent's voice was heard",
            Action::WaitFor(Awaited::AgentToFinish { .. }) => "the agent did not speak and finish",
            Action::WaitFor(Awaited::FarEndToHangUp) => "the far end did not hang up",
            Action::Say { .. } | Action::Key { .. } if self.is_speaking => "it was not said",
            Action::Say { .. } | Action::Key { .. } => "the bot did not speak so long",
            Action::HangUp => "the call did not end",
        };
        missing.to_owned()
    }
}
