//! Measures the server as its callers do: in the packets and audio that they receive.

pub mod run;
pub mod summary;
