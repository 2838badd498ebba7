//! Records as one line for a person who audits a call.

use super::{Record, Stamped};
use crate::api::{ConfirmOutcome, HandoverStage, Word};
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
                reason,
            } => {
                let because = if reason.is_empty() { "" } else { ", " };
                format!("command {command_id} ({command}) refused: {code:?}{because}{reason}")
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
            } => {
                let (outcome, asked) = (outcome_words(*outcome), asked(*attempts));
                format!("{slot} = {value} {outcome} {asked}, belief {confidence:.2}, by {evidence}")
            }
            Self::Handover {
                handover,
                stage,
                agent,
                elapsed,
                sip_code,
                detail,
            } => {
                let agent = agent.as_ref().map_or("an agent", |agent| agent.0.as_str());
                let code = sip_code.map(|c| format!(", SIP {c}")).unwrap_or_default();
                let (id, seconds) = (handover.0, elapsed.as_secs_f64());
                let stage = stage_words(*stage, agent, detail);
                format!("handover {id} after {seconds:.1} s: {stage}{code}")
            }
            Self::Promised { promise } => {
                let skill = &promise.skill;
                match &promise.kind {
                    PromiseKind::Callback { number } => {
                        format!("stored: {skill} calls back at {number}")
                    }
                    PromiseKind::Ticket { number } => {
                        format!("stored: ticket {number} for {skill}")
                    }
                }
            }
            Self::Brain { link } => format!("the brain's stream: {link}"),
            Self::Fault { code, detail } => format!("{code}: {detail}"),
            Self::Ended { initiator, reason } => format!("ended by {initiator:?}: {reason}"),
        }
    }
}

fn outcome_words(outcome: ConfirmOutcome) -> &'static str {
    match outcome {
        ConfirmOutcome::Confirmed => "confirmed",
        ConfirmOutcome::Corrected => "corrected by the caller and confirmed",
        ConfirmOutcome::Denied => "denied by the caller",
        ConfirmOutcome::Exhausted => "not confirmed, given up",
    }
}

fn asked(attempts: u8) -> String {
    match attempts {
        0 => "without a question".to_owned(),
        1 => "after 1 question".to_owned(),
        more => format!("after {more} questions"),
    }
}

fn stage_words(stage: HandoverStage, agent: &str, detail: &str) -> String {
    match stage {
        HandoverStage::Queued => format!("a human is looked for ({detail})"),
        HandoverStage::Reserved => format!("{agent} is free and is dialled"),
        HandoverStage::Ringing => format!("the phone of {agent} rings"),
        HandoverStage::Answered => format!("{agent} answers and hears \"{detail}\""),
        HandoverStage::Bridged => format!("caller and {agent} speak"),
        HandoverStage::Declined => format!("{agent} does not take the call ({detail})"),
        HandoverStage::Overflow => format!("no human in time; {detail}"),
        HandoverStage::Cancelled => "given up, the caller stays with the bot".to_owned(),
        HandoverStage::AgentLeft => format!("{agent} left, the caller is back with the bot"),
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
    use crate::api::{ConfirmStyle, EndOfTurnReason, Expect, HandoverId, RiskClass, UtteranceId};
    use crate::confirm::{belief, policy};
    use crate::queue::AgentId;
    use crate::session::Promise;

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
    fn why_a_number_was_confirmed_is_told_with_the_figures_and_the_rule() {
        let decision = policy::decide(RiskClass::W1, ConfirmStyle::Grouped, 0.9);
        assert_eq!(
            decision.detail,
            "believed with p 0.90; W1 (a lookup key): a wrong one costs 5 turns; expected turns: take it 0.50, \
             say it in passing 0.60, read it back and ask 1.12, ask again 2.50; thresholds: \
             ask from p 0.00, in passing from 0.72, take from 0.80"
        );
        let yes = belief::judge_yes(RiskClass::W1, 0.9, 0.8);
        let record = Record::Confirmed {
            slot: "order_ref".into(),
            value: "44127709".into(),
            outcome: ConfirmOutcome::Confirmed,
            attempts: 1,
            confidence: yes.belief,
            evidence: format!("confirm.yes: {}", yes.detail),
        };
        assert_eq!(
            record.describe(),
            "order_ref = 44127709 confirmed after 1 question, belief 0.96, by confirm.yes: \
             yes heard with p 0.80, belief 0.90 -> 0.96; W1 needs a belief of 0.80 and a yes of 0.30"
        );
    }

    #[test]
    fn a_handover_reads_as_a_story() {
        let step = |stage, agent: Option<&str>, sip_code, detail: &str| {
            let record = Record::Handover {
                handover: HandoverId(1),
                stage,
                agent: agent.map(|name| AgentId(name.into())),
                elapsed: Duration::from_millis(8_200),
                sip_code,
                detail: detail.into(),
            };
            record.describe()
        };
        assert_eq!(
            step(HandoverStage::Queued, None, None, "care: caller asked"),
            "handover 1 after 8.2 s: a human is looked for (care: caller asked)"
        );
        assert_eq!(
            step(HandoverStage::Declined, Some("desk-1"), Some(486), "busy"),
            "handover 1 after 8.2 s: desk-1 does not take the call (busy), SIP 486"
        );
        let number = "0301234567".to_owned();
        let promise = Promise {
            handover: HandoverId(1),
            skill: "care".into(),
            kind: PromiseKind::Callback { number },
        };
        assert_eq!(
            Record::Promised { promise }.describe(),
            "stored: care calls back at 0301234567"
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
