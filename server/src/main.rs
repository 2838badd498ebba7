//! The program `sidetone`: reads the command line and does what it says.

use clap::Parser;
use sidetone_server::cli::{Cli, Command};
use sidetone_server::{commands, doctor::Probes};
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("sidetone: no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("sidetone: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = cli.config.as_deref();
    match cli.command {
        Command::Serve => commands::serve(config).await,
        Command::Demo(args) => commands::demo(&args).await,
        Command::Call(args) => commands::call(&args).await,
        Command::Brain(args) => commands::brain(config, &args).await,
        Command::Tool(tool) => {
            let probes = Probes {
                voice: sidetone_server::voice::probe,
                embedded_model: sidetone_server::hearing::probe,
            };
            tool.run(config, probes).await
        }
    }
}
