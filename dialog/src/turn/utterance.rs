//! One stretch of the caller's speech, with its pauses, and the decodes asked for it.
//!
//! The stretch is cut at its longer pauses: what was decoded up to such a pause stays, and only what
//! follows is decoded again. A pause is where a recogniser errs least, digits are said in groups
//! with pauses between them, and a long turn does not cost more with every word.

use super::TurnConfig;
use super::onset::{FRAME, Started};
use super::output::{DecodeOrder, TurnOutput};
use super::segment::{Answer, Segment, join};
use crate::api::{Expect, UtteranceId};
use crate::session::{DecodeKind, HeardResult, Hypothesis};
use crate::understand::{Completeness, completeness};
use std::time::Duration;

/// After this long an unanswered partial decode is taken for lost, and the next is asked for.
const PARTIAL_LOST: Duration = Duration::from_secs(3);

/// A decode that was asked for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    revision: u32,
    at: Duration,
}

/// What is known of the words up to the pause.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Words {
    /// Asked for, not here yet.
    Awaited,
    /// Here, and judged by what was asked.
    Known(Hypothesis, Completeness),
    /// There are none that can be believed.
    None,
}

/// One stretch of the caller's speech.
#[derive(Debug, Clone)]
pub(super) struct Utterance {
    pub(super) id: UtteranceId,
    pub(super) onset: Duration,
    /// The end of the last voiced frame.
    pub(super) last_voiced: Duration,
    pub(super) voiced: Duration,
    /// Whether it has stopped the bot: then it is a turn, however short.
    pub(super) took_floor: bool,
    pub(super) words: Words,
    /// What came before the last cut, oldest first.
    cut: Vec<Segment>,
    /// What follows the last cut.
    open: Segment,
    revision: u32,
    last_order: Option<Asked>,
    partial_due: Duration,
}

impl Utterance {
    /// Speech that began; `earliest` is the end of the speech before it, which it must not repeat.
    pub(super) fn new(
        id: UtteranceId,
        started: Started,
        now: Duration,
        earliest: Duration,
        config: &TurnConfig,
    ) -> Self {
        Self {
            id,
            onset: started.onset,
            last_voiced: now,
            voiced: started.voiced,
            took_floor: false,
            words: Words::None,
            cut: Vec::new(),
            open: Segment::new(started, earliest),
            revision: 0,
            last_order: None,
            partial_due: started.onset + config.partial_every,
        }
    }

    /// One more voiced frame, ended at `now`.
    pub(super) fn voiced(&mut self, now: Duration) {
        self.last_voiced = now;
        self.voiced += FRAME;
        self.open.voiced += FRAME;
    }

    /// Speech goes on after a pause: what was said up to the pause is no longer the whole.
    pub(super) fn resume(&mut self, now: Duration, started: Started, config: &TurnConfig) {
        let pause = started.onset.saturating_sub(self.last_voiced);
        if pause >= config.cut_pause {
            // The middle of the pause belongs to neither side's sounds.
            let middle = self.last_voiced + pause / 2;
            let done = std::mem::replace(&mut self.open, Segment::new(started, middle));
            self.cut.push(done);
            self.last_order = None;
        } else {
            self.open.voiced += started.voiced;
        }
        self.last_voiced = now;
        self.voiced += started.voiced;
        self.words = Words::None;
        self.partial_due = now + config.partial_every;
    }

    /// Asks for the words up to `now`; the turn waits for them.
    pub(super) fn decode_final(
        &mut self,
        now: Duration,
        expect: Expect,
        config: &TurnConfig,
    ) -> TurnOutput {
        self.words = Words::Awaited;
        self.decode(now, DecodeKind::Final, expect, config)
    }

    /// Asks for the words so far when it is time, unless the last order is still under way.
    pub(super) fn decode_partial(
        &mut self,
        now: Duration,
        expect: Expect,
        config: &TurnConfig,
    ) -> Option<TurnOutput> {
        let busy = self
            .last_order
            .is_some_and(|order| now < order.at + PARTIAL_LOST);
        if now < self.partial_due || busy {
            return None;
        }
        self.partial_due = now + config.partial_every;
        Some(self.decode(now, DecodeKind::Partial, expect, config))
    }

    fn decode(
        &mut self,
        now: Duration,
        kind: DecodeKind,
        expect: Expect,
        config: &TurnConfig,
    ) -> TurnOutput {
        self.revision += 1;
        self.last_order = Some(Asked {
            revision: self.revision,
            at: now,
        });
        let from = self.open.audio_from(config.pre_roll);
        self.open.answer = Answer::Awaited {
            revision: self.revision,
            asked_at: now,
            from,
        };
        TurnOutput::Decode(DecodeOrder {
            utterance: self.id,
            revision: self.revision,
            kind,
            from,
            to: now,
            voiced: self.open.voiced,
            expect,
        })
    }

    /// The last revision asked for.
    pub(super) fn revision(&self) -> u32 {
        self.revision
    }

    /// Takes the answer to an order; the time it took, or none when it is stale: answered before,
    /// or replaced by a later order for the same segment.
    pub(super) fn answered(
        &mut self,
        now: Duration,
        revision: u32,
        result: &HeardResult,
    ) -> Option<Duration> {
        if self
            .last_order
            .is_some_and(|order| order.revision == revision)
        {
            self.last_order = None;
        }
        let segments = self.cut.iter_mut().chain([&mut self.open]);
        let asked_at = segments
            .filter_map(|segment| segment.answered(revision, result))
            .next()?;
        Some(now.saturating_sub(asked_at))
    }

    /// The words of all segments that are known, as one hypothesis; none when there are none.
    pub(super) fn so_far(&self) -> Option<Hypothesis> {
        join(self.cut.iter().chain([&self.open]))
    }

    /// Judges the whole once nothing is awaited any more and the caller has paused.
    pub(super) fn judge(&mut self, expect: Expect) {
        let mut segments = self.cut.iter().chain([&self.open]);
        if self.words != Words::Awaited || segments.any(Segment::is_awaited) {
            return;
        }
        self.words = match self.so_far() {
            Some(hypothesis) => {
                let answer = completeness(expect, &hypothesis.text);
                Words::Known(hypothesis, answer)
            }
            None => Words::None,
        };
    }
}
