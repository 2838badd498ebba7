//! What of a configuration only the machine's disk can tell.

use super::{Config, Problem};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// The first four bytes of a Whisper model file: the number 0x67676d6c ("ggml"), little-endian.
pub const MODEL_MAGIC: [u8; 4] = *b"lmgg";

/// Why a model file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ModelFault {
    /// It cannot be opened or read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It does not begin as a model does.
    #[error("does not begin with the magic number of a ggml model")]
    NotAModel,
}

/// Looks at the first bytes of a model file.
///
/// # Errors
/// When it cannot be read, or is something else.
pub fn check_model(path: &Path) -> Result<(), ModelFault> {
    let mut magic = [0; MODEL_MAGIC.len()];
    match File::open(path)?.read_exact(&mut magic) {
        Ok(()) if magic == MODEL_MAGIC => Ok(()),
        Ok(()) => Err(ModelFault::NotAModel),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(ModelFault::NotAModel),
        Err(error) => Err(error.into()),
    }
}

/// All that is wrong with the files that a configuration names.
pub(super) fn check(config: &Config) -> Vec<Problem> {
    let Some(path) = config.asr.model_file() else {
        return Vec::new();
    };
    match check_model(path) {
        Ok(()) => Vec::new(),
        Err(fault) => vec![Problem::new(
            "asr.model",
            format!("{} {fault}", path.display()),
            "name a ggml model of Whisper, or write \"embedded\"",
        )],
    }
}
