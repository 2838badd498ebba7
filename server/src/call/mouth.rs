//! What one party is told: prompts in the order asked for, whatever order their speech comes in.
//!
//! Here a prompt becomes speech, speech becomes frames, and the end of a prompt becomes a fact with
//! the words that were heard. When to speak and when to stop is decided in `sidetone-dialog`.

use crate::voice::{Request, Speech, Voice};
use sidetone_dialog::api::PromptId;
use sidetone_dialog::session::{Fact, Party};
use sidetone_media::frame::Frame;
use sidetone_media::playout::{self, Playout, PromptEvent};
use sidetone_tts::Spoken;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc;

/// One party's prompts.
pub(super) struct Mouth {
    party: Party,
    voice: Voice,
    replies: mpsc::Sender<Speech>,
    playout: Playout,
    /// Asked for and not yet handed to the playout, oldest first.
    waiting: VecDeque<(PromptId, Option<Spoken>)>,
    /// Handed to the playout and not yet ended, oldest first.
    playing: VecDeque<(PromptId, Spoken)>,
    facts: VecDeque<Fact>,
}

impl Mouth {
    /// Speech that is ready arrives at `replies` and is to be brought to [`Mouth::ready`].
    pub(super) fn new(party: Party, voice: Voice, replies: mpsc::Sender<Speech>) -> Self {
        Self {
            party,
            voice,
            replies,
            playout: Playout::new(),
            waiting: VecDeque::new(),
            playing: VecDeque::new(),
            facts: VecDeque::new(),
        }
    }

    /// Asks for a prompt after those asked for before.
    pub(super) fn speak(&mut self, prompt: PromptId, text: String, rate_percent: u16) {
        self.waiting.push_back((prompt, None));
        let request = Request {
            party: self.party,
            prompt,
            text,
            rate_percent,
        };
        if let Some(speech) = self.voice.speak(request, &self.replies) {
            self.ready(speech);
        }
    }

    /// Takes speech that was asked for; a prompt that was stopped meanwhile needs none.
    pub(super) fn ready(&mut self, speech: Speech) {
        let Some(at) = self
            .waiting
            .iter()
            .position(|(prompt, _)| *prompt == speech.prompt)
        else {
            return;
        };
        match speech.result {
            Ok(spoken) => self.waiting[at].1 = Some(spoken),
            Err(error) => {
                tracing::warn!(%error, "a prompt could not be spoken");
                self.waiting.remove(at);
                self.fail(speech.prompt);
            }
        }
        self.hand_over();
    }

    /// Fades out what plays and drops what was asked for.
    pub(super) fn stop(&mut self) {
        self.playout.stop();
        self.collect();
        while let Some((prompt, _)) = self.waiting.pop_front() {
            self.end(prompt, false, Duration::ZERO, String::new());
        }
    }

    /// Writes the next 20 ms; true when they hold part of a prompt.
    pub(super) fn fill(&mut self, frame: &mut Frame) -> bool {
        let sounding = self.playout.fill(frame).is_some();
        self.collect();
        sounding
    }

    /// What became of the prompts, in order.
    pub(super) fn poll_fact(&mut self) -> Option<Fact> {
        self.facts.pop_front()
    }

    fn hand_over(&mut self) {
        while let Some((prompt, Some(spoken))) = self.waiting.front() {
            let (prompt, spoken) = (*prompt, spoken.clone());
            self.waiting.pop_front();
            match self
                .playout
                .push(playout::PromptId(prompt.0), spoken.pcm.clone())
            {
                Ok(()) => self.playing.push_back((prompt, spoken)),
                Err(playout::QueueFull) => self.fail(prompt),
            }
        }
    }

    fn collect(&mut self) {
        while let Some(event) = self.playout.poll_event() {
            match event {
                PromptEvent::Started(prompt) => self.facts.push_back(Fact::PromptStarted {
                    party: self.party,
                    prompt: PromptId(prompt.0),
                }),
                PromptEvent::Finished {
                    prompt,
                    played,
                    complete,
                } => {
                    let heard = match self.playing.pop_front() {
                        Some((_, spoken)) => spoken.heard(played).to_owned(),
                        None => String::new(),
                    };
                    self.end(PromptId(prompt.0), complete, played, heard);
                }
            }
        }
    }

    fn end(&mut self, prompt: PromptId, completed: bool, played: Duration, heard_text: String) {
        let party = self.party;
        self.facts.push_back(Fact::PromptEnded {
            party,
            prompt,
            completed,
            played,
            heard_text,
        });
    }

    fn fail(&mut self, prompt: PromptId) {
        self.facts.push_back(Fact::PromptFailed {
            party: self.party,
            prompt,
        });
    }
}
