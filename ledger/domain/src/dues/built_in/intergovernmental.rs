//! Policies of intergovernmental organisations.
//!
//! Stratum (rule 27): law; reads recorded acts.

use super::{beyond_control, ending, ids, older_than, policy, tier, two_full_years};
use crate::entry::policy::{
    Comparator, CountedFrom, DecisionRule, DuesMode, DuesPolicy, DuesTier, Measure, Moment,
    Restoration, WaiverRule,
};
use crate::id::{BodyId, RightId, Word};

/// United Nations, Charter, article 19: no vote in the General Assembly if the arrears equal or
/// exceed the contributions due for the preceding two full years, tested on 1 January as in
/// practice; the Assembly may permit the vote for causes beyond the member's control, until the end
/// of a session. Source: <https://legal.un.org/repertory/art19.shtml>.
pub(super) fn un_19() -> Option<DuesPolicy> {
    let assembly = &["general-assembly"];
    let no_vote = DuesTier {
        lost_at: Moment::FirstOfYear,
        ..two_full_years(assembly)?
    };
    Some(DuesPolicy {
        waiver: Some(WaiverRule {
            must_end: true,
            ..beyond_control(assembly)?
        }),
        ..policy("un-19", vec![no_vote])?
    })
}

/// International Labour Organization, Constitution, article 13(4): no vote in the Conference, the
/// Governing Body, any committee and the elections to the Governing Body; the Conference may permit
/// it by two thirds of the votes cast. Source:
/// <https://droit-bilingue.ch/de-fr/0.8/0.82/0.820.1-13-16.html>.
pub(super) fn ilo_13_4() -> Option<DuesPolicy> {
    let bodies = &["conference", "governing-body", "committee"];
    let no_vote = DuesTier {
        rights: ids(&["vote", "elect"], RightId::new)?,
        ..two_full_years(bodies)?
    };
    Some(DuesPolicy {
        waiver: Some(WaiverRule {
            majority: Some((2, 3)),
            ..beyond_control(&["conference"])?
        }),
        ..policy("ilo-13-4", vec![no_vote])?
    })
}

/// World Health Organization, Constitution, article 7, with resolution WHA41.7: the Health Assembly
/// decides by two thirds that the vote of a member in arrears of two full years is suspended from
/// the opening of its next session, if it still is, and until it is no more. Source:
/// <https://scribd.com/document/469672282/A72-R9-en> (WHA72.9), <https://m.likumi.lv/ta/id/217714>.
pub(super) fn who_7() -> Option<DuesPolicy> {
    let series = BodyId::new("health-assembly").ok()?;
    let suspended = DuesTier {
        rights: ids(&["vote", "services"], RightId::new)?,
        mode: DuesMode::TwoStep {
            series: series.clone(),
        },
        decided_by: Some(DecisionRule {
            bodies: vec![series.clone()],
            majority: Some((2, 3)),
        }),
        lost_at: Moment::SessionOpening(series.clone()),
        ..two_full_years(&[])?
    };
    Some(DuesPolicy {
        waiver: Some(WaiverRule {
            ground: Word::new("exceptional-circumstances").ok()?,
            ..beyond_control(&[series.as_str()])?
        }),
        ..policy("who-7", vec![suspended])?
    })
}

/// UNESCO, Constitution, article IV.C.8(b) and (c), rules 82 and 83: no vote in the General
/// Conference and its organs if what is due exceeds what is payable for the current and the
/// preceding calendar year. The Director-General warns six months before a session; requests arrive
/// at most three days after its opening. Source: <http://portal.unesco.org/es/ev.php-URL_ID=9646>.
pub(super) fn unesco_iv_c_8() -> Option<DuesPolicy> {
    let measure = current_and_preceding();
    let bodies = &["general-conference", "committee"];
    let no_vote = tier(measure, Comparator::MoreThan, &["vote"], bodies)?;
    Some(DuesPolicy {
        waiver: Some(WaiverRule {
            request_days_after_opening: Some(3),
            ..beyond_control(&["general-conference"])?
        }),
        notice_months: 6,
        ..policy("unesco-iv-c-8", vec![no_vote])?
    })
}

/// Food and Agriculture Organization, Constitution, article III.4: no vote in the Conference if the
/// arrears equal or exceed the contributions due for the two preceding calendar years. Source:
/// <http://www.fao.org/docrep/meeting/X7931e.htm>.
pub(super) fn fao_iii_4() -> Option<DuesPolicy> {
    let conference = &["conference"];
    Some(DuesPolicy {
        waiver: Some(beyond_control(conference)?),
        ..policy("fao-iii-4", vec![two_full_years(conference)?])?
    })
}

/// United Nations Industrial Development Organization, Constitution, article 5: no vote in the
/// Organization if the arrears equal or exceed the assessed contributions for the preceding two
/// fiscal years; any organ may permit it in that organ; a suspension in the United Nations suspends
/// here too. Source: <https://www.droit-bilingue.ch/fr-it/0.9/0.97/0.974.11-5-8.html>.
pub(super) fn unido_5() -> Option<DuesPolicy> {
    Some(DuesPolicy {
        waiver: Some(beyond_control(&[])?),
        parent: Some(Word::new("un").ok()?),
        ..policy("unido-5", vec![two_full_years(&[])?])?
    })
}

/// International Maritime Organization, Convention, article 61, with resolution A.842(20), rules
/// 56bis and 56ter: no vote if an obligation is not discharged within one year from its due day; a
/// request for a waiver offers a schedule of payments a month before; who stands for the Council
/// has paid or agreed a schedule. Source: <http://rise.odessa.ua/texts/A842_20e.php3>.
pub(super) fn imo_61() -> Option<DuesPolicy> {
    let organs = &[
        "assembly",
        "council",
        "maritime-safety-committee",
        "legal-committee",
        "marine-environment-protection-committee",
        "technical-cooperation-committee",
        "facilitation-committee",
    ];
    let no_vote = tier(older_than(12), Comparator::MoreThan, &["vote"], organs)?;
    let no_candidate = DuesTier {
        restored_by: Restoration::PlanAgreed,
        ..tier(
            older_than(12),
            Comparator::MoreThan,
            &["stand"],
            &["council"],
        )?
    };
    Some(DuesPolicy {
        waiver: Some(WaiverRule {
            ground: Word::new("discretion").ok()?,
            needs_plan: true,
            request_months_before: Some(1),
            ..beyond_control(&["assembly"])?
        }),
        ..policy("imo-61", vec![no_vote, no_candidate])?
    })
}

/// ICCROM, Statutes, article 9: no vote and no proposal of candidates for the Council if what is
/// overdue exceeds what is payable for the current and the preceding year; no services after four
/// consecutive years unpaid; after six the membership counts as renounced. The General Assembly may
/// waive each in special circumstances. Source: <https://droit-bilingue.ch> (0.440.3-9).
pub(super) fn iccrom_9() -> Option<DuesPolicy> {
    let unpaid = |years| Measure::UnpaidYears {
        years,
        consecutive: true,
        counted_from: CountedFrom::YearEnd,
    };
    let rights = &["vote", "propose-candidates"];
    let no_vote = tier(current_and_preceding(), Comparator::MoreThan, rights, &[])?;
    let no_services = tier(unpaid(4), Comparator::AtLeast, &["services"], &[])?;
    let renounced = ending(tier(unpaid(6), Comparator::AtLeast, &[], &[])?);
    Some(DuesPolicy {
        waiver: Some(WaiverRule {
            ground: Word::new("special-circumstances").ok()?,
            ..beyond_control(&["general-assembly"])?
        }),
        ..policy("iccrom-9", vec![no_vote, no_services, renounced])?
    })
}

/// African Union, sanctions of November 2018, in three tiers: who has not paid half of its
/// assessment within six months does not take the floor; who is a year in arrears does not stand
/// for office or propose candidates; who is two years in arrears does not take part. Of the second
/// the source has the threshold and no full list of rights; the third, its threshold and its
/// rights, is not in the source held and unconfirmed. Source:
/// <https://www.newtimes.co.rw/business/sanctions-non-payment-au-fees-explained>.
pub(super) fn au_2018() -> Option<DuesPolicy> {
    let half = Measure::Fraction {
        numerator: 1,
        denominator: 2,
        months: 6,
    };
    let cautionary = tier(half, Comparator::MoreThan, &["speak"], &[])?;
    let rights = &["stand", "propose-candidates"];
    let intermediate = tier(older_than(12), Comparator::MoreThan, rights, &[])?;
    let comprehensive = tier(older_than(24), Comparator::MoreThan, &["participate"], &[])?;
    Some(DuesPolicy {
        waiver: Some(WaiverRule {
            ground: Word::new("discretion").ok()?,
            ..beyond_control(&["assembly"])?
        }),
        ..policy("au-2018", vec![cautionary, intermediate, comprehensive])?
    })
}

/// Returns the measure of arrears against the current and the preceding year.
fn current_and_preceding() -> Measure {
    Measure::Amount {
        full_years: 1,
        with_current: true,
        counted_from: CountedFrom::DueDate,
    }
}
