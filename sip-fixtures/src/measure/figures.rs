//! From marks and received speech to the figures of the report.

use std::time::Duration;

use super::activity::Activity;
use super::report::{TurnKind, TurnReport};
use crate::phone::event::as_ms;
use crate::phone::line::talker::Said;

/// One turn of the caller, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) step: String,
    pub(crate) is_digits: bool,
    /// An agent was on the line already.
    pub(crate) to_agent: bool,
    pub(crate) said: Said,
}

/// A stretch in which the caller waited for the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
}

/// What the caller did and when.
#[derive(Debug, Clone)]
pub(crate) struct Marks {
    pub(crate) up_at: Duration,
    pub(crate) turns: Vec<Turn>,
    pub(crate) waits: Vec<Wait>,
    /// End of the turn before the wait for an agent.
    pub(crate) asked_at: Option<Duration>,
}

impl Marks {
    /// No turns yet; the call is up since `up_at`.
    pub(crate) fn new(up_at: Duration) -> Self {
        Marks {
            up_at,
            turns: Vec::new(),
            waits: Vec::new(),
            asked_at: None,
        }
    }

    /// 200 OK received to the first speech received.
    pub(crate) fn time_to_greeting(&self, heard: &Activity) -> Option<u64> {
        heard
            .onset_after(self.up_at)
            .map(|onset| as_ms(onset - self.up_at))
    }

    /// The caller's turns with what the bot did about each.
    pub(crate) fn turns(&self, heard: &Activity) -> Vec<TurnReport> {
        let ends = self
            .turns
            .iter()
            .skip(1)
            .map(|next| Some(next.said.first))
            .chain([None]);
        self.turns
            .iter()
            .zip(ends)
            .map(|(turn, next)| report(turn, next, heard))
            .collect()
    }

    /// The longest silence in the stretches in which the caller waited.
    pub(crate) fn longest_silence(&self, heard: &Activity) -> u64 {
        let silences = self
            .waits
            .iter()
            .map(|wait| heard.longest_silence(wait.from, wait.to));
        as_ms(silences.max().unwrap_or_default())
    }
}

fn report(turn: &Turn, next: Option<Duration>, heard: &Activity) -> TurnReport {
    let Said { first, last } = turn.said;
    let interrupted = heard.burst_at(first);
    let kind = match (turn.is_digits, interrupted) {
        (true, _) => TurnKind::Digits,
        (false, Some(_)) => TurnKind::BargeIn,
        (false, None) => TurnKind::Spoken,
    };
    let stop = interrupted.map(|burst| as_ms(burst.last.saturating_sub(first)));
    let answer = match heard.burst_at(last) {
        Some(_) => None,
        None => heard
            .onset_after(last)
            .filter(|onset| next.is_none_or(|next| *onset < next)),
    };
    TurnReport {
        step: turn.step.clone(),
        kind,
        to_agent: turn.to_agent,
        started_at_ms: as_ms(first),
        ended_at_ms: as_ms(last),
        gap_ms: answer.map(|onset| as_ms(onset - last)),
        stop_ms: stop,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn heard(speech: &[(u64, u64)]) -> Activity {
        let mut activity = Activity::default();
        for at in (0..6000).step_by(20) {
            activity.handle_frame(
                ms(at),
                speech.iter().any(|(from, to)| (*from..*to).contains(&at)),
            );
        }
        activity
    }

    fn marks(turns: &[(u64, u64)]) -> Marks {
        let turn = |(first, last): &(u64, u64)| Turn {
            step: "say".to_owned(),
            is_digits: false,
            to_agent: false,
            said: Said {
                first: ms(*first),
                last: ms(*last),
            },
        };
        Marks {
            turns: turns.iter().map(turn).collect(),
            ..Marks::new(ms(100))
        }
    }

    #[test]
    fn a_gap_runs_from_the_last_word_sent_to_the_first_heard() {
        let activity = heard(&[(500, 1000), (2800, 3500)]);
        let marks = marks(&[(1500, 2000), (4000, 4500)]);
        assert_eq!(marks.time_to_greeting(&activity), Some(400));
        let turns = marks.turns(&activity);
        assert_eq!(
            (turns[0].kind, turns[0].gap_ms, turns[0].stop_ms),
            (TurnKind::Spoken, Some(800), None)
        );
        assert_eq!(turns[1].gap_ms, None);
    }

    #[test]
    fn an_answer_after_the_callers_next_turn_is_not_the_first_turns() {
        let activity = heard(&[(3600, 4000)]);
        let turns = marks(&[(1500, 2000), (3000, 3300)]).turns(&activity);
        assert_eq!((turns[0].gap_ms, turns[1].gap_ms), (None, Some(300)));
    }

    #[test]
    fn a_barge_in_is_timed_to_the_last_word_before_the_stop() {
        let activity = heard(&[(500, 1740), (3000, 3500)]);
        let turns = marks(&[(1400, 2000)]).turns(&activity);
        assert_eq!(
            (turns[0].kind, turns[0].stop_ms),
            (TurnKind::BargeIn, Some(320))
        );
        assert_eq!(turns[0].gap_ms, Some(1000));
    }

    #[test]
    fn a_bot_that_talks_through_the_turn_has_no_gap() {
        let turns = marks(&[(1400, 2000)]).turns(&heard(&[(500, 3000)]));
        assert_eq!((turns[0].stop_ms, turns[0].gap_ms), (Some(1580), None));
    }
}
