//! The sorts of facts that follow from events.

use crate::entry::event::{EndGround, Name, NameKind, PartyRegistered};
use crate::entry::norm::Passing;
use crate::id::position::Position;
use crate::id::{ClassId, PartyId, SessionId, Word};

/// Which facts follow from an event.
pub enum Facts<'e> {
    /// It stands in every slot of the book that it is about.
    Slots,
    /// So too; besides, a class has a number from now on.
    Class(&'e Word),
    /// So too; besides, a session has a number from now on.
    Session(&'e SessionId),
    /// The facts of an entry are annulled.
    Annulment(Position),
    /// A party is registered, with the names it has from birth.
    Registration(&'e PartyRegistered),
    /// It stands in the slots of both parties; besides, what passes is in their records.
    Succession {
        /// Who is succeeded.
        from: &'e PartyId,
        /// Who succeeds.
        to: &'e PartyId,
        /// What passes.
        passes: &'e [Passing],
    },
    /// Something in the record of one party changes.
    Party(&'e PartyId, OfParty<'e>),
    /// It stands among the money of a party.
    Dues(&'e PartyId),
}

/// What changes in the record of one party.
pub enum OfParty<'e> {
    /// It takes a name.
    Name(NameKind, &'e Name),
    /// It takes a class; the flag is whether as a founder.
    Class(&'e ClassId, bool),
    /// Its membership ends.
    Ended(EndGround),
    /// It applies for a class.
    Applied(&'e ClassId),
    /// Its application is withdrawn.
    Withdrew,
    /// Its application is rejected.
    Rejected,
}
