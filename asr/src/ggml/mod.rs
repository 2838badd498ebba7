//! Checks a ggml Whisper file before the C loader sees it: the loader answers rubbish with a
//! crash, a null pointer or silently missing weights, and says why only in a log.

use std::io::{self, Read, Seek, SeekFrom};

/// "ggml" as a little-endian word.
const MAGIC: u32 = 0x6767_6d6c;
/// Hyperparameters above this are no model that this program could run.
const MAX_PARAMETER: u32 = 200_000;
/// Quantised files add 1000 times the quantisation's version to their file type.
const QUANTISATION_VERSION_FACTOR: u32 = 1000;
const MAX_DIMENSIONS: u32 = 4;
const MAX_NAME: u32 = 128;

/// The sizes at the head of a ggml Whisper file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Rows of the token embedding.
    pub vocab: u32,
    /// Most audio positions the encoder takes: 50 per second.
    pub audio_ctx: u32,
    /// Encoder width.
    pub audio_state: u32,
    /// Encoder layers.
    pub audio_layers: u32,
    /// Most tokens the decoder takes.
    pub text_ctx: u32,
    /// Decoder layers.
    pub text_layers: u32,
    /// Mel bands: 80, or 128 for the third large model.
    pub mels: u32,
    /// How the weights are stored, without the quantisation version.
    pub file_type: u32,
}

/// What is wrong with a model file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The first word is not the ggml magic.
    #[error("it does not start with the ggml magic")]
    Magic,
    /// A size in the header cannot be right.
    #[error("its header says {name} = {value}, which no Whisper model has")]
    Parameter {
        /// The header's field.
        name: &'static str,
        /// What the file says.
        value: u32,
    },
    /// A tensor's description is rubbish, or its weights have an unknown format.
    #[error("the tensor at byte {at} is not readable")]
    Tensor {
        /// Offset in bytes.
        at: u64,
    },
    /// The file ends before its last tensor does.
    #[error("it ends after {len} bytes, in the middle of its contents")]
    Truncated {
        /// Length of the file in bytes.
        len: u64,
    },
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Io(String),
}

/// Walks a whole model file, header, vocabulary and every tensor's extent, and returns its header.
pub(crate) fn check(file: &mut (impl Read + Seek)) -> Result<Header, HeaderError> {
    let mut walk = Walk::new(file)?;
    if walk.word()? != MAGIC {
        return Err(HeaderError::Magic);
    }
    let header = walk.header()?;
    walk.filters(header.mels)?;
    walk.vocabulary()?;
    while walk.at < walk.len {
        walk.tensor()?;
    }
    Ok(header)
}

struct Walk<'a, F> {
    file: &'a mut F,
    at: u64,
    len: u64,
}

impl<'a, F: Read + Seek> Walk<'a, F> {
    fn new(file: &'a mut F) -> Result<Self, HeaderError> {
        let len = file.seek(SeekFrom::End(0)).map_err(broken)?;
        file.seek(SeekFrom::Start(0)).map_err(broken)?;
        Ok(Self { file, at: 0, len })
    }

    fn word(&mut self) -> Result<u32, HeaderError> {
        if self.at + 4 > self.len {
            return Err(HeaderError::Truncated { len: self.len });
        }
        let mut bytes = [0; 4];
        self.file.read_exact(&mut bytes).map_err(broken)?;
        self.at += 4;
        Ok(u32::from_le_bytes(bytes))
    }

    fn skip(&mut self, bytes: u64) -> Result<(), HeaderError> {
        let end = self.at.checked_add(bytes).filter(|&end| end <= self.len);
        let Some(end) = end else {
            return Err(HeaderError::Truncated { len: self.len });
        };
        // Relative, so that a buffered reader keeps its buffer.
        let step = i64::try_from(bytes).map_err(|_| HeaderError::Truncated { len: self.len })?;
        self.file.seek_relative(step).map_err(broken)?;
        self.at = end;
        Ok(())
    }

    fn parameter(&mut self, name: &'static str) -> Result<u32, HeaderError> {
        let value = self.word()?;
        if value == 0 || value > MAX_PARAMETER {
            return Err(HeaderError::Parameter { name, value });
        }
        Ok(value)
    }

    fn header(&mut self) -> Result<Header, HeaderError> {
        let vocab = self.parameter("n_vocab")?;
        let audio_ctx = self.parameter("n_audio_ctx")?;
        let audio_state = self.parameter("n_audio_state")?;
        self.parameter("n_audio_head")?;
        let audio_layers = self.parameter("n_audio_layer")?;
        let text_ctx = self.parameter("n_text_ctx")?;
        let text_state = self.parameter("n_text_state")?;
        self.parameter("n_text_head")?;
        let text_layers = self.parameter("n_text_layer")?;
        let mels = self.parameter("n_mels")?;
        let file_type = self.word()? % QUANTISATION_VERSION_FACTOR;
        // The C loader asserts this, and an assertion there ends the process.
        if text_state != audio_state {
            return Err(HeaderError::Parameter {
                name: "n_text_state",
                value: text_state,
            });
        }
        if mels != 80 && mels != 128 {
            return Err(HeaderError::Parameter {
                name: "n_mels",
                value: mels,
            });
        }
        Ok(Header {
            vocab,
            audio_ctx,
            audio_state,
            audio_layers,
            text_ctx,
            text_layers,
            mels,
            file_type,
        })
    }

    fn filters(&mut self, mels: u32) -> Result<(), HeaderError> {
        let bands = self.parameter("filter bands")?;
        let bins = self.parameter("filter bins")?;
        if bands != mels {
            return Err(HeaderError::Parameter {
                name: "filter bands",
                value: bands,
            });
        }
        self.skip(4 * u64::from(bands) * u64::from(bins))
    }

    fn vocabulary(&mut self) -> Result<(), HeaderError> {
        for _ in 0..self.parameter("vocabulary size")? {
            let len = self.word()?;
            self.skip(len.into())?;
        }
        Ok(())
    }

    fn tensor(&mut self) -> Result<(), HeaderError> {
        let at = self.at;
        let rubbish = || HeaderError::Tensor { at };
        let (dimensions, name, kind) = (self.word()?, self.word()?, self.word()?);
        if dimensions == 0 || dimensions > MAX_DIMENSIONS || name == 0 || name > MAX_NAME {
            return Err(rubbish());
        }
        let mut elements = 1_u64;
        for _ in 0..dimensions {
            elements = elements
                .checked_mul(self.word()?.into())
                .ok_or_else(rubbish)?;
        }
        let (block, bytes) = block_of(kind).ok_or_else(rubbish)?;
        self.skip(name.into())?;
        self.skip((elements / block).checked_mul(bytes).ok_or_else(rubbish)?)
    }
}

/// Elements and bytes of one block of a ggml tensor type (`ggml.h`, `enum ggml_type`).
fn block_of(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 => (1, 4),      // f32
        1 => (1, 2),      // f16
        2 => (32, 18),    // q4_0
        3 => (32, 20),    // q4_1
        6 => (32, 22),    // q5_0
        7 => (32, 24),    // q5_1
        8 => (32, 34),    // q8_0
        10 => (256, 84),  // q2_k
        11 => (256, 110), // q3_k
        12 => (256, 144), // q4_k
        13 => (256, 176), // q5_k
        14 => (256, 210), // q6_k
        _ => return None,
    })
}

fn broken(error: io::Error) -> HeaderError {
    HeaderError::Io(error.to_string())
}

#[cfg(test)]
mod tests;
