//! The kinds of events: one table, which says of each what it is called and what never depends on
//! its fields.
//!
//! A number is never used again for something else and never changes: it stands in the envelope of
//! every stored entry, and is the number of the field of `Draft.event` in the contract. Nor do the
//! names change.

use crate::entry::Content;
use crate::entry::event::Event;

/// A kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The number, in the envelope and in the contract; 0 for [`WITHDRAWAL`].
    pub number: u16,
    /// What the contract calls it: the field of `Draft.event`, for example `member_admitted`.
    pub name: &'static str,
    /// What it is stored as: the name in golden files, for example `member-admitted`.
    pub stored: &'static str,
    /// The payload version that is written, and the newest that is read; from 1.
    pub version: u8,
    /// The variant of [`Event`]; none for [`WITHDRAWAL`].
    pub variant: Option<&'static str>,
    /// Whether it needs an effective date.
    pub dating: Dating,
    /// What it leaves in a row of switches.
    pub leaves: Leaves,
    /// How it bears on the law laid out.
    pub law: Bearing,
}

/// Whether an event needs an effective date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dating {
    /// It says when it takes effect.
    Dated,
    /// It may stand without a date.
    Undated,
}

/// What an event leaves in the slots it is about, where those are rows of switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// What it says stands from then on.
    Stands,
    /// It ends what stood, and nothing stands after it.
    Ends,
}

/// How an event bears on the law laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearing {
    /// It never moves law.
    Never,
    /// It brings law in force or takes it away, on its effective date.
    Enacts,
    /// It says what law is laid out for, or how it is read.
    Frames,
    /// It moves a session, and with it the law that hangs on the edges of that session.
    Session,
}

/// The kind of an entry that withdraws another and has no event of its own.
pub static WITHDRAWAL: Kind = Kind {
    number: 0,
    name: "withdrawal",
    stored: "withdrawal",
    version: 1,
    variant: None,
    dating: Dating::Undated,
    leaves: Leaves::Ends,
    law: Bearing::Never,
};

/// Hands the table of kinds to a macro, a row for each: number, variant, name in the contract, name
/// as stored, payload version, [`Dating`], [`Leaves`], [`Bearing`]. Whoever maps kinds to something
/// else reads it, so that a row that is missing there does not compile.
#[macro_export]
macro_rules! each_kind { ($with:ident) => { $with! {
    20 AssociationFounded "association_founded" "association-founded" 1 Dated Stands Never;
    21 TermDeclared "term_declared" "term-declared" 2 Undated Stands Frames;
    30 PartyRegistered "party_registered" "party-registered" 2 Undated Stands Never;
    31 NameTaken "name_taken" "name-taken" 1 Dated Stands Never;
    32 PartySucceeded "party_succeeded" "party-succeeded" 2 Dated Stands Never;
    40 ApplicationFiled "application_filed" "application-filed" 1 Dated Stands Never;
    41 ApplicationWithdrawn "application_withdrawn" "application-withdrawn" 1 Dated Ends Never;
    42 ApplicationRejected "application_rejected" "application-rejected" 1 Dated Ends Never;
    43 MemberAdmitted "member_admitted" "member-admitted" 1 Dated Stands Never;
    44 ObserverAccepted "observer_accepted" "observer-accepted" 1 Dated Stands Never;
    45 MembershipEnded "membership_ended" "membership-ended" 1 Dated Ends Never;
    50 SessionConvened "session_convened" "session-convened" 1 Dated Stands Session;
    51 SessionPostponed "session_postponed" "session-postponed" 1 Dated Stands Session;
    52 SessionCancelled "session_cancelled" "session-cancelled" 1 Dated Stands Session;
    53 AttendanceRecorded "attendance_recorded" "attendance-recorded" 2 Undated Stands Never;
    54 DecisionTaken "decision_taken" "decision-taken" 1 Undated Stands Never;
    55 RollFrozen "roll_frozen" "roll-frozen" 1 Undated Stands Never;
    60 OfficeAssumed "office_assumed" "office-assumed" 1 Dated Stands Never;
    61 OfficeVacated "office_vacated" "office-vacated" 1 Dated Ends Never;
    62 ActingAssumed "acting_assumed" "acting-assumed" 1 Dated Stands Never;
    63 ActingEnded "acting_ended" "acting-ended" 1 Dated Ends Never;
    64 ChairRotated "chair_rotated" "chair-rotated" 1 Dated Stands Never;
    65 PersonNamed "person_named" "person-named" 1 Undated Stands Never;
    66 TurnDeclined "turn_declined" "turn-declined" 2 Undated Stands Never;
    67 TurnsSwapped "turns_swapped" "turns-swapped" 1 Undated Stands Never;
    70 InstrumentAdopted "instrument_adopted" "instrument-adopted" 1 Dated Stands Enacts;
    71 InstrumentAmended "instrument_amended" "instrument-amended" 1 Dated Stands Never;
    72 InstrumentRepealed "instrument_repealed" "instrument-repealed" 1 Dated Ends Enacts;
    73 ArticleEnacted "article_enacted" "article-enacted" 3 Dated Stands Enacts;
    74 ArticleRepealed "article_repealed" "article-repealed" 2 Dated Ends Enacts;
    80 CommitteeEstablished "committee_established" "committee-established" 1 Dated Stands Never;
    81 CommitteesMerged "committees_merged" "committees-merged" 1 Dated Ends Never;
    82 CommitteeAbolished "committee_abolished" "committee-abolished" 1 Dated Ends Never;
    83 CoordinatorAppointed "coordinator_appointed" "coordinator-appointed" 1 Dated Stands Never;
    84 CoordinatorReleased "coordinator_released" "coordinator-released" 1 Dated Ends Never;
    90 SeatPlaced "seat_placed" "seat-placed" 1 Dated Stands Never;
    91 InstitutionRegistered "institution_registered" "institution-registered" 1 Dated Stands Never;
    92 InstitutionReleased "institution_released" "institution-released" 1 Dated Ends Never;
    100 ActAnnulled "act_annulled" "act-annulled" 1 Undated Stands Never;
    101 ActRatified "act_ratified" "act-ratified" 1 Undated Stands Never;
    102 RulesAdopted "rules_adopted" "rules-adopted" 1 Undated Stands Frames;
    103 HistoryResumed "history_resumed" "history-resumed" 1 Undated Stands Never;
    110 FundEstablished "fund_established" "fund-established" 1 Undated Stands Never;
    111 DuesAssessed "dues_assessed" "dues-assessed" 1 Dated Stands Never;
    112 DuesPaid "dues_paid" "dues-paid" 1 Dated Stands Never;
    113 DuesWrittenOff "dues_written_off" "dues-written-off" 1 Dated Stands Never;
    114 PlanAgreed "plan_agreed" "plan-agreed" 1 Dated Stands Never;
    115 PlanEnded "plan_ended" "plan-ended" 1 Dated Ends Never;
    116 WaiverGranted "waiver_granted" "waiver-granted" 1 Dated Stands Never;
    117 WaiverEnded "waiver_ended" "waiver-ended" 1 Dated Ends Never;
    118 RightsSuspended "rights_suspended" "rights-suspended" 1 Dated Stands Never;
    119 SuspensionLifted "suspension_lifted" "suspension-lifted" 1 Dated Ends Never;
    120 NoticeServed "notice_served" "notice-served" 1 Dated Stands Never;
    121 ParentStatusRecorded "parent_status_recorded" "parent-status-recorded" 1 Dated Stands Never;
    130 ClaimRecorded "claim_recorded" "claim-recorded" 1 Undated Stands Never;
} } }

macro_rules! kinds {
    ($($number:literal $variant:ident $name:literal $stored:literal $version:literal
       $dating:ident $leaves:ident $law:ident;)*) => {
        /// Every kind of event, by number; without [`WITHDRAWAL`].
        pub static KINDS: &[Kind] = &[$(Kind {
            number: $number,
            name: $name,
            stored: $stored,
            version: $version,
            variant: Some(stringify!($variant)),
            dating: Dating::$dating,
            leaves: Leaves::$leaves,
            law: Bearing::$law,
        }),*];

        /// The kinds by their place in the table.
        #[derive(Clone, Copy)]
        enum Row { $($variant),* }

        impl Event {
            /// Returns its kind.
            #[must_use]
            pub fn kind(&self) -> &'static Kind {
                let row = match self {
                    $(Self::$variant { .. } => Row::$variant,)*
                };
                &KINDS[row as usize]
            }
        }
    };
}

crate::each_kind!(kinds);

impl Event {
    /// Returns whether it may stand without an effective date.
    #[must_use]
    pub fn may_be_undated(&self) -> bool {
        self.kind().dating == Dating::Undated
    }

    /// Returns whether it leaves nothing standing in the slots it is about, where those are rows of
    /// switches.
    #[must_use]
    pub fn ends(&self) -> bool {
        self.kind().leaves == Leaves::Ends
    }
}

impl Content {
    /// Returns the kind of its event; [`WITHDRAWAL`] if it has none.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        self.event.as_ref().map_or(&WITHDRAWAL, Event::kind)
    }
}

impl Kind {
    /// Returns the kind with this number, [`WITHDRAWAL`] included; none if this release knows none.
    #[must_use]
    pub fn numbered(number: u16) -> Option<&'static Self> {
        if number == WITHDRAWAL.number {
            return Some(&WITHDRAWAL);
        }
        let row = KINDS.binary_search_by_key(&number, |kind| kind.number);
        KINDS.get(row.ok()?)
    }

    /// Returns the kind that the contract calls so, [`WITHDRAWAL`] included; none if this release
    /// knows none.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        let mut known = KINDS.iter().chain([&WITHDRAWAL]);
        known.find(|kind| kind.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn numbers_ascend_and_names_differ() {
        assert!(KINDS.is_sorted_by(|a, b| a.number < b.number));
        assert!(KINDS.iter().all(|kind| kind.number > WITHDRAWAL.number));
        for kind in KINDS.iter().chain([&WITHDRAWAL]) {
            assert_eq!(Kind::numbered(kind.number), Some(kind));
            assert_eq!(Kind::named(kind.name), Some(kind));
            assert_eq!(kind.stored, kind.name.replace('_', "-"));
        }
        let names: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        assert_eq!(Kind::named("member-admitted"), None);
        assert_eq!(Kind::numbered(1), None);
        assert_eq!(Kind::numbered(u16::MAX), None);
    }
}
