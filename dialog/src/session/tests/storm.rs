//! Any facts in any order: no panic, no agent lost, one end, a bounded answer to each.

use super::*;
use crate::api::{
    Confirm, ConfirmStyle, Context, Fallback, Handover, HandoverId, RiskClass, UtteranceId,
};
use crate::queue::Released;
use proptest::prelude::*;

/// More than any one fact may lead to.
const MOST_EFFECTS: usize = 200;

fn command(index: u8) -> Command {
    match index % 12 {
        0 => Command::Accept,
        1 => Command::Reject { sip_code: 486 },
        2 => question("Shall I?"),
        3 => Command::ClearPlayback,
        4 => listen(Expect::YesNo),
        5 => Command::Confirm(Confirm {
            slot: "order_ref".into(),
            value: "44127709".into(),
            class: RiskClass::W2,
            style: ConfirmStyle::ByRisk,
            confidence: 0.5,
            utterance: None,
            expect: Expect::Digits {
                count: 8,
                luhn: false,
            },
            max_attempts: 2,
        }),
        6 | 7 => Command::Handover(Handover {
            skill: "care".into(),
            deadline: ms(30_000),
            ring: ms(8_000),
            context: Context::default(),
            fallback: Fallback::Ticket,
        }),
        8 => Command::HandoverCancel,
        9 => Command::Hangup {
            reason: "completed".into(),
        },
        10 => say("", PromptKind::Information),
        _ => listen(Expect::Free),
    }
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let agents = || prop::sample::select(vec!["a", "b"]).prop_map(agent);
    let prompts = || (0..6_u64).prop_map(PromptId);
    let party = || prop::sample::select(vec![Party::Caller, Party::Agent]);
    let result = prop_oneof![
        Just(HeardResult::Nothing {
            guard: "silence".into()
        }),
        Just(HeardResult::Failed("broken".into())),
        "[a-z 0-9]{0,20}".prop_map(|text| HeardResult::Text(Hypothesis {
            text,
            confidence: 0.5,
            words: Vec::new(),
            no_speech: 0.0,
        })),
    ];
    prop_oneof![
        30 => any::<bool>().prop_map(|voiced| Fact::Frame(SpeechMark { voiced })),
        1 => Just(Fact::Incoming { from: "0301234567".into(), to: "100".into() }),
        3 => Just(Fact::Answered { codec: "PCMU".into() }),
        8 => (any::<u8>(), 0..40_u64, 0..3_u64).prop_map(|(index, command_id, epoch)| {
            Fact::Command(CommandEnvelope { command_id, epoch, command: command(index) })
        }),
        4 => (party(), prompts()).prop_map(|(party, prompt)| Fact::PromptStarted { party, prompt }),
        4 => (party(), prompts(), any::<bool>()).prop_map(|(party, prompt, completed)| {
            Fact::PromptEnded {
                party, prompt, completed, played: ms(500), heard_text: "half".into(),
            }
        }),
        1 => (party(), prompts()).prop_map(|(party, prompt)| Fact::PromptFailed { party, prompt }),
        4 => (0..5_u64, 0..5_u32, result).prop_map(|(utterance, revision, result)| Fact::Heard {
            utterance: UtteranceId(utterance), revision, result,
        }),
        1 => prop::char::range('#', 'Z').prop_map(Fact::Digit),
        1 => prop::sample::select(vec![Fact::BrainLost, Fact::BrainResumed, Fact::BrainGone]),
        5 => (1..3_u64, agents()).prop_map(|(handover, agent)| Fact::AgentReserved {
            handover: HandoverId(handover), agent,
        }),
        2 => (1..3_u64, any::<bool>()).prop_map(|(handover, waiting)| Fact::NoAgentFree {
            handover: HandoverId(handover), waiting,
        }),
        3 => agents().prop_map(|agent| Fact::AgentRinging { agent }),
        3 => agents().prop_map(|agent| Fact::AgentAnswered { agent }),
        1 => agents().prop_map(|agent| Fact::AgentFailed { agent, sip_code: Some(486) }),
        1 => agents().prop_map(|agent| Fact::AgentEnded { agent }),
        1 => (1..3_u64, any::<bool>()).prop_map(|(handover, stored)| Fact::PromiseStored {
            handover: HandoverId(handover), stored,
        }),
        1 => (0..40_u64).prop_map(|command_id| Fact::MalformedCommand {
            command_id, reason: "rubbish".into(),
        }),
    ]
}

/// Counts what must balance at the end of a call.
#[derive(Default)]
struct Ledger {
    leased: Vec<AgentId>,
    ended: usize,
    after_end: Vec<Effect>,
}

impl Ledger {
    fn take(&mut self, session: &mut Session) -> Result<(), TestCaseError> {
        let mut effects = 0;
        while let Some(effect) = session.poll_effect() {
            effects += 1;
            if let Effect::ReleaseAgent { agent, how } = &effect {
                let at = self.leased.iter().position(|leased| leased == agent);
                prop_assert!(at.is_some(), "{agent} released twice ({how:?})");
                self.leased.remove(at.unwrap_or_default());
            }
            if self.ended > 0 {
                self.after_end.push(effect.clone());
            }
            if let Effect::Record(Stamped {
                record: Record::Ended { .. },
                ..
            }) = effect
            {
                self.ended += 1;
            }
        }
        prop_assert!(effects <= MOST_EFFECTS, "{effects} effects of one fact");
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn no_order_of_facts_breaks_a_call(
        facts in prop::collection::vec((any_fact(), 0..600_u64, any::<bool>()), 0..300),
        answered in any::<bool>(),
    ) {
        let mut session = Session::new(SessionConfig::default());
        let mut ledger = Ledger::default();
        let mut now = ms(1_000);
        session.handle(now, Fact::Incoming { from: String::new(), to: "100".into() });
        if answered {
            session.handle(now, Fact::Command(CommandEnvelope {
                command_id: 1_000, epoch: 0, command: Command::Accept,
            }));
            session.handle(now, Fact::Answered { codec: "PCMU".into() });
        }
        for (fact, wait, punctual) in facts {
            let until = now + ms(wait);
            while punctual && let Some(due) = session.poll_timeout().filter(|at| *at <= until) {
                prop_assert!(due > Duration::ZERO);
                now = now.max(due);
                session.handle_timeout(now);
                ledger.take(&mut session)?;
                let next = session.poll_timeout();
                prop_assert!(next.is_none_or(|next| next > now), "a deadline stands still");
            }
            now = until;
            if let Fact::AgentReserved { agent, .. } = &fact {
                // The queue leases no agent twice.
                if ledger.leased.contains(agent) {
                    continue;
                }
                ledger.leased.push(agent.clone());
            }
            session.handle(now, fact);
            ledger.take(&mut session)?;
        }
        session.handle(now, Fact::CallerGone);
        ledger.take(&mut session)?;
        prop_assert_eq!(ledger.ended, 1);
        prop_assert_eq!(&ledger.leased, &Vec::<AgentId>::new());
        prop_assert_eq!(session.poll_timeout(), None);
        for effect in ledger.after_end {
            let cleanup = matches!(
                effect,
                Effect::ReleaseAgent { how: Released::Unused, .. } | Effect::HangupAgent { .. }
            );
            prop_assert!(cleanup, "{effect:?} after the end");
        }
    }
}
