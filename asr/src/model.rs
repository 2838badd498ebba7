//! A loaded speech model, shared by all workers.

use crate::ggml::{self, HeaderError};
use crate::profile::{ContextPolicy, ModelProfile};
use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use whisper_rs::{WhisperContext, WhisperContextParameters, WhisperError};

/// The model that is part of the program, and its name in messages.
const EMBEDDED: &[u8] = include_bytes!("../models/sidetone-tel-en-s-q8_0.bin");
const EMBEDDED_NAME: &str = "embedded:sidetone-tel-en-s-q8_0";

/// Why a model could not be loaded; each message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// There is no such file, or it may not be read.
    #[error("no speech model at {path} ({reason}): set the path to a ggml Whisper file")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file is something else.
    #[error("{path} is not a usable speech model: {reason}. It must be a ggml Whisper file")]
    NotAModel {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: HeaderError,
    },
    /// The file is cut short, most likely by a download or copy that broke off.
    #[error("{path} is incomplete ({len} bytes): copy or download it again")]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Its length in bytes.
        len: u64,
    },
    /// The file looks right but the engine does not take it.
    #[error("the engine refused {path} ({reason}): see its log, and check the free memory")]
    Engine {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        reason: String,
    },
}

/// A loaded model: its weights, and the profile by which it is run.
pub struct Model {
    pub(crate) context: WhisperContext,
    profile: ModelProfile,
}

impl Model {
    /// Loads a ggml Whisper file and derives its profile from its header.
    ///
    /// The whole file is checked first. Reads the disk: call it at start-up, not on a call's path.
    pub fn load(path: impl AsRef<Path>) -> Result<Arc<Self>, ModelError> {
        let path = path.as_ref();
        let header = check(path)?;
        Self::open(path, ModelProfile::of(header))
    }

    /// Loads the English telephone model that is part of the program.
    pub fn embedded() -> Result<Arc<Self>, ModelError> {
        let name = Path::new(EMBEDDED_NAME);
        let header =
            ggml::check(&mut Cursor::new(EMBEDDED)).map_err(|error| refused(name, error))?;
        Self::wrap(name, ModelProfile::of(header), |params| {
            WhisperContext::new_from_buffer_with_params(EMBEDDED, params)
        })
    }

    /// Loads a file like [`Model::load`], with the window rule given instead of derived.
    pub fn load_with(
        path: impl AsRef<Path>,
        context: ContextPolicy,
    ) -> Result<Arc<Self>, ModelError> {
        let path = path.as_ref();
        let header = check(path)?;
        Self::open(
            path,
            ModelProfile {
                context,
                ..ModelProfile::of(header)
            },
        )
    }

    /// How this model is run.
    pub fn profile(&self) -> ModelProfile {
        self.profile
    }

    fn open(path: &Path, profile: ModelProfile) -> Result<Arc<Self>, ModelError> {
        Self::wrap(path, profile, |params| {
            WhisperContext::new_with_params(path, params)
        })
    }

    fn wrap(
        name: &Path,
        profile: ModelProfile,
        load: impl FnOnce(WhisperContextParameters<'_>) -> Result<WhisperContext, WhisperError>,
    ) -> Result<Arc<Self>, ModelError> {
        whisper_rs::install_logging_hooks();
        let mut params = WhisperContextParameters::default();
        // With flash attention the engine reads rows of an earlier request when the window is not
        // a multiple of 256.
        params.flash_attn(false).use_gpu(false);
        let context = load(params).map_err(|error| ModelError::Engine {
            path: name.to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Arc::new(Self { context, profile }))
    }
}

fn check(path: &Path) -> Result<ggml::Header, ModelError> {
    let missing = |reason: String| ModelError::Missing {
        path: path.to_owned(),
        reason,
    };
    let file = File::open(path).map_err(|error| missing(error.to_string()))?;
    let metadata = file
        .metadata()
        .map_err(|error| missing(error.to_string()))?;
    if !metadata.is_file() {
        return Err(missing("not a file".to_owned()));
    }
    ggml::check(&mut BufReader::new(file)).map_err(|error| refused(path, error))
}

fn refused(path: &Path, error: HeaderError) -> ModelError {
    match error {
        HeaderError::Truncated { len } => ModelError::Truncated {
            path: path.to_owned(),
            len,
        },
        reason @ (HeaderError::Magic
        | HeaderError::Parameter { .. }
        | HeaderError::Tensor { .. }
        | HeaderError::Io(_)) => ModelError::NotAModel {
            path: path.to_owned(),
            reason,
        },
    }
}
