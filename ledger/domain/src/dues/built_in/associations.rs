//! Policies of networks of governments and of associations.
//!
//! Stratum (rule 27): law; reads recorded acts.

use super::{by_decision, ending, ids, older_than, policy, reading, tier};
use crate::entry::policy::{
    Comparator, CountedFrom, DecisionRule, DuesPolicy, DuesTier, Measure, Moment, Restoration,
};
use crate::id::BodyId;

/// NEAR, Membership Fee Regulation of 2017, article 6: when a member fails to pay by 30 April, its
/// rights may be restricted by the secretariat; members that have paid have the vote in the general
/// assembly and the working committee. Source:
/// <http://www.neargov.org/en/page.jsp?pageNo=1&cmd=258&bod_uid=52439&mnu_uid=4339>, EXT-FEE-2017.
pub(super) fn near_2017() -> Option<DuesPolicy> {
    let bodies = &["general-assembly", "working-committee"];
    let restricted = DuesTier {
        decided_by: Some(DecisionRule {
            bodies: ids(&["secretariat"], BodyId::new)?,
            majority: None,
        }),
        restored_by: Restoration::PaidInFull,
        ..by_decision(tier(
            older_than(0),
            Comparator::MoreThan,
            &["vote"],
            bodies,
        )?)
    };
    policy("near-2017", vec![restricted])
}

/// NEAR, Membership Fee Regulation of 2019, article 6: when a member fails to pay for two fiscal
/// years, the rights to vote and to stand for election are restricted or may be; the stored wording
/// breaks off there. So the readings differ in whether a year is unpaid from its due day or from
/// its end, and whether the rights go by themselves. The default follows the charter, articles 7(3)
/// and 9(1), which say "may". What lifts it is not in the stored text either: fewer than two years
/// unpaid. Source: <http://neargov.org/en/page.jsp?pageNo=1&cmd=258&bod_uid=52439&mnu_uid=4339>,
/// EXT-FEE-2019.
pub(super) fn near_2019() -> Option<DuesPolicy> {
    let unpaid = |counted_from| {
        let measure = Measure::UnpaidYears {
            years: 2,
            consecutive: false,
            counted_from,
        };
        let rights = &["vote", "stand"];
        tier(measure, Comparator::AtLeast, rights, &[])
    };
    let due_date = || unpaid(CountedFrom::DueDate);
    let year_end = || unpaid(CountedFrom::YearEnd);
    Some(DuesPolicy {
        readings: vec![
            reading("due-date", vec![by_decision(due_date()?)])?,
            reading("year-end", vec![by_decision(year_end()?)])?,
            reading("due-date-automatic", vec![due_date()?])?,
            reading("year-end-automatic", vec![year_end()?])?,
        ],
        ..policy("near-2019", Vec::new())?
    })
}

/// United Cities and Local Governments, Constitution, article 36: only members that have paid up to
/// the year before the meeting vote in the general assembly and can be elected. Source:
/// <https://megalektsii.ru/s34678t15.html>.
pub(super) fn uclg_36() -> Option<DuesPolicy> {
    let measure = Measure::UnpaidYears {
        years: 1,
        consecutive: false,
        counted_from: CountedFrom::YearEnd,
    };
    let assembly = "general-assembly";
    let at_meeting = DuesTier {
        lost_at: Moment::SessionOpening(BodyId::new(assembly).ok()?),
        ..tier(
            measure,
            Comparator::AtLeast,
            &["vote", "stand"],
            &[assembly],
        )?
    };
    policy("uclg-36", vec![at_meeting])
}

/// ICLEI, Charter, 2.3.a: all rights of members more than one year in arrears with their dues are
/// suspended. Source: <https://icleiusa.org/join-iclei/new-member-bylaws/>.
pub(super) fn iclei_2_3a() -> Option<DuesPolicy> {
    let all_rights = tier(older_than(12), Comparator::MoreThan, &[], &[])?;
    policy("iclei-2-3a", vec![all_rights])
}

/// Deemed resignation: the membership of who is more than twelve months in arrears with the
/// subscription ends. Source: <http://mlg.org.au/MembershipRights>.
pub(super) fn deemed_resignation_12m() -> Option<DuesPolicy> {
    let ended = ending(tier(older_than(12), Comparator::MoreThan, &[], &[])?);
    policy("deemed-resignation-12m", vec![ended])
}
