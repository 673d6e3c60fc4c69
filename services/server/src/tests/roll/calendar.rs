//! Days on which something changes, and what lies ahead.

use super::*;
use standing_proto::v1::list_change_days_request::Subject;
use standing_proto::v1::{ChangeAspect, UpcomingKind};

/// Asks for the days of a subject, page by page.
async fn days(world: &mut World, subject: Subject, page_size: u32) -> Vec<String> {
    let mut request = v1::ListChangeDaysRequest {
        subject: Some(subject),
        page_size,
        ..v1::ListChangeDaysRequest::default()
    };
    let mut told = Vec::new();
    loop {
        let page = world.roll.list_change_days(request.clone()).await;
        let page = page.unwrap().into_inner();
        for day in &page.days {
            let aspects = day
                .aspects()
                .map(|aspect: ChangeAspect| aspect.as_str_name());
            let aspects: Vec<&str> = aspects
                .map(|aspect| aspect.trim_start_matches("CHANGE_ASPECT_"))
                .collect();
            let doubt = if day.certain { "" } else { " perhaps" };
            let entries = day.positions.len();
            told.push(format!(
                "{} {}{doubt} {entries}",
                day.date,
                aspects.join("+")
            ));
        }
        if page.next_page_token.is_empty() {
            return told;
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn the_days_of_each_subject_are_told() {
    let mut world = league().await;
    let of = |text: &str| text.to_owned();
    for (subject, expected) in [
        (
            Subject::Party(of("north")),
            &[
                "2011-01-01 APPLICATION 1",
                "2012-07-01 CLASS+RIGHTS perhaps 1",
                "2012-07-31 CLASS+RIGHTS perhaps 1",
            ][..],
        ),
        (
            Subject::Session(of("assembly/2")),
            &["2002-09-10 OPENING+DECISION 2", "2002-09-11 CLOSE 1"][..],
        ),
        (
            Subject::Article(of("charter/9.1")),
            &[
                "2000-01-01 WORDING 1",
                "2010-06-01 WORDING perhaps 1",
                "2010-08-31 WORDING perhaps 1",
            ][..],
        ),
        (
            Subject::Office(of("secretary")),
            &["2003-01-01 HOLDER 1", "2007-01-01 HOLDER 1"][..],
        ),
        (
            Subject::Roll(true),
            &[
                "2000-01-01 CLASS 1",
                "2001-05-05 CLASS 1",
                "2002-09-11 CLASS 1",
                "2012-07-01 CLASS perhaps 1",
                "2012-07-31 CLASS perhaps 1",
            ][..],
        ),
    ] {
        for page_size in [0, 1, 2] {
            let found = days(&mut world, subject.clone(), page_size).await;
            assert_eq!(found, expected, "{subject:?}");
        }
    }
    let request = v1::ListChangeDaysRequest {
        subject: Some(Subject::Party(of("west"))),
        first_date: "2001-05-06".to_owned(),
        last_date: "2002-09-11".to_owned(),
        ..v1::ListChangeDaysRequest::default()
    };
    let found = world.roll.list_change_days(request).await.unwrap();
    let found = found.into_inner();
    let dates: Vec<&str> = found.days.iter().map(|day| day.date.as_str()).collect();
    assert_eq!(dates, ["2002-09-11"]);
    assert_eq!(found.basis.unwrap().on, "2001-05-06");
}

#[tokio::test]
async fn a_subject_that_is_none_is_refused() {
    let mut world = league().await;
    let of = |text: &str| text.to_owned();
    for (subject, code, reason) in [
        (None, Code::InvalidArgument, "MALFORMED"),
        (
            Some(Subject::Roll(false)),
            Code::InvalidArgument,
            "MALFORMED",
        ),
        (
            Some(Subject::Article(of("9.1"))),
            Code::InvalidArgument,
            "MALFORMED",
        ),
        (
            Some(Subject::Party(of("south"))),
            Code::NotFound,
            "UNKNOWN_PARTY",
        ),
        (
            Some(Subject::Session(of("assembly/9"))),
            Code::NotFound,
            "UNKNOWN_SESSION",
        ),
        (
            Some(Subject::Article(of("charter/99"))),
            Code::NotFound,
            "UNKNOWN_ARTICLE",
        ),
        (
            Some(Subject::Office(of("auditor"))),
            Code::NotFound,
            "UNKNOWN_OFFICE",
        ),
    ] {
        let request = v1::ListChangeDaysRequest {
            subject,
            ..v1::ListChangeDaysRequest::default()
        };
        let found = world.roll.list_change_days(request).await;
        refused(found, code, reason);
    }
}

fn upcoming(on: &str) -> v1::ListUpcomingRequest {
    v1::ListUpcomingRequest {
        at: Some(v1::PointInTime {
            on: on.to_owned(),
            ..v1::PointInTime::default()
        }),
        ..v1::ListUpcomingRequest::default()
    }
}

/// What lies ahead, page by page.
async fn ahead(world: &mut World, mut request: v1::ListUpcomingRequest) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        let page = world.roll.list_upcoming(request.clone()).await;
        let page = page.unwrap().into_inner();
        for of in &page.upcoming {
            let kind = of.kind().as_str_name().trim_start_matches("UPCOMING_KIND_");
            let about = [&of.party, &of.session, &of.office, &of.right];
            let about = about.into_iter().filter(|text| !text.is_empty());
            let about: Vec<&str> = about.map(String::as_str).collect();
            let until = if of.latest_date.is_empty() {
                String::new()
            } else {
                format!("..{}", of.latest_date)
            };
            told.push(format!("{}{until} {kind} {}", of.date, about.join(" ")));
        }
        if page.next_page_token.is_empty() {
            return told;
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn what_lies_ahead_is_told_by_day() {
    let mut world = league().await;
    for page_size in [0, 1, 3] {
        let request = v1::ListUpcomingRequest {
            page_size,
            ..upcoming("2002-06-01")
        };
        assert_eq!(
            ahead(&mut world, request).await,
            [
                "2002-09-10 SESSION west assembly/2",
                "2002-09-11 TERM_ENDS east chair",
                "2002-09-11 RIGHT west vote",
            ]
        );
    }
    // The day itself is over; what is about nobody is about no party.
    let request = v1::ListUpcomingRequest {
        party: "east".to_owned(),
        ..upcoming("2002-09-10")
    };
    assert_eq!(
        ahead(&mut world, request).await,
        ["2002-09-11 TERM_ENDS east chair"]
    );
    // Within a window that has begun.
    let request = v1::ListUpcomingRequest {
        kinds: vec![UpcomingKind::Right.into()],
        last_date: "2012-12-31".to_owned(),
        party: "north".to_owned(),
        ..upcoming("2012-07-10")
    };
    let found = ahead(&mut world, request).await;
    assert!(!found.is_empty());
    assert!(
        found
            .iter()
            .all(|line| line.starts_with("2012-07-31 RIGHT north")),
        "{found:?}"
    );
    let request = v1::ListUpcomingRequest {
        last_date: "2002-06-01".to_owned(),
        ..upcoming("2002-06-01")
    };
    let found = world.roll.list_upcoming(request).await;
    refused(found, Code::InvalidArgument, "ENDS_BEFORE_IT_BEGINS");
    let request = v1::ListUpcomingRequest {
        party: "south".to_owned(),
        ..upcoming("2002-06-01")
    };
    let found = world.roll.list_upcoming(request).await;
    refused(found, Code::NotFound, "UNKNOWN_PARTY");
}

/// Money, and what ends by its own terms: the day of each line is 2001-01-01.
const MONEY: &str = r#"{"id":"fund","fundEstablished":{"fund":"core","currency":"usd","names":[{"language":"en","text":"Core"}]}}
{"id":"dues","effective":{"date":"2002-02-01"},"duesAssessed":{"party":"east","fund":"core","year":2002,"amount":{"currency":"usd","minorUnits":"100"},"due":{"date":"2002-03-31"}}}
{"id":"paid","effective":{"date":"2002-03-01"},"duesPaid":{"party":"east","fund":"core","amount":{"currency":"usd","minorUnits":"40"}}}
{"id":"month","effective":{"date":"2002-02-01"},"duesAssessed":{"party":"west","fund":"core","year":2002,"amount":{"currency":"usd","minorUnits":"70"},"due":{"date":"2002-06"}}}
{"id":"old","effective":{"date":"2001-01-01"},"duesAssessed":{"party":"north","fund":"core","year":2001,"amount":{"currency":"usd","minorUnits":"90"},"due":{"date":"2001-06-30"}}}
{"id":"plan","effective":{"date":"2001-08-01"},"planAgreed":{"party":"north","fund":"core","instalments":[{"due":{"date":"2002-04-01"},"amount":{"currency":"usd","minorUnits":"30"}},{"due":{"date":"2002-05-01"},"amount":{"currency":"usd","minorUnits":"30"}},{"due":{"date":"2002-07-01"},"amount":{"currency":"usd","minorUnits":"30"}}],"until":{"date":"2002-08-01"}}}
{"id":"part","effective":{"date":"2002-01-10"},"duesPaid":{"party":"north","fund":"core","amount":{"currency":"usd","minorUnits":"45"}}}
{"id":"term","effective":{"date":"2001-01-01"},"officeAssumed":{"office":"secretary","holder":{"person":"s-1"},"ordinal":1,"termUntil":{"date":"2002-05-05"}}}"#;

#[tokio::test]
async fn what_is_to_be_paid_is_what_will_be_unpaid_and_terms_end_as_they_were_made() {
    let mut world = league().await;
    world.record("money", MONEY).await.unwrap();
    let ask = |on: &str, kinds: &[UpcomingKind]| v1::ListUpcomingRequest {
        kinds: kinds.iter().map(|kind| (*kind).into()).collect(),
        ..upcoming(on)
    };
    let payments = ask("2002-01-31", &[UpcomingKind::Payment]);
    let found = world.roll.list_upcoming(payments).await.unwrap();
    let found = found.into_inner().upcoming;
    let told: Vec<String> = found
        .iter()
        .map(|of| {
            let (date, latest) = (&of.date, &of.latest_date);
            format!(
                "{} {date}{latest} {} {} {}",
                of.party, of.amount, of.year, of.currency
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "east 2002-03-31 60 2002 usd",
            // 45 of 90 are paid: the first part, and half of the second.
            "north 2002-05-01 15 0 usd",
            "west 2002-06-012002-06-30 70 2002 usd",
            "north 2002-07-01 30 0 usd",
        ]
    );
    // A window that has begun is told with the days that are left of it.
    let payments = ask("2002-06-10", &[UpcomingKind::Payment]);
    assert_eq!(
        ahead(&mut world, payments).await[0],
        "2002-06-11..2002-06-30 PAYMENT west"
    );
    let ends = ask("2002-01-31", &[UpcomingKind::TermEnds]);
    assert_eq!(
        ahead(&mut world, ends).await,
        [
            "2002-05-05 TERM_ENDS secretary",
            "2002-09-11 TERM_ENDS east chair",
        ]
    );
}
