//! What the outside world sends to the server: scripted phones, recorded callers, hostile messages.
//!
//! Used by tests, by `sidetone call` and by the demo. Nothing here is part of the product's path.

pub mod measure;
pub mod phone;
pub mod script;
pub mod torture;
