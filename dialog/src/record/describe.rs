//! Records as one line for a person who audits a call.

use super::{Record, Stamped};
use crate::session::PromiseKind;
use std::time::Duration;

impl Stamped {
    /// The record as one line with its time: `  12.340  barge_in  ...`.
    #[must_use]
    pub fn describe(&self) -> String {
        let seconds = self.at.as_secs_f64();
        format!(
            "{seconds:>9.3}  {:<15} {}",
            self.record.kind(),
            self.record.describe()
        )
    }
}

impl Record {
    /// The record's stable name, as in its `type` field.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Incoming { .. } => "incoming",
            Self::Answered { .. } => "answered",
            Self::SpeechStarted { .. } => "speech_started",
            Self::SpeechStopped { .. } => "speech_stopped",
            Self::DecodeAsked { .. } => "decode_asked",
            Self::Heard { .. } => "heard",
            Self::HeardNothing { .. } => "heard_nothing",
            Self::TurnEnded { .. } => "turn_ended",
            Self::TurnIgnored { .. } => "turn_ignored",
            Self::NoMatch { .. } => "no_match",
            Self::NoInput { .. } => "no_input",
            Self::Key { .. } => "key",
            Self::KeysCollected { .. } => "keys_collected",
            Self::PromptAsked { .. } => "prompt_asked",
            Self::PromptStarted { .. } => "prompt_started",
            Self::PromptEnded { .. } => "prompt_ended",
            Self::BargeIn { .. } => "barge_in",
            Self::CommandRefused { .. } => "command_refused",
            Self::Decided { .. } => "decided",
            Self::Outcome { .. } => "outcome",
            Self::Confirmed { .. } => "confirmed",
            Self::Handover { .. } => "handover",
            Self::Promised { .. } => "promised",
            Self::Brain { .. } => "brain",
            Self::Fault { .. } => "fault",
            Self::Ended { .. } => "ended",
        }
    }

    /// What happened, in one line without time and kind.
    #[must_use]
    pub fn describe(&self) -> String {
        one_line(&match self {
            Self::Incoming { from, to } => {
                format!(
                    "call from {} to {to}",
                    if from.is_empty() { "(withheld)" } else { from }
                )
            }
            Self::Answered { codec } => format!("answered with {codec}"),
            Self::CommandRefused {
                command_id,
                command,
                code,
            } => {
                format!("command {command_id} ({command}) refused: {code:?}")
            }
            Self::Decided { rule, detail } => format!("{rule}: {detail}"),
            Self::Outcome { goal, success } => {
                format!(
                    "{goal}: {}",
                    if *success { "reached" } else { "not reached" }
                )
            }
            Self::Confirmed {
                slot,
                value,
                outcome,
                attempts,
                confidence,
                evidence,
            } => format!(
                "{slot} = {value}: {outcome:?} after {attempts} question(s), \
                 belief {confidence:.2} ({evidence})"
            ),
            Self::Brain { link } => format!("the brain's stream: {link}"),
            Self::Fault { code, detail } => format!("{code}: {detail}"),
            Self::Ended { initiator, reason } => format!("ended by {initiator:?}: {reason}"),
            Self::SpeechStarted { .. }
            | Self::SpeechStopped { .. }
            | Self::DecodeAsked { .. }
            | Self::Heard { .. }
            | Self::HeardNothing { .. }
            | Self::TurnEnded { .. }
            | Self::TurnIgnored { .. }
            | Self::NoMatch { .. }
            | Self::NoInput { .. }
            | Self::Key { .. }
            | Self::KeysCollected { .. } => self.describe_caller(),
            Self::PromptAsked { .. }
            | Self::PromptStarted { .. }
            | Self::PromptEnded { .. }
            | Self::BargeIn { .. } => self.describe_prompt(),
            Self::Handover { .. } | Self::Promised { .. } => self.describe_handover(),
        })
    }

    fn describe_caller(&self) -> String {
        match self {
            Self::SpeechStarted { utterance, overlap } => format!(
                "utterance {}{}",
                utterance.0,
                if *overlap {
                    ", while the bot speaks"
                } else {
                    ""
                }
            ),
            Self::SpeechStopped { utterance, voiced } => {
                format!(
                    "utterance {} pauses after {} ms voiced",
                    utterance.0,
                    ms(*voiced)
                )
            }
            Self::DecodeAsked {
                utterance,
                revision,
                kind,
                length,
            } => {
                format!(
                    "utterance {}.{revision}, {kind:?}, {} ms",
                    utterance.0,
                    ms(*length)
                )
            }
            Self::Heard {
                utterance,
                revision,
                text,
                confidence,
                words,
                took,
            } => {
                let words: Vec<String> = words
                    .iter()
                    .map(|word| format!("{} {:.2}", word.text, word.p))
                    .collect();
                format!(
                    "utterance {}.{revision} \"{text}\" ({confidence:.2}) in {} ms [{}]",
                    utterance.0,
                    ms(*took),
                    words.join(", ")
                )
            }
            Self::HeardNothing {
                utterance,
                revision,
                guard,
            } => {
                format!("utterance {}.{revision}: no words ({guard})", utterance.0)
            }
            Self::TurnEnded {
                utterance,
                text,
                reason,
                silence,
                timer,
                expect,
            } => format!(
                "utterance {} \"{text}\": {reason:?} for {expect:?}, {} ms of silence (timer {} ms)",
                utterance.0,
                ms(*silence),
                ms(*timer)
            ),
            Self::TurnIgnored {
                utterance,
                voiced,
                why,
            } => {
                format!(
                    "utterance {} is no turn: {why}, {} ms voiced",
                    utterance.0,
                    ms(*voiced)
                )
            }
            Self::NoMatch { count } => format!("not understood, {count} in a row"),
            Self::NoInput { count, timer } => {
                format!("nothing said for {} ms, {count} in a row", ms(*timer))
            }
            Self::Key { digit } => format!("key {digit}"),
            Self::KeysCollected { digits, why } => format!("keys {digits} ({why})"),
            other => other.kind().to_owned(),
        }
    }

    fn describe_prompt(&self) -> String {
        match self {
            Self::PromptAsked {
                prompt,
                party,
                text,
                kind,
                barge_in,
            } => format!(
                "prompt {} to {party:?}, {kind:?}, barge-in {barge_in:?}: \"{text}\"",
                prompt.0
            ),
            Self::PromptStarted { prompt } => format!("prompt {} begins", prompt.0),
            Self::PromptEnded {
                prompt,
                end,
                played,
                heard,
            } => {
                format!(
                    "prompt {} {end:?} after {} ms, heard: \"{heard}\"",
                    prompt.0,
                    ms(*played)
                )
            }
            Self::BargeIn {
                prompt,
                after,
                voiced,
                threshold,
            } => format!(
                "the caller stops prompt {} {} ms after onset ({} ms voiced, {} ms needed)",
                prompt.0,
                ms(*after),
                ms(*voiced),
                ms(*threshold)
            ),
            other => other.kind().to_owned(),
        }
    }

    fn describe_handover(&self) -> String {
        match self {
            Self::Handover {
                handover,
                stage,
                agent,
                elapsed,
                sip_code,
                detail,
            } => {
                let agent = agent
                    .as_ref()
                    .map(|a| format!(" agent {a}"))
                    .unwrap_or_default();
                let code = sip_code.map(|c| format!(" (SIP {c})")).unwrap_or_default();
                let seconds = elapsed.as_secs_f64();
                let detail = if detail.is_empty() {
                    String::new()
                } else {
                    format!(": {detail}")
                };
                format!(
                    "handover {} {stage:?}{agent}{code} at {seconds:.1} s{detail}",
                    handover.0
                )
            }
            Self::Promised { promise } => match &promise.kind {
                PromiseKind::Callback { number } => format!("a call back to {number}"),
                PromiseKind::Ticket { number } => format!("ticket {number}"),
            },
            other => other.kind().to_owned(),
        }
    }
}

fn ms(time: Duration) -> u128 {
    time.as_millis()
}

/// What callers and brains say must not break the line or steer a terminal.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
