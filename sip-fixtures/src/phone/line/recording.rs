//! Both directions of a call on one time axis, for a stereo WAV: left said, right heard.

use std::path::Path;
use std::time::Duration;

/// Samples per millisecond.
const PER_MS: u64 = 8;
/// Longest recording; what comes later is left out, so a forgotten call cannot fill the memory.
const LONGEST_SAMPLES: usize = 30 * 60 * 8000;
/// A received packet further than this from where its timestamp puts it starts a new anchor.
const DRIFT_SAMPLES: i64 = 1600;

/// The audio of one call so far.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    start: Duration,
    said: Vec<i16>,
    heard: Vec<i16>,
    anchor: Option<Anchor>,
}

/// Ties a source's timestamps to the time axis.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    ssrc: u32,
    timestamp: u32,
    position: i64,
}

impl Recording {
    /// An empty recording that starts at `start`.
    pub(crate) fn new(start: Duration) -> Self {
        Recording {
            start,
            said: Vec::new(),
            heard: Vec::new(),
            anchor: None,
        }
    }

    /// Puts a sent frame where its time is.
    pub(crate) fn said(&mut self, at: Duration, samples: &[i16]) {
        let position = self.position(at);
        place(&mut self.said, position, samples);
    }

    /// Puts received samples where their timestamp says, tied to the arrival of the first packet.
    pub(crate) fn heard(&mut self, at: Duration, ssrc: u32, timestamp: u32, samples: &[i16]) {
        let arrived = self.position(at);
        let anchor = self.anchor.filter(|anchor| anchor.ssrc == ssrc);
        let by_timestamp = anchor.map(|anchor| {
            anchor.position + i64::from(timestamp.wrapping_sub(anchor.timestamp).cast_signed())
        });
        let position = by_timestamp.filter(|there| (there - arrived).abs() <= DRIFT_SAMPLES);
        let position = position.unwrap_or_else(|| {
            self.anchor = Some(Anchor {
                ssrc,
                timestamp,
                position: arrived,
            });
            arrived
        });
        place(&mut self.heard, position, samples);
    }

    /// Writes the WAV: 8 kHz, 16 bit, left said, right heard.
    pub(crate) fn write(&self, path: &Path) -> Result<(), hound::Error> {
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: 8000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec)?;
        for index in 0..self.said.len().max(self.heard.len()) {
            writer.write_sample(self.said.get(index).copied().unwrap_or(0))?;
            writer.write_sample(self.heard.get(index).copied().unwrap_or(0))?;
        }
        writer.finalize()
    }

    fn position(&self, at: Duration) -> i64 {
        let micros = at.saturating_sub(self.start).as_micros() as u64;
        (micros * PER_MS / 1000) as i64
    }
}

fn place(track: &mut Vec<i16>, position: i64, samples: &[i16]) {
    let start = usize::try_from(position).unwrap_or(0);
    let end = start.saturating_add(samples.len());
    if end > LONGEST_SAMPLES {
        return;
    }
    if track.len() < end {
        track.resize(end, 0);
    }
    track[start..end].copy_from_slice(samples);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn late_and_reordered_packets_go_where_their_timestamps_say() {
        let mut recording = Recording::new(ms(1000));
        recording.heard(ms(1010), 1, 500, &[1; 160]);
        recording.heard(ms(1095), 1, 500 + 320, &[3; 160]);
        recording.heard(ms(1096), 1, 500 + 160, &[2; 160]);
        let expected: Vec<i16> = [(0, 80), (1, 160), (2, 160), (3, 160)]
            .into_iter()
            .flat_map(|(s, n)| vec![s; n])
            .collect();
        assert_eq!(recording.heard, expected);
    }

    #[test]
    fn a_new_source_or_a_jump_of_the_clock_starts_at_its_arrival() {
        let mut recording = Recording::new(ms(0));
        recording.heard(ms(0), 1, 0, &[1; 160]);
        recording.heard(ms(100), 2, 77, &[2; 160]);
        recording.heard(ms(200), 2, 900_000, &[3; 160]);
        assert_eq!(
            recording.heard.iter().position(|sample| *sample == 2),
            Some(800)
        );
        assert_eq!(
            recording.heard.iter().position(|sample| *sample == 3),
            Some(1600)
        );
    }

    #[test]
    fn the_wav_has_both_directions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("call.wav");
        let mut recording = Recording::new(ms(0));
        recording.said(ms(0), &[5; 160]);
        recording.heard(ms(20), 1, 0, &[7; 160]);
        recording.write(&path).unwrap();
        let samples: Vec<i16> = hound::WavReader::open(&path)
            .unwrap()
            .into_samples()
            .map(|s| s.unwrap())
            .collect();
        assert_eq!(
            (samples.len(), &samples[..2], &samples[638..]),
            (640, &[5, 0][..], &[0, 7][..])
        );
    }
}
