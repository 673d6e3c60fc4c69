//! Random drafts of every kind.

mod claim;
mod dues;
mod norm;
mod policy;
mod word;

use claim::claim;
use dues::dues;
use norm::norm;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::strategy::Union;
use standing_domain::entry::event::{
    ArticleChange, ArticleEnacted, ArticleText, Attendance, Decision, EndGround, Event, FrozenRoll,
    Holder, Name, NameKind, Named, Outcome, PartyRegistered, Resumption, Votes,
};
use standing_domain::entry::norm::Passing;
use standing_domain::entry::{Authority, AuthorityKind, Confidence, Content, Source};
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::id::*;
use standing_domain::time::day::Day;
use standing_domain::time::when::{Edge, When, Window};
use word::term;

/// What entries hold: any event or none, with any circumstances.
pub fn content() -> impl Strategy<Value = Content> {
    let circumstance = (
        (
            option::of(draft()),
            option::of(when()),
            any::<u16>(),
            option::of(when()),
        ),
        (authority(), vec(source(), 0..3), confidence(), words()),
    );
    (circumstance, option::of(1..=u64::MAX), option::of(event())).prop_map(
        |(
            ((id, effective, order, acted), (authority, sources, confidence, note)),
            corrects,
            event,
        )| {
            // What the contract demands of each other: a date where the event has one, and an
            // event where nothing is corrected.
            let event = event.or_else(|| corrects.is_none().then(some_event));
            let effective = effective.or_else(|| event.is_some().then(some_when));
            let corrects = corrects.map(Position::new);
            Content {
                id,
                effective,
                order,
                acted,
                authority,
                sources,
                confidence,
                note,
                corrects,
                event,
            }
        },
    )
}

fn some_event() -> Event {
    Event::RulesAdopted { rules_version: 1 }
}

fn some_when() -> When {
    When::Window(Window::day(Day::MIN))
}

macro_rules! ids {
    ($($name:ident: $id:ident, $pattern:literal;)*) => {$(
        fn $name() -> impl Strategy<Value = $id> + Clone {
            $pattern.prop_map(|text| $id::new(&text).unwrap())
        }
    )*};
}

ids! {
    association: AssociationId, "[a-z0-9-]{1,8}";
    party: PartyId, "[a-z0-9-]{1,64}";
    person: PersonId, "[a-z0-9-]{1,8}";
    class: ClassId, "[a-z0-9-]{1,8}";
    right: RightId, "[a-z0-9-]{1,8}";
    body: BodyId, "[a-z0-9-]{1,8}";
    function: FunctionId, "[a-z0-9-]{1,8}";
    office: OfficeId, "[a-z0-9-]{1,8}";
    instrument: InstrumentId, "[a-z0-9-]{1,8}";
    article: ArticleId, "[a-z0-9.-]{1,8}";
    fund: FundId, "[a-z0-9-]{1,8}";
    committee: CommitteeId, "[a-z0-9-]{1,8}";
    decision: DecisionId, "[a-z0-9-]{1,8}";
    draft: DraftId, "[a-z0-9-]{1,8}";
    word: Word, "[a-z0-9-]{1,8}";
    session: SessionId, "[a-z0-9-]{1,8}/[1-9][0-9]{0,8}";
    article_ref: ArticleRef, "[a-z0-9-]{1,8}/[a-z0-9.-]{1,8}";
}

/// Any text the contract accepts, the empty one included.
fn words() -> impl Strategy<Value = String> + Clone {
    "([a-z가-힣][\\PC&&[^\\p{Zl}\\p{Zp}]]{0,11})?"
}

fn some_words() -> impl Strategy<Value = String> + Clone {
    "[a-z가-힣][\\PC&&[^\\p{Zl}\\p{Zp}]]{0,11}"
}

fn position() -> impl Strategy<Value = Position> {
    (1..=u64::MAX).prop_map(Position::new)
}

fn name() -> impl Strategy<Value = Name> + Clone {
    (word(), some_words()).prop_map(|(language, text)| Name { language, text })
}

fn names() -> impl Strategy<Value = Vec<Name>> + Clone {
    vec(name(), 0..3)
}

fn day() -> impl Strategy<Value = Day> {
    (i32::from(Day::MIN)..=i32::from(Day::MAX)).prop_map(|days| Day::try_from(days).unwrap())
}

/// A day, a month or a year, as sources give them.
fn date() -> impl Strategy<Value = Window> {
    prop_oneof![
        day().prop_map(Window::day),
        "(19|20)[0-9]{2}(-(0[1-9]|1[0-2]))?".prop_map(|text| Window::parse(&text).unwrap()),
    ]
}

/// A date, or any other days from one to another.
fn window() -> impl Strategy<Value = Window> {
    let from_to = (day(), day()).prop_map(|(a, b)| Window::new(a.min(b), a.max(b)).unwrap());
    prop_oneof![date(), from_to]
}

pub fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        window().prop_map(When::Window),
        (
            session(),
            prop_oneof![Just(Edge::Opening), Just(Edge::Close)]
        )
            .prop_map(|(session, edge)| When::Anchor { session, edge }),
    ]
}

fn authority() -> impl Strategy<Value = Authority> {
    let kind = prop_oneof![
        Just(AuthorityKind::Unknown),
        Just(AuthorityKind::None),
        decision().prop_map(AuthorityKind::Decision),
        Just(AuthorityKind::Notification),
        Just(AuthorityKind::Appointment),
        Just(AuthorityKind::OperationOfLaw),
        Just(AuthorityKind::Founding),
    ];
    (kind, option::of(article_ref()), words()).prop_map(|(kind, article, note)| Authority {
        kind,
        article,
        note,
    })
}

fn source() -> impl Strategy<Value = Source> {
    (some_words(), words(), option::of(date())).prop_map(|(reference, locator, date)| Source {
        reference,
        locator,
        date,
    })
}

fn confidence() -> impl Strategy<Value = Confidence> {
    prop_oneof![
        Just(Confidence::Confirmed),
        Just(Confidence::Inferred),
        Just(Confidence::Disputed),
        Just(Confidence::Unconfirmed),
    ]
}

/// Builds a struct or a variant of which every field has a strategy.
macro_rules! build {
    ($($built:ident)::+ { $($field:ident: $strategy:expr),* $(,)? }) => {
        build!(@ () ($($field: $strategy,)*) $($built)::+ { $($field)* })
    };
    // Nested pairs, because proptest's tuples end at twelve.
    (@ () ($($field:ident: $strategy:expr,)*) $($built:ident)::+ { $($all:ident)* }) => {
        build!(# $($field: $strategy,)*)
            .prop_map(|build!(% $($field)*)| $($built)::+ { $($all),* })
    };
    (# $field:ident: $strategy:expr, $($rest:tt)*) => { ($strategy, build!(# $($rest)*)) };
    (#) => { Just(()) };
    (% $field:ident $($rest:ident)*) => { ($field, build!(% $($rest)*)) };
    (%) => { () };
}

use build;

pub fn event() -> BoxedStrategy<Event> {
    Union::new([
        belonging().boxed(),
        meetings().boxed(),
        offices().boxed(),
        law().boxed(),
        dues().boxed(),
        claim().prop_map(Event::ClaimRecorded).boxed(),
        rest().boxed(),
    ])
    .boxed()
}

fn passing() -> impl Strategy<Value = Passing> {
    prop_oneof![
        Just(Passing::Membership),
        Just(Passing::Offices),
        Just(Passing::Accounts),
        Just(Passing::Seats),
    ]
}

fn succession() -> impl Strategy<Value = Event> {
    let parts = (party(), party(), vec(passing(), 0..4), option::of(class()));
    parts.prop_map(|(from, to, passes, class)| Event::PartySucceeded {
        from,
        to,
        class: class.filter(|_| passes.contains(&Passing::Membership)),
        passes,
    })
}

fn belonging() -> impl Strategy<Value = Event> {
    let subject = prop_oneof![
        party().prop_map(Named::Party),
        committee().prop_map(Named::Committee),
        association().prop_map(Named::Association),
        body().prop_map(Named::Body),
    ];
    let ground = prop_oneof![
        Just(EndGround::Withdrawal),
        Just(EndGround::Expulsion),
        Just(EndGround::Succession),
    ];
    let name_kind = prop_oneof![Just(NameKind::Public), Just(NameKind::Legal)];
    let zone = proptest::sample::select(vec!["UTC", "ROK", "Asia/Seoul", "Etc/GMT+9"])
        .prop_map(String::from);
    let registered = build!(PartyRegistered {
        party: party(),
        kind: word(),
        country: option::of(word()),
        region: option::of(word()),
        names: names(),
        aliases: vec(word(), 0..3),
        person: option::of(person()),
    });
    prop_oneof![
        build!(Event::AssociationFounded {
            association: association(),
            names: names(),
            time_zone: zone,
        }),
        term().prop_map(Event::TermDeclared),
        registered.prop_map(Event::PartyRegistered),
        build!(Event::NameTaken {
            subject: subject,
            kind: name_kind,
            name: name()
        }),
        succession(),
        build!(Event::ApplicationFiled {
            party: party(),
            class: class()
        }),
        build!(Event::ApplicationWithdrawn { party: party() }),
        build!(Event::ApplicationRejected { party: party() }),
        build!(Event::MemberAdmitted {
            party: party(),
            class: class(),
            founder: any::<bool>()
        }),
        build!(Event::ObserverAccepted {
            party: party(),
            class: class()
        }),
        build!(Event::MembershipEnded {
            party: party(),
            ground: ground
        }),
    ]
}

fn meetings() -> impl Strategy<Value = Event> {
    let attendance = build!(Attendance {
        session: session(),
        present: vec(party(), 0..4),
        in_writing: vec(party(), 0..4),
        in_writing_complete: any::<bool>(),
        others: vec(some_words(), 0..3),
        bodies_counted: any::<u32>(),
        in_person_complete: any::<bool>(),
    });
    let outcome = prop_oneof![
        Just(Outcome::NotRecorded),
        Just(Outcome::Adopted),
        Just(Outcome::Rejected),
        Just(Outcome::Noted),
    ];
    let votes = build!(Votes {
        in_favour: any::<u32>(),
        against: any::<u32>(),
        abstaining: any::<u32>(),
        written_in_favour: any::<u32>(),
        written_against: any::<u32>(),
        written_abstaining: any::<u32>(),
        unanimous: any::<bool>(),
    });
    let taken = build!(Decision {
        decision: decision(),
        session: session(),
        functions: vec(function(), 0..3),
        subject: words(),
        item: words(),
        outcome: outcome,
        votes: option::of(votes),
    });
    let frozen = build!(FrozenRoll {
        session: session(),
        entitled: vec(party(), 0..4),
        known_at: any::<u64>().prop_map(Position::new),
    });
    prop_oneof![
        build!(Event::SessionConvened {
            session: session(),
            closing: option::of(when()),
            venue: words(),
            host: option::of(party()),
            online: any::<bool>(),
        }),
        build!(Event::SessionPostponed {
            session: session(),
            closing: option::of(when())
        }),
        build!(Event::SessionCancelled { session: session() }),
        attendance.prop_map(Event::AttendanceRecorded),
        taken.prop_map(Event::DecisionTaken),
        frozen.prop_map(Event::RollFrozen),
    ]
}

fn offices() -> impl Strategy<Value = Event> {
    let holder = || {
        prop_oneof![
            party().prop_map(Holder::Party),
            person().prop_map(Holder::Person)
        ]
    };
    prop_oneof![
        build!(Event::OfficeAssumed {
            office: office(),
            seat: option::of(word()),
            holder: holder(),
            ordinal: any::<u32>(),
            term_until: option::of(when()),
        }),
        build!(Event::OfficeVacated {
            office: office(),
            seat: option::of(word()),
            reason: words(),
        }),
        build!(Event::ActingAssumed {
            office: office(),
            seat: option::of(word()),
            holder: holder(),
        }),
        build!(Event::ActingEnded {
            office: office(),
            seat: option::of(word())
        }),
        build!(Event::ChairRotated {
            office: office(),
            to: party(),
            ordinal: any::<u32>()
        }),
        build!(Event::TurnDeclined {
            office: office(),
            party: party(),
            turn: option::of(when()),
        }),
        build!(Event::TurnsSwapped {
            office: office(),
            first: party(),
            second: party()
        }),
    ]
}

fn law() -> impl Strategy<Value = Event> {
    let change = prop_oneof![
        Just(ArticleChange::Original),
        Just(ArticleChange::Added),
        Just(ArticleChange::Amended),
    ];
    let text = build!(ArticleText {
        language: word(),
        text: some_words(),
        summary: any::<bool>()
    });
    let enacted = build!(ArticleEnacted {
        instrument: instrument(),
        article: article(),
        citation: words(),
        change: change,
        headings: names(),
        texts: vec(text, 0..3),
        norms: vec(norm(), 0..4),
        amendment: option::of(position()),
    });
    prop_oneof![
        build!(Event::InstrumentAdopted {
            instrument: instrument(),
            titles: names(),
            published: option::of(when()),
        }),
        build!(Event::InstrumentAmended {
            instrument: instrument(),
            ordinal: any::<u32>(),
            published: option::of(when()),
        }),
        build!(Event::InstrumentRepealed {
            instrument: instrument()
        }),
        enacted.prop_map(Event::ArticleEnacted),
        build!(Event::ArticleRepealed {
            instrument: instrument(),
            article: article(),
            amendment: option::of(position()),
        }),
    ]
}

/// Persons are not among them: their names do not come back.
fn rest() -> impl Strategy<Value = Event> {
    prop_oneof![
        build!(Event::CommitteeEstablished {
            committee: committee(),
            names: names(),
            parent: option::of(body()),
        }),
        build!(Event::CommitteesMerged {
            from: vec(committee(), 1..3),
            into: committee()
        }),
        build!(Event::CommitteeAbolished {
            committee: committee(),
            reason: words()
        }),
        build!(Event::CoordinatorAppointed {
            committee: committee(),
            party: party(),
            seat: option::of(word()),
        }),
        build!(Event::CoordinatorReleased {
            committee: committee(),
            seat: option::of(word())
        }),
        build!(Event::SeatPlaced {
            place: some_words(),
            host: option::of(party())
        }),
        build!(Event::InstitutionRegistered {
            institution: party(),
            by: party()
        }),
        build!(Event::InstitutionReleased {
            institution: party()
        }),
        build!(Event::ActAnnulled {
            entry: (1..=u64::MAX).prop_map(Position::new)
        }),
        build!(Event::ActRatified {
            entry: (1..=u64::MAX).prop_map(Position::new)
        }),
        build!(Event::RulesAdopted {
            rules_version: any::<u32>()
        }),
        build!(Resumption {
            epoch: any::<u64>().prop_map(Epoch::new),
            after: any::<u64>().prop_map(Position::new),
            root: any::<[u8; 32]>()
        })
        .prop_map(Event::HistoryResumed)
        .boxed(),
    ]
}
