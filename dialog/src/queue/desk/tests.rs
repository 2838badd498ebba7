use super::*;
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);

fn id(name: &str) -> AgentId {
    AgentId(name.into())
}

fn queue(agents: &[(&str, &[&str])]) -> Queue {
    let agents = agents.iter().map(|(name, skills)| AgentConfig {
        id: id(name),
        skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
    });
    Queue::new(QueueConfig {
        agents: agents.collect(),
        max_waiting: 2,
        ..QueueConfig::default()
    })
}

fn request(call: u64, skill: &str, not: &[&str]) -> QueueInput {
    QueueInput::Request {
        call: CallId(call),
        handover: HandoverId(1),
        skill: skill.into(),
        not: not.iter().map(|name| id(name)).collect(),
    }
}

fn release(call: u64, agent: &str, how: Released) -> QueueInput {
    QueueInput::Release {
        call: CallId(call),
        agent: id(agent),
        how,
    }
}

fn reserved(call: u64, agent: &str) -> QueueOutput {
    QueueOutput::Reserved {
        call: CallId(call),
        handover: HandoverId(1),
        agent: id(agent),
    }
}

fn none_free(call: u64, waiting: bool) -> QueueOutput {
    QueueOutput::NoneFree {
        call: CallId(call),
        handover: HandoverId(1),
        waiting,
    }
}

#[test]
fn the_agent_who_is_free_longest_is_next() {
    let mut queue = queue(&[("a", &["care"]), ("b", &["care"])]);
    assert_eq!(
        queue.handle(SECOND, request(1, "care", &[])),
        [reserved(1, "a")]
    );
    queue.handle(SECOND * 2, release(1, "a", Released::Unused));
    assert_eq!(
        queue.handle(SECOND * 3, request(2, "care", &[])),
        [reserved(2, "b")]
    );
    assert_eq!(
        queue.handle(SECOND * 4, request(3, "care", &[])),
        [reserved(3, "a")]
    );
}

#[test]
fn only_a_skilled_agent_is_leased() {
    let mut queue = queue(&[("a", &["sales"]), ("b", &["care", "sales"])]);
    assert_eq!(
        queue.handle(SECOND, request(1, "care", &[])),
        [reserved(1, "b")]
    );
    assert_eq!(
        queue.handle(SECOND, request(2, "care", &[])),
        [none_free(2, true)]
    );
}

#[test]
fn an_agent_is_leased_to_one_call_only() {
    let mut queue = queue(&[("a", &["care"])]);
    assert_eq!(
        queue.handle(SECOND, request(1, "care", &[])),
        [reserved(1, "a")]
    );
    assert_eq!(
        queue.handle(SECOND, request(2, "care", &[])),
        [none_free(2, true)]
    );
}

#[test]
fn waiting_calls_are_served_in_the_order_in_which_they_came() {
    let mut queue = queue(&[("a", &["care"])]);
    for call in 1..=3 {
        queue.handle(SECOND, request(call, "care", &[]));
    }
    let freed = queue.handle(SECOND, release(1, "a", Released::Unused));
    assert_eq!(freed, [reserved(2, "a")]);
    assert_eq!(queue.waiting(), 1);
}

#[test]
fn a_full_waiting_list_says_so() {
    let mut queue = queue(&[]);
    assert_eq!(
        queue.handle(SECOND, request(1, "care", &[])),
        [none_free(1, true)]
    );
    assert_eq!(
        queue.handle(SECOND, request(2, "care", &[])),
        [none_free(2, true)]
    );
    assert_eq!(
        queue.handle(SECOND, request(3, "care", &[])),
        [none_free(3, false)]
    );
    assert_eq!(queue.waiting(), 2);
}

#[test]
fn a_changed_request_keeps_its_place() {
    let mut queue = queue(&[("a", &["care"])]);
    queue.handle(SECOND, request(9, "care", &[]));
    queue.handle(SECOND, request(1, "care", &["a"]));
    queue.handle(SECOND, request(2, "care", &[]));
    assert_eq!(
        queue.handle(SECOND, request(1, "care", &[])),
        [none_free(1, true)]
    );
    assert_eq!(
        queue.handle(SECOND, release(9, "a", Released::Unused)),
        [reserved(1, "a")]
    );
}

#[test]
fn an_agent_who_was_tried_already_is_passed_over() {
    let mut queue = queue(&[("a", &["care"]), ("b", &["care"])]);
    assert_eq!(
        queue.handle(SECOND, request(1, "care", &["a"])),
        [reserved(1, "b")]
    );
    assert_eq!(
        queue.handle(SECOND, request(2, "care", &["a"])),
        [none_free(2, true)]
    );
}

#[test]
fn an_agent_who_did_not_answer_is_left_alone_for_a_while() {
    let mut queue = queue(&[("a", &["care"])]);
    queue.handle(SECOND, request(1, "care", &[]));
    queue.handle(SECOND * 9, release(1, "a", Released::NoAnswer));
    assert_eq!(
        queue.handle(SECOND * 9, request(1, "care", &[])),
        [none_free(1, true)]
    );
    assert_eq!(queue.poll_timeout(), Some(SECOND * 19));
    assert_eq!(queue.handle_timeout(SECOND * 18), []);
    assert_eq!(queue.handle_timeout(SECOND * 19), [reserved(1, "a")]);
    assert_eq!(queue.poll_timeout(), None);
}

#[test]
fn a_call_cannot_release_an_agent_it_does_not_hold() {
    let mut queue = queue(&[("a", &["care"])]);
    queue.handle(SECOND, request(1, "care", &[]));
    queue.handle(SECOND, request(2, "care", &[]));
    assert_eq!(queue.handle(SECOND, release(2, "a", Released::Unused)), []);
    assert_eq!(
        queue.handle(SECOND, release(1, "nobody", Released::Unused)),
        []
    );
    assert_eq!(
        queue.agents().next(),
        Some((&id("a"), AgentState::Leased { to: CallId(1) }))
    );
}

#[test]
fn a_call_that_vanished_leaves_nothing_behind() {
    let mut queue = queue(&[("a", &["care"])]);
    queue.handle(SECOND, request(1, "care", &[]));
    queue.handle(SECOND, request(2, "care", &[]));
    queue.handle(SECOND, QueueInput::CallOver { call: CallId(2) });
    queue.handle(SECOND, QueueInput::CallOver { call: CallId(1) });
    assert_eq!(queue.waiting(), 0);
    assert_eq!(
        queue.agents().next(),
        Some((&id("a"), AgentState::Free { since: SECOND }))
    );
}

#[test]
fn an_agent_on_the_phone_gets_wrap_up_before_the_next_call() {
    let mut queue = queue(&[("a", &["care"])]);
    queue.handle(SECOND, request(1, "care", &[]));
    queue.handle(
        SECOND,
        QueueInput::Bridged {
            call: CallId(1),
            agent: id("a"),
        },
    );
    queue.handle(
        SECOND,
        QueueInput::Ready {
            agent: id("a"),
            ready: true,
        },
    );
    assert_eq!(
        queue.agents().next(),
        Some((&id("a"), AgentState::Busy { with: CallId(1) }))
    );
    queue.handle(SECOND * 60, release(1, "a", Released::Bridged));
    assert_eq!(queue.poll_timeout(), Some(SECOND * 80));
}

#[test]
fn an_agent_who_wants_no_calls_gets_none_until_ready() {
    let mut queue = queue(&[("a", &["care"])]);
    queue.handle(
        SECOND,
        QueueInput::Ready {
            agent: id("a"),
            ready: false,
        },
    );
    assert_eq!(
        queue.handle(SECOND, request(1, "care", &[])),
        [none_free(1, true)]
    );
    let ready = QueueInput::Ready {
        agent: id("a"),
        ready: true,
    };
    assert_eq!(queue.handle(SECOND, ready), [reserved(1, "a")]);
}

fn any_input() -> impl Strategy<Value = QueueInput> {
    let call = (0..6_u64).prop_map(CallId);
    let agent = prop::sample::select(vec!["a", "b", "c", "nobody"]).prop_map(id);
    let how = prop::sample::select(vec![
        Released::Bridged,
        Released::NoAnswer,
        Released::Declined,
        Released::Failed,
        Released::Unused,
    ]);
    let not = prop::collection::vec(agent.clone(), 0..3);
    prop_oneof![
        3 => (call.clone(), not).prop_map(|(call, not)| QueueInput::Request {
            call, handover: HandoverId(1), skill: "care".into(), not,
        }),
        1 => call.clone().prop_map(|call| QueueInput::Withdraw { call }),
        1 => (call.clone(), agent.clone())
            .prop_map(|(call, agent)| QueueInput::Bridged { call, agent }),
        3 => (call.clone(), agent.clone(), how)
            .prop_map(|(call, agent, how)| QueueInput::Release { call, agent, how }),
        1 => call.prop_map(|call| QueueInput::CallOver { call }),
        1 => (agent, any::<bool>()).prop_map(|(agent, ready)| QueueInput::Ready { agent, ready }),
    ]
}

proptest! {
    #[test]
    fn no_order_of_events_leases_an_agent_twice_or_loses_one(
        inputs in prop::collection::vec((any_input(), 0..8_u64), 0..120),
    ) {
        let mut queue = queue(&[("a", &["care"]), ("b", &["care"]), ("c", &["care"])]);
        let mut now = Duration::ZERO;
        for (input, seconds) in inputs {
            now += SECOND * u32::try_from(seconds).unwrap();
            let held: Vec<AgentId> = queue.agents.iter()
                .filter(|agent| agent.call().is_some())
                .map(|agent| agent.config.id.clone())
                .collect();
            let freed = matches!(input, QueueInput::Release { .. } | QueueInput::CallOver { .. });
            for output in queue.handle(now, input) {
                if let QueueOutput::Reserved { agent, .. } = output {
                    prop_assert!(freed || !held.contains(&agent));
                }
            }
            prop_assert!(queue.waiting() <= 2);
        }
        for call in 0..6 {
            queue.handle(now, QueueInput::CallOver { call: CallId(call) });
        }
        prop_assert!(queue.agents.iter().all(|agent| agent.call().is_none()));
    }
}
