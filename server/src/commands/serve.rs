//! `sidetone serve`: answers calls until told to stop.

use super::{log_from, stop_signal};
use crate::cli::find_source;
use crate::config::{BrainKind, Config};
use crate::serve::Server;
use std::path::Path;
use std::process::ExitCode;

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// When the configuration has mistakes or something cannot be started.
pub async fn serve(config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = Config::load(&find_source(config)?)?;
    log_from(config.log.level.as_str());
    let server = Server::start(&config).await?;
    print_welcome(&config, &server);
    tokio::select! {
        () = stop_signal() => {
            eprintln!("saying goodbye to the calls that are up …");
            server.shut_down().await;
            Ok(ExitCode::SUCCESS)
        }
        () = server.failed() => {
            eprintln!("sidetone: signalling has stopped; see the log");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn print_welcome(config: &Config, server: &Server) {
    let brain = match config.brain.kind {
        BrainKind::Builtin => "built-in order status".to_owned(),
        BrainKind::Grpc => format!("gRPC at {}", config.brain.address),
    };
    println!("sidetone is up.");
    println!(
        "  call        sip:shop@{}   (UDP or TCP, any softphone, no account)",
        server.address()
    );
    println!(
        "  say         \"where is my order\", then {}",
        crate::shop::DEMO_ORDER
    );
    println!("  brain       {brain}");
    println!("  agents      {}", config.agents.len());
    println!("  afterwards  sidetone calls list");
}
