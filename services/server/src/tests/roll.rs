mod calendar;
mod persons;
mod sought;
mod vocabulary;

use super::*;
use std::slice;

fn parties(at: Option<v1::PointInTime>) -> v1::ListPartiesRequest {
    v1::ListPartiesRequest {
        at,
        ..v1::ListPartiesRequest::default()
    }
}

async fn listed(world: &mut World, request: v1::ListPartiesRequest) -> Vec<String> {
    let response = world.roll.list_parties(request).await.unwrap().into_inner();
    response
        .parties
        .into_iter()
        .map(|party| party.party)
        .collect()
}

#[tokio::test]
async fn a_party_is_told_as_of_a_date() {
    let mut world = league().await;
    let ask = |party: &str, day: &str| v1::GetPartyRequest {
        party: party.to_owned(),
        at: on(day),
    };
    let state = world
        .roll
        .get_party(ask("west", "2003-01-01"))
        .await
        .unwrap()
        .into_inner()
        .party
        .unwrap();
    assert_eq!(
        (&*state.kind, &*state.country, state.founder),
        ("government", "cn", false)
    );
    assert_eq!(state.admitted.unwrap().earliest_start_date, "2002-09-11");
    let history: Vec<&str> = state
        .class_history
        .iter()
        .map(|span| &*span.class)
        .collect();
    assert_eq!(history, ["observer", "full"]);
    assert_eq!(state.last_position, World::position("coordinator"));

    let state = world
        .roll
        .get_party(ask("north", "2012-07-15"))
        .await
        .unwrap()
        .into_inner()
        .party
        .unwrap();
    assert_eq!(
        (state.classes, &*state.applied_for, state.admitted),
        (vec![String::new(), "full".to_owned()], "full", None)
    );

    let state = world
        .roll
        .get_party(ask("east", "2003-01-01"))
        .await
        .unwrap()
        .into_inner()
        .party
        .unwrap();
    assert_eq!(state.aliases, ["kr-01"]);
    assert_eq!(state.names.len(), 2);
    refused(
        world.roll.get_party(ask("south", "")).await,
        Code::NotFound,
        "UNKNOWN_PARTY",
    );
}

#[tokio::test]
async fn parties_are_filtered_found_and_paged() {
    let mut world = league().await;
    assert_eq!(
        listed(&mut world, parties(on("2003-01-01"))).await,
        ["east", "north", "west"]
    );
    let members = v1::ListPartiesRequest {
        members_only: true,
        ..parties(on("2003-01-01"))
    };
    assert_eq!(listed(&mut world, members).await, ["east", "west"]);
    let full = v1::ListPartiesRequest {
        class: "full".to_owned(),
        ..parties(on("2012-07-15"))
    };
    assert_eq!(listed(&mut world, full).await, ["east", "north", "west"]);
    let special = v1::ListPartiesRequest {
        class: "special".to_owned(),
        ..parties(None)
    };
    assert_eq!(listed(&mut world, special).await, Vec::<String>::new());
    let country = v1::ListPartiesRequest {
        country: "ru".to_owned(),
        ..parties(None)
    };
    assert_eq!(listed(&mut world, country).await, ["north"]);
    for name in ["동쪽", "EAST", "kr-01", "east"] {
        let named = v1::ListPartiesRequest {
            name: name.to_owned(),
            ..parties(None)
        };
        assert_eq!(listed(&mut world, named).await, ["east"], "{name}");
    }
    let golden = v1::ListPartiesRequest {
        class: "golden".to_owned(),
        ..parties(None)
    };
    refused(
        world.roll.list_parties(golden).await,
        Code::NotFound,
        "UNKNOWN_CLASS",
    );

    let mut request = v1::ListPartiesRequest {
        page_size: 2,
        ..parties(None)
    };
    let first = world
        .roll
        .list_parties(request.clone())
        .await
        .unwrap()
        .into_inner();
    request.page_token = first.next_page_token;
    // What the first page left to default may be said by what it answered.
    let basis = first.basis.unwrap();
    request.at = known(&basis.on, basis.position);
    let second = world.roll.list_parties(request).await.unwrap().into_inner();
    assert_eq!((first.parties.len(), second.parties.len()), (2, 1));
    assert_eq!(
        (Some(basis), second.next_page_token),
        (second.basis, String::new())
    );
}

#[tokio::test]
async fn members_are_counted_by_class_in_order_of_declaration() {
    let mut world = league().await;
    let request = v1::CountMembersRequest {
        at: on("2012-07-15"),
    };
    let response = world
        .roll
        .count_members(request)
        .await
        .unwrap()
        .into_inner();
    let counts: Vec<(&str, u64, u64)> = response
        .classes
        .iter()
        .map(|class| (&*class.class, class.count.unwrap()))
        .map(|(class, count)| (class, count.certain, count.possible))
        .collect();
    assert_eq!(
        counts,
        [("full", 2, 3), ("observer", 0, 0), ("special", 0, 0)]
    );
}

#[tokio::test]
async fn rule_11_both_holders_stand_on_a_day_of_change() {
    let mut world = league().await;
    let ask = |office: &str, day: &str| v1::ListOfficeHoldersRequest {
        office: office.to_owned(),
        at: on(day),
        ..v1::ListOfficeHoldersRequest::default()
    };
    let mut holders = async |office: &str, day: &str| {
        let terms = world
            .roll
            .list_office_holders(ask(office, day))
            .await
            .unwrap()
            .into_inner()
            .terms;
        terms
            .into_iter()
            .map(|term| (term.display_name, term.ordinal, term.begins))
            .collect::<Vec<_>>()
    };
    let east = ("East".to_owned(), 1, "close of assembly/1".to_owned());
    let west = ("West".to_owned(), 2, "close of assembly/2".to_owned());
    assert_eq!(holders("chair", "2002-09-10").await, slice::from_ref(&east));
    assert_eq!(
        holders("chair", "2002-09-11").await,
        [east.clone(), west.clone()]
    );
    assert_eq!(holders("chair", "2002-09-12").await, slice::from_ref(&west));
    assert_eq!(holders("chair", "").await, [east, west]);
    let person = ("A. Person".to_owned(), 1, "2003-01-01".to_owned());
    let vacant = (String::new(), 0, "2007-01-01".to_owned());
    assert_eq!(holders("secretary", "").await, [person, vacant]);
    refused(
        world.roll.list_office_holders(ask("king", "")).await,
        Code::NotFound,
        "UNKNOWN_OFFICE",
    );
}

fn of_decision(session: &str, decision: &str) -> v1::GetSessionRequest {
    v1::GetSessionRequest {
        session: session.to_owned(),
        decision: decision.to_owned(),
        ..v1::GetSessionRequest::default()
    }
}

#[tokio::test]
async fn every_decision_tells_its_own_roll_which_can_be_asked_for() {
    let mut world = league().await;
    let asked = world.roll.get_session(of_decision("assembly/2", "")).await;
    let whole = asked.unwrap().into_inner();
    let decision = &whole.decisions[0];
    let one = v1::CountRange {
        certain: 1,
        possible: 1,
        unbounded: false,
    };
    assert_eq!(
        (
            &*decision.roll_date,
            decision.entitled,
            decision.entitled_present
        ),
        ("2002-09-10", Some(one), Some(one))
    );
    let id = decision.decision.as_ref().unwrap().decision.clone();
    let response = world.roll.get_session(of_decision("assembly/2", &id)).await;
    let response = response.unwrap().into_inner();
    assert_eq!(
        (&*response.roll_date, response.decision),
        ("2002-09-10", id)
    );
    assert_eq!(response.roll, whole.roll);
    refused(
        world
            .roll
            .get_session(of_decision("assembly/2", "none"))
            .await,
        Code::NotFound,
        "UNKNOWN_DECISION",
    );
}

#[tokio::test]
async fn a_session_tells_its_roll_and_its_decisions() {
    let mut world = league().await;
    let ask = |session| of_decision(session, "");
    let response = world
        .roll
        .get_session(ask("assembly/2"))
        .await
        .unwrap()
        .into_inner();
    let session = response.session.unwrap();
    assert_eq!(
        (&*session.opening, &*session.closing, &*session.host),
        ("2002-09-10", "2002-09-11", "west")
    );
    let roll: Vec<(&str, v1::Verdict, bool)> = response
        .roll
        .iter()
        .map(|line| (&*line.party, line.vote(), line.present))
        .collect();
    // West was admitted by this session: it is there, and has no vote in it.
    assert_eq!(
        roll,
        [
            ("east", v1::Verdict::Held, true),
            ("west", v1::Verdict::NotHeld, true)
        ]
    );
    assert_eq!(
        response.entitled.unwrap(),
        v1::CountRange {
            certain: 1,
            possible: 1,
            unbounded: false
        }
    );
    assert_eq!(
        response.entitled_present.unwrap(),
        v1::CountRange {
            certain: 1,
            possible: 1,
            unbounded: false
        }
    );
    assert_eq!(
        (response.present, response.attendance_not_recorded),
        (3, false)
    );
    let decision = &response.decisions[0];
    assert_eq!(
        (&*decision.effective, decision.position),
        ("2002-09-10", World::position("decision-admit"))
    );
    let route = &decision.routes[0];
    assert_eq!(
        (&*route.article, route.kind(), route.openness()),
        ("charter/9.1", v1::RouteKind::Own, v1::Openness::Open)
    );
    assert_eq!(response.basis.unwrap().on, "2002-09-10");

    refused(
        world.roll.get_session(ask("assembly/3")).await,
        Code::NotFound,
        "UNKNOWN_SESSION",
    );
    refused(
        world.roll.get_session(ask("assembly")).await,
        Code::InvalidArgument,
        "MALFORMED",
    );
}

#[tokio::test]
async fn sessions_and_committees_are_listed() {
    let mut world = league().await;
    let request = v1::ListSessionsRequest {
        page_size: 1,
        ..v1::ListSessionsRequest::default()
    };
    let page = world
        .roll
        .list_sessions(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(page.sessions[0].session, "assembly/1");
    let request = v1::ListSessionsRequest {
        page_token: page.next_page_token,
        ..request
    };
    let page = world
        .roll
        .list_sessions(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (&*page.sessions[0].session, &*page.next_page_token),
        ("assembly/2", "")
    );
    let request = v1::ListSessionsRequest {
        series: "senate".to_owned(),
        page_token: String::new(),
        ..request
    };
    refused(
        world.roll.list_sessions(request).await,
        Code::NotFound,
        "UNKNOWN_BODY",
    );

    let ask = |day: &str| v1::ListCommitteesRequest {
        at: on(day),
        ..v1::ListCommitteesRequest::default()
    };
    let committees = world
        .roll
        .list_committees(ask("2004-02-10"))
        .await
        .unwrap()
        .into_inner()
        .committees;
    let culture = &committees[0];
    assert_eq!(
        (
            &*culture.committee,
            &*culture.names[0].text,
            culture.certain
        ),
        ("culture", "Culture", true)
    );
    assert_eq!(culture.coordinators[0].parties, ["", "west"]);
    let interval = culture.interval.as_ref().unwrap();
    assert_eq!(
        (&*interval.latest_start_date, &*interval.earliest_end_date),
        ("2004-01-01", "2015-01-01")
    );
    let committees = world
        .roll
        .list_committees(ask("2015-01-01"))
        .await
        .unwrap()
        .into_inner()
        .committees;
    assert!(committees.is_empty());
}

#[tokio::test]
async fn the_association_tells_its_words() {
    let mut world = league().await;
    let request = v1::GetAssociationRequest {
        at: on("2000-01-01"),
    };
    let response = world
        .roll
        .get_association(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (&*response.association, &*response.names[0].text),
        ("league", "The League")
    );
    assert_eq!(response.seats[0].place, "Eastville");
    let terms: Vec<&str> = response.terms.iter().map(|term| &*term.term).collect();
    assert_eq!(&terms[..3], ["full", "observer", "special"]);

    let mut nobody = empty(Config::default()).await;
    let outcome = nobody
        .roll
        .get_association(v1::GetAssociationRequest::default())
        .await;
    refused(outcome, Code::NotFound, "UNKNOWN_ASSOCIATION");
}
