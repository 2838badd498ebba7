//! `make bench`: places scripted calls and prints what the callers heard, as a table and as JSON.

use anyhow::Context;
use clap::Parser;
use sidetone_benches::run::Plan;
use sidetone_benches::summary::Summary;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Measures turn gap, barge-in stop and handover in the packets and audio that callers receive.
#[derive(Debug, Parser)]
struct Args {
    /// The server's program
    #[arg(long, default_value = "target/release/sidetone")]
    server: PathBuf,
    /// What each caller does
    #[arg(long, default_value = "sip-fixtures/scripts/demo.toml")]
    script: PathBuf,
    /// Calls at the same time
    #[arg(long, default_value_t = 1)]
    at_once: usize,
    /// How often that many are placed
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where the figures go as JSON
    #[arg(long, default_value = "benches/results/calls.json")]
    json: PathBuf,
    /// Where the server's files go
    #[arg(long, default_value = "data/bench")]
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    let plan = Plan {
        program: args.server,
        script: args.script,
        folder: args.folder,
        at_once: args.at_once,
        rounds: args.rounds,
    };
    let all = plan.at_once * plan.rounds;
    let (reports, completed) = plan
        .run(|done| {
            eprint!("\r{done} of {all} calls");
            // Progress that cannot be shown harms nothing.
            let _ = std::io::stderr().flush();
        })
        .await?;
    eprintln!();
    let summary = Summary::of(&reports, completed, plan.at_once);
    println!("{summary}");
    if let Some(folder) = args.json.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&args.json, serde_json::to_string_pretty(&summary)?)
        .with_context(|| format!("{} cannot be written", args.json.display()))?;
    Ok(if summary.keeps_its_limits() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
