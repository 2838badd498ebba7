//! What the doctor found, for people and for programs.

use serde::Serialize;
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// As it should be.
    Ok,
    /// The server works, and something will go wrong one day or is slower than it could be.
    Warn,
    /// The server cannot work.
    Fail,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    /// How bad it is.
    pub grade: Grade,
    /// What was found.
    pub what: String,
    /// How to mend it; empty when nothing needs mending.
    pub fix: String,
}

impl Finding {
    pub(super) fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self {
            check,
            grade: Grade::Ok,
            what: what.into(),
            fix: String::new(),
        }
    }

    pub(super) fn warn(
        check: &'static str,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            check,
            grade: Grade::Warn,
            what: what.into(),
            fix: fix.into(),
        }
    }

    pub(super) fn fail(
        check: &'static str,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            check,
            grade: Grade::Fail,
            what: what.into(),
            fix: fix.into(),
        }
    }
}

/// All findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In the order in which they were made.
    pub findings: Vec<Finding>,
}

impl Report {
    pub(super) fn new(findings: Vec<Finding>) -> Self {
        Self { findings }
    }

    /// Whether anything keeps the server from working.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.grade == Grade::Fail)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            let grade = match finding.grade {
                Grade::Ok => "ok",
                Grade::Warn => "warn",
                Grade::Fail => "FAIL",
            };
            writeln!(f, "{grade:<5} {:<11} {}", finding.check, finding.what)?;
            if !finding.fix.is_empty() {
                writeln!(f, "{:18}-> {}", "", finding.fix)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_failure_fails() {
        let ok = Finding::ok("clock", "ticks");
        let warn = Finding::warn("store", "little space", "make room");
        let fail = Finding::fail("voice", "is missing", "link flite");
        assert!(!Report::new(vec![ok.clone(), warn.clone()]).has_failed());
        let report = Report::new(vec![ok, warn, fail]);
        assert!(report.has_failed());
        assert_eq!(
            report.to_string(),
            "ok    clock       ticks\n\
             warn  store       little space\n                  -> make room\n\
             FAIL  voice       is missing\n                  -> link flite\n"
        );
    }
}
