//! The prompts to the caller: which plays, which wait, and what became of each.
//!
//! Playback is known by the facts of the RTP clock alone; a fact that never comes is missed by a
//! watchdog, so that no lost message can leave the call deaf.

use crate::api::{BargeIn, PlaybackEnd, PromptId, PromptKind, Say};
use crate::deadline::Deadline;
use crate::turn::Playing;
use std::collections::VecDeque;
use std::time::Duration;

/// How many prompts may wait.
const MAX_PROMPTS: usize = 32;
/// How long a prompt whose turn has come may take to start.
const START_PATIENCE: Duration = Duration::from_secs(10);
/// How long a stopped prompt may take to end.
const STOP_PATIENCE: Duration = Duration::from_secs(1);
/// Slower than anyone speaks: a prompt that has not ended by this pace was lost.
const SLOWEST_PER_CHAR: Duration = Duration::from_millis(150);
/// The same for the shortest prompts.
const SLOWEST_START: Duration = Duration::from_secs(5);

/// Where one prompt stands.
///
/// ```text
///  Waiting --started--> Playing --ended, failed, missed--> (finished)
///     |                    |
///     | stop               +--stop--> Stopping --ended, failed, missed--> (finished)
///     +--> (finished)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Playing,
    Stopping { end: PlaybackEnd },
}

#[derive(Debug)]
struct Prompt {
    id: PromptId,
    command_id: Option<u64>,
    kind: PromptKind,
    barge_in: BargeIn,
    state: State,
    /// The longest that playing it may take.
    longest: Duration,
}

/// What became of a prompt.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PromptOutput {
    /// Its first frame left.
    Started {
        prompt: PromptId,
        command_id: Option<u64>,
    },
    /// It is over.
    Finished {
        prompt: PromptId,
        command_id: Option<u64>,
        end: PlaybackEnd,
        played: Duration,
        heard_text: String,
    },
    /// A fact about it never came.
    Lost {
        prompt: PromptId,
        detail: &'static str,
    },
}

/// The queue of prompts to the caller, in the order in which they play.
#[derive(Debug)]
pub(super) struct Prompts {
    queue: VecDeque<Prompt>,
    last: u64,
    protect: Duration,
    /// Until when no voice stops a prompt; known once the first prompt starts.
    protected_until: Option<Duration>,
    /// Since when the first of the queue is in its state.
    head_since: Duration,
    out: VecDeque<PromptOutput>,
}

impl Prompts {
    /// No prompts; the first `protect` of the first one will be protected from voices.
    pub(super) fn new(protect: Duration) -> Self {
        Self {
            queue: VecDeque::new(),
            last: 0,
            protect,
            protected_until: None,
            head_since: Duration::ZERO,
            out: VecDeque::new(),
        }
    }

    /// A name for a prompt that is not the caller's.
    pub(super) fn name(&mut self) -> PromptId {
        self.last += 1;
        PromptId(self.last)
    }

    /// Whether no more prompts may be asked for now.
    pub(super) fn is_full(&self) -> bool {
        self.queue.len() >= MAX_PROMPTS
    }

    /// Whether everything was said.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Takes a prompt behind the others; none when there are too many.
    pub(super) fn ask(
        &mut self,
        now: Duration,
        say: &Say,
        command_id: Option<u64>,
    ) -> Option<PromptId> {
        if self.is_full() {
            return None;
        }
        let id = self.name();
        if self.queue.is_empty() {
            self.head_since = now;
        }
        let chars = u32::try_from(say.text.chars().count()).unwrap_or(u32::MAX);
        self.queue.push_back(Prompt {
            id,
            command_id,
            kind: say.kind,
            barge_in: say.barge_in,
            state: State::Waiting,
            longest: SLOWEST_PER_CHAR.saturating_mul(chars) + SLOWEST_START,
        });
        Some(id)
    }

    /// What the bot says or is about to say; none when it is silent or falling silent.
    pub(super) fn playing(&self) -> Option<Playing> {
        let current = self.queue.iter().find(|prompt| match prompt.state {
            State::Waiting | State::Playing => true,
            State::Stopping { .. } => false,
        })?;
        Some(Playing {
            prompt: current.id,
            kind: current.kind,
            barge_in: current.barge_in,
            protected_until: self.protected_until.unwrap_or(Duration::MAX),
        })
    }

    /// A prompt's first frame left.
    pub(super) fn started(&mut self, now: Duration, id: PromptId) {
        let Some(at) = self.position(id) else { return };
        // Prompts play in order: whatever stands before this one has ended unnoticed.
        for _ in 0..at {
            self.lose(now, "another prompt started before its end was reported");
        }
        let Some(prompt) = self.queue.front_mut() else {
            return;
        };
        match prompt.state {
            State::Waiting => {
                prompt.state = State::Playing;
                self.head_since = now;
                self.protected_until.get_or_insert(now + self.protect);
                let command_id = prompt.command_id;
                self.out.push_back(PromptOutput::Started {
                    prompt: id,
                    command_id,
                });
            }
            State::Playing | State::Stopping { .. } => {}
        }
    }

    /// A prompt's last frame left, or it was stopped.
    pub(super) fn ended(
        &mut self,
        now: Duration,
        id: PromptId,
        completed: bool,
        played: Duration,
        heard_text: String,
    ) {
        let Some(at) = self.position(id) else { return };
        let end = match self.queue.get(at).map(|prompt| prompt.state) {
            Some(State::Stopping { end }) if !completed => end,
            _ if completed => PlaybackEnd::Completed,
            Some(State::Waiting | State::Playing | State::Stopping { .. }) | None => {
                PlaybackEnd::Cleared
            }
        };
        self.finish(now, at, end, played, heard_text);
    }

    /// A prompt could not be spoken.
    pub(super) fn failed(&mut self, now: Duration, id: PromptId) {
        if let Some(at) = self.position(id) {
            self.finish(now, at, PlaybackEnd::Failed, Duration::ZERO, String::new());
        }
    }

    /// Stops everything; true when there was anything to stop. Prompts that wait are over at once;
    /// one that plays is over when its end is reported, with what was heard of it.
    pub(super) fn stop(&mut self, now: Duration, end: PlaybackEnd) -> bool {
        if self.playing().is_none() {
            return false;
        }
        let mut at = 0;
        while let Some(prompt) = self.queue.get_mut(at) {
            match prompt.state {
                State::Waiting => self.finish(now, at, end, Duration::ZERO, String::new()),
                State::Playing => {
                    prompt.state = State::Stopping { end };
                    self.head_since = now;
                    at += 1;
                }
                State::Stopping { .. } => at += 1,
            }
        }
        true
    }

    /// Forgets everything at the call's end: each prompt is over now.
    pub(super) fn clear(&mut self, now: Duration) {
        while !self.queue.is_empty() {
            self.finish(now, 0, PlaybackEnd::Cleared, Duration::ZERO, String::new());
        }
    }

    /// What became of a prompt; none when all is told.
    pub(super) fn poll_output(&mut self) -> Option<PromptOutput> {
        self.out.pop_front()
    }

    /// When the first prompt counts as lost.
    pub(super) fn poll_timeout(&self) -> Option<Deadline> {
        let head = self.queue.front()?;
        let (patience, why) = match head.state {
            State::Waiting => (START_PATIENCE, "prompt start"),
            State::Playing => (head.longest, "prompt end"),
            State::Stopping { .. } => (STOP_PATIENCE, "prompt stop"),
        };
        Some(Deadline::new(self.head_since + patience, why))
    }

    /// Gives up the first prompt when it is lost.
    pub(super) fn handle_timeout(&mut self, now: Duration) {
        if self.poll_timeout().is_some_and(|due| now >= due.at) {
            self.lose(now, "its start or end was never reported");
        }
    }

    fn position(&self, id: PromptId) -> Option<usize> {
        self.queue.iter().position(|prompt| prompt.id == id)
    }

    fn lose(&mut self, now: Duration, detail: &'static str) {
        let Some(head) = self.queue.front() else {
            return;
        };
        let (prompt, end) = match head.state {
            State::Waiting | State::Playing => (head.id, PlaybackEnd::Failed),
            State::Stopping { end } => (head.id, end),
        };
        self.out.push_back(PromptOutput::Lost { prompt, detail });
        self.finish(now, 0, end, Duration::ZERO, String::new());
    }

    fn finish(
        &mut self,
        now: Duration,
        at: usize,
        end: PlaybackEnd,
        played: Duration,
        heard_text: String,
    ) {
        let Some(prompt) = self.queue.remove(at) else {
            return;
        };
        if at == 0 {
            self.head_since = now;
        }
        let Prompt { id, command_id, .. } = prompt;
        let finished = PromptOutput::Finished {
            prompt: id,
            command_id,
            end,
            played,
            heard_text,
        };
        self.out.push_back(finished);
    }
}

#[cfg(test)]
mod tests;
