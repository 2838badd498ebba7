//! sip-fixtures
