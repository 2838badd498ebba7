//! `sidetone brain`: serves the built-in flow as a brain over gRPC.

use super::{log_from, stop_signal};
use crate::brain::BuiltIn;
use crate::cli::{BrainArgs, find_source};
use crate::config::Config;
use crate::shop::Shop;
use anyhow::Context;
use std::path::Path;
use std::process::ExitCode;
use tokio::net::TcpListener;

/// Serves until Ctrl-C or SIGTERM.
///
/// # Errors
/// When the address is taken or the shop cannot be opened.
pub async fn brain(config: Option<&Path>, args: &BrainArgs) -> anyhow::Result<ExitCode> {
    let config = Config::parse(&find_source(config)?)?;
    log_from(config.log.level.as_str());
    let shop = Shop::open(config.shop.path.as_deref()).await?;
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}", args.listen))?;
    println!(
        "a brain for brain.address = \"http://{}\"",
        listener.local_addr()?
    );
    let brain = BuiltIn::new(shop, &config.handover);
    crate::brain::serve(listener, brain, stop_signal()).await?;
    Ok(ExitCode::SUCCESS)
}
