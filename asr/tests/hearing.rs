//! The shipped model on recorded telephone clips: µ-law voices, noise and tones.
//!
//! The voices are speech synthesisers'; two of them (victor, rms) were not in the model's training.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod common;

use common::{clip, job, pool};
use sidetone_asr::{Guard, Hypothesis, Job, JobKind, MIN_VOICED, Outcome};
use std::time::Duration;

fn hear(job: Job) -> Outcome {
    let (pool, heard) = pool();
    pool.submit(job).unwrap();
    heard.recv().unwrap().outcome
}

fn hypothesis(outcome: Outcome) -> Hypothesis {
    match outcome {
        Outcome::Text(hypothesis) => hypothesis,
        other @ (Outcome::Rejected { .. } | Outcome::Aborted | Outcome::Failed(_)) => {
            panic!("{other:?}")
        }
    }
}

#[test]
fn telephone_speech_is_heard_word_for_word() {
    let (pool, heard) = pool();
    for text in [
        "where is my order",
        "i want to speak to a person",
        "agent",
        "four four one two",
        "four four one two seven seven oh nine",
        "i meant seven seven zero nine",
        "the last four",
    ] {
        let audio = clip(&format!("speech/{}.wav", text.replace(' ', "-")));
        pool.submit(job(audio)).unwrap();
        let hypothesis = hypothesis(heard.recv().unwrap().outcome);
        assert_eq!(hypothesis.text, text);
        assert_eq!(hypothesis.words.len(), text.split(' ').count());
        let p = hypothesis.words.iter().map(|word| word.p);
        assert_eq!(p.fold(1.0, f32::min), hypothesis.confidence);
    }
    assert_eq!(pool.stats().heard, 7);
}

#[test]
fn three_hundred_milliseconds_are_enough_for_yes_and_no() {
    for text in ["yes", "no"] {
        let audio = clip(&format!("speech/{text}.wav"));
        assert!(audio.len() <= 4_800);
        assert_eq!(hypothesis(hear(job(audio))).text, text);
    }
}

#[test]
fn silence_noise_and_tones_give_no_words_even_where_speech_was_claimed() {
    for name in ["silence", "white-noise", "ringback", "hum", "click"] {
        let outcome = hear(job(clip(&format!("noise/{name}.wav"))));
        assert!(
            matches!(outcome, Outcome::Rejected { .. }),
            "{name}: {outcome:?}"
        );
    }
}

#[test]
fn a_clip_with_hardly_any_speech_is_not_decoded() {
    let voiced = Duration::from_millis(120);
    let short = Job {
        voiced,
        min_voiced: MIN_VOICED,
        ..job(clip("speech/yes.wav"))
    };
    let refused = Outcome::Rejected {
        guard: Guard::TooShort,
        text: String::new(),
    };
    assert_eq!(hear(short), refused);
}

#[test]
fn the_same_clip_gives_the_same_text_after_any_other() {
    let (pool, heard) = pool();
    let mut texts = Vec::new();
    for name in [
        "speech/agent.wav",
        "speech/where-is-my-order.wav",
        "speech/agent.wav",
    ] {
        pool.submit(job(clip(name))).unwrap();
        texts.push(hypothesis(heard.recv().unwrap().outcome));
    }
    assert_eq!(texts[0], texts[2]);
}

#[test]
fn audio_that_is_no_number_harms_nobody() {
    let refused = Outcome::Rejected {
        guard: Guard::Silent,
        text: String::new(),
    };
    assert_eq!(hear(job(vec![f32::NAN; 16_000])), refused);
    let mut audio = clip("speech/agent.wav");
    audio[..160].fill(f32::INFINITY);
    assert!(matches!(
        hear(job(audio)),
        Outcome::Text(_) | Outcome::Rejected { .. }
    ));
}

#[test]
fn the_longest_clip_is_taken() {
    let mut audio = clip("speech/where-is-my-order.wav");
    audio.resize(28 * 16_000, 0.0);
    let outcome = hear(job(audio));
    assert!(
        matches!(outcome, Outcome::Text(_) | Outcome::Rejected { .. }),
        "{outcome:?}"
    );
}

#[test]
fn a_final_cuts_its_running_partial_short_and_is_heard_itself() {
    let (pool, heard) = pool();
    let mut audio = clip("speech/agent.wav");
    audio.resize(20 * 16_000, 0.0);
    pool.submit(Job {
        kind: JobKind::Partial,
        ..job(audio)
    })
    .unwrap();
    while pool.stats().waiting > 0 {
        std::thread::yield_now();
    }
    pool.submit(job(clip("speech/agent.wav"))).unwrap();
    assert_eq!(heard.recv().unwrap().outcome, Outcome::Aborted);
    assert_eq!(hypothesis(heard.recv().unwrap().outcome).text, "agent");
}
