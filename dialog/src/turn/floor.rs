//! The floor: the caller's turn as one machine.

use super::TurnConfig;
use super::barge_in::Playing;
use super::keypad::{Collected, Collector};
use super::no_input::NoInput;
use super::onset::{Onset, Started};
use super::output::{TurnEnd, TurnOutput};
use super::timers::Timers;
use super::utterance::{Utterance, Words};
use crate::api::{EndOfTurnReason, Expect, Listen, UtteranceId};
use crate::deadline::Deadline;
use crate::session::HeardResult;
use crate::understand::completeness;
use std::collections::VecDeque;
use std::time::Duration;

/// How long the brain may think about an answer before the caller's silence is its business again.
const THINKING: Duration = Duration::from_secs(10);

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
enum State {
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
    config: TurnConfig,
    state: State,
    onset: Onset,
    no_input: NoInput,
    keys: Collector,
    expect: Expect,
    limit: Option<Duration>,
    playing: Option<Playing>,
    enabled: bool,
    opening: bool,
    utterances: u64,
    /// The end of the last utterance's speech.
    heard_until: Duration,
    no_inputs: u32,
    no_matches: u32,
    /// When the last frame came; none while frames are not missed.
    last_frame: Option<Duration>,
    out: VecDeque<TurnOutput>,
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
        self.out.push_back(TurnOutput::Key(key));
        self.drop_utterance("key");
        if self.playing.is_some_and(|playing| playing.yields_to_key()) {
            self.out.push_back(TurnOutput::KeyStops);
        }
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
        let Some(took) = current.answered(now, revision) else {
            return;
        };
        let (words, output) = judge(utterance, revision, took, self.expect, result);
        if current.words == Words::Awaited {
            current.words = words;
        }
        self.out.extend(output);
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

    /// Takes every step that is due at `now`, whatever led here. At most three follow each other:
    /// barge-in, pause, end of turn.
    fn settle(&mut self, now: Duration) {
        match std::mem::replace(&mut self.state, State::Silent) {
            State::Silent => {}
            State::Speaking(utterance) => self.settle_speech(now, utterance),
            State::Paused { utterance, closing } => self.settle_pause(now, utterance, closing),
        }
        let silent = matches!(self.state, State::Silent);
        let quiet = silent && self.playing.is_none() && self.keys.deadline().is_none();
        self.no_input.run(now, self.enabled && quiet);
    }

    fn settle_speech(&mut self, now: Duration, mut utterance: Utterance) {
        if let Some(playing) = self.playing
            && !utterance.took_floor
            && let Some(threshold) = playing.stopped_by(&self.config, now, utterance.voiced)
        {
            utterance.took_floor = true;
            let after = now.saturating_sub(utterance.onset);
            let voiced = utterance.voiced;
            self.out.push_back(TurnOutput::BargeIn {
                after,
                voiced,
                threshold,
            });
        }
        let too_long = now >= utterance.onset + self.timers().max_speech;
        if too_long || now >= utterance.last_voiced + self.config.pause {
            let duration = utterance.last_voiced.saturating_sub(utterance.onset);
            let voiced = utterance.voiced;
            let id = utterance.id;
            self.out.push_back(TurnOutput::SpeechStopped {
                utterance: id,
                duration,
                voiced,
            });
            self.out
                .push_back(utterance.decode_final(now, self.expect, &self.config));
            self.onset.reset();
            self.state = State::Paused {
                utterance,
                closing: too_long.then_some(now),
            };
        } else {
            self.state = State::Speaking(utterance);
        }
    }

    fn settle_pause(&mut self, now: Duration, utterance: Utterance, closing: Option<Duration>) {
        let (at, timer, reason) = self.turn_deadline(&utterance, closing);
        if now < at {
            self.state = State::Paused { utterance, closing };
            return;
        }
        self.heard_until = utterance.last_voiced;
        self.onset.reset();
        let silence = now.saturating_sub(utterance.last_voiced);
        let counts = utterance.took_floor
            || self.playing.is_none_or(|playing| {
                playing.counts_as_turn(&self.config, utterance.onset, utterance.voiced)
            });
        match utterance.words.clone() {
            _ if !counts => self.ignore(&utterance, "backchannel"),
            Words::Known(hypothesis, _) => {
                let revision = utterance.revision();
                let expect = self.expect;
                self.turn_over();
                self.out.push_back(TurnOutput::TurnEnded(TurnEnd {
                    utterance: utterance.id,
                    revision,
                    hypothesis,
                    reason,
                    silence,
                    timer,
                    expect,
                }));
            }
            Words::None => self.without_words(&utterance),
            Words::Awaited => {
                let patience = self.config.text_patience.as_millis();
                let detail = format!("utterance {}: no words {patience} ms late", utterance.id.0);
                self.out.push_back(TurnOutput::Fault {
                    code: "asr_late",
                    detail,
                });
                self.without_words(&utterance);
            }
        }
    }

    /// When the turn is over if nothing more is said, by which timer and for which reason.
    fn turn_deadline(
        &self,
        utterance: &Utterance,
        closing: Option<Duration>,
    ) -> (Duration, Duration, EndOfTurnReason) {
        let timers = self.timers();
        let (timer, reason) = match &utterance.words {
            Words::Known(_, answer) => timers.silence(*answer),
            Words::None | Words::Awaited => (timers.incomplete, EndOfTurnReason::Incomplete),
        };
        let late = match &utterance.words {
            Words::Awaited => self.config.text_patience,
            Words::Known(..) | Words::None => Duration::ZERO,
        };
        match closing {
            Some(at) => (at + late, timers.max_speech, EndOfTurnReason::MaxSpeech),
            None => (utterance.last_voiced + timer + late, timer, reason),
        }
    }

    fn without_words(&mut self, utterance: &Utterance) {
        if utterance.voiced < self.config.min_no_match && !utterance.took_floor {
            self.ignore(utterance, "cough");
            return;
        }
        self.no_inputs = 0;
        self.no_matches += 1;
        self.no_input.restart(self.no_input_limit().max(THINKING));
        let count = self.no_matches;
        self.out.push_back(TurnOutput::NoMatch {
            utterance: utterance.id,
            count,
        });
    }

    fn turn_over(&mut self) {
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

    fn ignore(&mut self, utterance: &Utterance, why: &'static str) {
        let (id, voiced) = (utterance.id, utterance.voiced);
        self.out.push_back(TurnOutput::Ignored {
            utterance: id,
            voiced,
            why,
        });
    }

    fn timers(&self) -> Timers {
        Timers::of(self.expect, self.opening)
    }

    fn no_input_limit(&self) -> Duration {
        self.limit.unwrap_or(self.timers().no_input)
    }
}

/// What the answer to a decode means for the words, and what to make known of it.
fn judge(
    utterance: UtteranceId,
    revision: u32,
    took: Duration,
    expect: Expect,
    result: HeardResult,
) -> (Words, Vec<TurnOutput>) {
    let nothing = |guard| TurnOutput::HeardNothing {
        utterance,
        revision,
        guard,
    };
    match result {
        HeardResult::Text(hypothesis) if hypothesis.text.trim().is_empty() => {
            (Words::None, vec![nothing("empty".to_owned())])
        }
        HeardResult::Text(hypothesis) => (
            Words::Known(hypothesis.clone(), completeness(expect, &hypothesis.text)),
            vec![TurnOutput::Heard {
                utterance,
                revision,
                hypothesis,
                took,
            }],
        ),
        HeardResult::Nothing { guard } => (Words::None, vec![nothing(guard)]),
        HeardResult::Failed(why) => {
            let detail = format!("utterance {}.{revision}: {why}", utterance.0);
            (
                Words::None,
                vec![
                    nothing(why),
                    TurnOutput::Fault {
                        code: "asr_failed",
                        detail,
                    },
                ],
            )
        }
    }
}
