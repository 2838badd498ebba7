//! sidetone-server
pub mod cli;
pub mod config;
pub mod doctor;
pub mod shop;
pub mod store;
