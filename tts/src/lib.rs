//! Text in, telephone speech out: an embedded voice, with the time at which each word is spoken.
//!
//! ```text
//! Script --say::plan--> flite --shape--> 8 kHz samples + word spans = Spoken
//! ```
//!
//! What lives here: the voice ([`Voice`]), cutting long texts into clauses ([`split`]), reading
//! numbers aloud ([`reading`]), and a bounded cache for prompts ([`PromptCache`]). What does not:
//! playing, mixing, stopping (samples are ready as a whole, so a player can stop at any frame), and
//! deciding what to say.

mod cache;
mod clauses;
mod flite;
pub mod reading;
mod say;
mod shape;
mod spoken;
mod voice;

pub use cache::{CacheStats, PromptCache};
pub use clauses::split;
pub use spoken::{SAMPLE_RATE, Spoken, WordSpan};
pub use voice::{MAX_CHARS, Rate, Script, TtsError, Voice};
