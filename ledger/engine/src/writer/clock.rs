//! The writer looks at the clock. A day begins with the first entry recorded on it, or when the
//! writer looks at the clock and nothing was recorded: then its beginning is made durable before
//! anybody is told, so that no later entry can have an earlier record time, whatever the clock
//! says.

use super::Writer;
use crate::chain::chain;
use crate::clock::{day_of, start_of};
use crate::point::Frontier;
use crate::role::Role;
use crate::trouble::TroubleKind;
use crate::writer::gauge::wall::{Doubts, Instant, Span};
use crate::writer::group::Group;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::record_time::RecordTime;
use standing_store::DayFloor;

/// How far ahead of an instant that is asked about the next ones are made durable with it, in
/// microseconds.
const AHEAD: u64 = 1_000_000;

impl Writer {
    /// Tells those who wait how far the ledger has come.
    pub(super) fn tell(&self) {
        let frontier = Frontier {
            head: self.head,
            day: self.days.day,
        };
        self.shared.tell(frontier, self.days.floor);
        // A follower knows up to where all has come by what it is told of days.
        if self.role == Role::Writer {
            self.shared.close(self.bound());
        }
    }

    /// Returns the instant that later entries are recorded after.
    pub(super) fn bound(&self) -> RecordTime {
        self.days.floor.max(self.days.closed)
    }

    /// Records nothing more at an instant or before it, so that what is known there can be told for
    /// ever. That is durable a second ahead: whoever asks often writes once a second. Where it
    /// cannot be made durable, or the instant is still to come, nothing is promised.
    pub(super) fn close(&mut self, instant: RecordTime) {
        let is_to_come = instant > self.shared.now().max(self.head.record_time);
        let troubles = &self.shared.troubles;
        let is_held_back = troubles.fence().is_some() || self.shared.damage().is_some();
        if self.role == Role::Follower || is_to_come || is_held_back {
            return;
        }
        if instant > self.days.reserved {
            let reserved = instant.after(AHEAD);
            if let Err(error) = self.shared.log.reserve(reserved) {
                tracing::error!(error = chain(&error), "an instant was not reserved");
                // As with the beginning of a day.
                self.recover(Group::default());
                self.days.reload(&self.shared, self.head);
                return;
            }
            self.days.reserved = reserved;
        }
        self.days.closed = self.days.closed.max(instant);
        self.shared.close(self.bound());
    }

    /// Begins the day that the clock tells, if it is a later one.
    pub(super) fn look_at_clock(&mut self) {
        self.look_at_wall();
        if self.role == Role::Follower || self.head.position == Position::ZERO {
            return;
        }
        let now = self.shared.now();
        self.begin(day_of(&self.days.zone, now), now);
    }

    /// Begins a day that the ledger this one follows has seen begin, as known at a position. What
    /// was recorded before that day has come by then.
    pub(super) fn begin_day(&mut self, day: Day, at: Position) {
        if self.head.position > Position::ZERO {
            self.begin(day, RecordTime::ZERO);
            let start = start_of(&self.shared.zone(at), day);
            self.shared.close(start.previous());
        }
    }

    fn begin(&mut self, day: Day, instant: RecordTime) {
        if self.days.day.is_some_and(|begun| day <= begun) {
            return;
        }
        if self.shared.troubles.stopping().is_some() {
            // It begins when recording goes on. A clock that is too far ahead begins no day at all.
            return;
        }
        let floor = DayFloor {
            day: day.into(),
            instant: instant.max(self.days.floor),
        };
        match self.shared.log.announce_day(floor) {
            Ok(()) => {
                self.days.day = Some(day);
                self.days.floor = floor.instant;
                self.tell();
            }
            Err(error) => {
                tracing::error!(
                    error = chain(&error),
                    "the beginning of a day was not written"
                );
                // As with a failed commit: whether it is on disk shows when the log is opened
                // again.
                self.recover(Group::default());
                self.days.reload(&self.shared, self.head);
                self.tell();
            }
        }
    }

    /// Looks whether the clock can be trusted, and tells if not.
    pub(super) fn look_at_wall(&mut self) {
        if self.role == Role::Follower {
            // What it takes over has its times.
            return;
        }
        let now = self.shared.now();
        let last = self.head.record_time.max(self.bound());
        let Doubts {
            behind,
            jumped,
            far,
        } = self.wall.look(now, last);
        let tell = |kind, doubt: Option<u64>, text: &dyn Fn(u64) -> String| match doubt {
            Some(by) => drop(self.shared.troubles.raise(kind, || text(by))),
            None => drop(self.shared.troubles.clear(kind)),
        };
        let (now, last) = (Instant(now), Instant(last));
        tell(TroubleKind::ClockBehind, behind, &|by| {
            format!(
                "the clock says {now}, {} behind the last entry or day ({last}): what is recorded gets times that the clock has \
                 not reached; set the clock",
                Span(by)
            )
        });
        tell(TroubleKind::ClockAhead, jumped, &|by| {
            format!(
                "the clock jumped ahead by {} while the ledger ran and says {now}: if it is wrong, set it before anything is \
                 recorded",
                Span(by)
            )
        });
        tell(TroubleKind::ClockFarAhead, far, &|by| {
            format!(
                "the clock says {now}, {} after the last entry or day ({last}): nothing is recorded; set the clock, or if it is \
                 right start again with --accept-clock",
                Span(by)
            )
        });
    }
}
