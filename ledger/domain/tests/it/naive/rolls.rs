//! Rolls: what is on record of when acts were done, and whom a decision's roll lists, by trying
//! every day of the decision and every way in which acts may have been done before or after it.

use super::law::{Asked, Memo, Open, agreed};
use super::model::{Naive, Number};
use super::world::{PARTIES, Step, day, first_day, region, session};
use super::{Pair, cases, world};
use crate::support::draft;
use crate::tables::audit::{audited, listed};
use proptest::prelude::*;
use standing_domain::entry::event::{Decision, Event, Outcome};
use standing_domain::entry::{AuthorityKind, Content};
use standing_domain::id::position::Position;
use standing_domain::id::{DecisionId, FunctionId, PartyId, SessionId};
use standing_domain::time::truth::Truth;
use standing_domain::time::when::{Edge, When};
use std::collections::{BTreeMap, BTreeSet};

/// Of more open days of acts the crate does not try all ways either.
const MOST_OPEN: usize = 5;
/// Of more open acts on one article it does not.
const MOST_OPEN_LAW: usize = 4;

/// Whose day a day is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum DayOf {
    Entry(Position),
    Opening(SessionId),
}

/// A window with whose day it is.
type Dated = ((Number, Number), DayOf);

/// Whether an act counts on a roll.
#[derive(PartialEq, Eq)]
enum Counts {
    Yes,
    No,
    Open(DayOf),
}

/// A decision as it stands.
struct Taken {
    id: DecisionId,
    position: Position,
    on: Dated,
}

impl Naive {
    fn without(&self, left_out: BTreeSet<Position>) -> Self {
        Self {
            entries: self.entries.clone(),
            left_out,
        }
    }

    fn dated(&self, when: &When, position: Position, known_at: Position) -> Option<Dated> {
        let of = match when {
            When::Anchor {
                session,
                edge: Edge::Opening,
            } => DayOf::Opening(session.clone()),
            _ => DayOf::Entry(position),
        };
        Some((self.window(when, known_at)?, of))
    }

    fn opening(&self, session: &SessionId, known_at: Position) -> Option<(Number, Number)> {
        let days = self.session(session, known_at);
        let openings = days.iter().map(|(open, _)| *open);
        Some((openings.clone().min()?, openings.max()?))
    }

    /// The day of a decision: its own, else the opening of its session.
    fn decided(&self, id: &DecisionId, known_at: Position) -> Option<Dated> {
        let live = self.live(known_at);
        let (position, content, decision) =
            live.into_iter()
                .rev()
                .find_map(|(position, content, event)| match event {
                    Event::DecisionTaken(taken) if taken.decision == *id => {
                        Some((position, content, taken))
                    }
                    _ => None,
                })?;
        let own = content.effective.as_ref();
        let own = own.and_then(|when| self.dated(when, position, known_at));
        own.or_else(|| {
            let opening = self.opening(&decision.session, known_at)?;
            Some((opening, DayOf::Opening(decision.session.clone())))
        })
    }

    /// When an act was done; none: on the day it takes effect.
    fn act(&self, position: Position, known_at: Position) -> Option<Dated> {
        let content = self.at(position)?;
        if let Some(acted) = &content.acted {
            let by_decision = self.rests_on(position).is_some();
            // What was done by the day it takes effect reaches back nowhere.
            if let (When::Window(acted), Some(When::Window(on))) = (acted, &content.effective)
                && acted.latest <= on.earliest
                && !by_decision
            {
                return None;
            }
            return self.dated(acted, position, known_at);
        }
        if let AuthorityKind::Decision(decision) = &content.authority.kind {
            return self.decided(decision, known_at);
        }
        let Some(Event::ActAnnulled { entry }) = &content.event else {
            return None;
        };
        if content.effective.is_some() {
            return None;
        }
        let annulled = self.act(*entry, known_at).map(|(window, _)| window);
        let since = annulled.or_else(|| {
            let effective = self.at(*entry)?.effective.as_ref()?;
            self.window(effective, known_at)
        });
        let since = since.map_or(Number::MIN, |(first, _)| first);
        Some(((since, Number::MAX), DayOf::Entry(position)))
    }

    /// The decisions of a session: what was annulled was taken all the same.
    fn taken(&self, of: &SessionId, known_at: Position) -> Vec<Taken> {
        let live = self.live(known_at).into_iter();
        live.filter_map(|(position, content, event)| match event {
            Event::DecisionTaken(decision) if decision.session == *of => {
                let own = content.effective.as_ref();
                let own = own.and_then(|when| self.dated(when, position, known_at));
                let opening = || {
                    let opening = self.opening(of, known_at)?;
                    Some((opening, DayOf::Opening(of.clone())))
                };
                Some(Taken {
                    id: decision.decision.clone(),
                    position,
                    on: own.or_else(opening)?,
                })
            }
            _ => None,
        })
        .collect()
    }

    fn rests_on(&self, position: Position) -> Option<&DecisionId> {
        match &self.at(position)?.authority.kind {
            AuthorityKind::Decision(decision) => Some(decision),
            _ => None,
        }
    }

    /// Whether an act counts on the roll of a decision, if that was taken on a day. Nobody whom a
    /// session admits votes in it, as no law of these histories lets them.
    fn counts(
        &self,
        position: Position,
        roll: &Dated,
        on: Number,
        own: &BTreeSet<DecisionId>,
        known_at: Position,
    ) -> Counts {
        let own = self
            .rests_on(position)
            .is_some_and(|decision| own.contains(decision));
        let Some((window, of)) = self.act(position, known_at) else {
            return if own { Counts::No } else { Counts::Yes };
        };
        let same = of == roll.1;
        let (before, after) = if own {
            let admits = matches!(
                self.at(position).and_then(|content| content.event.as_ref()),
                Some(Event::MemberAdmitted { .. } | Event::ObserverAccepted { .. })
            );
            if admits || same {
                return Counts::No;
            }
            (window.1 < on, window.0 >= on)
        } else if same {
            return Counts::Yes;
        } else {
            (window.1 <= on, window.0 > on)
        };
        match (before, after) {
            (true, _) => Counts::Yes,
            (_, true) => Counts::No,
            _ => Counts::Open(of),
        }
    }

    /// The entries that bear on law, or on classes: facts and annulments of them.
    fn bearing(&self, law: bool, known_at: Position) -> Vec<Position> {
        let is_law = |event: &Event| {
            matches!(
                event,
                Event::ArticleEnacted(_) | Event::ArticleRepealed { .. }
            )
        };
        // An amendment says nothing itself; who annuls it annuls what came with it.
        let takes_law = |event: &Event| matches!(event, Event::InstrumentAmended { .. });
        let is_class = |event: &Event| {
            matches!(
                event,
                Event::MemberAdmitted { .. }
                    | Event::ObserverAccepted { .. }
                    | Event::MembershipEnded { .. }
                    | Event::PartySucceeded { .. }
            )
        };
        let bears = |event: &Event| {
            let (mut event, said) = (event, event);
            while let Event::ActAnnulled { entry } = event
                && let Some(annulled) = self.at(*entry).and_then(|content| content.event.as_ref())
            {
                event = annulled;
            }
            if law {
                is_law(event) || (takes_law(event) && event != said)
            } else {
                is_class(event)
            }
        };
        let live = self.live(known_at).into_iter();
        live.filter(|(.., event)| bears(event))
            .map(|(position, ..)| position)
            .collect()
    }

    /// What the record leaves open of the law at the opening, for one roll.
    fn law_of_roll(
        &self,
        of: &SessionId,
        roll: &Dated,
        own: &BTreeSet<DecisionId>,
        known_at: Position,
    ) -> Option<Open> {
        let opening = self.opening(of, known_at)?;
        let law_day = opening.0;
        // No law is that of a session before its opening.
        let day = (roll.0.0.max(opening.0), roll.0.1.max(opening.1));
        let sessions: Vec<SessionId> = (0..2).map(session).collect();
        let (mut out, mut open) = (BTreeSet::new(), Vec::new());
        for position in self.bearing(true, known_at) {
            let own = self
                .rests_on(position)
                .is_some_and(|decision| own.contains(decision));
            let act = self.act(position, known_at);
            let act = act.filter(|(_, of)| *of != roll.1);
            match act {
                _ if own => {
                    out.insert(position);
                }
                Some((window, _)) if window.0 > day.1 => {
                    out.insert(position);
                }
                Some((window, _)) if window.1 > day.0 => open.push(position),
                _ => {}
            }
        }
        if open.len() > MOST_OPEN_LAW {
            return None;
        }
        let mut all: Option<Open> = None;
        for bits in 0..1_u32 << open.len() {
            let missing = open.iter().enumerate();
            let missing = missing.filter(|(n, _)| bits >> n & 1 == 0);
            let left_out = out.iter().chain(missing.map(|(_, position)| position));
            let world = self.without(left_out.copied().collect());
            let world = world.open(law_day, known_at, &sessions)?;
            all = Some(match all {
                None => world,
                Some(all) => all.or(world),
            });
        }
        all
    }

    /// Whether a party has the vote on a roll; none where there is too much to enumerate.
    fn on_roll(
        &self,
        party: &str,
        law: &Open,
        roll: &Dated,
        own: &BTreeSet<DecisionId>,
        known_at: Position,
        memo: &mut Memo,
    ) -> Option<Truth> {
        let mut worlds = BTreeSet::new();
        let entries = self.bearing(false, known_at);
        for on in roll.0.0..=roll.0.1 {
            let (mut out, mut open) = (BTreeSet::new(), BTreeMap::new());
            for position in &entries {
                match self.counts(*position, roll, on, own, known_at) {
                    Counts::Yes => {}
                    Counts::No => {
                        out.insert(*position);
                    }
                    Counts::Open(of) => {
                        open.entry(of).or_insert_with(Vec::new).push(*position);
                    }
                }
            }
            if open.len() > MOST_OPEN {
                return None;
            }
            for bits in 0..1_u32 << open.len() {
                let missing = open.values().enumerate();
                let missing = missing.filter(|(n, _)| bits >> n & 1 == 0);
                let left_out = out.iter().chain(missing.flat_map(|(_, of)| of));
                let world = self.without(left_out.copied().collect());
                for class in world.classes(party, on, known_at)? {
                    let truth = class.map_or(Truth::No, |class| {
                        let asked = Asked {
                            right: "vote".to_owned(),
                            body: Some("general-assembly".to_owned()),
                            class,
                            region: region(party),
                        };
                        self.right(law, &asked, memo)
                    });
                    worlds.extend((truth != Truth::No).then_some(true));
                    worlds.extend((truth != Truth::Yes).then_some(false));
                }
            }
        }
        Some(agreed(&worlds))
    }
}

/// A step, perhaps of an act done on another day, or by a decision; or a decision.
#[derive(Debug, Clone)]
enum Late {
    Act(Box<Step>, Option<When>, Option<u8>),
    Decide(u8, u8, Option<When>),
}

fn decision(n: u8) -> DecisionId {
    DecisionId::new(&format!("d-{}", n % 4)).unwrap()
}

fn steps() -> impl Strategy<Value = Vec<Late>> {
    let acted = || prop::option::weighted(0.4, world::when());
    let decided = || prop::option::weighted(0.3, 0..4_u8);
    let law = any::<bool>();
    law.prop_flat_map(move |conditional| {
        let act = (world::step(true, conditional), acted(), decided());
        let one = prop_oneof![
            5 => act.prop_map(|(step, acted, decided)| Late::Act(Box::new(step), acted, decided)),
            1 => (0..4_u8, 0..2_u8, prop::option::weighted(0.7, world::when()))
                .prop_map(|(n, of, on)| Late::Decide(n, of, on)),
        ];
        prop::collection::vec(one, 4..26)
    })
}

fn drafted(pair: &Pair, step: &Late) -> Option<Content> {
    match step {
        Late::Act(step, acted, decided) => {
            let mut content = pair.draft(step)?;
            content.acted.clone_from(acted);
            if let Some(n) = decided {
                content.authority.kind = AuthorityKind::Decision(decision(*n));
            }
            Some(content)
        }
        Late::Decide(n, of, on) => {
            let taken = Event::DecisionTaken(Decision {
                decision: decision(*n),
                session: session(*of),
                functions: Vec::<FunctionId>::new(),
                subject: String::new(),
                item: String::new(),
                outcome: Outcome::Adopted,
                votes: None,
            });
            Some(draft(Some(taken), on.clone(), 0))
        }
    }
}

/// Sessions that are there from the beginning, so that few decisions are refused.
fn convened(n: u8, on: i32) -> Content {
    let event = Event::SessionConvened {
        session: session(n),
        closing: None,
        venue: String::new(),
        host: None,
        online: false,
    };
    let on = standing_domain::time::when::Window::day(day(on));
    draft(Some(event), Some(When::Window(on)), 0)
}

proptest! {
    #![proptest_config(cases(192))]

    /// Rules 22 and 23: every decision has the roll of its own day, without what was done later,
    /// whatever the day and whatever was done later may be.
    #[test]
    fn rolls_are_what_every_day_and_every_order_of_acts_says(steps in steps(), first in 0..10_i32) {
        let mut pair = Pair::new();
        pair.record(world::plain_law()).unwrap();
        for n in 0..2 {
            pair.record(convened(n, first + 2 * i32::from(n))).unwrap();
        }
        for step in &steps {
            if let Some(content) = drafted(&pair, step) {
                let _ = pair.record(content);
            }
        }
        let known_at = pair.state.head();
        let law = pair.state.law(known_at);
        let view = pair.state.view(&law, known_at);
        let mut memo = Memo::new();
        for of in (0..2).map(session) {
            let taken = pair.naive.taken(&of, known_at);
            if pair.naive.session(&of, known_at).is_empty() {
                continue;
            }
            let audited = audited(&pair.state, &view, &of).unwrap();
            prop_assert_eq!(audited.frame.decisions.len(), taken.len());
            let own: BTreeSet<DecisionId> = taken.iter().map(|taken| taken.id.clone()).collect();
            for taken in &taken {
                let mut decisions = audited.frame.decisions.iter();
                let found = decisions.find(|found| found.position == taken.position).unwrap();
                let Some(law) = pair.naive.law_of_roll(&of, &taken.on, &own, known_at) else {
                    continue;
                };
                let listed = listed(&pair.state, &view, &audited, found.roll);
                for party in PARTIES {
                    let expected = pair.naive.on_roll(party, &law, &taken.on, &own, known_at, &mut memo);
                    let Some(expected) = expected else { continue };
                    let id = PartyId::new(party).unwrap();
                    let vote = listed.get(&id).map_or(Truth::No, |line| line.vote);
                    prop_assert_eq!(
                        vote, expected,
                        "{} on the roll of {} of {} (day 0 is {})", party, &taken.id, &of, first_day()
                    );
                }
            }
        }
    }
}
