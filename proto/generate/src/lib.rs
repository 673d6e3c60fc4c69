//! Makes the generated code of the contract, and holds what is committed in `proto/src/generated`
//! against it. After a change of a .proto file write it anew:
//!
//! ```sh
//! STANDING_BLESS=1 cargo test -p standing-generate
//! ```
//!
//! It stands in a crate of its own, which names no other of the workspace: code can be generated
//! while what uses it does not compile yet.
#![cfg(test)]

use protox::Compiler;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};
use tonic_prost_build::Config;

/// Both files, in `proto/src/generated`.
const CODE: &str = "standing.v1.rs";
const DESCRIPTORS: &str = "standing.v1.binpb";

#[test]
fn the_committed_code_is_what_the_generator_makes() {
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let committed = proto.join("src/generated");
    let bless = env::var_os("STANDING_BLESS").is_some_and(|value| value == "1");
    let made = make(&proto).expect("the contract compiles");
    for (name, bytes) in [(CODE, made.code), (DESCRIPTORS, made.descriptors)] {
        let path = committed.join(name);
        if bless {
            fs::write(&path, &bytes).expect("generated code can be written");
        }
        let found = fs::read(&path).unwrap_or_default();
        assert!(
            found == bytes,
            "proto/src/generated/{name} is not what the generator makes of proto/standing/v1: run \
             STANDING_BLESS=1 cargo test -p standing-generate"
        );
    }
}

struct Generated {
    code: Vec<u8>,
    descriptors: Vec<u8>,
}

/// Compiles the contract with protox: no protoc to install.
fn make(proto: &Path) -> Result<Generated, Box<dyn Error>> {
    let mut compiler = Compiler::new([proto])?;
    compiler
        .include_source_info(true)
        .include_imports(true)
        .open_files(sources(proto)?)?;

    // With their names, messages find their descriptors (see `standing_proto::json`).
    let mut config = Config::new();
    config.enable_type_names();
    let folder = tempfile::tempdir()?;
    tonic_prost_build::configure()
        .out_dir(folder.path())
        // What cannot be read is the sender's fault, not the server's.
        .codec_path("crate::codec::ProtoCodec")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)?;
    Ok(Generated {
        code: fs::read(folder.path().join(CODE))?,
        descriptors: compiler.encode_file_descriptor_set(),
    })
}

/// Lists the .proto files, sorted so that every run gives the same bytes.
fn sources(proto: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(proto.join("standing/v1"))? {
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
