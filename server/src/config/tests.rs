use super::*;
use std::{fs, path::Path};
use toml::{Table, Value};

fn problems(text: &str) -> Vec<String> {
    match Config::parse(&Source::text("test", text)) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .list
            .iter()
            .map(|problem| problem.key.clone())
            .collect(),
    }
}

/// Every `section.key` of a table.
fn keys(table: &Table) -> Vec<String> {
    let mut keys = Vec::new();
    for (section, value) in table {
        if let Value::Table(values) = value {
            keys.extend(values.keys().map(|key| format!("{section}.{key}")));
        }
    }
    keys.sort();
    keys
}

#[test]
fn the_documented_defaults_are_the_defaults() {
    assert_eq!(
        Config::parse(&Source::built_in()).unwrap(),
        Config::default()
    );
    assert_eq!(
        Config::parse(&Source::text("empty", "")).unwrap(),
        Config::default()
    );
}

#[test]
fn every_key_is_documented() {
    let documented = DEFAULTS.parse::<Table>().unwrap();
    let known = Table::try_from(Config::default()).unwrap();
    assert_eq!(keys(&documented), keys(&known));
    for section in known.keys().filter(|name| *name != "agent") {
        assert!(
            DEFAULTS.contains(&format!("\n[{section}]\n")),
            "{section} is not documented"
        );
    }
}

#[test]
fn every_key_has_a_comment_above_it() {
    let lines = DEFAULTS.lines().collect::<Vec<_>>();
    for (index, line) in lines.iter().enumerate() {
        if line.contains(" = ") && !line.starts_with('#') && !line.starts_with("jitter_max") {
            assert!(lines[index - 1].starts_with('#'), "{line}");
        }
    }
}

#[test]
fn the_documented_agent_is_a_valid_one() {
    let start = DEFAULTS.find("# [[agent]]").unwrap();
    let example = DEFAULTS[start..]
        .lines()
        .map_while(|line| line.strip_prefix("# "))
        .collect::<Vec<_>>()
        .join("\n");
    let config = Config::parse(&Source::text("example", example.clone())).unwrap();
    assert_eq!(config.agents.len(), 1);
    let agent = Table::try_from(Agent::default()).unwrap();
    for key in agent.keys() {
        assert!(
            example.contains(&format!("\n{key} = ")),
            "{key} is not documented"
        );
    }
}

#[test]
fn what_is_printed_reads_back_as_the_same() {
    let mut config = Config::default();
    config.agents.push(Agent {
        id: "desk-1".to_owned(),
        uri: "sip:desk1@[::1]:5070".to_owned(),
        skills: vec!["care".to_owned()],
    });
    config.sip.advertised = Some("192.0.2.1:5060".parse().unwrap());
    let printed = Source::text("printed", config.to_toml());
    assert_eq!(Config::parse(&printed).unwrap(), config);
}

#[test]
fn all_mistakes_are_reported_at_once() {
    let text = r#"
        colour = "grey"
        [sip]
        bind = "nowhere"
        max_calls = "many"
        bnid = 1
        [tts]
        rate = 9.0
        [handover]
        ring_s = 21
        [fax]
        on = true
        [[agent]]
        id = "desk 1"
        [[agent]]
        id = "desk-2"
        uri = "tel:112"
        skills = ["care"]
    "#;
    assert_eq!(
        problems(text),
        [
            "sip.bind",
            "sip.bnid",
            "sip.max_calls",
            "colour",
            "fax",
            "tts.rate",
            "handover.ring_s",
            "agent[1].id",
            "agent[1].uri",
            "agent[1].skills",
            "agent[2].uri",
        ]
    );
}

#[test]
fn a_mistake_says_what_is_wrong_and_what_to_do() {
    let source = Source::text("sidetone.toml", "[sip]\nmax_calls = \"many\"\nbnid = 1\n");
    let report = Config::parse(&source).unwrap_err().to_string();
    assert_eq!(
        report,
        "sidetone.toml: 2 mistakes\n  \
         sip.bnid: is not a key; the keys here are advertised, bind, headers, max_calls\n  \
         sip.max_calls: invalid type: string \"many\", expected usize; \
         write it like the default: max_calls = 32"
    );
}

#[test]
fn rubbish_is_reported_and_never_a_panic() {
    for text in [
        "[",
        "= 1",
        "[sip]\nbind",
        "\u{0}",
        "[[sip]]\n",
        "agent = 3",
        "agent = [1]",
    ] {
        assert!(!problems(text).is_empty(), "{text:?}");
    }
    assert_eq!(problems("sip = 1"), ["sip"]);
    assert_eq!(problems("[brain]\nredial_ms = -1"), ["brain.redial_ms"]);
    assert_eq!(
        problems("[handover]\ndeadline_s = 99999999999999"),
        ["handover.deadline_s"]
    );
    assert_eq!(problems("[tts]\nrate = nan"), ["tts.rate"]);
}

#[test]
fn the_ports_must_suffice_for_all_calls() {
    assert_eq!(problems("[media]\nrtp_ports = \"30000-30127\""), [""; 0]);
    assert_eq!(
        problems("[media]\nrtp_ports = \"30000-30125\""),
        ["media.rtp_ports"]
    );
    assert_eq!(
        problems("[media]\nrtp_ports = \"30001-30999\""),
        ["media.rtp_ports"]
    );
    assert_eq!(problems("[sip]\nmax_calls = 251"), ["media.rtp_ports"]);
    assert_eq!(
        problems("[sip]\nbind = \"127.0.0.1:30500\""),
        ["media.rtp_ports"]
    );
}

#[test]
fn an_address_that_nobody_can_answer_to_is_refused() {
    assert_eq!(
        problems("[sip]\nbind = \"0.0.0.0:5060\""),
        ["sip.advertised"]
    );
    let advertised = "[sip]\nbind = \"0.0.0.0:5060\"\nadvertised = \"192.0.2.7:5060\"";
    assert_eq!(problems(advertised), [""; 0]);
    assert_eq!(problems("[media]\nip = \"0.0.0.0\""), ["media.ip"]);
}

#[test]
fn the_shop_and_the_store_do_not_share_a_file() {
    assert_eq!(problems("[shop]\npath = \"data/shop.db\""), [""; 0]);
    assert_eq!(
        problems("[shop]\npath = \"data/sidetone.db\""),
        ["shop.path"]
    );
}

#[test]
fn agents_are_told_apart() {
    let agent = |id: &str, uri: &str| {
        format!("[[agent]]\nid = \"{id}\"\nuri = \"{uri}\"\nskills = [\"care\"]\n")
    };
    let two = |b: String| agent("a", "sip:a@127.0.0.1:5070") + &b;
    assert_eq!(problems(&two(agent("b", "sip:b@127.0.0.1:5071"))), [""; 0]);
    assert_eq!(
        problems(&two(agent("a", "sip:b@127.0.0.1:5071"))),
        ["agent[2].id"]
    );
    assert_eq!(
        problems(&two(agent("b", "sip:a@127.0.0.1:5070"))),
        ["agent[2].uri"]
    );
    assert_eq!(
        problems(&two(agent("b", "sip:b@127.0.0.1:5060"))),
        ["agent[2].uri"]
    );
    for uri in [
        "",
        "sip:",
        "sip:a",
        "sips:a@b",
        "sip:a@b:0",
        "sip:a@b:x",
        "sip:a@b;x=1",
    ] {
        assert_eq!(problems(&agent("a", uri)), ["agent[1].uri"], "{uri}");
    }
}

#[test]
fn a_brain_over_grpc_needs_an_address() {
    let brain = |address: &str| format!("[brain]\nkind = \"grpc\"\naddress = \"{address}\"");
    assert_eq!(problems(&brain("http://brain.internal:50051")), [""; 0]);
    for address in [
        "",
        "brain:50051",
        "http://",
        "http://brain",
        "http://brain:0",
    ] {
        assert_eq!(problems(&brain(address)), ["brain.address"], "{address}");
    }
}

#[test]
fn a_file_that_is_named_is_never_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let named = folder.path().join("named.toml");
    fs::write(&named, "[log]\nlevel = \"debug\"").unwrap();
    fs::write(folder.path().join(CONFIG_FILE), "[log]\nlevel = \"warn\"").unwrap();
    let find = |flag: Option<&Path>, variable: Option<&Path>, folder: &Path| {
        Source::find(flag, variable.map(Path::to_owned), folder)
            .and_then(|source| Config::parse(&source))
            .map(|config| config.log.level)
    };
    let missing = folder.path().join("missing.toml");
    let here = folder.path();
    assert_eq!(find(Some(&named), Some(&missing), here), Ok(Level::Debug));
    assert_eq!(find(None, Some(&named), here), Ok(Level::Debug));
    assert_eq!(find(None, None, here), Ok(Level::Warn));
    assert_eq!(find(None, Some(Path::new("")), here), Ok(Level::Warn));
    assert_eq!(find(None, None, &here.join("elsewhere")), Ok(Level::Info));
    assert!(find(Some(&missing), Some(&named), here).is_err());
    assert!(find(None, Some(&missing), here).is_err());
}

#[test]
fn a_model_that_is_none_is_refused_before_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.bin");
    let load = || {
        let text = format!("[asr]\nmodel = {:?}\nqueue = 0", path.display().to_string());
        let problems = Config::load(&Source::text("test", text)).unwrap_err();
        problems
            .list
            .into_iter()
            .map(|problem| problem.key)
            .collect::<Vec<_>>()
    };
    assert_eq!(load(), ["asr.queue", "asr.model"], "missing");
    fs::write(&path, b"lmg").unwrap();
    assert_eq!(load(), ["asr.queue", "asr.model"], "cut short");
    fs::write(&path, b"GGUF....").unwrap();
    assert_eq!(load(), ["asr.queue", "asr.model"], "of another format");
    fs::write(&path, b"lmgg....").unwrap();
    assert_eq!(load(), ["asr.queue"]);
}

#[test]
fn a_promise_leaves_time_for_a_human_and_for_the_store() {
    let handover = |promise: u64, deadline: u64| {
        problems(&format!(
            "[handover]\nring_s = 2\noffer_s = 4\npromise_s = {promise}\ndeadline_s = {deadline}"
        ))
    };
    for (promise, deadline) in [(5, 10), (7, 10), (27, 30), (60, 120), (117, 120)] {
        assert_eq!(handover(promise, deadline), [""; 0], "{promise} {deadline}");
    }
    for (promise, deadline) in [(4, 10), (8, 10), (30, 30), (14, 30), (7, 15)] {
        assert_eq!(handover(promise, deadline), ["handover.promise_s"]);
    }
    assert_eq!(handover(5, 9), ["handover.deadline_s"]);
}
