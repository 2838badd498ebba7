use super::*;
use crate::api::{
    BargeIn, EndOfTurnReason, Expect, Keypad, Listen, PromptId, PromptKind, UtteranceId,
};
use crate::session::{DecodeKind, HeardResult, Hypothesis};
use std::time::Duration;

const FRAME: Duration = Duration::from_millis(20);

const EIGHT: Expect = Expect::Digits {
    count: 8,
    luhn: true,
};

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn words(text: &str) -> Hypothesis {
    Hypothesis {
        text: text.into(),
        confidence: 0.9,
        words: Vec::new(),
        no_speech: 0.0,
    }
}

/// A caller on the floor: the clock moves by frames, and deadlines that pass are met on time.
struct Bench {
    floor: Floor,
    now: Duration,
    /// What came out, with the time of each.
    seen: Vec<(Duration, TurnOutput)>,
    /// What the recogniser answers to a final decode, after how long; none: it never answers.
    answers: Option<(HeardResult, Duration)>,
    due: Vec<(Duration, UtteranceId, u32)>,
}

impl Bench {
    fn new(expect: Expect) -> Self {
        let mut floor = Floor::new(TurnConfig::default());
        floor.enable(Duration::ZERO, true);
        floor.listen(
            Duration::ZERO,
            &Listen {
                expect,
                no_input: None,
                keypad: keypad(),
            },
        );
        let answers = None;
        Self {
            floor,
            now: Duration::ZERO,
            seen: Vec::new(),
            answers,
            due: Vec::new(),
        }
    }

    fn answering(mut self, text: &str) -> Self {
        self.answers = Some((HeardResult::Text(words(text)), ms(50)));
        self
    }

    fn collect(&mut self) {
        while let Some(output) = self.floor.poll_output() {
            if let TurnOutput::Decode(order) = output
                && order.kind == DecodeKind::Final
                && let Some((_, after)) = &self.answers
            {
                self.due
                    .push((self.now + *after, order.utterance, order.revision));
            }
            self.seen.push((self.now, output));
        }
    }

    fn frames(&mut self, time: u64, voiced: bool) {
        for _ in 0..time / 20 {
            let next = self.now + FRAME;
            self.wait_until(next);
            self.floor.frame(self.now, voiced);
            self.collect();
        }
    }

    fn speak(&mut self, time: u64) {
        self.frames(time, true);
    }

    fn silence(&mut self, time: u64) {
        self.frames(time, false);
    }

    /// Lets time pass without frames.
    fn wait_until(&mut self, until: Duration) {
        loop {
            let timer = self.floor.poll_timeout().map(|due| due.at);
            let answer = self.due.first().map(|due| due.0);
            let Some(next) = timer
                .into_iter()
                .chain(answer)
                .min()
                .filter(|at| *at <= until)
            else {
                break;
            };
            self.now = self.now.max(next);
            if answer == Some(next) {
                let (_, utterance, revision) = self.due.remove(0);
                let result = self.answers.as_ref().unwrap().0.clone();
                self.floor.heard(self.now, utterance, revision, result);
            } else {
                self.floor.handle_timeout(self.now);
            }
            self.collect();
        }
        self.now = until;
    }

    fn play(&mut self, kind: PromptKind, barge_in: BargeIn) {
        let playing = Playing {
            prompt: PromptId(1),
            kind,
            barge_in,
            protected_until: ms(0),
        };
        self.floor.playing(self.now, Some(playing));
        self.collect();
    }

    fn hush(&mut self) {
        self.floor.playing(self.now, None);
        self.collect();
    }

    fn ends(&self) -> Vec<(u64, String, EndOfTurnReason)> {
        let ends = self.seen.iter().filter_map(|(at, output)| {
            let TurnOutput::TurnEnded(end) = output else {
                return None;
            };
            Some((millis(*at), end.hypothesis.text.clone(), end.reason))
        });
        ends.collect()
    }

    fn orders(&self) -> Vec<DecodeOrder> {
        let orders = self.seen.iter().filter_map(|(_, output)| {
            if let TurnOutput::Decode(order) = output {
                Some(*order)
            } else {
                None
            }
        });
        orders.collect()
    }

    fn names(&self) -> Vec<&'static str> {
        self.seen.iter().map(|(_, output)| name(output)).collect()
    }

    fn when(&self, wanted: &str) -> Vec<u64> {
        let found = self
            .seen
            .iter()
            .filter(|(_, output)| name(output) == wanted);
        found.map(|(at, _)| millis(*at)).collect()
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap()
}

fn keypad() -> Keypad {
    Keypad {
        inter_digit: Duration::from_secs(3),
        terminator: '#',
        max: 4,
    }
}

fn name(output: &TurnOutput) -> &'static str {
    match output {
        TurnOutput::SpeechStarted { .. } => "started",
        TurnOutput::SpeechStopped { .. } => "stopped",
        TurnOutput::Decode(order) if order.kind == DecodeKind::Partial => "partial",
        TurnOutput::Decode(_) => "final",
        TurnOutput::Heard { .. } => "heard",
        TurnOutput::HeardNothing { .. } => "nothing",
        TurnOutput::BargeIn { .. } => "barge-in",
        TurnOutput::KeyStops => "key stops",
        TurnOutput::TurnEnded(_) => "turn",
        TurnOutput::NoMatch { .. } => "no match",
        TurnOutput::Ignored { .. } => "ignored",
        TurnOutput::NoInput { .. } => "no input",
        TurnOutput::Key(_) => "key",
        TurnOutput::KeysCollected { .. } => "keys",
        TurnOutput::Fault { .. } => "fault",
    }
}

#[test]
fn a_yes_ends_a_quarter_of_a_second_after_its_last_sound() {
    let mut bench = Bench::new(Expect::YesNo).answering("yes");
    bench.silence(1_000);
    bench.speak(400);
    bench.silence(1_000);
    assert_eq!(
        bench.names(),
        ["started", "stopped", "final", "heard", "turn"]
    );
    assert_eq!(
        bench.when("final"),
        [1_580],
        "the decode is asked for at the pause"
    );
    assert_eq!(
        bench.ends(),
        [(1_650, "yes".into(), EndOfTurnReason::Complete)]
    );
}

#[test]
fn the_decode_begins_before_the_onset_and_never_repeats_the_last_turn() {
    let mut bench = Bench::new(Expect::YesNo).answering("yes");
    bench.silence(1_000);
    for _ in 0..2 {
        bench.speak(400);
        bench.silence(280);
    }
    let orders = bench.orders().into_iter();
    let orders = orders.map(|order| (order.utterance.0, order.from, order.voiced));
    // The second one would reach back to 1 380 ms, into the first: it starts where that ended.
    assert_eq!(
        orders.collect::<Vec<_>>(),
        [(1, ms(700), ms(400)), (2, ms(1_400), ms(400))]
    );
}

#[test]
fn an_unfinished_number_is_waited_for() {
    let mut bench = Bench::new(Expect::Digits {
        count: 8,
        luhn: false,
    })
    .answering("4 4 1");
    bench.speak(800);
    bench.silence(1_400);
    assert_eq!(bench.ends(), []);
    bench.answers = Some((HeardResult::Text(words("2 7 7 6 9")), ms(50)));
    bench.speak(800);
    bench.silence(300);
    let reason = EndOfTurnReason::Complete;
    assert_eq!(bench.ends(), [(3_250, "4 4 1 2 7 7 6 9".into(), reason)]);
    let orders = bench.orders().into_iter();
    let revisions: Vec<_> = orders
        .map(|order| (order.utterance.0, order.revision))
        .collect();
    assert!(
        revisions.iter().all(|(utterance, _)| *utterance == 1),
        "{revisions:?}"
    );
    assert!(
        revisions.windows(2).all(|pair| pair[0].1 < pair[1].1),
        "{revisions:?}"
    );
}

#[test]
fn partial_decodes_come_while_the_caller_speaks_one_at_a_time() {
    let mut bench = Bench::new(Expect::Free);
    bench.speak(3_000);
    // Unanswered, the first keeps later ones from piling up.
    assert_eq!(bench.when("partial"), [640]);
    let mut bench = Bench::new(Expect::Free);
    for _ in 0..150 {
        bench.speak(20);
        let last = bench.seen.last().cloned();
        if let Some((_, TurnOutput::Decode(order))) = last {
            let result = HeardResult::Text(words("so"));
            bench
                .floor
                .heard(bench.now, order.utterance, order.revision, result);
            bench.collect();
        }
    }
    assert_eq!(bench.when("partial"), [640, 1_280, 1_920, 2_560]);
}

#[test]
fn a_late_text_ends_the_turn_when_it_comes() {
    let mut bench = Bench::new(Expect::YesNo).answering("yes");
    bench.answers = bench.answers.map(|(result, _)| (result, ms(900)));
    bench.speak(400);
    bench.silence(2_000);
    assert_eq!(
        bench.ends(),
        [(1_480, "yes".into(), EndOfTurnReason::Complete)]
    );
}

#[test]
fn a_text_that_never_comes_ends_in_a_fault_and_not_in_deafness() {
    let mut bench = Bench::new(Expect::YesNo);
    bench.speak(400);
    bench.silence(4_000);
    assert_eq!(
        bench.names(),
        ["started", "stopped", "final", "fault", "no match"]
    );
    assert_eq!(bench.when("fault"), [400 + 800 + 1_500]);
    bench = bench.answering("yes");
    bench.speak(400);
    bench.silence(1_000);
    assert_eq!(bench.ends().len(), 1);
}

#[test]
fn a_late_answer_to_an_older_question_is_not_taken_for_the_new_one() {
    let mut bench = Bench::new(Expect::YesNo);
    bench.speak(400);
    bench.silence(200);
    bench.speak(400);
    bench.silence(200);
    bench.floor.heard(
        bench.now,
        UtteranceId(1),
        1,
        HeardResult::Text(words("yes")),
    );
    bench.floor.heard(
        bench.now,
        UtteranceId(7),
        2,
        HeardResult::Text(words("yes")),
    );
    bench.silence(400);
    assert_eq!(bench.ends(), []);
}

#[test]
fn a_cough_is_no_turn_and_does_not_put_off_silence_for_ever() {
    let mut bench = Bench::new(Expect::YesNo);
    bench.answers = Some((
        HeardResult::Nothing {
            guard: "silence_phrase".into(),
        },
        ms(50),
    ));
    for _ in 0..40 {
        bench.speak(100);
        bench.silence(1_900);
        if bench.names().contains(&"no input") {
            break;
        }
    }
    assert!(!bench.names().contains(&"no match"));
    assert!(
        bench.names().contains(&"no input"),
        "coughs must not hide a silent caller"
    );
}

#[test]
fn speech_without_words_is_not_understood() {
    let mut bench = Bench::new(Expect::YesNo);
    bench.answers = Some((HeardResult::Text(words("  ")), ms(50)));
    for _ in 0..2 {
        bench.speak(600);
        bench.silence(2_000);
    }
    let counts = bench.seen.iter().filter_map(|(_, output)| {
        if let TurnOutput::NoMatch { count, .. } = output {
            Some(*count)
        } else {
            None
        }
    });
    assert_eq!(counts.collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_broken_recogniser_is_a_fault_and_a_turn_without_words() {
    let mut bench = Bench::new(Expect::YesNo);
    bench.answers = Some((HeardResult::Failed("out of memory".into()), ms(50)));
    bench.speak(600);
    bench.silence(1_000);
    assert_eq!(
        bench.names(),
        [
            "started", "stopped", "final", "nothing", "fault", "no match"
        ]
    );
}

#[test]
fn a_caller_who_never_pauses_is_cut_at_the_longest_speech() {
    let mut bench = Bench::new(Expect::YesNo).answering("well you see");
    bench.speak(8_500);
    assert_eq!(
        bench.ends(),
        [(8_050, "well you see".into(), EndOfTurnReason::MaxSpeech)]
    );
    assert_eq!(
        bench.when("started"),
        [60, 8_100],
        "and is heard on as the next utterance"
    );
}

#[test]
fn what_was_said_before_a_pause_is_not_decoded_again() {
    let mut bench = Bench::new(EIGHT).answering("four four one two");
    bench.speak(1_000);
    bench.silence(400);
    bench.answers = Some((HeardResult::Text(words("seven seven six nine")), ms(50)));
    bench.speak(1_000);
    bench.silence(300);
    let heard = "four four one two seven seven six nine";
    assert_eq!(
        bench.ends(),
        [(2_650, heard.into(), EndOfTurnReason::Complete)]
    );
    let finals = bench.orders().into_iter();
    let spans: Vec<_> = finals
        .filter(|order| order.kind == DecodeKind::Final)
        .map(|order| (order.from, order.to, order.voiced))
        .collect();
    // The second order begins in the middle of the pause.
    assert_eq!(
        spans,
        [
            (ms(0), ms(1_180), ms(1_000)),
            (ms(1_200), ms(2_580), ms(1_000))
        ]
    );
}

#[test]
fn a_short_pause_does_not_cut() {
    let mut bench = Bench::new(EIGHT).answering("four four one");
    bench.speak(1_000);
    bench.silence(200);
    bench.speak(1_000);
    bench.silence(300);
    let from: Vec<_> = bench.orders().iter().map(|order| order.from).collect();
    assert!(from.iter().all(|from| *from == ms(0)), "{from:?}");
}

#[test]
fn words_before_a_cut_that_come_late_still_count() {
    let mut bench = Bench::new(EIGHT);
    bench.answers = Some((HeardResult::Text(words("four four one two")), ms(900)));
    bench.speak(1_000);
    bench.silence(400);
    bench.speak(1_000);
    bench.answers = Some((HeardResult::Text(words("seven seven six nine")), ms(50)));
    bench.silence(600);
    let texts: Vec<_> = bench.ends().into_iter().map(|(_, text, _)| text).collect();
    assert_eq!(texts, ["four four one two seven seven six nine"]);
}

#[test]
fn silence_is_counted_from_the_end_of_the_prompt() {
    let mut bench = Bench::new(Expect::YesNo);
    bench.play(PromptKind::Question, BargeIn::Any);
    bench.silence(10_000);
    assert_eq!(bench.names(), [""; 0]);
    bench.hush();
    bench.silence(5_000);
    assert_eq!(bench.when("no input"), [14_000]);
}

#[test]
fn silence_goes_on_being_reported_when_the_brain_says_nothing() {
    let mut bench = Bench::new(Expect::YesNo);
    bench.silence(30_000);
    assert_eq!(bench.when("no input"), [4_000, 14_000, 24_000]);
}

#[test]
fn a_voice_stops_a_question_within_180_ms_of_its_onset() {
    let mut bench = Bench::new(Expect::YesNo);
    bench.silence(1_000);
    bench.play(PromptKind::Question, BargeIn::Any);
    bench.speak(600);
    let (at, after) = barge_in(&bench);
    assert_eq!((at, after), (1_160, ms(160)));
    assert!(after <= ms(180));
}

#[test]
fn a_mm_hm_does_not_stop_information_and_is_no_turn() {
    let mut bench = Bench::new(Expect::Free).answering("mm hm");
    bench.play(PromptKind::Information, BargeIn::Any);
    bench.speak(260);
    bench.silence(2_500);
    assert_eq!(
        bench.names(),
        ["started", "stopped", "final", "heard", "ignored"]
    );
}

#[test]
fn a_sentence_stops_information_after_300_ms() {
    let mut bench = Bench::new(Expect::Free);
    bench.silence(1_000);
    bench.play(PromptKind::Information, BargeIn::Any);
    bench.speak(600);
    assert_eq!(barge_in(&bench), (1_300, ms(300)));
}

#[test]
fn speech_under_way_when_the_prompt_ends_is_simply_a_turn() {
    let mut bench = Bench::new(Expect::YesNo).answering("yes");
    bench.play(PromptKind::Question, BargeIn::Any);
    bench.speak(140);
    bench.hush();
    bench.silence(1_000);
    assert_eq!(bench.ends().len(), 1);
    assert!(!bench.names().contains(&"barge-in"));
}

#[test]
fn a_prompt_that_yields_to_nothing_is_spoken_over_and_the_words_still_count() {
    let mut bench = Bench::new(Expect::Free).answering("a human please");
    bench.play(PromptKind::Question, BargeIn::None);
    bench.speak(900);
    bench.silence(2_500);
    assert_eq!(bench.ends().len(), 1);
    assert!(!bench.names().contains(&"barge-in"));
}

#[test]
fn a_caller_who_already_speaks_keeps_the_floor_when_a_prompt_comes_late() {
    let mut bench = Bench::new(Expect::Free);
    bench.speak(500);
    bench.play(PromptKind::Question, BargeIn::Any);
    bench.speak(20);
    assert_eq!(bench.when("barge-in"), [500]);
}

#[test]
fn a_key_stops_the_prompt_and_takes_the_place_of_the_turn() {
    let mut bench = Bench::new(Expect::Digits {
        count: 4,
        luhn: false,
    })
    .answering("4 4");
    bench.play(PromptKind::Question, BargeIn::Any);
    bench.speak(100);
    for key in ['4', '4', '1', '2'] {
        bench.floor.key(bench.now, key);
        bench.collect();
        bench.hush();
        bench.silence(300);
    }
    let wanted = [
        "started",
        "key stops",
        "key",
        "ignored",
        "key",
        "key",
        "key",
        "keys",
    ];
    assert_eq!(bench.names(), wanted);
}

#[test]
fn a_hash_after_the_last_key_does_not_stop_the_answer_to_the_keys() {
    let mut bench = Bench::new(Expect::Free);
    for key in ['4', '4', '1', '2'] {
        bench.floor.key(bench.now, key);
    }
    bench.collect();
    bench.seen.clear();
    bench.play(PromptKind::Information, BargeIn::Any);
    for _ in 0..2 {
        bench.silence(200);
        bench.floor.key(bench.now, '#');
        bench.collect();
    }
    assert_eq!(bench.names(), ["key", "key stops", "key"]);
}

#[test]
fn a_closed_floor_hears_nothing() {
    let mut bench = Bench::new(Expect::Free);
    bench.speak(500);
    bench.floor.enable(bench.now, false);
    bench.seen.clear();
    bench.collect();
    assert_eq!(bench.names(), ["ignored"]);
    bench.speak(5_000);
    bench.floor.key(bench.now, '1');
    bench.collect();
    assert_eq!(bench.names(), ["ignored"]);
    assert_eq!(bench.floor.poll_timeout(), None);
}

#[test]
fn audio_that_stops_coming_is_a_fault_once_and_ends_the_turn() {
    let mut bench = Bench::new(Expect::YesNo).answering("yes");
    bench.speak(400);
    bench.wait_until(ms(30_000));
    assert_eq!(bench.ends().len(), 1, "silence needs no frames");
    assert_eq!(bench.when("fault"), [5_400]);
}

fn barge_in(bench: &Bench) -> (u64, Duration) {
    let found = bench.seen.iter().find_map(|(at, output)| {
        let TurnOutput::BargeIn { after, .. } = output else {
            return None;
        };
        Some((millis(*at), *after))
    });
    found.expect("the voice stops the prompt")
}

#[test]
fn a_task_that_wakes_late_takes_every_step_that_is_due() {
    let mut bench = Bench::new(Expect::Free);
    bench.speak(400);
    let late = bench.now + ms(10_000);
    bench.floor.handle_timeout(late);
    let next = bench.floor.poll_timeout().map(|due| due.at);
    assert!(next.is_some_and(|next| next > late), "{next:?}");
}
