//! One stretch of the caller's speech, with its pauses, and the decodes asked for it.

use super::TurnConfig;
use super::onset::{FRAME, Started};
use super::output::{DecodeOrder, TurnOutput};
use crate::api::{Expect, UtteranceId};
use crate::session::{DecodeKind, Hypothesis};
use crate::understand::Completeness;
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
    /// The start of the audio that may belong to it.
    earliest: Duration,
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
            earliest,
            revision: 0,
            last_order: None,
            partial_due: started.onset + config.partial_every,
        }
    }

    /// One more voiced frame, ended at `now`.
    pub(super) fn voiced(&mut self, now: Duration) {
        self.last_voiced = now;
        self.voiced += FRAME;
    }

    /// Speech goes on after a pause: what was said up to the pause is no longer the whole.
    pub(super) fn resume(&mut self, now: Duration, started: Started, config: &TurnConfig) {
        self.last_voiced = now;
        self.voiced += started.voiced;
        self.words = Words::None;
        self.partial_due = now + config.partial_every;
    }

    /// Asks for all the words up to `now`; the turn waits for them.
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
        let pre_roll = match expect {
            Expect::Digits { .. } => config.pre_roll_digits,
            Expect::Free | Expect::YesNo => config.pre_roll,
        };
        TurnOutput::Decode(DecodeOrder {
            utterance: self.id,
            revision: self.revision,
            kind,
            from: self
                .onset
                .saturating_sub(pre_roll)
                .max(self.earliest)
                .min(self.onset),
            to: now,
            voiced: self.voiced,
            expect,
        })
    }

    /// The last revision asked for.
    pub(super) fn revision(&self) -> u32 {
        self.revision
    }

    /// Takes the answer to an order; the time it took when the order is the last one and was not
    /// answered before, none when the answer is stale.
    pub(super) fn answered(&mut self, now: Duration, revision: u32) -> Option<Duration> {
        let order = self.last_order.filter(|order| order.revision == revision)?;
        self.last_order = None;
        Some(now.saturating_sub(order.at))
    }
}
