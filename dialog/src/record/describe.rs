//! Records as one line for a person who audits a call.

use super::{Record, Stamped};
use crate::api::Word;
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
        one_line(&self.words())
    }

    #[expect(
        clippy::too_many_lines,
        reason = "a table: one arm a record, no decisions"
    )]
    fn words(&self) -> String {
        match self {
            Self::Incoming { from, to } => format!("call from {} to {to}", or_withheld(from)),
            Self::Answered { codec } => format!("answered with {codec}"),
            Self::SpeechStarted {
                utterance: u,
                overlap: false,
            } => format!("utterance {}", u.0),
            Self::SpeechStarted {
                utterance: u,
                overlap: true,
            } => {
                format!("utterance {}, while the bot speaks", u.0)
            }
            Self::SpeechStopped {
                utterance: u,
                voiced,
            } => {
                format!("utterance {} pauses after {} voiced", u.0, ms(voiced))
            }
            Self::DecodeAsked {
                utterance: u,
                revision,
                kind,
                length,
            } => {
                format!("utterance {}.{revision}, {kind:?}, {}", u.0, ms(length))
            }
            Self::Heard {
                utterance: u,
                revision,
                text,
                confidence,
                words,
                took,
            } => {
                let (took, words) = (ms(took), believed(words));
                format!(
                    "utterance {}.{revision} \"{text}\" ({confidence:.2}) in {took}{words}",
                    u.0
                )
            }
            Self::HeardNothing {
                utterance: u,
                revision,
                guard,
            } => {
                format!("utterance {}.{revision}: no words ({guard})", u.0)
            }
            Self::TurnEnded {
                utterance: u,
                text,
                reason,
                silence,
                timer,
                expect,
            } => {
                let (id, silence, timer) = (u.0, ms(silence), ms(timer));
                format!(
                    "utterance {id} \"{text}\": {reason:?} as {expect:?}, \
                     {silence} of silence, {timer} needed"
                )
            }
            Self::TurnIgnored {
                utterance: u,
                voiced,
                why,
            } => {
                format!("utterance {} is no turn: {why}, {} voiced", u.0, ms(voiced))
            }
            Self::NoMatch { count } => format!("not understood, {count} in a row"),
            Self::NoInput { count, timer } => {
                format!("nothing said for {}, {count} in a row", ms(timer))
            }
            Self::Key { digit } => format!("key {digit}"),
            Self::KeysCollected { digits, why } => format!("keys {digits} ({why})"),
            Self::PromptAsked {
                prompt,
                party,
                text,
                kind,
                barge_in,
            } => {
                let id = prompt.0;
                format!("prompt {id} to {party:?}, {kind:?}, yields to {barge_in:?}: \"{text}\"")
            }
            Self::PromptStarted { prompt } => format!("prompt {} begins", prompt.0),
            Self::PromptEnded {
                prompt,
                end,
                played,
                heard,
            } => {
                format!(
                    "prompt {} {end:?} after {}: \"{heard}\"",
                    prompt.0,
                    ms(played)
                )
            }
            Self::BargeIn {
                prompt,
                after,
                voiced,
                threshold,
            } => {
                let (id, after, voiced) = (prompt.0, ms(after), ms(voiced));
                let needed = ms(threshold);
                format!("prompt {id} stops {after} after onset ({voiced} voiced, {needed} needed)")
            }
            Self::CommandRefused {
                command_id,
                command,
                code,
            } => {
                format!("command {command_id} ({command}) refused: {code:?}")
            }
            Self::Decided { rule, detail } => format!("{rule}: {detail}"),
            Self::Outcome {
                goal,
                success: true,
            } => format!("{goal}: reached"),
            Self::Outcome {
                goal,
                success: false,
            } => format!("{goal}: not reached"),
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
                    .map(|a| format!(", agent {a}"))
                    .unwrap_or_default();
                let code = sip_code.map(|c| format!(", SIP {c}")).unwrap_or_default();
                let (id, seconds) = (handover.0, elapsed.as_secs_f64());
                let colon = if detail.is_empty() { "" } else { ": " };
                format!("handover {id} {stage:?} at {seconds:.1} s{agent}{code}{colon}{detail}")
            }
            Self::Promised { promise } => match &promise.kind {
                PromiseKind::Callback { number } => format!("a call back to {number}"),
                PromiseKind::Ticket { number } => format!("ticket {number}"),
            },
            Self::Brain { link } => format!("the brain's stream: {link}"),
            Self::Fault { code, detail } => format!("{code}: {detail}"),
            Self::Ended { initiator, reason } => format!("ended by {initiator:?}: {reason}"),
        }
    }
}

fn or_withheld(from: &str) -> &str {
    if from.is_empty() { "(withheld)" } else { from }
}

fn believed(words: &[Word]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|w| format!("{} {:.2}", w.text, w.p))
        .collect();
    if words.is_empty() {
        String::new()
    } else {
        format!(" [{}]", words.join(", "))
    }
}

fn ms(time: &Duration) -> String {
    format!("{} ms", time.as_millis())
}

/// What callers and brains say must not break the line or steer a terminal.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{EndOfTurnReason, Expect, UtteranceId};

    #[test]
    fn a_turn_is_told_with_the_numbers_that_ended_it() {
        let record = Record::TurnEnded {
            utterance: UtteranceId(2),
            text: "yes".into(),
            reason: EndOfTurnReason::Complete,
            silence: Duration::from_millis(260),
            timer: Duration::from_millis(250),
            expect: Expect::YesNo,
        };
        let at = Duration::from_millis(12_345);
        assert_eq!(
            Stamped { at, record }.describe(),
            "   12.345  turn_ended      utterance 2 \"yes\": Complete as YesNo, \
             260 ms of silence, 250 ms needed"
        );
    }

    #[test]
    fn what_was_said_cannot_break_the_line() {
        let detail = "first\nsecond\u{1b}[2J".to_owned();
        let record = Record::Decided {
            rule: "flow.note".into(),
            detail,
        };
        assert_eq!(record.describe(), "flow.note: first second [2J");
    }

    #[test]
    fn the_kind_is_the_type_that_is_stored() {
        let record = Record::Key { digit: '4' };
        let stored = serde_json::to_value(&record).expect("a record is plain data");
        assert_eq!(stored["type"], record.kind());
        assert_eq!(
            serde_json::from_value::<Record>(stored).expect("it comes back"),
            record
        );
    }
}
