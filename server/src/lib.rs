//! sidetone-server
