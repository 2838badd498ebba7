//! What goes into the pool and what comes out of it.

use crate::guard::Guard;
use crate::hypothesis::Hypothesis;
use std::time::Duration;

/// Samples per second of a job's audio.
pub const SAMPLE_RATE: u32 = 16_000;
/// Longest audio of one job; with its padding it fills the engine's 30 s window.
pub const MAX_AUDIO: Duration = Duration::from_secs(28);
/// Less speech than this is a click or a breath.
pub const MIN_VOICED: Duration = Duration::from_millis(160);
/// The same bound where a clipped "yes" or "no" is expected.
pub const MIN_VOICED_SHORT_ANSWER: Duration = Duration::from_millis(100);

/// How much a result is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// The utterance so far; a newer job of the same call replaces it.
    Partial,
    /// The whole utterance; it is decoded even when late.
    Final,
}

/// One stretch of one call's speech to decode.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The call, by the server's number.
    pub call: u64,
    /// The utterance within the call; grows.
    pub utterance: u64,
    /// The version of the utterance's audio; grows within the utterance.
    pub revision: u32,
    /// Partial or final.
    pub kind: JobKind,
    /// Mono samples at 16 kHz in -1.0..=1.0, with about 300 ms before the onset.
    pub audio: Vec<f32>,
    /// How much of the audio the voice activity detector took for speech.
    pub voiced: Duration,
    /// Least speech worth decoding: [`MIN_VOICED`] or [`MIN_VOICED_SHORT_ANSWER`].
    pub min_voiced: Duration,
    /// On the clock: a partial not begun by then is dropped.
    pub deadline: Duration,
}

impl Job {
    /// Length of the audio.
    pub fn duration(&self) -> Duration {
        duration_of(self.audio.len())
    }
}

/// What became of a job; every job that the pool took ends in exactly one of these.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The job's call.
    pub call: u64,
    /// The job's utterance.
    pub utterance: u64,
    /// The job's revision.
    pub revision: u32,
    /// The job's kind.
    pub kind: JobKind,
    /// What came of it.
    pub outcome: Outcome,
    /// Time spent waiting for a worker.
    pub queued: Duration,
    /// Time spent decoding.
    pub took: Duration,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The engine heard this; the text may be empty when it heard no words.
    Text(Hypothesis),
    /// A guard held the result back.
    Rejected {
        /// Which one.
        guard: Guard,
        /// What the engine had made of the audio; empty when it was not asked.
        text: String,
    },
    /// A newer job replaced it, it was cancelled, or it was a partial past its deadline.
    Aborted,
    /// The engine failed; the message is for the log.
    Failed(String),
}

/// Length of so many samples at [`SAMPLE_RATE`].
pub(crate) fn duration_of(samples: usize) -> Duration {
    Duration::from_micros(samples as u64 * 1_000_000 / u64::from(SAMPLE_RATE))
}
