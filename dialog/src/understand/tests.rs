//! Tables of utterances.
