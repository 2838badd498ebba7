//! The floor: the caller's turn as one machine.

use super::TurnConfig;
use super::barge_in::Playing;
use super::keypad::{Collected, Collector};
use super::no_input::NoInput;
use super::onset::{Onset, Started};
use super::output::TurnOutput;
use super::settle::report;
use super::timers::Timers;
use super::utterance::{Utterance, Words};
use crate::api::{Expect, Listen, UtteranceId};
use crate::deadline::Deadline;
use crate::session::HeardResult;
use crate::understand::completeness;
use std::collections::VecDeque;
use std::time::Duration;

/// How long the brain may think about an answer before the caller's silence is its business again.
pub(super) const THINKING: Duration = Duration::from_secs(10);

/// Where the caller's turn stands.
///
/// ```text
///            onset                    pause, or max speech
///  Silent ----------> Speaking ------------------------------> Paused
///    ^                   ^                                       |  |
///    |                   +--------------- onset -----------------+  |
///    +-- timer and words; no words in time; a key; noise -----------+
/// ```
///
/// After the longest speech allowed, `Paused` is `closing`: speech no longer leads back to `Speaking`.
#[derive(Debug, Clone)]
pub(super) enum State {
    Silent,
    Speaking(Utterance),
    Paused {
        utterance: Utterance,
        closing: Option<Duration>,
    },
}

/// Decides whose turn it is from speech marks, prompts, keys and texts.
#[derive(Debug)]
pub struct Floor {
    pub(super) config: TurnConfig,
    pub(super) state: State,
    pub(super) onset: Onset,
    pub(super) no_input: NoInput,
    pub(super) keys: Collector,
    pub(super) expect: Expect,
    limit: Option<Duration>,
    pub(super) playing: Option<Playing>,
    pub(super) enabled: bool,
    pub(super) waiting: bool,
    opening: bool,
    utterances: u64,
    /// The end of the last utterance's speech.
    pub(super) heard_until: Duration,
    pub(super) no_inputs: u32,
    pub(super) no_matches: u32,
    /// When the last frame came; none while frames are not missed.
    last_frame: Option<Duration>,
    pub(super) out: VecDeque<TurnOutput>,
}

impl Floor {
    /// A floor on which nobody may speak yet.
    #[must_use]
    pub fn new(config: TurnConfig) -> Self {
        Self {
            config,
            state: State::Silent,
            onset: Onset::default(),
            no_input: NoInput::default(),
            keys: Collector::default(),
            expect: Expect::Free,
            limit: None,
            playing: None,
            enabled: false,
            waiting: false,
            opening: true,
            utterances: 0,
            heard_until: Duration::ZERO,
            no_inputs: 0,
            no_matches: 0,
            last_frame: None,
            out: VecDeque::with_capacity(16),
        }
    }

    /// Opens the floor when media flows, and closes it while a human has the caller.
    pub fn enable(&mut self, now: Duration, enabled: bool) {
        if enabled == self.enabled {
            return;
        }
        self.enabled = enabled;
        self.last_frame = enabled.then_some(now);
        self.drop_utterance("handover");
        self.onset.reset();
        self.keys.clear();
        self.no_input.restart(THINKING);
        self.settle(now);
    }

    /// Whether the caller waits for a human: then nobody expects an answer, and silence and noise
    /// are no failures.
    pub fn waiting(&mut self, now: Duration, waiting: bool) {
        self.waiting = waiting;
        self.no_inputs = 0;
        self.no_matches = 0;
        self.no_input.restart(self.no_input_limit().max(THINKING));
        self.settle(now);
    }

    /// What kind of answer is expected from now on.
    pub fn listen(&mut self, now: Duration, listen: &Listen) {
        self.expect = listen.expect;
        self.limit = listen.no_input;
        self.keys.listen(listen.keypad);
        self.no_input.restart(self.no_input_limit());
        if let State::Paused { utterance, .. } = &mut self.state
            && let Words::Known(words, answer) = &mut utterance.words
        {
            *answer = completeness(self.expect, &words.text);
        }
        self.settle(now);
    }

    /// What the bot is saying or about to; none when it is silent.
    pub fn playing(&mut self, now: Duration, playing: Option<Playing>) {
        if self.playing.is_some() && playing.is_none() {
            self.no_input.restart(self.no_input_limit());
        }
        self.playing = playing;
        self.settle(now);
    }

    /// One frame of the caller that ended at `now`.
    pub fn frame(&mut self, now: Duration, voiced: bool) {
        if !self.enabled {
            return;
        }
        self.last_frame = Some(now);
        match std::mem::replace(&mut self.state, State::Silent) {
            State::Silent => self.frame_in_silence(now, voiced),
            State::Speaking(utterance) => self.frame_in_speech(now, voiced, utterance),
            State::Paused { utterance, closing } => {
                self.frame_in_pause(now, voiced, utterance, closing);
            }
        }
        self.settle(now);
    }

    /// A key.
    pub fn key(&mut self, now: Duration, key: char) {
        if !self.enabled {
            return;
        }
        if self.keys.ends_full_answer(now, key) {
            // It is not meant for the prompt that answers the keys before it.
            self.out.push_back(TurnOutput::Key(key));
            return;
        }
        // The prompt is stopped first, so that the brain is told of the key in the new epoch.
        if self.playing.is_some_and(|playing| playing.yields_to_key()) {
            self.out.push_back(TurnOutput::KeyStops);
        }
        self.out.push_back(TurnOutput::Key(key));
        self.drop_utterance("key");
        let collected = self.keys.key(now, key);
        self.collected(collected);
        self.settle(now);
    }

    /// The answer to a decode.
    pub fn heard(
        &mut self,
        now: Duration,
        utterance: UtteranceId,
        revision: u32,
        result: HeardResult,
    ) {
        let current = match &mut self.state {
            State::Silent => return,
            State::Speaking(current)
            | State::Paused {
                utterance: current, ..
            } => current,
        };
        if current.id != utterance {
            return;
        }
        let Some(took) = current.answered(now, revision, &result) else {
            return;
        };
        let so_far = current.so_far();
        current.judge(self.expect);
        self.out
            .extend(report(utterance, revision, took, result, so_far));
        self.settle(now);
    }

    /// The next decision; none when all are taken.
    pub fn poll_output(&mut self) -> Option<TurnOutput> {
        self.out.pop_front()
    }

    /// When [`Floor::handle_timeout`] is next due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Deadline> {
        if !self.enabled {
            return None;
        }
        let mut soonest = self
            .no_input
            .deadline()
            .map(|at| Deadline::new(at, "no input"));
        let mut fold = |at: Option<Duration>, why| {
            soonest = Deadline::soonest(soonest, at.map(|at| Deadline::new(at, why)));
        };
        fold(self.keys.deadline(), "keys");
        fold(
            self.last_frame.map(|at| at + self.config.frames_lost),
            "frames",
        );
        match &self.state {
            State::Silent => {}
            State::Speaking(u) => fold(Some(u.last_voiced + self.config.pause), "pause"),
            State::Paused { utterance, closing } => {
                fold(
                    Some(self.turn_deadline(utterance, *closing).0),
                    "end of turn",
                );
            }
        }
        soonest
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Duration) {
        if !self.enabled {
            return;
        }
        if self
            .last_frame
            .is_some_and(|at| now >= at + self.config.frames_lost)
        {
            self.last_frame = None;
            let detail = "no audio came from the caller's leg".to_owned();
            self.out.push_back(TurnOutput::Fault {
                code: "frames_lost",
                detail,
            });
        }
        let collected = self.keys.handle_timeout(now);
        self.collected(collected);
        self.settle(now);
        if self.no_input.deadline().is_some_and(|at| now >= at) {
            self.no_inputs += 1;
            let timer = self.no_input.limit();
            self.out.push_back(TurnOutput::NoInput {
                count: self.no_inputs,
                timer,
            });
            self.no_input.restart(self.no_input_limit().max(THINKING));
            self.settle(now);
        }
    }

    fn frame_in_silence(&mut self, now: Duration, voiced: bool) {
        let Some(started) = self.onset.frame(now, voiced) else {
            return;
        };
        self.utterances += 1;
        let id = UtteranceId(self.utterances);
        let utterance = Utterance::new(id, started, now, self.heard_until, &self.config);
        self.speaks(utterance);
    }

    fn frame_in_speech(&mut self, now: Duration, voiced: bool, mut utterance: Utterance) {
        if voiced {
            utterance.voiced(now);
            self.out
                .extend(utterance.decode_partial(now, self.expect, &self.config));
        }
        self.state = State::Speaking(utterance);
    }

    fn frame_in_pause(
        &mut self,
        now: Duration,
        voiced: bool,
        mut utterance: Utterance,
        closing: Option<Duration>,
    ) {
        match self.onset.frame(now, voiced) {
            Some(Started { .. }) if closing.is_some() => {
                self.state = State::Paused { utterance, closing };
            }
            Some(started) => {
                utterance.resume(now, started, &self.config);
                self.speaks(utterance);
            }
            None => self.state = State::Paused { utterance, closing },
        }
    }

    fn speaks(&mut self, utterance: Utterance) {
        let overlap = self.playing.is_some();
        self.out.push_back(TurnOutput::SpeechStarted {
            utterance: utterance.id,
            overlap,
        });
        self.onset.reset();
        self.state = State::Speaking(utterance);
    }

    pub(super) fn turn_over(&mut self) {
        self.opening = false;
        self.no_inputs = 0;
        self.no_matches = 0;
        self.no_input.restart(self.no_input_limit().max(THINKING));
    }

    fn collected(&mut self, collected: Option<Collected>) {
        if let Some(Collected { digits, why }) = collected {
            self.turn_over();
            self.out
                .push_back(TurnOutput::KeysCollected { digits, why });
        }
    }

    fn drop_utterance(&mut self, why: &'static str) {
        match std::mem::replace(&mut self.state, State::Silent) {
            State::Silent => {}
            State::Speaking(utterance) | State::Paused { utterance, .. } => {
                self.heard_until = utterance.last_voiced;
                self.ignore(&utterance, why);
            }
        }
    }

    pub(super) fn ignore(&mut self, utterance: &Utterance, why: &'static str) {
        let (id, voiced) = (utterance.id, utterance.voiced);
        self.out.push_back(TurnOutput::Ignored {
            utterance: id,
            voiced,
            why,
        });
    }

    pub(super) fn timers(&self) -> Timers {
        Timers::of(self.expect, self.opening)
    }

    pub(super) fn no_input_limit(&self) -> Duration {
        self.limit.unwrap_or(self.timers().no_input)
    }
}
