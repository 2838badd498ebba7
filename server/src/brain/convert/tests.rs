use super::*;
use sidetone_dialog::api::{
    BargeIn, CallEvent, Command, CommandCode, CommandEnvelope, Confirm, ConfirmOutcome,
    ConfirmStyle, Context, ContextSlot, EndOfTurnReason, EventEnvelope, Expect, Fallback, Handover,
    HandoverId, HandoverStage, Initiator, Keypad, Listen, PlaybackEnd, PromptId, PromptKind,
    RiskClass, Say, SlotState, Transcript, UtteranceId, Word,
};
use sidetone_proto::dialog::v1 as wire;

const MS: fn(u64) -> Duration = Duration::from_millis;

#[expect(clippy::too_many_lines, reason = "a list: one entry for each event")]
fn every_event() -> Vec<CallEvent> {
    vec![
        CallEvent::Incoming {
            from: "100".into(),
            to: "200".into(),
        },
        CallEvent::Started {
            codec: "PCMU".into(),
            resumed: true,
        },
        CallEvent::SpeechStarted { overlap: true },
        CallEvent::SpeechStopped { duration: MS(640) },
        CallEvent::Transcript(Transcript {
            utterance: UtteranceId(3),
            revision: 2,
            is_final: true,
            text: "yes".into(),
            confidence: 0.9,
            words: vec![Word {
                text: "yes".into(),
                p: 0.9,
                start: MS(20),
                end: MS(380),
            }],
            no_speech: 0.1,
        }),
        CallEvent::EndOfTurn {
            utterance: UtteranceId(3),
            reason: EndOfTurnReason::Complete,
            silence: MS(250),
        },
        CallEvent::NoInput { count: 1 },
        CallEvent::NoMatch { count: 2 },
        CallEvent::Dtmf { digit: '#' },
        CallEvent::DtmfCollected {
            digits: "44127709".into(),
        },
        CallEvent::PlaybackStarted {
            prompt: PromptId(1),
            command_id: None,
        },
        CallEvent::PlaybackFinished {
            prompt: PromptId(1),
            command_id: Some(7),
            end: PlaybackEnd::BargeIn,
            played: MS(900),
            heard_text: "What is".into(),
        },
        CallEvent::BargeIn {
            prompt: PromptId(1),
            after: MS(160),
        },
        CallEvent::ConfirmationResult {
            slot: "order_ref".into(),
            value: "1".into(),
            outcome: ConfirmOutcome::Corrected,
            attempts: 2,
            confidence: 0.5,
            evidence: "said yes".into(),
        },
        CallEvent::HandoverProgress {
            handover: HandoverId(1),
            stage: HandoverStage::Declined,
            elapsed: MS(4000),
            sip_code: Some(486),
        },
        CallEvent::CommandResult {
            command_id: 9,
            code: CommandCode::Stale,
        },
        CallEvent::Fault {
            code: "asr_failed".into(),
            fatal: false,
        },
        CallEvent::Ended {
            initiator: Initiator::Caller,
            reason: "hung_up".into(),
        },
    ]
}

fn every_command() -> Vec<Command> {
    vec![
        Command::Accept,
        Command::Reject { sip_code: 486 },
        Command::Say(Say {
            text: "Hello.".into(),
            kind: PromptKind::Question,
            barge_in: BargeIn::Any,
        }),
        Command::ClearPlayback,
        Command::Listen(Listen {
            expect: Expect::Digits {
                count: 8,
                luhn: true,
            },
            no_input: Some(MS(4000)),
            keypad: Keypad {
                inter_digit: MS(3000),
                terminator: '#',
                max: 8,
            },
        }),
        Command::Confirm(Confirm {
            slot: "order_ref".into(),
            value: "44127709".into(),
            class: RiskClass::W1,
            style: ConfirmStyle::Grouped,
            confidence: 0.5,
            utterance: Some(UtteranceId(2)),
            expect: Expect::YesNo,
            max_attempts: 3,
        }),
        Command::Handover(Handover {
            skill: "care".into(),
            deadline: MS(30_000),
            ring: MS(8000),
            context: Context {
                intent: "order status".into(),
                reason: "caller asked".into(),
                slots: vec![ContextSlot {
                    name: "order_ref".into(),
                    value: "1".into(),
                    state: SlotState::Confirmed,
                }],
            },
            fallback: Fallback::Callback,
        }),
        Command::HandoverCancel,
        Command::Note {
            rule: "flow.x".into(),
            detail: "y".into(),
        },
        Command::ReportOutcome {
            goal: "order_status".into(),
            success: true,
        },
        Command::Hangup {
            reason: "completed".into(),
        },
    ]
}

#[test]
fn every_event_survives_the_wire() {
    for event in every_event() {
        let envelope = EventEnvelope {
            seq: 5,
            epoch: 2,
            media_time: MS(1234),
            event,
        };
        let back = event_from_proto(event_to_proto("c1", envelope.clone()));
        assert_eq!(back, Ok(envelope));
    }
}

#[test]
fn every_command_survives_the_wire() {
    for command in every_command() {
        let envelope = CommandEnvelope {
            command_id: 4,
            epoch: 1,
            command,
        };
        assert_eq!(
            command_from_proto(command_to_proto(envelope.clone())),
            Ok(envelope)
        );
    }
}

#[test]
fn a_command_that_says_too_little_is_refused_with_a_reason() {
    use wire::dialog_command::Command as Wire;
    let refused = |command| {
        command_from_proto(wire::DialogCommand {
            command_id: 1,
            epoch: 0,
            command,
        })
        .expect_err("must be refused")
        .0
    };
    assert!(refused(None).contains("empty"));
    assert!(refused(Some(Wire::Say(wire::Say::default()))).contains("words"));
    assert!(refused(Some(Wire::Reject(wire::Reject { sip_code: 200 }))).contains("400"));
    assert!(
        refused(Some(Wire::Confirm(wire::Confirm {
            slot: "s".into(),
            value: "v".into(),
            confidence: f32::NAN,
            ..Default::default()
        })))
        .contains("between 0 and 1")
    );
    let digits = wire::Expect {
        kind: Some(wire::expect::Kind::Digits(wire::expect::Digits {
            count: 99,
            luhn: false,
        })),
    };
    let listen = wire::Listen {
        expect: Some(digits),
        ..Default::default()
    };
    assert!(refused(Some(Wire::Listen(listen))).contains("1 to 32"));
}

#[test]
fn a_negative_duration_is_refused() {
    let listen = wire::Listen {
        no_input: Some(prost_types::Duration {
            seconds: -1,
            nanos: 0,
        }),
        ..Default::default()
    };
    let command = wire::DialogCommand {
        command_id: 1,
        epoch: 0,
        command: Some(wire::dialog_command::Command::Listen(listen)),
    };
    assert_eq!(
        command_from_proto(command),
        Err(Malformed("a duration is negative"))
    );
}
