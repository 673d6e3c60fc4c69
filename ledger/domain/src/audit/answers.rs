//! What follows from the record, for every question that a source may answer (rule 33).

use super::Audit;
use crate::answers::view::Parties;
use crate::entry::event::Holder;
use crate::entry::slot::Slot;
use crate::id::{
    ArticleRef, BodyId, ClassId, CommitteeId, InstrumentId, OfficeId, PartyId, SessionId, Word,
};
use crate::record::class::ClassValue;
use crate::record::party::PartyRecord;
use crate::stop::Stopped;
use crate::text::folded;
use crate::time::truth::Truth;
use crate::time::when::{Sitting, Window};
use std::collections::BTreeSet;

/// What follows from the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A number between two bounds.
    Count {
        /// At least.
        least: u64,
        /// At most.
        most: u64,
    },
    /// A day of a window.
    Day(Window),
    /// The first and the last day of a session.
    Days(Sitting),
    /// One of these words; nothing stands for none.
    OneOf(BTreeSet<String>),
    /// The record does not answer.
    Nothing,
}

impl Answer {
    /// Returns whether a claim can be true as the record stands.
    pub(super) fn allows(&self, claimed: &str) -> bool {
        match self {
            Self::Count { least, most } => claimed
                .parse()
                .is_ok_and(|count: u64| (*least..=*most).contains(&count)),
            Self::Day(window) => span(claimed).is_some_and(|span| {
                span.opening.overlaps(*window) && span.closing.overlaps(*window)
            }),
            Self::Days(days) => span(claimed).is_some_and(|span| {
                span.opening.overlaps(days.opening) && span.closing.overlaps(days.closing)
            }),
            Self::OneOf(words) => words.contains(claimed),
            Self::Nothing => true,
        }
    }

    pub(super) fn told(&self) -> String {
        match self {
            Self::Count { least, most } if least == most => least.to_string(),
            Self::Count { least, most } => format!("{least} to {most}"),
            Self::Day(window) => window.to_string(),
            Self::Days(days) if days.opening == days.closing => days.opening.to_string(),
            Self::Days(days) => format!("{}..{}", days.opening, days.closing),
            Self::OneOf(words) => words.iter().cloned().collect::<Vec<_>>().join(" or "),
            Self::Nothing => "nothing".to_owned(),
        }
    }
}

/// Reads a day, month or year, or two with `..` between them.
fn span(text: &str) -> Option<Sitting> {
    let (first, last) = text.split_once("..").unwrap_or((text, text));
    Some(Sitting {
        opening: Window::parse(first).ok()?,
        closing: Window::parse(last).ok()?,
    })
}

impl<P: Parties> Audit<'_, P> {
    pub(super) fn is_of(&self, record: &PartyRecord, country: Option<&Word>) -> bool {
        let attributes = self.view.attributes(record);
        country.is_none() || attributes.and_then(|a| a.country.as_ref()) == country
    }

    /// The classes a party may have on some day of a window.
    pub(super) fn classes_within(&self, record: &PartyRecord, on: Window) -> BTreeSet<String> {
        let mut days = BTreeSet::from([on.earliest, on.latest]);
        if let Ok(line) = record.class_line(self.view.book, self.view.known_at) {
            let bounds = line
                .steps()
                .iter()
                .flat_map(|step| [step.window.earliest, step.window.latest]);
            days.extend(bounds.filter(|day| on.earliest <= *day && *day <= on.latest));
        }
        let standings = days.iter().flat_map(|day| self.view.classes(record, *day));
        let class = |class| self.view.book.class(class).map(ToString::to_string);
        standings
            .map(|standing| {
                standing
                    .class
                    .and_then(class)
                    .unwrap_or_else(|| "none".to_owned())
            })
            .collect()
    }

    pub(super) fn class_of(&self, party: &PartyId, on: Window) -> Answer {
        let record = self.view.record(party);
        record.map_or(Answer::Nothing, |record| {
            Answer::OneOf(self.classes_within(&record, on))
        })
    }

    pub(super) fn members(
        &self,
        class: &ClassId,
        country: Option<&Word>,
        on: Window,
    ) -> Result<Answer, Stopped> {
        // A claim about a window agrees if it agrees on some day of it: each day has bounds of its
        // own.
        let (mut least, mut most) = (0, 0);
        self.walks.concerned(&mut |_, record| {
            if self.is_of(record, country) {
                let classes = self.classes_within(record, on);
                let may = classes.contains(class.as_str());
                most += u64::from(may);
                least += u64::from(may && classes.len() == 1);
            }
            Ok(())
        })?;
        Ok(Answer::Count { least, most })
    }

    pub(super) fn admitted(&self, party: &PartyId, class: &ClassId) -> Answer {
        let Some(record) = self.view.record(party) else {
            return Answer::Nothing;
        };
        let wanted = self.view.book.class_ix(class);
        let line = record.class_line(self.view.book, self.view.known_at);
        let taken = line.ok().and_then(|line| {
            let steps = line.steps().iter().enumerate();
            let mut taking = steps.filter_map(|(i, step)| match line.value_after(Some(i))? {
                (ClassValue::Taken { class, .. }, _) if Some(*class) == wanted => Some(step.window),
                _ => None,
            });
            taking.next()
        });
        if let Some(window) = taken {
            return Answer::Day(window);
        }
        let passed = self.view.admission(&record, self.on);
        passed.map_or(Answer::Nothing, |(window, _)| Answer::Day(window))
    }

    pub(super) fn sessions_held(&self, series: &BodyId, through: Window) -> Answer {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let sessions = book.sessions(Some(series));
        let openings =
            sessions.filter_map(|session| Some(book.session_days(session, known_at)?.opening));
        count(openings, through)
    }

    pub(super) fn days_met(&self, session: &SessionId) -> Answer {
        let days = self.view.book.session_days(session, self.view.known_at);
        days.map_or(Answer::Nothing, Answer::Days)
    }

    pub(super) fn hosted_by(&self, session: &SessionId) -> Answer {
        let facts = self.view.session_facts(session);
        let host = facts.and_then(|facts| facts.host);
        host.map_or(Answer::Nothing, |host| one(host.as_str()))
    }

    pub(super) fn attended(&self, session: &SessionId, party: &PartyId) -> Answer {
        let frame = self.view.session_frame(session);
        match frame.filter(|frame| frame.named_in_person) {
            Some(frame) if frame.present.contains(party) => one("yes"),
            Some(_) => one("no"),
            None => Answer::Nothing,
        }
    }

    pub(super) fn present(&self, session: &SessionId) -> Answer {
        let Some(frame) = self.view.session_frame(session) else {
            return Answer::Nothing;
        };
        match frame.present.len() as u64 {
            0 => Answer::Nothing,
            named => Answer::Count {
                least: named,
                most: named.max(u64::from(frame.bodies_counted)),
            },
        }
    }

    /// Those who took up an office, in order, with when and which ordinal is recorded.
    pub(super) fn terms(&self, office: &OfficeId) -> Vec<(Window, u32, String)> {
        let slot = Slot::Holder(office.clone(), None);
        let Ok(line) = self.view.book.line(&slot, self.view.known_at) else {
            return Vec::new();
        };
        let steps = line.steps().iter().enumerate();
        steps
            .filter_map(|(i, step)| {
                let (event, position) = line.value_after(Some(i))?;
                let holding = event.holding()?;
                let holder = told(&holding.holder);
                (position == step.position).then_some((step.window, holding.ordinal, holder))
            })
            .collect()
    }

    pub(super) fn nth_holder(&self, office: &OfficeId, ordinal: u32) -> (Answer, Vec<PartyId>) {
        let terms = self.terms(office);
        let named = terms.iter().find(|(_, of, _)| *of == ordinal);
        let counted = usize::try_from(ordinal)
            .ok()
            .and_then(|n| terms.get(n.checked_sub(1)?));
        let holder = named
            .or(counted.filter(|(_, of, _)| *of == 0))
            .map(|(.., holder)| holder);
        let parties = holder
            .and_then(|holder| PartyId::new(holder).ok())
            .into_iter();
        (
            holder.map_or(Answer::Nothing, |holder| one(holder)),
            parties.collect(),
        )
    }

    pub(super) fn times_amended(&self, instrument: &InstrumentId, through: Window) -> Answer {
        let (book, known_at) = (self.view.book, self.view.known_at);
        let known = book.known(&Slot::Amendments(instrument.clone()), known_at);
        count(
            known.filter_map(|fact| book.window(fact.at, known_at)),
            through,
        )
    }

    pub(super) fn first_in_force(&self, article: &ArticleRef) -> Answer {
        let slot = Slot::Article(article.clone());
        let line = self.view.book.line(&slot, self.view.known_at).ok();
        let first = line.and_then(|line| line.steps().first().map(|step| step.window));
        first.map_or(Answer::Nothing, Answer::Day)
    }

    pub(super) fn committees(&self, on: Window) -> Answer {
        let book = self.view.book;
        let slots = book.slots_from(&Slot::Committee(CommitteeId::least()));
        let slots = slots.map_while(|(slot, _)| matches!(slot, Slot::Committee(_)).then_some(slot));
        let (mut least, mut most) = (0, 0);
        for slot in slots {
            let Ok(line) = book.line(slot, self.view.known_at) else {
                continue;
            };
            let stands = |day| {
                Truth::agreed(line.possible(day).map(|value| {
                    Truth::known(value.is_some_and(|(event, _)| {
                        crate::judge::result::book_value_stands(slot, event)
                    }))
                }))
            };
            let both = [stands(on.earliest), stands(on.latest)];
            least += u64::from(both == [Truth::Yes; 2]);
            most += u64::from(both != [Truth::No; 2]);
        }
        Answer::Count { least, most }
    }

    /// Who may coordinate a committee; nobody, where no seat of it is filled.
    pub(super) fn coordinator(&self, committee: &CommitteeId, on: Window) -> Answer {
        let book = self.view.book;
        let slots = book.slots_from(&Slot::Coordinator(committee.clone(), None));
        let slots = slots.map_while(|(slot, _)| match slot {
            Slot::Coordinator(of, _) if of == committee => Some(slot),
            _ => None,
        });
        let (mut parties, mut filled) = (BTreeSet::new(), false);
        for slot in slots {
            let Ok(line) = book.line(slot, self.view.known_at) else {
                continue;
            };
            let days = [on.earliest, on.latest];
            let values = days.into_iter().flat_map(|day| line.possible(day));
            let mut always = true;
            for value in values {
                if let Some(party) = value.and_then(|(event, _)| event.coordinator()) {
                    parties.insert(party.to_string());
                } else {
                    always = false;
                }
            }
            filled |= always;
        }
        if !filled {
            parties.insert("none".to_owned());
        }
        Answer::OneOf(parties)
    }

    /// Counts the founders: those admitted on the day of the founding, as far as their days are
    /// known.
    pub(super) fn founders(&self, country: Option<&Word>) -> Result<Answer, Stopped> {
        let known = self.view.book.known(&Slot::Association, self.view.known_at);
        let founding = known.filter_map(|fact| self.view.book.window(fact.at, self.view.known_at));
        let Some(founding) = founding.last() else {
            return Ok(Answer::Nothing);
        };
        let (mut least, mut most) = (0, 0);
        self.walks.concerned(&mut |_, record| {
            if !self.is_of(record, country) {
                return Ok(());
            }
            let known = record
                .class_facts()
                .iter()
                .filter(|fact| fact.is_known(self.view.known_at));
            let taken = known.filter(|fact| matches!(fact.value, ClassValue::Taken { .. }));
            let days = taken.filter_map(|fact| self.view.book.window(fact.at, self.view.known_at));
            let may: Vec<Window> = days.filter(|day| day.overlaps(founding)).collect();
            most += u64::from(!may.is_empty());
            least += u64::from(may.iter().any(|day| *day == founding && day.is_day()));
            Ok(())
        })?;
        Ok(Answer::Count { least, most })
    }

    pub(super) fn applicants(&self, on: Window) -> Result<Answer, Stopped> {
        let (mut least, mut most) = (0, 0);
        self.walks.concerned(&mut |_, record| {
            let pending = self.view.applications(record, on.latest);
            most += u64::from(pending.iter().any(Option::is_some));
            least += u64::from(!pending.is_empty() && pending.iter().all(Option::is_some));
            Ok(())
        })?;
        Ok(Answer::Count { least, most })
    }

    pub(super) fn bearers(&self, name: &str, language: &Word) -> Result<Answer, Stopped> {
        let wanted = folded(name);
        let mut parties = BTreeSet::new();
        self.walks.named(name, &mut |party, record| {
            let bears = record.name_facts().iter().any(|fact| {
                fact.is_known(self.view.known_at)
                    && folded(&fact.value.text) == wanted
                    && self.view.book.word(fact.value.language) == Some(language)
            });
            if bears {
                parties.insert(party.to_string());
            }
            Ok(())
        })?;
        if parties.is_empty() {
            return Ok(Answer::Nothing);
        }
        Ok(Answer::OneOf(parties))
    }
}

pub(super) fn one(word: &str) -> Answer {
    Answer::OneOf(BTreeSet::from([word.to_owned()]))
}

fn told(holder: &Holder) -> String {
    match holder {
        Holder::Party(party) => party.to_string(),
        Holder::Person(person) => person.to_string(),
    }
}

/// Counts what has happened through a day.
pub(super) fn count(windows: impl Iterator<Item = Window>, through: Window) -> Answer {
    let (mut least, mut most) = (0, 0);
    for window in windows {
        least += u64::from(window.latest <= through.earliest);
        most += u64::from(window.earliest <= through.latest);
    }
    Answer::Count { least, most }
}
