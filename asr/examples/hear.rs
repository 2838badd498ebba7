//! Decodes WAV files (mono, 16 bit, 8 or 16 kHz) and prints of each its length and decode time in
//! milliseconds, its confidence and its text.
//!
//! `cargo run -p sidetone-asr --example hear -- asr/models/MODEL.bin FILE.wav ...`
#![expect(
    clippy::disallowed_methods,
    reason = "an example is its own shell and may read the clock"
)]

use sidetone_asr::{Job, JobKind, MIN_VOICED, Model, Outcome, Pool, PoolConfig};
use std::error::Error;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let mut paths = std::env::args().skip(1);
    let model = Model::load(paths.next().ok_or("usage: hear MODEL FILE.wav ...")?)?;
    let origin = Instant::now();
    let (sender, heard) = mpsc::channel();
    let pool = Pool::start(
        model,
        PoolConfig::default(),
        Arc::new(move || origin.elapsed()),
        move |d| {
            let _ = sender.send(d);
        },
    )?;
    for (utterance, path) in paths.enumerate() {
        let audio = read(&path)?;
        let voiced = Duration::from_secs_f64(audio.len() as f64 / 16_000.0);
        pool.submit(Job {
            call: 0,
            utterance: utterance as u64,
            revision: 0,
            kind: JobKind::Final,
            audio,
            voiced,
            min_voiced: MIN_VOICED,
            deadline: Duration::MAX,
        })?;
        let decoded = heard.recv()?;
        let (length, took) = (voiced.as_millis(), decoded.took.as_millis());
        match decoded.outcome {
            Outcome::Text(h) => {
                println!("{path}\t{length}\t{took}\t{:.2}\t{}", h.confidence, h.text)
            }
            other @ (Outcome::Rejected { .. } | Outcome::Aborted | Outcome::Failed(_)) => {
                println!("{path}\t{length}\t{took}\t0\t!{other:?}");
            }
        }
    }
    Ok(())
}

/// Reads a file as 16 kHz; 8 kHz audio is upsampled by a half-band filter.
fn read(path: &str) -> Result<Vec<f32>, Box<dyn Error>> {
    let mut reader = hound::WavReader::open(path)?;
    let samples: Vec<f32> = reader
        .samples::<i16>()
        .map(|s| s.map(|s| f32::from(s) / 32768.0))
        .collect::<Result<_, _>>()?;
    match reader.spec().sample_rate {
        16_000 => Ok(samples),
        8_000 => Ok(upsample(&samples)),
        rate => Err(format!("{path}: {rate} samples a second, not 8000 or 16000").into()),
    }
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
    let mut out = Vec::with_capacity(samples.len() * 2);
    for n in 0..samples.len() as isize {
        out.push(at(n));
        let between: f32 = (1 - HALF..=HALF)
            .map(|k| {
                let x = std::f32::consts::PI * (k as f32 - 0.5);
                let window = 0.5 + 0.5 * (x / HALF as f32).cos();
                at(n + k) * window * x.sin() / x
            })
            .sum();
        out.push(between);
    }
    out
}
