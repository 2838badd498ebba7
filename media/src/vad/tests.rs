//! Noise, tones and recorded speech; the speech is made by a speech synthesiser and cut to the
//! telephone band.

use std::io::Cursor;

use hound::WavReader;

use super::*;
use crate::frame::SILENT_FRAME;
use crate::g711::Law;
use crate::onset::{Segment, segments};
use crate::tone::{ToneGenerator, mix};

/// Two voices, one after the other, with silence around them.
const SPEECH: &[u8] = include_bytes!("../../tests/audio/two-voices-8k.wav");

fn speech() -> Vec<i16> {
    let mut reader = WavReader::new(Cursor::new(SPEECH)).unwrap();
    let line = |s: i16| Law::Mu.decode_sample(Law::Mu.encode_sample(s));
    reader
        .samples()
        .map(|sample| line(sample.unwrap()))
        .collect()
}

fn frames(pcm: &[i16]) -> impl Iterator<Item = Frame> {
    pcm.chunks_exact(FRAME_SAMPLES)
        .map(|chunk| chunk.try_into().unwrap())
}

/// White noise of about `level` dBov, the same on every run.
fn noise(level: f32, samples: usize) -> Vec<i16> {
    let peak = 32768.0 * 10_f32.powf(level / 20.0) * 3_f32.sqrt();
    let mut state = 0x2545_f491_u32;
    (0..samples)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            ((state as f32 / u32::MAX as f32 * 2.0 - 1.0) * peak) as i16
        })
        .collect()
}

fn voiced(vad: &mut Vad, pcm: &[i16], playing: bool) -> Vec<bool> {
    frames(pcm)
        .map(|frame| vad.mark(&frame, FrameKind::Speech, playing).voiced)
        .collect()
}

fn count(marks: &[bool]) -> usize {
    marks.iter().filter(|voiced| **voiced).count()
}

/// Share of the frames inside sound that are voiced, and of those outside.
fn hits_and_false_alarms(marks: &[bool], sounds: &[Segment]) -> (f32, f32) {
    let (mut inside, mut outside) = ((0, 0), (0, 0));
    for (n, voiced) in marks.iter().enumerate() {
        let ms = n as u64 * 20;
        let is_inside = sounds.iter().any(|s| ms >= s.start_ms && ms < s.end_ms);
        let tally = if is_inside { &mut inside } else { &mut outside };
        tally.0 += usize::from(*voiced);
        tally.1 += 1;
    }
    let share = |(hits, all): (usize, usize)| hits as f32 / all.max(1) as f32;
    (share(inside), share(outside))
}

#[test]
fn speech_on_a_clean_line_is_found() {
    let pcm = speech();
    let marks = voiced(&mut Vad::default(), &pcm, false);
    let (hits, false_alarms) = hits_and_false_alarms(&marks, &segments(&pcm));
    assert!(hits > 0.8, "only {hits} of the speech was voiced");
    assert!(
        false_alarms < 0.1,
        "{false_alarms} of the silence was voiced"
    );
}

#[test]
fn a_voice_is_marked_within_80_ms_of_its_beginning() {
    let pcm = speech();
    let marks = voiced(&mut Vad::default(), &pcm, false);
    for sound in segments(&pcm) {
        let start = (sound.start_ms / 20) as usize;
        assert!(
            count(&marks[start..start + 4]) > 0,
            "nothing voiced at {} ms",
            sound.start_ms
        );
    }
}

#[test]
fn speech_in_15_db_of_noise_is_found() {
    let clean = speech();
    let noise = noise(-42.0, clean.len() + 16000);
    let mut noisy = noise.clone();
    for (sample, voice) in noisy[16000..].iter_mut().zip(&clean) {
        *sample = sample.saturating_add(*voice);
    }
    let marks = voiced(&mut Vad::default(), &noisy, false);
    let (hits, false_alarms) = hits_and_false_alarms(&marks[100..], &segments(&clean));
    assert!(hits > 0.55, "only {hits} of the speech was voiced");
    assert!(false_alarms < 0.1, "{false_alarms} of the noise was voiced");
}

#[test]
fn steady_noise_is_not_speech_however_loud() {
    for level in [-60.0, -45.0, -35.0, -25.0] {
        let marks = voiced(&mut Vad::default(), &noise(level, 80_000), false);
        let settled = count(&marks[90..]);
        assert!(
            settled <= 4,
            "{settled} of 410 frames of noise at {level} dBov were voiced"
        );
    }
}

#[test]
fn keypad_tones_are_not_speech() {
    let mut vad = Vad::default();
    let mut marks = Vec::new();
    for key in "0123456789*#ABCD".chars() {
        let mut tone = ToneGenerator::dtmf(key).unwrap();
        for n in 0..12 {
            let mut frame = SILENT_FRAME;
            if n < 6 {
                tone.fill(&mut frame);
            }
            marks.push(vad.mark(&frame, FrameKind::Speech, false).voiced);
        }
    }
    assert_eq!(count(&marks), 0);
}

#[test]
fn call_progress_tones_are_not_speech() {
    for mut tone in [ToneGenerator::ringback(), ToneGenerator::busy()] {
        let mut vad = Vad::default();
        let marks: Vec<bool> = (0..400)
            .map(|_| {
                let mut frame = SILENT_FRAME;
                tone.fill(&mut frame);
                vad.mark(&frame, FrameKind::Speech, false).voiced
            })
            .collect();
        // The first frame of a burst may be taken wrongly, but a turn needs more than one.
        assert!(!marks.windows(2).any(|pair| pair[0] && pair[1]));
        assert!(count(&marks) < 10, "{} frames were voiced", count(&marks));
    }
}

#[test]
fn the_tone_guard_leaves_voices_alone() {
    let mut guard = ToneGuard::new();
    let all = frames(&speech())
        .filter(|frame| guard.is_tone(frame))
        .count();
    assert!(all <= 4, "{all} frames of speech were taken for tones");
}

#[test]
fn concealed_frames_are_never_voiced() {
    let mut vad = Vad::default();
    for frame in frames(&speech()) {
        assert!(!vad.mark(&frame, FrameKind::Concealed, false).voiced);
    }
}

#[test]
fn a_faint_echo_of_the_bot_is_not_the_caller() {
    let pcm = speech();
    let echo: Vec<i16> = frames(&pcm)
        .flat_map(|frame| {
            let mut faint = SILENT_FRAME;
            mix(&mut faint, &frame, 0.01);
            faint
        })
        .collect();
    let marks = voiced(&mut Vad::default(), &echo, true);
    assert!(
        count(&marks) < 5,
        "{} frames of echo were voiced",
        count(&marks)
    );
}

#[test]
fn a_caller_who_interrupts_is_found_while_the_bot_speaks() {
    let pcm = speech();
    let marks = voiced(&mut Vad::default(), &pcm, true);
    let (hits, _) = hits_and_false_alarms(&marks, &segments(&pcm));
    assert!(hits > 0.7, "only {hits} of the speech was voiced");
}
