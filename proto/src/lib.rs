//! The gRPC contract, compiled. It knows none of the other crates: conversions live in the shell.

/// Package `sidetone.dialog.v1`: the service between the media server and a brain.
pub mod dialog {
    /// Version 1.
    #[allow(
        missing_docs,
        unreachable_pub,
        clippy::all,
        clippy::pedantic,
        reason = "generated from the .proto files, which carry the documentation"
    )]
    pub mod v1 {
        tonic::include_proto!("sidetone.dialog.v1");
    }
}

/// The compiled descriptors of every package here, for gRPC reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sidetone_descriptor.bin"));
