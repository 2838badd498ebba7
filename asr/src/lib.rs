//! Speech in, words out: a Whisper engine for telephone speech, its worker pool and its guards.
//!
//! ```text
//! Job --submit--> Queue --> worker thread: Decoder --> guards --> Decoded --> sink
//! ```
//!
//! What lives here: loading a model file ([`Model`]), preparing audio, decoding, judging what came
//! out ([`guard`]), and running many calls' jobs on a few threads ([`Pool`]). What does not: voice
//! activity detection, end of turn, language understanding, resampling. Audio arrives as 16 kHz
//! mono, already cut to one utterance. The time comes from the [`Clock`] that the shell hands in.

mod clock;
mod decoder;
mod ggml;
pub mod guard;
mod hypothesis;
mod job;
mod model;
mod pool;
mod prepare;
mod profile;
mod queue;

pub use clock::Clock;
pub use ggml::{Header, HeaderError};
pub use guard::Guard;
pub use hypothesis::{Hypothesis, Word};
pub use job::{
    Decoded, Job, JobKind, MAX_AUDIO, MIN_VOICED, MIN_VOICED_SHORT_ANSWER, Outcome, SAMPLE_RATE,
};
pub use model::{Model, ModelError};
pub use pool::{JobHandle, Pool, PoolConfig, PoolError, PoolStats, Refused};
pub use profile::{ContextPolicy, ModelProfile};
