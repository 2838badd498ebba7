//! Figures over many calls: minimum, median, 95th percentile, maximum, and how many they stand for.

use serde::Serialize;
use sidetone_fixtures::measure::{CallReport, TurnKind};
use std::fmt;

/// One figure over all calls, in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// How often.
    pub events: usize,
    /// The smallest.
    pub min_ms: u64,
    /// The middle one; the lower of two.
    pub p50_ms: u64,
    /// The one that 95 in 100 do not exceed.
    pub p95_ms: u64,
    /// The largest.
    pub max_ms: u64,
    /// What the median may be.
    pub limit_p50_ms: u64,
}

/// All figures of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Calls placed.
    pub calls: usize,
    /// Calls whose script ran to its end.
    pub completed: usize,
    /// Calls at the same time.
    pub at_once: usize,
    /// The figures.
    pub figures: Vec<Figure>,
    /// RTP packets the callers missed.
    pub packets_lost: u64,
    /// The widest gap between two packets, in milliseconds.
    pub max_packet_gap_ms: u64,
}

impl Summary {
    /// Sums up the reports of calls that were `at_once` at the same time.
    pub fn of(reports: &[CallReport], completed: usize, at_once: usize) -> Self {
        let turns = || reports.iter().flat_map(|report| &report.turns);
        let answered = || turns().filter(|turn| !turn.to_agent);
        let bridges = || {
            reports
                .iter()
                .filter_map(|report| report.handover.as_ref()?.bridged.as_ref())
                .filter_map(|bridge| bridge.both_ways_ms)
        };
        let gaps = answered().filter(|turn| turn.kind != TurnKind::BargeIn);
        let figures = [
            figure(
                "200 OK to greeting",
                500,
                reports.iter().filter_map(|r| r.time_to_greeting_ms),
            ),
            figure("turn gap", 1000, gaps.filter_map(|turn| turn.gap_ms)),
            figure(
                "barge-in stop",
                400,
                answered().filter_map(|turn| turn.stop_ms),
            ),
            figure("agent's 200 OK to both ways", 1500, bridges()),
            figure(
                "longest silence while waiting",
                1200,
                reports.iter().map(|r| r.longest_silence_ms),
            ),
        ];
        Self {
            calls: reports.len(),
            completed,
            at_once,
            figures: figures.into_iter().flatten().collect(),
            packets_lost: reports.iter().map(|report| report.received.lost).sum(),
            max_packet_gap_ms: reports
                .iter()
                .map(|r| r.received.max_gap_ms)
                .max()
                .unwrap_or(0),
        }
    }

    /// Whether every call ran to its end and every median keeps its limit.
    pub fn keeps_its_limits(&self) -> bool {
        self.completed == self.calls
            && self
                .figures
                .iter()
                .all(|figure| figure.p50_ms <= figure.limit_p50_ms)
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} calls ran to their end, {} at once; {} packets lost, widest gap {} ms",
            self.completed, self.calls, self.at_once, self.packets_lost, self.max_packet_gap_ms
        )?;
        writeln!(
            f,
            "\n| figure, ms | events | min | p50 | p95 | max | limit p50 | |"
        )?;
        writeln!(f, "|---|---|---|---|---|---|---|---|")?;
        for figure in &self.figures {
            let Figure {
                name,
                events,
                min_ms,
                p50_ms,
                p95_ms,
                max_ms,
                limit_p50_ms,
            } = figure;
            let kept = if p50_ms <= limit_p50_ms {
                "ok"
            } else {
                "MISSED"
            };
            writeln!(
                f,
                "| {name} | {events} | {min_ms} | {p50_ms} | {p95_ms} | {max_ms} | {limit_p50_ms} | {kept} |"
            )?;
        }
        Ok(())
    }
}

/// None when it was never measured: an absent figure is no zero.
fn figure(
    name: &'static str,
    limit_p50_ms: u64,
    values: impl Iterator<Item = u64>,
) -> Option<Figure> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    let rank = |percent: usize| values.get((values.len() * percent).div_ceil(100).max(1) - 1);
    Some(Figure {
        name,
        events: values.len(),
        min_ms: *values.first()?,
        p50_ms: *rank(50)?,
        p95_ms: *rank(95)?,
        max_ms: *values.last()?,
        limit_p50_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_of_values_that_were_measured() {
        let figure = figure("x", 10, [4, 1, 3, 2].into_iter()).unwrap();
        let ranks = (figure.min_ms, figure.p50_ms, figure.p95_ms, figure.max_ms);
        assert_eq!(ranks, (1, 2, 4, 4));
    }

    #[test]
    fn what_was_never_measured_is_no_figure() {
        assert_eq!(figure("x", 10, std::iter::empty()), None);
    }

    #[test]
    fn one_broken_call_breaks_the_run() {
        let summary = Summary {
            calls: 2,
            completed: 1,
            at_once: 1,
            figures: Vec::new(),
            packets_lost: 0,
            max_packet_gap_ms: 0,
        };
        assert!(!summary.keeps_its_limits());
    }
}
