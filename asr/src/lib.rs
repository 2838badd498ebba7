//! asr
