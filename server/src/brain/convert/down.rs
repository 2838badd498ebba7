//! Commands down.

use super::{Malformed, duration_from_proto, duration_to_proto, kinds};
use sidetone_dialog::api::{
    Command, CommandEnvelope, Confirm, Context, ContextSlot, Expect, Handover, Keypad, Listen, Say,
    UtteranceId,
};
use sidetone_proto::dialog::v1::{self as wire, dialog_command::Command as Wire};
use std::time::Duration;

/// Time from the decision to a human when the brain names none.
const DEFAULT_DEADLINE: Duration = Duration::from_secs(30);
/// How long one agent's phone rings when the brain names nothing.
const DEFAULT_RING: Duration = Duration::from_secs(8);
/// The longest digit string that can be asked for.
const MAX_DIGITS: u32 = 32;
/// How often a confirmation may ask at most.
const MAX_ATTEMPTS: u32 = 5;
/// The longest prompt, in bytes: about three minutes of speech.
const MAX_TEXT: usize = 4096;

/// Writes a command for the wire.
pub fn command_to_proto(envelope: CommandEnvelope) -> wire::DialogCommand {
    wire::DialogCommand {
        command_id: envelope.command_id,
        epoch: envelope.epoch,
        command: Some(body_to_proto(envelope.command)),
    }
}

/// Reads a command from the wire.
///
/// # Errors
/// [`Malformed`] when a field is missing or out of range; the call goes on.
pub fn command_from_proto(command: wire::DialogCommand) -> Result<CommandEnvelope, Malformed> {
    if command.command_id == 0 {
        return Err(Malformed("a command needs an id of 1 or more"));
    }
    let body = command
        .command
        .ok_or(Malformed("the command is empty or unknown"))?;
    Ok(CommandEnvelope {
        command_id: command.command_id,
        epoch: command.epoch,
        command: body_from_proto(body)?,
    })
}

fn body_to_proto(command: Command) -> Wire {
    match command {
        Command::Accept => Wire::Accept(wire::Accept {}),
        Command::Reject { sip_code } => Wire::Reject(wire::Reject {
            sip_code: sip_code.into(),
        }),
        Command::Say(say) => Wire::Say(wire::Say {
            text: say.text,
            kind: kinds::prompt_kind_to(say.kind),
            barge_in: kinds::barge_in_to(say.barge_in),
        }),
        Command::ClearPlayback => Wire::ClearPlayback(wire::ClearPlayback {}),
        Command::Listen(listen) => Wire::Listen(wire::Listen {
            expect: Some(expect_to_proto(listen.expect)),
            no_input: listen.no_input.map(duration_to_proto),
            keypad: Some(wire::Keypad {
                inter_digit: Some(duration_to_proto(listen.keypad.inter_digit)),
                terminator: listen.keypad.terminator.to_string(),
                max: listen.keypad.max.into(),
            }),
        }),
        Command::Confirm(confirm) => Wire::Confirm(confirm_to_proto(confirm)),
        Command::Handover(handover) => Wire::Handover(handover_to_proto(handover)),
        Command::HandoverCancel => Wire::HandoverCancel(wire::HandoverCancel {}),
        Command::Note { rule, detail } => Wire::Note(wire::Note { rule, detail }),
        Command::ReportOutcome { goal, success } => {
            Wire::ReportOutcome(wire::ReportOutcome { goal, success })
        }
        Command::Hangup { reason } => Wire::Hangup(wire::Hangup { reason }),
    }
}

fn body_from_proto(command: Wire) -> Result<Command, Malformed> {
    Ok(match command {
        Wire::Accept(_) => Command::Accept,
        Wire::Reject(c) => Command::Reject {
            sip_code: u16::try_from(c.sip_code)
                .ok()
                .filter(|code| (400..700).contains(code))
                .ok_or(Malformed(
                    "a call is rejected with a SIP code from 400 to 699",
                ))?,
        },
        Wire::Say(c) => Command::Say(Say {
            text: prompt_text(c.text)?,
            kind: kinds::prompt_kind_from(c.kind)?,
            barge_in: kinds::barge_in_from(c.barge_in)?,
        }),
        Wire::ClearPlayback(_) => Command::ClearPlayback,
        Wire::Listen(c) => Command::Listen(listen_from_proto(c)?),
        Wire::Confirm(c) => Command::Confirm(confirm_from_proto(c)?),
        Wire::Handover(c) => Command::Handover(handover_from_proto(c)?),
        Wire::HandoverCancel(_) => Command::HandoverCancel,
        Wire::Note(c) => Command::Note {
            rule: c.rule,
            detail: c.detail,
        },
        Wire::ReportOutcome(c) => Command::ReportOutcome {
            goal: c.goal,
            success: c.success,
        },
        Wire::Hangup(c) => Command::Hangup { reason: c.reason },
    })
}

fn prompt_text(text: String) -> Result<String, Malformed> {
    if text.trim().is_empty() {
        return Err(Malformed("a prompt needs words"));
    }
    if text.len() > MAX_TEXT {
        return Err(Malformed(
            "a prompt is longer than 4096 bytes: say it in parts",
        ));
    }
    Ok(text)
}

fn listen_from_proto(listen: wire::Listen) -> Result<Listen, Malformed> {
    let keypad = match listen.keypad {
        None => Keypad::default(),
        Some(keypad) => keypad_from_proto(&keypad)?,
    };
    Ok(Listen {
        expect: expect_from_proto(listen.expect)?,
        no_input: listen.no_input.map(duration_from_proto).transpose()?,
        keypad,
    })
}

fn keypad_from_proto(keypad: &wire::Keypad) -> Result<Keypad, Malformed> {
    let usual = Keypad::default();
    let mut terminator = keypad.terminator.chars();
    let terminator = match (terminator.next(), terminator.next()) {
        (None, _) => usual.terminator,
        (Some(key), None) => key,
        (Some(_), Some(_)) => return Err(Malformed("a keypad terminator is one key")),
    };
    Ok(Keypad {
        inter_digit: keypad
            .inter_digit
            .map_or(Ok(usual.inter_digit), duration_from_proto)?,
        terminator,
        max: match keypad.max {
            0 => usual.max,
            max => digit_count(max)?,
        },
    })
}

fn expect_to_proto(expect: Expect) -> wire::Expect {
    use wire::expect::{Digits, Free, Kind, YesNo};
    wire::Expect {
        kind: Some(match expect {
            Expect::Free => Kind::Free(Free {}),
            Expect::YesNo => Kind::YesNo(YesNo {}),
            Expect::Digits { count, luhn } => Kind::Digits(Digits {
                count: count.into(),
                luhn,
            }),
        }),
    }
}

fn expect_from_proto(expect: Option<wire::Expect>) -> Result<Expect, Malformed> {
    use wire::expect::Kind;
    Ok(match expect.and_then(|expect| expect.kind) {
        None | Some(Kind::Free(_)) => Expect::Free,
        Some(Kind::YesNo(_)) => Expect::YesNo,
        Some(Kind::Digits(digits)) => Expect::Digits {
            count: digit_count(digits.count)?,
            luhn: digits.luhn,
        },
    })
}

fn digit_count(count: u32) -> Result<u8, Malformed> {
    u8::try_from(count)
        .ok()
        .filter(|&count| count >= 1 && u32::from(count) <= MAX_DIGITS)
        .ok_or(Malformed("a digit string has 1 to 32 digits"))
}

fn confirm_to_proto(confirm: Confirm) -> wire::Confirm {
    wire::Confirm {
        slot: confirm.slot,
        value: confirm.value,
        class: kinds::class_to(confirm.class),
        style: kinds::style_to(confirm.style),
        confidence: confirm.confidence,
        utterance_id: confirm.utterance.map_or(0, |utterance| utterance.0),
        expect: Some(expect_to_proto(confirm.expect)),
        max_attempts: confirm.max_attempts.into(),
    }
}

fn confirm_from_proto(confirm: wire::Confirm) -> Result<Confirm, Malformed> {
    if confirm.slot.is_empty() || confirm.value.is_empty() || confirm.value.len() > MAX_TEXT {
        return Err(Malformed(
            "a confirmation needs a slot and a value of a speakable length",
        ));
    }
    if !(0.0..=1.0).contains(&confirm.confidence) {
        return Err(Malformed("a confidence lies between 0 and 1"));
    }
    if !(1..=MAX_ATTEMPTS).contains(&confirm.max_attempts) {
        return Err(Malformed("a confirmation asks 1 to 5 times"));
    }
    Ok(Confirm {
        slot: confirm.slot,
        value: confirm.value,
        class: kinds::class_from(confirm.class)?,
        style: kinds::style_from(confirm.style)?,
        confidence: confirm.confidence,
        utterance: (confirm.utterance_id != 0).then_some(UtteranceId(confirm.utterance_id)),
        expect: expect_from_proto(confirm.expect)?,
        max_attempts: u8::try_from(confirm.max_attempts).unwrap_or(u8::MAX),
    })
}

fn handover_to_proto(handover: Handover) -> wire::Handover {
    wire::Handover {
        skill: handover.skill,
        deadline: Some(duration_to_proto(handover.deadline)),
        ring: Some(duration_to_proto(handover.ring)),
        context: Some(wire::Context {
            intent: handover.context.intent,
            reason: handover.context.reason,
            slots: handover
                .context
                .slots
                .into_iter()
                .map(|slot| wire::ContextSlot {
                    name: slot.name,
                    value: slot.value,
                    state: kinds::slot_state_to(slot.state),
                })
                .collect(),
        }),
        fallback: kinds::fallback_to(handover.fallback),
    }
}

fn handover_from_proto(handover: wire::Handover) -> Result<Handover, Malformed> {
    let context = handover.context.unwrap_or_default();
    Ok(Handover {
        skill: handover.skill,
        deadline: handover
            .deadline
            .map_or(Ok(DEFAULT_DEADLINE), duration_from_proto)?,
        ring: handover
            .ring
            .map_or(Ok(DEFAULT_RING), duration_from_proto)?,
        context: Context {
            intent: context.intent,
            reason: context.reason,
            slots: context
                .slots
                .into_iter()
                .map(|slot| {
                    Ok(ContextSlot {
                        name: slot.name,
                        value: slot.value,
                        state: kinds::slot_state_from(slot.state)?,
                    })
                })
                .collect::<Result<_, _>>()?,
        },
        fallback: kinds::fallback_from(handover.fallback)?,
    })
}
