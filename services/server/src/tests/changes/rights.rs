use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tonic::Streaming;
use v1::watch_rights_request::Start;
use v1::watch_rights_response::Message;

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A day in microseconds.
const DAY: u64 = 86_400_000_000;

/// What follows the league: a new member, one that leaves, one whose admission takes effect in
/// days, a correction.
const LATER: [&str; 4] = [
    r#"{"id":"south","partyRegistered":{"party":"south","kind":"government","country":"jp"}}
{"id":"south-full","effective":{"date":"2020-01-01"},"memberAdmitted":{"party":"south","class":"full"}}"#,
    r#"{"id":"south-observer","partyRegistered":{"party":"isle","kind":"government","country":"jp"}}
{"id":"isle-full","effective":{"date":"2024-01-04"},"memberAdmitted":{"party":"isle","class":"full"}}"#,
    r#"{"id":"east-ends","effective":{"date":"2019-05-05"},"membershipEnded":{"party":"east","ground":"END_GROUND_WITHDRAWAL"}}"#,
    r#"{"id":"south-corrected","effective":{"date":"2021-01-01"},"corrects":{"id":"south-full"},"memberAdmitted":{"party":"south","class":"full"}}"#,
];

type Watch = Streaming<v1::WatchRightsResponse>;

/// A server whose clock is set by hand, from 2024-01-01 on.
async fn world_with_clock() -> (World, Arc<AtomicU64>) {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(AtomicU64::new(1_704_067_200_000_000));
    let hand = Arc::clone(&clock);
    let options = Options {
        clock: Arc::new(move || hand.load(Ordering::Relaxed)),
        ..Options::default()
    };
    let engine = Recorder::open(&folder.path().join("ledger"), &options).unwrap();
    (serving(folder, engine, Config::default()).await, clock)
}

/// Records everything, and lets days pass.
async fn tell_all(world: &mut World, clock: &AtomicU64) {
    record(world, "league", LEAGUE).await;
    for (n, text) in LATER.iter().enumerate() {
        clock.fetch_add(DAY, Ordering::Relaxed);
        record(world, &format!("later-{n}"), text).await;
    }
}

async fn record(world: &mut World, id: &str, text: &str) {
    let mut request = batch(id, text);
    request.irregular = v1::IrregularPolicy::Record.into();
    world.ledger.record(request).await.unwrap();
}

async fn watch(world: &mut World, request: v1::WatchRightsRequest) -> Watch {
    world
        .changes
        .watch_rights(request)
        .await
        .unwrap()
        .into_inner()
}

fn after(cursor: v1::ChangeCursor) -> v1::WatchRightsRequest {
    v1::WatchRightsRequest {
        start: Some(Start::After(cursor)),
        ..v1::WatchRightsRequest::default()
    }
}

async fn next(watch: &mut Watch) -> Message {
    let message = tokio::time::timeout(PATIENCE, watch.message()).await;
    message.unwrap().unwrap().unwrap().message.unwrap()
}

/// Returns the events up to the next caught-up message.
async fn events(watch: &mut Watch) -> Vec<v1::RightsEvent> {
    let mut events = Vec::new();
    loop {
        match next(watch).await {
            Message::Event(event) => events.push(event),
            Message::CaughtUp(_) => return events,
            Message::Heartbeat(_) => {}
        }
    }
}

/// Returns the events up to one at a position and a day.
async fn events_to(watch: &mut Watch, position: u64, day: &str) -> Vec<v1::RightsEvent> {
    let mut events = Vec::new();
    loop {
        if let Message::Event(event) = next(watch).await {
            let cursor = event.cursor.clone().unwrap();
            events.push(event);
            if (cursor.position, &*cursor.day) == (position, day) && cursor.index == cursor.count {
                return events;
            }
        }
    }
}

async fn everything(world: &mut World) -> Vec<v1::RightsEvent> {
    let mut watch = watch(world, v1::WatchRightsRequest::default()).await;
    events(&mut watch).await
}

/// What whoever applies the changes holds: from which days on a party's right in a body is answered
/// how.
#[derive(Default)]
struct Held(BTreeMap<[String; 3], Vec<Stretch>>);

/// The first day, the day after the last, the answer.
type Stretch = (String, String, i32);

impl Held {
    fn apply(&mut self, change: &v1::RightChange) {
        for body in &change.bodies {
            let key = [change.party.clone(), change.right.clone(), body.clone()];
            let stretch = (change.start_date.clone(), change.end_date.clone());
            let stretches = self.0.entry(key).or_default();
            stretches.push((stretch.0, stretch.1, change.after));
        }
    }

    fn on(&self, party: &str, right: &str, body: &str, day: &str) -> i32 {
        let key = [party, right, body].map(str::to_owned);
        let stretches = self.0.get(&key).into_iter().flatten().rev();
        let mut fitting = stretches.filter(|(start, end, _)| {
            start.as_str() <= day && (end.is_empty() || day < end.as_str())
        });
        fitting
            .next()
            .map_or(v1::Verdict::NotHeld.into(), |(_, _, verdict)| *verdict)
    }
}

#[tokio::test]
async fn whoever_applies_all_changes_holds_what_is_answered() {
    let (mut world, clock) = world_with_clock().await;
    let mut live = watch(&mut world, v1::WatchRightsRequest::default()).await;
    assert!(events(&mut live).await.is_empty());
    tell_all(&mut world, &clock).await;
    let told = everything(&mut world).await;
    let last = told.last().unwrap().cursor.clone().unwrap();
    assert_eq!(last.day, "2024-01-05");
    // Live and from the log come the same messages.
    assert_eq!(events_to(&mut live, last.position, &last.day).await, told);

    let mut held = Held::default();
    let changes = told.iter().filter_map(|event| event.change.as_ref());
    // The start of a day restates nothing.
    let lasting = changes.filter(|change| change.cause() != v1::ChangeCause::PassageOfTime);
    lasting.for_each(|change| held.apply(change));
    let mut verdicts = BTreeSet::new();
    for party in ["east", "west", "north", "south", "isle"] {
        for (right, body) in [
            ("vote", ""),
            ("vote", "assembly"),
            ("speak", ""),
            ("speak", "assembly"),
        ] {
            for day in [
                "1999-12-31",
                "2002-09-11",
                "2010-07-01",
                "2019-05-05",
                "2020-06-01",
                "2024-01-04",
                "2024-01-03",
                "2030-01-01",
            ] {
                let request = v1::CheckRightRequest {
                    question: Some(v1::RightQuestion {
                        party: party.to_owned(),
                        right: right.to_owned(),
                        body: body.to_owned(),
                    }),
                    at: on(day),
                    verdict_only: true,
                };
                let answer = world
                    .rights
                    .check_right(request)
                    .await
                    .unwrap()
                    .into_inner();
                let verdict = answer.answer.unwrap().verdict;
                assert_eq!(
                    held.on(party, right, body, day),
                    verdict,
                    "{party} {right} {body} {day}"
                );
                verdicts.insert(verdict);
            }
        }
    }
    assert!(verdicts.len() > 1);
}

#[tokio::test]
async fn a_watch_resumes_after_every_message() {
    let (mut world, clock) = world_with_clock().await;
    tell_all(&mut world, &clock).await;
    let told = everything(&mut world).await;
    assert!(
        told.iter()
            .any(|event| event.cursor.as_ref().unwrap().count > 1)
    );
    assert!(told.iter().any(|event| event.change.is_none()));
    let causes: BTreeSet<i32> = told
        .iter()
        .filter_map(|event| Some(event.change.as_ref()?.cause))
        .collect();
    assert!(causes.contains(&v1::ChangeCause::PassageOfTime.into()));
    for (index, event) in told.iter().enumerate() {
        let mut resumed = watch(&mut world, after(event.cursor.clone().unwrap())).await;
        assert_eq!(events(&mut resumed).await, told[index + 1..], "{event:?}");
    }
    let mut start = watch(&mut world, after(v1::ChangeCursor::default())).await;
    assert_eq!(events(&mut start).await, told);
    // A position alone is after its batch, and before the next day.
    let head = LEAGUE.lines().count() as u64;
    let position = v1::ChangeCursor {
        position: head,
        ..v1::ChangeCursor::default()
    };
    let first_day = |event: &v1::RightsEvent| event.cursor.as_ref().unwrap().day == "2024-01-01";
    let later: Vec<_> = told
        .iter()
        .filter(|event| !first_day(event))
        .cloned()
        .collect();
    let mut resumed = watch(&mut world, after(position)).await;
    assert_eq!(events(&mut resumed).await, later);
    // An instant is the batch that was recorded then, and the days since the one before.
    let time = told
        .iter()
        .find(|event| !first_day(event) && event.cursor.as_ref().unwrap().position > head);
    let from = v1::WatchRightsRequest {
        start: Some(Start::FromRecordTime(time.unwrap().record_time.unwrap())),
        ..v1::WatchRightsRequest::default()
    };
    let mut from = watch(&mut world, from).await;
    assert_eq!(events(&mut from).await, later);
}

#[tokio::test]
async fn days_begin_for_those_who_watch_live() {
    let (mut world, clock) = world_with_clock().await;
    record(&mut world, "league", LEAGUE).await;
    record(&mut world, "isle", LATER[1]).await;
    let request = v1::WatchRightsRequest {
        start: Some(Start::FromNow(true)),
        rights: vec!["vote".to_owned()],
        parties: vec!["isle".to_owned()],
    };
    let mut watch = watch(&mut world, request).await;
    assert!(events(&mut watch).await.is_empty());
    clock.fetch_add(3 * DAY, Ordering::Relaxed);
    let head = LEAGUE.lines().count() as u64 + 2;
    let told = events_to(&mut watch, head, "2024-01-04").await;
    let change = told.last().unwrap().change.clone().unwrap();
    assert_eq!(
        (&*change.party, &*change.right, &*change.start_date),
        ("isle", "vote", "2024-01-04")
    );
    assert_eq!(change.cause(), v1::ChangeCause::PassageOfTime);
    assert_eq!(
        (change.before(), change.after()),
        (v1::Verdict::NotHeld, v1::Verdict::Held)
    );
}

#[tokio::test]
async fn a_filter_passes_its_changes_and_tells_how_far_it_has_come() {
    let (mut world, clock) = world_with_clock().await;
    tell_all(&mut world, &clock).await;
    let told = everything(&mut world).await;
    let request = v1::WatchRightsRequest {
        parties: vec!["south".to_owned()],
        rights: vec!["vote".to_owned()],
        ..v1::WatchRightsRequest::default()
    };
    let mut watch = watch(&mut world, request).await;
    let filtered = events(&mut watch).await;
    let passes = |event: &&v1::RightsEvent| {
        let change = event.change.as_ref();
        change.is_some_and(|change| change.party == "south" && change.right == "vote")
    };
    let expected: Vec<_> = told.iter().filter(passes).collect();
    let told_of: Vec<_> = filtered.iter().filter(passes).collect();
    assert!(!expected.is_empty());
    assert_eq!(told_of, expected);
    // The rest is told of once, and its cursor is one to go on from.
    assert!(filtered.len() <= expected.len() + 1);
    let last = filtered.last().unwrap().cursor.clone().unwrap();
    assert_eq!(last.index, last.count);
    let end = told.last().unwrap().cursor.clone().unwrap();
    assert_eq!((last.position, &last.day), (end.position, &end.day));
}

#[tokio::test]
async fn a_place_that_is_none_is_refused() {
    let (mut world, clock) = world_with_clock().await;
    tell_all(&mut world, &clock).await;
    let told = everything(&mut world).await;
    let last = told.last().unwrap().cursor.clone().unwrap();
    let mut ask = async |change: &dyn Fn(&mut v1::ChangeCursor)| {
        let mut cursor = last.clone();
        change(&mut cursor);
        world.changes.watch_rights(after(cursor)).await
    };
    let beyond = |cursor: &mut v1::ChangeCursor| cursor.position = 1_000;
    refused(ask(&beyond).await, Code::OutOfRange, "POSITION_BEYOND_HEAD");
    let tomorrow = |cursor: &mut v1::ChangeCursor| cursor.day = "2024-01-06".to_owned();
    refused(
        ask(&tomorrow).await,
        Code::OutOfRange,
        "POSITION_BEYOND_HEAD",
    );
    let within = |cursor: &mut v1::ChangeCursor| cursor.position = 3;
    refused(ask(&within).await, Code::InvalidArgument, "UNKNOWN_CURSOR");
    let other = |cursor: &mut v1::ChangeCursor| (cursor.index, cursor.count) = (1, 77);
    refused(ask(&other).await, Code::InvalidArgument, "UNKNOWN_CURSOR");
    let index = |cursor: &mut v1::ChangeCursor| cursor.index = cursor.count + 1;
    refused(ask(&index).await, Code::InvalidArgument, "MALFORMED");
    let rights = v1::WatchRightsRequest {
        rights: vec!["No right".to_owned()],
        ..v1::WatchRightsRequest::default()
    };
    let malformed = world.changes.watch_rights(rights).await;
    refused(malformed, Code::InvalidArgument, "MALFORMED");
}
