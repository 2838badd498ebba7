//! When a party spoke: frames in, bursts of speech out.
//!
//! A burst ends with 200 ms without speech, which is what the turn-taking panel calls a stop.
//! Bursts less than 500 ms apart belong to one segment, so a pause between words is no new onset.

use std::time::Duration;

/// Silence after which a speaker has stopped.
pub(crate) const STOPPED: Duration = Duration::from_millis(200);
/// Pauses shorter than this lie inside a segment.
pub(crate) const SEGMENT_PAUSE: Duration = Duration::from_millis(500);
/// Two speech frames are in one run when they are no further apart than this: one missing frame.
const RUN: Duration = Duration::from_millis(45);

/// A stretch of speech: first and last frame with speech in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Burst {
    pub(crate) onset: Duration,
    pub(crate) last: Duration,
}

/// The speech of one direction of a call so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activity {
    bursts: Vec<Burst>,
    /// A lone speech frame; a second one makes it an onset, so that clicks are no speech.
    lone: Option<Duration>,
}

impl Activity {
    /// Takes the next frame. Returns true when it confirms the onset of a new segment.
    pub(crate) fn handle_frame(&mut self, at: Duration, is_speech: bool) -> bool {
        if !is_speech {
            return false;
        }
        if let Some(burst) = self.bursts.last_mut()
            && at.saturating_sub(burst.last) < STOPPED
        {
            burst.last = at;
            return false;
        }
        match self.lone {
            Some(onset) if at.saturating_sub(onset) <= RUN => {
                let pause = self
                    .bursts
                    .last()
                    .map(|burst| onset.saturating_sub(burst.last));
                self.bursts.push(Burst { onset, last: at });
                self.lone = None;
                pause.is_none_or(|pause| pause >= SEGMENT_PAUSE)
            }
            Some(_) | None => {
                self.lone = Some(at);
                false
            }
        }
    }

    /// The first onset at or after `from`.
    pub(crate) fn onset_after(&self, from: Duration) -> Option<Duration> {
        self.bursts
            .iter()
            .map(|burst| burst.onset)
            .find(|onset| *onset >= from)
    }

    /// The burst that was going on at `at`.
    pub(crate) fn burst_at(&self, at: Duration) -> Option<Burst> {
        self.bursts
            .iter()
            .copied()
            .find(|burst| burst.onset <= at && at <= burst.last)
    }

    /// The onset of the segment whose last burst is not older than the pause that ends one.
    pub(crate) fn current_segment(&self, now: Duration) -> Option<Duration> {
        let last = self.bursts.last()?;
        if now.saturating_sub(last.last) >= SEGMENT_PAUSE {
            return None;
        }
        let mut onset = last.onset;
        for pair in self.bursts.windows(2).rev() {
            if pair[1].onset.saturating_sub(pair[0].last) >= SEGMENT_PAUSE {
                break;
            }
            onset = pair[0].onset;
        }
        Some(onset)
    }

    /// The last frame with speech.
    pub(crate) fn last_speech(&self) -> Option<Duration> {
        self.bursts.last().map(|burst| burst.last)
    }

    /// The longest stretch without speech between `from` and `to`.
    pub(crate) fn longest_silence(&self, from: Duration, to: Duration) -> Duration {
        let mut longest = Duration::ZERO;
        let mut silent_since = from;
        for burst in self
            .bursts
            .iter()
            .filter(|burst| burst.last >= from && burst.onset <= to)
        {
            longest = longest.max(burst.onset.saturating_sub(silent_since));
            silent_since = burst.last.max(silent_since);
        }
        longest.max(to.saturating_sub(silent_since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    /// Speech in the frames that start in one of the ranges, for two seconds.
    fn heard(speech: &[std::ops::Range<u64>]) -> (Activity, Vec<u64>) {
        let mut activity = Activity::default();
        let mut onsets = Vec::new();
        for at in (0..2000).step_by(20) {
            let is_speech = speech.iter().any(|range| range.contains(&at));
            if activity.handle_frame(ms(at), is_speech) {
                onsets.push(at);
            }
        }
        (activity, onsets)
    }

    #[test]
    fn a_click_is_no_speech_and_a_short_pause_no_new_segment() {
        let (activity, onsets) = heard(&[100..120, 400..600, 900..1000, 1700..1800]);
        let bursts: Vec<_> = activity
            .bursts
            .iter()
            .map(|burst| (burst.onset, burst.last))
            .collect();
        assert_eq!(
            bursts,
            [(ms(400), ms(580)), (ms(900), ms(980)), (ms(1700), ms(1780))]
        );
        assert_eq!(onsets, [420, 1720]);
        assert_eq!(activity.current_segment(ms(1800)), Some(ms(1700)));
    }

    #[test]
    fn a_segment_starts_with_its_first_burst() {
        let (activity, _) = heard(&[400..600, 900..1000]);
        assert_eq!(activity.current_segment(ms(1100)), Some(ms(400)));
        assert_eq!(activity.current_segment(ms(1500)), None);
    }

    #[test]
    fn onsets_and_stops_are_found_to_the_frame() {
        let (activity, _) = heard(&[400..600, 900..1000]);
        assert_eq!(activity.onset_after(ms(401)), Some(ms(900)));
        assert_eq!(
            activity.burst_at(ms(500)).map(|burst| burst.last),
            Some(ms(580))
        );
        assert_eq!(activity.burst_at(ms(700)), None);
    }

    #[test]
    fn the_longest_silence_counts_both_ends() {
        let (activity, _) = heard(&[400..600, 900..1000]);
        assert_eq!(activity.longest_silence(ms(0), ms(1200)), ms(400));
        assert_eq!(activity.longest_silence(ms(500), ms(1200)), ms(320));
        assert_eq!(activity.longest_silence(ms(950), ms(1900)), ms(920));
    }
}
