//! What scripts say and how wrong ones are refused.

use super::*;

fn parse(text: &str) -> Result<Script, ScriptError> {
    Script::parse(text, Path::new("."))
}

fn refusal(text: &str) -> String {
    parse(text).expect_err("the script is wrong").to_string()
}

#[test]
fn steps_and_agents_are_read_in_order() {
    let script = parse(
        r#"
        name = "keys"
        [caller]
        codec = "pcma"
        [[step]]
        wait_for = "bot_to_finish"
        quiet_ms = 400
        [[step]]
        name = "number"
        digits = "44#"
        at_ms_into_bot_prompt = 900
        [[step]]
        hang_up = true
        [[agent]]
        name = "desk"
        listen = "127.0.0.1:5090"
        decline = 603
        "#,
    )
    .unwrap();
    let quiet = Duration::from_millis(400);
    assert_eq!(script.steps[0].name, "wait for the bot to finish");
    assert_eq!(
        script.steps[0].action,
        Action::WaitFor(Awaited::BotToFinish { quiet })
    );
    let into_bot_prompt = Some(Duration::from_millis(900));
    assert_eq!(
        script.steps[1].action,
        Action::Key {
            digits: "44#".to_owned(),
            into_bot_prompt
        }
    );
    assert_eq!(script.caller.codec, Codec::Pcma);
    assert_eq!(script.agents[0].behaviour.reply, Reply::Decline(603));
}

#[test]
fn a_wrong_step_is_named() {
    let two = "name = \"x\"\n[[step]]\nhang_up = true\n[[step]]\nwait_ms = 1\ndigits = \"1\"";
    assert!(refusal(two).starts_with("step 2: give exactly one"));
    let key = "name = \"x\"\n[[step]]\ndigits = \"1x\"";
    assert!(refusal(key).starts_with("step 1: digits may be"));
    let early = "name = \"x\"\n[[step]]\nwait_ms = 1\nat_ms_into_bot_prompt = 5";
    assert!(refusal(early).contains("belongs to play or digits"));
}

#[test]
fn an_unknown_field_and_a_missing_recording_are_refused() {
    assert!(refusal("name = \"x\"\n[[step]]\nhangup = true").contains("hangup"));
    assert!(refusal("name = \"x\"\n[[step]]\nplay = \"none.wav\"").contains("none.wav"));
}

#[test]
fn an_agent_cannot_decline_and_never_answer() {
    let agent = "name = \"x\"\n[[agent]]\nname = \"desk\"\nlisten = \"127.0.0.1:5090\"\n";
    assert!(refusal(&format!("{agent}decline = 486\nnever_answer = true")).contains("not both"));
    assert!(refusal(&format!("{agent}decline = 200")).contains("400 to 699"));
}

#[test]
fn every_committed_script_can_be_played() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "toml") {
            Script::load(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            names.push(path.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    names.sort();
    assert_eq!(names, ["barge_in", "demo", "keypad", "no_agent", "silent"]);
}
