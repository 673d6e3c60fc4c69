//! The kinds of events and their numbers, which never change: the numbers of the fields of `Draft.event`, and the
//! kinds under which the store keeps entries.

use crate::v1::draft as wire;
use standing_domain::entry::event::{Content, Event};

/// A kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    /// Its number.
    pub number: u16,
    /// Its name, as the field of `Draft.event`, for example `member_admitted`.
    pub name: &'static str,
}

/// The kind of an entry that withdraws another and has no event of its own.
pub const WITHDRAWAL: Kind = Kind {
    number: 0,
    name: "withdrawal",
};

macro_rules! kinds {
    ($($number:literal $name:literal $variant:ident;)*) => {
        /// Every kind of event, by number; without [`WITHDRAWAL`].
        pub const KINDS: &[Kind] = &[$(Kind { number: $number, name: $name }),*];

        impl From<&Event> for Kind {
            fn from(event: &Event) -> Self {
                match event {
                    $(Event::$variant { .. } => Self { number: $number, name: $name },)*
                }
            }
        }

        impl From<&wire::Event> for Kind {
            fn from(event: &wire::Event) -> Self {
                match event {
                    $(wire::Event::$variant(_) => Self { number: $number, name: $name },)*
                }
            }
        }
    };
}

kinds! {
    20 "association_founded" AssociationFounded;
    21 "term_declared" TermDeclared;
    30 "party_registered" PartyRegistered;
    31 "name_taken" NameTaken;
    32 "party_succeeded" PartySucceeded;
    40 "application_filed" ApplicationFiled;
    41 "application_withdrawn" ApplicationWithdrawn;
    42 "application_rejected" ApplicationRejected;
    43 "member_admitted" MemberAdmitted;
    44 "observer_accepted" ObserverAccepted;
    45 "membership_ended" MembershipEnded;
    50 "session_convened" SessionConvened;
    51 "session_postponed" SessionPostponed;
    52 "session_cancelled" SessionCancelled;
    53 "attendance_recorded" AttendanceRecorded;
    54 "decision_taken" DecisionTaken;
    55 "roll_frozen" RollFrozen;
    60 "office_assumed" OfficeAssumed;
    61 "office_vacated" OfficeVacated;
    62 "acting_assumed" ActingAssumed;
    63 "acting_ended" ActingEnded;
    64 "chair_rotated" ChairRotated;
    65 "person_named" PersonNamed;
    66 "turn_declined" TurnDeclined;
    67 "turns_swapped" TurnsSwapped;
    70 "instrument_adopted" InstrumentAdopted;
    71 "instrument_amended" InstrumentAmended;
    72 "instrument_repealed" InstrumentRepealed;
    73 "article_enacted" ArticleEnacted;
    74 "article_repealed" ArticleRepealed;
    80 "committee_established" CommitteeEstablished;
    81 "committees_merged" CommitteesMerged;
    82 "committee_abolished" CommitteeAbolished;
    83 "coordinator_appointed" CoordinatorAppointed;
    84 "coordinator_released" CoordinatorReleased;
    90 "seat_placed" SeatPlaced;
    91 "institution_registered" InstitutionRegistered;
    92 "institution_released" InstitutionReleased;
    100 "act_annulled" ActAnnulled;
    101 "act_ratified" ActRatified;
    102 "rules_adopted" RulesAdopted;
    110 "fund_established" FundEstablished;
    111 "dues_assessed" DuesAssessed;
    112 "dues_paid" DuesPaid;
    113 "dues_written_off" DuesWrittenOff;
    114 "plan_agreed" PlanAgreed;
    115 "plan_ended" PlanEnded;
    116 "waiver_granted" WaiverGranted;
    117 "waiver_ended" WaiverEnded;
    118 "rights_suspended" RightsSuspended;
    119 "suspension_lifted" SuspensionLifted;
    120 "notice_served" NoticeServed;
    121 "parent_status_recorded" ParentStatusRecorded;
    130 "claim_recorded" ClaimRecorded;
}

impl From<&Content> for Kind {
    fn from(content: &Content) -> Self {
        content.event.as_ref().map_or(WITHDRAWAL, Self::from)
    }
}

impl Kind {
    /// Returns the kind with this number, [`WITHDRAWAL`] included; none if no kind has it.
    #[must_use]
    pub fn numbered(number: u16) -> Option<Self> {
        if number == WITHDRAWAL.number {
            return Some(WITHDRAWAL);
        }
        let index = KINDS
            .binary_search_by_key(&number, |kind| kind.number)
            .ok()?;
        KINDS.get(index).copied()
    }
}
