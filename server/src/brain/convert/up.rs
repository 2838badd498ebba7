//! Events up.

use super::{Malformed, duration_from_proto, duration_to_proto, kinds};
use sidetone_dialog::api::{
    CallEvent, EventEnvelope, HandoverId, PromptId, Transcript, UtteranceId, Word,
};
use sidetone_proto::dialog::v1::{self as wire, call_event::Event};
use std::time::Duration;

/// Writes an event of the call `call_id` for the wire.
pub fn event_to_proto(call_id: &str, envelope: EventEnvelope) -> wire::CallEvent {
    wire::CallEvent {
        call_id: call_id.to_owned(),
        seq: envelope.seq,
        epoch: envelope.epoch,
        media_time: Some(duration_to_proto(envelope.media_time)),
        event: Some(body_to_proto(envelope.event)),
    }
}

/// Reads an event from the wire.
///
/// # Errors
/// [`Malformed`] when the event is missing or of a kind that this version does not know.
pub fn event_from_proto(event: wire::CallEvent) -> Result<EventEnvelope, Malformed> {
    Ok(EventEnvelope {
        seq: event.seq,
        epoch: event.epoch,
        media_time: time(event.media_time)?,
        event: body_from_proto(event.event.ok_or(Malformed("the event is empty"))?)?,
    })
}

#[expect(clippy::too_many_lines, reason = "a table: one arm for each event")]
fn body_to_proto(event: CallEvent) -> Event {
    match event {
        CallEvent::Incoming { from, to } => Event::Incoming(wire::Incoming { from, to }),
        CallEvent::Started { codec, resumed } => Event::Started(wire::Started { codec, resumed }),
        CallEvent::SpeechStarted { overlap } => {
            Event::SpeechStarted(wire::SpeechStarted { overlap })
        }
        CallEvent::SpeechStopped { duration } => Event::SpeechStopped(wire::SpeechStopped {
            duration: Some(duration_to_proto(duration)),
        }),
        CallEvent::Transcript(transcript) => Event::Transcript(transcript_to_proto(transcript)),
        CallEvent::EndOfTurn {
            utterance,
            reason,
            silence,
        } => Event::EndOfTurn(wire::EndOfTurn {
            utterance_id: utterance.0,
            reason: kinds::end_of_turn_to(reason),
            silence: Some(duration_to_proto(silence)),
        }),
        CallEvent::NoInput { count } => Event::NoInput(wire::NoInput { count }),
        CallEvent::NoMatch { count } => Event::NoMatch(wire::NoMatch { count }),
        CallEvent::Dtmf { digit } => Event::Dtmf(wire::Dtmf {
            digit: digit.to_string(),
        }),
        CallEvent::DtmfCollected { digits } => Event::DtmfCollected(wire::DtmfCollected { digits }),
        CallEvent::PlaybackStarted { prompt, command_id } => {
            Event::PlaybackStarted(wire::PlaybackStarted {
                prompt_id: prompt.0,
                command_id: command_id.unwrap_or(0),
            })
        }
        CallEvent::PlaybackFinished {
            prompt,
            command_id,
            end,
            played,
            heard_text,
        } => Event::PlaybackFinished(wire::PlaybackFinished {
            prompt_id: prompt.0,
            command_id: command_id.unwrap_or(0),
            reason: kinds::playback_end_to(end),
            played: Some(duration_to_proto(played)),
            heard_text,
        }),
        CallEvent::BargeIn { prompt, after } => Event::BargeIn(wire::BargeInReport {
            prompt_id: prompt.0,
            after: Some(duration_to_proto(after)),
        }),
        CallEvent::ConfirmationResult {
            slot,
            value,
            outcome,
            attempts,
            confidence,
            evidence,
        } => Event::ConfirmationResult(wire::ConfirmationResult {
            slot,
            value,
            outcome: kinds::outcome_to(outcome),
            attempts: attempts.into(),
            confidence,
            evidence,
        }),
        CallEvent::HandoverProgress {
            handover,
            stage,
            elapsed,
            sip_code,
        } => Event::HandoverProgress(wire::HandoverProgress {
            handover_id: handover.0,
            stage: kinds::stage_to(stage),
            elapsed: Some(duration_to_proto(elapsed)),
            sip_code: sip_code.unwrap_or(0).into(),
        }),
        CallEvent::CommandResult { command_id, code } => {
            Event::CommandResult(wire::CommandResult {
                command_id,
                code: kinds::code_to(code),
            })
        }
        CallEvent::Fault { code, fatal } => Event::Fault(wire::Fault { code, fatal }),
        CallEvent::Ended { initiator, reason } => Event::Ended(wire::Ended {
            initiator: kinds::initiator_to(initiator),
            reason,
        }),
    }
}

fn body_from_proto(event: Event) -> Result<CallEvent, Malformed> {
    Ok(match event {
        Event::Incoming(e) => CallEvent::Incoming {
            from: e.from,
            to: e.to,
        },
        Event::Started(e) => CallEvent::Started {
            codec: e.codec,
            resumed: e.resumed,
        },
        Event::SpeechStarted(e) => CallEvent::SpeechStarted { overlap: e.overlap },
        Event::SpeechStopped(e) => CallEvent::SpeechStopped {
            duration: time(e.duration)?,
        },
        Event::Transcript(e) => CallEvent::Transcript(transcript_from_proto(e)?),
        Event::EndOfTurn(e) => CallEvent::EndOfTurn {
            utterance: UtteranceId(e.utterance_id),
            reason: kinds::end_of_turn_from(e.reason)?,
            silence: time(e.silence)?,
        },
        Event::NoInput(e) => CallEvent::NoInput { count: e.count },
        Event::NoMatch(e) => CallEvent::NoMatch { count: e.count },
        Event::Dtmf(e) => CallEvent::Dtmf {
            digit: one_char(&e.digit)?,
        },
        Event::DtmfCollected(e) => CallEvent::DtmfCollected { digits: e.digits },
        Event::PlaybackStarted(e) => CallEvent::PlaybackStarted {
            prompt: PromptId(e.prompt_id),
            command_id: non_zero(e.command_id),
        },
        Event::PlaybackFinished(e) => CallEvent::PlaybackFinished {
            prompt: PromptId(e.prompt_id),
            command_id: non_zero(e.command_id),
            end: kinds::playback_end_from(e.reason)?,
            played: time(e.played)?,
            heard_text: e.heard_text,
        },
        Event::BargeIn(e) => CallEvent::BargeIn {
            prompt: PromptId(e.prompt_id),
            after: time(e.after)?,
        },
        Event::ConfirmationResult(e) => CallEvent::ConfirmationResult {
            slot: e.slot,
            value: e.value,
            outcome: kinds::outcome_from(e.outcome)?,
            attempts: u8::try_from(e.attempts).unwrap_or(u8::MAX),
            confidence: e.confidence,
            evidence: e.evidence,
        },
        Event::HandoverProgress(e) => CallEvent::HandoverProgress {
            handover: HandoverId(e.handover_id),
            stage: kinds::stage_from(e.stage)?,
            elapsed: time(e.elapsed)?,
            sip_code: u16::try_from(e.sip_code).ok().filter(|&code| code != 0),
        },
        Event::CommandResult(e) => CallEvent::CommandResult {
            command_id: e.command_id,
            code: kinds::code_from(e.code)?,
        },
        Event::Fault(e) => CallEvent::Fault {
            code: e.code,
            fatal: e.fatal,
        },
        Event::Ended(e) => CallEvent::Ended {
            initiator: kinds::initiator_from(e.initiator)?,
            reason: e.reason,
        },
    })
}

fn transcript_to_proto(transcript: Transcript) -> wire::Transcript {
    wire::Transcript {
        utterance_id: transcript.utterance.0,
        revision: transcript.revision,
        is_final: transcript.is_final,
        text: transcript.text,
        confidence: transcript.confidence,
        words: transcript
            .words
            .into_iter()
            .map(|word| wire::Word {
                text: word.text,
                p: word.p,
                start: Some(duration_to_proto(word.start)),
                end: Some(duration_to_proto(word.end)),
            })
            .collect(),
        no_speech_prob: transcript.no_speech,
    }
}

fn transcript_from_proto(transcript: wire::Transcript) -> Result<Transcript, Malformed> {
    Ok(Transcript {
        utterance: UtteranceId(transcript.utterance_id),
        revision: transcript.revision,
        is_final: transcript.is_final,
        text: transcript.text,
        confidence: transcript.confidence,
        words: transcript
            .words
            .into_iter()
            .map(|word| {
                Ok(Word {
                    text: word.text,
                    p: word.p,
                    start: time(word.start)?,
                    end: time(word.end)?,
                })
            })
            .collect::<Result<_, _>>()?,
        no_speech: transcript.no_speech_prob,
    })
}

/// An absent duration is zero, as everywhere in protobuf.
fn time(value: Option<prost_types::Duration>) -> Result<Duration, Malformed> {
    value.map_or(Ok(Duration::ZERO), duration_from_proto)
}

fn one_char(text: &str) -> Result<char, Malformed> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(digit), None) => Ok(digit),
        (None, _) | (Some(_), Some(_)) => Err(Malformed("a key is one character")),
    }
}

fn non_zero(id: u64) -> Option<u64> {
    (id != 0).then_some(id)
}
