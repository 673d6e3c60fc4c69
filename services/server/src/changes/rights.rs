//! Watching computed changes of rights, step by step.

use super::feed::{Feed, Page, Taken};
use crate::call::errors::Problem;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_domain::time::record_time::RecordTime;
use standing_engine::{Cursor, Frontier, Ledger, Step};
use standing_proto::change::write_change;
use standing_proto::time::timestamp;
use standing_proto::v1;
use standing_proto::v1::watch_rights_response::Message;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How many steps a page has at most.
const STEPS: usize = 1_000;

/// How many messages a page has, about: what a watch holds ready for a client that does not take
/// them.
const MESSAGES: usize = 1_000;

/// How long a page may take, about: others wait for their turn.
const TURN: Duration = Duration::from_millis(250);

/// Which changes are watched.
pub(crate) struct Rights {
    /// Whose, any of these; everybody's if there are none.
    pub parties: BTreeSet<String>,
    /// Of which rights; of every right if there are none.
    pub rights: BTreeSet<String>,
}

/// A place in the stream: between two steps, or within one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// After the last whole step.
    pub cursor: Cursor,
    /// How many messages of the step after it have been sent.
    pub skip: usize,
    /// How many messages with a change the last whole step has.
    count: u32,
    /// The record time of the entry there.
    record_time: RecordTime,
}

/// A step as the hub sends it.
pub(crate) struct Walked {
    /// The place before it.
    before: Cursor,
    /// The place after it.
    pub after: Cursor,
    record_time: RecordTime,
    changes: Vec<v1::RightChange>,
}

impl Place {
    /// Returns the place between two steps.
    pub fn after(cursor: Cursor) -> Self {
        Self::within(cursor, 0)
    }

    /// Returns the place after so many messages of the step that follows a cursor.
    pub fn within(cursor: Cursor, skip: usize) -> Self {
        Self {
            cursor,
            skip,
            count: 0,
            record_time: RecordTime::ZERO,
        }
    }
}

impl Rights {
    /// Works out a step for all watches; none if there is none up to the frontier.
    pub fn walked(
        ledger: &Ledger,
        after: Cursor,
        to: Frontier,
        stop: Stop<'_>,
    ) -> Result<Vec<Walked>, Problem> {
        let next = ledger.next_step(after, to, stop)?;
        Ok(next
            .into_iter()
            .map(|next| Walked::new(after, &next))
            .collect())
    }

    fn has_filter(&self) -> bool {
        !self.parties.is_empty() || !self.rights.is_empty()
    }

    fn passes(&self, change: &v1::RightChange) -> bool {
        (self.parties.is_empty() || self.parties.contains(&change.party))
            && (self.rights.is_empty() || self.rights.contains(&change.right))
    }

    /// Returns the messages of a step after the first so many; none if it is passed over.
    fn messages(&self, step: &Walked, skip: usize) -> Vec<v1::WatchRightsResponse> {
        if step.changes.is_empty() && !self.has_filter() {
            return vec![Self::progress(&step.place())];
        }
        let numbered = (1..).zip(&step.changes).skip(skip);
        let passing = numbered.filter(|(_, change)| self.passes(change));
        let events = passing.map(|(index, change)| step.place().event(index, Some(change.clone())));
        events.collect()
    }
}

impl Walked {
    fn new(before: Cursor, step: &Step) -> Self {
        let changes = step.changes.iter();
        Self {
            before,
            after: step.cursor,
            record_time: step.record_time,
            changes: changes
                .map(|change| write_change(change, step.first))
                .collect(),
        }
    }

    fn place(&self) -> Place {
        Place {
            cursor: self.after,
            skip: 0,
            count: u32::try_from(self.changes.len()).unwrap_or(u32::MAX),
            record_time: self.record_time,
        }
    }
}

impl Place {
    fn event(&self, index: u32, change: Option<v1::RightChange>) -> v1::WatchRightsResponse {
        let Cursor { position, day } = self.cursor;
        response(Message::Event(v1::RightsEvent {
            cursor: Some(v1::ChangeCursor {
                position: position.number(),
                day: day.map(|day| day.to_string()).unwrap_or_default(),
                index,
                count: self.count,
                ..v1::ChangeCursor::default()
            }),
            change,
            record_time: (self.record_time != RecordTime::ZERO)
                .then(|| timestamp(self.record_time)),
            ..v1::RightsEvent::default()
        }))
    }
}

impl Feed for Rights {
    type Place = Place;
    type Item = Walked;
    type Message = v1::WatchRightsResponse;

    // Steps are worked out anew.
    const IS_DEAR: bool = true;

    fn read(&self, ledger: &Ledger, after: Place, stop: Stop<'_>) -> Result<Page<Self>, Problem> {
        let frontier = ledger.frontier();
        let start = Instant::now();
        let mut page: Page<Self> = Page {
            messages: Vec::new(),
            reached: after,
            is_silent: false,
            is_last: false,
        };
        for _ in 0..STEPS {
            let before: Place = page.reached;
            let Some(next) = ledger.next_step(before.cursor, frontier, stop)? else {
                page.is_last = true;
                break;
            };
            let walked = Walked::new(before.cursor, &next);
            let messages = self.messages(&walked, before.skip);
            page.reached = walked.place();
            page.is_silent = messages.is_empty();
            page.messages.extend(messages);
            if page.messages.len() >= MESSAGES || start.elapsed() >= TURN {
                break;
            }
        }
        Ok(page)
    }

    fn take(&self, item: &Walked, after: Place) -> Taken<Self> {
        if item.after <= after.cursor {
            return Taken::Known;
        }
        if item.before != after.cursor {
            return Taken::Gap;
        }
        Taken::Next(self.messages(item, after.skip), item.place())
    }

    fn position(place: &Place) -> Position {
        place.cursor.position
    }

    fn progress(place: &Place) -> v1::WatchRightsResponse {
        place.event(place.count, None)
    }

    fn caught_up(position: Position) -> v1::WatchRightsResponse {
        response(Message::CaughtUp(v1::CaughtUp {
            position: position.number(),
        }))
    }

    fn heartbeat(position: Position) -> v1::WatchRightsResponse {
        response(Message::Heartbeat(v1::Heartbeat {
            position: position.number(),
        }))
    }

    fn with_epoch(
        mut message: v1::WatchRightsResponse,
        ledger: &Ledger,
    ) -> v1::WatchRightsResponse {
        let epoch = |position| ledger.epoch(Position::new(position)).number();
        message.epoch = match &mut message.message {
            Some(Message::Event(event)) => event.cursor.as_mut().map_or(0, |cursor| {
                cursor.epoch = epoch(cursor.position);
                cursor.epoch
            }),
            Some(Message::CaughtUp(caught_up)) => epoch(caught_up.position),
            Some(Message::Heartbeat(heartbeat)) => epoch(heartbeat.position),
            None => 0,
        };
        message
    }
}

fn response(message: Message) -> v1::WatchRightsResponse {
    v1::WatchRightsResponse {
        message: Some(message),
        ..v1::WatchRightsResponse::default()
    }
}
