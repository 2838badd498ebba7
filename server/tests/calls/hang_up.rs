//! The caller hangs up, whatever the call is at: nothing of it stays behind.

use std::time::Duration;

use sidetone_fixtures::measure::AgentCallReport;
use sidetone_fixtures::measure::CallReport;
use sidetone_fixtures::script::{AgentScript, Reply, Step};

use crate::dialog::Process;
use crate::harness::{House, known};
use crate::steps::{
    agent, agent_speaks, agent_who, bot_speaks, hangs_up, keys, listens, says, script, with_agents,
};

/// Places a call that ends with the caller's BYE, and checks what is left of it.
async fn leaves_nothing(steps: Vec<Step>, agents: Vec<AgentScript>) -> CallReport {
    let house = House::start_with(|config| config.agents = known(&agents)).await;
    let report = house.call(with_agents(steps, agents)).await;
    let record = house.record().await;
    record.is_whole();
    assert_eq!(record.texts("ended", "reason"), ["caller_gone"]);
    report
}

fn only_call(report: &CallReport) -> &AgentCallReport {
    match &report.agents[0].calls[..] {
        [call] => call,
        calls => panic!("{calls:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_it_rings() {
    let brain = Process::reacting(|_| Vec::new());
    let house = House::start_with(|config| brain.is_the_brain_of(config)).await;
    let mut script = script(vec![]);
    script.caller.cancel_after = Some(Duration::from_secs(2));
    let report = house.call(script).await;
    assert!(report.cancelled);
    let record = house.record().await;
    record.is_whole();
    assert_eq!(record.all("answered").count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn into_the_greeting() {
    leaves_nothing(vec![bot_speaks(), hangs_up()], vec![]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_words_are_recognised() {
    let steps = vec![bot_speaks(), says("where_is_my_order.wav"), hangs_up()];
    leaves_nothing(steps, vec![]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_an_agent_is_rung() {
    let agents = vec![agent_who("desk-1", 0, Reply::NeverAnswer)];
    let time_to_ring = Duration::from_secs(2);
    let steps = vec![bot_speaks(), keys("0#"), listens(time_to_ring), hangs_up()];
    let report = leaves_nothing(steps, agents).await;
    assert!(only_call(&report).cancelled);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_middle_of_the_talk_with_an_agent() {
    let steps = vec![bot_speaks(), keys("0#"), agent_speaks(), hangs_up()];
    let report = leaves_nothing(steps, vec![agent("desk-1", 0)]).await;
    let call = only_call(&report);
    assert!(call.answered_at_ms.is_some() && call.ended_at_ms.is_some());
}
