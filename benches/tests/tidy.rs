//! Style as a test: the rules of CONTRIBUTING.md that a machine can check.

use std::fs;
use std::path::{Path, PathBuf};

/// The longest file of production code, in lines before its tests.
const MAX_LINES: usize = 500;
/// Crates that are told the time and never touch the world.
const PURE: [&str; 5] = ["proto", "media", "asr", "tts", "dialog"];
const CRATES: [&str; 8] = [
    "proto",
    "media",
    "asr",
    "tts",
    "dialog",
    "server",
    "sip-fixtures",
    "benches",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a crate lies in the workspace")
        .into()
}

fn files_with(extension: &str, folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_with(extension, &path, found);
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
}

/// Rust files of `crates` with their text, tests folders left out.
fn sources(crates: &[&str]) -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    for name in crates {
        files_with("rs", &root().join(name).join("src"), &mut paths);
    }
    paths.sort();
    assert!(!paths.is_empty(), "no sources found");
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file is UTF-8");
            (path, text)
        })
        .collect()
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests")
        || path.file_name().is_some_and(|name| name == "tests.rs")
}

/// The lines before the tests of the file.
fn production(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

fn assert_none(what: &str, offenders: &[String]) {
    assert!(
        offenders.is_empty(),
        "{what}:\n  {}",
        offenders.join("\n  ")
    );
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    let offenders: Vec<_> = sources(&CRATES)
        .iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, text)| (path, production(text).lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, lines)| format!("{}: {lines}", path.display()))
        .collect();
    assert_none("files that hold more than one idea", &offenders);
}

#[test]
fn every_module_says_what_lives_in_it() {
    let offenders: Vec<_> = sources(&CRATES)
        .iter()
        .filter(|(path, text)| !is_test(path) && !text.starts_with("//!"))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_none("files without a //! head", &offenders);
}

#[test]
fn the_pure_crates_do_not_know_each_other() {
    let mut offenders = Vec::new();
    for name in PURE {
        let manifest =
            fs::read_to_string(root().join(name).join("Cargo.toml")).expect("a manifest");
        for line in manifest
            .lines()
            .filter(|l| l.starts_with("sidetone-") || l.starts_with("tokio"))
        {
            offenders.push(format!("{name}: {line}"));
        }
    }
    assert_none("dependencies that the house plan forbids", &offenders);
}

#[test]
fn no_test_or_code_of_the_pure_crates_sleeps() {
    let offenders: Vec<_> = sources(&PURE)
        .iter()
        .filter(|(_, text)| text.contains("thread::sleep(") || text.contains("time::sleep("))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_none("sleeps", &offenders);
}

#[test]
fn one_clippy_file_rules_all_crates() {
    let offenders: Vec<_> = CRATES
        .iter()
        .filter(|name| root().join(name).join("clippy.toml").exists())
        .map(|name| format!("{name}/clippy.toml would replace the root one"))
        .collect();
    assert_none("second rule books", &offenders);
}

#[test]
fn nothing_is_left_unfinished_or_switched_off() {
    let words = ["todo!(", "unimplemented!(", "#[ignore"];
    let offenders: Vec<_> = sources(&CRATES)
        .iter()
        .filter(|(_, text)| words.iter().any(|word| text.contains(word)))
        .map(|(path, _)| path.display().to_string())
        .collect();
    assert_none("unfinished work", &offenders);
}
