//! Compiles the contract with protox: no protoc to install.

use std::path::{Path, PathBuf};
use std::{env, error, fs};

const PROTOS: &str = "standing/v1";

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={PROTOS}");

    let crate_dir = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);

    let mut compiler = protox::Compiler::new([&crate_dir])?;
    compiler
        .include_source_info(true)
        .include_imports(true)
        .open_files(protos(&crate_dir)?)?;
    fs::write(
        out_dir.join("standing.v1.binpb"),
        compiler.encode_file_descriptor_set(),
    )?;

    // With their names, messages find their descriptors (see `json`).
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names();
    tonic_prost_build::configure()
        // What cannot be read is the sender's fault, not the server's.
        .codec_path("crate::codec::ProtoCodec")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(())
}

/// Lists the .proto files, sorted so that every build gives the same bytes.
fn protos(crate_dir: &Path) -> Result<Vec<PathBuf>, Box<dyn error::Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(crate_dir.join(PROTOS))? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
