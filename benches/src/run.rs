//! One run: a server in its own process, and scripted callers in this one.

use anyhow::{Context, bail};
use sidetone_fixtures::measure::CallReport;
use sidetone_fixtures::phone::{CallError, CallOptions, Target, run_call};
use sidetone_fixtures::script::Script;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A server that was started for the run; it ends with this value.
pub struct Server {
    child: Child,
    target: Target,
}

/// What a run is made of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The server's program.
    pub program: PathBuf,
    /// What each caller does.
    pub script: PathBuf,
    /// Where the server's files go.
    pub folder: PathBuf,
    /// Calls at the same time; each has its own agents.
    pub at_once: usize,
    /// How often that many are placed.
    pub rounds: usize,
}

/// Reports of all calls, and how many ran to their end.
pub type Outcome = (Vec<CallReport>, usize);

impl Plan {
    /// Starts a server and places the calls; `progress` hears of each finished call.
    ///
    /// # Errors
    /// When the script cannot be read, the server does not come up, or a phone's sockets fail.
    pub async fn run(&self, mut progress: impl FnMut(usize)) -> anyhow::Result<Outcome> {
        let scripts = self.scripts()?;
        let server = Server::start(&self.program, &self.folder, &scripts).await?;
        let (mut reports, mut completed) = (Vec::new(), 0);
        for _ in 0..self.rounds {
            let calls: Vec<_> = scripts
                .iter()
                .cloned()
                .map(|script| tokio::spawn(place(script, server.target.clone())))
                .collect();
            for call in calls {
                let (report, ran_to_its_end) = call.await??;
                completed += usize::from(ran_to_its_end);
                reports.push(report);
                progress(reports.len());
            }
        }
        Ok((reports, completed))
    }

    /// The same script for each caller, with agents' phones on ports of their own.
    fn scripts(&self) -> anyhow::Result<Vec<Script>> {
        let script = Script::load(&self.script)?;
        (0..self.at_once)
            .map(|number| {
                let mut script = script.clone();
                for agent in &mut script.agents {
                    agent.listen = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
                    agent.behaviour.name = format!("{}-{number}", agent.behaviour.name);
                }
                Ok(script)
            })
            .collect()
    }
}

impl Server {
    async fn start(program: &Path, folder: &Path, scripts: &[Script]) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let address = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let config = folder.join("sidetone.toml");
        fs::write(&config, configuration(address, folder, scripts))?;
        let mut child = Command::new(program)
            .arg("--config")
            .arg(&config)
            .arg("serve")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let Some(output) = child.stdout.take() else {
            bail!("the server has no output")
        };
        let mut lines = BufReader::new(output).lines();
        loop {
            match lines.next_line().await? {
                Some(line) if line.contains("is up") => break,
                Some(_) => {}
                None => bail!("the server did not come up: {}", child.wait().await?),
            }
        }
        // What it says later is of no interest, but the pipe must stay open.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Self {
            child,
            target: Target::from(address),
        })
    }

    /// The server's process, for those who watch its memory and processor.
    pub fn process(&self) -> Option<u32> {
        self.child.id()
    }
}

fn configuration(address: SocketAddr, folder: &Path, scripts: &[Script]) -> String {
    let mut text = format!(
        "[sip]\nbind = \"{address}\"\n[log]\nlevel = \"warn\"\n[store]\npath = {:?}\nrecordings = {:?}\n",
        folder.join("sidetone.db"),
        folder.join("recordings"),
    );
    for agent in scripts.iter().flat_map(|script| &script.agents) {
        let name = &agent.behaviour.name;
        text.push_str(&format!(
            "[[agent]]\nid = \"{name}\"\nuri = \"sip:{name}@{}\"\nskills = [\"care\"]\n",
            agent.listen
        ));
    }
    text
}

async fn place(script: Script, target: Target) -> anyhow::Result<(CallReport, bool)> {
    match run_call(script, &target, &CallOptions::default(), None).await {
        Ok(report) => Ok((report, true)),
        Err(CallError::Failed { failure, report }) => {
            eprintln!("a call stopped: {failure}");
            Ok((*report, false))
        }
        Err(error) => Err(error.into()),
    }
}
