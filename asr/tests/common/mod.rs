//! Reads the test clips and runs them through a pool of one worker.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use sidetone_asr::{Decoded, Job, JobKind, MIN_VOICED_SHORT_ANSWER, Model, Pool, PoolConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The model that ships with this crate.
pub fn model_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/sidetone-tel-en-s-q8_0.bin")
}

/// A pool of one worker on the shipped model, with a clock that stands still.
pub fn pool() -> (Pool, Receiver<Decoded>) {
    let model = Model::load(model_path()).unwrap();
    let (sender, heard) = channel();
    let sink = move |decoded| {
        // A test that is done listens no more.
        let _ = sender.send(decoded);
    };
    let pool = Pool::start(
        model,
        PoolConfig::default(),
        Arc::new(|| Duration::ZERO),
        sink,
    );
    (pool.unwrap(), heard)
}

/// A final whose audio counts as speech from begin to end.
pub fn job(audio: Vec<f32>) -> Job {
    Job {
        call: 1,
        utterance: 1,
        revision: 1,
        kind: JobKind::Final,
        voiced: Duration::from_secs_f64(audio.len() as f64 / 16_000.0),
        min_voiced: MIN_VOICED_SHORT_ANSWER,
        deadline: Duration::MAX,
        audio,
    }
}

/// One of the clips in `tests/audio`, 8 kHz, as 16 kHz samples.
pub fn clip(name: &str) -> Vec<f32> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/audio")
        .join(name);
    let mut reader = hound::WavReader::open(path).unwrap();
    assert_eq!(reader.spec().sample_rate, 8_000);
    let samples: Vec<f32> = reader
        .samples::<i16>()
        .map(|sample| f32::from(sample.unwrap()) / 32_768.0)
        .collect();
    upsample(&samples)
}

/// Doubles the rate with a windowed-sinc interpolator of 48 taps.
fn upsample(samples: &[f32]) -> Vec<f32> {
    const HALF: isize = 24;
    let at = |i: isize| {
        usize::try_from(i)
            .ok()
            .and_then(|i| samples.get(i))
            .copied()
            .unwrap_or(0.0)
    };
    let tap = |k: isize| {
        let x = std::f32::consts::PI * (k as f32 - 0.5);
        (0.5 + 0.5 * (x / HALF as f32).cos()) * x.sin() / x
    };
    let taps: Vec<(isize, f32)> = (1 - HALF..=HALF).map(|k| (k, tap(k))).collect();
    (0..samples.len() as isize)
        .flat_map(|n| [at(n), taps.iter().map(|(k, tap)| at(n + k) * tap).sum()])
        .collect()
}
