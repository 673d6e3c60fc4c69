//! What passes from party to party, as recorded (rule 12): whose account holds what was said under
//! which name, and what a membership brings with it.

use crate::entry::event::one::Succession;
use crate::entry::norm::Passing;
use crate::id::position::Position;
use crate::id::{ClassId, PartyId};
use crate::record::book::Book;
use crate::record::fact::Fact;
use crate::record::party::{Heir, PartyRecord};
use crate::record::without::Without;
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::truth::Truth;
use crate::time::when::Window;
use std::collections::BTreeMap;

/// Hands out a copy of the record of a party; none if it is not registered.
pub type ReadRecord<'a> = &'a dyn Fn(&PartyId) -> Option<PartyRecord>;

/// What is known of successions: at a position, less what a question leaves out.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The book.
    pub book: &'a Book,
    /// As known when.
    pub known_at: Position,
    /// The entries that are left out.
    pub without: Without<'a>,
    /// Reads records.
    pub read: ReadRecord<'a>,
}

/// A succession in which a membership or an account passes: once, or again each time that what had
/// annulled it is annulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Who is succeeded.
    pub from: PartyId,
    /// Who succeeds.
    pub to: PartyId,
    /// When.
    pub on: Window,
    /// The first day on which it is annulled; none where it is not.
    pub until: Option<Window>,
    /// Its order of the day.
    pub order: u16,
    /// Its entry.
    pub position: Position,
    /// Whether the membership passes.
    pub membership: bool,
    /// Whether the account does.
    pub accounts: bool,
    /// The class that results, where the succession says it.
    pub class: Option<ClassId>,
}

/// How long an account holds what is said under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// From when.
    pub from: Window,
    /// The first day on which it does not; none is open.
    pub until: Option<Window>,
}

/// Two accounts that came together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Together {
    /// When.
    pub on: Window,
    /// The first day on which that is annulled; none where it is not.
    pub until: Option<Window>,
    /// Who held the one, by the number of the name.
    pub from: usize,
    /// Who held the other.
    pub to: usize,
    /// The entry that says so.
    pub position: Position,
}

/// The accounts that ever came to a party, its own first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// The names, by number.
    pub names: Vec<PartyId>,
    /// The records of those by whose names anything may have come; the party's own is not among
    /// them.
    pub records: Vec<Option<PartyRecord>>,
    /// When the account asked for holds what is said under each name.
    pub held: Vec<Vec<Held>>,
    /// The accounts that came together, in the order in which they did.
    pub together: Vec<Together>,
    /// Entries by which an account would have passed that had passed on before, with whose.
    pub void: Vec<(Position, PartyId)>,
}

/// What happens to accounts.
enum Turn {
    /// A passage, by its place.
    Passes(usize),
    /// Its annulment takes effect.
    Annulled(usize),
}

impl Known<'_> {
    /// Returns the successions of a party that are known and not annulled from the start, in both
    /// directions.
    #[must_use]
    pub fn passages(&self, record: &PartyRecord) -> Vec<Passage> {
        if record.kin().is_none() {
            return Vec::new();
        }
        let facts = record.dues_facts().iter();
        let known = facts.filter(|fact| self.stands(fact));
        let (book, known_at) = (self.book, self.known_at);
        let passages = known.filter_map(|fact| {
            let Succession {
                from,
                to,
                passes,
                class,
            } = fact.value.succession()?;
            let on = book.window(fact.at, known_at)?;
            let annulled = if fact.annulled {
                book.annulled_without(fact.position, known_at, self.without)
            } else {
                Steps::default()
            };
            let stretches = stretches(on, &annulled).into_iter();
            Some(stretches.map(move |(on, until)| Passage {
                from: from.clone(),
                to: to.clone(),
                on,
                until,
                order: fact.order,
                position: fact.position,
                membership: passes.contains(&Passing::Membership),
                accounts: passes.contains(&Passing::Accounts),
                class: class.cloned(),
            }))
        });
        passages.flatten().collect()
    }

    /// Returns whether a fact is known, not left out and not annulled from the start.
    pub(super) fn stands<V>(&self, fact: &Fact<V>) -> bool {
        let (position, known_at) = (fact.position, self.known_at);
        let void = |annulled| {
            let book = self.book;
            book.is_void_without(position, annulled, known_at, self.without)
        };
        fact.is_known(known_at) && !(self.without)(position) && !void(fact.annulled)
    }

    /// Returns the accounts that ever came to a party; none where no account passed from it or to
    /// it. Of a record as its membership brought it, the account is that of the membership.
    #[must_use]
    pub fn accounts(&self, record: &PartyRecord) -> Option<Accounts> {
        let me = record.kin()?;
        let mut numbers = BTreeMap::from([(me.clone(), 0)]);
        let mut names = vec![me.clone()];
        let mut records: Vec<Option<PartyRecord>> = vec![None];
        let mut passages = Vec::new();
        let mut next = 0;
        while next < names.len() {
            let of = if next == 0 {
                self.passages(record)
            } else {
                records.push((self.read)(&names[next]));
                let read = records[next].as_ref();
                read.map_or_else(Vec::new, |record| self.passages(record))
            };
            for passage in of.into_iter().filter(|passage| passage.accounts) {
                if passage.from == names[next] {
                    passages.push(passage);
                } else if !numbers.contains_key(&passage.from) {
                    numbers.insert(passage.from.clone(), names.len());
                    names.push(passage.from);
                }
            }
            next += 1;
        }
        if passages.is_empty() {
            return None;
        }
        // Those that only receive: what they hold is not asked for.
        for passage in &passages {
            if !numbers.contains_key(&passage.to) {
                numbers.insert(passage.to.clone(), names.len());
                names.push(passage.to.clone());
                records.push(None);
            }
        }
        let flow = Flow::of(&passages, &numbers);
        let line = line(record, &passages, &numbers);
        let held = flow.holders.iter().map(|holders| held(holders, &line));
        Some(Accounts {
            held: held.collect(),
            names,
            records,
            together: flow.together,
            void: flow.void,
        })
    }
}

/// Who holds what is said under each name, and from when.
struct Flow {
    holders: Vec<Vec<(Window, usize)>>,
    together: Vec<Together>,
    void: Vec<(Position, PartyId)>,
}

impl Flow {
    fn of(passages: &[Passage], numbers: &BTreeMap<PartyId, usize>) -> Self {
        let mut turns: Vec<(Window, u16, Position, Turn)> = Vec::new();
        for (place, passage) in passages.iter().enumerate() {
            let (order, position) = (passage.order, passage.position);
            turns.push((passage.on, order, position, Turn::Passes(place)));
            if let Some(until) = passage.until {
                turns.push((until, u16::MAX, position, Turn::Annulled(place)));
            }
        }
        turns.sort_by_key(|(on, order, position, _)| (on.earliest, *order, *position));
        let mut flow = Self {
            holders: (0..numbers.len())
                .map(|name| vec![(Window::day(Day::MIN), name)])
                .collect(),
            together: Vec::new(),
            void: Vec::new(),
        };
        // The names whose account each holds now, and those that each passage moved.
        let mut holds: Vec<Vec<usize>> = (0..numbers.len()).map(|name| vec![name]).collect();
        let mut moved: Vec<(usize, Vec<usize>, usize)> = Vec::new();
        for (on, _, position, turn) in turns {
            match turn {
                Turn::Passes(place) => {
                    let passage = &passages[place];
                    let number = |party: &PartyId| numbers.get(party).copied().unwrap_or(0);
                    let (from, to) = (number(&passage.from), number(&passage.to));
                    if flow.holder(from) != from {
                        flow.void.push((position, passage.from.clone()));
                        continue;
                    }
                    // An account that passed on before is where it passed to, unless it comes back.
                    let at = flow.holder(to);
                    let to = if at == from { to } else { at };
                    flow.together.push(Together {
                        on,
                        until: passage.until,
                        from,
                        to,
                        position,
                    });
                    let names = std::mem::take(&mut holds[from]);
                    flow.hand(&names, on, to);
                    holds[to].extend(&names);
                    moved.push((place, names, from));
                }
                Turn::Annulled(place) => {
                    let Some(at) = moved.iter().position(|(of, ..)| *of == place) else {
                        continue;
                    };
                    let (_, names, from) = moved.remove(at);
                    // What passed on from there does so without them.
                    for (_, later, _) in &mut moved[at..] {
                        later.retain(|name| !names.contains(name));
                    }
                    for name in &names {
                        let at = flow.holder(*name);
                        holds[at].retain(|held| held != name);
                    }
                    flow.hand(&names, on, from);
                    holds[from].extend(names);
                }
            }
        }
        flow
    }

    fn holder(&self, name: usize) -> usize {
        self.holders[name]
            .last()
            .map_or(name, |(_, holder)| *holder)
    }

    fn hand(&mut self, names: &[usize], on: Window, to: usize) {
        for name in names {
            self.holders[*name].push((on, to));
        }
    }
}

/// Returns who holds the account asked for, and from when: of a record as its membership brought
/// it, each that held the membership.
fn line(
    record: &PartyRecord,
    passages: &[Passage],
    numbers: &BTreeMap<PartyId, usize>,
) -> Vec<(Window, usize)> {
    let from_start = Window::day(Day::MIN);
    let of = |heir: &Heir| {
        let by = heir.by?;
        let mut passages = passages.iter();
        passages.find(|passage| passage.position == by)
    };
    let line = record.line().iter().filter_map(|heir| {
        let on = of(heir).map_or(from_start, |passage| passage.on);
        Some((on, *numbers.get(&heir.party)?))
    });
    let line: Vec<(Window, usize)> = line.collect();
    if line.is_empty() {
        vec![(from_start, 0)]
    } else {
        line
    }
}

/// Returns when those who hold what is said under a name are those who hold an account.
fn held(holders: &[(Window, usize)], line: &[(Window, usize)]) -> Vec<Held> {
    let ends = |row: &[(Window, usize)], place: usize| row.get(place + 1).map(|(on, _)| *on);
    let mut held: Vec<Held> = Vec::new();
    for (place, (from, holder)) in holders.iter().enumerate() {
        for (other, (since, of)) in line.iter().enumerate() {
            if of != holder {
                continue;
            }
            let from = later(*from, *since);
            let until = sooner(ends(holders, place), ends(line, other));
            if until.is_some_and(|until| until.latest <= from.earliest) {
                continue;
            }
            match held.last_mut().filter(|last| last.until == Some(from)) {
                Some(last) => last.until = until,
                None => held.push(Held { from, until }),
            }
        }
    }
    held
}

/// Returns from when to when what is done on some day stands, given on which days it is annulled.
/// Annulled from a day before it takes effect, it never does.
fn stretches(on: Window, annulled: &Steps<Truth>) -> Vec<(Window, Option<Window>)> {
    let mut stretches = Vec::new();
    let mut standing = Some(on);
    let mut unknown_since: Option<Day> = None;
    for (day, truth) in annulled.iter() {
        let from = unknown_since.take().unwrap_or(*day);
        let turn = Window {
            earliest: from,
            latest: *day,
        };
        match (truth, standing) {
            (Truth::Unknown, _) => unknown_since = Some(from),
            (Truth::Yes, start) => {
                // It may have stood between two annulments.
                stretches.push((start.unwrap_or(turn), Some(turn)));
                standing = None;
            }
            (Truth::No, start) => {
                stretches.extend(start.map(|start| (start, Some(turn))));
                standing = Some(later(on, turn));
            }
        }
    }
    match (unknown_since, standing) {
        (None, None) => {}
        (None, Some(start)) => stretches.push((start, None)),
        (Some(day), start) => {
            let perhaps = Window {
                earliest: day,
                latest: Day::MAX,
            };
            let until = start.is_some().then_some(perhaps);
            stretches.push((start.unwrap_or(later(on, perhaps)), until));
        }
    }
    stretches.retain(|(start, until)| until.is_none_or(|until| until.latest > start.earliest));
    stretches
}

/// Returns the one that comes later.
pub(crate) fn later(a: Window, b: Window) -> Window {
    Window {
        earliest: a.earliest.max(b.earliest),
        latest: a.latest.max(b.latest),
    }
}

/// Returns the one that ends sooner; an end that is not recorded is none.
pub(crate) fn sooner(a: Option<Window>, b: Option<Window>) -> Option<Window> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Window {
            earliest: a.earliest.min(b.earliest),
            latest: a.latest.min(b.latest),
        }),
        (one, None) | (None, one) => one,
    }
}
