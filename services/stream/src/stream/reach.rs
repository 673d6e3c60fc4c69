//! How far the streams hold a history, for whoever restores a ledger.

use crate::connect::{Connect, Link};
use crate::error::Trouble;
use crate::names::Names;
use crate::stream::{end, find, held};
use standing_domain::id::position::Position;

/// How far the streams hold the history of a ledger, or the one that was resumed in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The names of the streams in which it goes on last.
    pub names: Names,
    /// The last position that they hold.
    pub last: Position,
    /// Up to where that is the ledger's own history; none where it is the same one.
    pub kept: Option<Position>,
}

/// Tells how far the streams of NATS hold an association's history, from those of an epoch on and
/// wherever they go on; none where there is none.
///
/// # Errors
/// NATS is not reached, or does not answer, or a stream goes on in one that is not there: why.
pub async fn how_far(connect: &Connect, names: &Names) -> Result<Option<Reach>, String> {
    let told = |trouble: Trouble| trouble.to_string();
    let link = Link::once(connect).await.map_err(told)?;
    let (mut names, mut kept) = (names.clone(), None::<Position>);
    loop {
        let stream = names.entries_stream();
        let Some(found) = find(&link, &stream).await.map_err(told)? else {
            return match kept {
                None => Ok(None),
                Some(_) => Err(format!(
                    "the history goes on in stream {stream}, which is not there"
                )),
            };
        };
        match end(&found).await.map_err(told)? {
            // A history goes on in later ones only.
            Some(end) if end.epoch > names.epoch() => {
                names = names.in_epoch(end.epoch);
                kept = Some(kept.map_or(end.kept, |kept| kept.min(end.kept)));
            }
            _ => {
                let last = held(&found);
                return Ok(Some(Reach { names, last, kept }));
            }
        }
    }
}
