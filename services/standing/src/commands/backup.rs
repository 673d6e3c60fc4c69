//! Fetching a backup.

use crate::args;
use crate::client::Client;
use crate::failure::Failure;
use crate::file::fresh::Fresh;
use data_encoding::HEXLOWER;
use serde_json::json;
use standing_proto::v1::BackupRequest;
use standing_server::engine::store::backup;
use std::io;
use std::io::{ErrorKind, Write as _};

/// Fetches a backup into a new file. It gets its name once it is whole and on disk, and was
/// verified.
pub async fn backup(client: &Client, args: &args::Backup) -> Result<String, Failure> {
    let shown = args.file.display();
    let cannot = |error: io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::refused(format!("{shown} is there already"))
            .detail("a backup is never written over: name another file, or move it away"),
        _ => Failure::failed(format!("cannot write {shown}")).because(&error),
    };
    let mut fresh = Fresh::begin(&args.file).map_err(cannot)?;
    let mut pieces = client.ledger().backup(BackupRequest {}).await?.into_inner();
    while let Some(piece) = pieces.message().await? {
        fresh.file().write_all(&piece.piece).map_err(cannot)?;
    }
    let verified = backup::verify(fresh.part()).map_err(cannot)?;
    let is_sound = verified.is_sound();
    let trailer = verified.trailer.map_err(|error| {
        Failure::failed("what the server sent is no whole backup").because(&error)
    })?;
    if !is_sound {
        return Err(Failure::failed("what the server sent is not sound")
            .detail("have the file of the server verified: standing verify"));
    }
    fresh.keep().map_err(cannot)?;
    let (head, root) = (trailer.head, HEXLOWER.encode(&trailer.root));
    if args.form.json {
        return Ok(format!("{}\n", json!({ "head": head, "root": root })));
    }
    Ok(format!(
        "{shown}: everything up to entry {head}\n  root {root}\n  keys of persons are not in it: back the key file up apart from it\n"
    ))
}
