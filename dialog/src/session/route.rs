//! Where each machine's decisions go: to the shell, to the brain, to the record, or to another machine.

use super::prompts::PromptOutput;
use super::{Effect, Hypothesis, Party, Session};
use crate::api::{
    BargeIn, CallEvent, PlaybackEnd, PromptId, PromptKind, Say, Transcript, UtteranceId,
};
use crate::record::Record;
use crate::turn::{DecodeOrder, TurnEnd, TurnOutput};
use std::time::Duration;

/// How fast everything else is spoken.
const NORMAL_RATE_PERCENT: u16 = 100;

impl Session {
    /// Carries every decision on to whom it concerns, until no machine has one left.
    pub(super) fn drain(&mut self, now: Duration) {
        loop {
            if let Some(output) = self.floor.poll_output() {
                self.route_turn(now, output);
            } else if let Some(output) = self.prompts.poll_output() {
                self.route_prompt(now, output);
            } else if let Some(output) = self.transfer.poll_output() {
                self.route_transfer(now, output);
            } else if self.told_waiting != self.transfer.is_active() {
                self.told_waiting = self.transfer.is_active();
                self.floor.waiting(now, self.told_waiting);
            } else if self.told_playing != self.prompts.playing() {
                self.told_playing = self.prompts.playing();
                self.floor.playing(now, self.told_playing);
            } else if self.hang_up_is_due(now) {
                self.finish_hang_up(now);
            } else {
                return;
            }
        }
    }

    fn route_turn(&mut self, now: Duration, output: TurnOutput) {
        match output {
            TurnOutput::SpeechStarted { utterance, overlap } => {
                self.record(now, Record::SpeechStarted { utterance, overlap });
                self.tell(now, CallEvent::SpeechStarted { overlap });
            }
            TurnOutput::SpeechStopped {
                utterance,
                duration,
                voiced,
            } => {
                self.record(now, Record::SpeechStopped { utterance, voiced });
                self.tell(now, CallEvent::SpeechStopped { duration });
            }
            TurnOutput::Decode(order) => self.decode(now, order),
            TurnOutput::Heard {
                utterance,
                revision,
                hypothesis,
                took,
            } => {
                self.route_words(now, utterance, revision, hypothesis, took);
            }
            TurnOutput::HeardNothing {
                utterance,
                revision,
                guard,
            } => {
                let record = Record::HeardNothing {
                    utterance,
                    revision,
                    guard,
                };
                self.record(now, record);
            }
            TurnOutput::BargeIn {
                after,
                voiced,
                threshold,
            } => {
                self.barge_in(now, after, voiced, threshold);
            }
            TurnOutput::KeyStops => self.stop_prompts(now, PlaybackEnd::Dtmf),
            TurnOutput::TurnEnded(end) => self.turn_ended(now, end),
            TurnOutput::NoMatch {
                utterance: _,
                count,
            } => self.no_match(now, count),
            TurnOutput::Ignored {
                utterance,
                voiced,
                why,
            } => {
                let why = why.to_owned();
                self.record(
                    now,
                    Record::TurnIgnored {
                        utterance,
                        voiced,
                        why,
                    },
                );
            }
            TurnOutput::NoInput { count, timer } => self.no_input(now, count, timer),
            TurnOutput::Key(digit) => self.key(now, digit),
            TurnOutput::KeysCollected { digits, why } => {
                self.keys_collected(now, digits, why);
            }
            TurnOutput::Fault { code, detail } => self.fault(now, code, detail),
        }
    }

    fn key(&mut self, now: Duration, digit: char) {
        self.record(now, Record::Key { digit });
        self.tell(now, CallEvent::Dtmf { digit });
    }

    fn decode(&mut self, now: Duration, order: DecodeOrder) {
        let DecodeOrder {
            utterance,
            revision,
            kind,
            from,
            to,
            voiced,
            expect,
        } = order;
        let length = to.saturating_sub(from);
        self.record(
            now,
            Record::DecodeAsked {
                utterance,
                revision,
                kind,
                length,
            },
        );
        let decode = Effect::Decode {
            utterance,
            revision,
            kind,
            from,
            to,
            voiced,
            expect,
        };
        self.out.push_back(decode);
    }

    fn route_words(
        &mut self,
        now: Duration,
        utterance: UtteranceId,
        revision: u32,
        hypothesis: Hypothesis,
        took: Duration,
    ) {
        let Hypothesis {
            text,
            confidence,
            words,
            ..
        } = hypothesis.clone();
        let record = Record::Heard {
            utterance,
            revision,
            text,
            confidence,
            words,
            took,
        };
        self.record(now, record);
        let transcript = transcript(utterance, revision, false, hypothesis);
        self.tell(now, CallEvent::Transcript(transcript));
    }

    fn turn_ended(&mut self, now: Duration, end: TurnEnd) {
        let TurnEnd {
            utterance,
            revision,
            hypothesis,
            reason,
            silence,
            timer,
            expect,
        } = end;
        let text = hypothesis.text.clone();
        let record = Record::TurnEnded {
            utterance,
            text,
            reason,
            silence,
            timer,
            expect,
        };
        self.record(now, record);
        let transcript = transcript(utterance, revision, true, hypothesis);
        self.tell(now, CallEvent::Transcript(transcript.clone()));
        let event = CallEvent::EndOfTurn {
            utterance,
            reason,
            silence,
        };
        self.answer(now, &transcript, event);
    }

    fn route_prompt(&mut self, now: Duration, output: PromptOutput) {
        match output {
            PromptOutput::Started { prompt, command_id } => {
                self.record(now, Record::PromptStarted { prompt });
                self.tell(now, CallEvent::PlaybackStarted { prompt, command_id });
            }
            PromptOutput::Finished {
                prompt,
                command_id,
                end,
                played,
                heard_text,
            } => {
                let heard = heard_text.clone();
                self.record(
                    now,
                    Record::PromptEnded {
                        prompt,
                        end,
                        played,
                        heard,
                    },
                );
                let event = CallEvent::PlaybackFinished {
                    prompt,
                    command_id,
                    end,
                    played,
                    heard_text,
                };
                self.tell(now, event);
            }
            PromptOutput::Lost { prompt, detail } => {
                self.fault(
                    now,
                    "playback_lost",
                    format!("prompt {}: {detail}", prompt.0),
                );
            }
        }
    }

    fn barge_in(&mut self, now: Duration, after: Duration, voiced: Duration, needed: Duration) {
        let Some(playing) = self.prompts.playing() else {
            return;
        };
        let prompt = playing.prompt;
        self.record(
            now,
            Record::BargeIn {
                prompt,
                after,
                voiced,
                threshold: needed,
            },
        );
        self.stop_prompts(now, PlaybackEnd::BargeIn);
        self.tell(now, CallEvent::BargeIn { prompt, after });
    }

    /// The caller takes the floor: what the bot was about to say, and to do, is of the past.
    fn stop_prompts(&mut self, now: Duration, end: PlaybackEnd) {
        if self.stop_prompts_quietly(now, end) {
            self.link.raise_epoch();
        }
    }

    /// Stops the bot without the caller having asked for it.
    pub(super) fn stop_prompts_quietly(&mut self, now: Duration, end: PlaybackEnd) -> bool {
        let stopped = self.prompts.stop(now, end);
        if stopped {
            self.out.push_back(Effect::StopPlayback {
                party: Party::Caller,
            });
        }
        stopped
    }

    /// Says something of the server's own.
    pub(super) fn say_own(&mut self, now: Duration, text: String) {
        let (kind, barge_in) = (PromptKind::Information, BargeIn::Any);
        let say = Say {
            text,
            kind,
            barge_in,
        };
        self.say(now, say, None);
    }

    /// Speaks after the prompts before it. Nobody listens to 32 prompts: one more is dropped.
    pub(super) fn say(&mut self, now: Duration, say: Say, command_id: Option<u64>) {
        let Some(prompt) = self.prompts.ask(now, &say, command_id) else {
            self.fault(now, "prompts_full", "a prompt was dropped".to_owned());
            return;
        };
        self.speak(now, Party::Caller, prompt, say, NORMAL_RATE_PERCENT);
    }

    pub(super) fn speak(
        &mut self,
        now: Duration,
        party: Party,
        prompt: PromptId,
        say: Say,
        rate: u16,
    ) {
        let Say {
            text,
            kind,
            barge_in,
        } = say;
        let record = Record::PromptAsked {
            prompt,
            party,
            text: text.clone(),
            kind,
            barge_in,
        };
        self.record(now, record);
        self.out.push_back(Effect::Speak {
            party,
            prompt,
            text,
            rate_percent: rate,
        });
    }

    pub(super) fn fault(&mut self, now: Duration, code: &'static str, detail: String) {
        self.record(
            now,
            Record::Fault {
                code: code.to_owned(),
                detail,
            },
        );
        self.tell(
            now,
            CallEvent::Fault {
                code: code.to_owned(),
                fatal: false,
            },
        );
    }
}

fn transcript(
    utterance: UtteranceId,
    revision: u32,
    is_final: bool,
    hypothesis: Hypothesis,
) -> Transcript {
    let Hypothesis {
        text,
        confidence,
        words,
        no_speech,
    } = hypothesis;
    Transcript {
        utterance,
        revision,
        is_final,
        text,
        confidence,
        words,
        no_speech,
    }
}
