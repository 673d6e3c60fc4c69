//! The walks that findings are gone after with. Each goes over all of whom something of a kind is
//! recorded, and may go over others: a finding looks at the record of whomever it meets.

use crate::answers::rotation::Visit;
use crate::stop::Stopped;

/// Walks over registered parties, until a visit or the walk itself is given up.
pub trait Walks {
    /// Walks over those of whose class, application or money something is recorded.
    ///
    /// # Errors
    /// The walk was given up.
    fn concerned(&self, visit: &mut Visit<'_>) -> Result<(), Stopped>;

    /// Walks over those who may bear a name that another party bears, or that looks like one.
    ///
    /// # Errors
    /// The walk was given up.
    fn namesakes(&self, visit: &mut Visit<'_>) -> Result<(), Stopped>;

    /// Walks over those who may bear a name, compared as [`crate::text::folded`] does.
    ///
    /// # Errors
    /// The walk was given up.
    fn named(&self, name: &str, visit: &mut Visit<'_>) -> Result<(), Stopped>;

    /// Walks over those natural persons of whom a name or an alias stands in clear.
    ///
    /// # Errors
    /// The walk was given up.
    fn in_clear(&self, visit: &mut Visit<'_>) -> Result<(), Stopped>;

    /// Walks over one party at least of everything that parties are: of every kind, country and
    /// region.
    ///
    /// # Errors
    /// The walk was given up.
    fn of_every_kind(&self, visit: &mut Visit<'_>) -> Result<(), Stopped>;
}

/// A walk over everybody is each of them.
impl<W: Fn(&mut Visit<'_>) -> Result<(), Stopped>> Walks for W {
    fn concerned(&self, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        self(visit)
    }

    fn namesakes(&self, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        self(visit)
    }

    fn named(&self, _: &str, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        self(visit)
    }

    fn in_clear(&self, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        self(visit)
    }

    fn of_every_kind(&self, visit: &mut Visit<'_>) -> Result<(), Stopped> {
        self(visit)
    }
}
