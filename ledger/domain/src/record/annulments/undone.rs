//! What a batch takes the effect of: entries that it corrects, withdraws or annuls, what goes with
//! those, and what stands again (rules 3 and 8).

use crate::entry::Content;
use crate::entry::event::Event;
use crate::entry::slot::Slot;
use crate::id::DecisionId;
use crate::id::position::Position;
use crate::record::book::Book;
use crate::stop::{Stop, Stopped};
use crate::time::day::Day;
use crate::time::steps::Steps;
use crate::time::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Another says in its place what it should have said.
    Replaced,
    /// It is withdrawn from the record, and nothing stands in its place.
    Withdrawn,
    /// The act is annulled, or one that it goes with.
    Annulled {
        /// The first day without effect, as far as it is certain; none is from the start.
        from: Option<Day>,
    },
    /// What took its effect is itself undone.
    StandsAgain,
}

/// An entry whose effect a batch takes or gives back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undone {
    /// The entry.
    pub entry: Position,
    /// What becomes of it.
    pub fate: Fate,
    /// The draft that does it, by its place in the batch, from 0.
    pub draft: usize,
}

impl Book {
    /// Returns the entries whose effect a batch takes or gives back that begins at a position and
    /// is applied; ascending, each once, with the first draft that does it. The stop test is asked
    /// before each entry is looked at.
    ///
    /// # Errors
    /// The work was given up.
    pub fn undone_by(
        &self,
        contents: &[Content],
        first: Position,
        stop: Stop<'_>,
    ) -> Result<Vec<Undone>, Stopped> {
        let acts = |content: &Content| {
            let annulled = content.event.as_ref().and_then(Event::annulled);
            content.corrects.into_iter().chain(annulled)
        };
        let moves = |content: &Content| {
            let event = content.event.as_ref();
            event.and_then(Event::session_move).is_some()
        };
        let acting = contents
            .iter()
            .position(|content| acts(content).next().is_some());
        // What a correction or an annulment moves, it moves where no session is moved itself.
        let Some(moving) = contents.iter().position(moves).or(acting) else {
            return Ok(Vec::new());
        };
        let turning = Turning::of(self, contents, first);
        let of_drafts = contents.iter().enumerate();
        let of_drafts =
            of_drafts.flat_map(|(draft, content)| acts(content).map(move |act| (act, draft)));
        // Where a session moves, so does the day from which an act is annulled that hangs on it.
        let hanging = self.annulments.hanging_on_sessions();
        let all = of_drafts.chain(hanging.map(|act| (act, moving)));
        let (mut undone, mut seen) = (Vec::new(), BTreeSet::new());
        for (act, draft) in all {
            for entry in turning.going_with(act, &mut seen) {
                stop.check()?;
                let fate = turning.fate(entry);
                undone.extend(fate.map(|fate| Undone { entry, fate, draft }));
            }
        }
        undone.sort_unstable_by_key(|undone| undone.entry);
        Ok(undone)
    }
}

/// A book before and after a batch.
struct Turning<'a> {
    book: &'a Book,
    contents: &'a [Content],
    first: Position,
    /// The decisions of sessions, by the entries that convened them.
    decided: BTreeMap<Position, Vec<Position>>,
    /// The entries that convened the sessions of decisions, by these.
    convened: BTreeMap<Position, Position>,
}

impl<'a> Turning<'a> {
    fn of(book: &'a Book, contents: &'a [Content], first: Position) -> Self {
        let known_at = first.previous();
        let mut decided: BTreeMap<Position, Vec<Position>> = BTreeMap::new();
        let mut convened = BTreeMap::new();
        let slots = book.slots_from(&Slot::Decision(DecisionId::least()));
        let slots = slots.take_while(|(slot, _)| matches!(slot, Slot::Decision(_)));
        for fact in slots.flat_map(|(slot, _)| book.recorded(slot, known_at)) {
            let session = fact.value.decision().map(|taken| &taken.session);
            if let Some(by) = session.and_then(|of| book.convening(of, known_at)) {
                decided.entry(by.position).or_default().push(fact.position);
                convened.insert(fact.position, by.position);
            }
        }
        Self {
            book,
            contents,
            first,
            decided,
            convened,
        }
    }

    fn before(&self) -> Position {
        self.first.previous()
    }

    fn after(&self) -> Position {
        self.first.after(self.contents.len()).previous()
    }

    /// Returns an act, and what has no effect where it has none: articles that came with it, the
    /// decisions of a session; and what an annulment annuls, which stands where that does not. What
    /// was seen before is left out, and all that goes with it.
    fn going_with(&self, act: Position, seen: &mut BTreeSet<Position>) -> Vec<Position> {
        if !seen.insert(act) {
            return Vec::new();
        }
        let (mut found, mut next) = (vec![act], 0);
        while let Some(entry) = found.get(next).copied() {
            next += 1;
            let articles = self.book.law_acts.came_with(entry).into_iter();
            let annulled = self.book.annulments.annulled_by(entry).iter().copied();
            let decided = self.decided.get(&entry).into_iter().flatten().copied();
            for more in articles.chain(annulled).chain(decided) {
                if seen.insert(more) {
                    found.push(more);
                }
            }
        }
        found.retain(|entry| *entry < self.first);
        found
    }

    /// Returns what becomes of an entry; none if nothing does.
    fn fate(&self, entry: Position) -> Option<Fate> {
        let (before, after) = (self.before(), self.after());
        if self.book.corrected_by(entry, before).is_some() {
            return None;
        }
        if let Some(by) = self.book.corrected_by(entry, after) {
            let content = self.contents.get(by.nth_from(self.first)?)?;
            return Some(match content.event {
                Some(_) => Fate::Replaced,
                None => Fate::Withdrawn,
            });
        }
        let [was, is] = [before, after].map(|known_at| self.annulled(entry, known_at));
        if was == is {
            return None;
        }
        let certain = is.iter().find(|(_, truth)| *truth == Truth::Yes);
        let is_annulled = is.iter().any(|(_, truth)| *truth != Truth::No);
        Some(match certain.map(|(day, _)| *day) {
            _ if !is_annulled => Fate::StandsAgain,
            Some(Day::MIN) => Fate::Annulled { from: None },
            from => Fate::Annulled { from },
        })
    }

    /// Returns whether an entry is annulled, itself or, of a decision, with its session.
    fn annulled(&self, entry: Position, known_at: Position) -> Steps<Truth> {
        let with_it = self.convened.get(&entry).copied().into_iter();
        let both = with_it.chain([entry]);
        let annulled = both.map(|entry| self.book.annulled(entry, known_at));
        Steps::any(&annulled.collect::<Vec<_>>())
    }
}
