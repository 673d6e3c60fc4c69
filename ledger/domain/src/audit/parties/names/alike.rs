//! Names of two parties that are compared as different and look the same, on days on which both
//! bear them.

use crate::answers::view::Parties;
use crate::audit::{Audit, Code, Finding, Severity};
use crate::id::PartyId;
use crate::id::position::Position;
use crate::record::party::PartyRecord;
use crate::stop::{Stop, Stopped};
use crate::text::alike::looks;
use crate::text::folded;
use crate::time::day::Day;
use crate::time::timeline::Timeline;
use crate::time::when::Window;
use std::collections::{BTreeMap, BTreeSet};

/// How many names a sentence tells.
const TOLD: usize = 3;

/// A name that a party certainly bears for some days.
struct Borne {
    party: PartyId,
    position: Position,
    folded: String,
    written: String,
    days: Days,
}

/// When a name is borne.
#[derive(Clone, Copy)]
struct Days {
    since: Window,
    /// The first day on which it may be borne no more; none where nothing ends it.
    until: Option<Day>,
}

impl Days {
    /// Returns the first day on which it is certainly borne.
    fn from(self) -> Day {
        self.since.latest
    }

    /// Returns whether it is borne beyond a day, if it has begun.
    fn outlast(self, day: Day) -> bool {
        self.until.is_none_or(|until| day < until)
    }
}

/// A name of a timeline, the entry that gives it, and its days.
type Stretch<'a> = (&'a str, Position, Days);

/// The names of parties by what they look like.
#[derive(Default)]
pub(super) struct LookAlikes {
    borne: Vec<Borne>,
    looks: BTreeMap<String, Look>,
}

/// The names that have a look.
#[derive(Default)]
struct Look {
    /// Who is known to bear which text, whenever that is.
    known: Vec<(PartyId, String)>,
    /// The names, by their places.
    borne: Vec<usize>,
    /// The other looks that any of them has.
    beside: BTreeSet<String>,
}

/// A name of a look, with its place, and a number for all parties that share names with its own.
#[derive(Clone, Copy)]
struct Certain<'a> {
    place: usize,
    borne: &'a Borne,
    group: usize,
}

/// The names of a look that look like the name of another party, by their places, and since when.
struct Told {
    names: BTreeSet<usize>,
    since: Window,
}

impl<P: Parties> Audit<'_, P> {
    /// Takes note of the names that a party bears, and of when it certainly does.
    pub(super) fn note_looks(&self, party: &PartyId, record: &PartyRecord, alike: &mut LookAlikes) {
        let (book, known_at) = (self.view.book, self.view.known_at);
        for fact in record.name_facts().iter().filter(|f| f.is_known(known_at)) {
            for look in looks(&fact.value.text) {
                let known = (party.clone(), folded(&fact.value.text));
                alike.looks.entry(look).or_default().known.push(known);
            }
            let since = book.window(fact.at, known_at);
            if let Some(since) = since.filter(|_| fact.value.further) {
                alike.note(
                    party,
                    &fact.value.text,
                    fact.position,
                    Days { since, until: None },
                );
            }
        }
        for (_, line) in record.name_lines(book, known_at) {
            let Ok(line) = line else { continue };
            for (text, position, days) in stretches(&line) {
                alike.note(party, text, position, days);
            }
        }
    }
}

/// Returns the names of a timeline. What is given again goes on.
fn stretches(line: &Timeline<Box<str>>) -> Vec<Stretch<'_>> {
    let steps = line.steps();
    let mut all: Vec<Stretch<'_>> = Vec::new();
    let mut last = None;
    for (i, step) in steps.iter().enumerate() {
        let (since, until) = (
            step.window,
            steps.get(i + 1).map(|next| next.window.earliest),
        );
        let value = line.value_after(Some(i));
        let text = value.map(|(text, _)| text);
        match (value, all.last_mut()) {
            (Some(_), Some((.., days))) if last == text => days.until = until,
            (Some((text, position)), _) => all.push((text, position, Days { since, until })),
            (None, _) => {}
        }
        last = text;
    }
    all
}

impl LookAlikes {
    fn note(&mut self, party: &PartyId, text: &str, position: Position, days: Days) {
        let place = self.borne.len();
        self.borne.push(Borne {
            party: party.clone(),
            position,
            folded: folded(text),
            written: text.to_owned(),
            days,
        });
        let all = looks(text);
        for look in &all {
            let of = self.looks.entry(look.clone()).or_default();
            of.borne.push(place);
            let beside = all.iter().filter(|other| *other != look);
            of.beside.extend(beside.cloned());
        }
    }

    /// Adds a finding for each look that names of several parties have by a day, unless all that it
    /// would tell is told of another.
    pub fn into_findings(
        self,
        on: Day,
        stop: Stop<'_>,
        found: &mut Vec<Finding>,
    ) -> Result<(), Stopped> {
        let mut told: BTreeMap<&str, Told> = BTreeMap::new();
        for (look, of) in &self.looks {
            stop.check()?;
            told.extend(self.told(of, on).map(|told| (look.as_str(), told)));
        }
        for (look, here) in &told {
            stop.check()?;
            let beside = self.looks.get(*look).map(|of| &of.beside);
            let elsewhere = beside.into_iter().flatten().any(|other| {
                told.get(other.as_str()).is_some_and(|there| {
                    let more = there.names.len() > here.names.len() || other.as_str() < *look;
                    more && here.names.is_subset(&there.names)
                })
            });
            if !elsewhere {
                found.push(self.finding(here));
            }
        }
        Ok(())
    }

    /// Returns the names of a look that, by a day, look like that of another party while both bear
    /// them.
    fn told(&self, look: &Look, on: Day) -> Option<Told> {
        let names = self.certain(look, on);
        let lasting = lasting(&names);
        // Whether of the first so many names one of another group lasts beyond a day.
        let beside = |so_many: usize, name: &Certain<'_>| {
            let longest = lasting.get(so_many).into_iter().flatten().flatten();
            let mut others = longest.filter(|other| other.group != name.group);
            others.any(|other| other.borne.days.outlast(name.borne.days.from()))
        };
        let first = names.iter().enumerate().find(|(i, name)| beside(*i, name));
        let day = first?.1.borne.days.from();
        let earliest = earliest(&names, day)?;
        let told = names.iter().filter(|name| {
            let begun =
                names.partition_point(|other| name.borne.days.outlast(other.borne.days.from()));
            beside(begun, name)
        });
        Some(Told {
            names: told.map(|name| name.place).collect(),
            since: Window {
                earliest,
                latest: day,
            },
        })
    }

    /// Returns the names of a look that parties certainly bear on some day and may by another, in
    /// the order in which they begin.
    fn certain(&self, look: &Look, on: Day) -> Vec<Certain<'_>> {
        let groups = groups(&look.known);
        let names = look.borne.iter().filter_map(|place| {
            let borne = &self.borne[*place];
            let so = borne.days.since.earliest <= on && borne.days.outlast(borne.days.from());
            let group = groups.get(&borne.party).filter(|_| so)?;
            Some(Certain {
                place: *place,
                borne,
                group: *group,
            })
        });
        let mut names: Vec<Certain<'_>> = names.collect();
        names.sort_by_key(|name| (name.borne.days.from(), name.place));
        names
    }

    fn finding(&self, told: &Told) -> Finding {
        let mut names: Vec<&Borne> = told.names.iter().map(|place| &self.borne[*place]).collect();
        names.sort_by(|a, b| (a.position, &a.written).cmp(&(b.position, &b.written)));
        let parties: BTreeSet<PartyId> = names.iter().map(|name| name.party.clone()).collect();
        let entries: Vec<Position> = names.iter().map(|name| name.position).collect();
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(&name.folded));
        let more = names.len().saturating_sub(TOLD);
        names.truncate(TOLD);
        let spelt: Vec<String> = names.iter().map(|name| spelt(name, &names)).collect();
        let more = if more == 0 {
            String::new()
        } else {
            format!(", and {more} more,")
        };
        let message = format!(
            "the names {}{more} look alike, and {} parties bear them",
            spelt.join(" and "),
            parties.len()
        );
        let (code, severity) = (Code::LookAlikeName, Severity::Note);
        let finding = Finding::new(code, severity, told.since, entries, message);
        finding.of_parties(parties)
    }
}

/// Returns the first day on which two groups may bear names that both certainly bear on a day.
fn earliest(names: &[Certain<'_>], day: Day) -> Option<Day> {
    let on_it = names
        .iter()
        .filter(|name| name.borne.days.from() <= day && name.borne.days.outlast(day));
    let mut begun: Vec<(Day, usize)> = on_it
        .map(|name| (name.borne.days.since.earliest, name.group))
        .collect();
    begun.sort_unstable();
    let (_, one) = *begun.first()?;
    let other = begun.into_iter().find(|(_, group)| *group != one)?;
    Some(other.0)
}

/// Returns, for each count of names, which of the first so many lasts longest, and which of those
/// of other groups.
fn lasting<'a>(names: &[Certain<'a>]) -> Vec<[Option<Certain<'a>>; 2]> {
    let until = |name: &Certain<'a>| (name.borne.days.until.is_none(), name.borne.days.until);
    let longer = |one: Option<Certain<'a>>, other: Certain<'a>| match one {
        Some(one) if until(&one) >= until(&other) => Some(one),
        _ => Some(other),
    };
    let mut longest: [Option<Certain<'a>>; 2] = [None, None];
    let mut all = vec![longest];
    for name in names {
        longest = match longest {
            [Some(first), second] if first.group != name.group => {
                if until(&first) >= until(name) {
                    [Some(first), longer(second, *name)]
                } else {
                    [Some(*name), Some(first)]
                }
            }
            [first, second] => [longer(first, *name), second],
        };
        all.push(longest);
    }
    all
}

/// Returns a number for each party: one and the same for those that share a name, each with the
/// next.
fn groups(known: &[(PartyId, String)]) -> BTreeMap<&PartyId, usize> {
    let mut parties: BTreeMap<&PartyId, usize> = BTreeMap::new();
    let mut texts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut group: Vec<usize> = Vec::new();
    for (party, text) in known {
        let party = *parties.entry(party).or_insert_with(|| {
            group.push(group.len());
            group.len() - 1
        });
        let shared = *texts.entry(text).or_insert(party);
        let (one, other) = (first(&mut group, party), first(&mut group, shared));
        group[one.max(other)] = one.min(other);
    }
    let of = parties.into_iter();
    of.map(|(party, number)| (party, first(&mut group, number)))
        .collect()
}

/// Returns the first of the group that one is in. Whoever is passed on the way stands nearer to it
/// afterwards.
fn first(group: &mut [usize], mut one: usize) -> usize {
    while group[one] != one {
        group[one] = group[group[one]];
        one = group[one];
    }
    one
}

/// Writes a name, with the characters that not all the others have: a reader sees no difference.
fn spelt(name: &Borne, all: &[&Borne]) -> String {
    let own = |c: &char| all.iter().any(|other| !other.folded.contains(*c));
    let own: BTreeSet<char> = name.folded.chars().filter(own).collect();
    let own = own.into_iter().take(TOLD);
    let own: Vec<String> = own.map(|c| format!("U+{:04X}", u32::from(c))).collect();
    if own.is_empty() {
        name.written.clone()
    } else {
        format!("{} (with {})", name.written, own.join(", "))
    }
}
