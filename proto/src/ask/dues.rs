//! What is asked about money.

use crate::ask::point::{PointInTime, read_point};
use crate::ask::{Lists as _, Paged, asked};
use crate::read::build;
use standing_domain::id::PartyId;

/// The account of a party.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetAccount {
    /// The party.
    pub party: PartyId,
    /// The point in time.
    pub at: PointInTime,
}

/// Who is in arrears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListArrears {
    /// The point in time.
    pub at: PointInTime,
    /// The page.
    pub page: Paged,
}

asked! {
    GetAccount of GetAccountRequest: |root, wire| build!(GetAccount {
        party: root.asked_id("party", &wire.party),
        at: read_point(root, wire.at),
    });
    ListArrears of ListArrearsRequest: |root, wire| {
        let mut wire = wire;
        let (point, page) = wire.take_page();
        build!(ListArrears {
            at: read_point(root, point),
            page: Ok(page),
        })
    };
}
