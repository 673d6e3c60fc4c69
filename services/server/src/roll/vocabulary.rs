//! What may be named: words with what goes with them, funds, instruments and their articles,
//! committees.

use crate::call::errors::Problem;
use crate::call::paging::{MOST_BYTES, open};
use crate::dear::Ask;
use crate::law::{instruments, versions};
use crate::roll::{association, committees};
use prost::Message as _;
use standing_domain::answers::view::{Parties, View};
use standing_domain::entry::event::TermKind;
use standing_domain::entry::slot::Slot;
use standing_domain::id::position::Position;
use standing_domain::id::{
    BodyId, FunctionId, FundId, InstrumentId, OfficeId, RightId, SessionId, Word,
};
use standing_domain::law::LawView;
use standing_domain::law::uses::Uses;
use standing_domain::time::day::Day;
use standing_proto::ask::roll;
use standing_proto::change::write_verdict;
use standing_proto::v1;
use std::collections::{BTreeMap, BTreeSet};

/// Something that may be named.
enum Item {
    Term(v1::VocabularyTerm),
    Fund(v1::VocabularyFund),
    Instrument(v1::VocabularyInstrument),
    Article(v1::VocabularyArticle),
    Committee(v1::VocabularyCommittee),
}

pub(crate) fn get_vocabulary(
    ledger: &Ask<'_>,
    asked: &roll::GetVocabulary,
) -> Result<v1::GetVocabularyResponse, Problem> {
    let mut page = open(ledger, &asked.at, &asked.page)?;
    let (on, position) = (page.at.on, page.at.position);
    let law = ledger.law(position);
    let Recorded {
        terms,
        sessions,
        seats,
        others,
        committees,
    } = Recorded::of(&ledger.at(position).view(), on);
    ledger.stop.check()?;
    let functions = terms.iter().filter(|term| term.kind == TermKind::Function);
    let functions = functions.filter_map(|term| FunctionId::new(term.word.as_str()).ok());
    let used = Used {
        uses: Uses::of(&law, on, &functions.collect()),
        law: &law,
        sessions,
        seats,
    };
    let mut items: Vec<Item> = Vec::new();
    for term in terms {
        ledger.stop.check()?;
        items.push(Item::Term(used.write(term)));
    }
    items.extend(others);
    for line in versions::all_lines(&law) {
        ledger.stop.check()?;
        items.extend(article(
            &line.article.to_string(),
            &versions::in_force(line, on),
        ));
    }
    items.extend(committees);
    page.limit = fitting(&items, page.reached()?, page.limit);
    let (items, next_page_token) = page.of_list(items)?;
    let mut response = v1::GetVocabularyResponse {
        next_page_token,
        basis: Some(page.at.basis(ledger)?),
        ..v1::GetVocabularyResponse::default()
    };
    for item in items {
        item.put(&mut response);
    }
    Ok(response)
}

/// Returns how many items after those listed fit a page by their bytes; at least one.
fn fitting(items: &[Item], listed: u64, limit: usize) -> usize {
    let listed = usize::try_from(listed).unwrap_or(usize::MAX);
    let mut bytes = 0;
    let rest = items.iter().skip(listed).take(limit);
    let within = rest.take_while(|item| {
        bytes += item.bytes();
        bytes <= MOST_BYTES
    });
    within.count().max(1)
}

impl Item {
    fn bytes(&self) -> usize {
        match self {
            Self::Term(term) => term.encoded_len(),
            Self::Fund(fund) => fund.encoded_len(),
            Self::Instrument(instrument) => instrument.encoded_len(),
            Self::Article(article) => article.encoded_len(),
            Self::Committee(committee) => committee.encoded_len(),
        }
    }

    fn put(self, response: &mut v1::GetVocabularyResponse) {
        match self {
            Self::Term(term) => response.terms.push(term),
            Self::Fund(fund) => response.funds.push(fund),
            Self::Instrument(instrument) => response.instruments.push(instrument),
            Self::Article(article) => response.articles.push(article),
            Self::Committee(committee) => response.committees.push(committee),
        }
    }
}

/// A word of the vocabulary.
struct Declared {
    kind: TermKind,
    word: Word,
    term: v1::Term,
    /// The entry; [`Position::ZERO`] where nothing declares it.
    position: Position,
}

/// What is recorded, without the law.
struct Recorded {
    terms: Vec<Declared>,
    /// The last session of each series.
    sessions: BTreeMap<BodyId, u32>,
    /// The seats of offices that were ever filled.
    seats: BTreeMap<OfficeId, BTreeSet<String>>,
    /// Funds and instruments.
    others: Vec<Item>,
    committees: Vec<Item>,
}

impl Recorded {
    fn of<P: Parties>(view: &View<'_, P>, day: Day) -> Self {
        let instruments = instruments_known(view).map(|instrument| {
            Item::Instrument(v1::VocabularyInstrument {
                titles: instruments::titles(view, instrument),
                in_force: write_verdict(instruments::in_force(view, instrument, day)).into(),
                instrument: instrument.to_string(),
            })
        });
        let committees = committees::on_day(view, day).map(|committee| {
            Item::Committee(v1::VocabularyCommittee {
                committee: committee.committee,
                names: committee.names,
                certain: committee.certain,
            })
        });
        Self {
            terms: declared(view, day),
            sessions: last_sessions(view),
            seats: filled(view),
            others: funds(view).chain(instruments).collect(),
            committees: committees.collect(),
        }
    }
}

/// Returns the words by kind and by order of declaration, then kinds of party that only
/// registrations name.
fn declared<P: Parties>(view: &View<'_, P>, day: Day) -> Vec<Declared> {
    let terms = association::declared(view).into_iter();
    let mut declared: Vec<Declared> = terms
        .map(|(position, term)| Declared {
            kind: term.kind,
            word: term.term.clone(),
            term: association::write_term(view, term, day),
            position,
        })
        .collect();
    declared.sort_by_key(|term| term.kind);
    let of_kind = declared
        .iter()
        .filter(|term| term.kind == TermKind::PartyKind);
    let known: BTreeSet<&Word> = of_kind.map(|term| &term.word).collect();
    let kinds = view.book.kinds_of_parties(view.known_at).into_iter();
    let kinds = kinds.filter(|kind| !known.contains(kind));
    let named: Vec<Declared> = kinds
        .map(|kind| Declared {
            kind: TermKind::PartyKind,
            word: kind.clone(),
            term: v1::Term {
                kind: v1::TermKind::PartyKind.into(),
                term: kind.to_string(),
                natural_person: view.book.is_natural(kind, view.known_at),
                ..v1::Term::default()
            },
            position: Position::ZERO,
        })
        .collect();
    declared.extend(named);
    declared
}

fn last_sessions<P: Parties>(view: &View<'_, P>) -> BTreeMap<BodyId, u32> {
    let first = Slot::Session(SessionId {
        series: BodyId::least(),
        ordinal: 0,
    });
    let sessions = view.book.slots_from(&first);
    let sessions = sessions.map_while(|(slot, _)| match slot {
        Slot::Session(session) => Some((slot, session)),
        _ => None,
    });
    let convened = sessions.filter(|(slot, _)| is_known(view, slot));
    let mut last = BTreeMap::new();
    for (_, session) in convened {
        // In order: the last of a series is the greatest.
        last.insert(session.series.clone(), session.ordinal);
    }
    last
}

/// Returns the seats of offices that somebody held or acted in; empty text is the office itself.
fn filled<P: Parties>(view: &View<'_, P>) -> BTreeMap<OfficeId, BTreeSet<String>> {
    let first = Slot::Holder(OfficeId::least(), None);
    let slots = view.book.slots_from(&first);
    // Those who act stand behind those who hold.
    let seats = slots.map_while(|(slot, _)| match slot {
        Slot::Holder(office, seat) | Slot::Acting(office, seat) => Some((slot, office, seat)),
        _ => None,
    });
    let mut filled: BTreeMap<OfficeId, BTreeSet<String>> = BTreeMap::new();
    for (_, office, seat) in seats.filter(|(slot, ..)| is_known(view, slot)) {
        let seat = seat.as_ref().map(ToString::to_string);
        let seats = filled.entry(office.clone()).or_default();
        seats.insert(seat.unwrap_or_default());
    }
    filled
}

fn funds<P: Parties>(view: &View<'_, P>) -> impl Iterator<Item = Item> {
    let funds = view.book.slots_from(&Slot::Fund(FundId::least()));
    let funds = funds.map_while(|(slot, _)| matches!(slot, Slot::Fund(_)).then_some(slot));
    funds.filter_map(|slot| {
        let established = view.book.known(slot, view.known_at).last()?;
        let fund = established.value.fund()?;
        Some(Item::Fund(v1::VocabularyFund {
            fund: fund.fund.to_string(),
            currency: fund.currency.to_string(),
            names: fund.names.iter().map(Into::into).collect(),
            position: established.position.number(),
        }))
    })
}

fn instruments_known<'a, P: Parties>(view: &View<'a, P>) -> impl Iterator<Item = &'a InstrumentId> {
    let first = Slot::Instrument(InstrumentId::least());
    let slots = view.book.slots_from(&first);
    let instruments = slots.map_while(|(slot, _)| match slot {
        Slot::Instrument(instrument) => Some((slot, instrument)),
        _ => None,
    });
    let known = instruments.filter(|(slot, _)| is_known(view, slot));
    known.map(|(_, instrument)| instrument)
}

fn is_known<P: Parties>(view: &View<'_, P>, slot: &Slot) -> bool {
    view.book.known(slot, view.known_at).next().is_some()
}

/// What goes with words.
struct Used<'a> {
    uses: Uses,
    law: &'a LawView,
    sessions: BTreeMap<BodyId, u32>,
    seats: BTreeMap<OfficeId, BTreeSet<String>>,
}

impl Used<'_> {
    /// Writes a word with what goes with it.
    fn write(&self, of: Declared) -> v1::VocabularyTerm {
        let Declared {
            kind,
            word,
            term,
            position,
        } = of;
        let mut written = v1::VocabularyTerm {
            term: Some(term),
            position: position.number(),
            ..v1::VocabularyTerm::default()
        };
        let bodies = self.uses.bodies.get(&(kind, word.clone()));
        written.bodies = texts(bodies.into_iter().flatten());
        match kind {
            TermKind::Right => {
                let right = RightId::new(word.as_str()).ok();
                let bodies = right.iter().flat_map(|right| self.law.bodies_of(right));
                written.bodies = texts(bodies);
            }
            TermKind::Body => {
                let functions = self.uses.functions.get(word.as_str());
                written.functions = texts(functions.into_iter().flatten());
                let last = self.sessions.get(word.as_str());
                written.last_session = last.copied().unwrap_or_default();
            }
            TermKind::Office => {
                let named = self.uses.seats.get(word.as_str());
                let mut seats: BTreeSet<String> = named
                    .into_iter()
                    .flatten()
                    .map(ToString::to_string)
                    .collect();
                let filled = self.seats.get(word.as_str());
                seats.extend(filled.into_iter().flatten().cloned());
                written.seats = seats.into_iter().collect();
            }
            TermKind::Class | TermKind::Function | TermKind::PartyKind => {}
        }
        written
    }
}

fn texts<T: ToString>(ids: impl IntoIterator<Item = T>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}

/// Writes an article by its versions that may be in force; none where none may be.
fn article(article: &str, versions: &[versions::Version<'_>]) -> Option<Item> {
    let last = versions.last()?;
    let enacted = last.enacted?;
    Some(Item::Article(v1::VocabularyArticle {
        article: article.to_owned(),
        citation: enacted.citation.clone(),
        headings: enacted.headings.iter().map(Into::into).collect(),
        certain: last.is_certain(),
    }))
}
