//! The kind of an event as it comes over the wire. The table of kinds is the domain's.

use crate::v1::draft::Event as Wire;
use standing_domain::entry::event::kind::{KINDS, Kind};

macro_rules! kinds {
    ($($number:literal $variant:ident $name:literal $stored:literal $version:literal
       $dating:ident $leaves:ident $law:ident;)*) => {
        /// The kinds by their place in the table.
        #[derive(Clone, Copy)]
        enum Row { $($variant),* }

        /// Returns the kind of an event of the contract.
        #[must_use]
        pub fn of(event: &Wire) -> &'static Kind {
            let row = match event {
                $(Wire::$variant(_) => Row::$variant,)*
            };
            &KINDS[row as usize]
        }
    };
}

standing_domain::each_kind!(kinds);
