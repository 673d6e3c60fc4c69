//! Memberships that end by arrears (rule 27), and those that begin after such an end.
//!
//! Stratum (rule 27): losses and endings; reads recorded acts, law, accounts.

use super::Judged;
use crate::answers::view::{Parties, View};
use crate::dues::loss::{Loss, Stage};
use crate::record::class::ClassValue;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::timeline::Timeline;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// How many successions a membership is followed through.
const LONGEST_CHAIN: usize = 32;

/// When a membership may have begun; none where there may be none, as what passed on had ended.
pub(crate) type Begun = BTreeSet<Option<Window>>;

impl<P: Parties> View<'_, P> {
    /// Returns whether a membership that began in a window has ended by arrears on a day. Dues that
    /// fell due before it began are no ground. It ends under the policy of the day of its end, and
    /// stays ended when that policy is replaced.
    pub(crate) fn ended_by_arrears(&self, record: &PartyRecord, begun: Window, day: Day) -> Truth {
        if !self.law.ends_memberships() || record.dues_facts().is_empty() {
            return Truth::No;
        }
        let record = &*self.as_member(record, day);
        let mut starts = self.law.policy_bounds();
        starts.insert(begun.earliest);
        starts.retain(|start| begun.earliest <= *start && *start <= day);
        let starts: Vec<Day> = starts.into_iter().collect();
        let mut ended = Truth::No;
        for (place, start) in starts.iter().enumerate() {
            let last = starts.get(place + 1).map_or(day, |next| next.previous());
            for policy in self.policies(record, last) {
                let judged = self.judged_under(policy, record, Some(begun), last);
                let ended_here = self.ended_within(&judged, record, *start..=last);
                ended = ended.or(policy.applies.and(ended_here));
            }
            if ended == Truth::Yes {
                break;
            }
        }
        ended
    }

    /// Returns whether the membership ended on one of these days: the test held, and no waiver
    /// stood.
    fn ended_within(
        &self,
        judged: &Judged<'_>,
        record: &PartyRecord,
        within: RangeInclusive<Day>,
    ) -> Truth {
        let tiers = judged.policy.reading.tiers.iter();
        let mut ended = Truth::No;
        for tier in tiers.filter(|tier| tier.ends_membership) {
            let loss = judged.case(tier).lay();
            let turns = loss.best.turns().iter().chain(loss.worst.turns());
            let mut days: BTreeSet<Day> = turns.map(|turn| turn.day).collect();
            days.extend(self.waiver_days(record));
            days.extend([*within.start(), *within.end()]);
            for day in days.range(within.clone()) {
                let waiver = self.waiver(record, judged.article(), *day);
                let kept = waiver.map_or(Truth::No, |waiver| waiver.truth);
                ended = ended.or(is_lost(&loss, *day).and(!kept));
            }
        }
        ended
    }

    /// Returns the days on which a membership may end by arrears, in order.
    pub(crate) fn days_of_endings(&self, record: &PartyRecord) -> BTreeSet<Day> {
        if !self.law.ends_memberships() || record.dues_facts().is_empty() && record.kin().is_none()
        {
            return BTreeSet::new();
        }
        let years = if self.law.has_conditional_policies() {
            self.years_of_sessions()
        } else {
            BTreeSet::new()
        };
        let mut days = self.dues_days(record, &years);
        days.extend(self.law.policy_bounds());
        days.extend(years);
        days
    }

    /// Returns the first days of the years in which, or next to which, sessions are: on others no
    /// condition about years turns (rule 20).
    pub(crate) fn years_of_sessions(&self) -> BTreeSet<Day> {
        let sessions = self.book.sessions(None);
        let days = sessions.filter_map(|session| self.book.session_days(session, self.known_at));
        let years = days.flat_map(|days| days.opening.earliest.year()..=days.closing.latest.year());
        years
            .flat_map(|year| [year, year + 1])
            .map(Day::first_of_year)
            .collect()
    }

    /// Returns the days on which waivers begin and end.
    fn waiver_days(&self, record: &PartyRecord) -> Vec<Day> {
        let mut days = Vec::new();
        for fact in self.known_dues(record) {
            if !fact.value.is_about_waivers() {
                continue;
            }
            let until = fact.value.takes_or_spares_until();
            let until = until.and_then(|until| self.when(until));
            let on = self.book.window(fact.at, self.known_at);
            let windows = [on, until].into_iter().flatten();
            days.extend(windows.flat_map(|window| [window.earliest, window.latest]));
            days.extend(self.annulled(fact).days());
        }
        days
    }

    /// Returns when the membership that stands after a step of a party's classes may have begun:
    /// with the first class since nothing stood, or since the membership before had ended by
    /// arrears; a membership that passed, with that of the predecessor.
    pub(crate) fn begun(
        &self,
        record: &PartyRecord,
        line: &Timeline<ClassValue>,
        step: usize,
        chain: usize,
    ) -> Begun {
        let mut begun = Begun::from([None]);
        for (place, taken) in line.steps().iter().enumerate().take(step + 1) {
            let new = match line.value_after(Some(place)) {
                None | Some((ClassValue::Ended(_), _)) => {
                    begun = Begun::from([None]);
                    continue;
                }
                Some((ClassValue::Taken { .. }, _)) => Begun::from([Some(taken.window)]),
                Some((ClassValue::PassedFrom(party), position)) => {
                    let before = self.before_passing(*party, position);
                    before.map_or(Begun::from([None]), |(from, line, before)| {
                        self.unended(&from, &line, before, taken.window, chain)
                    })
                }
            };
            let eve = taken.window.earliest.previous();
            let mut after = Begun::new();
            for before in begun {
                let Some(before) = before else {
                    after.extend(new.iter().copied());
                    continue;
                };
                let ended = self.ended_by_arrears(record, before, eve);
                if ended != Truth::Yes {
                    after.insert(Some(before));
                }
                if ended != Truth::No {
                    after.extend(new.iter().copied());
                }
            }
            begun = after;
        }
        begun
    }

    /// Returns when the membership that a predecessor passed on in a window had begun; none where
    /// it may have ended before.
    fn unended(
        &self,
        from: &PartyRecord,
        line: &Timeline<ClassValue>,
        step: Option<usize>,
        passed: Window,
        chain: usize,
    ) -> Begun {
        let (Some(step), Some(chain)) = (step, chain.checked_sub(1)) else {
            return Begun::from([None]);
        };
        let mut left = Begun::new();
        for begun in self.begun(from, line, step, chain) {
            let ended = begun.map_or(Truth::Yes, |begun| {
                self.ended_by_arrears(from, begun, passed.earliest.previous())
            });
            if ended != Truth::Yes {
                left.insert(begun);
            }
            if ended != Truth::No {
                left.insert(None);
            }
        }
        left
    }

    /// Returns when the membership of a party on a day began, at the earliest it may have; none
    /// where it never had one.
    pub(super) fn member_since(&self, record: &PartyRecord, day: Day) -> Option<Window> {
        if !self.law.ends_memberships() {
            return None;
        }
        let line = self.class_line(record).ok()?;
        let last = line.last_steps(day).flatten().last()?;
        let begun = self.begun(record, &line, last, LONGEST_CHAIN);
        begun.into_iter().flatten().next()
    }
}

/// What was paid while a waiver stood is no ground when it ends, so the test is asked again.
fn is_lost(loss: &Loss<'_>, day: Day) -> Truth {
    let lines = [&loss.best, &loss.worst];
    Truth::agreed(lines.map(|line| {
        let holds = || loss.case.measured(day, line.placement).holds;
        Truth::known(line.stage_at(day) == Stage::Lost && holds())
    }))
}
