//! Drafts as entries show them, and the smaller messages that answers share with them.

use crate::norm::{or_empty, texts};
use crate::v1;
use crate::v1::authority::Kind;
use crate::v1::entry_ref::Ref;
use standing_domain::entry::event::term::Term;
use standing_domain::entry::event::{
    ArticleEnacted, ArticleText, Attendance, Decision, Holder, Name, PartyRegistered, Votes,
};
use standing_domain::entry::{Authority, AuthorityKind, Content, Source};
use standing_domain::id::position::Position;

impl From<&Content> for v1::Draft {
    /// References to entries are positions; names of persons are left out.
    fn from(content: &Content) -> Self {
        Self {
            id: or_empty(content.id.as_ref()),
            effective: content.effective.as_ref().map(Into::into),
            order: content.order.into(),
            acted: content.acted.as_ref().map(Into::into),
            authority: Some((&content.authority).into()),
            sources: content.sources.iter().map(Into::into).collect(),
            confidence: v1::Confidence::from(content.confidence).into(),
            note: content.note.clone(),
            corrects: content.corrects.map(reference),
            event: content.event.as_ref().map(Into::into),
        }
    }
}

pub(super) fn reference(position: Position) -> v1::EntryRef {
    v1::EntryRef {
        r#ref: Some(Ref::Position(position.number())),
    }
}

impl From<&Authority> for v1::Authority {
    fn from(authority: &Authority) -> Self {
        let other = |kind: v1::AuthorityKind| Kind::Other(kind.into());
        let kind = match &authority.kind {
            AuthorityKind::Unknown => other(v1::AuthorityKind::Unknown),
            AuthorityKind::None => other(v1::AuthorityKind::None),
            AuthorityKind::Decision(decision) => Kind::Decision(decision.to_string()),
            AuthorityKind::Notification => other(v1::AuthorityKind::Notification),
            AuthorityKind::Appointment => other(v1::AuthorityKind::Appointment),
            AuthorityKind::OperationOfLaw => other(v1::AuthorityKind::OperationOfLaw),
            AuthorityKind::Founding => other(v1::AuthorityKind::Founding),
        };
        Self {
            kind: Some(kind),
            article: or_empty(authority.article.as_ref()),
            note: authority.note.clone(),
        }
    }
}

impl From<&Source> for v1::Source {
    fn from(source: &Source) -> Self {
        Self {
            reference: source.reference.clone(),
            locator: source.locator.clone(),
            date: or_empty(source.date.as_ref()),
        }
    }
}

impl From<&Name> for v1::Name {
    fn from(name: &Name) -> Self {
        Self {
            language: name.language.to_string(),
            text: name.text.clone(),
        }
    }
}

pub(super) fn names(names: &[Name]) -> Vec<v1::Name> {
    names.iter().map(Into::into).collect()
}

impl From<&Holder> for v1::Holder {
    fn from(holder: &Holder) -> Self {
        let kind = match holder {
            Holder::Party(party) => v1::holder::Kind::Party(party.to_string()),
            Holder::Person(person) => v1::holder::Kind::Person(person.to_string()),
        };
        Self { kind: Some(kind) }
    }
}

impl From<&PartyRegistered> for v1::PartyRegistered {
    fn from(registered: &PartyRegistered) -> Self {
        Self {
            party: registered.party.to_string(),
            kind: registered.kind.to_string(),
            country: or_empty(registered.country.as_ref()),
            region: or_empty(registered.region.as_ref()),
            names: names(&registered.names),
            aliases: texts(&registered.aliases),
            person: or_empty(registered.person.as_ref()),
        }
    }
}

impl From<&Term> for v1::TermDeclared {
    fn from(word: &Term) -> Self {
        Self {
            kind: v1::TermKind::from(word.kind).into(),
            term: word.term.to_string(),
            names: names(&word.names),
            meaning: word.meaning.clone(),
            membership: word.membership,
            nouns: names(&word.nouns),
            electorate_not_modelled: word.electorate_not_modelled.clone(),
            natural_person: word.natural_person,
        }
    }
}

impl From<&Attendance> for v1::AttendanceRecorded {
    fn from(attendance: &Attendance) -> Self {
        let recorded = if attendance.in_writing_complete {
            v1::Completeness::Recorded
        } else {
            v1::Completeness::NotRecorded
        };
        // Entries of before could not say it, and are written as they were.
        let in_person = if attendance.in_person_complete {
            v1::Completeness::Recorded
        } else {
            v1::Completeness::Unspecified
        };
        Self {
            session: attendance.session.to_string(),
            present: texts(&attendance.present),
            in_writing: texts(&attendance.in_writing),
            in_writing_recorded: recorded.into(),
            others: attendance.others.clone(),
            bodies_counted: attendance.bodies_counted,
            in_person_recorded: in_person.into(),
        }
    }
}

impl From<&Decision> for v1::DecisionTaken {
    fn from(decision: &Decision) -> Self {
        Self {
            decision: decision.decision.to_string(),
            session: decision.session.to_string(),
            functions: texts(&decision.functions),
            subject: decision.subject.clone(),
            item: decision.item.clone(),
            outcome: v1::Outcome::from(decision.outcome).into(),
            votes: decision.votes.map(Into::into),
        }
    }
}

impl From<Votes> for v1::Votes {
    fn from(votes: Votes) -> Self {
        Self {
            in_favour: votes.in_favour,
            against: votes.against,
            abstaining: votes.abstaining,
            written_in_favour: votes.written_in_favour,
            written_against: votes.written_against,
            written_abstaining: votes.written_abstaining,
            unanimous: votes.unanimous,
        }
    }
}

impl From<&ArticleEnacted> for v1::ArticleEnacted {
    fn from(enacted: &ArticleEnacted) -> Self {
        Self {
            instrument: enacted.instrument.to_string(),
            article: enacted.article.to_string(),
            citation: enacted.citation.clone(),
            change: v1::ArticleChange::from(enacted.change).into(),
            headings: names(&enacted.headings),
            texts: enacted.texts.iter().map(Into::into).collect(),
            norms: enacted.norms.iter().map(Into::into).collect(),
            amendment: enacted.amendment.map(reference),
        }
    }
}

impl From<&ArticleText> for v1::ArticleText {
    fn from(text: &ArticleText) -> Self {
        Self {
            language: text.language.to_string(),
            text: text.text.clone(),
            summary: text.summary,
        }
    }
}
