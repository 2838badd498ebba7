//! sidetone-server

pub mod ports;
pub mod sip;
