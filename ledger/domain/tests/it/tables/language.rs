//! The line language of the tables: one line, one draft. What each verb takes stands in
//! `tests/tables/README.md`.

use super::{money, parties, session};
use crate::support::{anchor, correcting, draft, norm, window};
use standing_domain::entry::event::{
    ArticleChange, ArticleEnacted, Attendance, Decision, EndGround, Event, Holder, Outcome,
    SealedName,
};
use standing_domain::entry::norm::{
    ClassRule, Condition, DelegationRule, FunctionRule, Norm, RightRule, Rule, Support,
};
use standing_domain::entry::{AuthorityKind, Content};
use standing_domain::id::position::Position;
use standing_domain::id::{
    ArticleRef, AssociationId, BodyId, ClassId, CommitteeId, DecisionId, FunctionId, InstrumentId,
    OfficeId, PartyId, PersonId, RightId, SessionId, Word,
};
use standing_domain::time::when::{Edge, When};

/// A line taken apart: plain words first, then what the keywords introduce.
pub struct Line<'a> {
    words: Vec<&'a str>,
    pub on: Option<When>,
    pub closing: Option<When>,
    acted: Option<When>,
    order: u16,
    pub by: Option<&'a str>,
    decision: Option<&'a str>,
    under: Option<&'a str>,
    authority: Option<&'a str>,
    pub tail: &'a str,
    pub due: Option<When>,
    pub until: Option<When>,
    pub turn: Option<When>,
}

impl<'a> Line<'a> {
    /// Takes a line apart.
    pub fn read(text: &'a str) -> Self {
        let (head, tail) = text.split_once(" : ").unwrap_or((text, ""));
        let mut line = Line {
            words: Vec::new(),
            on: None,
            closing: None,
            acted: None,
            order: 0,
            by: None,
            decision: None,
            under: None,
            authority: None,
            tail,
            due: None,
            until: None,
            turn: None,
        };
        let mut words = head.split_whitespace();
        while let Some(word) = words.next() {
            match word {
                "on" | "at" | "since" | "from" => line.on = Some(when(&mut words)),
                "due" => line.due = Some(when(&mut words)),
                "until" => line.until = Some(when(&mut words)),
                "turn" => line.turn = Some(when(&mut words)),
                "closing" => line.closing = Some(when(&mut words)),
                "acted" => line.acted = Some(when(&mut words)),
                "order" => line.order = words.next().unwrap().parse().unwrap(),
                "by" => line.by = words.next(),
                "decided" => line.decision = words.next(),
                "under" => line.under = words.next(),
                "authority" => line.authority = words.next(),
                plain => line.words.push(plain),
            }
        }
        line
    }

    pub fn word(&self, i: usize) -> &'a str {
        self.words
            .get(i)
            .copied()
            .unwrap_or_else(|| panic!("word {i} of {:?} is missing", self.words))
    }

    /// Returns the word after a key.
    pub fn after(&self, key: &str) -> Option<&'a str> {
        let at = self.words.iter().position(|word| *word == key)?;
        Some(self.word(at + 1))
    }

    pub fn has(&self, word: &str) -> bool {
        self.words[1..].contains(&word)
    }
}

fn when<'a>(words: &mut impl Iterator<Item = &'a str>) -> When {
    match words.next().unwrap() {
        "opening" => anchor(words.next().unwrap(), Edge::Opening),
        "close" => anchor(words.next().unwrap(), Edge::Close),
        text => When::Window(window(text)),
    }
}

/// Reads a line as a draft; numbers of entries in it count from `base`.
pub fn read(text: &str, base: Position) -> Content {
    let number = |text: &str| base.plus(text.parse().unwrap());
    if let Some(rest) = text.strip_prefix("correct ") {
        let (target, rest) = rest.split_once(": ").unwrap();
        return correcting(read(rest, base), number(target));
    }
    let line = Line::read(text);
    if line.word(0) == "withdraw" {
        return correcting(draft(None, None, 0), number(line.word(1)));
    }
    // The day on which a session is called off matters to nobody, so the tables leave it out.
    let first_of_days = || When::Window(window("1900-01-01"));
    let on = line.on.clone();
    let on = on.or_else(|| (line.word(0) == "cancel").then(first_of_days));
    let mut content = draft(Some(event(&line, base)), on, line.order);
    content.acted = line.acted;
    if let Some(decision) = line.decision {
        content.authority.kind = AuthorityKind::Decision(DecisionId::new(decision).unwrap());
    }
    if let Some(authority) = line.authority {
        content.authority.kind = session::authority(authority);
    }
    content.authority.article = line.under.map(|article| ArticleRef::new(article).unwrap());
    content
}

pub fn party(text: &str) -> PartyId {
    PartyId::new(text).unwrap()
}

fn holder(text: &str) -> Holder {
    match text.strip_prefix("person:") {
        Some(person) => Holder::Person(PersonId::new(person).unwrap()),
        None => Holder::Party(party(text)),
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm for every verb, each a line or two"
)]
fn event(line: &Line, base: Position) -> Event {
    let class = |i| ClassId::new(line.word(i)).unwrap();
    let session = |i| SessionId::new(line.word(i)).unwrap();
    let office = |i| OfficeId::new(line.word(i)).unwrap();
    let committee = |i| CommitteeId::new(line.word(i)).unwrap();
    let instrument = |i| InstrumentId::new(line.word(i)).unwrap();
    let entry = |i| base.plus(line.word(i).parse().unwrap());
    let part_of = || line.after("part-of").map(|n| base.plus(n.parse().unwrap()));
    let closing = || line.closing.clone();
    let host = || line.by.map(party);
    match line.word(0) {
        "founded" => Event::AssociationFounded {
            association: AssociationId::new(line.word(1)).unwrap(),
            names: Vec::new(),
            time_zone: "Asia/Seoul".to_owned(),
        },
        "party" => parties::registered(line),
        "name" => parties::named(line),
        "succeed" => parties::succeeded(line),
        "apply" => Event::ApplicationFiled {
            party: party(line.word(1)),
            class: class(2),
        },
        "unapply" => Event::ApplicationWithdrawn {
            party: party(line.word(1)),
        },
        "reject" => Event::ApplicationRejected {
            party: party(line.word(1)),
        },
        "admit" => Event::MemberAdmitted {
            party: party(line.word(1)),
            class: class(2),
            founder: line.has("founder"),
        },
        "observer" => Event::ObserverAccepted {
            party: party(line.word(1)),
            class: ClassId::new("observer").unwrap(),
        },
        "end" => Event::MembershipEnded {
            party: party(line.word(1)),
            ground: match line.word(2) {
                "withdrawal" => EndGround::Withdrawal,
                "expulsion" => EndGround::Expulsion,
                _ => EndGround::Succession,
            },
        },
        "convene" => Event::SessionConvened {
            session: session(1),
            closing: closing(),
            venue: String::new(),
            host: host(),
            online: line.has("online"),
        },
        "postpone" => Event::SessionPostponed {
            session: session(1),
            closing: closing(),
        },
        "cancel" => Event::SessionCancelled {
            session: session(1),
        },
        "attend" => Event::AttendanceRecorded(Attendance {
            session: session(1),
            present: line.words[2..].iter().map(|id| party(id)).collect(),
            in_writing: Vec::new(),
            in_writing_complete: false,
            others: Vec::new(),
            bodies_counted: 0,
            in_person_complete: false,
        }),
        "decide" => Event::DecisionTaken(Decision {
            decision: DecisionId::new(line.word(1)).unwrap(),
            session: SessionId::new(line.by.unwrap()).unwrap(),
            functions: line.words[2..]
                .iter()
                .map(|f| FunctionId::new(f).unwrap())
                .collect(),
            subject: String::new(),
            item: String::new(),
            outcome: Outcome::Adopted,
            votes: None,
        }),
        "chair" => Event::ChairRotated {
            office: OfficeId::new("chair").unwrap(),
            to: party(line.word(1)),
            ordinal: 1,
        },
        "assume" => Event::OfficeAssumed {
            office: office(1),
            seat: None,
            holder: holder(line.word(2)),
            ordinal: 1,
            term_until: None,
        },
        "vacate" => Event::OfficeVacated {
            office: office(1),
            seat: None,
            reason: String::new(),
        },
        "acting" => Event::ActingAssumed {
            office: office(1),
            seat: None,
            holder: holder(line.word(2)),
        },
        "unacting" => Event::ActingEnded {
            office: office(1),
            seat: None,
        },
        "person" => Event::PersonNamed {
            person: PersonId::new(line.word(1)).unwrap(),
            names: vec![SealedName {
                language: Word::new("en").unwrap(),
                sealed: Vec::new(),
            }],
        },
        "adopt" => Event::InstrumentAdopted {
            instrument: instrument(1),
            titles: Vec::new(),
            published: None,
        },
        "amend" => Event::InstrumentAmended {
            instrument: instrument(1),
            ordinal: 1,
            published: None,
        },
        "repeal" => Event::InstrumentRepealed {
            instrument: instrument(1),
        },
        "article" => enacted(line, part_of()),
        "delete" => {
            let ArticleRef {
                instrument,
                article,
            } = ArticleRef::new(line.word(1)).unwrap();
            Event::ArticleRepealed {
                instrument,
                article,
                amendment: part_of(),
            }
        }
        "committee" => Event::CommitteeEstablished {
            committee: committee(1),
            names: Vec::new(),
            parent: None,
        },
        "merge" => Event::CommitteesMerged {
            from: vec![committee(1)],
            into: committee(3),
        },
        "abolish" => Event::CommitteeAbolished {
            committee: committee(1),
            reason: String::new(),
        },
        "coordinator" => Event::CoordinatorAppointed {
            committee: committee(1),
            party: party(line.word(2)),
            seat: None,
        },
        "release" => Event::CoordinatorReleased {
            committee: committee(1),
            seat: None,
        },
        "seat" => Event::SeatPlaced {
            place: line.word(1).to_owned(),
            host: host(),
        },
        "institution" => Event::InstitutionRegistered {
            institution: party(line.word(1)),
            by: host().unwrap(),
        },
        "uninstitution" => Event::InstitutionReleased {
            institution: party(line.word(1)),
        },
        "annul" => Event::ActAnnulled { entry: entry(1) },
        "ratify" => Event::ActRatified { entry: entry(1) },
        "rules" => Event::RulesAdopted {
            rules_version: line.word(1).parse().unwrap(),
        },
        verb => parties::term(line)
            .or_else(|| money::event(line))
            .or_else(|| session::event(line))
            .unwrap_or_else(|| panic!("no such verb: {verb}")),
    }
}

fn enacted(line: &Line, amendment: Option<Position>) -> Event {
    let article = ArticleRef::new(line.word(1)).unwrap();
    Event::ArticleEnacted(ArticleEnacted {
        instrument: article.instrument,
        article: article.article,
        citation: line.word(1).to_owned(),
        change: if line.has("amended") {
            ArticleChange::Amended
        } else {
            ArticleChange::Original
        },
        headings: Vec::new(),
        texts: Vec::new(),
        amendment,
        norms: line
            .tail
            .split(" ; ")
            .filter(|text| !text.is_empty())
            .map(norm_of)
            .collect(),
    })
}

/// Reads a norm: `confer vote full,associate in general-assembly if not kind city unknown`.
fn norm_of(text: &str) -> Norm {
    let words: Vec<&str> = text.split_whitespace().collect();
    let after = |key: &str| {
        let at = words.iter().position(|word| *word == key)?;
        Some(words[at + 1])
    };
    let support = match *words.last().unwrap() {
        "attested" => Support::Attested,
        "presumed" => Support::Presumed,
        "unknown" => Support::Unknown,
        _ => Support::Text,
    };
    let condition = words
        .iter()
        .position(|word| *word == "if")
        .map_or_else(Condition::always, |at| condition(&words[at + 1..]));
    let body = |text: &str| BodyId::new(text).unwrap();
    let functions = |text: &str| {
        text.split(',')
            .map(|f| FunctionId::new(f).unwrap())
            .collect()
    };
    let with = |rule| Norm {
        support,
        condition: condition.clone(),
        note: String::new(),
        rule,
    };
    let right = || RightRule {
        right: RightId::new(words[1]).unwrap(),
        body: after("in").map(body),
        classes: words[2]
            .split(',')
            .map(|class| ClassId::new(class).unwrap())
            .collect(),
    };
    match words[0] {
        "confer" => norm(Rule::Confer, right(), support, condition.clone()),
        "withhold" => norm(Rule::Withhold, right(), support, condition.clone()),
        "suspend" => norm(Rule::Suspend, right(), support, condition.clone()),
        "permit" => norm(Rule::Permit, right(), support, condition.clone()),
        "function" => with(Rule::Functions(FunctionRule {
            body: body(words[1]),
            functions: functions(words[2]),
            exclusive: false,
        })),
        "class" => with(Rule::Class(ClassRule {
            class: ClassId::new(words[1]).unwrap(),
            admitted_by: after("admitted-by").map(body).into_iter().collect(),
            eligibility: None,
        })),
        "delegate" => with(Rule::Delegation(DelegationRule {
            from: body(words[1]),
            to: body(after("to").unwrap()),
            functions: after("functions").map(functions).unwrap_or_default(),
            by_act: words.contains(&"by-act"),
        })),
        verb => money::norm(&words, support, &condition)
            .or_else(|| session::rule(&words).map(with))
            .unwrap_or_else(|| panic!("no such norm: {verb}")),
    }
}

/// Reads a condition: leaves joined by `and` or by `or`, each perhaps with `not` before it.
pub fn condition(words: &[&str]) -> Condition {
    for (joint, join) in [
        ("or", Condition::Any as fn(Vec<Condition>) -> Condition),
        ("and", Condition::All),
    ] {
        if words.contains(&joint) {
            return join(words.split(|word| *word == joint).map(condition).collect());
        }
    }
    let list = |text: &str| text.split(',').map(|w| Word::new(w).unwrap()).collect();
    match words {
        ["not", rest @ ..] => Condition::Not(Box::new(condition(rest))),
        ["year-without", series, ..] => Condition::YearWithoutSession(BodyId::new(series).unwrap()),
        ["suspended-in", parent, ..] => Condition::ParentSuspended(Word::new(parent).unwrap()),
        ["kind", kinds, ..] => Condition::PartyKind(list(kinds)),
        ["country", countries, ..] => Condition::PartyCountry(list(countries)),
        ["region", regions, ..] => Condition::PartyRegion(list(regions)),
        ["not-modelled", text, ..] => Condition::NotModelled((*text).to_owned()),
        _ => panic!("no such condition: {words:?}"),
    }
}
