//! One piece of an utterance between two cuts, and its words.

use super::onset::Started;
use crate::api::Word;
use crate::session::{HeardResult, Hypothesis};
use std::time::Duration;

/// What is known of a segment's words.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// Never asked for.
    Unasked,
    /// Asked for, not here yet.
    Awaited {
        /// The order's number.
        revision: u32,
        /// When it was asked for.
        asked_at: Duration,
        /// The first sample that was sent along.
        from: Duration,
    },
    /// Here.
    Heard {
        /// The words.
        hypothesis: Hypothesis,
        /// The first sample that they were heard in.
        from: Duration,
    },
    /// None that can be believed.
    Nothing,
}

/// One piece of an utterance between two cuts.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    onset: Duration,
    /// The start of the audio that may belong to it.
    earliest: Duration,
    pub(super) voiced: Duration,
    pub(super) answer: Answer,
}

impl Segment {
    /// A segment that begins with `started`; no audio before `earliest` belongs to it.
    pub(super) fn new(started: Started, earliest: Duration) -> Self {
        Self {
            onset: started.onset,
            earliest,
            voiced: started.voiced,
            answer: Answer::Unasked,
        }
    }

    /// The first sample to decode.
    pub(super) fn audio_from(&self, pre_roll: Duration) -> Duration {
        let from = self.onset.saturating_sub(pre_roll);
        from.max(self.earliest).min(self.onset)
    }

    pub(super) fn is_awaited(&self) -> bool {
        matches!(self.answer, Answer::Awaited { .. })
    }

    /// Takes the answer to the order `revision` when it is this segment's; gives when it was asked for.
    pub(super) fn answered(&mut self, revision: u32, result: &HeardResult) -> Option<Duration> {
        let Answer::Awaited {
            revision: awaited,
            asked_at,
            from,
        } = self.answer
        else {
            return None;
        };
        if awaited != revision {
            return None;
        }
        self.answer = match result {
            HeardResult::Text(hypothesis) if !hypothesis.text.trim().is_empty() => Answer::Heard {
                hypothesis: hypothesis.clone(),
                from,
            },
            HeardResult::Text(_) | HeardResult::Nothing { .. } | HeardResult::Failed(_) => {
                Answer::Nothing
            }
        };
        Some(asked_at)
    }
}

/// The words of the segments that are known, in order and on one time axis; as sure as the least
/// sure of them.
pub(super) fn join<'a>(segments: impl Iterator<Item = &'a Segment>) -> Option<Hypothesis> {
    let mut heard = segments.filter_map(|segment| match &segment.answer {
        Answer::Heard { hypothesis, from } => Some((hypothesis, *from)),
        Answer::Unasked | Answer::Awaited { .. } | Answer::Nothing => None,
    });
    let (first, start) = heard.next()?;
    let mut whole = first.clone();
    for (next, from) in heard {
        let shift = from.saturating_sub(start);
        whole.text = format!("{} {}", whole.text.trim_end(), next.text.trim_start());
        whole.confidence = whole.confidence.min(next.confidence);
        whole.no_speech = whole.no_speech.max(next.no_speech);
        whole.words.extend(next.words.iter().map(|word| Word {
            start: word.start + shift,
            end: word.end + shift,
            ..word.clone()
        }));
    }
    Some(whole)
}
