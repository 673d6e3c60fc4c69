//! Parties that are natural persons.

use crate::tests::*;
use standing_domain::id::PersonId;

/// A person, and the party that the person is.
const MEMBER: &str = r#"{"id":"n","personNamed":{"person":"s-2","names":[{"language":"ko","text":"A. Member"}]}}
{"id":"m","partyRegistered":{"party":"member","kind":"natural-person","person":"s-2"}}
{"id":"ma","effective":{"date":"2003-05-01"},"memberAdmitted":{"party":"member","class":"full"}}"#;

/// The party, and what it is called where it is listed: among those who have the vote.
async fn shown(world: &mut World) -> (v1::PartyState, String) {
    let asked = v1::GetPartyRequest {
        party: "member".to_owned(),
        at: on("2004-01-01"),
    };
    let party = world.roll.get_party(asked).await.unwrap().into_inner();
    let asked = v1::ListHoldersRequest {
        right: "vote".to_owned(),
        at: on("2004-01-01"),
        ..v1::ListHoldersRequest::default()
    };
    let holders = world.rights.list_holders(asked).await.unwrap().into_inner();
    let mut holders = holders.holders.into_iter();
    let holder = holders.find(|holder| holder.party == "member").unwrap();
    (party.party.unwrap(), holder.display_name)
}

#[tokio::test]
async fn the_name_of_a_member_is_shown_until_it_is_erased() {
    let mut world = league().await;
    let irregular = v1::RecordRequest {
        irregular: v1::IrregularPolicy::Record.into(),
        ..batch("member", MEMBER)
    };
    let recorded = world.ledger.record(irregular).await.unwrap().into_inner();
    assert_eq!(recorded.warnings, []);
    let (party, name) = shown(&mut world).await;
    let names: Vec<_> = party
        .person_names
        .iter()
        .map(|name| (&*name.language, &*name.text))
        .collect();
    assert_eq!((&*party.person, names), ("s-2", vec![("ko", "A. Member")]));
    assert_eq!((party.names.len(), &*name), (0, "A. Member"));

    let World {
        folder,
        stop,
        served,
        ..
    } = world;
    stop.send(()).unwrap();
    served.await.unwrap().unwrap();
    let path = folder.path().join("ledger");
    let engine = Recorder::open(&path, &Options::default()).unwrap();
    assert!(engine.erase_person(&PersonId::new("s-2").unwrap()).unwrap());
    let mut world = serving(folder, engine, Config::default()).await;
    let (party, name) = shown(&mut world).await;
    assert_eq!(
        (&*party.person, party.person_names, &*name),
        ("s-2", vec![], "")
    );
}

#[tokio::test]
async fn a_name_in_clear_is_refused_with_the_reason() {
    let mut world = league().await;
    let named = r#"{"id":"x","partyRegistered":{"party":"x","kind":"natural-person","names":[{"language":"en","text":"Eve"}]}}"#;
    let details = refused(
        world.record("x", named).await,
        Code::FailedPrecondition,
        "REFUSED",
    );
    let violation = &details.precondition_failure().unwrap().violations[0];
    assert_eq!(
        (&*violation.r#type, &*violation.subject),
        ("NAME_IN_CLEAR", "x")
    );
    let assumed = v1::GetPartyRequest {
        party: "x".to_owned(),
        at: Some(v1::PointInTime {
            assume: batch("x", named).drafts,
            ..v1::PointInTime::default()
        }),
    };
    let asked = world.roll.get_party(assumed).await.unwrap_err();
    assert!(asked.message().contains("NAME_IN_CLEAR"), "{asked:?}");
}

#[tokio::test]
async fn a_warning_names_the_field_and_the_person_and_never_the_name() {
    let mut world = league().await;
    let noted = r#"{"id":"moved","effective":{"date":"2012-01-01"},"authority":{"other":"AUTHORITY_KIND_NOTIFICATION","note":"by a. PERSON"},"seatPlaced":{"place":"Person, A."}}"#;
    for validate_only in [true, false] {
        let request = v1::RecordRequest {
            validate_only,
            ..batch("moved", noted)
        };
        let recorded = world.ledger.record(request).await.unwrap().into_inner();
        let [warning] = recorded.warnings.as_slice() else {
            panic!("{recorded:?}");
        };
        assert_eq!(
            (&*warning.field, &*warning.reason, &*warning.subject),
            ("drafts[0].authority.note", "PERSON_NAMED", "s-1")
        );
        assert!(!warning.message.contains("Person"), "{warning:?}");
    }
    // What is sealed may hold the name, and so may a request of which there are very many texts.
    let again = r#"{"id":"again","corrects":{"id":"person"},"personNamed":{"person":"s-1","names":[{"language":"en","text":"A. Person"}]}}"#;
    assert_eq!(world.record("again", again).await.unwrap().warnings, []);
    let sources: Vec<String> = (0..60)
        .map(|n| format!(r#"{{"reference":"A. Person {n}"}}"#))
        .collect();
    let many = [2013, 2014].map(|year| {
        format!(
            r#"{{"id":"many-{year}","effective":{{"date":"{year}"}},"sources":[{}],"seatPlaced":{{"place":"Birch"}}}}"#,
            sources.join(",")
        )
    });
    let recorded = world.record("many", &many.join("\n")).await.unwrap();
    assert_eq!(recorded.warnings.len(), 100);
}
