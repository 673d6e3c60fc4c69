//! Who reads the names of natural persons.

use super::*;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use standing_proto::FILE_DESCRIPTOR_SET;
use tokio_stream::iter;

/// What nobody reads in clear who may not: the name of a member, and that of a secretary.
const SEALED: [&str; 2] = ["Zyzzy Quux", "A. Person"];

/// A member that is a person, who owes dues and holds an office.
const MEMBER: &str = r#"{"id":"rules","rulesAdopted":{"rulesVersion":1}}
{"id":"body","termDeclared":{"kind":"TERM_KIND_BODY","term":"general-assembly"}}
{"id":"fund","fundEstablished":{"fund":"core","currency":"usd","names":[{"language":"en","text":"Core"}]}}
{"id":"policy","effective":{"date":"2000-01-01"},"sources":[{"reference":"https://a.example"}],"articleEnacted":{"instrument":"charter","article":"19","citation":"article 19","change":"ARTICLE_CHANGE_ORIGINAL","norms":[{"support":"SUPPORT_ATTESTED","dues":{"builtIn":"un-19"}}]}}
{"id":"n","personNamed":{"person":"s-2","names":[{"language":"en","text":"Zyzzy Quux"}]}}
{"id":"m","partyRegistered":{"party":"member","kind":"natural-person","person":"s-2"}}
{"id":"ma","effective":{"date":"2003-05-01"},"memberAdmitted":{"party":"member","class":"full"}}
{"id":"owed","effective":{"date":"2004-01-01"},"duesAssessed":{"party":"member","fund":"core","year":2004,"amount":{"currency":"usd","minorUnits":"100"},"due":{"date":"2004-04-30"}}}
{"id":"chair-3","effective":{"date":"2005-01-01"},"chairRotated":{"office":"chair","toParty":"member","ordinal":3}}
{"id":"guest","effective":{"date":"2005-02-01"},"attendanceRecorded":{"session":"assembly/2","present":["member"]}}"#;

/// What is asked, and whether who may read names is told one.
const QUESTIONS: &str = r#"
    RollService/GetParty          | yes | {"party":"member","at":{"on":"2006-01-01"}}
    RollService/ListParties       | yes | {"at":{"on":"2006-01-01"}}
    RollService/ListParties       | yes | {"at":{"on":"2006-01-01"},"class":"full","membersOnly":true}
    RollService/ListParties       | yes | {"at":{"on":"2006-01-01"},"query":"memb"}
    RollService/ListOfficeHolders | yes | {"office":"secretary"}
    RollService/ListOfficeHolders | yes | {"office":"chair"}
    RollService/CountMembers      | no  | {"at":{"on":"2006-01-01"}}
    RollService/GetRotation       | no  | {"office":"chair","at":{"on":"2006-01-01"}}
    RollService/GetSession        | no  | {"session":"assembly/2"}
    RollService/ListSessions      | no  | {}
    RollService/ListCommittees    | no  | {}
    RollService/GetAssociation    | no  | {"at":{"on":"2006-01-01"}}
    RollService/GetVocabulary     | no  | {"at":{"on":"2006-01-01"}}
    RightsService/ListHolders     | yes | {"right":"vote","body":"assembly","at":{"on":"2004-01-01"}}
    RightsService/GetStanding     | yes | {"party":"member","at":{"on":"2006-01-01"}}
    RightsService/CheckRight      | no  | {"question":{"party":"member","right":"vote","body":"assembly"},"at":{"on":"2006-01-01"}}
    RightsService/CheckRights     | no  | {"questions":[{"party":"member","right":"vote","body":"assembly"}],"at":{"on":"2006-01-01"}}
    RightsService/GetTimeline     | no  | {"question":{"party":"member","right":"vote","body":"assembly"}}
    DuesService/GetAccount        | no  | {"party":"member","at":{"on":"2006-01-01"}}
    DuesService/ListArrears       | yes | {"at":{"on":"2006-01-01"}}
    RightsService/ListHistory     | no  | {"question":{"party":"member","right":"vote","body":"assembly"}}
    RollService/ListChangeDays    | no  | {"party":"member"}
    RollService/ListChangeDays    | no  | {"office":"secretary"}
    RollService/ListUpcoming      | no  | {"at":{"on":"2002-01-01"},"lastDate":"2009-01-01"}
    AuditService/CompareKnowledge | no  | {"at":{"on":"2006-01-01"},"before":{"position":"3"}}
    AuditService/ListFindings     | no  | {"at":{"on":"2006-01-01"}}
    LedgerService/ListEntries     | no  | {}
    LawService/GetInstrument      | no  | {"instrument":"charter","at":{"on":"2006-01-01"}}
"#;

/// Something to assume on top of the ledger.
const ASSUMED: &str = r#""at":{"assume":[{"id":"w","effective":{"date":"2003-02-01"},"officeAssumed":{"office":"secretary","holder":{"person":"s-2"},"ordinal":2}}],"#;

/// The rows of the table; where a question says a day, also with something assumed.
fn questions() -> Vec<(&'static str, bool, String)> {
    let lines = QUESTIONS.lines().filter(|line| !line.trim().is_empty());
    let mut all = Vec::new();
    for line in lines {
        let [method, shows, question] = line.splitn(3, '|').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let (method, shows) = (method.trim(), shows.trim() == "yes");
        all.push((method, shows, question.trim().to_owned()));
        let assuming = question.trim().replace(r#""at":{"#, ASSUMED);
        if assuming != question.trim() && method != "AuditService/ListFindings" {
            all.push((method, shows, assuming));
        }
    }
    all
}

/// Writes a question as it is sent.
fn encoded(method: &str, question: &str) -> Vec<u8> {
    let pool = DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap();
    let (service, name) = method.split_once('/').unwrap();
    let service = pool.get_service_by_name(&format!("standing.v1.{service}"));
    let input = service
        .unwrap()
        .methods()
        .find(|method| method.name() == name);
    let mut json = serde_json::Deserializer::from_str(question);
    let message = DynamicMessage::deserialize(input.unwrap().input(), &mut json);
    message.unwrap().encode_to_vec()
}

async fn founded() -> Guarded {
    let mut guarded = guarded(&format!(
        "{TOKENS}nameless who/names roles=names\nkeeper who/keeper roles=recorder,names\n"
    ))
    .await;
    guarded.record("recorder", "league", LEAGUE).await.unwrap();
    let member = v1::RecordRequest {
        irregular: v1::IrregularPolicy::Record.into(),
        ..batch("member", MEMBER)
    };
    let recorded = guarded.world.ledger.record(by("recorder", member)).await;
    recorded.unwrap();
    guarded
}

/// Calls, and returns all bytes of the answer; of a watch what comes before it is silent.
async fn bytes(raw: &Raw, method: &str, token: &str, question: &[u8]) -> Vec<u8> {
    let bearer = format!("Bearer {token}");
    let path = format!("standing.v1.{method}");
    let mut call = raw.begin(&path, &[("authorization", &bearer)]).await;
    call.send(&framed(question), true);
    let (response, _held) = call.head().await;
    let status = Status::from_header_map(response.headers());
    assert!(status.is_none(), "{method} as {token}: {status:?}");
    let mut body = response.into_body();
    let mut came = Vec::new();
    let silence = if method.contains("Watch") {
        Duration::from_millis(500)
    } else {
        PATIENCE
    };
    while let Ok(Some(bytes)) = timeout(silence, body.data()).await {
        came.extend(bytes.unwrap());
    }
    came
}

fn names(bytes: &[u8]) -> Vec<&'static str> {
    let within = |name: &&str| {
        bytes
            .windows(name.len())
            .any(|part| part == name.as_bytes())
    };
    SEALED.into_iter().filter(within).collect()
}

#[tokio::test]
async fn names_are_told_to_who_may_read_them_whoever_asked_before() {
    let guarded = founded().await;
    let raw = Raw::connect(&guarded.world, WINDOW).await;
    for (method, shows, question) in questions() {
        let sent = encoded(method, &question);
        for token in [
            "reader", "auditor", "reader", "recorder", "auditor", "keeper", "reader",
        ] {
            let told = names(&bytes(&raw, method, token, &sent).await);
            let may = matches!(token, "auditor" | "keeper");
            assert_eq!(
                !told.is_empty(),
                may && shows,
                "{method} {question} as {token}: {told:?}"
            );
        }
        let headers = bearing(Some("reader"));
        let path = format!("/standing.v1.{method}");
        let answer = web(guarded.world.address, &path, &headers, &sent).await;
        assert_eq!(
            (&*answer.told(), names(&answer.body)),
            ("yes", vec![]),
            "{method}"
        );
    }
}

#[tokio::test]
async fn what_is_asked_at_the_same_time_is_answered_to_each_as_they_may_see_it() {
    let guarded = founded().await;
    let raw = Raw::connect(&guarded.world, WINDOW).await;
    for (method, shows, question) in questions() {
        let sent = encoded(method, &question);
        let asks = ["auditor", "reader"].repeat(4).into_iter().map(|token| {
            let (raw, sent) = (&raw, &sent);
            async move { (token, names(&bytes(raw, method, token, sent).await)) }
        });
        for (token, told) in futures_util::future::join_all(asks).await {
            let expected = token == "auditor" && shows;
            assert_eq!(!told.is_empty(), expected, "{method} {question} as {token}");
        }
    }
}

#[tokio::test]
async fn ids_are_told_to_everybody() {
    let mut guarded = founded().await;
    for (token, expected) in [("reader", vec![]), ("auditor", vec!["Zyzzy Quux"])] {
        let asked = v1::GetPartyRequest {
            party: "member".to_owned(),
            at: on("2006-01-01"),
        };
        let party = guarded
            .world
            .roll
            .get_party(by(token, asked))
            .await
            .unwrap();
        let party = party.into_inner().party.unwrap();
        let told: Vec<_> = party.person_names.iter().map(|name| &*name.text).collect();
        assert_eq!((&*party.person, told), ("s-2", expected), "{token}");
    }
}

#[tokio::test]
async fn entries_and_watches_hold_no_name_whoever_reads_them() {
    let mut guarded = founded().await;
    let head = guarded.head().await;
    let raw = Raw::connect(&guarded.world, WINDOW).await;
    for token in ["reader", "auditor", "keeper"] {
        for position in 1..=head {
            let asked = v1::GetEntryRequest {
                position,
                epoch: None,
            }
            .encode_to_vec();
            let answer = bytes(&raw, "LedgerService/GetEntry", token, &asked).await;
            assert_eq!(names(&answer), Vec::<&str>::new(), "{position} as {token}");
        }
        for method in ["ChangeService/WatchEntries", "ChangeService/WatchRights"] {
            let answer = bytes(&raw, method, token, &[]).await;
            assert!(answer.len() > 1_000, "{method}");
            assert_eq!(names(&answer), Vec::<&str>::new(), "{method} as {token}");
        }
    }
    for path in ["/metrics", "/healthz"] {
        let (_, body) = guarded.world.http(path).await;
        assert_eq!(names(body.as_bytes()), Vec::<&str>::new(), "{path}");
    }
}

#[tokio::test]
async fn nobody_is_found_by_a_name_that_the_one_who_looks_may_not_read() {
    let mut guarded = founded().await;
    for name in [
        "Zyzzy Quux",
        "zyzzy quux",
        "Zyzzy Quuz",
        "Zyzzy",
        "A. Person",
    ] {
        let asked = v1::ListPartiesRequest {
            at: on("2006-01-01"),
            name: name.to_owned(),
            ..v1::ListPartiesRequest::default()
        };
        let mut found = Vec::new();
        for token in ["auditor", "reader", "recorder"] {
            let answer = guarded
                .world
                .roll
                .list_parties(by(token, asked.clone()))
                .await;
            let answer = answer.unwrap().into_inner();
            let is_near = answer.nearest.iter().any(|near| near.party == "member");
            found.push((answer.parties.len(), is_near));
        }
        let by_auditor = usize::from(name.to_lowercase() == "zyzzy quux");
        assert_eq!(found[0].0, by_auditor, "{name}");
        assert_eq!(found[1..], [(0, false), (0, false)], "{name}");
    }
}

#[tokio::test]
async fn a_sealed_name_is_sought_as_a_whole_and_by_who_may_read_it_alone() {
    let mut guarded = founded().await;
    for (query, by_auditor) in [
        ("Zyzzy Quux", Some("Zyzzy Quux")),
        ("zyzzy quux", Some("Zyzzy Quux")),
        ("zyzzy", None),
        ("Zyzzy Quuz", None),
        ("quux zyzzy", None),
        ("A. Person", None),
    ] {
        let asked = v1::ListPartiesRequest {
            at: on("2006-01-01"),
            query: query.to_owned(),
            ..v1::ListPartiesRequest::default()
        };
        for token in ["auditor", "reader", "recorder"] {
            let answer = guarded
                .world
                .roll
                .list_parties(by(token, asked.clone()))
                .await;
            let answer = answer.unwrap().into_inner();
            let found = answer.matches.iter();
            let found: Vec<_> = found.map(|of| (of.kind(), of.name.as_str())).collect();
            let expected = by_auditor.filter(|_| token == "auditor");
            let expected = expected.map(|name| (v1::MatchKind::Whole, name));
            assert_eq!(found, Vec::from_iter(expected), "{query} as {token}");
        }
    }
}

#[tokio::test]
async fn reading_names_alone_lets_nobody_ask() {
    let guarded = founded().await;
    let raw = Raw::connect(&guarded.world, WINDOW).await;
    for (method, _, question) in questions() {
        let sent = encoded(method, &question);
        let path = format!("standing.v1.{method}");
        let answer = asked(&raw, &path, &bearing(Some("nameless")), &sent).await;
        assert_eq!(answer, "PERMISSION_MISSING", "{method}");
    }
}

#[tokio::test]
async fn who_may_not_read_names_is_not_warned_of_them() {
    let mut guarded = founded().await;
    let noted = |id: &str, year: u32| {
        format!(
            r#"{{"id":"{id}","effective":{{"date":"{year}-01-01"}},"note":"moved by Zyzzy Quux","seatPlaced":{{"place":"Birch"}}}}"#
        )
    };
    for (token, expected, year) in [("recorder", 0, 2012), ("keeper", 1, 2014)] {
        for validate_only in [true, false] {
            let request = v1::RecordRequest {
                validate_only,
                ..batch(token, &noted(token, year))
            };
            let recorded = guarded.world.ledger.record(by(token, request)).await;
            let warnings = recorded.unwrap().into_inner().warnings;
            let named = warnings
                .iter()
                .filter(|warning| warning.reason == "PERSON_NAMED");
            assert_eq!(named.count(), expected, "{token}: {warnings:?}");
        }
        let id = format!("{token}-2");
        let request = iter([v1::RecordStreamRequest {
            request: Some(batch(&id, &noted(&id, year + 1))),
        }]);
        let answers = guarded.world.ledger.record_stream(by(token, request)).await;
        let answer = answers.unwrap().into_inner().message().await.unwrap();
        let warnings = answer.unwrap().response.unwrap().warnings;
        assert_eq!(warnings.len(), expected, "{token}: {warnings:?}");
    }
}
