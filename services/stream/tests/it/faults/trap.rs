//! What befalls the publisher when it comes to a moment.

use super::proxy::Way;
use standing_stream::{Hook, Point, Which};
use std::sync::{Arc, Mutex};
use tokio::sync::watch;

/// A kind of moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Look,
    Checked,
    Compared,
    Send,
    Sent,
    Confirmed,
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::Look,
        Self::Checked,
        Self::Compared,
        Self::Send,
        Self::Sent,
        Self::Confirmed,
    ];

    fn of(point: Point) -> Self {
        match point {
            Point::Look => Self::Look,
            Point::Checked => Self::Checked,
            Point::Compared => Self::Compared,
            Point::Send(_) => Self::Send,
            Point::Sent(_) => Self::Sent,
            Point::Confirmed(_) => Self::Confirmed,
        }
    }

    /// Returns whether a publisher comes to it only after something went wrong, or in the
    /// beginning.
    pub fn is_of_beginning(self) -> bool {
        matches!(self, Self::Look | Self::Checked | Self::Compared)
    }
}

/// What happens at the moment.
#[derive(Debug, Clone)]
pub enum Blow {
    /// The publisher ends, as in a crash.
    End,
    /// Its connections are cut.
    Cut(watch::Sender<Way>),
}

struct Set {
    which: Which,
    kind: Kind,
    /// How often it comes to such a moment before.
    before: u64,
    blow: Blow,
}

/// A trap that can be set again and again.
#[derive(Default)]
pub struct Trap {
    set: Mutex<Option<Set>>,
}

impl Trap {
    pub fn set(&self, which: Which, kind: Kind, before: u64, blow: Blow) {
        *self.set.lock().unwrap() = Some(Set {
            which,
            kind,
            before,
            blow,
        });
    }

    /// Returns whether it has sprung since it was set.
    pub fn has_sprung(&self) -> bool {
        self.set.lock().unwrap().is_none()
    }

    pub fn hook(self: &Arc<Self>) -> Hook {
        let trap = Arc::clone(self);
        Arc::new(move |which, point| match trap.spring(which, point) {
            // No message: this is no failure.
            Some(Blow::End) => std::panic::resume_unwind(Box::new(())),
            Some(Blow::Cut(way)) => {
                way.send_replace(Way::Cut);
            }
            None => {}
        })
    }

    fn spring(&self, which: Which, point: Point) -> Option<Blow> {
        let mut set = self.set.lock().unwrap();
        let due = |set: &mut Set| {
            if (set.which, set.kind) != (which, Kind::of(point)) {
                return false;
            }
            let is_due = set.before == 0;
            set.before = set.before.saturating_sub(1);
            is_due
        };
        set.take_if(due).map(|set| set.blow)
    }
}
