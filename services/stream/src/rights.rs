//! A step of computed changes as messages, and its place back.

use crate::message::{Form, Outgoing, sequence, sha256, time};
use crate::names::{Names, header};
use async_nats::HeaderMap;
use prost::Message as _;
use prost_types::Timestamp;
use standing_domain::answers::changes::RightChange;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::{Cursor, Step};
use standing_proto::change::write_change;
use standing_proto::time::timestamp;
use standing_proto::v1;
use std::vec::IntoIter;

/// Where a message of the stream of changes stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The place after its step.
    pub cursor: Cursor,
    /// The first position of the step's batch; none for the start of a day.
    pub first: Option<Position>,
    /// Which message of its step, from 1; 0 for the one that nothing changed.
    pub index: u32,
    /// How many messages with a change the step has.
    pub count: u32,
}

impl Place {
    /// Returns the place before the step.
    pub fn before(&self) -> Cursor {
        let Cursor { position, day } = self.cursor;
        match self.first {
            Some(Position::FIRST) => Cursor::START,
            // A batch begins no day: those up to its own have begun before it.
            Some(first) => Cursor {
                position: first.previous(),
                day,
            },
            None => Cursor {
                position,
                day: day.map(Day::previous),
            },
        }
    }

    /// Returns whether the place is the next after another.
    pub fn follows(&self, earlier: &Self) -> bool {
        let is_last = earlier.index == earlier.count;
        if is_last {
            self.index <= 1 && self.before() == earlier.cursor
        } else {
            (self.cursor, self.first, self.count) == (earlier.cursor, earlier.first, earlier.count)
                && self.index == earlier.index + 1
        }
    }

    /// Returns the place as the contract has it, in the epoch of its position.
    pub fn wire(&self, epoch: Epoch) -> v1::ChangeCursor {
        let day = self.cursor.day;
        v1::ChangeCursor {
            position: self.cursor.position.number(),
            day: day.map(|day| day.to_string()).unwrap_or_default(),
            index: self.index,
            count: self.count,
            epoch: epoch.number(),
        }
    }

    /// Reads the place of a message; none if its headers tell none.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &'static str) -> Option<T> {
            headers.get(name)?.as_str().parse().ok()
        }
        let first = Position::new(number(headers, header::FIRST)?);
        let place = Self {
            cursor: Cursor {
                position: Position::new(number(headers, header::POSITION)?),
                day: Some(Day::parse(headers.get(header::DAY)?.as_str()).ok()?),
            },
            first: (first > Position::ZERO).then_some(first),
            index: number(headers, header::INDEX)?,
            count: number(headers, header::COUNT)?,
        };
        let in_step = place.index <= place.count && (place.index == 0) == (place.count == 0);
        let in_log = first <= place.cursor.position && place.cursor.position > Position::ZERO;
        (in_step && in_log).then_some(place)
    }
}

/// Returns the form of the messages of computed changes.
pub(crate) fn form(names: &Names) -> Form {
    let own = [
        header::POSITION,
        header::DAY,
        header::INDEX,
        header::COUNT,
        header::FIRST,
    ];
    Form::new(names, "standing.v1.RightsEvent", &own)
}

/// The messages of a step, each written when it is asked for: one for each change, or one that
/// nothing changed.
pub(crate) struct StepMessages {
    /// The place of the next; none behind the last.
    next: Option<Place>,
    /// The changes from there on.
    changes: IntoIter<RightChange>,
    /// The place of each as the contract has it, but for the index.
    cursor: v1::ChangeCursor,
    record_time: Timestamp,
    /// The record time in words.
    recorded: String,
}

impl StepMessages {
    /// Returns the messages of a step.
    pub fn of(step: Step) -> Self {
        // A step has fewer changes than there are parties times rights times bodies; 2^32 of them
        // do not fit into memory.
        let count = u32::try_from(step.changes.len()).unwrap_or(u32::MAX);
        let place = Place {
            cursor: step.cursor,
            first: step.first,
            index: count.min(1),
            count,
        };
        let record_time = timestamp(step.record_time);
        Self {
            next: Some(place),
            changes: step.changes.into_iter(),
            cursor: place.wire(step.epoch),
            record_time,
            recorded: record_time.to_string(),
        }
    }

    /// Leaves out those before an index.
    pub fn skip_to(mut self, index: u32) -> Self {
        while self.next.is_some_and(|place| place.index < index) {
            self.advance();
        }
        self
    }

    /// Returns whether every one was written.
    pub fn is_empty(&self) -> bool {
        self.next.is_none()
    }

    /// Writes the next message; none behind the last. `sequence` is its place in the stream.
    pub fn next(&mut self, form: &Form, sequence: u64) -> Option<(Place, Outgoing)> {
        let (place, change) = self.advance()?;
        let message = self.write(form, &place, change.as_ref(), sequence);
        Some((place, message))
    }

    /// Goes on to the next place; returns that before, and the change there.
    fn advance(&mut self) -> Option<(Place, Option<RightChange>)> {
        let place = self.next?;
        let index = place.index + 1;
        self.next = (place.index < place.count).then_some(Place { index, ..place });
        Some((place, self.changes.next()))
    }

    fn write(
        &self,
        form: &Form,
        place: &Place,
        change: Option<&RightChange>,
        in_stream: u64,
    ) -> Outgoing {
        let index = place.index;
        let cursor = v1::ChangeCursor {
            index,
            ..self.cursor.clone()
        };
        let (association, position, day) = (form.names.association(), cursor.position, &cursor.day);
        let starts = change.map(|change| change.start);
        // What was never otherwise begins on no day.
        let starts = starts.filter(|day| *day > Day::MIN);
        let mut headers = form.headers(change.is_some());
        headers.set(
            header::ID,
            format!("{association}/{position}/{day}/{index}"),
        );
        if let Some(change) = change {
            headers.set(header::SUBJECT, change.party.to_string());
            headers.set(header::PARTIES, change.party.to_string());
        }
        headers.set(header::TIME, time(starts, &self.recorded));
        headers.set(header::RECORDED_TIME, self.recorded.clone());
        headers.set(header::SEQUENCE, sequence(in_stream));
        headers.set(header::POSITION, position.to_string());
        headers.set(header::DAY, day.clone());
        headers.set(header::INDEX, index.to_string());
        headers.set(header::COUNT, cursor.count.to_string());
        headers.set(header::FIRST, place.first.unwrap_or_default().to_string());
        let event = v1::RightsEvent {
            cursor: Some(cursor),
            change: change.map(|change| write_change(change, place.first)),
            record_time: Some(self.record_time),
            end: None,
        };
        let payload = event.encode_to_vec();
        headers.set(header::SHA256, sha256(&payload));
        let change = change.map(|change| (&change.right, &change.party));
        Outgoing {
            subject: form.names.change_subject(change),
            headers: headers.0,
            payload,
        }
    }
}
