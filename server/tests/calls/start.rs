//! A server that cannot start says why, and what to do.

use std::fs;
use std::path::{Path, PathBuf};

use sidetone_server::config::{Config, Source};
use sidetone_server::serve::Server;

use crate::harness::config;

/// What a configuration with this model is told, by the check or else by the start.
async fn complaint(folder: &Path, model: &Path) -> String {
    let text = format!("[asr]\nmodel = \"{}\"", model.display());
    if let Err(problems) = Config::load(&Source::text("sidetone.toml", text)) {
        return problems.to_string();
    }
    let mut config = config(folder);
    config.asr.model = model.display().to_string();
    match Server::start(&config).await {
        Ok(_) => panic!("a server started with {}", model.display()),
        Err(error) => format!("{error:#}"),
    }
}

fn assert_names(complaint: &str, parts: &[&str]) {
    for part in parts {
        assert!(complaint.contains(part), "no {part:?} in: {complaint}");
    }
}

fn embedded_model() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../asr/models");
    let mut files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let is_model = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "bin");
    files.find(is_model).expect("the program has a model")
}

#[tokio::test]
async fn a_missing_model_is_named_with_what_to_write_instead() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("none.bin");
    let complaint = complaint(folder.path(), &model).await;
    assert_names(&complaint, &["asr.model", "none.bin", "embedded"]);
}

#[tokio::test]
async fn a_file_that_is_no_model_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("letter.bin");
    fs::write(&model, "Dear sirs,").unwrap();
    let complaint = complaint(folder.path(), &model).await;
    assert_names(&complaint, &["asr.model", "letter.bin", "ggml"]);
}

#[tokio::test]
async fn a_model_that_is_cut_short_is_named_with_its_length() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("half.bin");
    let whole = fs::read(embedded_model()).unwrap();
    let half = &whole[..whole.len() / 2];
    fs::write(&model, half).unwrap();
    let complaint = complaint(folder.path(), &model).await;
    let length = half.len().to_string();
    assert_names(&complaint, &["half.bin", "incomplete", &length, "again"]);
}
