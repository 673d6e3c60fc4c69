//! Whom the rolls of a session list: who had the vote on the day of each, without what was done
//! later, tried in every way where that is open (rule 23).
//!
//! Stratum (rule 27): rights; reads questions, recorded acts, law, losses and endings.

use crate::answers::electorate::VOTE;
use crate::answers::question::{GoverningDays, Question};
use crate::answers::roll::Standing;
use crate::answers::rolls::PartyLines;
use crate::answers::rolls::governing::{RollLaw, SessionLaws};
use crate::answers::session::{RollDay, RollEntry, SessionFrame};
use crate::answers::view::{Parties, View};
use crate::id::position::Position;
use crate::id::{PartyId, RightId, SessionId};
use crate::law::LawView;
use crate::record::acts::DayOf;
use crate::record::class::ClassValue;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::truth::Truth;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The most days of acts that bear on one party, of which it is open whether they came after the
/// day of a roll, that are tried in all their combinations; beyond, whether it had the vote is
/// unknown.
const MOST_OPEN: usize = 5;
/// The most days within the window of a roll that are tried for one party; beyond, likewise.
const MOST_DAYS: usize = 64;

/// What is tried for one party on one day of a roll.
struct Trying<'a> {
    frame: &'a SessionFrame,
    roll: RollDay,
    day: Day,
    /// Whether annulments count that were certainly made later.
    annulling: bool,
    /// Of what days that are open acts count.
    counting: &'a BTreeMap<DayOf, bool>,
    /// The days met that are open.
    open: RefCell<BTreeSet<DayOf>>,
    /// The annulments met that were certainly made later.
    later: RefCell<BTreeSet<Position>>,
}

/// What was found out in one try.
struct Tried {
    standings: Vec<Standing>,
    vote: Truth,
}

/// What was found out about a party on a roll.
#[derive(Default)]
struct Found {
    standings: BTreeSet<Standing>,
    votes: BTreeSet<Truth>,
    later: BTreeSet<Position>,
    /// The first day after the last one tried on which it may be otherwise.
    until: Option<Day>,
}

impl Found {
    fn vote(&self) -> Truth {
        Truth::agreed(self.votes.iter().copied())
    }
}

impl Trying<'_> {
    /// Returns whether an entry counts: what is done later does not, nor do the session's own acts
    /// of the same day; those it takes into a class count only where the law lets them vote.
    fn counts<P: Parties>(&self, view: &View<'_, P>, position: Position) -> Truth {
        let own = self.frame.is_own(view.book, position);
        let Some(act) = view.book.act(position, view.known_at) else {
            return Truth::known(!own);
        };
        let admits = own && view.book.admits(position);
        let same = act.day == self.roll.day;
        if admits && !self.frame.admitted_vote {
            Truth::No
        } else if own && !admits {
            if same || act.window.earliest >= self.day {
                Truth::No
            } else if act.window.latest < self.day {
                Truth::Yes
            } else {
                Truth::Unknown
            }
        } else if same || act.window.latest <= self.day {
            Truth::Yes
        } else if act.window.earliest > self.day {
            Truth::No
        } else {
            Truth::Unknown
        }
    }

    fn leaves_out<P: Parties>(&self, view: &View<'_, P>, position: Position) -> bool {
        match self.counts(view, position) {
            Truth::Yes => false,
            Truth::No => {
                let act = view.book.act(position, view.known_at);
                let later = act.is_some_and(|act| act.window.earliest > self.day);
                if later && view.book.is_annulment(position) {
                    self.later.borrow_mut().insert(position);
                    return !self.annulling;
                }
                true
            }
            Truth::Unknown => {
                let day = view.book.act(position, view.known_at).map(|act| act.day);
                let counting = day.is_none_or(|day| {
                    self.open.borrow_mut().insert(day);
                    self.counting.get(&day).copied().unwrap_or(true)
                });
                !counting
            }
        }
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns the sessions on whose rolls an annulment that was made later might tell: those that
    /// opened since what it annuls, and before it.
    #[must_use]
    pub fn annulled_since(&self) -> BTreeSet<SessionId> {
        let annulling = self.book.annulling(self.known_at);
        let spans = annulling.filter_map(|one| {
            let act = self.book.act(one.position, self.known_at)?;
            let since = self.book.window(one.at, self.known_at)?;
            Some((since.earliest, act.window.earliest))
        });
        let mut spans: Vec<(Day, Day)> = spans.collect();
        spans.sort_unstable();
        // Of those that begin by a day the one that ends last.
        let mut ends = Vec::with_capacity(spans.len());
        for (_, end) in &spans {
            ends.push(ends.last().map_or(*end, |last| *end.max(last)));
        }
        let within = |session: &&SessionId| {
            let days = self.book.session_days(session, self.known_at);
            days.is_some_and(|days| {
                let day = days.opening.earliest;
                let begun = spans.partition_point(|(since, _)| *since <= day);
                let end = begun.checked_sub(1).and_then(|last| ends.get(last));
                end.is_some_and(|end| day < *end)
            })
        };
        if spans.is_empty() {
            return BTreeSet::new();
        }
        self.book.sessions(None).filter(within).cloned().collect()
    }

    /// Returns a party's lines on the rolls of a session; none if it is on no roll, nor present
    /// beside one, nor would be but for what was annulled later.
    #[must_use]
    pub fn roll_lines(
        &self,
        frame: &SessionFrame,
        laws: &SessionLaws,
        party: &PartyId,
        record: &PartyRecord,
    ) -> Option<PartyLines> {
        record.registration(self.known_at)?;
        let mut lines: Vec<(usize, Option<RollEntry>)> = Vec::new();
        let mut annulled_later = BTreeSet::new();
        let mut place = 0;
        while let Some(roll) = frame.rolls.get(place) {
            let law = laws.of_roll(place);
            let sought = Sought {
                frame,
                roll: *roll,
                party,
                record,
                question: Question {
                    party: party.clone(),
                    right: RightId::new(VOTE).ok()?,
                    body: Some(frame.facts.session.series.clone()),
                },
                follows: frame.rolls.len() > 1,
            };
            let found = self.taken(&sought, &law.law, false);
            annulled_later.extend(self.annulled_for(&sought, &law, &found));
            let next = laws.next_roll(frame, place, found.until);
            let line = sought.line(found);
            if lines.last().is_none_or(|(_, before)| *before != line) {
                lines.push((place, line));
            }
            place = next;
        }
        let listed = lines.iter().any(|(_, line)| line.is_some());
        (listed || !annulled_later.is_empty()).then(|| PartyLines {
            party: party.clone(),
            lines,
            annulled_later,
        })
    }

    /// Returns the annulments that were made after the day of a roll, where with them what was
    /// found out would be otherwise.
    fn annulled_for(
        &self,
        sought: &Sought<'_>,
        law: &RollLaw,
        found: &Found,
    ) -> BTreeSet<Position> {
        let annulled = law.annulled.as_ref();
        if found.later.is_empty() && annulled.is_none() {
            return BTreeSet::new();
        }
        let under = annulled.map_or(&law.law, |(law, _)| law);
        if self.taken(sought, under, true).vote() == found.vote() {
            return BTreeSet::new();
        }
        let of_law = annulled.into_iter().flat_map(|(_, by)| by);
        found.later.iter().chain(of_law).copied().collect()
    }

    /// Finds out whether a party had the vote on a roll, on each day on which that may have been
    /// taken.
    fn taken(&self, sought: &Sought<'_>, law: &LawView, annulling: bool) -> Found {
        let mut found = Found::default();
        let mut day = sought.roll.window.earliest;
        for _ in 0..MOST_DAYS {
            let until = self.taken_on(sought, law, (day, annulling), &mut found);
            match until {
                Some(next) if next <= sought.roll.window.latest => day = next,
                _ => {
                    found.until = until;
                    return found;
                }
            }
        }
        found.votes.insert(Truth::Unknown);
        found
    }

    /// Finds out the same on one day, in every way in which acts may have been done by then;
    /// returns the next day on which it may be otherwise.
    fn taken_on(
        &self,
        sought: &Sought<'_>,
        law: &LawView,
        (day, annulling): (Day, bool),
        found: &mut Found,
    ) -> Option<Day> {
        let mut open: Vec<DayOf> = Vec::new();
        loop {
            let mut met: BTreeSet<DayOf> = open.iter().copied().collect();
            let mut until: Option<Day> = None;
            let mut tries: Vec<Tried> = Vec::new();
            for bits in 0..1_u32 << open.len() {
                let each = open.iter().enumerate();
                let counting = each
                    .map(|(place, day)| (*day, bits >> place & 1 == 1))
                    .collect();
                let trying = Trying {
                    frame: sought.frame,
                    roll: sought.roll,
                    day,
                    annulling,
                    counting: &counting,
                    open: RefCell::default(),
                    later: RefCell::default(),
                };
                let (way, next) = self.tried(sought, law, &trying);
                until = [until, next].into_iter().flatten().min();
                met.append(&mut trying.open.take());
                found.later.append(&mut trying.later.take());
                tries.push(way);
            }
            if met.len() > open.len() && met.len() <= MOST_OPEN {
                open = met.into_iter().collect();
                continue;
            }
            if met.len() > MOST_OPEN {
                found.votes.insert(Truth::Unknown);
            }
            for tried in tries {
                found.votes.insert(tried.vote);
                found.standings.extend(tried.standings);
            }
            return until;
        }
    }

    /// Tries one way; returns besides the next day on which it may be otherwise, where that is
    /// asked for.
    fn tried(
        &self,
        sought: &Sought<'_>,
        law: &LawView,
        trying: &Trying<'_>,
    ) -> (Tried, Option<Day>) {
        let without = |position| trying.leaves_out(self, position);
        let view = View {
            book: self.book,
            law,
            parties: self.parties,
            known_at: self.known_at,
            readings: self.readings,
            without: &without,
        };
        let (record, day) = (sought.record, trying.day);
        let plain = record.plain_class(day, self.known_at);
        let mut facts = record.class_facts().iter();
        let standings = match plain {
            Ok(class) if facts.all(|fact| trying.counts(self, fact.position) == Truth::Yes) => {
                vec![Standing {
                    class,
                    position: None,
                }]
            }
            _ => view.classes(record, day),
        };
        let days = GoverningDays {
            law: sought.frame.law_day,
            losses: day,
        };
        let vote = view.verdict_on(&sought.question, record, &standings, days);
        let follows = sought.follows || !sought.roll.window.is_day();
        let until = follows.then(|| view.roll_turn(&sought.question, record, day));
        (Tried { standings, vote }, until.flatten())
    }

    /// Returns the first day after one on which a party may be otherwise on a roll.
    fn roll_turn(&self, question: &Question, record: &PartyRecord, day: Day) -> Option<Day> {
        let mut days: BTreeSet<Day> = BTreeSet::new();
        self.act_days(&question.party, record, &mut days);
        let line = self.class_line(record).ok();
        days.extend(
            line.and_then(|line| line.next_change(day))
                .map(|(day, _)| day),
        );
        let birth = self.birth(record);
        days.extend([birth.earliest, birth.latest]);
        if !record.dues_facts().is_empty() {
            days.extend(self.law.policy_bounds());
            let turn = self.next_dues_turn(question, record, day);
            days.extend(turn.map(|(day, _)| day));
            if self.law.has_conditional_policies() {
                days.insert(Day::first_of_year(day.year() + 1));
            }
        }
        days.range(day.next()..).next().copied()
    }

    /// Adds the days on which it may turn whether what is recorded of a party counts, or of those
    /// whom it succeeded.
    fn act_days(&self, party: &PartyId, record: &PartyRecord, days: &mut BTreeSet<Day>) {
        let mut seen = BTreeSet::from([party.clone()]);
        let mut next = self.acts_on(record, days);
        while let Some(party) = next.pop() {
            if !seen.insert(party.clone()) {
                continue;
            }
            if let Some(record) = self.record(&party) {
                next.extend(self.acts_on(&record, days));
            }
        }
    }

    /// Adds the same for one party; returns those whom it succeeded.
    fn acts_on(&self, record: &PartyRecord, days: &mut BTreeSet<Day>) -> Vec<PartyId> {
        let mut before: Vec<PartyId> = Vec::new();
        let mut entries: BTreeSet<Position> = BTreeSet::new();
        for fact in record.class_facts() {
            entries.extend(self.book.bearing(fact, self.known_at));
            if let ClassValue::PassedFrom(party) = fact.value {
                before.extend(self.book.party(party).cloned());
            }
        }
        for fact in record.dues_facts() {
            entries.extend(self.book.bearing(fact, self.known_at));
            before.extend(fact.value.succession().map(|passing| passing.from.clone()));
        }
        let acts = entries.into_iter();
        for act in acts.filter_map(|entry| self.book.act(entry, self.known_at)) {
            let (first, last) = (act.window.earliest, act.window.latest);
            days.extend([first, last, first.next(), last.next()]);
        }
        before
    }
}

/// A party that is looked for on a roll.
struct Sought<'a> {
    frame: &'a SessionFrame,
    roll: RollDay,
    party: &'a PartyId,
    record: &'a PartyRecord,
    question: Question,
    /// Whether it is of interest until when it is so.
    follows: bool,
}

impl Sought<'_> {
    /// Returns the line that what was found out makes; none where the party is not listed.
    fn line(&self, found: Found) -> Option<RollEntry> {
        let (frame, vote) = (self.frame, found.vote());
        let (present, in_writing) = (
            frame.present.contains(self.party),
            frame.in_writing.contains(self.party),
        );
        let counted = match &frame.frozen {
            Some(frozen) => Truth::known(frozen.entitled.contains(self.party)),
            None => frame.electorate.counted(vote),
        };
        let listed = vote != Truth::No || counted == Truth::Yes || present || in_writing;
        listed.then(|| RollEntry {
            standings: found.standings.into_iter().collect(),
            vote,
            counted,
            present,
            in_writing,
        })
    }
}
