//! The laws that govern a session: the one by which it is judged, and those of its rolls (rules 22
//! and 23).
//!
//! Stratum (rule 27): rights; reads recorded acts, law.

use crate::answers::session::{RollDay, SessionFrame};
use crate::answers::view::{Parties, View};
use crate::id::position::Position;
use crate::law::LawView;
use crate::law::facts::LawFacts;
use crate::record::acts::{Act, DayOf};
use crate::stop::{Stop, Stopped};
use crate::time::day::Day;
use crate::time::when::Window;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most laws that are laid out for the rolls of one session. Of further days it is open which
/// late acts of law count.
const MOST_LAWS: usize = 16;

/// The laws that govern a session.
#[derive(Debug, Clone)]
pub struct SessionLaws {
    /// The law by which it is judged: that of its opening.
    pub judging: Arc<LawView>,
    rolls: Vec<RollLaw>,
    /// The law of each roll, by its place.
    of_roll: Vec<usize>,
    /// For each roll the end of the row of rolls of known days, from it on, that have its law.
    alike: Vec<usize>,
}

/// The law of a roll.
#[derive(Debug, Clone)]
pub struct RollLaw {
    /// The law.
    pub law: Arc<LawView>,
    /// What it would have been, had the annulments counted that were made later, and these; none
    /// where there are none.
    pub annulled: Option<(Arc<LawView>, Vec<Position>)>,
}

/// The laws of a session before they are laid out: that needs no lock of a running ledger.
pub struct LawsToLay {
    judging: LawFacts,
    rolls: Vec<Differing>,
    of_roll: Vec<usize>,
    alike: Vec<usize>,
}

/// How the law of a roll differs from the law by which its session is judged.
#[derive(Default)]
struct Differing {
    law: Option<LawFacts>,
    annulled: Option<(LawFacts, Vec<Position>)>,
}

/// The acts of law, not the session's own, that may have been done after its opening or one of its
/// decisions.
struct Late(BTreeMap<Position, Act>);

impl Late {
    /// Returns whether an act was certainly done after a day.
    fn is_out(&self, position: Position, day: RollDay) -> bool {
        let act = self.0.get(&position);
        act.is_some_and(|act| act.day != day.day && act.window.earliest > day.window.latest)
    }

    /// Returns whether an act may have been done after a day.
    fn is_open(&self, position: Position, day: RollDay) -> bool {
        let act = self.0.get(&position);
        act.is_some_and(|act| act.day != day.day && act.window.latest > day.window.earliest)
    }
}

impl SessionLaws {
    /// Returns the law of a roll, by its place.
    #[must_use]
    pub fn of_roll(&self, roll: usize) -> RollLaw {
        let law = self.of_roll.get(roll).and_then(|law| self.rolls.get(*law));
        law.cloned().unwrap_or_else(|| RollLaw {
            law: Arc::clone(&self.judging),
            annulled: None,
        })
    }

    /// Returns how much memory the laws take that are not the law as known at the position, by
    /// [`LawView::weight`].
    #[must_use]
    pub fn weight_beside(&self, known: &Arc<LawView>) -> usize {
        let of_rolls = self.rolls.iter().flat_map(|roll| {
            let annulled = roll.annulled.as_ref().map(|(law, _)| law);
            std::iter::once(&roll.law).chain(annulled)
        });
        let others = of_rolls.filter(|law| !Arc::ptr_eq(law, &self.judging));
        let laws = std::iter::once(&self.judging).chain(others);
        let own = laws.filter(|law| !Arc::ptr_eq(law, known));
        own.map(|law| law.weight()).sum()
    }

    /// Returns the first roll after one that may list other parties, where no party turns on any
    /// day before `until`.
    #[must_use]
    pub fn next_roll(&self, frame: &SessionFrame, roll: usize, until: Option<Day>) -> usize {
        let next = roll + 1;
        let end = self.alike.get(roll).copied().unwrap_or(next).max(next);
        let alike = frame.rolls.get(next..end).unwrap_or_default();
        next + until.map_or(alike.len(), |until| {
            alike.partition_point(|roll| roll.window.latest < until)
        })
    }
}

impl LawsToLay {
    /// Lays out the laws; `known` is the law as known at the position, which most sessions have.
    ///
    /// # Errors
    /// The stop test says that nobody waits for them any more.
    pub fn lay(self, known: &Arc<LawView>, stop: Stop<'_>) -> Result<SessionLaws, Stopped> {
        let lay = |facts: LawFacts| Ok::<_, Stopped>(Arc::new(LawView::lay(facts, stop)?));
        let judging = if self.judging.leave_out() {
            lay(self.judging)?
        } else {
            Arc::clone(known)
        };
        let mut rolls = Vec::with_capacity(self.rolls.len());
        for differing in self.rolls {
            rolls.push(RollLaw {
                law: match differing.law {
                    Some(facts) => lay(facts)?,
                    None => Arc::clone(&judging),
                },
                annulled: match differing.annulled {
                    Some((facts, by)) => Some((lay(facts)?, by)),
                    None => None,
                },
            });
        }
        Ok(SessionLaws {
            judging,
            rolls,
            of_roll: self.of_roll,
            alike: self.alike,
        })
    }
}

impl<P: Parties> View<'_, P> {
    /// Returns the laws of a session, to be laid out. All are without its own acts. What was
    /// certainly done after its opening is not in the law by which it is judged, and what was
    /// certainly done after the day of a roll not in the law of that roll; where that is open both
    /// is tried.
    #[must_use]
    pub fn laws_of(&self, frame: &SessionFrame) -> LawsToLay {
        let late = self.late_law(frame);
        let opening = self.opening_of(frame);
        let judging = self.law_of(frame, &late, opening, &|_| false);
        if late.0.is_empty() {
            return LawsToLay {
                judging,
                rolls: vec![Differing::default()],
                of_roll: vec![0; frame.rolls.len()],
                alike: alike(frame, &vec![0; frame.rolls.len()]),
            };
        }
        let by = |end: fn(&Act) -> Day| {
            let mut days: Vec<Day> = late.0.values().map(end).collect();
            days.sort_unstable();
            days
        };
        let (firsts, lasts) = (by(|act| act.window.earliest), by(|act| act.window.latest));
        // Days that stand alike to every act have one law.
        let key = |day: RollDay| {
            let out = firsts.partition_point(|first| *first <= day.window.latest);
            let certain = lasts.partition_point(|last| *last <= day.window.earliest);
            let open = (!day.window.is_day()).then_some(day.day);
            (out, certain, open)
        };
        let mut laws: BTreeMap<Option<(usize, usize, Option<DayOf>)>, usize> = BTreeMap::new();
        let mut rolls: Vec<Differing> = Vec::new();
        let mut of_roll = Vec::with_capacity(frame.rolls.len());
        for roll in &frame.rolls {
            let roll = not_before(*roll, opening);
            let own = Some(key(roll));
            let known = laws.len() < MOST_LAWS || laws.contains_key(&own);
            let key_of = own.filter(|_| known);
            let law = *laws.entry(key_of).or_insert_with(|| {
                rolls.push(match key_of {
                    Some(of) => {
                        let same = of == key(opening);
                        self.differing(frame, &late, roll, same)
                    }
                    None => self.differing(frame, &late, span(frame, opening), false),
                });
                rolls.len() - 1
            });
            of_roll.push(law);
        }
        LawsToLay {
            judging,
            rolls,
            alike: alike(frame, &of_roll),
            of_roll,
        }
    }

    fn differing(&self, frame: &SessionFrame, late: &Late, day: RollDay, same: bool) -> Differing {
        let law = (!same).then(|| self.law_of(frame, late, day, &|_| false));
        let later = |position| late.is_out(position, day) && self.book.is_annulment(position);
        let by: Vec<Position> = late
            .0
            .keys()
            .copied()
            .filter(|entry| later(*entry))
            .collect();
        let annulled = (!by.is_empty()).then(|| (self.law_of(frame, late, day, &later), by));
        Differing { law, annulled }
    }

    /// Takes the law without what was certainly done after a day, and open what may have been; what
    /// `kept` names counts in any case.
    fn law_of(
        &self,
        frame: &SessionFrame,
        late: &Late,
        day: RollDay,
        kept: &dyn Fn(Position) -> bool,
    ) -> LawFacts {
        let without =
            |entry| frame.is_own(self.book, entry) || (late.is_out(entry, day) && !kept(entry));
        let open = |entry| late.is_open(entry, day) && !kept(entry);
        LawFacts::open(self.book, self.known_at, &without, &open)
    }

    fn opening_of(&self, frame: &SessionFrame) -> RollDay {
        let session = self.book.session_ix(&frame.facts.session);
        let convened = DayOf::Entry(frame.facts.position);
        RollDay {
            window: frame.facts.opening,
            day: session.map_or(convened, DayOf::Opening),
        }
    }

    fn late_law(&self, frame: &SessionFrame) -> Late {
        let first = frame.facts.opening.earliest;
        let entries = LawFacts::entries(self.book, self.known_at).into_iter();
        let late = entries.filter_map(|entry| {
            let act = self.book.act(entry, self.known_at)?;
            let late = act.window.latest > first && !frame.is_own(self.book, entry);
            late.then_some((entry, act))
        });
        Late(late.collect())
    }
}

/// Returns for each roll where the row of rolls ends that are of known days and have the same law.
fn alike(frame: &SessionFrame, of_roll: &[usize]) -> Vec<usize> {
    let count = frame.rolls.len();
    let mut ends = vec![count; count];
    for place in (1..count).rev() {
        let days = [place - 1, place].map(|place| frame.rolls[place].window.is_day());
        let goes_on = days == [true, true] && of_roll.get(place - 1) == of_roll.get(place);
        ends[place - 1] = if goes_on { ends[place] } else { place };
    }
    ends
}

/// Returns a day that is not before the opening: no law is that of a session sooner.
fn not_before(roll: RollDay, opening: RollDay) -> RollDay {
    let window = Window {
        earliest: roll.window.earliest.max(opening.window.earliest),
        latest: roll.window.latest.max(opening.window.latest),
    };
    RollDay { window, ..roll }
}

/// Returns a window from the first day of any roll to the last.
fn span(frame: &SessionFrame, opening: RollDay) -> RollDay {
    let days = frame.rolls.iter().map(|roll| roll.window);
    let all = days.reduce(|a, b| Window {
        earliest: a.earliest.min(b.earliest),
        latest: a.latest.max(b.latest),
    });
    RollDay {
        window: all.unwrap_or(opening.window),
        day: DayOf::Entry(frame.facts.position),
    }
}
