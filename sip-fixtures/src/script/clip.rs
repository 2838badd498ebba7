//! Recordings a phone plays: 8 kHz, mono, 16 bit WAV.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A recording in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clip {
    /// File name, for timelines.
    pub name: String,
    /// Samples at 8 kHz.
    pub samples: Arc<[i16]>,
}

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ClipError {
    /// The file cannot be read as WAV.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: hound::Error,
    },
    /// The file has another format.
    #[error("{path} must be 8000 Hz, mono, 16 bit (make it so: sox IN -r 8000 -c 1 -b 16 OUT)")]
    WrongFormat {
        /// The file.
        path: PathBuf,
    },
}

impl Clip {
    /// A recording made in memory.
    pub fn new(name: &str, samples: impl Into<Arc<[i16]>>) -> Self {
        Clip {
            name: name.to_owned(),
            samples: samples.into(),
        }
    }

    /// Reads a WAV file.
    ///
    /// # Errors
    /// When the file cannot be read or is not 8 kHz mono 16 bit.
    pub fn load(path: &Path) -> Result<Self, ClipError> {
        let unreadable = |source| ClipError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let reader = hound::WavReader::open(path).map_err(unreadable)?;
        let spec = reader.spec();
        let is_pcm = spec.sample_format == hound::SampleFormat::Int;
        if (
            spec.sample_rate,
            spec.channels,
            spec.bits_per_sample,
            is_pcm,
        ) != (8000, 1, 16, true)
        {
            return Err(ClipError::WrongFormat {
                path: path.to_owned(),
            });
        }
        let samples: Result<Vec<i16>, _> = reader.into_samples().collect();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(Clip::new(&name, samples.map_err(unreadable)?))
    }
}
