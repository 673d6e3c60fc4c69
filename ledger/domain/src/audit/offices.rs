//! Findings on offices: those the law demands and nobody holds, and terms that have run out.

use super::{Audit, Code, Finding, Severity};
use crate::answers::view::Parties;
use crate::entry::event::{Event, Holder};
use crate::entry::norm::{OfficeRule, Support};
use crate::entry::slot::Slot;
use crate::id::position::Position;
use crate::id::{ArticleRef, OfficeId, PartyId, Word};
use crate::law::ArticleLine;
use crate::law::in_force::InForce;
use crate::stop::Stopped;
use crate::time::day::Day;
use crate::time::timeline::Timeline;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl<P: Parties> Audit<'_, P> {
    pub(super) fn office_findings(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        self.vacancies(found)?;
        let mut by_law: BTreeSet<(&OfficeId, Option<Word>)> = BTreeSet::new();
        for norm in self.view.law.in_force(self.on) {
            let Some(rule) = norm.norm.rule.office() else {
                continue;
            };
            if norm.certain != Truth::Yes {
                continue;
            }
            for seat in seats(rule) {
                self.stop.check()?;
                self.elapsed(&rule.office, seat.as_ref(), Some((&norm, rule)), found);
                by_law.insert((&rule.office, seat));
            }
        }
        // Of an office that no norm has the record may say when a term ends.
        let least = Slot::Holder(OfficeId::least(), None);
        for (slot, _) in self.view.book.slots_from(&least) {
            let Slot::Holder(office, seat) = slot else {
                break;
            };
            self.stop.check()?;
            if !by_law.contains(&(office, seat.clone())) {
                self.elapsed(office, seat.as_ref(), None, found);
            }
        }
        Ok(())
    }

    /// The times through the day of the question in which the law certainly has an office and
    /// nobody can have held it, each with all seats that were so.
    fn vacancies(&self, found: &mut Vec<Finding>) -> Result<(), Stopped> {
        let mut vacant: BTreeMap<(OfficeId, Window), Vacant> = BTreeMap::new();
        for line in self.view.law.articles() {
            self.stop.check()?;
            for (office, seat) in offices_of(line) {
                self.stop.check()?;
                let slot = Slot::Holder(office.clone(), seat.clone());
                let Ok(holders) = self.view.book.line(&slot, self.view.known_at) else {
                    continue;
                };
                for (window, position) in self.times_without(line, &office, seat.as_ref(), &holders)
                {
                    let of = vacant.entry((office.clone(), window)).or_default();
                    of.seats.extend(seat.clone());
                    of.articles.push(line.article.clone());
                    of.entries.push(position);
                }
            }
        }
        for ((office, window), of) in vacant {
            let seats: Vec<String> = of.seats.iter().map(ToString::to_string).collect();
            let each = if seats.is_empty() {
                String::new()
            } else {
                format!(" for each of {}", seats.join(", "))
            };
            let articles: BTreeSet<String> = of.articles.iter().map(ToString::to_string).collect();
            let by = articles.into_iter().collect::<Vec<_>>().join(" and ");
            // What goes on is dated by when it began, so that it stays one finding from day to day.
            let (date, time) = if window.latest == self.on {
                let since = Window::day(window.earliest);
                (since, format!("since {}", window.earliest))
            } else {
                (
                    window,
                    format!("from {} through {}", window.earliest, window.latest),
                )
            };
            let message = format!(
                "{by} provides for the office of {office}{each}; nobody is recorded to hold it {time}"
            );
            let (code, severity) = (Code::OfficeVacant, Severity::Gap);
            let finding = Finding::new(code, severity, date, of.entries, message);
            found.push(finding.under(of.articles));
        }
        Ok(())
    }

    /// Returns the times in which an article certainly has an office and nobody can hold it, with
    /// the version that has it then.
    fn times_without(
        &self,
        line: &ArticleLine,
        office: &OfficeId,
        seat: Option<&Word>,
        holders: &Timeline<Arc<Event>>,
    ) -> Vec<(Window, Position)> {
        let bounds = |window: Window| [window.earliest, window.latest];
        let law = line
            .line
            .steps()
            .iter()
            .flat_map(|step| bounds(step.window));
        let held = holders.steps().iter().flat_map(|step| bounds(step.window));
        // Between two of these days nothing changes.
        let days: BTreeSet<Day> = law.chain(held).filter(|day| *day <= self.on).collect();
        let mut times: Vec<(Window, Position)> = Vec::new();
        let mut open = false;
        for day in days {
            let without = demanded(line, office, seat, day).filter(|_| empty(holders, day));
            if open && let Some((time, _)) = times.last_mut() {
                time.latest = day.previous();
            }
            match without {
                None => open = false,
                Some(_) if open => {}
                Some(position) => {
                    times.push((Window::day(day), position));
                    open = true;
                }
            }
        }
        if open && let Some((time, _)) = times.last_mut() {
            time.latest = self.on;
        }
        times
    }

    /// A holder whose term ran out, by the record or by the law, and who is recorded to hold the
    /// office still (rule 11).
    fn elapsed(
        &self,
        office: &OfficeId,
        seat: Option<&Word>,
        by_law: Option<(&InForce<'_>, &OfficeRule)>,
        found: &mut Vec<Finding>,
    ) {
        let slot = Slot::Holder(office.clone(), seat.cloned());
        let Ok(line) = self.view.book.line(&slot, self.view.known_at) else {
            return;
        };
        let last: Vec<Option<usize>> = line.last_steps(self.on).collect();
        let [Some(step)] = last[..] else { return };
        let Some((event, position)) = line.value_after(Some(step)) else {
            return;
        };
        // Who comes back as another's election was annulled took up the office when he did.
        let steps = line.steps();
        let begun = steps.iter().find(|step| step.position == position);
        let begun = begun.map_or(steps[step].window, |step| step.window);
        let Some(holding) = event.holding() else {
            return;
        };
        let ends = match holding.term_until {
            // Until an edge of a session that was called off: it does not end by itself.
            Some(until) => self
                .view
                .when(until)
                .map(|on| (on, "the record".to_owned())),
            None => by_law.and_then(|(norm, rule)| {
                let until = self.view.term_by_law(rule, begun)?;
                Some((until, norm.article.to_string()))
            }),
        };
        let Some((until, source)) = ends else {
            return;
        };
        if until.latest > self.on {
            return;
        }
        let message = format!(
            "the term of the {office} ended on {until} by {source}; neither a successor nor a renewal is recorded"
        );
        let (code, severity) = (Code::TermElapsed, Severity::Note);
        let finding = Finding::new(code, severity, until, [position], message);
        found.push(
            finding
                .of_parties(party(holding.holder))
                .under(by_law.map(|(norm, _)| norm.article.clone())),
        );
    }
}

/// What an office lacked for a time.
#[derive(Default)]
struct Vacant {
    seats: BTreeSet<Word>,
    articles: Vec<ArticleRef>,
    entries: Vec<Position>,
}

/// Returns the offices and seats that any version of an article has.
fn offices_of(line: &ArticleLine) -> BTreeSet<(OfficeId, Option<Word>)> {
    let rules = line.norms().filter_map(|norm| norm.rule.office());
    let offices = rules.flat_map(|rule| {
        seats(rule)
            .into_iter()
            .map(|seat| (rule.office.clone(), seat))
    });
    offices.collect()
}

/// Returns the version by which an article has a seat on a day, if it has it in every version that
/// may be in force.
fn demanded(
    line: &ArticleLine,
    office: &OfficeId,
    seat: Option<&Word>,
    day: Day,
) -> Option<Position> {
    let mut by = None;
    for version in line.versions(day) {
        let (version, position) = version?;
        let has = version.norms.iter().any(|norm| {
            norm.rule.office().is_some_and(|rule| {
                norm.support != Support::Unknown
                    && rule.office == *office
                    && seats(rule).iter().any(|other| other.as_ref() == seat)
            })
        });
        if !has {
            return None;
        }
        by = Some(position);
    }
    by
}

/// Returns whether nobody can hold an office at the end of a day.
fn empty(holders: &Timeline<Arc<Event>>, day: Day) -> bool {
    let mut values = holders.possible(day);
    values.all(|value| value.is_none_or(|(event, _)| event.ends()))
}

fn seats(rule: &OfficeRule) -> Vec<Option<Word>> {
    if rule.seats.is_empty() {
        return vec![None];
    }
    rule.seats.iter().cloned().map(Some).collect()
}

fn party(holder: Holder) -> Option<PartyId> {
    match holder {
        Holder::Party(party) => Some(party),
        Holder::Person(_) => None,
    }
}
