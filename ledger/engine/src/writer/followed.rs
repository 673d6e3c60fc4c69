//! Taking over what another ledger recorded: applied, made durable, shown; never decided.

use super::Writer;
use crate::writer::follow::{FollowError, FollowReply, Followed};
use crate::writer::group::{Answer, Group};
use crate::writer::request::{Outcome, Recorded};
use std::sync::Arc;

impl Writer {
    /// Takes over whole batches, all or none.
    pub(super) fn follow(&mut self, followed: Followed, reply: FollowReply) {
        let Followed {
            first,
            batches,
            contents,
            entries,
            first_record_time,
        } = followed;
        if let Some(damage) = self.shared.damage() {
            return reply(Err(FollowError::Damaged(Arc::clone(&damage.text))));
        }
        self.look_at_disk();
        if let Some(trouble) = self.shared.troubles.stopping() {
            return reply(Err(FollowError::HeldBack(trouble)));
        }
        if first != self.head.position.next() {
            let head = self.head.position;
            return reply(Err(FollowError::NotNext { first, head }));
        }
        if first_record_time <= self.head.record_time {
            return reply(Err(FollowError::RecordTime { position: first }));
        }
        let trial = self
            .above(&Group::after(self.head.position))
            .apply(contents);
        if let Some(error) = self.unread.take() {
            trial.retract(&self.shared);
            return reply(Err(FollowError::Entry(error)));
        }
        let last = batches.last().map(|batch| batch.recorded);
        let outcome = Outcome::Recorded(last.unwrap_or(Recorded {
            first,
            last: first,
            record_time: first_record_time,
        }));
        let end = trial.last();
        let mut group = Group {
            after: self.head.position,
            contents: trial.contents,
            touched: vec![trial.touched],
            entries: Arc::new(entries),
            passed: batches,
            answers: vec![Answer {
                reply: Box::new(move |outcome| {
                    reply(outcome.map(|_| end).map_err(FollowError::from));
                }),
                outcome,
            }],
            ..Group::default()
        };
        self.shared.note_ids(|note| group.each_id(note));
        self.commit(&mut group);
    }
}
