//! Phones that call each other: in virtual time over a wire that can lose datagrams, and once over
//! real sockets.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::agent::AgentPhone;
use super::caller::{CallFailure, CallerPhone};
use super::output::{Output, Phone};
use super::{Agent, CallOptions, Clock, Target, What, run_call};
use crate::measure::{AgentReport, CallReport, TurnKind};
use crate::script::{Behaviour, Clip, Reply, Script};

/// One way over the wire.
const TRAVEL: Duration = Duration::from_millis(5);

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn address(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// A buzz of that length, loud enough to be speech.
fn buzz(milliseconds: usize) -> Clip {
    let sample = |index: usize| if index % 40 < 20 { 4000 } else { -4000 };
    Clip::new(
        "buzz.wav",
        (0..milliseconds * 8).map(sample).collect::<Vec<i16>>(),
    )
}

/// A caller who listens, speaks when the other has finished, listens again and hangs up.
fn polite_script() -> Script {
    let text = r#"
        name = "polite"
        [[step]]
        wait_for = "bot_to_finish"
        within_ms = 5000
        [[step]]
        digits = "12"
        [[step]]
        wait_for = "bot_to_finish"
        within_ms = 5000
        [[step]]
        hang_up = true
    "#;
    let mut script = Script::parse(text, Path::new(".")).unwrap();
    speak_at(&mut script, 1, None);
    script
}

fn speak_at(script: &mut Script, step: usize, into_bot_prompt: Option<Duration>) {
    script.steps[step].action = crate::script::Action::Say {
        clip: buzz(800),
        into_bot_prompt,
    };
    script.steps[step].name = "say something".to_owned();
}

fn talkative() -> Behaviour {
    Behaviour {
        greeting: Some((ms(300), buzz(1000))),
        replies: vec![buzz(600), buzz(600)],
        ..Behaviour::answering("desk", 0, ms(400))
    }
}

/// Both phones and the wire between them.
struct Room {
    now: Duration,
    caller: CallerPhone,
    agent: AgentPhone,
    in_flight: Vec<(Duration, Output, bool)>,
    lose: Vec<&'static str>,
    told: Vec<What>,
}

impl Room {
    fn new(script: Script, behaviour: Behaviour) -> Self {
        let caller = CallerPhone::dial(
            Duration::ZERO,
            script,
            "sip:desk@127.0.0.1:5090",
            address(5090),
            (address(5070), address(40_000)),
            1,
        );
        let agent = AgentPhone::new(behaviour, address(5090), address(40_002), 2);
        let lose = Vec::new();
        Room {
            now: ms(0),
            caller,
            agent,
            in_flight: Vec::new(),
            lose,
            told: Vec::new(),
        }
    }

    fn losing(mut self, first_lines: &[&'static str]) -> Self {
        self.lose = first_lines.to_vec();
        self
    }

    fn collect(&mut self) {
        for from_caller in [true, false] {
            loop {
                let phone: &mut dyn Phone = if from_caller {
                    &mut self.caller
                } else {
                    &mut self.agent
                };
                let Some(output) = phone.poll_output() else {
                    break;
                };
                match &output {
                    Output::Event(event) => self.told.push(event.what.clone()),
                    Output::Sip { bytes, .. } if self.lose_one(bytes) => {}
                    Output::Sip { .. } | Output::Rtp { .. } => {
                        self.in_flight
                            .push((self.now + TRAVEL, output, from_caller));
                    }
                }
            }
        }
    }

    fn lose_one(&mut self, bytes: &[u8]) -> bool {
        let text = String::from_utf8_lossy(bytes);
        let found = self.lose.iter().position(|line| text.starts_with(line));
        found.map(|index| self.lose.remove(index)).is_some()
    }

    /// Steps to the next arrival or deadline until the call is over.
    fn run(mut self) -> (CallReport, AgentReport, Option<CallFailure>, Vec<What>) {
        self.collect();
        while !self.caller.is_done() {
            let arrival = self.in_flight.iter().map(|(at, ..)| *at).min();
            let deadlines = [
                arrival,
                self.caller.poll_timeout(),
                self.agent.poll_timeout(),
            ];
            self.now = deadlines
                .into_iter()
                .flatten()
                .min()
                .expect("something must be due");
            assert!(self.now < Duration::from_secs(120), "the call does not end");
            let now = self.now;
            let (due, later) = self.in_flight.drain(..).partition(|(at, ..)| *at <= now);
            self.in_flight = later;
            let due: Vec<(Duration, Output, bool)> = due;
            for (_, output, from_caller) in due {
                self.deliver(output, from_caller);
            }
            self.caller.handle_timeout(now);
            self.agent.handle_timeout(now);
            self.collect();
        }
        let (report, _, failure) = self.caller.into_report();
        (report, self.agent.into_report().0, failure, self.told)
    }

    fn deliver(&mut self, output: Output, from_caller: bool) {
        let (phone, from): (&mut dyn Phone, _) = match from_caller {
            true => (&mut self.agent, address(5070)),
            false => (&mut self.caller, address(5090)),
        };
        match output {
            Output::Sip { bytes, .. } => phone.handle_sip(self.now, from, &bytes),
            Output::Rtp { bytes, .. } => phone.handle_rtp(self.now, &bytes),
            Output::Event(_) => {}
        }
    }
}

#[test]
fn gaps_are_measured_to_the_frame() {
    let (report, agent, failure, _) = Room::new(polite_script(), talkative()).run();
    assert_eq!(failure, None);
    // The agent replies at its first frame 700 ms after the last speech it heard.
    let gap = report.turns[0].gap_ms.unwrap();
    assert!((700..=740).contains(&gap), "gap {gap}");
    assert_eq!(report.turns[0].kind, TurnKind::Spoken);
    // Packets flow at once; the greeting follows the caller's first packet by 300 ms.
    let greeting = report.time_to_greeting_ms.unwrap();
    assert!((300..=340).contains(&greeting), "greeting {greeting}");
    assert_eq!(report.time_to_answer_ms, Some(410));
    assert_eq!((report.received.lost, report.received.sources), (0, 1));
    assert_eq!(agent.calls[0].received.lost, 0);
    assert!(!report.ended_by_far_end && agent.calls[0].ended_at_ms.is_some());
}

#[test]
fn a_barge_in_on_a_bot_that_does_not_stop_has_no_gap() {
    let mut script = polite_script();
    script.steps.remove(0);
    speak_at(&mut script, 0, Some(ms(200)));
    let behaviour = Behaviour {
        greeting: Some((ms(300), buzz(2000))),
        ..talkative()
    };
    let (report, _, failure, _) = Room::new(script, behaviour).run();
    assert_eq!(failure, None);
    let turn = &report.turns[0];
    assert_eq!((turn.kind, turn.gap_ms), (TurnKind::BargeIn, None));
    let onset = report.time_to_greeting_ms.unwrap() + report.time_to_answer_ms.unwrap();
    assert!(
        (200..=240).contains(&(turn.started_at_ms - onset)),
        "{turn:?}"
    );
    // 2000 ms of prompt, interrupted after 200 ms or one frame later.
    assert!((1740..=1800).contains(&turn.stop_ms.unwrap()), "{turn:?}");
}

#[test]
fn an_agent_and_the_caller_are_recognised_by_their_audio() {
    let text = r#"
        name = "handover"
        [[step]]
        digits = "1"
        [[step]]
        wait_for = "agent"
        within_ms = 5000
        [[step]]
        wait_for = "agent_to_finish"
        [[step]]
        hang_up = true
        [[agent]]
        name = "desk"
        listen = "127.0.0.1:5090"
    "#;
    let script = Script::parse(text, Path::new(".")).unwrap();
    let (report, agent, failure, told) = Room::new(script, talkative()).run();
    assert_eq!(failure, None);
    let handover = report.handover.unwrap();
    assert_eq!(handover.agent, "desk");
    assert!(
        handover
            .audio_at_ms
            .abs_diff(agent.calls[0].answered_at_ms.unwrap())
            <= 20
    );
    assert_eq!(Some(handover.voice_at_ms - 410), report.time_to_greeting_ms);
    assert!(agent.calls[0].caller_audio_at_ms.is_some());
    let is_told = |name: &str| {
        told.iter()
            .any(|what| matches!(what, What::Hears { phone, .. } if phone == name))
    };
    assert!(is_told("desk") && is_told("caller"));
}

#[test]
fn a_lost_answer_is_repeated_and_the_call_goes_on() {
    let room = Room::new(polite_script(), talkative()).losing(&["SIP/2.0 200", "ACK"]);
    let (report, agent, failure, _) = room.run();
    assert_eq!(failure, None);
    assert_eq!(report.time_to_answer_ms, Some(910));
    let call = &agent.calls[0];
    assert_eq!(
        call.acknowledged_at_ms.unwrap() - call.answered_at_ms.unwrap(),
        1510
    );
}

#[test]
fn a_caller_who_owes_the_answer_is_not_kept_waiting() {
    let text = r#"
        name = "silent"
        [[step]]
        wait_for = "bot_to_finish"
        [[step]]
        wait_for = "far_end_to_hang_up"
        within_ms = 20000
    "#;
    let script = Script::parse(text, Path::new(".")).unwrap();
    let behaviour = Behaviour {
        hang_up_after: Some(ms(10_000)),
        ..talkative()
    };
    let (report, _, failure, _) = Room::new(script, behaviour).run();
    assert_eq!(failure, None);
    // Only the 300 ms before the greeting were the far end's.
    assert!(
        (300..=340).contains(&report.longest_silence_ms),
        "{}",
        report.longest_silence_ms
    );
}

#[test]
fn a_declined_call_says_so() {
    let behaviour = Behaviour {
        reply: Reply::Decline(486),
        ..talkative()
    };
    let (report, agent, failure, _) = Room::new(polite_script(), behaviour).run();
    assert_eq!(failure, Some(CallFailure::Refused { status: 486 }));
    assert_eq!(
        (report.refused, agent.calls[0].refused),
        (Some(486), Some(486))
    );
}

#[test]
fn a_caller_who_gives_up_cancels() {
    let mut script = polite_script();
    script.caller.cancel_after = Some(ms(1500));
    let behaviour = Behaviour {
        reply: Reply::NeverAnswer,
        ..talkative()
    };
    let (report, agent, failure, _) = Room::new(script, behaviour).run();
    assert_eq!((failure, report.cancelled), (None, true));
    assert!(agent.calls[0].cancelled);
}

#[test]
fn a_call_nobody_answers_fails_after_the_scripts_limit() {
    let behaviour = Behaviour {
        reply: Reply::NeverAnswer,
        ..talkative()
    };
    let (_, agent, failure, _) = Room::new(polite_script(), behaviour).run();
    assert_eq!(
        failure,
        Some(CallFailure::NotAnswered { within_ms: 10_000 })
    );
    assert!(agent.calls[0].cancelled);
}

#[test]
fn a_step_that_cannot_be_done_is_named() {
    let behaviour = Behaviour {
        greeting: None,
        ..talkative()
    };
    let (report, _, failure, _) = Room::new(polite_script(), behaviour).run();
    let failure = failure.unwrap().to_string();
    let expected = "step 1 (\"wait for the bot to finish\"): the bot did not speak within 5000 ms";
    assert_eq!(failure, expected);
    assert!(report.duration_ms.unwrap() >= 5000);
}

#[test]
fn a_far_end_that_hangs_up_fails_the_step_in_progress() {
    let behaviour = Behaviour {
        hang_up_after: Some(ms(2000)),
        ..talkative()
    };
    let (report, _, failure, _) = Room::new(polite_script(), behaviour).run();
    assert!(report.ended_by_far_end);
    assert!(
        failure
            .unwrap()
            .to_string()
            .ends_with("the far end hung up")
    );
}

#[tokio::test]
async fn phones_call_each_other_over_real_sockets() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::start();
    let agent = Agent::start(clock, address(0), talkative(), None)
        .await
        .unwrap();
    let target = Target::from(agent.address());
    let options = CallOptions {
        record_to: Some(folder.path().to_owned()),
        ..CallOptions::default()
    };
    let report = run_call(polite_script(), &target, &options, None)
        .await
        .unwrap();
    let gap = report.turns[0].gap_ms.unwrap();
    assert!((680..=780).contains(&gap), "gap {gap}");
    let agent = agent.stop().await.unwrap();
    assert!(agent.calls[0].first_speech_at_ms.is_some());
    assert_eq!(agent.calls[0].received.lost, 0);
    let wav = hound::WavReader::open(folder.path().join("caller.wav")).unwrap();
    assert_eq!(wav.spec().channels, 2);
    let (mut said, mut heard) = (0i64, 0i64);
    for (index, sample) in wav.into_samples::<i16>().enumerate() {
        let energy = i64::from(sample.unwrap()).abs();
        if index % 2 == 0 {
            said += energy
        } else {
            heard += energy
        }
    }
    assert!(
        said > 1_000_000 && heard > 1_000_000,
        "said {said}, heard {heard}"
    );
}
