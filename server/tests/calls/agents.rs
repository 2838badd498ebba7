//! Agents who do not pick up, decline or are not there at all, and what the caller gets instead.

use std::time::Duration;

use sidetone_fixtures::measure::CallReport;
use sidetone_fixtures::script::{AgentScript, Reply, Script};
use sidetone_server::config::{Config, Handover};

use crate::harness::{House, known};
use crate::steps::{
    agent, agent_speaks, agent_who, bot_speaks, hangs_up, is_let_go, keys, with_agents,
};

/// The longest that a waiting caller may hear nothing.
const LONGEST_SILENCE_MS: u64 = 1200;

/// The shortest deadlines that a handover may have.
fn soon_given_up(config: &mut Config) {
    config.handover = Handover {
        ring: Duration::from_secs(2),
        offer: Duration::from_secs(6),
        promise: Duration::from_secs(8),
        deadline: Duration::from_secs(10),
    };
}

async fn house(agents: &[AgentScript]) -> House {
    House::start_with(|config| {
        soon_given_up(config);
        config.agents = known(agents);
    })
    .await
}

async fn asks_for_a_human(agents: Vec<AgentScript>) -> (House, CallReport) {
    let house = house(&agents).await;
    let steps = vec![bot_speaks(), keys("0#"), agent_speaks(), hangs_up()];
    let report = house.call(with_agents(steps, agents)).await;
    (house, report)
}

fn check_the_second_got_the_call(report: &CallReport) {
    let handover = report.handover.as_ref().expect("no handover");
    assert_eq!(handover.agent, "desk-2");
    assert!(
        report.longest_silence_ms <= LONGEST_SILENCE_MS,
        "{} ms of silence",
        report.longest_silence_ms
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_who_never_answers_is_rung_no_longer_and_the_next_is() {
    let agents = vec![
        agent_who("desk-1", 0, Reply::NeverAnswer),
        agent("desk-2", 1),
    ];
    let (house, report) = asks_for_a_human(agents).await;
    check_the_second_got_the_call(&report);
    let [first] = &report.agents[0].calls[..] else {
        panic!("{:?}", report.agents[0].calls);
    };
    assert!(first.cancelled);
    let record = house.record().await;
    record.is_whole();
    assert_eq!(record.summary.outcome, "agent");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_agent_who_declines_the_next_is_rung() {
    let agents = vec![
        agent_who("desk-1", 0, Reply::Decline(486)),
        agent("desk-2", 1),
    ];
    let (house, report) = asks_for_a_human(agents).await;
    check_the_second_got_the_call(&report);
    assert_eq!(report.agents[0].calls[0].refused, Some(486));
    let record = house.record().await;
    record.is_whole();
    let declined = record.all("handover").find(|h| h["stage"] == "Declined");
    assert_eq!(declined.expect("no word of it")["sip_code"], 486);
}

fn waits_for_a_human(from: &str, agents: Vec<AgentScript>) -> Script {
    let steps = vec![bot_speaks(), keys("0#"), is_let_go()];
    let mut script = with_agents(steps, agents);
    script.caller.from = from.to_owned();
    script
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_whom_no_agent_answers_gets_a_promise_before_the_call_ends() {
    let agents = vec![agent_who("desk-1", 0, Reply::NeverAnswer)];
    let house = house(&agents).await;
    // One of the two has the agent's phone ringing, the other waits for the agent.
    let (number, name) = tokio::join!(
        house.call(waits_for_a_human("sip:+493012345678@example.com", agents)),
        house.call(waits_for_a_human("sip:anonymous@example.com", Vec::new())),
    );
    for report in [&number, &name] {
        assert!(report.ended_by_far_end);
        assert!(
            report.longest_silence_ms <= LONGEST_SILENCE_MS,
            "{} ms of silence",
            report.longest_silence_ms
        );
    }
    let records = house.records().await;
    let of = |caller: &str| {
        let mut records = records.iter();
        let record = records.find(|record| record.summary.caller == caller);
        record.unwrap_or_else(|| panic!("no call of {caller}"))
    };
    let number = of("+493012345678");
    number.is_whole();
    assert_eq!(number.summary.outcome, "callback");
    assert_eq!(number.texts("promise_stored", "number"), ["+493012345678"]);
    let heard = number.heard();
    assert!(heard.contains("call you back at"), "{heard}");
    let name = of("anonymous");
    name.is_whole();
    assert_eq!(name.summary.outcome, "ticket");
    assert_eq!(name.all("promise_stored").count(), 1);
    let heard = name.heard();
    assert!(heard.contains("Its number is"), "{heard}");
}
