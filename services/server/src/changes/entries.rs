//! Watching the entries of the log.

use super::feed::{Feed, Page, Taken};
use crate::call::errors::Problem;
use crate::ledger::entries::write;
use prost::Message as _;
use standing_domain::entry::gathered::{each_ref, each_restated};
use standing_domain::entry::slot::Ref;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_engine::{Ledger, StoredEntry};
use standing_proto::v1;
use standing_proto::v1::watch_entries_response::Message;
use std::cell::Cell;
use std::collections::BTreeSet;

/// How many positions a page has at most.
const PAGE: usize = 512;

/// How many bytes a page has, about: what a watch holds ready for a client that does not take it.
const BYTES: usize = 128 << 10;

/// How many entries are read at a time, so that a page that is full for its bytes reads little in
/// vain.
const AT_ONCE: usize = 64;

/// Which entries are watched.
pub(crate) struct Entries {
    /// The numbers of their kinds; every kind if there are none.
    pub kinds: BTreeSet<u32>,
    /// Whom they concern, any of these; everybody if there are none.
    pub parties: BTreeSet<PartyId>,
}

/// An entry as the hub sends it.
pub(crate) struct Told {
    entry: v1::Entry,
    /// Whom it concerns: worked out once for all watches.
    parties: BTreeSet<PartyId>,
}

impl Entries {
    /// Reads entries for all watches.
    pub fn told(
        ledger: &Ledger,
        positions: impl IntoIterator<Item = Position>,
    ) -> Result<Vec<Told>, Problem> {
        let read = ledger.entries(positions)?;
        read.into_iter()
            .map(|read| Told::new(ledger, read))
            .collect()
    }

    /// Returns the positions of a page, and whether they are all there is. Entries of other kinds
    /// are among them.
    fn positions(&self, ledger: &Ledger, after: Position, head: Position) -> (Vec<Position>, bool) {
        // One more than fits says whether there is another page.
        let most = PAGE + 1;
        let mut positions = if self.parties.is_empty() {
            ledger.positions(None, after.next(), head, most)
        } else {
            let concerning = |party: &PartyId| {
                let what = Ref::Party(party.clone());
                ledger.positions(Some(&what), after.next(), head, most)
            };
            let all: BTreeSet<Position> = self.parties.iter().flat_map(concerning).collect();
            all.into_iter().take(most).collect()
        };
        let is_last = positions.len() < most;
        positions.truncate(PAGE);
        (positions, is_last)
    }
}

impl Told {
    fn new(ledger: &Ledger, read: StoredEntry) -> Result<Self, Problem> {
        let mut parties = BTreeSet::new();
        let mut concern = |what| {
            if let Ref::Party(party) = what {
                parties.insert(party);
            }
        };
        let failure = Cell::new(None);
        let lookup = |position| match ledger.entry(position) {
            Ok(read) => Some(read?.entry.content),
            Err(error) => {
                failure.set(Some(error));
                None
            }
        };
        each_ref(&read.entry.content, &mut concern);
        each_restated(&read.entry.content, &lookup, &mut concern);
        if let Some(error) = failure.into_inner() {
            return Err(error.into());
        }
        Ok(Self {
            entry: write(read),
            parties,
        })
    }
}

impl Feed for Entries {
    type Place = Position;
    type Item = Told;
    type Message = v1::WatchEntriesResponse;

    const IS_DEAR: bool = false;

    fn read(
        &self,
        ledger: &Ledger,
        after: Position,
        stop: Stop<'_>,
    ) -> Result<Page<Self>, Problem> {
        let head = ledger.head().position;
        let (positions, mut is_last) = self.positions(ledger, after, head);
        let (mut messages, mut bytes) = (Vec::new(), 0);
        let (mut reached, mut told) = (after, after);
        'page: for some in positions.chunks(AT_ONCE) {
            stop.check()?;
            for read in ledger.entries(some.iter().copied())? {
                reached = read.entry.position;
                if self.kinds.is_empty() || self.kinds.contains(&read.kind.into()) {
                    let entry = write(read);
                    bytes += entry.encoded_len();
                    told = reached;
                    messages.push(entries_message(entry));
                }
                if bytes > BYTES {
                    is_last = is_last && positions.last() == Some(&reached);
                    break 'page;
                }
            }
        }
        if is_last {
            // After the last that concerns a party, all others do not.
            reached = head;
        }
        Ok(Page {
            messages,
            reached,
            is_silent: told < reached,
            is_last,
        })
    }

    fn take(&self, item: &Told, after: Position) -> Taken<Self> {
        let entry = &item.entry;
        let passes = (self.kinds.is_empty() || self.kinds.contains(&entry.kind_number))
            && (self.parties.is_empty() || !self.parties.is_disjoint(&item.parties));
        match Position::new(entry.position) {
            position if position <= after => Taken::Known,
            position if position > after.next() => Taken::Gap,
            position if passes => Taken::Next(vec![entries_message(entry.clone())], position),
            position => Taken::Next(Vec::new(), position),
        }
    }

    fn position(place: &Position) -> Position {
        *place
    }

    fn progress(place: &Position) -> v1::WatchEntriesResponse {
        response(Message::Progress(v1::Progress {
            position: place.number(),
        }))
    }

    fn caught_up(position: Position) -> v1::WatchEntriesResponse {
        response(Message::CaughtUp(v1::CaughtUp {
            position: position.number(),
        }))
    }

    fn heartbeat(position: Position) -> v1::WatchEntriesResponse {
        response(Message::Heartbeat(v1::Heartbeat {
            position: position.number(),
        }))
    }

    fn with_epoch(
        mut message: v1::WatchEntriesResponse,
        ledger: &Ledger,
    ) -> v1::WatchEntriesResponse {
        let position = match &message.message {
            Some(Message::Entry(entry)) => entry.position,
            Some(Message::CaughtUp(caught_up)) => caught_up.position,
            Some(Message::Progress(progress)) => progress.position,
            Some(Message::Heartbeat(heartbeat)) => heartbeat.position,
            None => 0,
        };
        message.epoch = ledger.epoch(Position::new(position)).number();
        message
    }
}

fn entries_message(entry: v1::Entry) -> v1::WatchEntriesResponse {
    response(Message::Entry(entry))
}

fn response(message: Message) -> v1::WatchEntriesResponse {
    v1::WatchEntriesResponse {
        message: Some(message),
        ..v1::WatchEntriesResponse::default()
    }
}
