//! The days on which anything about an account can change: between two of them every test stands
//! still.
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, accounts.

use super::account::Obligation;
use crate::dues::case::{Case, Cause, Notice};
use crate::entry::policy::{Measure, Moment, plus};
use crate::time::day::Day;
use crate::time::when::Window;
use std::collections::BTreeMap;

/// The days, each with what happens or may happen on it.
pub(super) type Points = BTreeMap<Day, Vec<Cause>>;

impl Case<'_> {
    /// Returns the days on which a test of this case, or a moment of its tier, can turn.
    pub(super) fn points(&self) -> Points {
        let mut points = Points::new();
        for obligation in &self.account.obligations {
            if self.policy.covers(&obligation.fund) {
                self.obligation(obligation, &mut points);
            }
        }
        for payment in &self.account.payments {
            ends(payment.on, &Cause::Paid(payment.position), &mut points);
        }
        for joined in &self.account.joined {
            let cause = Cause::Passed(joined.position);
            ends(joined.on, &cause, &mut points);
            if let Some(until) = joined.until {
                ends(until, &cause, &mut points);
            }
        }
        self.plans(&mut points);
        for (position, annulled) in &self.account.annulled {
            for day in annulled.days() {
                points
                    .entry(day)
                    .or_default()
                    .push(Cause::Annulled(*position));
            }
        }
        for Notice {
            on: notice,
            annulled,
        } in &self.surroundings.notices
        {
            for day in annulled.days() {
                points
                    .entry(day)
                    .or_default()
                    .push(Cause::NoticeGiven(*notice));
            }
            let (months, days) = match self.tier.measure {
                Measure::SinceNotice { months, days } => (months, days),
                _ => (0, 0),
            };
            // A session that opens on the day after a notice is the first that can be its next.
            for day in [notice.earliest, notice.latest] {
                last_day(day, &Cause::NoticeGiven(*notice), &mut points);
                let over = plus(day, months, days);
                last_day(over, &Cause::NoticeGiven(*notice), &mut points);
            }
        }
        self.years(&mut points);
        for (body, window) in &self.surroundings.openings {
            let turns_on = |moment: &Moment| *moment == Moment::SessionOpening(body.clone());
            if turns_on(&self.tier.lost_at) || turns_on(&self.tier.restored_at) {
                ends(
                    *window,
                    &Cause::SessionOpened(body.clone(), *window),
                    &mut points,
                );
            }
        }
        points
    }

    fn obligation(&self, obligation: &Obligation, points: &mut Points) {
        let cause = Cause::Overdue {
            fund: obligation.fund.clone(),
            year: obligation.year,
        };
        let (months, days) = match self.tier.measure {
            Measure::Age { months, days, .. } => (months, days),
            Measure::Fraction { months, .. } => (months, 0),
            _ => (0, 0),
        };
        for revision in &obligation.revisions {
            ends(
                revision.effective,
                &Cause::Assessed(revision.position),
                points,
            );
            for due in [revision.due.earliest, revision.due.latest] {
                let counted_from = self.tier.measure.counted_from();
                let in_time = self
                    .policy
                    .in_time_until(due, obligation.year, counted_from);
                last_day(due, &cause, points);
                last_day(in_time, &cause, points);
                last_day(plus(in_time, months, days), &cause, points);
            }
        }
        for (on, _, position) in &obligation.written_off {
            ends(*on, &Cause::WrittenOff(*position), points);
        }
    }

    fn plans(&self, points: &mut Points) {
        for plan in &self.account.plans {
            ends(plan.agreed, &Cause::PlanAgreed(plan.position), points);
            if let Some(until) = plan.until {
                ends(until, &Cause::PlanEnded(plan.position), points);
            }
            for (due, _) in &plan.instalments {
                for day in [due.earliest, due.latest] {
                    last_day(day, &Cause::InstalmentMissed(plan.position), points);
                }
            }
        }
    }

    /// Adds the first days of the years in which a threshold can change, and the one after every
    /// other day, on which what waits for a year to begin happens.
    fn years(&self, points: &mut Points) {
        let mut begun: Vec<i16> = points
            .keys()
            .map(|day| self.policy.year_of(*day).saturating_add(1))
            .collect();
        if let Measure::Amount { full_years, .. } = self.tier.measure {
            // A threshold that counts the year before counts the first open year one year later.
            let open = self.surroundings.open.values();
            begun.extend(open.flat_map(|from| [*from, from.saturating_add(1)]));
            let assessed = || self.account.obligations.iter().map(|o| o.year);
            if let (Some(first), Some(last)) = (assessed().min(), assessed().max()) {
                let after = i16::try_from(full_years).unwrap_or(i16::MAX);
                let after = last.saturating_add(after).saturating_add(1);
                begun.extend(first.max(Day::MIN.year())..=after.min(Day::MAX.year()));
            }
        }
        begun.sort_unstable();
        begun.dedup();
        for year in begun {
            let day = self.policy.first_of_year(year);
            points.entry(day).or_default().push(Cause::YearBegan(year));
        }
    }
}

fn ends(window: Window, cause: &Cause, points: &mut Points) {
    points
        .entry(window.earliest)
        .or_default()
        .push(cause.clone());
    if !window.is_day() {
        points.entry(window.latest).or_default().push(cause.clone());
    }
}

/// Adds a last day and the day after it.
fn last_day(day: Day, cause: &Cause, points: &mut Points) {
    for day in [day, day.next()] {
        points.entry(day).or_default().push(cause.clone());
    }
}
