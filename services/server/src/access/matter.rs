//! What events are about, as far as that decides who may record them.

use standing_domain::entry::event::kind::KINDS;
use std::collections::BTreeSet;

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matter {
    /// Dues, payments, funds.
    Money,
    /// Parties, and what they are to the association.
    Membership,
    /// Instruments and their articles, the vocabulary, the founding.
    Law,
    /// Sessions, who attended them, and what they decided.
    Sessions,
    /// Offices, committees, the seat.
    Offices,
}

/// Which kinds of events are about what, by their names in the contract. A kind that stands here
/// nowhere is recorded only by who may record everything; one that stands here twice by either.
const KINDS_OF: [(Matter, &[&str]); 5] = [
    (
        Matter::Money,
        &[
            "fund_established",
            "dues_assessed",
            "dues_paid",
            "dues_written_off",
            "plan_agreed",
            "plan_ended",
            "waiver_granted",
            "waiver_ended",
            "claim_recorded",
        ],
    ),
    (
        Matter::Membership,
        &[
            "party_registered",
            "name_taken",
            "party_succeeded",
            "application_filed",
            "application_withdrawn",
            "application_rejected",
            "member_admitted",
            "observer_accepted",
            "membership_ended",
            "institution_registered",
            "institution_released",
            "rights_suspended",
            "suspension_lifted",
            "notice_served",
            "parent_status_recorded",
            "person_named",
            "claim_recorded",
        ],
    ),
    (
        Matter::Law,
        &[
            "association_founded",
            "term_declared",
            "instrument_adopted",
            "instrument_amended",
            "instrument_repealed",
            "article_enacted",
            "article_repealed",
            "rules_adopted",
            "history_resumed",
            "claim_recorded",
        ],
    ),
    (
        Matter::Sessions,
        &[
            "session_convened",
            "session_postponed",
            "session_cancelled",
            "attendance_recorded",
            "decision_taken",
            "roll_frozen",
            "claim_recorded",
        ],
    ),
    (
        Matter::Offices,
        &[
            "office_assumed",
            "office_vacated",
            "acting_assumed",
            "acting_ended",
            "chair_rotated",
            "person_named",
            "turn_declined",
            "turns_swapped",
            "committee_established",
            "committees_merged",
            "committee_abolished",
            "coordinator_appointed",
            "coordinator_released",
            "seat_placed",
            "claim_recorded",
        ],
    ),
];

impl Matter {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Money,
        Self::Membership,
        Self::Law,
        Self::Sessions,
        Self::Offices,
    ];

    /// The bits of all of them.
    pub const EVERY: u8 = 0b1_1111;

    /// Returns the bit that stands for it in a set.
    pub fn bit(self) -> u8 {
        match self {
            Self::Money => 1,
            Self::Membership => 1 << 1,
            Self::Law => 1 << 2,
            Self::Sessions => 1 << 3,
            Self::Offices => 1 << 4,
        }
    }

    /// Returns the numbers of the kinds of events about any of a set.
    pub fn kinds(set: u8) -> BTreeSet<u16> {
        let about = KINDS_OF
            .iter()
            .filter(|(matter, _)| set & matter.bit() != 0);
        let names: BTreeSet<&str> = about.flat_map(|(_, names)| names.iter().copied()).collect();
        let kinds = KINDS.iter().filter(|kind| names.contains(kind.name));
        kinds.map(|kind| kind.number).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_about_something_but_acts_on_acts() {
        let all = Matter::kinds(Matter::EVERY);
        let left: Vec<&str> = KINDS
            .iter()
            .filter(|kind| !all.contains(&kind.number))
            .map(|kind| kind.name)
            .collect();
        // They are about what the act is about that they act on.
        assert_eq!(left, ["act_annulled", "act_ratified"]);
        let known: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
        for (matter, names) in KINDS_OF {
            for name in names {
                assert!(known.contains(name), "{matter:?}: no kind is called {name}");
            }
        }
    }
}
