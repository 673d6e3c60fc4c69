//! What is done about stored bytes that do not verify: whoever met them is told by an error; here
//! the ledger as a whole takes note, and records nothing on top of them.

use crate::role::Role;
use crate::shared::Shared;
use crate::trouble::{Damage, TroubleKind};
use standing_domain::id::position::Position;
use std::sync::Arc;

impl Shared {
    /// From now on takes note of damage when it is met, whoever meets it.
    pub fn watch_for_damage(&self) {
        let role = self.role;
        let (troubles, damage) = (Arc::clone(&self.troubles), Arc::clone(&self.damage));
        self.log.on_damage(move |error, position| {
            let text = format!("{error}; {}", remedy(role));
            troubles.raise(TroubleKind::Damaged, || text.clone());
            // What was met first stays.
            let _ = damage.set(Damage {
                position,
                text: text.into(),
            });
        });
    }

    /// Returns the first damage that was met; none while none was.
    pub fn damage(&self) -> Option<&Damage> {
        self.damage.get()
    }

    /// Takes note of damage that was not met by reading.
    pub fn take_note(&self, position: Option<Position>, text: String) {
        self.troubles.raise(TroubleKind::Damaged, || text.clone());
        // What was met first stays.
        let _ = self.damage.set(Damage {
            position,
            text: text.into(),
        });
    }

    /// Says so if the last commit in the file was given up when the log was opened.
    pub fn tell_if_fallen_back(&self) {
        if self.log.fell_back() {
            self.troubles.raise(TroubleKind::FellBack, || {
                format!(
                    "the last commit in the file was not whole when it was opened and was given up: the head is {}. If \
                     recording was cut off by a crash, nobody was told of that commit and nothing is lost; otherwise entries \
                     after the head are missing: compare with a backup or a replica",
                    self.log.head()
                )
            });
        }
    }
}

fn remedy(role: Role) -> &'static str {
    match role {
        Role::Writer => {
            "nothing is recorded any more: stop the server, see with `standing verify` what else is damaged, and restore a backup"
        }
        Role::Follower => {
            "nothing is followed any more: stop the replica, remove its file, and start it again to follow from the beginning"
        }
    }
}
