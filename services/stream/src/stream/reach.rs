//! How far the streams hold a history, for whoever restores a ledger.

use crate::connect::{Connect, Link};
use crate::error::Trouble;
use crate::names::Names;
use crate::stream::{end, find, held};
use standing_domain::id::position::Position;

/// Tells how far the streams of NATS hold an association's history, from those of an epoch on and
/// wherever they go on: the names of the last, and its last position; none where there is none.
///
/// # Errors
/// NATS is not reached, or does not answer: why.
pub async fn how_far(
    connect: &Connect,
    names: &Names,
) -> Result<Option<(Names, Position)>, String> {
    let told = |trouble: Trouble| trouble.to_string();
    let link = Link::once(connect).await.map_err(told)?;
    let mut names = names.clone();
    loop {
        let found = find(&link, &names.entries_stream()).await;
        let Some(found) = found.map_err(told)? else {
            return Ok(None);
        };
        match end(&found).await.map_err(told)? {
            // A history goes on in later ones only.
            Some(end) if end.epoch > names.epoch() => names = names.in_epoch(end.epoch),
            _ => return Ok(Some((names, held(&found)))),
        }
    }
}
