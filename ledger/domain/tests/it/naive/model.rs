//! The model the crate is held against: it keeps the accepted entries and answers by enumerating
//! every placement of every window. Slow, and as plain as the rules read. It shares the types of
//! entries with the crate and nothing else.

use super::placement::{on, placements, standing, unordered};
use standing_domain::entry::Content;
use standing_domain::entry::event::{Event, Holder};
use standing_domain::id::position::Position;
use standing_domain::id::{ArticleRef, SessionId};
use standing_domain::time::when::{Edge, When};
use std::collections::BTreeSet;

/// A day, counted as the crate counts it.
pub type Number = i32;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    Class(String),
    Application(String),
    Article(ArticleRef),
    Chair,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Nothing,
    Class(String),
    PassedFrom(String),
    Filed(String),
    Version,
    Holder(String),
}

#[derive(Debug, Clone)]
pub enum Act {
    Set(Value),
    Undo(Position),
}

/// Something that happens on a day of a window.
#[derive(Debug, Clone)]
pub struct Switch {
    pub window: (Number, Number),
    pub order: u16,
    pub position: Position,
    pub act: Act,
    /// What else it takes back.
    pub also: Vec<Position>,
}

/// The accepted entries.
#[derive(Debug, Clone, Default)]
pub struct Naive {
    pub entries: Vec<Content>,
    /// Entries that are left out, as if they were not there.
    pub left_out: BTreeSet<Position>,
}

impl Naive {
    /// The model of these entries.
    pub fn of(entries: Vec<Content>) -> Self {
        let left_out = BTreeSet::new();
        Self { entries, left_out }
    }

    pub fn at(&self, position: Position) -> Option<&Content> {
        self.entries.get(position.nth_from(Position::FIRST)?)
    }

    /// Entries 1..P, minus what they correct (rule 9).
    pub fn live(&self, known_at: Position) -> Vec<(Position, &Content, &Event)> {
        let known = || {
            Position::FIRST
                .to(known_at)
                .filter_map(|p| Some((p, self.at(p)?)))
        };
        let gone: BTreeSet<Position> = known().filter_map(|(_, c)| c.corrects).collect();
        known()
            .filter(|(position, _)| !gone.contains(position))
            .filter(|(position, _)| !self.left_out.contains(position))
            .filter_map(|(position, content)| Some((position, content, content.event.as_ref()?)))
            .collect()
    }

    /// The annulments of an entry, and of the amendment that it came with.
    fn annulments(&self, target: Position, known_at: Position) -> Vec<(Position, &Content)> {
        let live = self.live(known_at);
        let came_with = self.at(target).filter(|content| is_of_article(content));
        let is_annulled = |entry: &Position| {
            *entry == target
                || live.iter().any(|(position, amending, event)| {
                    position == entry
                        && matches!(event, Event::InstrumentAmended { .. })
                        && came_with.is_some_and(|with| {
                            with.effective == amending.effective
                                && with.authority.kind == amending.authority.kind
                        })
                })
        };
        live.iter()
            .filter(|(_, _, e)| matches!(e, Event::ActAnnulled { entry } if is_annulled(entry)))
            .map(|(position, content, _)| (*position, *content))
            .collect()
    }

    /// Whether something annuls an entry from the start, and nothing ever annuls that.
    pub fn is_void(&self, position: Position, known_at: Position) -> bool {
        self.annulments(position, known_at)
            .iter()
            .any(|(by, annulment)| {
                let mut upon = self.annulments(*by, known_at).into_iter();
                annulment.effective.is_none() && upon.all(|(by, _)| self.is_void(by, known_at))
            })
    }

    /// What annuls an entry, and what annuls that in turn. What annuls from the start has happened
    /// before everything else.
    fn undoing(&self, of: Position, known_at: Position) -> Vec<Switch> {
        let mut switches = Vec::new();
        for (by, annulment) in self.annulments(of, known_at) {
            if self.is_void(by, known_at) {
                continue;
            }
            let long_ago = Number::MIN + Number::try_from(by.number()).unwrap();
            let window = match &annulment.effective {
                None => Some((long_ago, long_ago)),
                Some(when) => self.window(when, known_at),
            };
            switches.extend(window.map(|window| Switch {
                window,
                order: annulment.order,
                position: by,
                act: Act::Undo(of),
                also: Vec::new(),
            }));
            switches.extend(self.undoing(by, known_at));
        }
        switches
    }

    /// The first entry of the chain of corrections that an entry ends.
    fn root(&self, position: Position) -> Position {
        match self.at(position).and_then(|content| content.corrects) {
            Some(target) => self.root(target),
            None => position,
        }
    }

    /// The pairs of days on which a session may open and close, as last put; none if it is not
    /// convened or called off.
    pub fn session(&self, session: &SessionId, known_at: Position) -> Vec<(Number, Number)> {
        let put = self
            .live(known_at)
            .into_iter()
            .filter(|(_, _, event)| session_of(event) == Some(session));
        let last = put.max_by_key(|(position, content, event)| {
            let rank = match event {
                Event::SessionConvened { .. } => 0,
                Event::SessionPostponed { .. } => 1,
                // A session called off stays so.
                _ => 2,
            };
            (rank, content.order, self.root(*position))
        });
        let Some((
            _,
            Content {
                effective: Some(When::Window(opening)),
                ..
            },
            Event::SessionConvened { closing, .. } | Event::SessionPostponed { closing, .. },
        )) = last
        else {
            return Vec::new();
        };
        let days = |w: &standing_domain::time::when::Window| {
            let (a, b) = (Number::from(w.earliest), Number::from(w.latest));
            a..=b
        };
        match closing {
            Some(When::Window(closing)) => days(opening)
                .flat_map(|open| days(closing).map(move |close| (open, close)))
                .filter(|(open, close)| open <= close)
                .collect(),
            _ => days(opening).map(|day| (day, day)).collect(),
        }
    }

    /// Whether a session is put off twice and nothing says which comes first.
    pub fn is_moved_twice(&self, known_at: Position) -> bool {
        let mut seen = BTreeSet::new();
        self.live(known_at)
            .into_iter()
            .filter(|(_, _, event)| matches!(event, Event::SessionPostponed { .. }))
            .any(|(_, content, event)| !seen.insert((session_of(event).cloned(), content.order)))
    }

    /// The window of something; none if it hangs on a session that is not held.
    pub fn window(&self, when: &When, known_at: Position) -> Option<(Number, Number)> {
        match when {
            When::Window(w) => Some((Number::from(w.earliest), Number::from(w.latest))),
            When::Anchor { session, edge } => {
                let days = self.session(session, known_at);
                let edges = days.iter().map(|(open, close)| match edge {
                    Edge::Opening => *open,
                    Edge::Close => *close,
                });
                Some((edges.clone().min()?, edges.max()?))
            }
        }
    }

    /// Everything that happens in a timeline.
    pub fn switches(&self, slot: &Slot, known_at: Position) -> Vec<Switch> {
        let mut switches = Vec::new();
        for (position, content, event) in self.live(known_at) {
            let mut facts = facts(event);
            facts.retain(|(of, _)| of == slot);
            let Some((_, value)) = facts.pop() else {
                continue;
            };
            if self.is_void(position, known_at) {
                continue;
            }
            let Some(window) = content
                .effective
                .as_ref()
                .and_then(|when| self.window(when, known_at))
            else {
                continue;
            };
            switches.push(Switch {
                window,
                order: content.order,
                position,
                act: Act::Set(value),
                also: Vec::new(),
            });
            for undoing in self.undoing(position, known_at) {
                // One annulment of an amendment takes several versions, and is one switch.
                let same = |other: &&mut Switch| other.position == undoing.position;
                let both = match (switches.iter_mut().find(same), &undoing.act) {
                    (Some(other), Act::Undo(more)) => Some((other, more)),
                    _ => None,
                };
                match both {
                    Some((
                        Switch {
                            act: Act::Undo(_),
                            also,
                            ..
                        },
                        more,
                    )) => also.push(*more),
                    _ => switches.push(undoing),
                }
            }
        }
        switches
    }

    /// Every timeline that has a fact.
    pub fn slots(&self, known_at: Position) -> BTreeSet<Slot> {
        let live = self.live(known_at);
        let facts = live.iter().flat_map(|(_, _, event)| facts(event));
        facts.map(|(slot, _)| slot).collect()
    }

    /// Whether a timeline is not one: no order where one is needed, no placement, or an end of what
    /// does not stand.
    pub fn is_flawed(&self, slot: &Slot, known_at: Position) -> Option<bool> {
        let switches = self.switches(slot, known_at);
        if unordered(&switches) {
            return Some(true);
        }
        let all = placements(&switches)?;
        let Some(row) = all.first() else {
            return Some(true);
        };
        Some((0..row.len()).any(|i| {
            let ends = matches!(row[i].1.act, Act::Set(Value::Nothing))
                || matches!(
                    (slot, &row[i].1.act),
                    (Slot::Class(_), Act::Set(Value::Nothing))
                );
            let before = standing(&row[..i]).map(|(_, value)| value);
            ends && before.is_none_or(|value| *value == Value::Nothing)
        }))
    }

    /// The classes a party may have after what has happened in a placement.
    fn resolve(
        &self,
        value: Option<(Position, &Value)>,
        known_at: Position,
        depth: usize,
    ) -> Option<BTreeSet<Option<String>>> {
        Some(match value {
            Some((_, Value::Class(class))) => BTreeSet::from([Some(class.clone())]),
            Some((position, Value::PassedFrom(from))) if depth > 0 => {
                let switches = self.switches(&Slot::Class(from.clone()), known_at);
                let mut classes = BTreeSet::new();
                for placement in placements(&switches)? {
                    let end = placement.iter().position(|(_, s)| s.position == position)?;
                    let before = standing(&placement[..end]);
                    classes.extend(self.resolve(before, known_at, depth - 1)?);
                }
                classes
            }
            _ => BTreeSet::from([None]),
        })
    }

    /// The classes a party may have at the end of a day; none if there is too much to enumerate.
    pub fn classes(
        &self,
        party: &str,
        day: Number,
        known_at: Position,
    ) -> Option<BTreeSet<Option<String>>> {
        let switches = self.switches(&Slot::Class(party.to_owned()), known_at);
        let mut classes = BTreeSet::new();
        let mut seen: BTreeSet<Option<Position>> = BTreeSet::new();
        for placement in placements(&switches)? {
            let value = on(&placement, day);
            if seen.insert(value.map(|(position, _)| position)) {
                classes.extend(self.resolve(value, known_at, 32)?);
            }
        }
        Some(classes)
    }

    /// The classes a party may have an application pending for (rule 10): filed, not withdrawn or
    /// rejected, not admitted to the class since, nor the class passed to it. None also if it is
    /// not certain what came first, the filing or an admission.
    pub fn applications(
        &self,
        party: &str,
        day: Number,
        known_at: Position,
    ) -> Option<BTreeSet<Option<String>>> {
        let applications = self.switches(&Slot::Application(party.to_owned()), known_at);
        let classes = self.switches(&Slot::Class(party.to_owned()), known_at);
        let mut pending = BTreeSet::new();
        for placement in placements(&applications)? {
            let Some((position, Value::Filed(class))) = on(&placement, day) else {
                pending.insert(None);
                continue;
            };
            let filed = applications.iter().find(|s| s.position == position)?;
            let mut may = BTreeSet::from([Some(class.clone())]);
            for admission in &classes {
                let given = match &admission.act {
                    Act::Set(value) => {
                        self.resolve(Some((admission.position, value)), known_at, 32)?
                    }
                    Act::Undo(_) => continue,
                };
                let grants = given.contains(&Some(class.clone()));
                if !grants || admission.window.1 < filed.window.0 {
                    continue;
                }
                if given.len() > 1 {
                    return None;
                }
                if admission.window.0 < filed.window.1 {
                    return None;
                }
                // Annulled from a day before it took effect, it never did.
                let begun = |placement: &[(Number, &Switch)]| {
                    let place = placement
                        .iter()
                        .position(|(_, s)| s.position == admission.position)?;
                    let stands = standing(&placement[..=place]);
                    let stands = stands.is_some_and(|(by, _)| by == admission.position);
                    Some(stands && placement[place].0 <= day)
                };
                let days: BTreeSet<bool> = placements(&classes)?
                    .iter()
                    .filter_map(|placement| begun(placement))
                    .collect();
                if days.contains(&true) {
                    may.insert(None);
                }
                if !days.contains(&false) {
                    may.remove(&Some(class.clone()));
                }
            }
            pending.extend(may);
        }
        Some(pending)
    }

    /// The values a timeline may have at the end of a day, with the entries that set them.
    pub fn values(
        &self,
        slot: &Slot,
        day: Number,
        known_at: Position,
    ) -> Option<BTreeSet<Option<(Position, Value)>>> {
        let switches = self.switches(slot, known_at);
        let all = placements(&switches)?;
        let values = all.iter().map(|placement| on(placement, day));
        Some(
            values
                .map(|v| v.map(|(position, value)| (position, value.clone())))
                .collect(),
        )
    }
}

fn is_of_article(content: &Content) -> bool {
    matches!(
        content.event,
        Some(Event::ArticleEnacted(_) | Event::ArticleRepealed { .. })
    )
}

fn session_of(event: &Event) -> Option<&SessionId> {
    match event {
        Event::SessionConvened { session, .. }
        | Event::SessionPostponed { session, .. }
        | Event::SessionCancelled { session } => Some(session),
        _ => None,
    }
}

fn facts(event: &Event) -> Vec<(Slot, Value)> {
    let class = |party: &dyn ToString| Slot::Class(party.to_string());
    let application = |party: &dyn ToString| Slot::Application(party.to_string());
    match event {
        Event::MemberAdmitted {
            party, class: to, ..
        }
        | Event::ObserverAccepted { party, class: to } => {
            vec![(class(party), Value::Class(to.to_string()))]
        }
        Event::MembershipEnded { party, .. } => vec![(class(party), Value::Nothing)],
        Event::PartySucceeded {
            from, to, passes, ..
        } if !passes.is_empty() => vec![
            (class(from), Value::Nothing),
            (class(to), Value::PassedFrom(from.to_string())),
        ],
        Event::ApplicationFiled { party, class } => {
            vec![(application(party), Value::Filed(class.to_string()))]
        }
        Event::ApplicationWithdrawn { party } | Event::ApplicationRejected { party } => {
            vec![(application(party), Value::Nothing)]
        }
        Event::ArticleEnacted(e) => {
            let article = ArticleRef {
                instrument: e.instrument.clone(),
                article: e.article.clone(),
            };
            vec![(Slot::Article(article), Value::Version)]
        }
        Event::ArticleRepealed {
            instrument,
            article,
            ..
        } => {
            let article = ArticleRef {
                instrument: instrument.clone(),
                article: article.clone(),
            };
            vec![(Slot::Article(article), Value::Nothing)]
        }
        Event::OfficeAssumed {
            holder: Holder::Party(to),
            ..
        }
        | Event::ChairRotated { to, .. } => {
            vec![(Slot::Chair, Value::Holder(to.to_string()))]
        }
        Event::OfficeVacated { .. } => vec![(Slot::Chair, Value::Nothing)],
        _ => Vec::new(),
    }
}
