//! sidetone-server
pub mod config;
pub mod shop;
pub mod store;
