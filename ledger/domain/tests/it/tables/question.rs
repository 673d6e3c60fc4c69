//! The questions of the tables, answered as one line of text.

use super::{audit, money};
use crate::support::day;
use standing_domain::answers::losses::DuesGround;
use standing_domain::answers::question::Question;
use standing_domain::answers::rotation::Visit;
use standing_domain::answers::view::View;
use standing_domain::audit::Audit;
use standing_domain::entry::event::{Event, Holder, NameKind};
use standing_domain::entry::slot::{Ref, Slot};
use standing_domain::id::position::Position;
use standing_domain::id::{
    ArticleRef, BodyId, CommitteeId, DecisionId, FunctionId, InstrumentId, OfficeId, PartyId,
    RightId, SessionId, Word,
};
use standing_domain::judge::result::book_value_stands;
use standing_domain::record::fact::At;
use standing_domain::record::party::PartyRecord;
use standing_domain::state::{Roll, State};
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_domain::words;
use std::collections::BTreeSet;

struct Asked<'a> {
    words: Vec<&'a str>,
    on: Option<Day>,
    known: Option<Position>,
    body: Option<BodyId>,
    readings: Vec<Word>,
}

/// Answers a question; numbers of entries in it and in the answer count from `base`.
pub fn answer(state: &State, base: Position, text: &str) -> String {
    let asked = read(text, base);
    let known_at = asked.known.unwrap_or_else(|| state.head());
    let law = state.law(known_at);
    let readings = asked.readings.clone();
    let asking = Asking {
        view: View {
            readings: &readings,
            ..state.view(&law, known_at)
        },
        state,
        base,
        asked,
    };
    asking.answer()
}

fn read(text: &str, base: Position) -> Asked<'_> {
    let mut asked = Asked {
        words: Vec::new(),
        on: None,
        known: None,
        body: None,
        readings: Vec::new(),
    };
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "on" => asked.on = Some(day(words.next().unwrap())),
            "known" => asked.known = Some(base.plus(words.next().unwrap().parse().unwrap())),
            "reading" => asked
                .readings
                .push(Word::new(words.next().unwrap()).unwrap()),
            "in" => asked.body = Some(BodyId::new(words.next().unwrap()).unwrap()),
            plain => asked.words.push(plain),
        }
    }
    asked
}

pub struct Asking<'a> {
    pub view: View<'a, Roll>,
    state: &'a State,
    base: Position,
    asked: Asked<'a>,
}

/// The verdict as the answers name it.
pub fn verdict(truth: Truth) -> &'static str {
    match truth {
        Truth::Yes => "HELD",
        Truth::Unknown => "UNDETERMINED",
        Truth::No => "NOT_HELD",
    }
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    let parts: BTreeSet<String> = parts.into_iter().collect();
    let text = parts.into_iter().collect::<Vec<_>>().join("|");
    if text.is_empty() {
        "nothing".to_owned()
    } else {
        text
    }
}

impl Asking<'_> {
    pub fn word(&self, i: usize) -> &str {
        self.asked.words[i]
    }

    pub fn on(&self) -> Day {
        self.asked.on.unwrap()
    }

    fn party(&self) -> PartyId {
        PartyId::new(self.word(1)).unwrap()
    }

    fn record(&self) -> Option<PartyRecord> {
        self.view.record(&self.party())
    }

    fn question(&self) -> Question {
        Question {
            party: self.party(),
            right: RightId::new(self.word(2)).unwrap(),
            body: self.asked.body.clone(),
        }
    }

    pub fn number(&self, position: Position) -> String {
        position.since(self.base).to_string()
    }

    fn answer(&self) -> String {
        match self.word(0) {
            "article" | "instrument" | "seat" | "holder" | "acting" | "committee"
            | "coordinator" | "institution" => self.slot(),
            "row" => self.row(),
            "concerns" => self.concerns(),
            "decisions" => self.decisions(),
            "days" => self.days(),
            "roll" => self.roll(),
            "competence" => self.competence(),
            "law-epoch" => self.number(self.view.book.law_epoch(self.view.known_at)),
            "rules" => self.view.law.rules_version.to_string(),
            "ratified" => self.ratified(),
            "findings" if self.asked.words.len() == 1 || self.word(1) == "of" => self.audited(),
            "weighed" | "counts" | "turns" | "turn" => self.audited(),
            _ => match self.record() {
                Some(record) => self.of_party(&record),
                None => "unregistered".to_owned(),
            },
        }
    }

    fn person(&self, record: &PartyRecord) -> String {
        let person = self.view.person(record);
        person.map_or("-".to_owned(), ToString::to_string)
    }

    fn of_party(&self, record: &PartyRecord) -> String {
        let view = &self.view;
        match self.word(0) {
            "class" => joined(view.classes(record, self.on()).iter().map(|s| {
                let class = s.class.and_then(|class| view.book.class(class));
                class.map_or("-".to_owned(), ToString::to_string)
            })),
            "application" => joined(view.applications(record, self.on()).iter().map(|pending| {
                pending
                    .as_ref()
                    .map_or("-".to_owned(), |(class, _)| class.to_string())
            })),
            "admission" => match view.admission(record, self.on()) {
                Some((since, true)) => format!("{since} founder"),
                Some((since, false)) => since.to_string(),
                None => "-".to_owned(),
            },
            "taken-by" | "history" => self.of_classes(record),
            "right" => verdict(view.verdict(&self.question(), record, self.on())).to_owned(),
            "until" => match view.expiry(&self.question(), record, self.on()) {
                Some(expiry) => format!("{} {}", expiry.day, verdict(expiry.then)),
                None => "-".to_owned(),
            },
            "expires" => match view.expiry(&self.question(), record, self.on()) {
                Some(expiry) => money::expiry(&expiry, self.base),
                None => "-".to_owned(),
            },
            "dues" | "least" | "keep" | "owed" | "unpaid" | "account" | "lacks" => {
                self.of_money(record)
            }
            "findings" => self.findings(),
            "entries" => {
                let grounds = view.grounds(&self.question(), record, self.on());
                let entries = grounds.entries.iter().map(|p| self.number(*p));
                entries.collect::<Vec<_>>().join(" ")
            }
            "why" => {
                let question = self.question();
                let grounds = view.grounds(&question, record, self.on());
                let told = grounds.articles.iter();
                let told = told.map(|article| words::right::article(article, &question, None));
                let told: Vec<String> = told.collect();
                if told.is_empty() {
                    return words::right::nothing_confers(&question);
                }
                told.join(" | ")
            }
            "articles" => {
                let grounds = view.grounds(&self.question(), record, self.on());
                joined(grounds.articles.iter().map(|a| {
                    let sure = if a.certain { "" } else { "?" };
                    format!("{}#{}{sure}", a.article, self.number(a.position))
                }))
            }
            "support" => {
                let grounds = view.grounds(&self.question(), record, self.on());
                grounds.weakest.map_or("-".to_owned(), |support| {
                    format!("{support:?}").to_lowercase()
                })
            }
            "not-modelled" => {
                let grounds = view.grounds(&self.question(), record, self.on());
                let texts = grounds.articles.into_iter().map(|a| a.not_modelled);
                let told = joined(texts.filter(|text| !text.is_empty()));
                told.replace("; not modelled: ", "")
            }
            "missing" => {
                let grounds = view.grounds(&self.question(), record, self.on());
                grounds.missing.len().to_string()
            }
            "person" => self.person(record),
            "name" => joined(
                view.names(record, self.on())
                    .into_iter()
                    .filter(|(kind, _)| *kind == NameKind::Public)
                    .map(|(_, name)| name.text),
            ),
            "succession" => {
                let (from, to) = view.succession(&self.party());
                let list = |parties: Vec<PartyId>| joined(parties.iter().map(ToString::to_string));
                format!("from {} to {}", list(from), list(to))
            }
            question => panic!("no such question: {question}"),
        }
    }

    fn of_money(&self, record: &PartyRecord) -> String {
        let view = &self.view;
        if ["owed", "unpaid"].contains(&self.word(0)) {
            let seen = &view.balances(record, self.on())[0];
            let [best, worst] = [&seen.best, &seen.worst].map(|seen| match self.word(0) {
                "owed" => seen.overdue(),
                _ => seen.unpaid(),
            });
            if best == worst {
                return money::written(worst);
            }
            return format!("{}..{}", money::written(best), money::written(worst));
        }
        if self.word(0) == "account" {
            return money::account(&view.balances(record, self.on())[0].worst, self.base);
        }
        let grounds = view.grounds(&self.question(), record, self.on());
        let of = |text: fn(&DuesGround) -> String| {
            let parts: Vec<String> = grounds.dues.iter().map(text).collect();
            parts.join(" | ")
        };
        match self.word(0) {
            "dues" => {
                let dues = grounds.dues.iter();
                let parts: Vec<String> = dues.map(|g| money::ground(g, self.base)).collect();
                if parts.is_empty() {
                    "-".to_owned()
                } else {
                    parts.join(" | ")
                }
            }
            "least" => of(|ground| match ground.smallest_payment {
                Some(least) => money::written(least.into()),
                None => "-".to_owned(),
            }),
            "keep" => of(|ground| match ground.keep {
                Some(keep) => format!("{} by {}", money::written(keep.amount.into()), keep.by),
                None => "-".to_owned(),
            }),
            _ => grounds.missing.join("; "),
        }
    }

    /// What sessions, audits and rotations are asked, in a file of its own.
    fn audited(&self) -> String {
        let reading = self.asked.readings.first().map(Word::as_str);
        let asked = audit::Asked {
            state: self.state,
            view: &self.view,
            base: self.base,
            on: self.asked.on.unwrap_or(Day::MAX),
            reading,
        };
        asked.answer(&self.asked.words)
    }

    /// The findings of one code about a party, by their entries.
    fn findings(&self) -> String {
        let audit = Audit {
            view: self.state.view(self.view.law, self.view.known_at),
            on: self.on(),
            walks: &|visit: &mut Visit<'_>| {
                for (party, record) in self.state.roll.iter() {
                    visit(party, record)?;
                }
                Ok(())
            },
            lookup: &|position| self.state.content(position).cloned(),
            sessions: &[],
            stop: Stop::NEVER,
        };
        let found = audit.findings().unwrap().into_iter();
        joined(
            found
                .filter(|f| f.parties.contains(&self.party()) && f.code.word() == self.word(2))
                .map(|f| {
                    let entries: Vec<String> = f.entries.iter().map(|p| self.number(*p)).collect();
                    format!("{} {}", f.code.word(), entries.join(" "))
                }),
        )
    }

    fn slot_of(&self, i: usize) -> Slot {
        let office = || OfficeId::new(self.word(i + 1)).unwrap();
        let committee = || CommitteeId::new(self.word(i + 1)).unwrap();
        match self.word(i) {
            "article" => Slot::Article(ArticleRef::new(self.word(i + 1)).unwrap()),
            "instrument" => Slot::Instrument(InstrumentId::new(self.word(i + 1)).unwrap()),
            "seat" => Slot::Seat,
            "holder" => Slot::Holder(office(), None),
            "acting" => Slot::Acting(office(), None),
            "committee" => Slot::Committee(committee()),
            "coordinator" => Slot::Coordinator(committee(), None),
            "institution" => Slot::Institution(PartyId::new(self.word(i + 1)).unwrap()),
            slot => panic!("no such slot: {slot}"),
        }
    }

    fn said(&self, slot: &Slot, event: &Event, position: Position) -> String {
        let holder = |holder: &Holder| match holder {
            Holder::Party(party) => party.to_string(),
            Holder::Person(person) => format!("person:{person}"),
        };
        match event {
            event if !book_value_stands(slot, event) => "-".to_owned(),
            Event::ArticleEnacted(_) => format!("#{}", self.number(position)),
            Event::ChairRotated { to, .. } => to.to_string(),
            Event::OfficeAssumed { holder: of, .. } | Event::ActingAssumed { holder: of, .. } => {
                holder(of)
            }
            Event::CoordinatorAppointed { party, .. } => party.to_string(),
            Event::SeatPlaced { place, .. } => place.clone(),
            Event::InstitutionRegistered { by, .. } => by.to_string(),
            _ => "stands".to_owned(),
        }
    }

    fn slot(&self) -> String {
        let slot = self.slot_of(0);
        let line = self.view.book.line(&slot, self.view.known_at).unwrap();
        joined(line.possible(self.on()).map(|value| match value {
            Some((event, position)) => self.said(&slot, event, position),
            None => "-".to_owned(),
        }))
    }

    /// All values of a slot in order, those of no day included (rule 11).
    fn row(&self) -> String {
        let slot = self.slot_of(1);
        let line = self.view.book.line(&slot, self.view.known_at).unwrap();
        let steps = line.steps().iter().enumerate().map(|(i, step)| {
            let (event, position) = line.value_after(Some(i)).unwrap();
            format!("{} {}", self.said(&slot, event, position), step.window)
        });
        steps.collect::<Vec<_>>().join(", ")
    }

    /// The entries that concern a party, a session or an instrument.
    fn concerns(&self) -> String {
        let word = self.word(1);
        let mentions = if let Ok(session) = SessionId::new(word) {
            self.view.book.mentions(&Ref::Session(session)).to_vec()
        } else if let Some(record) = self.record() {
            record.mentions().to_vec()
        } else {
            let instrument = InstrumentId::new(word).unwrap();
            self.view
                .book
                .mentions(&Ref::Instrument(instrument))
                .to_vec()
        };
        let mentions = mentions
            .iter()
            .filter(|p| **p > self.base && **p <= self.view.known_at);
        let numbers: Vec<String> = mentions.map(|p| self.number(*p)).collect();
        numbers.join(" ")
    }

    /// The decisions of a session in order, with what annulled them, after what annulled it.
    fn decisions(&self) -> String {
        let session = SessionId::new(self.word(1)).unwrap();
        let frame = self.view.session_frame(&session).unwrap();
        let told = |id: String, by: Option<Position>| match by {
            Some(by) => format!("{id} annulled by #{}", self.number(by)),
            None => id,
        };
        let decisions = frame
            .decisions
            .iter()
            .map(|decision| told(decision.decision.decision.to_string(), decision.annulled_by));
        let all = std::iter::once(told(session.to_string(), frame.facts.annulled_by));
        all.chain(decisions).collect::<Vec<_>>().join(", ")
    }

    fn days(&self) -> String {
        let session = SessionId::new(self.word(1)).unwrap();
        match self.view.book.session_days(&session, self.view.known_at) {
            Some(days) => format!("{} to {}", days.opening, days.closing),
            None => "-".to_owned(),
        }
    }

    /// The parties with the vote on the roll of a session, or of one of its decisions, under the
    /// laws that govern it (rules 22 and 23).
    fn roll(&self) -> String {
        let session = SessionId::new(self.word(1)).unwrap();
        let audited = audit::audited(self.state, &self.view, &session).unwrap();
        let decision = self
            .asked
            .words
            .get(2)
            .map(|id| DecisionId::new(id).unwrap());
        let place = decision.map_or(0, |id| {
            let mut taken = audited.frame.decisions.iter();
            taken
                .find(|taken| taken.decision.decision == id)
                .unwrap()
                .roll
        });
        let lines = audit::listed(self.state, &self.view, &audited, place);
        joined(lines.iter().filter_map(|(party, line)| match line.vote {
            Truth::Yes => Some(party.to_string()),
            Truth::Unknown => Some(format!("{party}?")),
            Truth::No => None,
        }))
    }

    fn competence(&self) -> String {
        let body = BodyId::new(self.word(1)).unwrap();
        let function = FunctionId::new(self.word(2)).unwrap();
        let routes = self
            .view
            .competence(&body, &function, self.on(), self.view.law);
        joined(routes.iter().map(|route| {
            let how = if route.delegated { "by" } else { "own" };
            let open = match route.open {
                Truth::Yes => "open",
                Truth::Unknown => "uncertain",
                Truth::No => "closed",
            };
            format!("{how} {} {open}", route.article)
        }))
    }

    fn ratified(&self) -> String {
        let slot = Slot::Ratifications(self.base.plus(self.word(1).parse().unwrap()));
        let facts = self.view.book.known(&slot, self.view.known_at);
        joined(facts.map(|fact| match fact.at {
            At::Window(window) => format!("#{} {window}", self.number(fact.position)),
            At::Anchor(..) => format!("#{}", self.number(fact.position)),
        }))
    }
}
