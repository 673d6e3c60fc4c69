//! Taking over what another ledger recorded: applied, made durable, shown; never decided.

use super::{Group, Writer};
use crate::writer::follow::{FollowError, Followed};
use crate::writer::request::Recorded;
use std::sync::Arc;

impl Writer {
    /// Takes over whole batches, all or none.
    pub(super) fn follow(&mut self, followed: Followed) {
        let Followed {
            first,
            batches,
            contents,
            bytes,
            ends,
            first_record_time,
            reply,
        } = followed;
        if let Some(damage) = self.shared.damage.get() {
            return reply(Err(FollowError::Damaged(Arc::clone(&damage.text))));
        }
        self.look_at_disk();
        if let Some(trouble) = self.shared.troubles.stopping() {
            return reply(Err(FollowError::HeldBack(trouble)));
        }
        if first != self.head.position + 1 {
            let head = self.head.position;
            return reply(Err(FollowError::NotNext { first, head }));
        }
        if first_record_time <= self.head.record_time {
            return reply(Err(FollowError::RecordTime { position: first }));
        }
        let mut group = Group::default();
        let touched = self.apply(first, &contents, &group);
        if let Some(error) = self.unread.take() {
            self.shared.retract(self.head.position, &touched, &contents);
            return reply(Err(FollowError::Entry(error)));
        }
        group.touched.push(touched);
        group.contents = contents;
        group.bytes = bytes;
        group.ends = ends;
        group.requests = batches;
        let mut index = self.shared.requests.write();
        for place in 0..group.requests.len() {
            group.each_id(place, self.head.position, |id, position| {
                index.insert(id.as_str(), position);
            });
        }
        drop(index);
        let last = group.requests.last().map(|(_, _, recorded)| *recorded);
        let answer = last.unwrap_or(Recorded {
            first,
            last: first,
            record_time: first_record_time,
            replayed: false,
        });
        group.answers.push((
            Box::new(move |outcome| {
                reply(
                    outcome
                        .map(|recorded| recorded.last)
                        .map_err(FollowError::from),
                );
            }),
            answer,
        ));
        self.commit(group);
    }
}
