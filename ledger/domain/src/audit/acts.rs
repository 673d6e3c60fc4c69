//! Findings on single acts: on what they rest, and whether they were decided before they took
//! effect.

mod resting;

use super::gathered::{Gathered, Shared, Unsaid};
use super::{Audit, Code, Severity};
use crate::answers::view::Parties;
use crate::entry::event::{NameKind, Named};
use crate::entry::slot::Slot;
use crate::entry::{AuthorityKind, Content};
use crate::id::PartyId;
use crate::id::position::Position;
use crate::stop::Stopped;

impl<P: Parties> Audit<'_, P> {
    /// Conditions of every act: it rests on something, and takes effect when it was decided or
    /// later.
    pub(super) fn act(
        &self,
        party: Option<&PartyId>,
        position: Position,
        content: &Content,
        shared: &mut Shared,
    ) {
        let Some(window) = self.effective(content) else {
            return;
        };
        let mut add = |code, message| {
            let key = (code, Severity::Note, window, message);
            let cause = shared.entry(key).or_default();
            cause.parties.extend(party.cloned());
            cause.entries.push(position);
        };
        match &content.authority.kind {
            AuthorityKind::None => {
                let message = "it rests on no act of the association";
                add(Code::NoAuthority, message.to_owned());
            }
            AuthorityKind::Decision(decision) => {
                let on = self.view.book.decided(decision, self.view.known_at);
                if let Some(on) = on.filter(|on| window.latest < on.earliest) {
                    let message = format!(
                        "it takes effect on {window} and was decided on {on}, by {decision}"
                    );
                    add(Code::EffectiveBeforeDecided, message);
                }
            }
            AuthorityKind::Founding => {
                let founding = self.founding();
                if let Some(on) = founding.filter(|on| on.latest < window.earliest) {
                    let message =
                        format!("it rests on the founding of {on}, and takes effect on {window}");
                    add(Code::FoundingAuthority, message);
                }
            }
            _ => {}
        }
    }

    /// Notes an act of which no source says on what it rests.
    pub(super) fn unsaid(
        &self,
        what: &str,
        party: Option<PartyId>,
        position: Position,
        content: &Content,
        gathered: &mut Gathered,
    ) {
        let unknown = content.authority.kind == AuthorityKind::Unknown;
        let Some(window) = self.effective(content).filter(|_| unknown) else {
            return;
        };
        gathered.unsaid.push(Unsaid {
            what: what.to_owned(),
            window,
            party,
            position,
            article: content.authority.article.clone(),
        });
    }

    /// Acts of the association, other than on its members and its law, of which no source says on
    /// what they rest. One finding for every kind of act.
    pub(super) fn authority_findings(&self, gathered: &mut Gathered) -> Result<(), Stopped> {
        let book = self.view.book;
        for (slot, _) in book.slots_from(&Slot::Association) {
            self.stop.check()?;
            let Some(what) = act_of(slot) else { continue };
            for fact in book.known(slot, self.view.known_at) {
                self.stop.check()?;
                let Some(content) = self.content(fact.position) else {
                    continue;
                };
                // A committee's first name comes with it; who leaves needs no act.
                let comes_with_it =
                    matches!(slot, Slot::Name(..)) && fact.value.established_committee().is_some();
                if comes_with_it || fact.value.leaves_a_seat() {
                    continue;
                }
                let party = fact.value.coordinator().cloned();
                self.act(
                    party.as_ref(),
                    fact.position,
                    &content,
                    &mut gathered.shared,
                );
                self.unsaid(&what, party, fact.position, &content, gathered);
            }
        }
        Ok(())
    }
}

/// Returns what acts on a slot do; none where they are no acts of the association, or are judged
/// elsewhere.
fn act_of(slot: &Slot) -> Option<String> {
    match slot {
        // A name in use is taken by use.
        Slot::Name(named, _, NameKind::Legal) => match named {
            Named::Party(_) => None,
            Named::Association(_) => Some("gave the association this name".to_owned()),
            Named::Committee(_) => Some("gave these committees these names".to_owned()),
            Named::Body(_) => Some("gave these bodies these names".to_owned()),
        },
        Slot::Holder(office, _) => Some(format!("filled the office of {office}")),
        Slot::Committee(_) => Some("set up, joined or ended these committees".to_owned()),
        Slot::Coordinator(..) => Some("chose these coordinators".to_owned()),
        Slot::Seat => Some("placed the seat there".to_owned()),
        _ => None,
    }
}
