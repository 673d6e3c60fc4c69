//! What may have been meant by a name that nothing is called by: it is suggested, and never taken.

use crate::call::errors::Problem;
use standing_domain::answers::view::Parties as _;
use standing_domain::entry::event::TermKind;
use standing_domain::entry::slot::Slot;
use standing_domain::id::position::Position;
use standing_domain::id::{DecisionId, InstrumentId, PartyId, Word};
use standing_domain::text::{Nearest, suggestion};
use standing_engine::Ledger;
use standing_proto::v1;

/// Adds to a problem what is known at a position under a name near to the one that is not.
pub(crate) fn suggest(ledger: &Ledger, known_at: Position, problem: Problem) -> Problem {
    let term = |what, kind| (what, Kind::Term(kind));
    let (what, kind) = match problem.reason {
        "UNKNOWN_BODY" => term("body", TermKind::Body),
        "UNKNOWN_CLASS" => term("class", TermKind::Class),
        "UNKNOWN_OFFICE" => term("office", TermKind::Office),
        "UNKNOWN_RIGHT" => term("right", TermKind::Right),
        "UNKNOWN_ARTICLE" => ("article", Kind::Article),
        "UNKNOWN_INSTRUMENT" => ("instrument", Kind::Instrument),
        "UNKNOWN_SESSION" => ("session", Kind::Session),
        "UNKNOWN_DECISION" => ("decision", Kind::Decision),
        _ => return problem,
    };
    let Some(asked) = problem.about(what) else {
        return problem;
    };
    let found = kind.nearest(ledger, known_at, asked);
    problem.near(&found)
}

/// What is looked for.
enum Kind {
    Term(TermKind),
    Article,
    Instrument,
    Session,
    Decision,
}

impl Kind {
    fn nearest(&self, ledger: &Ledger, known_at: Position, asked: &str) -> Vec<String> {
        let mut nearest = Nearest::to(asked);
        let mut look = |known: String| nearest.look(&known, || known.clone());
        let reader = ledger.at(known_at);
        let view = reader.view();
        let is_known = |slot: &Slot| {
            view.book
                .facts(slot)
                .iter()
                .any(|fact| fact.is_known(known_at))
        };
        match self {
            Self::Term(kind) => {
                let terms = view.book.slots_from(&Slot::Term(*kind, Word::least()));
                let of_kind = terms.map_while(|(slot, _)| match slot {
                    Slot::Term(of, word) if of == kind => Some((slot, word)),
                    _ => None,
                });
                let known = of_kind.filter(|(slot, _)| is_known(slot));
                known.for_each(|(_, word)| look(word.to_string()));
            }
            Self::Article => {
                let lines = view.law.articles().iter();
                lines.for_each(|line| look(line.article.to_string()));
            }
            Self::Instrument => {
                let slots = view
                    .book
                    .slots_from(&Slot::Instrument(InstrumentId::least()));
                let instruments = slots.map_while(|(slot, _)| match slot {
                    Slot::Instrument(instrument) => Some((slot, instrument)),
                    _ => None,
                });
                let known = instruments.filter(|(slot, _)| is_known(slot));
                known.for_each(|(_, instrument)| look(instrument.to_string()));
            }
            Self::Decision => {
                let slots = view.book.slots_from(&Slot::Decision(DecisionId::least()));
                let decisions = slots.map_while(|(slot, _)| match slot {
                    Slot::Decision(decision) => Some((slot, decision)),
                    _ => None,
                });
                let known = decisions.filter(|(slot, _)| is_known(slot));
                known.for_each(|(_, decision)| look(decision.to_string()));
            }
            Self::Session => {
                let sessions = view.book.sessions(None);
                let known = sessions.filter(|session| view.session_facts(session).is_some());
                known.for_each(|session| look(session.to_string()));
            }
        }
        nearest.found()
    }
}

impl Problem {
    /// Adds what may have been meant.
    fn near(mut self, nearest: &[String]) -> Self {
        if nearest.is_empty() {
            return self;
        }
        self.message.push_str(&suggestion(nearest));
        self.with("nearest", nearest.join(", "))
    }
}

/// The parties that come nearest to a text.
pub(crate) struct NearParties {
    nearest: Nearest,
    /// How near each is, by its best name.
    found: Vec<(usize, v1::NearParty)>,
}

impl NearParties {
    /// Begins to look.
    pub fn to(asked: &str) -> Self {
        Self {
            nearest: Nearest::to(asked),
            found: Vec::new(),
        }
    }

    /// Looks at some parties as known at a position.
    pub fn look(&mut self, ledger: &Ledger, known_at: Position, parties: &[PartyId]) {
        let reader = ledger.at(known_at);
        let view = reader.view();
        for party in parties {
            let near = view.parties.with(party, |record| {
                let record = record.filter(|record| record.is_registered(known_at))?;
                let names = record.name_facts().iter();
                let names = names.filter(|fact| fact.is_known(known_at));
                let names = names.map(|fact| fact.value.text.as_ref());
                let all = names.chain([party.as_str()]);
                let near = all.filter_map(|name| Some((self.nearest.distance(name)?, name)));
                near.min()
                    .map(|(distance, name)| (distance, name.to_owned()))
            });
            if let Some((distance, name)) = near {
                let party = party.to_string();
                self.found.push((distance, v1::NearParty { party, name }));
                // Stable: of equals those that come first by id.
                self.found.sort_by_key(|(distance, _)| *distance);
                self.found.truncate(3);
            }
        }
    }

    /// Returns them, the nearest first.
    pub fn found(self) -> Vec<v1::NearParty> {
        self.found.into_iter().map(|(_, party)| party).collect()
    }
}
