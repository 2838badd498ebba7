//! Compiles the contract without `protoc`, and keeps its descriptors for gRPC reflection.

use prost::Message;
use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let descriptors = protox::compile(["sidetone/dialog/v1/dialog.proto"], ["."])?;
    let out = PathBuf::from(env::var("OUT_DIR")?).join("sidetone_descriptor.bin");
    fs::write(out, descriptors.encode_to_vec())?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    println!("cargo:rerun-if-changed=sidetone");
    Ok(())
}
