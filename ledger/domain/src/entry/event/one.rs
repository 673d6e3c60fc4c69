//! What is asked of one kind of event alone: its fields, where it is of that kind. No other kind
//! can be meant, now or later; a question that concerns several kinds stands in
//! [`ask`](crate::entry::event::ask), and says something of each of them.

use crate::entry::event::claim::Claim;
use crate::entry::event::dues::{Fund, PaymentPlan, Suspension, Waiver};
use crate::entry::event::term::Term;
use crate::entry::event::{
    ArticleEnacted, Attendance, Decision, Event, FrozenRoll, Name, PartyRegistered, Resumption,
    SealedName,
};
use crate::entry::norm::Passing;
use crate::id::position::Position;
use crate::id::{ArticleRef, AssociationId, ClassId, CommitteeId, PartyId, PersonId, Word};
use crate::time::when::When;

/// How the association came into being.
#[derive(Debug, Clone, Copy)]
pub struct Founding<'e> {
    /// The association.
    pub association: &'e AssociationId,
    /// Its time zone, as the IANA names it.
    pub time_zone: &'e str,
}

/// A succession.
#[derive(Debug, Clone, Copy)]
pub struct Succession<'e> {
    /// Who is succeeded.
    pub from: &'e PartyId,
    /// Who succeeds.
    pub to: &'e PartyId,
    /// What passes.
    pub passes: &'e [Passing],
    /// The class that results where both had one, if that is said.
    pub class: Option<&'e ClassId>,
}

/// How a session was convened.
#[derive(Debug, Clone, Copy)]
pub struct Convening<'e> {
    /// Where it meets, in words.
    pub venue: &'e str,
    /// The party that hosts it.
    pub host: Option<&'e PartyId>,
    /// Whether it meets online.
    pub online: bool,
}

/// A natural person's names.
#[derive(Debug, Clone, Copy)]
pub struct NamedPerson<'e> {
    /// The person.
    pub person: &'e PersonId,
    /// The names.
    pub names: &'e [SealedName],
}

/// Where the seat of the association was placed.
#[derive(Debug, Clone, Copy)]
pub struct PlacedSeat<'e> {
    /// The place, in words.
    pub place: &'e str,
    /// The party that hosts it.
    pub host: Option<&'e PartyId>,
}

/// Two parties that swapped their turns.
#[derive(Debug, Clone, Copy)]
pub struct Swap<'e> {
    /// One of them.
    pub first: &'e PartyId,
    /// The other.
    pub second: &'e PartyId,
}

/// Writes a question about one kind for each row: what it returns, of which variant, and the type.
macro_rules! of_one_kind {
    ($($(#[$doc:meta])* $name:ident: $variant:pat => $value:expr, $type:ty;)*) => {
        impl Event {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> Option<$type> {
                    if let $variant = self { Some($value) } else { None }
                }
            )*
        }
    };
}

of_one_kind! {
    /// Returns how the association came into being, if it did so here.
    founding: Self::AssociationFounded { association, time_zone, .. }
        => Founding { association, time_zone }, Founding<'_>;
    /// Returns the word that it declares.
    declared_term: Self::TermDeclared(term) => term, &Term;
    /// Returns the class into which a party was accepted as an observer.
    accepted_into: Self::ObserverAccepted { class, .. } => class, &ClassId;
    /// Returns the party as it registers it.
    registered: Self::PartyRegistered(registered) => registered, &PartyRegistered;
    /// Returns the other ids of the party that it registers.
    aliases: Self::PartyRegistered(registered) => &registered.aliases, &[Word];
    /// Returns who succeeds whom.
    succession: Self::PartySucceeded { from, to, passes, class }
        => Succession { from, to, passes, class: class.as_ref() }, Succession<'_>;
    /// Returns who is accepted as an observer.
    observer: Self::ObserverAccepted { party, .. } => party, &PartyId;
    /// Returns how it convenes a session.
    convening: Self::SessionConvened { venue, host, online, .. }
        => Convening { venue, host: host.as_ref(), online: *online }, Convening<'_>;
    /// Returns who attended a session.
    attendance: Self::AttendanceRecorded(attendance) => attendance, &Attendance;
    /// Returns the decision that was taken.
    decision: Self::DecisionTaken(decision) => decision, &Decision;
    /// Returns the roll that was frozen.
    frozen_roll: Self::RollFrozen(frozen) => frozen, &FrozenRoll;
    /// Returns to whom a chair passed in rotation.
    rotated_to: Self::ChairRotated { to, .. } => to, &PartyId;
    /// Returns a natural person's names.
    named_person: Self::PersonNamed { person, names }
        => NamedPerson { person, names }, NamedPerson<'_>;
    /// Returns who declined its turn in a rotation.
    declined_by: Self::TurnDeclined { party, .. } => party, &PartyId;
    /// Returns which turn in a rotation was declined, if that is said.
    declined_turn: Self::TurnDeclined { turn: Some(turn), .. } => turn, &When;
    /// Returns who swapped turns in a rotation.
    swap: Self::TurnsSwapped { first, second, .. } => Swap { first, second }, Swap<'_>;
    /// Returns the titles of the instrument that it adopts.
    adopted_as: Self::InstrumentAdopted { titles, .. } => titles, &[Name];
    /// Returns the number of an amendment.
    amendment: Self::InstrumentAmended { ordinal, .. } => *ordinal, u32;
    /// Returns the version of an article that came into force.
    enacted: Self::ArticleEnacted(enacted) => enacted, &ArticleEnacted;
    /// Returns the committee that it establishes.
    established_committee: Self::CommitteeEstablished { committee, .. } => committee, &CommitteeId;
    /// Returns the committees that it merges into another.
    merged: Self::CommitteesMerged { from, .. } => from, &[CommitteeId];
    /// Returns who became coordinator of a committee.
    coordinator: Self::CoordinatorAppointed { party, .. } => party, &PartyId;
    /// Returns where it places the seat.
    placed_seat: Self::SeatPlaced { place, host }
        => PlacedSeat { place, host: host.as_ref() }, PlacedSeat<'_>;
    /// Returns the entry that it annuls.
    annulled: Self::ActAnnulled { entry } => *entry, Position;
    /// Returns the entry whose act it ratifies.
    ratified: Self::ActRatified { entry } => *entry, Position;
    /// Returns the version of the rule semantics that it adopts.
    adopted_rules: Self::RulesAdopted { rules_version } => *rules_version, u32;
    /// Returns how the history goes on with it.
    resumed: Self::HistoryResumed(resumption) => resumption, &Resumption;
    /// Returns the fund that it establishes.
    fund: Self::FundEstablished(fund) => fund, &Fund;
    /// Returns the payment plan that was agreed.
    plan: Self::PlanAgreed(plan) => plan, &PaymentPlan;
    /// Returns the waiver that was granted.
    waiver: Self::WaiverGranted(waiver) => waiver, &Waiver;
    /// Returns what was suspended by decision.
    suspension: Self::RightsSuspended(suspension) => suspension, &Suspension;
    /// Returns under which article it gives a party notice.
    notice: Self::NoticeServed { article, .. } => article, &ArticleRef;
    /// Returns whether it finds a party suspended in a parent organisation, if it is about that.
    suspended_by_parent: Self::ParentStatusRecorded { suspended, .. } => *suspended, bool;
    /// Returns what a source claims.
    claim: Self::ClaimRecorded(claim) => claim, &Claim;
}
