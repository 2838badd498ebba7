//! The caller's side of a call: what is heard of the caller, and what the caller hears.

use super::leg::MediaLeg;
use super::mouth::Mouth;
use sidetone_dialog::session::{Fact, SpeechMark};
use sidetone_media::frame::{FRAME_DURATION, Frame};
use sidetone_media::history::AudioRing;
use sidetone_media::resample::Upsampler;
use sidetone_media::tone::ToneGenerator;
use sidetone_media::vad::{Vad, VadConfig};
use std::time::Duration;

/// Seconds of the caller's audio kept for decoding: longer than any utterance that is decoded.
const HISTORY_SECONDS: usize = 40;

/// The caller's media and what hangs on it.
pub(super) struct CallerSide {
    pub(super) leg: MediaLeg,
    pub(super) mouth: Mouth,
    vad: Vad,
    history: AudioRing,
    /// When the first frame of the history began, on the call's time axis.
    history_began: Option<Duration>,
    hold: Option<ToneGenerator>,
    /// The caller hears a prompt or the hold sound: the detector is then less easily woken.
    sounding: bool,
}

impl CallerSide {
    pub(super) fn new(leg: MediaLeg, mouth: Mouth) -> Self {
        Self {
            leg,
            mouth,
            vad: Vad::new(VadConfig::default()),
            history: AudioRing::new(HISTORY_SECONDS),
            history_began: None,
            hold: None,
            sounding: false,
        }
    }

    /// Takes the 20 ms that are due from the caller and says what they hold.
    pub(super) fn hear(&mut self, now: Duration, frame: &mut Frame) -> Fact {
        let kind = self.leg.poll_frame(now, frame);
        self.history_began
            .get_or_insert(now.saturating_sub(FRAME_DURATION));
        self.history.push(frame);
        let mark = self.vad.mark(frame, kind, self.sounding);
        Fact::Frame(SpeechMark {
            voiced: mark.voiced,
        })
    }

    /// Writes the 20 ms that the caller hears of the bot: a prompt, else the hold sound, else silence.
    pub(super) fn fill(&mut self, frame: &mut Frame) {
        let prompt = self.mouth.fill(frame);
        if !prompt && let Some(hold) = &mut self.hold {
            hold.fill(frame);
        }
        self.sounding = prompt || self.hold.is_some();
    }

    /// Sends what the caller hears.
    pub(super) fn send(&mut self, frame: &Frame) {
        self.leg.send(frame);
    }

    /// While on, the hold sound fills the gaps between prompts.
    pub(super) fn hold(&mut self, on: bool) {
        match (on, self.hold.is_some()) {
            (true, false) => self.hold = Some(ToneGenerator::hold()),
            (false, true) => self.hold = None,
            (true, true) | (false, false) => {}
        }
    }

    /// The caller's audio between two times of the call's axis, at 16 kHz in -1.0..=1.0.
    pub(super) fn audio(&self, from: Duration, to: Duration) -> Vec<f32> {
        let began = self.history_began.unwrap_or_default();
        let narrow = self
            .history
            .slice(from.saturating_sub(began), to.saturating_sub(began));
        let mut wide = vec![0; 2 * narrow.len()];
        Upsampler::new().process(&narrow, &mut wide);
        wide.into_iter()
            .map(|sample| f32::from(sample) / 32_768.0)
            .collect()
    }
}
