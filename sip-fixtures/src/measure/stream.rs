//! Statistics of one received RTP stream: loss, gaps and jitter (RFC 3550 sections 6.4.1, A.3, A.8).

use std::time::Duration;

use super::report::StreamReport;
use crate::phone::line::rtp::Header;

/// RTP clock of G.711 in ticks per second.
const CLOCK: f64 = 8000.0;

/// Counters over every packet that came in.
#[derive(Debug, Clone, Default)]
pub(crate) struct StreamCounter {
    report: StreamReport,
    current: Option<Source>,
    first_arrival: Option<Duration>,
    last_arrival: Option<Duration>,
    /// Interarrival jitter in ticks, and its maximum.
    jitter: f64,
    max_jitter: f64,
}

/// The source whose packets come at present.
#[derive(Debug, Clone, Copy)]
struct Source {
    ssrc: u32,
    first: i64,
    highest: i64,
    received: u64,
    /// Arrival minus timestamp of the last packet, in ticks.
    transit: f64,
}

impl StreamCounter {
    /// Counts one packet.
    pub(crate) fn handle_packet(&mut self, at: Duration, header: &Header) {
        self.report.packets += 1;
        self.first_arrival.get_or_insert(at);
        if let Some(last) = self.last_arrival {
            let gap = at.saturating_sub(last).as_millis() as u64;
            self.report.max_gap_ms = self.report.max_gap_ms.max(gap);
        }
        self.last_arrival = Some(at);
        let transit = at.as_secs_f64() * CLOCK - f64::from(header.timestamp);
        match &mut self.current {
            Some(source) if source.ssrc == header.ssrc => {
                let highest = source.highest;
                let step = header.sequence.wrapping_sub(highest as u16) as i16;
                source.highest = highest.max(highest + i64::from(step));
                source.received += 1;
                if step < 0 {
                    self.report.late += 1;
                }
                self.jitter += ((transit - source.transit).abs() - self.jitter) / 16.0;
                source.transit = transit;
                // A jump of the timestamp is the sender's silence or a new clock, not jitter.
                if !header.marker {
                    self.max_jitter = self.max_jitter.max(self.jitter);
                }
            }
            Some(_) | None => self.start_source(header, transit),
        }
    }

    /// Counts a packet of another payload type than the call's audio.
    pub(crate) fn handle_other(&mut self) {
        self.report.not_audio += 1;
    }

    /// When the first packet came.
    pub(crate) fn first_arrival(&self) -> Option<Duration> {
        self.first_arrival
    }

    /// The figures so far.
    pub(crate) fn report(&self) -> StreamReport {
        let mut report = self.report.clone();
        report.lost += self.current.map_or(0, |source| source.lost());
        report.jitter_ms = to_ms(self.jitter);
        report.max_jitter_ms = to_ms(self.max_jitter);
        report
    }

    fn start_source(&mut self, header: &Header, transit: f64) {
        if let Some(source) = self.current {
            self.report.lost += source.lost();
        }
        self.report.sources += 1;
        let first = i64::from(header.sequence);
        let ssrc = header.ssrc;
        self.current = Some(Source {
            ssrc,
            first,
            highest: first,
            received: 1,
            transit,
        });
    }
}

impl Source {
    fn lost(&self) -> u64 {
        let expected = u64::try_from(self.highest - self.first + 1).unwrap_or(0);
        expected.saturating_sub(self.received)
    }
}

/// Ticks as milliseconds with one decimal.
fn to_ms(ticks: f64) -> f64 {
    (ticks / CLOCK * 10_000.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(packets: &[(u64, u16, u32)]) -> StreamReport {
        let mut counter = StreamCounter::default();
        for (at, sequence, ssrc) in packets {
            let timestamp = u32::from(*sequence) * 160;
            let header = Header {
                payload_type: 0,
                marker: false,
                sequence: *sequence,
                timestamp,
                ssrc: *ssrc,
            };
            counter.handle_packet(Duration::from_millis(*at), &header);
        }
        counter.report()
    }

    #[test]
    fn loss_reordering_and_gaps_are_counted() {
        let report = counted(&[
            (0, 10, 1),
            (20, 11, 1),
            (60, 13, 1),
            (61, 12, 1),
            (120, 16, 1),
        ]);
        assert_eq!((report.packets, report.lost, report.late), (5, 2, 1));
        assert_eq!((report.max_gap_ms, report.sources), (59, 1));
    }

    #[test]
    fn a_sequence_that_wraps_is_no_loss() {
        let report = counted(&[(0, 65_534, 1), (20, 65_535, 1), (40, 0, 1), (60, 1, 1)]);
        assert_eq!(report.lost, 0);
    }

    #[test]
    fn a_new_source_starts_its_own_count() {
        let report = counted(&[(0, 10, 1), (20, 12, 1), (40, 900, 2), (60, 902, 2)]);
        assert_eq!((report.lost, report.sources), (2, 2));
    }

    #[test]
    fn packets_on_their_beat_have_no_jitter() {
        let report = counted(&[(0, 0, 1), (20, 1, 1), (40, 2, 1)]);
        assert_eq!(report.jitter_ms, 0.0);
    }
}
