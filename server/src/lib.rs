//! sidetone-server
pub mod config;
