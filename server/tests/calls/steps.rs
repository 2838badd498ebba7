//! The words in which these tests write scripts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sidetone_fixtures::phone::What;
use sidetone_fixtures::script::{
    Action, AgentScript, Awaited, Behaviour, CallerSettings, Clip, Reply, Script, Step,
};

use crate::harness::free_address;

/// The number of an order that the shop has.
pub(crate) const ORDER_KEYS: &str = "44127769#";
/// The recording that is none.
const MARK: &str = "mark";
/// The longest time a step takes on a busy machine.
const WITHIN: Duration = Duration::from_secs(40);
/// The pause of the bot after which it waits for an answer, with room for a busy machine.
const QUIET: Duration = Duration::from_millis(1200);

pub(crate) fn script(steps: Vec<Step>) -> Script {
    with_agents(steps, Vec::new())
}

pub(crate) fn with_agents(steps: Vec<Step>, agents: Vec<AgentScript>) -> Script {
    Script {
        name: "test".to_owned(),
        caller: CallerSettings::default(),
        steps,
        agents,
    }
}

fn step(name: &str, action: Action) -> Step {
    Step {
        name: name.to_owned(),
        within: WITHIN,
        action,
    }
}

pub(crate) fn bot_speaks() -> Step {
    step("bot speaks", Action::WaitFor(Awaited::BotToSpeak))
}

pub(crate) fn bot_finishes() -> Step {
    let awaited = Awaited::BotToFinish { quiet: QUIET };
    step("bot finishes", Action::WaitFor(awaited))
}

pub(crate) fn agent_speaks() -> Step {
    step("agent speaks", Action::WaitFor(Awaited::Agent))
}

pub(crate) fn agent_finishes() -> Step {
    let awaited = Awaited::AgentToFinish { quiet: QUIET };
    step("agent finishes", Action::WaitFor(awaited))
}

pub(crate) fn is_let_go() -> Step {
    step("is let go", Action::WaitFor(Awaited::FarEndToHangUp))
}

pub(crate) fn listens(time: Duration) -> Step {
    step("listens", Action::Wait(time))
}

pub(crate) fn keys(digits: &str) -> Step {
    let digits = digits.to_owned();
    let into_bot_prompt = None;
    let action = Action::Key {
        digits,
        into_bot_prompt,
    };
    step("keys", action)
}

pub(crate) fn says(recording: &str) -> Step {
    plays(Clip::load(&audio(recording)).unwrap())
}

pub(crate) fn plays(clip: Clip) -> Step {
    let into_bot_prompt = None;
    let action = Action::Say {
        clip,
        into_bot_prompt,
    };
    step("says", action)
}

/// Says nothing, and tells the test that the script has come so far: [`is_mark`].
pub(crate) fn mark() -> Step {
    plays(Clip::new(MARK, vec![0; 160]))
}

pub(crate) fn is_mark(what: &What) -> bool {
    matches!(what, What::Says { clip } if clip == MARK)
}

pub(crate) fn hangs_up() -> Step {
    step("hangs up", Action::HangUp)
}

/// An agent who picks up after half a second and greets the caller.
pub(crate) fn agent(name: &str, pilot: usize) -> AgentScript {
    let greeting = Clip::load(&audio("agent_greeting.wav")).unwrap();
    let half_a_second = Duration::from_millis(500);
    let behaviour = Behaviour {
        greeting: Some((half_a_second, greeting)),
        ..Behaviour::answering(name, pilot, half_a_second)
    };
    AgentScript {
        listen: free_address(),
        behaviour,
    }
}

pub(crate) fn agent_who(name: &str, pilot: usize, reply: Reply) -> AgentScript {
    let mut agent = agent(name, pilot);
    agent.behaviour.reply = reply;
    agent
}

fn audio(recording: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sip-fixtures/audio");
    folder.join(recording)
}
