//! Marks every frame of a caller as voiced or not. Three judges must agree: a small neural
//! network (the `earshot` crate) that knows voices on a clean line, an energy gate over the noise
//! in `floor` that the network lacks, and `tone_guard`, since both take tones for voices. When a
//! turn begins or ends is decided elsewhere, from many marks.

mod floor;
#[cfg(test)]
mod tests;
mod tone_guard;

use std::fmt;

use earshot::Detector;

use crate::frame::{FRAME_SAMPLES, Frame, FrameKind};
use crate::level::level_dbov;
use crate::resample::Upsampler;
use floor::NoiseFloor;
use tone_guard::ToneGuard;

/// Samples that the network takes at once, at 16 kHz: 16 ms.
const NETWORK_FRAME: usize = 256;

/// Where speech is told from the rest. The defaults are tuned on telephone speech.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VadConfig {
    /// Score at which an unvoiced stretch turns voiced. Below 0.5 the network takes noise for
    /// speech.
    pub on_score: f32,
    /// Score under which a voiced stretch turns unvoiced.
    pub off_score: f32,
    /// `on_score` while the bot speaks, when an echo of it may come back.
    pub on_score_playing: f32,
    /// How far speech stands above the noise, in dB.
    pub above_noise_db: f32,
    /// How much further while the bot speaks, in dB.
    pub above_noise_playing_db: f32,
    /// Speech is never quieter than this.
    pub min_level_dbov: f32,
}

impl Default for VadConfig {
    fn default() -> VadConfig {
        VadConfig {
            on_score: 0.5,
            off_score: 0.35,
            on_score_playing: 0.7,
            above_noise_db: 6.0,
            above_noise_playing_db: 6.0,
            min_level_dbov: -52.0,
        }
    }
}

/// What is said of one frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpeechMark {
    /// Whether the caller is speaking.
    pub voiced: bool,
    /// Level of the frame; 0 is full scale, -127 is silence.
    pub level_dbov: f32,
    /// The network's highest score in this frame, 0 to 1.
    pub score: f32,
}

/// The voice activity detector of one leg. Marking does not allocate.
pub struct Vad {
    config: VadConfig,
    detector: Box<Detector>,
    upsampler: Upsampler,
    pending: [i16; NETWORK_FRAME],
    pending_count: usize,
    floor: NoiseFloor,
    guard: ToneGuard,
    voiced: bool,
}

impl Default for Vad {
    fn default() -> Vad {
        Vad::new(VadConfig::default())
    }
}

impl fmt::Debug for Vad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vad")
            .field("config", &self.config)
            .field("voiced", &self.voiced)
            .finish()
    }
}

impl Vad {
    /// A detector that has heard nothing.
    pub fn new(config: VadConfig) -> Vad {
        Vad {
            config,
            detector: Detector::default_boxed(),
            upsampler: Upsampler::new(),
            pending: [0; NETWORK_FRAME],
            pending_count: 0,
            floor: NoiseFloor::new(),
            guard: ToneGuard::new(),
            voiced: false,
        }
    }

    /// Marks the next frame. `while_playing` says that the bot is being heard: then more is asked
    /// of what may be its echo.
    pub fn mark(&mut self, frame: &Frame, kind: FrameKind, while_playing: bool) -> SpeechMark {
        let level = level_dbov(frame);
        let score = self.score(frame);
        let tone = self.guard.is_tone(frame);
        match kind {
            FrameKind::Speech => {
                self.floor.learn(level);
                self.voiced = !tone && self.is_voice(level, score, while_playing);
            }
            // What we made up says nothing of the caller.
            FrameKind::Concealed | FrameKind::Silence => self.voiced = false,
        }
        SpeechMark {
            voiced: self.voiced,
            level_dbov: level,
            score,
        }
    }

    /// The level of the noise behind the caller, in dBov.
    pub fn noise_floor_dbov(&self) -> f32 {
        self.floor.level()
    }

    fn is_voice(&self, level: f32, score: f32, while_playing: bool) -> bool {
        let config = &self.config;
        let (on, extra) = if while_playing {
            (config.on_score_playing, config.above_noise_playing_db)
        } else {
            (config.on_score, 0.0)
        };
        let needed = if self.voiced { config.off_score } else { on };
        let gate = (self.floor.level() + config.above_noise_db + extra).max(config.min_level_dbov);
        score >= needed && level >= gate
    }

    /// Feeds the network; at least one of its frames ends in each of ours.
    fn score(&mut self, frame: &Frame) -> f32 {
        let mut wide = [0; 2 * FRAME_SAMPLES];
        self.upsampler.process(frame, &mut wide);
        let mut score = 0.0_f32;
        let mut rest = wide.as_slice();
        while !rest.is_empty() {
            let count = rest.len().min(NETWORK_FRAME - self.pending_count);
            let (now, later) = rest.split_at(count);
            self.pending[self.pending_count..self.pending_count + count].copy_from_slice(now);
            self.pending_count += count;
            rest = later;
            if self.pending_count == NETWORK_FRAME {
                score = score.max(self.detector.predict_i16(&self.pending));
                self.pending_count = 0;
            }
        }
        score
    }
}
