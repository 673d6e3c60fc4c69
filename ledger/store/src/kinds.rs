//! The kinds of events: the numbers and names under which they are stored, for ever. A number is
//! never used again for something else, and never changes; it is that of the event in the contract.

use standing_domain::entry::event::{Content, Event};

/// One kind of event.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The number in the envelope.
    pub number: u16,
    /// What it is called outside Rust: in golden files and subjects of the stream.
    pub name: &'static str,
    /// The payload version that is written, and the newest that is read; from 1.
    pub version: u8,
    /// The variant of [`Event`]; none for [`WITHDRAWAL`].
    pub(crate) variant: Option<&'static str>,
}

/// An entry without an event, which withdraws the one it corrects.
pub static WITHDRAWAL: Kind = Kind {
    number: 0,
    name: "withdrawal",
    version: 1,
    variant: None,
};

macro_rules! kinds {
    ($($number:literal $variant:ident $name:literal v $version:literal;)*) => {
        /// Every kind, in order of its number.
        pub static KINDS: &[&Kind] = &[&WITHDRAWAL, $(
            &Kind {
                number: $number,
                name: $name,
                version: $version,
                variant: Some(stringify!($variant)),
            },
        )*];

        /// Returns the number of what a content says; 0 if it has no event.
        #[must_use]
        pub fn number_of(content: &Content) -> u16 {
            match &content.event {
                None => WITHDRAWAL.number,
                $(Some(Event::$variant { .. }) => $number,)*
            }
        }
    };
}

kinds! {
    20 AssociationFounded "association-founded" v 1;
    21 TermDeclared "term-declared" v 1;
    30 PartyRegistered "party-registered" v 1;
    31 NameTaken "name-taken" v 1;
    32 PartySucceeded "party-succeeded" v 1;
    40 ApplicationFiled "application-filed" v 1;
    41 ApplicationWithdrawn "application-withdrawn" v 1;
    42 ApplicationRejected "application-rejected" v 1;
    43 MemberAdmitted "member-admitted" v 1;
    44 ObserverAccepted "observer-accepted" v 1;
    45 MembershipEnded "membership-ended" v 1;
    50 SessionConvened "session-convened" v 1;
    51 SessionPostponed "session-postponed" v 1;
    52 SessionCancelled "session-cancelled" v 1;
    53 AttendanceRecorded "attendance-recorded" v 1;
    54 DecisionTaken "decision-taken" v 1;
    55 RollFrozen "roll-frozen" v 1;
    60 OfficeAssumed "office-assumed" v 1;
    61 OfficeVacated "office-vacated" v 1;
    62 ActingAssumed "acting-assumed" v 1;
    63 ActingEnded "acting-ended" v 1;
    64 ChairRotated "chair-rotated" v 1;
    65 PersonNamed "person-named" v 1;
    66 TurnDeclined "turn-declined" v 1;
    67 TurnsSwapped "turns-swapped" v 1;
    70 InstrumentAdopted "instrument-adopted" v 1;
    71 InstrumentAmended "instrument-amended" v 1;
    72 InstrumentRepealed "instrument-repealed" v 1;
    73 ArticleEnacted "article-enacted" v 2;
    74 ArticleRepealed "article-repealed" v 1;
    80 CommitteeEstablished "committee-established" v 1;
    81 CommitteesMerged "committees-merged" v 1;
    82 CommitteeAbolished "committee-abolished" v 1;
    83 CoordinatorAppointed "coordinator-appointed" v 1;
    84 CoordinatorReleased "coordinator-released" v 1;
    90 SeatPlaced "seat-placed" v 1;
    91 InstitutionRegistered "institution-registered" v 1;
    92 InstitutionReleased "institution-released" v 1;
    100 ActAnnulled "act-annulled" v 1;
    101 ActRatified "act-ratified" v 1;
    102 RulesAdopted "rules-adopted" v 1;
    110 FundEstablished "fund-established" v 1;
    111 DuesAssessed "dues-assessed" v 1;
    112 DuesPaid "dues-paid" v 1;
    113 DuesWrittenOff "dues-written-off" v 1;
    114 PlanAgreed "plan-agreed" v 1;
    115 PlanEnded "plan-ended" v 1;
    116 WaiverGranted "waiver-granted" v 1;
    117 WaiverEnded "waiver-ended" v 1;
    118 RightsSuspended "rights-suspended" v 1;
    119 SuspensionLifted "suspension-lifted" v 1;
    120 NoticeServed "notice-served" v 1;
    121 ParentStatusRecorded "parent-status-recorded" v 1;
    130 ClaimRecorded "claim-recorded" v 1;
}

/// Returns the kind with a number; none if this release knows none.
#[must_use]
pub fn kind(number: u16) -> Option<&'static Kind> {
    let index = KINDS
        .binary_search_by_key(&number, |kind| kind.number)
        .ok()?;
    Some(KINDS[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_names_differ() {
        assert!(KINDS.is_sorted_by(|a, b| a.number < b.number));
        for kind in KINDS {
            assert_eq!(super::kind(kind.number), Some(*kind));
            assert_eq!(
                KINDS.iter().filter(|other| other.name == kind.name).count(),
                1
            );
        }
        assert_eq!(super::kind(1), None);
        assert_eq!(super::kind(u16::MAX), None);
    }
}
