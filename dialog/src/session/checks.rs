//! Which commands make sense: by their fields, and in the state the call is in.

use crate::api::{
    Command, CommandCode, Confirm, Expect, HANDOVER_DEADLINE, HANDOVER_RING, Handover, Listen, Say,
};
use crate::turn::MAX_KEYS;
use std::time::Duration;

/// The longest prompt.
const MAX_TEXT: usize = 2_000;
/// The longest name, value or explanation.
const MAX_FIELD: usize = 512;
/// The most slots in a handover's context.
const MAX_SLOTS: usize = 16;

/// What the call is busy with, as far as it decides which commands make sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The call asks to be answered.
    Incoming,
    /// It is being answered.
    Answering,
    /// Bot and caller speak.
    Talking,
    /// The server confirms a value.
    Confirming,
    /// A human is being fetched.
    Waiting,
    /// A human has the caller.
    Bridged,
    /// The last prompts play before the hang-up.
    HangingUp,
    /// The call is over, or has not begun.
    Over,
}

/// Whether a command may be carried out now.
pub(super) fn check(stage: Stage, command: &Command) -> Result<(), CommandCode> {
    if !makes_sense(stage, command) {
        return Err(CommandCode::NotNow);
    }
    if !is_valid(command) {
        return Err(CommandCode::Invalid);
    }
    Ok(())
}

fn makes_sense(stage: Stage, command: &Command) -> bool {
    let talks = matches!(stage, Stage::Talking | Stage::Waiting);
    let answered = talks || matches!(stage, Stage::Confirming | Stage::Bridged);
    match command {
        Command::Accept | Command::Reject { .. } => stage == Stage::Incoming,
        Command::Say(_) | Command::Listen(_) | Command::ClearPlayback => talks,
        Command::Confirm(_) => stage == Stage::Talking,
        Command::Handover(_) => matches!(stage, Stage::Talking | Stage::Confirming),
        Command::HandoverCancel => stage == Stage::Waiting,
        Command::Hangup { .. } => answered,
        Command::Note { .. } | Command::ReportOutcome { .. } => stage != Stage::Over,
    }
}

fn is_valid(command: &Command) -> bool {
    match command {
        Command::Accept | Command::ClearPlayback | Command::HandoverCancel => true,
        Command::Reject { sip_code } => (400..700).contains(sip_code),
        Command::Say(say) => say_is_valid(say),
        Command::Listen(listen) => listen_is_valid(listen),
        Command::Confirm(confirm) => confirm_is_valid(confirm),
        Command::Handover(handover) => handover_is_valid(handover),
        Command::Note { rule, detail } => is_name(rule) && detail.len() <= MAX_TEXT,
        Command::ReportOutcome { goal, .. } => is_name(goal),
        Command::Hangup { reason } => is_name(reason),
    }
}

fn say_is_valid(say: &Say) -> bool {
    !say.text.trim().is_empty() && say.text.len() <= MAX_TEXT
}

fn listen_is_valid(listen: &Listen) -> bool {
    let no_input = listen
        .no_input
        .is_none_or(|limit| within(limit, 500, 120_000));
    let keys = (1..=MAX_KEYS).contains(&listen.keypad.max);
    no_input && keys && within(listen.keypad.inter_digit, 200, 30_000) && expect(listen.expect)
}

fn confirm_is_valid(confirm: &Confirm) -> bool {
    is_name(&confirm.slot)
        && is_name(&confirm.value)
        && (0.0..=1.0).contains(&confirm.confidence)
        && (1..=10).contains(&confirm.max_attempts)
        && expect(confirm.expect)
}

fn handover_is_valid(handover: &Handover) -> bool {
    let context = &handover.context;
    let short = |text: &String| text.len() <= MAX_FIELD;
    is_name(&handover.skill)
        && HANDOVER_DEADLINE.contains(&handover.deadline)
        && HANDOVER_RING.contains(&handover.ring)
        && short(&context.intent)
        && short(&context.reason)
        && context.slots.len() <= MAX_SLOTS
        && context
            .slots
            .iter()
            .all(|slot| short(&slot.name) && short(&slot.value))
}

fn expect(expect: Expect) -> bool {
    match expect {
        Expect::Free | Expect::YesNo => true,
        Expect::Digits { count, .. } => (1..=MAX_KEYS).contains(&count),
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= MAX_FIELD
}

fn within(time: Duration, min_ms: u64, max_ms: u64) -> bool {
    (Duration::from_millis(min_ms)..=Duration::from_millis(max_ms)).contains(&time)
}

/// The command's name, as in the contract.
pub(super) fn name(command: &Command) -> &'static str {
    match command {
        Command::Accept => "Accept",
        Command::Reject { .. } => "Reject",
        Command::Say(_) => "Say",
        Command::ClearPlayback => "ClearPlayback",
        Command::Listen(_) => "Listen",
        Command::Confirm(_) => "Confirm",
        Command::Handover(_) => "Handover",
        Command::HandoverCancel => "HandoverCancel",
        Command::Note { .. } => "Note",
        Command::ReportOutcome { .. } => "ReportOutcome",
        Command::Hangup { .. } => "Hangup",
    }
}
