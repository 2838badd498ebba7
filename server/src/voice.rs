//! The bot's voice as the calls see it: words out, speech back to the call that asked.
//!
//! flite keeps global state, so one thread speaks. Prompts that were spoken before come from a
//! bounded cache at once, without a turn on that thread.

use sidetone_dialog::api::PromptId;
use sidetone_dialog::session::Party;
use sidetone_tts::{PromptCache, Spoken, SpokenKey, TtsError};
use std::sync::{Arc, Mutex, PoisonError, mpsc as std_mpsc};
use std::thread;
use tokio::sync::mpsc;

/// Prompts that may wait for the voice; with more the prompt fails and the dialog hears of it.
const WAITING: usize = 256;
/// Room for speech that was spoken before: half an hour at 16 kB a second.
const CACHE_BYTES: usize = 32 << 20;

/// A prompt to speak.
#[derive(Debug, Clone)]
pub struct Request {
    /// To whom.
    pub party: Party,
    /// The prompt's name within its call.
    pub prompt: PromptId,
    /// The words.
    pub text: String,
    /// The length of the speech in percent of normal.
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
    pub result: Result<Arc<Spoken>, VoiceError>,
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

struct Work {
    request: Request,
    reply: mpsc::Sender<Speech>,
}
