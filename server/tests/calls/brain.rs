//! Brains over gRPC: one that is as good as the built-in one, one that dies, one that misbehaves.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sidetone_fixtures::script::Script;
use sidetone_proto::dialog::v1::call_event::Event;
use sidetone_proto::dialog::v1::dialog_command::Command;
use sidetone_proto::dialog::v1::{
    Accept, BargeIn, CallEvent, CommandCode, DialogCommand, HandoverCancel, Hangup, PromptKind,
    Reject, Say,
};
use tokio::sync::mpsc;

use crate::dialog::Process;
use crate::harness::{House, known, told};
use crate::steps::{
    ORDER_KEYS, agent, agent_speaks, bot_finishes, bot_speaks, hangs_up, is_let_go, is_mark, keys,
    listens, mark, script, with_agents,
};

fn order_by_keys() -> Script {
    script(vec![
        bot_speaks(),
        keys(ORDER_KEYS),
        bot_finishes(),
        hangs_up(),
    ])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_flow_over_grpc_says_what_the_built_in_one_says() {
    let brain = Process::built_in();
    let built_in = House::start().await;
    let remote = House::start_with(|config| brain.is_the_brain_of(config)).await;
    tokio::join!(built_in.call(order_by_keys()), remote.call(order_by_keys()));
    let (built_in, remote) = (built_in.record().await, remote.record().await);
    remote.is_whole();
    let prompts = remote.texts("prompt_asked", "text");
    assert_eq!(prompts, built_in.texts("prompt_asked", "text"));
    assert!(remote.heard().contains("is with the driver"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_brain_that_dies_and_comes_back_takes_the_call_up_again() {
    let brain = Process::built_in();
    let address = brain.address();
    let house = House::start_with(|config| {
        brain.is_the_brain_of(config);
        config.brain.redial = Duration::from_millis(200);
        config.brain.give_up = Duration::from_secs(30);
    })
    .await;
    // The hold sound fills the time without a brain: the bot finishes only once the brain is back.
    let time_for_the_phrase = Duration::from_secs(2);
    let steps = vec![
        bot_finishes(),
        mark(),
        bot_speaks(),
        listens(time_for_the_phrase),
        mark(),
        bot_finishes(),
        keys(ORDER_KEYS),
        bot_finishes(),
        hangs_up(),
    ];
    let (watcher, mut events) = mpsc::channel(1000);
    let life = async {
        told(&mut events, is_mark).await;
        drop(brain);
        told(&mut events, is_mark).await;
        Process::built_in_at(address)
    };
    let (_, _brain) = tokio::join!(house.call_watched(script(steps), Some(watcher)), life);
    let record = house.record().await;
    record.is_whole();
    assert_eq!(record.texts("brain", "link"), ["lost", "resumed"]);
    let heard = record.heard();
    assert!(heard.contains("One moment, please."), "{heard}");
    assert!(heard.contains("is with the driver"), "{heard}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_caller_of_a_brain_that_stays_away_gets_a_human() {
    let brain = Process::built_in();
    let agents = vec![agent("desk-1", 0)];
    let house = House::start_with(|config| {
        brain.is_the_brain_of(config);
        config.brain.redial = Duration::from_millis(100);
        config.brain.give_up = Duration::from_millis(500);
        config.agents = known(&agents);
    })
    .await;
    let steps = vec![bot_finishes(), mark(), agent_speaks(), hangs_up()];
    let (watcher, mut events) = mpsc::channel(1000);
    let death = async {
        told(&mut events, is_mark).await;
        drop(brain);
    };
    let call = house.call_watched(with_agents(steps, agents), Some(watcher));
    tokio::join!(call, death);
    let record = house.record().await;
    record.is_whole();
    assert_eq!(record.texts("brain", "link"), ["lost", "gone"]);
    assert_eq!(record.summary.outcome, "agent");
}

fn command(command_id: u64, epoch: u64, command: Command) -> DialogCommand {
    DialogCommand {
        command_id,
        epoch,
        command: Some(command),
    }
}

fn say(text: &str) -> Command {
    Command::Say(Say {
        text: text.to_owned(),
        kind: PromptKind::Information.into(),
        barge_in: BargeIn::Any.into(),
    })
}

/// Everything that a brain can do wrong, and between it what a call needs.
fn misbehave(event: CallEvent) -> Vec<DialogCommand> {
    let epoch = event.epoch;
    match event.event {
        Some(Event::Incoming(_)) => vec![command(1, epoch, Command::Accept(Accept {}))],
        Some(Event::Started(_)) => vec![
            command(
                2,
                epoch,
                say("Press a key, please, and do it while I speak."),
            ),
            command(2, epoch, say("Never.")),
            command(3, epoch + 7, say("Never.")),
            command(4, epoch, Command::HandoverCancel(HandoverCancel {})),
            command(0, epoch, say("Never.")),
            command(5, epoch, say(" ")),
            command(6, epoch, Command::Reject(Reject { sip_code: 7 })),
            DialogCommand {
                command_id: 7,
                epoch,
                command: None,
            },
        ],
        // The caller took the floor: the epoch has risen.
        Some(Event::Dtmf(_)) => vec![
            command(8, epoch - 1, say("Never.")),
            command(9, epoch, say("Goodbye.")),
            command(
                10,
                epoch,
                Command::Hangup(Hangup {
                    reason: "completed".to_owned(),
                }),
            ),
        ],
        Some(_) | None => Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_brain_that_sends_rubbish_is_answered_and_the_call_lives() {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let seen = answers.clone();
    let brain = Process::reacting(move |event| {
        if let Some(Event::CommandResult(result)) = &event.event {
            let answer = (result.command_id, result.code());
            seen.lock().unwrap().push(answer);
        }
        misbehave(event)
    });
    let house = House::start_with(|config| brain.is_the_brain_of(config)).await;
    let report = house
        .call(script(vec![bot_speaks(), keys("5"), is_let_go()]))
        .await;
    assert!(report.ended_by_far_end);
    let record = house.record().await;
    record.is_whole();
    assert_eq!(record.texts("ended", "reason"), ["completed"]);
    let heard = record.heard();
    assert!(heard.ends_with("Goodbye."), "{heard}");
    assert!(!heard.contains("Never"), "{heard}");
    let answers = answers.lock().unwrap();
    assert_eq!(
        answers[..],
        [
            (1, CommandCode::Ok),
            (2, CommandCode::Ok),
            (2, CommandCode::Duplicate),
            (3, CommandCode::Invalid),
            (4, CommandCode::NotNow),
            (0, CommandCode::Invalid),
            (5, CommandCode::Invalid),
            (6, CommandCode::Invalid),
            (7, CommandCode::Invalid),
            (8, CommandCode::Stale),
            (9, CommandCode::Ok),
            (10, CommandCode::Ok),
        ]
    );
}
