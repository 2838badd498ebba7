//! From text to a configuration: every key on its own, so that one mistake does not hide the next.
//!
//! A parser for the whole file would stop at its first mistake. Here each key the file gives is
//! laid over its section's defaults and read alone; a key that cannot be read keeps its default,
//! so that the checks across keys still see everything else.

use super::{Agent, Config, Problem, Source, check};
use serde::{Serialize, de::DeserializeOwned};
use toml::{Table, Value};

/// The array of tables that holds the agents.
const AGENT: &str = "agent";

/// Reads what can be read, and lists all that is wrong.
pub(super) fn read(source: &Source) -> (Config, Vec<Problem>) {
    let mut file = match source.text.parse::<Table>() {
        Ok(file) => file,
        Err(error) => {
            let problem = Problem::new(
                "",
                format!("is not TOML: {}", error.to_string().trim_end()),
                "mend the syntax first; the other checks come after it",
            );
            return (Config::default(), vec![problem]);
        }
    };
    let mut problems = Vec::new();
    let mut sections = Sections {
        file: &mut file,
        problems: &mut problems,
    };
    let config = Config {
        sip: sections.take("sip"),
        media: sections.take("media"),
        asr: sections.take("asr"),
        tts: sections.take("tts"),
        brain: sections.take("brain"),
        handover: sections.take("handover"),
        agents: sections.take_agents(),
        store: sections.take("store"),
        shop: sections.take("shop"),
        log: sections.take("log"),
    };
    sections.refuse_the_rest();
    problems.extend(check::check(&config));
    (config, problems)
}

struct Sections<'a> {
    file: &'a mut Table,
    problems: &'a mut Vec<Problem>,
}

impl Sections<'_> {
    fn take<S: Default + Serialize + DeserializeOwned>(&mut self, name: &str) -> S {
        match self.file.remove(name) {
            None => S::default(),
            Some(Value::Table(given)) => self.overlay(name, given),
            Some(_) => {
                self.problems.push(Problem::new(
                    name,
                    "is a section and was given a value",
                    format!("write [{name}] on a line of its own and its keys below"),
                ));
                S::default()
            }
        }
    }

    fn take_agents(&mut self) -> Vec<Agent> {
        let wrong = || {
            Problem::new(
                AGENT,
                "is not a list of tables",
                "begin each agent with [[agent]]",
            )
        };
        let list = match self.file.remove(AGENT) {
            None => return Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.problems.push(wrong());
                return Vec::new();
            }
        };
        let mut agents = Vec::with_capacity(list.len());
        for (index, agent) in list.into_iter().enumerate() {
            if let Value::Table(given) = agent {
                agents.push(self.overlay(&check::agent_path(index), given));
            } else {
                self.problems.push(wrong());
            }
        }
        agents
    }

    /// Lays the given keys, one at a time, over the section's defaults.
    fn overlay<S: Default + Serialize + DeserializeOwned>(
        &mut self,
        name: &str,
        given: Table,
    ) -> S {
        let mut section =
            Table::try_from(S::default()).expect("a section is a table of plain values");
        let known = section.keys().cloned().collect::<Vec<_>>();
        for (key, value) in given {
            let path = format!("{name}.{key}");
            let Some(default) = section.get(&key).cloned() else {
                self.problems.push(Problem::new(
                    path,
                    "is not a key",
                    format!("the keys here are {}", known.join(", ")),
                ));
                continue;
            };
            section.insert(key.clone(), value);
            if let Err(error) = section.clone().try_into::<S>() {
                self.problems.push(Problem::new(
                    path,
                    error.message().trim_end().to_owned(),
                    format!("write it like the default: {key} = {default}"),
                ));
                section.insert(key, default);
            }
        }
        section.try_into().expect("each key was read on its own")
    }

    fn refuse_the_rest(&mut self) {
        let known = Table::try_from(Config::default()).expect("the configuration is a table");
        let known = known.keys().cloned().collect::<Vec<_>>().join(", ");
        for (name, _) in std::mem::take(self.file) {
            self.problems.push(Problem::new(
                name,
                "is not a section",
                format!("the sections are {known}"),
            ));
        }
    }
}
