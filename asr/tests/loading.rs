//! What a user is told about a model file that cannot be used.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    reason = "a test stops at the first surprise"
)]

mod common;

use sidetone_asr::{ContextPolicy, Model, ModelError};
use std::fs;
use std::io::Read;
use std::path::PathBuf;

/// A file in the build's own temporary folder, removed at the end of the test.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Left behind, it lies in the build folder and is overwritten next time.
        let _ = fs::remove_file(&self.0);
    }
}

fn refusal(path: &std::path::Path) -> ModelError {
    match Model::load(path) {
        Ok(_) => panic!("{} was taken", path.display()),
        Err(error) => error,
    }
}

#[test]
fn the_shipped_model_is_run_in_windows_that_fit() {
    let profile = Model::load(common::model_path()).unwrap().profile();
    assert_eq!(profile.context, ContextPolicy::Exact);
    assert_eq!(
        (profile.header.vocab, profile.header.audio_ctx),
        (51_864, 1_500)
    );
}

#[test]
fn a_missing_model_says_where_it_was_looked_for() {
    let error = refusal("no/such/model.bin".as_ref());
    assert!(matches!(error, ModelError::Missing { .. }));
    assert!(error.to_string().contains("no/such/model.bin"), "{error}");
    assert!(matches!(
        refusal(env!("CARGO_TARGET_TMPDIR").as_ref()),
        ModelError::Missing { .. }
    ));
}

#[test]
fn another_kind_of_file_is_not_a_model() {
    let file = Scratch::new("web-page.bin", b"<html>404</html>");
    let error = refusal(&file.0);
    assert!(matches!(error, ModelError::NotAModel { .. }), "{error}");
}

#[test]
fn half_a_model_is_incomplete() {
    let mut half = Vec::new();
    fs::File::open(common::model_path())
        .unwrap()
        .take(8 << 20)
        .read_to_end(&mut half)
        .unwrap();
    for (name, len) in [
        ("half.bin", half.len()),
        ("header.bin", 40),
        ("empty.bin", 0),
    ] {
        let file = Scratch::new(name, &half[..len]);
        let error = refusal(&file.0);
        assert!(
            matches!(error, ModelError::Truncated { .. }),
            "{name}: {error}"
        );
        assert!(error.to_string().contains("again"), "{error}");
    }
}
