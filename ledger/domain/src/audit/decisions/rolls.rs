//! Findings on rolls: what was annulled later does not move them, and an annulment of which nobody
//! says when it was made leaves them open (rule 23).

use crate::answers::view::Parties;
use crate::audit::{Audit, Code, Finding, Severity};
use crate::entry::gathered::keys;
use crate::entry::key::Key;
use crate::entry::slot::Slot;
use crate::id::PartyId;
use crate::id::position::Position;
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::when::Window;
use std::collections::BTreeSet;

impl<P: Parties> Audit<'_, P> {
    pub(in crate::audit) fn roll_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        for session in self.sessions {
            self.stop.check()?;
            let (parties, entries) = session.rolls.annulled_later();
            if entries.is_empty() {
                continue;
            }
            let (code, severity) = (Code::RollSinceAnnulled, Severity::Note);
            let message = "the roll is that of its day; what was annulled later would change it";
            let facts = &session.frame.facts;
            let finding = Finding::new(code, severity, facts.opening, entries, message);
            found.push(finding.of_parties(parties).of_session(&facts.session));
        }
        self.undated_annulments(found)
    }

    fn undated_annulments(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let sessions = book.sessions(None);
        let days = sessions.filter_map(|session| book.session_days(session, known_at));
        let Some(last) = days.map(|days| days.closing.latest).max() else {
            return Ok(());
        };
        for one in book.annulling(known_at).filter(|one| one.undated) {
            self.stop.check()?;
            let Some(act) = book.act(one.position, known_at) else {
                continue;
            };
            let since = act.window.earliest;
            let Some(parties) = self.on_rolls(one.annulled).filter(|_| since <= last) else {
                continue;
            };
            let of_old = if since == Day::MIN {
                String::new()
            } else {
                format!(" since {since}")
            };
            let message = format!(
                "when this annulment was made is not recorded: until `acted` says so, it is open \
                 whether what it annuls counted on the rolls of sessions{of_old}"
            );
            let (code, severity) = (Code::AnnulmentUndated, Severity::Gap);
            let date = Window::day(since);
            let finding = Finding::new(code, severity, date, [one.position], message);
            found.push(finding.of_parties(parties));
        }
        Ok(())
    }

    /// Returns whom an act concerns that rolls hang on: a class, money, a suspension or what holds
    /// it back, law; so too an annulment of such an act. None of any other.
    fn on_rolls(&self, entry: Position) -> Option<BTreeSet<PartyId>> {
        let mut event = self.content(entry)?.event?;
        // Annulments of annulments may be many.
        while let Some(annulled) = event.annulled() {
            event = self.content(annulled)?.event?;
        }
        let mut bears = false;
        let mut parties = BTreeSet::new();
        for key in keys(&event) {
            bears |= match &key {
                Key::Class(_) | Key::Dues(..) => true,
                Key::Book(slot) => matches!(slot, Slot::Article(_) | Slot::Instrument(_)),
                Key::Registration(_) | Key::Application(_) | Key::Name(..) | Key::Annulment(_) => {
                    false
                }
            };
            parties.extend(key.party().cloned());
        }
        bears.then_some(parties)
    }
}
