//! Calls at the same time do not hear each other.

use std::f64::consts::TAU;

use sidetone_fixtures::script::{Clip, Script};

use crate::harness::{House, Record};
use crate::steps::{bot_finishes, hangs_up, plays, script};

const RATE: f64 = 8000.0;
const LOW: f64 = 440.0;
const HIGH: f64 = 1040.0;

fn caller_with_tone(frequency: f64) -> Script {
    let sample = |n: i32| (6000.0 * (TAU * frequency * f64::from(n) / RATE).sin()) as i16;
    let tone: Vec<i16> = (0..16_000).map(sample).collect();
    let clip = Clip::new("tone", tone);
    script(vec![bot_finishes(), plays(clip), hangs_up()])
}

/// The greatest amplitude of a frequency in any half second.
fn strength(samples: &[i16], frequency: f64) -> f64 {
    let in_chunk = |chunk: &[i16]| {
        let (mut re, mut im) = (0.0, 0.0);
        for (n, sample) in chunk.iter().enumerate() {
            let phase = TAU * frequency * n as f64 / RATE;
            re += f64::from(*sample) * phase.cos();
            im += f64::from(*sample) * phase.sin();
        }
        2.0 * re.hypot(im) / chunk.len() as f64
    };
    let chunks = samples.chunks_exact(4000).map(in_chunk);
    chunks.fold(0.0, f64::max)
}

/// What the caller said and what the caller heard, by the server's recording.
fn channels(house: &House, record: &Record) -> (Vec<i16>, Vec<i16>) {
    let path = house.recording(&record.summary.call_id);
    let mut recording = hound::WavReader::open(path).unwrap();
    let samples: Vec<i16> = recording.samples().map(Result::unwrap).collect();
    let channel = |offset| samples.iter().skip(offset).step_by(2).copied().collect();
    (channel(0), channel(1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_calls_at_once_do_not_hear_each_other() {
    let house = House::start().await;
    let (low, high) = (caller_with_tone(LOW), caller_with_tone(HIGH));
    let (_, _) = tokio::join!(house.call(low), house.call(high));
    let records = house.records().await;
    assert_eq!(records.len(), 2);
    let mut tones = Vec::new();
    for record in &records {
        record.is_whole();
        let (said, heard) = channels(&house, record);
        let (low, high) = (strength(&said, LOW), strength(&said, HIGH));
        tones.push(low > high);
        assert!(low.max(high) > 4000.0, "its own tone: {low} {high}");
        assert!(low.min(high) < 200.0, "the other's tone: {low} {high}");
        let echo = strength(&heard, LOW).max(strength(&heard, HIGH));
        assert!(echo < 3000.0, "a caller's tone in what is heard: {echo}");
    }
    tones.sort_unstable();
    assert_eq!(tones, [false, true]);
}
