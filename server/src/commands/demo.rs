//! `sidetone demo`: a server, the agents' phones and a caller in one process, over real sockets.

use super::call::{place, write_json};
use super::log_from;
use crate::cli::DemoArgs;
use crate::config::{Agent, Config};
use crate::serve::Server;
use crate::store::{CallFilter, Reader};
use anyhow::Context;
use sidetone_fixtures::measure::{CallReport, TurnKind};
use sidetone_fixtures::phone::{CallOptions, Target};
use sidetone_fixtures::script::Script;
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::ExitCode;

/// Plays the script against a server of its own; ends with 1 when a promise of the demo is broken.
///
/// # Errors
/// When the script cannot be read or something cannot be started.
pub async fn demo(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    log_from("warn");
    let mut script = Script::load(&args.script)
        .with_context(|| "the demo runs in the folder of the source; or name a --script")?;
    for agent in &mut script.agents {
        agent.listen = free_address().context("no free port for an agent's phone")?;
    }
    fs::create_dir_all(&args.out).context("the folder for the results cannot be made")?;
    let config = config_for(&script, &args.out);
    let settings = args.out.join("sidetone.toml");
    fs::write(&settings, config.to_toml())?;
    let server = Server::start(&config).await?;
    println!(
        "a server on {}, {} agents' phones, one caller",
        server.address(),
        script.agents.len()
    );
    let target = Target::from(server.address());
    let options = CallOptions {
        record_to: Some(args.out.clone()),
        ..CallOptions::default()
    };
    let (report, complete) = place(script, &target, &options).await?;
    server.shut_down().await;
    let json = args.out.join("report.json");
    write_json(&report, &json)?;
    let kept = (print_verdict(&report) || args.no_limits) && complete;
    println!("\nthe report        {}", json.display());
    println!(
        "what was heard    {}",
        args.out.join("caller.wav").display()
    );
    if let Some(id) = last_call(&config).await? {
        println!(
            "why it went so    sidetone --config {} calls show {id}",
            settings.display()
        );
    }
    Ok(if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn config_for(script: &Script, out: &Path) -> Config {
    let mut config = Config::default();
    config.sip.bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    config.store.path = out.join("sidetone.db");
    config.store.recordings = out.join("recordings");
    config.agents = script
        .agents
        .iter()
        .map(|agent| Agent {
            id: agent.behaviour.name.clone(),
            uri: format!("sip:{}@{}", agent.behaviour.name, agent.listen),
            skills: vec!["care".to_owned()],
        })
        .collect();
    config
}

/// The script's own ports may be taken by a server that is up.
fn free_address() -> io::Result<SocketAddr> {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// One figure, its limit, and whether it holds. A script that lacks a step has no figure for it;
/// a step that did not happen has failed the call already.
fn verdict(name: &str, figure: Option<u64>, limit: u64) -> bool {
    let Some(figure) = figure else {
        println!("  {name:<44} not measured");
        return true;
    };
    let kept = figure <= limit;
    let mark = if kept { "ok" } else { "MISSED" };
    println!("  {name:<44} {figure:>6} ms   limit {limit:>5} ms   {mark}");
    kept
}

fn print_verdict(report: &CallReport) -> bool {
    println!("\nmeasured in the packets and audio that the phones received:");
    let gaps = report
        .turns
        .iter()
        .filter(|turn| turn.kind != TurnKind::BargeIn && !turn.to_agent)
        .filter_map(|turn| turn.gap_ms)
        .collect();
    let stops = report
        .turns
        .iter()
        .filter_map(|turn| turn.stop_ms)
        .collect();
    let bridged = report
        .handover
        .as_ref()
        .and_then(|handover| handover.bridged.as_ref());
    [
        verdict("200 OK to greeting", report.time_to_greeting_ms, 500),
        verdict(
            "caller's last speech to the answer, median",
            median(gaps),
            1000,
        ),
        verdict(
            "barge-in to the bot's last speech, median",
            median(stops),
            400,
        ),
        verdict(
            "agent's 200 OK to both ways heard",
            bridged.and_then(|b| b.both_ways_ms),
            1500,
        ),
        verdict(
            "longest silence while waiting",
            Some(report.longest_silence_ms),
            1200,
        ),
    ]
    .into_iter()
    .all(|kept| kept)
}

fn median(mut figures: Vec<u64>) -> Option<u64> {
    figures.sort_unstable();
    figures.get(figures.len().saturating_sub(1) / 2).copied()
}

async fn last_call(config: &Config) -> anyhow::Result<Option<String>> {
    let mut reader = Reader::open(&config.store.path).await?;
    let calls = reader.list_calls(1, &CallFilter::default()).await?;
    Ok(calls.into_iter().next().map(|call| call.call_id))
}
