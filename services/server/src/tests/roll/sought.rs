//! Parties that a part of a name finds.

use super::*;
use v1::MatchKind::{Beginning, Id, Near, Part, Whole};

/// Parties whose names are like each other.
const PARTIES: &str = r#"{"id":"copper","partyRegistered":{"party":"copper","kind":"government","country":"kr","names":[{"language":"en","text":"Copper"}]}}
{"id":"p-1","partyRegistered":{"party":"p-1","kind":"government","country":"kr","names":[{"language":"en","text":"Copper"}]}}
{"id":"p-2","partyRegistered":{"party":"p-2","kind":"government","country":"jp","names":[{"language":"en","text":"Copper-on-Sea"}]}}
{"id":"p-3","partyRegistered":{"party":"p-3","kind":"government","country":"jp","names":[{"language":"en","text":"Newcopper"}]}}
{"id":"p-4","partyRegistered":{"party":"p-4","kind":"government","country":"kr","names":[{"language":"en","text":"Coper"}]}}
{"id":"p-5","partyRegistered":{"party":"p-5","kind":"government","country":"kr","names":[{"language":"en","text":"Birch"}]}}"#;

/// Those whom a query finds, in the order of the Copper family.
const FOUND: [(&str, v1::MatchKind, &str); 5] = [
    ("copper", Id, "copper"),
    ("p-1", Whole, "Copper"),
    ("p-2", Beginning, "Copper-on-Sea"),
    ("p-3", Part, "Newcopper"),
    ("p-4", Near, "Coper"),
];

fn sought(query: &str) -> v1::ListPartiesRequest {
    v1::ListPartiesRequest {
        query: query.to_owned(),
        ..v1::ListPartiesRequest::default()
    }
}

async fn coppers() -> World {
    let mut world = league().await;
    world.record("coppers", PARTIES).await.unwrap();
    world
}

/// Asks for all pages of a size, and returns who is found, how, and by what.
async fn found(
    world: &mut World,
    mut request: v1::ListPartiesRequest,
) -> Vec<(String, v1::MatchKind, String)> {
    let mut all = Vec::new();
    loop {
        let page = world.roll.list_parties(request.clone()).await;
        let page = page.unwrap().into_inner();
        let parties = page.parties.iter().map(|party| &party.party);
        assert!(parties.eq(page.matches.iter().map(|matched| &matched.party)));
        assert!(page.nearest.is_empty());
        let matches = page.matches.into_iter();
        all.extend(matches.map(|of| (of.party.clone(), of.kind(), of.name.clone())));
        if page.next_page_token.is_empty() {
            return all;
        }
        request.page_token = page.next_page_token;
    }
}

#[tokio::test]
async fn the_best_matches_come_first_whatever_the_page() {
    let mut world = coppers().await;
    let expected = FOUND.map(|(party, kind, name)| (party.to_owned(), kind, name.to_owned()));
    for page_size in [0, 1, 2, 3, 5] {
        let request = v1::ListPartiesRequest {
            page_size,
            ..sought(" COPPER ")
        };
        assert_eq!(found(&mut world, request).await, expected, "{page_size}");
    }
    let korean = v1::ListPartiesRequest {
        country: "kr".to_owned(),
        page_size: 1,
        ..sought("copper")
    };
    let parties = found(&mut world, korean).await;
    let parties: Vec<_> = parties.iter().map(|(party, ..)| party.as_str()).collect();
    assert_eq!(parties, ["copper", "p-1", "p-4"]);
    let members = v1::ListPartiesRequest {
        members_only: true,
        ..sought("e")
    };
    let parties = found(&mut world, members).await;
    assert_eq!(parties, [("east".to_owned(), Beginning, "East".to_owned())]);
}

#[tokio::test]
async fn what_is_recorded_later_is_not_found_before() {
    let mut world = coppers().await;
    let before = v1::ListPartiesRequest {
        at: known("2003-01-01", World::position("seat")),
        ..sought("copper")
    };
    assert_eq!(found(&mut world, before).await, []);
    // Nor does a page find it that follows one which did not.
    let request = v1::ListPartiesRequest {
        page_size: 1,
        ..sought("copper")
    };
    let first = world.roll.list_parties(request.clone()).await;
    let first = first.unwrap().into_inner();
    let later = r#"{"id":"q","partyRegistered":{"party":"q","kind":"government","names":[{"language":"en","text":"Copper"}]}}"#;
    world.record("later", later).await.unwrap();
    let rest = v1::ListPartiesRequest {
        page_token: first.next_page_token,
        ..request
    };
    let rest = found(&mut world, rest).await;
    assert!(
        rest.iter()
            .map(|(party, ..)| party.as_str())
            .eq(["p-1", "p-2", "p-3", "p-4"])
    );
    assert_eq!(found(&mut world, sought("copper")).await.len(), 6);
}

#[tokio::test]
async fn a_token_belongs_to_its_query() {
    let mut world = coppers().await;
    let request = v1::ListPartiesRequest {
        page_size: 1,
        ..sought("copper")
    };
    let first = world.roll.list_parties(request.clone()).await;
    let token = first.unwrap().into_inner().next_page_token;
    for other in [
        sought("coppe"),
        parties(None),
        v1::ListPartiesRequest {
            country: "kr".to_owned(),
            ..sought("copper")
        },
    ] {
        let other = v1::ListPartiesRequest {
            page_token: token.clone(),
            ..other
        };
        let refused_by = world.roll.list_parties(other).await;
        refused(refused_by, Code::InvalidArgument, "PAGE_TOKEN");
    }
}

#[tokio::test]
async fn a_query_is_bounded_says_something_and_stands_alone() {
    let mut world = league().await;
    let beside = v1::ListPartiesRequest {
        name: "East".to_owned(),
        ..sought("east")
    };
    for malformed in [sought("  "), sought(&"ea ".repeat(67)), beside] {
        let answer = world.roll.list_parties(malformed).await;
        refused(answer, Code::InvalidArgument, "MALFORMED");
    }
    assert_eq!(found(&mut world, sought(&"ea ".repeat(66))).await.len(), 1);
    assert_eq!(found(&mut world, sought("nobody")).await, []);
}
