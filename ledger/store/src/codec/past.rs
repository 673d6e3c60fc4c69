//! Events as earlier versions of their payloads hold them, and what they say today. Frozen.

use crate::codec::untagged::Input;
use serde::Deserialize;
use standing_domain::entry::event::kind::Kind;
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::{
    ArticleChange, ArticleEnacted, ArticleText, Attendance, Event, Name, PartyRegistered, TermKind,
};
use standing_domain::entry::norm::{Norm, Passing};
use standing_domain::id::{ArticleId, InstrumentId, OfficeId, PartyId, SessionId, Word};

/// Reads the fields of an event that an older version of its payload holds; none where today's type
/// reads that version too.
pub(crate) fn read(
    kind: &Kind,
    version: u8,
    input: &mut Input<'_>,
) -> Option<postcard::Result<Event>> {
    Some(match (kind.stored, version) {
        ("term-declared", 1) => event::<TermV1>(input),
        ("party-registered", 1) => event::<PartyV1>(input),
        ("party-succeeded", 1) => event::<SuccessionV1>(input),
        ("attendance-recorded", 1) => event::<AttendanceV1>(input),
        ("turn-declined", 1) => event::<DeclineV1>(input),
        // Version 2 added norms and conditions, each at the end of its enum.
        ("article-enacted", 1 | 2) => event::<ArticleV2>(input),
        ("article-repealed", 1) => event::<RepealV1>(input),
        _ => return None,
    })
}

fn event<'de, T: Deserialize<'de> + Into<Event>>(
    input: &mut Input<'de>,
) -> postcard::Result<Event> {
    T::deserialize(input).map(Into::into)
}

#[derive(Deserialize)]
struct TermV1 {
    kind: TermKind,
    term: Word,
    names: Vec<Name>,
    meaning: String,
}

impl From<TermV1> for Event {
    fn from(word: TermV1) -> Self {
        Self::TermDeclared(Term {
            names: word.names,
            meaning: word.meaning,
            ..Term::bare(word.kind, word.term)
        })
    }
}

#[derive(Deserialize)]
struct PartyV1 {
    party: PartyId,
    kind: Word,
    country: Option<Word>,
    region: Option<Word>,
    names: Vec<Name>,
    aliases: Vec<Word>,
}

impl From<PartyV1> for Event {
    fn from(registered: PartyV1) -> Self {
        Self::PartyRegistered(PartyRegistered {
            party: registered.party,
            kind: registered.kind,
            country: registered.country,
            region: registered.region,
            names: registered.names,
            aliases: registered.aliases,
            person: None,
        })
    }
}

#[derive(Deserialize)]
struct SuccessionV1 {
    from: PartyId,
    to: PartyId,
    passes: Vec<Passing>,
}

impl From<SuccessionV1> for Event {
    fn from(SuccessionV1 { from, to, passes }: SuccessionV1) -> Self {
        Self::PartySucceeded {
            from,
            to,
            passes,
            class: None,
        }
    }
}

#[derive(Deserialize)]
struct AttendanceV1 {
    session: SessionId,
    present: Vec<PartyId>,
    in_writing: Vec<PartyId>,
    in_writing_complete: bool,
    others: Vec<String>,
    bodies_counted: u32,
}

impl From<AttendanceV1> for Event {
    fn from(attendance: AttendanceV1) -> Self {
        Self::AttendanceRecorded(Attendance {
            session: attendance.session,
            present: attendance.present,
            in_writing: attendance.in_writing,
            in_writing_complete: attendance.in_writing_complete,
            others: attendance.others,
            bodies_counted: attendance.bodies_counted,
            in_person_complete: false,
        })
    }
}

#[derive(Deserialize)]
struct DeclineV1 {
    office: OfficeId,
    party: PartyId,
}

impl From<DeclineV1> for Event {
    fn from(DeclineV1 { office, party }: DeclineV1) -> Self {
        Self::TurnDeclined {
            office,
            party,
            turn: None,
        }
    }
}

#[derive(Deserialize)]
struct ArticleV2 {
    instrument: InstrumentId,
    article: ArticleId,
    citation: String,
    change: ArticleChange,
    headings: Vec<Name>,
    texts: Vec<ArticleText>,
    norms: Vec<Norm>,
}

impl From<ArticleV2> for Event {
    fn from(enacted: ArticleV2) -> Self {
        Self::ArticleEnacted(ArticleEnacted {
            instrument: enacted.instrument,
            article: enacted.article,
            citation: enacted.citation,
            change: enacted.change,
            headings: enacted.headings,
            texts: enacted.texts,
            norms: enacted.norms,
            amendment: None,
        })
    }
}

#[derive(Deserialize)]
struct RepealV1 {
    instrument: InstrumentId,
    article: ArticleId,
}

impl From<RepealV1> for Event {
    fn from(
        RepealV1 {
            instrument,
            article,
        }: RepealV1,
    ) -> Self {
        Self::ArticleRepealed {
            instrument,
            article,
            amendment: None,
        }
    }
}
