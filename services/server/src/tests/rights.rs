mod known;

use super::*;
use v1::check_rights_result::Outcome;

fn question(party: &str, right: &str, body: &str) -> v1::RightQuestion {
    v1::RightQuestion {
        party: party.to_owned(),
        right: right.to_owned(),
        body: body.to_owned(),
    }
}

fn check(
    party: &str,
    right: &str,
    body: &str,
    at: Option<v1::PointInTime>,
) -> v1::CheckRightRequest {
    v1::CheckRightRequest {
        question: Some(question(party, right, body)),
        at,
        verdict_only: false,
    }
}

#[tokio::test]
async fn an_answer_names_its_grounds_and_its_end() {
    let mut world = league().await;
    let mut request = check("west", "vote", "", on("2002-09-10"));
    let response = world
        .rights
        .check_right(request.clone())
        .await
        .unwrap()
        .into_inner();
    let answer = response.answer.unwrap();
    assert_eq!(answer.verdict(), v1::Verdict::NotHeld);
    let expiry = answer.expiry.unwrap();
    assert_eq!(
        (expiry.end_date.as_str(), expiry.then()),
        ("2002-09-11", v1::Verdict::Held)
    );
    assert_eq!(expiry.position, World::position("west-full"));
    assert!(
        expiry.cause.contains("west is admitted as full"),
        "{}",
        expiry.cause
    );

    request.at = on("2002-09-11");
    let response = world
        .rights
        .check_right(request.clone())
        .await
        .unwrap()
        .into_inner();
    let answer = response.answer.unwrap();
    assert_eq!(answer.verdict(), v1::Verdict::Held);
    let grounds = answer.grounds.unwrap();
    assert_eq!(
        grounds.entries,
        [v1::EntryGround {
            position: World::position("west-full"),
            kind: "member_admitted".to_owned(),
            says: "west is admitted as full".to_owned(),
            effective: "close of assembly/2".to_owned(),
            authority: "admit-west".to_owned(),
            confidence: v1::Confidence::Confirmed.into(),
        }]
    );
    let article = &grounds.articles[0];
    assert_eq!(
        (&*article.citation, &*article.in_force_from),
        ("9(1)", "2000-01-01")
    );
    assert_eq!(article.effect(), v1::NormEffect::Confers);
    assert!(article.certain);
    assert_eq!(
        (grounds.weakest_support(), &grounds.classes[..]),
        (v1::Support::Presumed, &["full".to_owned()][..])
    );

    request.verdict_only = true;
    let quick = world
        .rights
        .check_right(request)
        .await
        .unwrap()
        .into_inner();
    let quick_answer = quick.answer.unwrap();
    assert_eq!(quick_answer.verdict(), v1::Verdict::Held);
    assert_eq!((quick_answer.grounds, quick_answer.expiry), (None, None));
    assert_eq!(quick.basis, response.basis);
    assert_eq!(quick.basis.unwrap().norms_digest.len(), 64);
}

#[tokio::test]
async fn a_window_is_undetermined_and_says_what_is_missing() {
    let mut world = league().await;
    let ask = |day: &str| check("north", "vote", "assembly", on(day));
    for (day, verdict) in [
        ("2012-06-30", v1::Verdict::NotHeld),
        ("2012-07-15", v1::Verdict::Undetermined),
        ("2012-07-31", v1::Verdict::Held),
    ] {
        let answer = world
            .rights
            .check_right(ask(day))
            .await
            .unwrap()
            .into_inner()
            .answer
            .unwrap();
        assert_eq!(answer.verdict(), verdict, "{day}");
        let missing = answer.grounds.unwrap().missing;
        assert_eq!(
            missing.is_empty(),
            verdict != v1::Verdict::Undetermined,
            "{missing:?}"
        );
    }
}

#[tokio::test]
async fn an_earlier_knowledge_gives_an_earlier_answer() {
    let mut world = empty(Config::default()).await;
    let before = World::position("west-full") - 1;
    let lines: Vec<&str> = LEAGUE.lines().collect();
    let (early, late) = lines.split_at(usize::try_from(before).unwrap());
    world.record("one", &early.join("\n")).await.unwrap();
    world.record("two", &late.join("\n")).await.unwrap();
    let mut ask = check("west", "vote", "", known("2003-01-01", before));
    let then = world
        .rights
        .check_right(ask.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(then.answer.unwrap().verdict(), v1::Verdict::NotHeld);
    ask.at = known("2003-01-01", before + 3);
    let rounded = world
        .rights
        .check_right(ask.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(rounded.basis.unwrap().position, before);

    ask.at = known("2003-01-01", 1_000);
    let details = refused(
        world.rights.check_right(ask.clone()).await,
        Code::InvalidArgument,
        "KNOWN_AT_FUTURE",
    );
    let metadata = &details.error_info().unwrap().metadata;
    assert_eq!(
        (&*metadata["asked"], &*metadata["head"]),
        ("1000", &*lines.len().to_string())
    );

    ask.at = Some(v1::PointInTime {
        min_position: 1_000,
        ..v1::PointInTime::default()
    });
    refused(
        world.rights.check_right(ask.clone()).await,
        Code::Unavailable,
        "NOT_YET",
    );

    let instant = prost_types::Timestamp {
        seconds: 4_000_000_000,
        nanos: 0,
    };
    ask.at = Some(v1::PointInTime {
        known_at: Some(v1::point_in_time::KnownAt::Instant(instant)),
        ..v1::PointInTime::default()
    });
    let details = refused(
        world.rights.check_right(ask).await,
        Code::InvalidArgument,
        "KNOWN_AT_FUTURE",
    );
    assert_eq!(
        details.error_info().unwrap().metadata["asked"],
        "2096-10-02T07:06:40Z"
    );
}

#[tokio::test]
async fn a_bulk_question_keeps_its_order_and_its_errors() {
    let mut world = league().await;
    let request = v1::CheckRightsRequest {
        questions: vec![
            question("east", "vote", "assembly"),
            question("south", "vote", ""),
            question("east", "fly", ""),
            question("east", "vote", "senate"),
            question("EAST", "vote", ""),
            question("north", "speak", ""),
        ],
        at: on("2010-01-01"),
        verdict_only: false,
    };
    let results = world
        .rights
        .check_rights(request)
        .await
        .unwrap()
        .into_inner()
        .results;
    let told: Vec<String> = results
        .into_iter()
        .map(|result| match result.outcome.unwrap() {
            Outcome::Answer(answer) => answer.verdict().as_str_name().to_owned(),
            Outcome::Error(error) => format!("{} {}", error.code, error.reason),
        })
        .collect();
    assert_eq!(
        told,
        [
            "VERDICT_HELD",
            "5 UNKNOWN_PARTY",
            "5 UNKNOWN_RIGHT",
            "5 UNKNOWN_BODY",
            "3 MALFORMED",
            "VERDICT_NOT_HELD"
        ]
    );
    let none = world
        .rights
        .check_rights(v1::CheckRightsRequest::default())
        .await;
    refused(none, Code::InvalidArgument, "MALFORMED");
}

#[tokio::test]
async fn standing_is_every_right_in_every_body_that_the_law_names() {
    let mut world = league().await;
    let request = v1::GetStandingRequest {
        party: "east".to_owned(),
        at: on("2003-01-01"),
    };
    let response = world
        .rights
        .get_standing(request)
        .await
        .unwrap()
        .into_inner();
    let state = response.party.unwrap();
    assert_eq!(
        (state.classes, state.founder),
        (vec!["full".to_owned()], true)
    );
    let rights: Vec<(String, String)> = response
        .rights
        .into_iter()
        .map(|answer| answer.question.unwrap())
        .map(|question| (question.right, question.body))
        .collect();
    let expected = [("speak", ""), ("vote", ""), ("vote", "assembly")];
    assert_eq!(
        rights,
        expected.map(|(right, body)| (right.to_owned(), body.to_owned()))
    );
}

#[tokio::test]
async fn holders_are_paged_and_a_token_belongs_to_its_question() {
    let mut world = league().await;
    let ask = |right: &str, day: &str, token: &str| v1::ListHoldersRequest {
        right: right.to_owned(),
        at: on(day),
        page_size: 1,
        page_token: token.to_owned(),
        ..v1::ListHoldersRequest::default()
    };
    let mut holders = Vec::new();
    let mut tokens = vec![String::new()];
    loop {
        let token = tokens.last().unwrap();
        let page = world
            .rights
            .list_holders(ask("vote", "2012-07-15", token))
            .await
            .unwrap()
            .into_inner();
        holders.extend(page.holders);
        if page.next_page_token.is_empty() {
            break;
        }
        tokens.push(page.next_page_token);
    }
    let told: Vec<(&str, v1::Verdict, &str, &str)> = holders
        .iter()
        .map(|holder| {
            (
                &*holder.party,
                holder.verdict(),
                &*holder.class,
                &*holder.display_name,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("east", v1::Verdict::Held, "full", "East"),
            ("north", v1::Verdict::Undetermined, "", "North"),
            ("west", v1::Verdict::Held, "full", "West"),
        ]
    );
    let damaged = tokens[1].replace('a', "b");
    for (right, day, token) in [
        ("speak", "2012-07-15", tokens[1].as_str()),
        ("vote", "2012-07-16", &tokens[1]),
        ("vote", "", &tokens[1]),
        ("vote", "2012-07-15", "token"),
        ("vote", "2012-07-15", &damaged),
    ] {
        let outcome = world.rights.list_holders(ask(right, day, token)).await;
        refused(outcome, Code::InvalidArgument, "PAGE_TOKEN");
    }
    refused(
        world.rights.list_holders(ask("fly", "", "")).await,
        Code::NotFound,
        "UNKNOWN_RIGHT",
    );
}

#[tokio::test]
async fn a_timeline_has_no_holes() {
    let mut world = league().await;
    let request = v1::GetTimelineRequest {
        question: Some(question("west", "vote", "")),
        ..v1::GetTimelineRequest::default()
    };
    let response = world
        .rights
        .get_timeline(request.clone())
        .await
        .unwrap()
        .into_inner();
    let spans: Vec<String> = response
        .spans
        .iter()
        .map(|span| {
            let verdict = span.verdict().as_str_name().trim_start_matches("VERDICT_");
            format!(
                "{}..{} {verdict} {}",
                span.start_date,
                span.end_date,
                span.classes.join("/")
            )
        })
        .collect();
    assert_eq!(
        spans,
        [
            "2000-01-01..2001-05-05 NOT_HELD ",
            "2001-05-05..2002-09-11 NOT_HELD observer",
            "2002-09-11.. HELD full",
        ]
    );
    assert_eq!(response.basis.unwrap().on, "2000-01-01");

    let within = v1::GetTimelineRequest {
        first_date: "2002-01-01".to_owned(),
        last_date: "2002-12-31".to_owned(),
        ..request.clone()
    };
    let spans = world
        .rights
        .get_timeline(within)
        .await
        .unwrap()
        .into_inner()
        .spans;
    assert_eq!(
        (&*spans[0].start_date, &*spans[1].end_date),
        ("2002-01-01", "2003-01-01")
    );

    let turned = v1::GetTimelineRequest {
        first_date: "2002-01-02".to_owned(),
        last_date: "2002-01-01".to_owned(),
        ..request
    };
    let details = refused(
        world.rights.get_timeline(turned).await,
        Code::InvalidArgument,
        "MALFORMED",
    );
    assert_eq!(fields(&details), ["last_date"]);
}

#[tokio::test]
async fn malformed_questions_name_all_their_fields() {
    let mut world = league().await;
    let outcome = world
        .rights
        .check_right(check("East!", "", "", on("2024-02-30")))
        .await;
    let details = refused(outcome, Code::InvalidArgument, "MALFORMED");
    assert_eq!(
        fields(&details),
        ["at.on", "question.party", "question.right"]
    );
    for day in ["1899-12-31", "2201-01-01", "yesterday"] {
        let outcome = world
            .rights
            .check_right(check("east", "vote", "", on(day)))
            .await;
        assert_eq!(
            fields(&refused(outcome, Code::InvalidArgument, "MALFORMED")),
            ["at.on"]
        );
    }
}
