//! The doctor: looks at the machine before the server does, and says how to mend what it finds.
//!
//! Every check is harmless beside a running server; the ports that such a server holds are then
//! reported as taken. What another module knows better comes in through [`Probes`].

mod disk;
mod ports;
mod report;
mod system;

pub use report::{Finding, Grade, Report};

use crate::config::{Config, EMBEDDED_MODEL, Problem, Source, check_model};

/// What only other modules can tell: each answers with a word of praise or a complaint.
#[derive(Debug, Clone, Copy)]
pub struct Probes {
    /// Whether the voice can speak.
    pub voice: fn() -> Result<String, String>,
    /// Whether the model that comes with the program is there.
    pub embedded_model: fn() -> Result<String, String>,
}

/// Looks at everything. A configuration with mistakes ends the examination early: the other checks
/// would look at the wrong machine.
#[must_use]
pub fn examine(source: &Source, probes: Probes) -> Report {
    let config = match Config::parse(source) {
        Ok(config) => config,
        Err(problems) => {
            let complaint = |problem: &Problem| {
                let key = if problem.key.is_empty() {
                    &problems.source_name
                } else {
                    &problem.key
                };
                Finding::fail("config", format!("{key}: {}", problem.what), &*problem.fix)
            };
            return Report::new(problems.list.iter().map(complaint).collect());
        }
    };
    let mut findings = vec![
        Finding::ok("config", format!("{}: no mistakes", source.name)),
        model(&config, probes),
        voice(probes),
        ports::sip(&config.sip),
        ports::rtp(&config),
        system::open_files(config.sip.max_calls, system::open_file_limit()),
        system::clock(),
    ];
    findings.extend(disk::folders(&config));
    findings.extend(system::interop_tools(std::env::var_os("PATH").as_deref()));
    Report::new(findings)
}

fn model(config: &Config, probes: Probes) -> Finding {
    const FIX: &str = "name a ggml model of Whisper in asr.model";
    match config.asr.model_file() {
        None => match (probes.embedded_model)() {
            Ok(what) => Finding::ok("model", what),
            Err(what) => Finding::fail("model", format!("{EMBEDDED_MODEL}: {what}"), FIX),
        },
        Some(path) => match check_model(path) {
            Ok(()) => Finding::ok("model", format!("{} is a ggml model", path.display())),
            Err(fault) => Finding::fail("model", format!("{} {fault}", path.display()), FIX),
        },
    }
}

fn voice(probes: Probes) -> Finding {
    match (probes.voice)() {
        Ok(what) => Finding::ok("voice", what),
        Err(what) => Finding::fail("voice", what, "build the program with flite (flite1-dev)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const WELL: Probes = Probes {
        voice: || Ok("speaks".to_owned()),
        embedded_model: || Ok("is there".to_owned()),
    };

    fn grade(report: &Report, check: &str) -> Grade {
        report
            .findings
            .iter()
            .find(|finding| finding.check == check)
            .unwrap()
            .grade
    }

    /// A configuration whose ports are free and whose files lie in a folder of the test's own.
    fn source(folder: &tempfile::TempDir, model: &str) -> Source {
        let data = folder.path().display();
        Source::text(
            "test",
            format!(
                "[sip]\nbind = \"127.0.0.1:0\"\nmax_calls = 1\n\
                 [media]\nrtp_ports = \"21400-21463\"\n\
                 [asr]\nmodel = {model:?}\n\
                 [store]\npath = \"{data}/a/store.db\"\nrecordings = \"{data}/b/c\"\n"
            ),
        )
    }

    #[test]
    fn a_well_machine_is_found_well() {
        let folder = tempfile::tempdir().unwrap();
        let report = examine(&source(&folder, EMBEDDED_MODEL), WELL);
        for check in [
            "config",
            "model",
            "voice",
            "sip port",
            "rtp ports",
            "store",
            "recordings",
        ] {
            assert_eq!(grade(&report, check), Grade::Ok, "{check}: {report}");
        }
    }

    #[test]
    fn a_wrong_configuration_is_reported_key_by_key_and_nothing_else_is_tried() {
        let report = examine(
            &Source::text("test", "[sip]\nbind = 1\nmax_calls = 0"),
            WELL,
        );
        assert!(report.has_failed());
        let what = report
            .findings
            .iter()
            .map(|finding| finding.what.split(':').next().unwrap());
        assert_eq!(what.collect::<Vec<_>>(), ["sip.bind", "sip.max_calls"]);
    }

    #[test]
    fn a_voice_or_a_model_that_is_missing_fails() {
        let folder = tempfile::tempdir().unwrap();
        let ill = Probes {
            voice: || Err("cannot speak".to_owned()),
            embedded_model: || Err("is not in this build".to_owned()),
        };
        let report = examine(&source(&folder, EMBEDDED_MODEL), ill);
        assert!(report.has_failed());
        assert_eq!(grade(&report, "voice"), Grade::Fail);
        assert_eq!(grade(&report, "model"), Grade::Fail);
    }

    #[test]
    fn a_model_file_is_told_by_its_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.bin");
        let source = source(&folder, path.to_str().unwrap());
        assert_eq!(grade(&examine(&source, WELL), "model"), Grade::Fail);
        fs::write(&path, "<html>404</html>").unwrap();
        assert_eq!(grade(&examine(&source, WELL), "model"), Grade::Fail);
        fs::write(&path, "lmgg and the rest").unwrap();
        assert_eq!(grade(&examine(&source, WELL), "model"), Grade::Ok);
    }
}
