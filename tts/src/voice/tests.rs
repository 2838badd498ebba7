use super::*;
use crate::reading::digits_grouped;
use crate::spoken::SAMPLE_RATE;
use std::time::Duration;

fn speak(text: &str) -> Spoken {
    Voice::slt().unwrap().speak(&Script::new(text)).unwrap()
}

#[test]
fn a_sentence_becomes_levelled_speech_with_its_words_in_order() {
    let text = "Your order, number 44, is on its way.";
    let spoken = speak(text);
    assert!(
        (1.5..4.0).contains(&spoken.duration().as_secs_f32()),
        "{:?}",
        spoken.duration()
    );
    let peak = spoken
        .pcm
        .iter()
        .map(|sample| sample.unsigned_abs())
        .max()
        .unwrap();
    assert!((23_100..23_200).contains(&peak), "{peak}");
    let words: Vec<_> = spoken
        .words
        .iter()
        .map(|word| &text[word.text.clone()])
        .collect();
    assert_eq!(
        words,
        ["Your", "order,", "number", "44,", "is", "on", "its", "way."]
    );
    for pair in spoken.words.windows(2) {
        assert!(pair[0].start_sample < pair[0].end_sample);
        assert!(pair[0].end_sample <= pair[1].start_sample);
    }
    assert!(spoken.words.last().unwrap().end_sample <= spoken.pcm.len());
}

#[test]
fn speech_begins_and_ends_with_hardly_any_silence() {
    let mut voice = Voice::slt().unwrap();
    for text in [
        "Hello.",
        "Yes.",
        "Your order.",
        "Is that right?",
        "One moment.",
        "All right.",
    ] {
        let spoken = voice.speak(&Script::new(text)).unwrap();
        let loud = |sample: &i16| sample.unsigned_abs() > 400;
        let lead = spoken.pcm.iter().position(loud).unwrap();
        assert!(
            (16..=480).contains(&lead),
            "{text} has {lead} samples before"
        );
        let after = spoken.pcm.len() - spoken.words.last().unwrap().end_sample;
        assert!(
            after <= 480,
            "{text} has {after} samples after its last word"
        );
    }
}

#[test]
fn half_a_prompt_played_is_about_half_of_it_heard() {
    let spoken = speak("one two three four five six seven eight");
    assert_eq!(spoken.heard(Duration::ZERO), "");
    assert_eq!(spoken.heard(spoken.duration()), &*spoken.text);
    let half = spoken.heard(spoken.duration() / 2).split(' ').count();
    assert!((3..=5).contains(&half), "{half} words");
}

#[test]
fn digit_groups_are_a_quarter_second_apart_and_digits_are_not() {
    let spoken = speak(&digits_grouped("44127709", 4));
    assert_eq!(spoken.words.len(), 8);
    let gaps: Vec<usize> = spoken
        .words
        .windows(2)
        .map(|pair| (pair[1].start_sample - pair[0].end_sample) * 1_000 / SAMPLE_RATE as usize)
        .collect();
    assert!((250..400).contains(&gaps[3]), "{gaps:?} ms");
    assert!(
        [0, 1, 2, 4, 5, 6].iter().all(|&gap| gaps[gap] < 100),
        "{gaps:?} ms"
    );
}

#[test]
fn a_slower_rate_takes_longer() {
    let mut voice = Voice::slt().unwrap();
    let mut length = |rate| {
        let script = Script::new("where is my order").at(rate);
        voice.speak(&script).unwrap().duration().as_secs_f32()
    };
    let (normal, slow) = (length(Rate::NORMAL), length(Rate::percent(80)));
    assert!(
        (1.15..1.35).contains(&(slow / normal)),
        "{slow} s and {normal} s"
    );
    assert_eq!(Rate::percent(0), Rate::SLOWEST);
}

#[test]
fn the_length_of_a_prompt_does_not_change() {
    assert_eq!(
        speak("Thank you for calling.").pcm.len(),
        speak("Thank you for calling.").pcm.len()
    );
}

#[test]
fn a_text_without_words_and_a_text_too_long_are_errors() {
    let mut voice = Voice::slt().unwrap();
    for text in ["", " ", "\u{0}\u{1}", "😀", "…", "<>"] {
        assert_eq!(
            voice.speak(&Script::new(text)),
            Err(TtsError::Nothing),
            "{text:?}"
        );
    }
    let long = voice.speak(&Script::new("word ".repeat(2_000)));
    assert_eq!(long, Err(TtsError::TooLong { chars: 10_000 }));
}

#[test]
fn rubbish_is_spoken_without_harm() {
    let mut voice = Voice::slt().unwrap();
    let texts = [
        "<speak><break time='3s'/>hello</speak>".to_owned(),
        "a\u{0}b\u{7f}c\u{1b}[31m \u{202e}d".to_owned(),
        "%s%n%s 100% $$$ $1,2,3.4.5 $".to_owned(),
        "x".repeat(60),
        "9".repeat(60),
        "-5 --- 1/2 ''' ,,,, ... a.b.c ;:;:".to_owned(),
        "1:2:3 99/99/9999 12:60 IV XVII 1,000,000,000,000,000".to_owned(),
        "日本語 naïve Ünïcödé 👩‍👩‍👧 ok".to_owned(),
    ];
    for text in texts {
        let spoken = voice.speak(&Script::new(text.clone())).unwrap();
        assert!(spoken.duration() > Duration::from_millis(100), "{text}");
        assert!(spoken.heard(Duration::MAX).len() <= text.len());
    }
}

#[test]
fn clauses_joined_say_the_whole_text() {
    let text = "I have found your order, it left our house on Monday, and it is on its way to you.";
    let mut voice = Voice::slt().unwrap();
    let parts: Vec<Spoken> = crate::split(text)
        .into_iter()
        .map(|clause| voice.speak(&Script::new(clause)).unwrap())
        .collect();
    assert!(parts.len() >= 2);
    let whole = Spoken::join(&parts, Duration::from_millis(200));
    assert_eq!(whole.heard(Duration::MAX), text);
}

#[test]
fn two_voices_may_speak_from_two_threads() {
    let lengths: Vec<usize> = std::thread::scope(|scope| {
        let speakers: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| speak("one two three").pcm.len()))
            .collect();
        speakers
            .into_iter()
            .map(|speaker| speaker.join().unwrap())
            .collect()
    });
    assert!(
        lengths
            .iter()
            .all(|&length| length == lengths[0] && length > 4_000),
        "{lengths:?}"
    );
}
