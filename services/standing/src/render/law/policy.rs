//! Dues policies in words, a line for each reading and each tier.

use super::norm::{list, text};
use crate::render::counted;
use standing_proto::v1::dues_moment::At;
use standing_proto::v1::dues_tier::{Measure, Way};
use standing_proto::v1::{
    Comparator, DuesCountedFrom, DuesDay, DuesDecisionRule, DuesMode, DuesMoment, DuesPolicyRule,
    DuesRestoration, DuesTier, DuesWaiverRule, PaymentOrder, Share,
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Writes what a policy says, a line each, with how far the line is moved to the right.
pub fn lines(policy: &DuesPolicyRule) -> Vec<(u16, String)> {
    let year = year(policy);
    let mut lines = vec![(0, accounts(policy, &year))];
    for (n, reading) in policy.readings.iter().enumerate() {
        let default = if n == 0 && policy.readings.len() > 1 {
            ", the default"
        } else {
            ""
        };
        lines.push((0, format!("reading {}{default}", reading.name)));
        let tiers = reading.tiers.iter();
        lines.extend(tiers.map(|one| (2, tier(one, &year))));
    }
    lines.extend(policy.waiver.iter().map(|rule| (0, waiver(rule))));
    lines
}

/// Returns the first day of the policy's year.
fn year(policy: &DuesPolicyRule) -> String {
    let month = usize::try_from(policy.fiscal_year_begins.max(1)).unwrap_or(usize::MAX);
    match MONTHS.get(month - 1) {
        Some(name) => format!("1 {name}"),
        None => format!("the first of month {month}"),
    }
}

fn accounts(policy: &DuesPolicyRule, year: &str) -> String {
    let funds = if policy.funds.is_empty() {
        "every fund".to_owned()
    } else {
        policy.funds.join(", ")
    };
    let order = match policy.payment_order() {
        PaymentOrder::OldestFirst | PaymentOrder::Unspecified => "the oldest year first",
        PaymentOrder::NamedYearFirst => "the year they name, then the oldest",
        PaymentOrder::NewestFirst => "the newest year first",
    };
    let notice = match policy.notice_months {
        0 => String::new(),
        months => format!(
            "; a warning is owed {} before a session",
            counted(months, "month", "months")
        ),
    };
    let parent = match policy.parent.as_str() {
        "" => String::new(),
        parent => format!("; a suspension in {parent} suspends here too"),
    };
    format!("dues to {funds}, by years from {year}; payments meet {order}{notice}{parent}")
}

fn tier(tier: &DuesTier, year: &str) -> String {
    let what = match (tier.ends_membership, tier.rights.is_empty()) {
        (true, _) => "the membership".to_owned(),
        (false, true) => "every right".to_owned(),
        (false, false) => tier.rights.join(", "),
    };
    let bodies = list(" in ", &tier.bodies);
    let verb = if tier.ends_membership { "ends" } else { "lost" };
    let decision = tier.decided_by.as_ref().map(decision);
    let lost = match &tier.way {
        Some(Way::TwoStep(series)) => {
            let warned = "after a warning at the one before";
            let by = decision.map(|by| format!(", {by},")).unwrap_or_default();
            format!("at the opening of {series} {warned}{by}")
        }
        Some(Way::Mode(mode)) if *mode == DuesMode::ByDecision as i32 => {
            decision.unwrap_or_else(|| "by a decision".to_owned())
        }
        _ => format!("automatically{}", from(tier.lost_at.as_ref(), year)),
    };
    let (when, back) = (when(tier), restored(tier, year));
    format!("{what}{bodies} {verb} {lost} when {when}; back {back}")
}

fn decision(rule: &DuesDecisionRule) -> String {
    let of = text(" of ", &rule.bodies.join(" or "));
    format!("by a decision{of}{}", majority(rule.majority))
}

fn majority(share: Option<Share>) -> String {
    share.map_or_else(String::new, |share| {
        format!(
            " with {}/{} of the votes",
            share.numerator, share.denominator
        )
    })
}

/// Writes from which day something holds; nothing if from any.
fn from(moment: Option<&DuesMoment>, year: &str) -> String {
    match moment.and_then(|moment| moment.at.as_ref()) {
        Some(At::OpeningOf(body)) => format!(" at the opening of {body}"),
        Some(At::Day(day)) if *day == DuesDay::FirstOfYear as i32 => format!(" from {year}"),
        _ => String::new(),
    }
}

fn when(tier: &DuesTier) -> String {
    let more = tier.comparator() == Comparator::MoreThan;
    let least = if more { "more than" } else { "at least" };
    match &tier.measure {
        None => "(not said)".to_owned(),
        Some(Measure::Amount(amount)) => {
            let arrears = match amount.counted_from() {
                DuesCountedFrom::DueDate => "arrears past their due day",
                DuesCountedFrom::YearEnd | DuesCountedFrom::Unspecified => "arrears",
            };
            let reach = if more { "exceed" } else { "reach" };
            let years = match (amount.full_years, amount.with_current) {
                (0, _) => "the current year".to_owned(),
                (1, false) => "the last full year".to_owned(),
                (1, true) => "the last full year and the current one".to_owned(),
                (years, false) => format!("the last {years} full years"),
                (years, true) => format!("the last {years} full years and the current one"),
            };
            format!("{arrears} {reach} what was assessed for {years}")
        }
        Some(Measure::Age(age)) => {
            let past = match age.counted_from() {
                DuesCountedFrom::YearEnd => "past the end of their year",
                DuesCountedFrom::DueDate | DuesCountedFrom::Unspecified => "past their due day",
            };
            match time(age.months, age.days) {
                None => format!("any dues are {past}"),
                Some(time) => format!("the oldest dues are {least} {time} {past}"),
            }
        }
        Some(Measure::Fraction(part)) => {
            let share = part.paid.unwrap_or_default();
            let share = format!("{}/{}", share.numerator, share.denominator);
            let after = counted(part.months, "month", "months");
            if more {
                format!("less than {share} is paid {after} after the due day")
            } else {
                format!("no more than {share} is paid {after} after the due day")
            }
        }
        Some(Measure::UnpaidYears(unpaid)) => {
            let from = match unpaid.counted_from() {
                DuesCountedFrom::YearEnd => "at their end",
                DuesCountedFrom::DueDate | DuesCountedFrom::Unspecified => "past their due day",
            };
            let row = if unpaid.consecutive { " in a row" } else { "" };
            let years = counted(unpaid.years, "year", "years");
            let are = if unpaid.years == 1 { "is" } else { "are" };
            format!("{least} {years}{row} {are} unpaid {from}")
        }
        Some(Measure::SinceNotice(since)) => match time(since.months, since.days) {
            None => "dues are unpaid after a notice".to_owned(),
            Some(time) => format!("dues are unpaid {least} {time} after a notice"),
        },
    }
}

fn restored(tier: &DuesTier, year: &str) -> String {
    let by = match tier.restored_by() {
        DuesRestoration::BelowThreshold | DuesRestoration::Unspecified => "when below",
        DuesRestoration::PaidInFull => "when nothing is overdue",
        DuesRestoration::PlanAgreed => "when a plan is agreed and kept, or when below",
        DuesRestoration::Decision => "by a decision",
    };
    format!("{by}{}", from(tier.restored_at.as_ref(), year))
}

fn waiver(rule: &DuesWaiverRule) -> String {
    let who = if rule.bodies.is_empty() {
        "any body may waive this for itself".to_owned()
    } else {
        format!("{} may waive this", rule.bodies.join(" or "))
    };
    let majority = majority(rule.majority);
    let end = if rule.must_end {
        ", until a day it names"
    } else {
        ""
    };
    let plan = if rule.needs_plan {
        ", for a plan of payments"
    } else {
        ""
    };
    let after = rule.request_days_after_opening.map(|days| {
        let days = counted(days, "day", "days");
        format!("; requests come at most {days} after the opening")
    });
    let before = rule.request_months_before.map(|months| {
        let months = counted(months, "month", "months");
        format!("; requests come at least {months} before the opening")
    });
    let requests = [after, before].into_iter().flatten().collect::<String>();
    let ground = &rule.ground;
    format!("{who}{majority} on the ground {ground}{end}{plan}{requests}")
}

fn time(months: u32, days: u32) -> Option<String> {
    match (months, days) {
        (0, 0) => None,
        (months, 0) => Some(counted(months, "month", "months")),
        (0, days) => Some(counted(days, "day", "days")),
        (months, days) => Some(format!(
            "{} and {}",
            counted(months, "month", "months"),
            counted(days, "day", "days")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use standing_domain::dues::built_in::built_in;

    fn check(name: &str, expected: &Expect) {
        let policy = DuesPolicyRule::from(&built_in(name).unwrap());
        let told: Vec<String> = lines(&policy)
            .into_iter()
            .map(|(by, line)| format!("{}{line}", " ".repeat(by.into())))
            .collect();
        expected.assert_eq(&told.join("\n"));
    }

    #[test]
    fn policies_are_told_tier_by_tier() {
        check(
            "un-19",
            &expect![[r"
            dues to every fund, by years from 1 January; payments meet the oldest year first
            reading text
              vote in general-assembly lost automatically from 1 January when arrears reach what was assessed for the last 2 full years; back when below
            general-assembly may waive this on the ground beyond-control, until a day it names"]],
        );
        check(
            "near-2019",
            &expect![[r"
                dues to every fund, by years from 1 January; payments meet the oldest year first
                reading due-date, the default
                  vote, stand lost by a decision when at least 2 years are unpaid past their due day; back when below
                reading year-end
                  vote, stand lost by a decision when at least 2 years are unpaid at their end; back when below
                reading due-date-automatic
                  vote, stand lost automatically when at least 2 years are unpaid past their due day; back when below
                reading year-end-automatic
                  vote, stand lost automatically when at least 2 years are unpaid at their end; back when below"]],
        );
        check(
            "near-2017",
            &expect![[r"
            dues to every fund, by years from 1 January; payments meet the oldest year first
            reading text
              vote in general-assembly, working-committee lost by a decision of secretariat when any dues are past their due day; back when nothing is overdue"]],
        );
    }

    #[test]
    fn two_steps_endings_and_fractions_are_told() {
        check(
            "who-7",
            &expect![[r"
            dues to every fund, by years from 1 January; payments meet the oldest year first
            reading text
              vote, services lost at the opening of health-assembly after a warning at the one before, by a decision of health-assembly with 2/3 of the votes, when arrears reach what was assessed for the last 2 full years; back when below
            health-assembly may waive this on the ground exceptional-circumstances"]],
        );
        check(
            "iccrom-9",
            &expect![[r"
            dues to every fund, by years from 1 January; payments meet the oldest year first
            reading text
              vote, propose-candidates lost automatically when arrears past their due day exceed what was assessed for the last full year and the current one; back when below
              services lost automatically when at least 4 years in a row are unpaid at their end; back when below
              the membership ends automatically when at least 6 years in a row are unpaid at their end; back by a decision
            general-assembly may waive this on the ground special-circumstances"]],
        );
        check(
            "au-2018",
            &expect![[r"
            dues to every fund, by years from 1 January; payments meet the oldest year first
            reading text
              speak lost automatically when less than 1/2 is paid 6 months after the due day; back when below
              stand, propose-candidates lost automatically when the oldest dues are more than 12 months past their due day; back when below
              participate lost automatically when the oldest dues are more than 24 months past their due day; back when below
            assembly may waive this on the ground discretion"]],
        );
    }

    #[test]
    fn waivers_notices_and_parents_are_told() {
        check(
            "unesco-iv-c-8",
            &expect![[r"
            dues to every fund, by years from 1 January; payments meet the oldest year first; a warning is owed 6 months before a session
            reading text
              vote in general-conference, committee lost automatically when arrears past their due day exceed what was assessed for the last full year and the current one; back when below
            general-conference may waive this on the ground beyond-control; requests come at most 3 days after the opening"]],
        );
        check(
            "unido-5",
            &expect![[r"
            dues to every fund, by years from 1 January; payments meet the oldest year first; a suspension in un suspends here too
            reading text
              vote lost automatically when arrears reach what was assessed for the last 2 full years; back when below
            any body may waive this for itself on the ground beyond-control"]],
        );
        check(
            "imo-61",
            &expect![[r"
            dues to every fund, by years from 1 January; payments meet the oldest year first
            reading text
              vote in assembly, council, maritime-safety-committee, legal-committee, marine-environment-protection-committee, technical-cooperation-committee, facilitation-committee lost automatically when the oldest dues are more than 12 months past their due day; back when below
              stand in council lost automatically when the oldest dues are more than 12 months past their due day; back when a plan is agreed and kept, or when below
            assembly may waive this on the ground discretion, for a plan of payments; requests come at least 1 month before the opening"]],
        );
        check(
            "deemed-resignation-12m",
            &expect![[r"
            dues to every fund, by years from 1 January; payments meet the oldest year first
            reading text
              the membership ends automatically when the oldest dues are more than 12 months past their due day; back by a decision"]],
        );
    }
}
