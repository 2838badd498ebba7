//! What is due on the floor: barge-in, pause, and the end of the turn.

use super::floor::{Floor, State, THINKING};
use super::output::{TurnEnd, TurnOutput};
use super::utterance::{Utterance, Words};
use crate::api::{EndOfTurnReason, UtteranceId};
use crate::session::{HeardResult, Hypothesis};
use std::time::Duration;

impl Floor {
    /// Takes every step that is due at `now`, whatever led here. At most three follow each other:
    /// barge-in, pause, end of turn.
    pub(super) fn settle(&mut self, now: Duration) {
        match std::mem::replace(&mut self.state, State::Silent) {
            State::Speaking(utterance) => self.settle_speech(now, utterance),
            other @ (State::Silent | State::Paused { .. }) => self.state = other,
        }
        // A pause that is noticed late may be the end of the turn as well.
        match std::mem::replace(&mut self.state, State::Silent) {
            State::Paused { utterance, closing } => self.settle_pause(now, utterance, closing),
            other @ (State::Silent | State::Speaking(_)) => self.state = other,
        }
        let silent = matches!(self.state, State::Silent);
        let quiet = silent && self.playing.is_none() && self.keys.deadline().is_none();
        self.no_input
            .run(now, self.enabled && !self.waiting && quiet);
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
    pub(super) fn turn_deadline(
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
        if self.waiting {
            self.ignore(utterance, "waiting");
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
}

/// What to make known of the answer to a decode; `so_far` is the text with all segments before it.
pub(super) fn report(
    utterance: UtteranceId,
    revision: u32,
    took: Duration,
    result: HeardResult,
    so_far: Option<Hypothesis>,
) -> Vec<TurnOutput> {
    let nothing = |guard| TurnOutput::HeardNothing {
        utterance,
        revision,
        guard,
    };
    match (result, so_far) {
        (HeardResult::Text(heard), Some(hypothesis)) if !heard.text.trim().is_empty() => {
            vec![TurnOutput::Heard {
                utterance,
                revision,
                hypothesis,
                took,
            }]
        }
        (HeardResult::Text(_), _) => vec![nothing("empty".to_owned())],
        (HeardResult::Nothing { guard }, _) => vec![nothing(guard)],
        (HeardResult::Failed(why), _) => {
            let detail = format!("utterance {}.{revision}: {why}", utterance.0);
            let fault = TurnOutput::Fault {
                code: "asr_failed",
                detail,
            };
            vec![nothing(why), fault]
        }
    }
}
