//! The history that the peers are loaded with: the entries of the ledger, byte for byte.

use crate::scale::Scale;
use standing_bench::{Outcome, crowd, world};
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::entry::gathered::each_ref;
use standing_domain::entry::slot::Ref;
use standing_domain::id::position::Position;
use std::collections::BTreeSet;

/// An entry, with the parties that it is about.
pub struct Entry {
    pub position: u64,
    pub stored: Vec<u8>,
    pub kind: &'static str,
    pub parties: BTreeSet<String>,
}

/// Returns the entries of the history, in order.
pub fn entries(scale: &Scale) -> Outcome<impl Iterator<Item = Outcome<(Entry, Content)>>> {
    let contents = (1..).zip(crowd::history(scale.size())?);
    Ok(contents.map(|(position, content)| {
        let content = content?;
        let mut parties = BTreeSet::new();
        each_ref(&content, &mut |what| {
            if let Ref::Party(party) = what {
                parties.insert(party.to_string());
            }
        });
        let entry = Entry {
            position,
            stored: world::stored(Position::new(position), &content)?,
            kind: kind(content.event.as_ref()),
            parties,
        };
        Ok((entry, content))
    }))
}

fn kind(event: Option<&Event>) -> &'static str {
    match event {
        Some(Event::PartyRegistered(_)) => "party-registered",
        Some(Event::MemberAdmitted { .. }) => "member-admitted",
        Some(Event::DuesAssessed(_)) => "dues-assessed",
        Some(Event::DuesPaid(_)) => "dues-paid",
        _ => "other",
    }
}
