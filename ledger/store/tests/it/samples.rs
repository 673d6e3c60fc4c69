//! Contents of every kind. Together they use every variant of every nested type, so that the golden
//! files pin each of them.

pub(crate) mod claim;
pub(crate) mod dues;
pub(crate) mod law;
pub(crate) mod past;
pub(crate) mod policy;
pub(crate) mod word;

use crate::samples::past::{attendance, declined, registered, succeeded};
use crate::samples::word::terms;
use serde::de::DeserializeOwned;
use standing_domain::entry::event::{
    Decision, EndGround, Event, FrozenRoll, Holder, Name, NameKind, Named, Outcome, Resumption,
    SealedName, Votes,
};
use standing_domain::entry::{Authority, AuthorityKind, Confidence, Content, Source};
use standing_domain::id::ArticleRef;
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::when::{Edge, When, Window};

/// Makes an id of whatever type is wanted; ids are stored as their text.
pub fn id<T: DeserializeOwned>(text: &str) -> T {
    postcard::from_bytes(&postcard::to_stdvec(text).unwrap()).unwrap()
}

pub fn ids<T: DeserializeOwned>(texts: &[&str]) -> Vec<T> {
    texts.iter().map(|text| id(text)).collect()
}

pub fn session(series: &str, ordinal: u32) -> standing_domain::id::SessionId {
    standing_domain::id::SessionId {
        series: id(series),
        ordinal,
    }
}

pub fn window(earliest: &str, latest: &str) -> Window {
    Window::new(Day::parse(earliest).unwrap(), Day::parse(latest).unwrap()).unwrap()
}

pub fn day(text: &str) -> When {
    When::Window(window(text, text))
}

pub fn names() -> Vec<Name> {
    vec![name("en", "Qinghai"), name("ko", "칭하이성")]
}

fn name(language: &str, text: &str) -> Name {
    Name {
        language: id(language),
        text: text.to_owned(),
    }
}

/// Makes a content with as little around its event as there can be.
pub fn bare(event: Option<Event>) -> Content {
    Content::bare(None, event)
}

/// Makes a content with everything around its event.
fn full(event: Option<Event>) -> Content {
    Content {
        id: Some(id("line-7")),
        effective: Some(When::Window(window("1900-01-01", "2200-12-31"))),
        order: u16::MAX,
        acted: Some(When::Anchor {
            session: session("general-assembly", 14),
            edge: Edge::Close,
        }),
        authority: Authority {
            kind: AuthorityKind::Decision(id("wc-14-d1")),
            article: Some(ArticleRef {
                instrument: id("charter"),
                article: id("15.p2.1"),
            }),
            note: "read aloud".to_owned(),
        },
        sources: vec![
            Source {
                reference: "https://example.org/list".to_owned(),
                locator: "line 12".to_owned(),
                date: Some(window("2012-07-01", "2012-07-31")),
            },
            Source {
                reference: "회의록".to_owned(),
                locator: String::new(),
                date: None,
            },
        ],
        confidence: Confidence::Disputed,
        note: "Sources differ.".to_owned(),
        corrects: Some(Position::MAX),
        event,
    }
}

/// What can stand around an event.
fn circumstances() -> Vec<Content> {
    let event = || {
        Some(Event::ApplicationWithdrawn {
            party: id("cn-qinghai"),
        })
    };
    let kinds = [
        AuthorityKind::Unknown,
        AuthorityKind::None,
        AuthorityKind::Decision(id("d-1")),
        AuthorityKind::Notification,
        AuthorityKind::Appointment,
        AuthorityKind::OperationOfLaw,
        AuthorityKind::Founding,
    ];
    let confidences = [
        Confidence::Confirmed,
        Confidence::Inferred,
        Confidence::Disputed,
        Confidence::Unconfirmed,
    ];
    let whens = [Edge::Opening, Edge::Close].map(|edge| When::Anchor {
        session: session("working-committee", 300),
        edge,
    });
    let authorities = kinds.into_iter().map(|kind| {
        let mut content = bare(event());
        content.authority.kind = kind;
        content
    });
    let confidences = confidences.into_iter().map(|confidence| Content {
        confidence,
        ..bare(event())
    });
    let whens = whens.into_iter().map(|when| Content {
        effective: Some(when),
        ..bare(event())
    });
    authorities.chain(confidences).chain(whens).collect()
}

/// Returns contents of every kind, those of one kind beside each other.
pub fn all() -> Vec<Content> {
    let mut contents = vec![
        Content {
            corrects: Some(Position::new(7)),
            ..bare(None)
        },
        full(None),
    ];
    contents.extend(circumstances());
    for event in association()
        .into_iter()
        .chain(sessions())
        .chain(offices())
        .chain(law::events())
        .chain(dues::events())
        .chain(claim::events())
    {
        contents.extend(around(event));
    }
    contents
}

/// Makes contents with as little and with as much around an event as there can be.
pub fn around(event: Event) -> [Content; 2] {
    [bare(Some(event.clone())), full(Some(event))]
}

fn association() -> Vec<Event> {
    let party = || id("cn-qinghai");
    let named = [
        Named::Party(party()),
        Named::Committee(id("tourism")),
        Named::Association(id("near")),
        Named::Body(id("general-assembly")),
    ];
    let grounds = [
        EndGround::Withdrawal,
        EndGround::Expulsion,
        EndGround::Succession,
    ];
    let mut events = vec![Event::AssociationFounded {
        association: id("near"),
        names: names(),
        time_zone: "Asia/Seoul".to_owned(),
    }];
    events.extend(terms());
    events.extend([registered(None), registered(Some("person-1"))]);
    for (subject, kind) in named
        .into_iter()
        .zip([NameKind::Public, NameKind::Legal].repeat(2))
    {
        events.push(Event::NameTaken {
            subject,
            kind,
            name: name("zh", "青海"),
        });
    }
    events.extend([succeeded(None), succeeded(Some("full"))]);
    events.extend([
        Event::ApplicationFiled {
            party: party(),
            class: id("full"),
        },
        Event::ApplicationWithdrawn { party: party() },
        Event::ApplicationRejected { party: party() },
        Event::MemberAdmitted {
            party: party(),
            class: id("full"),
            founder: true,
        },
        Event::MemberAdmitted {
            party: party(),
            class: id("associate"),
            founder: false,
        },
        Event::ObserverAccepted {
            party: party(),
            class: id("observer"),
        },
    ]);
    events.extend(grounds.map(|ground| Event::MembershipEnded {
        party: party(),
        ground,
    }));
    events
}

fn sessions() -> Vec<Event> {
    let session = || session("working-committee", 14);
    let decision = |outcome, votes| {
        Event::DecisionTaken(Decision {
            decision: id("wc-14-d1"),
            session: session(),
            functions: ids(&["admit", "amend"]),
            subject: "Admission".to_owned(),
            item: "3".to_owned(),
            outcome,
            votes,
        })
    };
    let frozen = |entitled: &[&str], known_at| {
        Event::RollFrozen(FrozenRoll {
            session: session(),
            entitled: ids(entitled),
            known_at,
        })
    };
    let votes = Votes {
        in_favour: 1,
        against: 2,
        abstaining: 3,
        written_in_favour: 4,
        written_against: 5,
        written_abstaining: u32::MAX,
        unanimous: true,
    };
    vec![
        Event::SessionConvened {
            session: session(),
            closing: Some(day("2024-09-25")),
            venue: "Ulsan".to_owned(),
            host: Some(id("kr-ulsan")),
            online: true,
        },
        Event::SessionPostponed {
            session: session(),
            closing: Some(day("2024-10-25")),
        },
        Event::SessionCancelled { session: session() },
        attendance(false),
        attendance(true),
        decision(Outcome::NotRecorded, None),
        decision(Outcome::Adopted, Some(votes)),
        decision(Outcome::Rejected, None),
        decision(Outcome::Noted, None),
        frozen(&[], Position::ZERO),
        frozen(&["kr-ulsan", "cn-qinghai"], Position::MAX),
    ]
}

fn at(position: u64) -> Position {
    Position::new(position)
}

fn offices() -> Vec<Event> {
    let office = || id("chair");
    let seat = || Some(id("first"));
    vec![
        Event::OfficeAssumed {
            office: office(),
            seat: seat(),
            holder: Holder::Party(id("kr-ulsan")),
            ordinal: 16,
            term_until: Some(day("2026-01-01")),
        },
        Event::OfficeAssumed {
            office: office(),
            seat: None,
            holder: Holder::Person(id("person-1")),
            ordinal: 0,
            term_until: None,
        },
        Event::OfficeVacated {
            office: office(),
            seat: seat(),
            reason: "resigned".to_owned(),
        },
        Event::ActingAssumed {
            office: office(),
            seat: seat(),
            holder: Holder::Person(id("person-1")),
        },
        Event::ActingEnded {
            office: office(),
            seat: seat(),
        },
        Event::ChairRotated {
            office: office(),
            to: id("kr-ulsan"),
            ordinal: 16,
        },
        declined(None),
        declined(Some(day("2026-01-01"))),
        Event::TurnsSwapped {
            office: office(),
            first: id("kr-ulsan"),
            second: id("jp-toyama"),
        },
        Event::PersonNamed {
            person: id("person-1"),
            names: vec![SealedName {
                language: id("ko"),
                sealed: vec![1, 0, 255],
            }],
        },
        Event::CommitteeEstablished {
            committee: id("tourism"),
            names: names(),
            parent: Some(id("general-assembly")),
        },
        Event::CommitteesMerged {
            from: ids(&["tourism", "culture"]),
            into: id("tourism-culture"),
        },
        Event::CommitteeAbolished {
            committee: id("tourism"),
            reason: "merged".to_owned(),
        },
        Event::CoordinatorAppointed {
            committee: id("tourism"),
            party: id("kr-ulsan"),
            seat: seat(),
        },
        Event::CoordinatorReleased {
            committee: id("tourism"),
            seat: seat(),
        },
        Event::SeatPlaced {
            place: "Pohang".to_owned(),
            host: Some(id("kr-gyeongbuk")),
        },
        Event::InstitutionRegistered {
            institution: id("institute"),
            by: id("kr-ulsan"),
        },
        Event::InstitutionReleased {
            institution: id("institute"),
        },
        Event::ActAnnulled { entry: at(7) },
        Event::ActRatified { entry: at(300) },
        Event::RulesAdopted { rules_version: 2 },
        Event::HistoryResumed(Resumption {
            epoch: Epoch::new(1_764_513_681_123_456),
            after: at(300),
            root: [0xAB; 32],
        }),
    ]
}
