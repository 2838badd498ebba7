//! `sidetone call`: a scripted phone calls a server and measures what it hears.

use crate::cli::CallArgs;
use anyhow::Context;
use sidetone_fixtures::measure::CallReport;
use sidetone_fixtures::phone::{CallError, CallOptions, PhoneEvent, Target, run_call};
use sidetone_fixtures::script::Script;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use tokio::sync::mpsc;

/// Events that may wait for the terminal; more are in the report only.
const EVENTS: usize = 256;

/// Places the call and prints it as it happens; ends with 1 when the script did not run to its end.
///
/// # Errors
/// When the script cannot be read or the phone's sockets fail.
pub async fn call(args: &CallArgs) -> anyhow::Result<ExitCode> {
    let script = Script::load(&args.script)?;
    let target: Target = args.to.parse()?;
    let options = CallOptions {
        record_to: args.record.clone(),
        ..CallOptions::default()
    };
    let (report, complete) = place(script, &target, &options).await?;
    if let Some(path) = &args.json {
        write_json(&report, path)?;
    }
    Ok(if complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs the script and prints its events; false when it did not run to its end.
pub(super) async fn place(
    script: Script,
    target: &Target,
    options: &CallOptions,
) -> anyhow::Result<(CallReport, bool)> {
    if let Some(folder) = &options.record_to {
        fs::create_dir_all(folder).context("the folder for recordings cannot be made")?;
    }
    let (watcher, mut events) = mpsc::channel::<PhoneEvent>(EVENTS);
    let printer = tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            println!("{event}");
        }
    });
    let result = run_call(script, target, options, Some(watcher)).await;
    printer.await?;
    match result {
        Ok(report) => Ok((report, true)),
        Err(CallError::Failed { failure, report }) => {
            eprintln!("the script stopped: {failure}");
            Ok((*report, false))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn write_json(report: &CallReport, path: &Path) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(report)?;
    fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}
