//! The voice: a script goes in, levelled telephone speech with word times comes out.

use crate::flite::{Engine, Failure};
use crate::say::Plan;
use crate::shape;
use crate::spoken::Spoken;

/// Most characters of one script, about a minute of speech; cut longer texts by [`crate::split`].
pub const MAX_CHARS: usize = 1_000;

/// How fast to speak, in percent of the voice's normal rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rate(u16);

impl Rate {
    /// The voice's own rate.
    pub const NORMAL: Self = Self(100);
    /// Half the normal rate.
    pub const SLOWEST: Self = Self(50);
    /// Twice the normal rate.
    pub const FASTEST: Self = Self(200);

    /// A rate in percent, held within [`Rate::SLOWEST`] and [`Rate::FASTEST`].
    pub fn percent(percent: u16) -> Self {
        Self(percent).clamp(Self::SLOWEST, Self::FASTEST)
    }

    /// How many times longer than normal speech takes.
    fn stretch(self) -> f32 {
        100.0 / f32::from(self.0)
    }
}

impl Default for Rate {
    fn default() -> Self {
        Self::NORMAL
    }
}

/// A text and how to speak it; the key of the prompt cache.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Script {
    /// The text as it would be shown; word spans point into it. Plain text: markup is not obeyed.
    pub text: String,
    /// How fast to speak it.
    pub rate: Rate,
}

impl Script {
    /// A text at the normal rate.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            rate: Rate::NORMAL,
        }
    }

    /// The same text at another rate.
    #[must_use]
    pub fn at(self, rate: Rate) -> Self {
        Self { rate, ..self }
    }
}

/// Why there is no speech; each message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TtsError {
    /// The text has nothing that can be spoken.
    #[error("the text has no word to speak: leave it out")]
    Nothing,
    /// The text is longer than [`MAX_CHARS`].
    #[error("the text has {chars} characters, more than {MAX_CHARS}: speak it clause by clause")]
    TooLong {
        /// Its length in characters.
        chars: usize,
    },
    /// The voice could not be loaded.
    #[error("the voice could not be loaded: check the free memory")]
    Load,
    /// The synthesiser gave no usable audio.
    #[error("the synthesiser gave no usable audio for this text: reword it")]
    Synthesis,
}

/// A loaded voice. It may move between threads and speaks one script at a time.
///
/// All voices of a process share one lock, since the synthesiser is not built for threads: a second
/// of speech takes about 15 ms of it.
pub struct Voice {
    engine: Engine,
}

impl Voice {
    /// Loads the female US English voice that is part of the binary.
    pub fn slt() -> Result<Self, TtsError> {
        Engine::slt()
            .map(|engine| Self { engine })
            .ok_or(TtsError::Load)
    }

    /// Speaks a script as a whole. The samples differ from run to run; their number does not.
    pub fn speak(&mut self, script: &Script) -> Result<Spoken, TtsError> {
        let chars = script.text.chars().count();
        if chars > MAX_CHARS {
            return Err(TtsError::TooLong { chars });
        }
        let plan = Plan::of(&script.text);
        if plan.is_empty() {
            return Err(TtsError::Nothing);
        }
        let raw = self
            .engine
            .synthesise(plan.spoken(), script.rate.stretch())
            .map_err(|failure| match failure {
                // The plan holds no zero byte, so this is the synthesiser's own fault as well.
                Failure::Nul | Failure::Synthesis => TtsError::Synthesis,
            })?;
        let speech = shape::Speech::of(&raw).ok_or(TtsError::Synthesis)?;
        let spans = plan.spans(&raw.tokens, speech.len_s());
        let (pcm, words) = speech.finish(&script.text, spans);
        Ok(Spoken::new(&script.text, pcm, words))
    }
}

#[cfg(test)]
mod tests;
