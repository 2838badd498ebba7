//! The command line: what can be asked of the program `sidetone`.
//!
//! The tree of commands stands here; the tools that only read and report are carried out in the
//! modules below. Serving and calling are the program's own business.

mod calls;
mod describe;
mod time;

pub use calls::{ListArgs, ShowArgs, list, show};

use crate::{
    config::{CONFIG_VARIABLE, Config, Problems, Source},
    doctor::{self, Probes},
    store::Reader,
};
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use std::{
    io::{self, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// A voice on the telephone: answers calls, understands, speaks, and hands over to a human.
#[derive(Debug, Parser)]
#[command(
    name = "sidetone",
    version,
    arg_required_else_help = true,
    after_help = "Begin with `sidetone doctor`, then `sidetone demo`."
)]
pub struct Cli {
    /// The configuration file. Else the variable SIDETONE_CONFIG, else ./sidetone.toml, else the
    /// defaults
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer calls until interrupted
    Serve,
    /// Play a whole call on this machine: a caller asks for an order and is answered
    Demo(DemoArgs),
    /// Call a server with a scripted phone, and measure what it hears
    Call(CallArgs),
    /// Serve the built-in conversation over gRPC, as an example of a brain
    Brain(BrainArgs),
    /// What looks and reports.
    #[command(flatten)]
    Tool(Tool),
}

/// How to play the demonstration.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct DemoArgs {
    /// What the caller and the agents do
    #[arg(
        long,
        value_name = "FILE",
        default_value = "sip-fixtures/scripts/demo.toml"
    )]
    pub script: PathBuf,
    /// Where the report, the recordings and the store go
    #[arg(long, value_name = "DIR", default_value = "data/demo")]
    pub out: PathBuf,
    /// Print the figures without judging them: for a machine that is busy with other work
    #[arg(long)]
    pub no_limits: bool,
}

/// How to place a call.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CallArgs {
    /// What the caller does: a TOML script like those in sip-fixtures/scripts
    #[arg(long, value_name = "FILE")]
    pub script: PathBuf,
    /// Whom to call
    #[arg(long, value_name = "URI", default_value = "sip:shop@127.0.0.1:5060")]
    pub to: String,
    /// Where the measured report goes
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The folder for what the phones said and heard, as WAV files
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
}

/// How to serve the built-in flow as a brain.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct BrainArgs {
    /// Address and TCP port
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:50051")]
    pub listen: SocketAddr,
}

/// The commands that look and report.
#[derive(Debug, Subcommand)]
pub enum Tool {
    /// Look at past calls
    #[command(subcommand)]
    Calls(CallsCommand),
    /// Look at this machine and say what to mend; ends with 1 when something must be
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// What can be asked about past calls.
#[derive(Debug, Subcommand)]
pub enum CallsCommand {
    /// List the latest calls, the newest first
    List(ListArgs),
    /// Print all that happened on one call, and why
    Show(ShowArgs),
}

/// What can be asked about the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Name every mistake in a configuration file; ends with 1 when there is one
    Check {
        /// The file; else the one that would be used
        file: Option<PathBuf>,
    },
    /// Print every key with the value in force; without a file, the documented defaults
    Print,
}

/// The configuration file that the command line, the environment or the working directory names.
///
/// # Errors
/// When the file cannot be read.
pub fn find_source(flag: Option<&Path>) -> Result<Source, Problems> {
    let variable = std::env::var_os(CONFIG_VARIABLE).map(PathBuf::from);
    Source::find(flag, variable, Path::new("."))
}

impl Tool {
    /// Carries the command out and prints to standard output.
    ///
    /// # Errors
    /// When the configuration or the store cannot be read, in words for a person.
    pub async fn run(self, config: Option<&Path>, probes: Probes) -> anyhow::Result<ExitCode> {
        let mut out = Vec::new();
        let code = self.write_to(&mut out, config, probes).await?;
        match io::stdout().lock().write_all(&out) {
            // Whoever read has seen enough (`| head`).
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(code),
            written => written
                .map(|()| code)
                .context("standard output cannot be written"),
        }
    }

    async fn write_to(
        self,
        out: &mut Vec<u8>,
        config: Option<&Path>,
        probes: Probes,
    ) -> anyhow::Result<ExitCode> {
        match self {
            Self::Calls(command) => {
                let config = Config::parse(&find_source(config)?)?;
                let mut reader = Reader::open(&config.store.path).await?;
                match command {
                    CallsCommand::List(args) => list(&mut reader, &args, out).await?,
                    CallsCommand::Show(args) => show(&mut reader, &args, out).await?,
                }
                Ok(ExitCode::SUCCESS)
            }
            Self::Doctor { json } => doctor(&find_source(config)?, probes, json, out),
            Self::Config(ConfigCommand::Check { file }) => {
                let source = find_source(file.as_deref().or(config))?;
                check(&source, out)
            }
            Self::Config(ConfigCommand::Print) => {
                let source = find_source(config)?;
                print(&source, out)?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn doctor(
    source: &Source,
    probes: Probes,
    json: bool,
    out: &mut Vec<u8>,
) -> anyhow::Result<ExitCode> {
    let report = doctor::examine(source, probes);
    if json {
        serde_json::to_writer_pretty(&mut *out, &report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(if report.has_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn check(source: &Source, out: &mut Vec<u8>) -> anyhow::Result<ExitCode> {
    match Config::load(source) {
        Ok(_) => {
            writeln!(out, "{}: no mistakes", source.name)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            writeln!(out, "{problems}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

fn print(source: &Source, out: &mut Vec<u8>) -> anyhow::Result<()> {
    // The defaults are printed with their documentation, to begin a file of one's own with.
    let text = if *source == Source::built_in() {
        source.text.clone()
    } else {
        Config::parse(source)?.to_toml()
    };
    write!(out, "{text}")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    const PROBES: Probes = Probes {
        voice: || Ok(String::new()),
        embedded_model: || Ok(String::new()),
    };

    #[test]
    fn the_tree_of_commands_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn commands_are_understood() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' '));
        assert!(matches!(
            parse("sidetone serve").unwrap().command,
            Command::Serve
        ));
        let list = parse("sidetone calls list --limit 3 --json --config x.toml").unwrap();
        assert_eq!(list.config, Some(PathBuf::from("x.toml")));
        let Command::Tool(Tool::Calls(CallsCommand::List(args))) = list.command else {
            panic!("not a list")
        };
        assert_eq!((args.limit, args.json), (3, true));
        for wrong in [
            "sidetone",
            "sidetone fly",
            "sidetone calls show",
            "sidetone calls list -3",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_configuration_is_checked_and_its_mistakes_are_named() {
        let mut out = Vec::new();
        let good = check(&Source::built_in(), &mut out).unwrap();
        assert_eq!(format!("{good:?}"), format!("{:?}", ExitCode::SUCCESS));
        let bad = check(&Source::text("x.toml", "[sip]\nmax_calls = 0"), &mut out).unwrap();
        assert_eq!(format!("{bad:?}"), format!("{:?}", ExitCode::FAILURE));
        let said = String::from_utf8(out).unwrap();
        assert!(
            said.starts_with("built-in defaults: no mistakes\nx.toml: 1 mistake\n"),
            "{said}"
        );
        assert!(said.contains("sip.max_calls"));
    }

    #[test]
    fn what_is_in_force_is_printed_as_a_file_that_can_be_read_again() {
        let mut out = Vec::new();
        print(&Source::text("x.toml", "[tts]\nrate = 1.25"), &mut out).unwrap();
        let again = Source::text("again", String::from_utf8(out).unwrap());
        assert!((Config::parse(&again).unwrap().tts.rate - 1.25).abs() < f32::EPSILON);
        let mut out = Vec::new();
        print(&Source::built_in(), &mut out).unwrap();
        assert_eq!(out, Source::built_in().text.into_bytes());
    }

    #[test]
    fn the_doctor_speaks_json_and_fails_with_one() {
        let mut out = Vec::new();
        let wrong = Source::text("x.toml", "[sip]\nmax_calls = 0");
        let code = doctor(&wrong, PROBES, true, &mut out).unwrap();
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::FAILURE));
        let said: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(said["findings"][0]["grade"], "fail");
    }
}
