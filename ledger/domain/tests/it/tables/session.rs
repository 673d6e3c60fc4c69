//! The lines of the tables that are about sessions, their votes and their law, about rotations and
//! about claims.

use super::language::{Line, condition};
use crate::support::window;
use standing_domain::entry::AuthorityKind;
use standing_domain::entry::event::claim::{Claim, ClaimQuestion};
use standing_domain::entry::event::{
    Attendance, Decision, Event, FrozenRoll, Holder, Name, NameKind, Named, Outcome, Votes,
};
use standing_domain::entry::norm::{
    ClassRule, CountedOf, DutyRule, FunctionRule, OfficeRule, Passing, RotationOrder, RotationRule,
    Rule, SessionRule, ThresholdRule,
};
use standing_domain::entry::policy::Comparator;
use standing_domain::id::position::Position;
use standing_domain::id::{
    ArticleRef, AssociationId, BodyId, ClassId, CommitteeId, DecisionId, FunctionId, InstrumentId,
    OfficeId, PartyId, SessionId, Word,
};
use standing_domain::time::when::When;

/// What a case that says `assembly` starts with besides.
pub const VOCABULARY: &str = "\
function amend-charter
function delegate-amend-charter
function set-up-committees
article charter/4 on 1996-09-12 : class full admitted-by general-assembly
article charter/5 on 1996-09-12 : confer vote full
article charter/8 on 1996-09-12 : function general-assembly admit-full,amend-charter
article charter/9.2 on 1996-09-12 : quorum general-assembly more-than 1/2 entitled ; majority general-assembly at-least 2/3 present
admit jp-hyogo full on 1996-09-12 authority founding
admit cn-liaoning full on 1996-09-12 authority founding
admit kr-pohang full on 1996-09-12 authority founding
admit ru-khabarovsk full on 1996-09-12 authority founding
admit cn-heilongjiang full on 1996-09-12 authority founding
convene general-assembly/5 on 2004-09-08";

/// Reads on what an act rests, other than a decision.
pub fn authority(text: &str) -> AuthorityKind {
    match text {
        "none" => AuthorityKind::None,
        "unknown" => AuthorityKind::Unknown,
        "founding" => AuthorityKind::Founding,
        "notification" => AuthorityKind::Notification,
        other => panic!("no such authority: {other}"),
    }
}

fn parties(text: Option<&str>) -> Vec<PartyId> {
    let ids = text.into_iter().flat_map(|text| text.split(','));
    ids.map(|id| PartyId::new(id).unwrap()).collect()
}

fn word(text: &str) -> Word {
    Word::new(text).unwrap()
}

fn number(line: &Line, key: &str) -> u32 {
    line.after(key).map_or(0, |text| text.parse().unwrap())
}

/// Reads a line that is about a session, a rotation or a claim; none if it is about something else.
pub fn event(line: &Line) -> Option<Event> {
    let session = || SessionId::new(line.word(1)).unwrap();
    let office = || OfficeId::new(line.word(1)).unwrap();
    let party = |i| PartyId::new(line.word(i)).unwrap();
    Some(match line.word(0) {
        "attended" => Event::AttendanceRecorded(Attendance {
            session: session(),
            present: parties(line.after("in-person")),
            in_writing: parties(line.after("in-writing")),
            in_writing_complete: line.has("all-writing"),
            others: Vec::new(),
            bodies_counted: number(line, "counted"),
            in_person_complete: line.has("all-in-person"),
        }),
        "resolve" => resolved(line),
        "freeze" => Event::RollFrozen(FrozenRoll {
            session: session(),
            entitled: parties(line.after("entitled")),
            known_at: Position::ZERO,
        }),
        "take" => Event::OfficeAssumed {
            office: office(),
            seat: line.after("seat").map(word),
            holder: Holder::Party(party(2)),
            ordinal: number(line, "number"),
            term_until: line
                .after("term-until")
                .map(|day| When::Window(window(day))),
        },
        "decline" => Event::TurnDeclined {
            office: office(),
            party: party(2),
            turn: line.turn.clone(),
        },
        "swap" => Event::TurnsSwapped {
            office: office(),
            first: party(2),
            second: party(3),
        },
        "call-association" => Event::NameTaken {
            subject: Named::Association(AssociationId::new("near").unwrap()),
            kind: NameKind::Legal,
            name: Name {
                language: word("en"),
                text: line.word(1).to_owned(),
            },
        },
        "claim" => claimed(line),
        _ => return None,
    })
}

/// `resolve ID F,F by S [rejected|noted|unrecorded] [for N] [against N] [abstaining N]
/// [written-for N] [unanimous]`; `-` is no function.
fn resolved(line: &Line) -> Event {
    let functions = line.word(2).split(',').filter(|function| *function != "-");
    let votes = Votes {
        in_favour: number(line, "for"),
        against: number(line, "against"),
        abstaining: number(line, "abstaining"),
        written_in_favour: number(line, "written-for"),
        written_against: number(line, "written-against"),
        written_abstaining: 0,
        unanimous: line.has("unanimous"),
    };
    let recorded = ["for", "against", "written-for", "unanimous"]
        .iter()
        .any(|word| line.has(word));
    Event::DecisionTaken(Decision {
        decision: DecisionId::new(line.word(1)).unwrap(),
        session: SessionId::new(line.by.unwrap()).unwrap(),
        functions: functions.map(|f| FunctionId::new(f).unwrap()).collect(),
        subject: String::new(),
        item: String::new(),
        outcome: match ["rejected", "noted", "unrecorded"].map(|word| line.has(word)) {
            [true, ..] => Outcome::Rejected,
            [_, true, _] => Outcome::Noted,
            [.., true] => Outcome::NotRecorded,
            [false, false, false] => Outcome::Adopted,
        },
        votes: recorded.then_some(votes),
    })
}

/// `claim QUESTION WORDS is ANSWER`; a day in it stands after `day`, a country after `country`.
fn claimed(line: &Line) -> Event {
    let day = || window(line.after("day").unwrap());
    let session = || SessionId::new(line.word(2)).unwrap();
    let party = |i| PartyId::new(line.word(i)).unwrap();
    let class = |i| ClassId::new(line.word(i)).unwrap();
    let office = || OfficeId::new(line.word(2)).unwrap();
    let country = line.after("country").map(word);
    let question = match line.word(1) {
        "members" => ClaimQuestion::MembersOfClass {
            class: class(2),
            country,
            on: day(),
        },
        "class-of" => ClaimQuestion::ClassOf {
            party: party(2),
            on: day(),
        },
        "admitted" => ClaimQuestion::Admitted {
            party: party(2),
            class: class(3),
        },
        "held" => ClaimQuestion::SessionsHeld {
            series: BodyId::new(line.word(2)).unwrap(),
            through: day(),
        },
        "days" => ClaimQuestion::SessionDays { session: session() },
        "hosted" => ClaimQuestion::SessionHost { session: session() },
        "bodies" => ClaimQuestion::BodiesPresent { session: session() },
        "was-at" => ClaimQuestion::Attended {
            session: session(),
            party: party(3),
        },
        "holder" => ClaimQuestion::OfficeHolder {
            office: office(),
            ordinal: line.word(3).parse().unwrap(),
        },
        "holders" => ClaimQuestion::OfficeHolders {
            office: office(),
            through: day(),
        },
        "amendments" => ClaimQuestion::Amendments {
            instrument: InstrumentId::new(line.word(2)).unwrap(),
            through: day(),
        },
        "in-force" => ClaimQuestion::ArticleInForce {
            article: ArticleRef::new(line.word(2)).unwrap(),
        },
        "committees" => ClaimQuestion::Committees { on: day() },
        "coordinates" => ClaimQuestion::Coordinator {
            committee: CommitteeId::new(line.word(2)).unwrap(),
            on: day(),
        },
        "founders" => ClaimQuestion::Founders { country },
        "applicants" => ClaimQuestion::Applicants { on: day() },
        "named" => ClaimQuestion::PartyOfName {
            name: line.word(2).to_owned(),
            language: word("en"),
        },
        question => panic!("no such question of a claim: {question}"),
    };
    Event::ClaimRecorded(Claim {
        question,
        answer: line.after("is").unwrap().to_owned(),
    })
}

/// Reads a norm on a body, an office or a duty; none if it is about something else.
pub fn rule(words: &[&str]) -> Option<Rule> {
    let after = |key: &str| {
        let at = words.iter().position(|word| *word == key)?;
        Some(words[at + 1])
    };
    let body = |text: &str| BodyId::new(text).unwrap();
    let office = || OfficeId::new(words[1]).unwrap();
    Some(match words[0] {
        "quorum" => Rule::Quorum(threshold(words)),
        "majority" => Rule::Majority(threshold(words)),
        "written" => Rule::WrittenPresence(body(words[1])),
        "admitted-vote" => Rule::VoteOnAdmission(body(words[1])),
        "function-alone" => Rule::Functions(FunctionRule {
            body: body(words[1]),
            functions: functions(words[2]),
            exclusive: true,
        }),
        "sessions" => Rule::Sessions(SessionRule {
            body: body(words[1]),
            series: body(words[1]),
            every_years: after("every").map_or(0, |years| years.parse().unwrap()),
            year_before: after("before").map(body),
        }),
        "office" => Rule::Office(OfficeRule {
            office: office(),
            seats: after("seats")
                .map_or_else(Vec::new, |seats| seats.split(',').map(word).collect()),
            elected_by: None,
            held_by_host_of: None,
            term_ends_at_close_of: after("until-close-of").map(body),
            term_years: after("years").map_or(0, |years| years.parse().unwrap()),
            appointed_by: None,
            acting: String::new(),
        }),
        "rotation" => Rule::Rotation(RotationRule {
            office: office(),
            classes: vec![ClassId::new(words[2]).unwrap()],
            order: match after("listed") {
                Some(listed) => RotationOrder::Listed(parties(Some(listed))),
                None => RotationOrder::Alphabetical(word("en")),
            },
        }),
        "open-to" => Rule::Class(ClassRule {
            class: ClassId::new(words[1]).unwrap(),
            admitted_by: Vec::new(),
            eligibility: Some(condition(&words[2..])),
        }),
        "duty" => Rule::Duty(DutyRule {
            duty: word(words[1]),
            every_years: after("every").map_or(0, |years| years.parse().unwrap()),
        }),
        "passes" => Rule::Succession(vec![match words[1] {
            "membership" => Passing::Membership,
            _ => Passing::Offices,
        }]),
        _ => return None,
    })
}

fn functions(text: &str) -> Vec<FunctionId> {
    let functions = text.split(',');
    functions.map(|f| FunctionId::new(f).unwrap()).collect()
}

/// `quorum BODY more-than 1/2 entitled [functions F,F]`, `majority BODY at-least 2/3 present`.
fn threshold(words: &[&str]) -> ThresholdRule {
    let (numerator, denominator) = words[3].split_once('/').unwrap();
    let listed = words.iter().position(|word| *word == "functions");
    ThresholdRule {
        body: BodyId::new(words[1]).unwrap(),
        functions: listed.map_or_else(Vec::new, |at| functions(words[at + 1])),
        numerator: numerator.parse().unwrap(),
        denominator: denominator.parse().unwrap(),
        comparator: if words[2] == "more-than" {
            Comparator::MoreThan
        } else {
            Comparator::AtLeast
        },
        counted_of: match words[4] {
            "entitled" => CountedOf::Entitled,
            "present" => CountedOf::Present,
            "not-modelled" => CountedOf::NotModelled,
            of => panic!("of whom is {of}?"),
        },
    }
}
