//! The shortest useful call: the number by keys, the answer, a human.

use std::time::Duration;

use crate::harness::{House, known};
use crate::steps::{
    ORDER_KEYS, agent, agent_finishes, agent_speaks, bot_finishes, bot_speaks, hangs_up, keys,
    listens, with_agents,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_keyed_number_brings_the_status_and_key_zero_a_human() {
    let agents = vec![agent("desk-1", 0)];
    let house = House::start_with(|config| config.agents = known(&agents)).await;
    let steps = vec![
        bot_speaks(),
        keys(ORDER_KEYS),
        bot_finishes(),
        keys("0#"),
        agent_speaks(),
        agent_finishes(),
        listens(Duration::from_millis(500)),
        hangs_up(),
    ];
    let report = house.call(with_agents(steps, agents)).await;
    assert!(report.time_to_greeting_ms.is_some());
    let handover = report.handover.as_ref().expect("no handover");
    assert_eq!(handover.agent, "desk-1");
    let bridged = handover.bridged.as_ref().expect("no bridge");
    assert!(bridged.both_ways_ms.is_some(), "{bridged:?}");

    let record = house.record().await;
    record.is_whole();
    let heard = record.heard();
    assert!(heard.contains("is with the driver"), "{heard}");
    assert_eq!(record.texts("keys_collected", "digits"), ["44127769", "0"]);
    let outcome: Vec<_> = record.all("outcome").collect();
    assert_eq!(outcome.len(), 1);
    assert_eq!(
        (&outcome[0]["goal"], &outcome[0]["success"]),
        (&"order_status".into(), &true.into())
    );
    assert_eq!(
        record.texts("handover", "stage"),
        ["Queued", "Reserved", "Ringing", "Answered", "Bridged"]
    );
    assert_eq!(record.summary.outcome, "agent");
}
