//! The bot's voice as the calls see it: words out, speech back to the call that asked.
//!
//! flite keeps global state, so one thread speaks. Prompts that were spoken before come from a
//! bounded cache at once, without a turn on that thread.

use sidetone_dialog::api::PromptId;
use sidetone_dialog::session::Party;
use sidetone_tts::{MAX_CHARS, PromptCache, Rate, Script, Spoken, TtsError};
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::mpsc;

/// Prompts that may wait for the voice; one more fails, and its dialog hears of it.
const WAITING: usize = 256;
/// Room for speech that was spoken before: half an hour at 16 kB a second.
const CACHE_BYTES: usize = 32 << 20;
/// The pause between the clauses of a long text.
const BETWEEN_CLAUSES: Duration = Duration::from_millis(150);

/// A prompt to speak.
#[derive(Debug, Clone)]
pub struct Request {
    /// To whom.
    pub party: Party,
    /// The prompt's name within its call.
    pub prompt: PromptId,
    /// The words.
    pub text: String,
    /// The length of the speech in percent of normal; less is faster.
    pub rate_percent: u16,
}

/// What came of a [`Request`].
#[derive(Debug)]
pub struct Speech {
    /// To whom it is spoken.
    pub party: Party,
    /// The prompt.
    pub prompt: PromptId,
    /// The speech, or why there is none.
    pub result: Result<Spoken, VoiceError>,
}

/// Why a prompt could not be spoken.
#[derive(Debug, thiserror::Error)]
pub enum VoiceError {
    /// The voice refused the text.
    #[error(transparent)]
    Tts(#[from] TtsError),
    /// More prompts wait than the voice can speak in useful time.
    #[error("the voice is overloaded")]
    Overloaded,
}

/// The voice, shared by all calls.
#[derive(Clone)]
pub struct Voice {
    work: SyncSender<Work>,
    cache: Arc<Mutex<PromptCache>>,
    /// The configured pace: 1.2 is a fifth faster than the voice's own.
    pace: f32,
}

struct Work {
    script: Script,
    reply: Reply,
}

enum Reply {
    To {
        party: Party,
        prompt: PromptId,
        replies: mpsc::Sender<Speech>,
    },
    /// Only the cache wants it.
    Nobody,
}

impl Voice {
    /// Loads the voice and starts its thread. `pace` 1.0 is the voice's own.
    ///
    /// # Errors
    /// When the voice or the thread cannot be had.
    pub fn start(pace: f32) -> Result<Self, VoiceStartError> {
        let voice = sidetone_tts::Voice::slt()?;
        let cache = Arc::new(Mutex::new(PromptCache::new(CACHE_BYTES)));
        let (work, inbox) = sync_channel(WAITING);
        let thread_cache = cache.clone();
        thread::Builder::new()
            .name("voice".into())
            .spawn(move || speak_all(voice, &inbox, &thread_cache))?;
        Ok(Self { work, cache, pace })
    }

    /// Speaks ahead of need, so that the first caller does not wait for what every caller hears.
    pub fn prepare<'a>(&self, texts: impl IntoIterator<Item = &'a str>) {
        for text in texts {
            let script = self.script(text.to_owned(), 100);
            // What does not fit is spoken when it is needed.
            let _ = self.work.try_send(Work {
                script,
                reply: Reply::Nobody,
            });
        }
    }

    /// Asks for a prompt. Speech that was spoken before is returned at once; other speech arrives
    /// at `replies`.
    pub fn speak(&self, request: Request, replies: &mpsc::Sender<Speech>) -> Option<Speech> {
        let Request {
            party,
            prompt,
            text,
            rate_percent,
        } = request;
        let script = self.script(text, rate_percent);
        if let Some(spoken) = lock(&self.cache).get(&script) {
            return Some(Speech {
                party,
                prompt,
                result: Ok(spoken),
            });
        }
        let reply = Reply::To {
            party,
            prompt,
            replies: replies.clone(),
        };
        match self.work.try_send(Work { script, reply }) {
            Ok(()) => None,
            Err(_) => Some(Speech {
                party,
                prompt,
                result: Err(VoiceError::Overloaded),
            }),
        }
    }

    fn script(&self, text: String, rate_percent: u16) -> Script {
        // Length turned into pace; the cast saturates, and the rate is clamped to what the voice can do.
        let percent = (10_000.0 * self.pace / f32::from(rate_percent.max(1))).round() as u16;
        Script::new(text).at(Rate::percent(percent))
    }
}

/// Whether the voice can speak, for `sidetone doctor`.
///
/// # Errors
/// Why it cannot.
pub fn probe() -> Result<String, String> {
    let mut voice = sidetone_tts::Voice::slt().map_err(|error| error.to_string())?;
    let spoken = voice
        .speak(&Script::new("Hello."))
        .map_err(|error| error.to_string())?;
    Ok(format!(
        "slt speaks: {} ms for one word",
        spoken.duration().as_millis()
    ))
}

/// Why the voice could not be started.
#[derive(Debug, thiserror::Error)]
pub enum VoiceStartError {
    /// The voice itself.
    #[error(transparent)]
    Voice(#[from] TtsError),
    /// Its thread.
    #[error("the voice's thread could not be started: {0}")]
    Thread(#[from] io::Error),
}

fn speak_all(mut voice: sidetone_tts::Voice, inbox: &Receiver<Work>, cache: &Mutex<PromptCache>) {
    let mut ahead = VecDeque::new();
    while let Some(Work { script, reply }) = next_work(inbox, &mut ahead) {
        // Two calls may have asked for the same prompt at once.
        let known = lock(cache).get(&script);
        let result = match known {
            Some(spoken) => Ok(spoken),
            None => speak_parts(&mut voice, &script).map_err(VoiceError::from),
        };
        if let Ok(spoken) = &result {
            lock(cache).insert(script, spoken.clone());
        }
        if let Reply::To {
            party,
            prompt,
            replies,
        } = reply
        {
            // A call that is over needs no speech; one whose queue is full fails the prompt by its own deadline.
            let _ = replies.try_send(Speech {
                party,
                prompt,
                result,
            });
        }
    }
}

/// What calls wait for comes first; what is spoken ahead of need fills the gaps. None once nobody
/// can ask any more.
fn next_work(inbox: &Receiver<Work>, ahead: &mut VecDeque<Work>) -> Option<Work> {
    loop {
        let work = if ahead.is_empty() {
            inbox.recv().ok()?
        } else {
            match inbox.try_recv() {
                Ok(work) => work,
                Err(TryRecvError::Empty) => return ahead.pop_front(),
                Err(TryRecvError::Disconnected) => return None,
            }
        };
        match work.reply {
            Reply::To { .. } => return Some(work),
            Reply::Nobody if ahead.len() < WAITING => ahead.push_back(work),
            // It is spoken when it is needed.
            Reply::Nobody => {}
        }
    }
}

/// Long texts are spoken clause by clause and joined.
fn speak_parts(voice: &mut sidetone_tts::Voice, script: &Script) -> Result<Spoken, TtsError> {
    if script.text.len() <= MAX_CHARS {
        return voice.speak(script);
    }
    let parts = sidetone_tts::split(&script.text)
        .into_iter()
        .map(|part| voice.speak(&Script::new(part).at(script.rate)))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Spoken::join(&parts, BETWEEN_CLAUSES))
}

fn lock(cache: &Mutex<PromptCache>) -> MutexGuard<'_, PromptCache> {
    // Nothing panics while the lock is held.
    cache.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_does_not_wait_for_what_is_spoken_ahead_of_need() {
        let (work, inbox) = sync_channel(WAITING);
        let (replies, _answers) = mpsc::channel(1);
        let script = |text: &str| Script::new(text.to_owned());
        let ahead = |text| Work {
            script: script(text),
            reply: Reply::Nobody,
        };
        for text in ["one", "two"] {
            work.send(ahead(text)).unwrap();
        }
        let reply = Reply::To {
            party: Party::Caller,
            prompt: PromptId(1),
            replies,
        };
        let asked = Work {
            script: script("now"),
            reply,
        };
        work.send(asked).unwrap();
        let mut waiting = VecDeque::new();
        let mut next = || next_work(&inbox, &mut waiting).map(|work| work.script.text.to_string());
        assert_eq!(next().as_deref(), Some("now"));
        assert_eq!(next().as_deref(), Some("one"));
        assert_eq!(next().as_deref(), Some("two"));
        drop(work);
        assert_eq!(next(), None);
    }
}
