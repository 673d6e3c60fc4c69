//! Names by a part of them, or by what is written nearly so: what the index leads to is what a
//! model finds that looks at every name.

use crate::common::*;
use proptest::prelude::*;
use standing_domain::entry::draft::{Draft, EntryRef};
use standing_domain::entry::event::{Event, Name, NameKind, Named, PartyRegistered};
use standing_domain::id::Word;
use standing_domain::id::position::Position;
use standing_domain::stop::{Stop, Stopped};
use standing_domain::text::sought::{Joined, MatchKind, Sought};
use standing_engine::{Ledger, Matched, SearchError};
use std::collections::BTreeMap;

fn name(text: &str) -> Name {
    Name {
        language: Word::new("en").unwrap(),
        text: text.to_owned(),
    }
}

fn registered(id: &str, names: &[&str], aliases: &[&str]) -> Draft {
    let registered = PartyRegistered {
        party: party(id),
        kind: Word::new("government").unwrap(),
        country: None,
        region: None,
        names: names.iter().map(|text| name(text)).collect(),
        aliases: aliases
            .iter()
            .map(|alias| Word::new(alias).unwrap())
            .collect(),
        person: None,
    };
    draft("", "2000-01-01", Event::PartyRegistered(registered))
}

fn taken(id: &str, on: &str, text: &str) -> Draft {
    let event = Event::NameTaken {
        subject: Named::Party(party(id)),
        kind: NameKind::Public,
        name: name(text),
    };
    draft("", on, event)
}

/// Everybody who is found as known at a position, near misses where nothing else of them is.
fn found(ledger: &Ledger, query: &str, known_at: Position) -> BTreeMap<String, Matched> {
    let sought = Sought::new(query).unwrap();
    let mut all = ledger.near_parties(&sought, known_at, Stop::NEVER).unwrap();
    all.extend(
        ledger
            .matching_parties(&sought, known_at, Stop::NEVER)
            .unwrap(),
    );
    let all = all.into_iter();
    all.map(|(party, matched)| (party.to_string(), matched))
        .collect()
}

/// The same in short: who is found, how, and by what.
fn told(ledger: &Ledger, query: &str, known_at: Position) -> String {
    let found = found(ledger, query, known_at).into_iter();
    let mut found: Vec<_> = found
        .map(|(party, matched)| (matched.kind, party, matched.text.unwrap()))
        .collect();
    found.sort();
    let lines = found
        .iter()
        .map(|(kind, party, text)| format!("{party} {kind:?} {text}"));
    lines.collect::<Vec<_>>().join("; ")
}

#[test]
fn a_part_of_a_name_finds_a_party() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let parties = vec![
        registered("kr-gyeonggi", &["Gyeonggi", "경기도"], &["kr-41"]),
        registered("kr-jeonnam", &["Jeollanam-do", "전라남도"], &[]),
        registered("ru-altai", &["Altai Republic", "Республика Алтай"], &[]),
        registered("mn-tuv", &["Tuv", "Төв аймаг"], &[]),
        registered("jp-hyogo", &["Hyōgo Prefecture", "兵庫県"], &[]),
        registered("ca-quebec", &["Gouvernement du Québec"], &[]),
    ];
    let known_at = record(&engine, parties).unwrap().last;
    for (query, expected) in [
        ("경기", "kr-gyeonggi Beginning 경기도"),
        ("남도", "kr-jeonnam Part 전라남도"),
        ("전라 남도", "kr-jeonnam Whole 전라남도"),
        ("경가도", "kr-gyeonggi Near 경기도"),
        ("АЛТАИ", "ru-altai Beginning Республика Алтай"),
        ("алтай республика", "ru-altai Beginning Республика Алтай"),
        ("ресбуплика", "ru-altai Near Республика Алтай"),
        ("төв", "mn-tuv Beginning Төв аймаг"),
        ("тов", ""),
        ("аймаг төв", "mn-tuv Beginning Төв аймаг"),
        ("庫", "jp-hyogo Part 兵庫県"),
        ("hyogo", "jp-hyogo Beginning Hyōgo Prefecture"),
        ("hyogo prefectur", "jp-hyogo Beginning Hyōgo Prefecture"),
        ("québec", "ca-quebec Beginning Gouvernement du Québec"),
        ("jeollanamdo", "kr-jeonnam Whole Jeollanam-do"),
        ("altai republi c", "ru-altai Whole Altai Republic"),
        ("jeolanam do", "kr-jeonnam Near Jeollanam-do"),
        ("KR-41", "kr-gyeonggi Whole kr-41"),
        ("kr gyeonggi", "kr-gyeonggi Id kr-gyeonggi"),
        (
            "kr",
            "kr-gyeonggi Beginning kr-41; kr-jeonnam Beginning kr-jeonnam",
        ),
        ("nothing of the kind", ""),
    ] {
        assert_eq!(told(engine.ledger(), query, known_at), expected, "{query}");
    }
    assert_eq!(told(engine.ledger(), "quebec", known_at.previous()), "");
}

#[test]
fn what_was_corrected_is_not_found_from_then_on_and_what_is_assumed_only_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let first = record(&engine, vec![registered("a", &["North Copper"], &[])]);
    let first = first.unwrap().last;
    let named = record(&engine, vec![taken("a", "2002-01-01", "Southern Copper")]);
    let named = named.unwrap().last;
    let corrected = Draft {
        corrects: Some(EntryRef::Position(named)),
        ..taken("a", "2002-01-01", "Western Copper")
    };
    let head = record(&engine, vec![corrected]).unwrap().last;
    let ledger = engine.ledger();
    for (query, at, expected) in [
        ("southern", first, ""),
        ("southern", named, "a Beginning Southern Copper"),
        ("southern", head, ""),
        ("sourthern", head, ""),
        ("western", named, ""),
        ("west", head, "a Beginning Western Copper"),
        // Of any time: the first name is given up, and found.
        ("opper nort", head, "a Part North Copper"),
    ] {
        assert_eq!(told(ledger, query, at), expected, "{query} at {at}");
    }
    let assumed = vec![registered("b", &["Westerly"], &[])];
    let layer = ledger.assume(assumed, named, Stop::NEVER).unwrap();
    let top = layer.head().position;
    assert_eq!(told(&layer, "west", top), "b Beginning Westerly");
    assert_eq!(told(&layer, "southern", top), "a Beginning Southern Copper");
    assert_eq!(told(ledger, "westerly", head), "a Near Western Copper");
    assert_eq!(ledger.head().position, head);

    let stopped = || Err(Stopped);
    let sought = Sought::new("copper").unwrap();
    for given_up in [
        ledger.matching_parties(&sought, head, Stop::when(&stopped)),
        ledger.near_parties(&sought, head, Stop::when(&stopped)),
    ] {
        assert!(matches!(given_up, Err(SearchError::GivenUp(_))));
    }
}

const IDS: [&str; 3] = ["ab-c", "b-bac", "caab"];

/// A name that a party takes, as far as it is not refused, or that corrects an earlier one.
#[derive(Debug, Clone)]
struct Act {
    party: usize,
    text: String,
    corrects: Option<usize>,
}

fn act() -> impl Strategy<Value = Act> {
    let text = "[abcé경기]{1,8}([ -][abc도]{1,4})?";
    let corrects = prop::option::weighted(0.3, 0..8_usize);
    (0..IDS.len(), text, corrects).prop_map(|(party, text, corrects)| Act {
        party,
        text,
        corrects,
    })
}

/// Returns how each party matches, by looking at every text that it may be found by.
fn expected(texts: &[(usize, String)], sought: &Sought) -> BTreeMap<String, MatchKind> {
    let mut expected: BTreeMap<String, MatchKind> = BTreeMap::new();
    for (party, text) in texts {
        let name = Joined::of(text);
        let near = sought.is_near(&name).then_some(MatchKind::Near);
        let kind = match sought.matches(&name) {
            Some(MatchKind::Whole) if text == IDS[*party] => Some(MatchKind::Id),
            other => other.or(near),
        };
        if let Some(kind) = kind {
            let best = expected.entry(IDS[*party].to_owned()).or_insert(kind);
            *best = kind.min(*best);
        }
    }
    expected
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_index_leads_to_all_that_match(
        acts in prop::collection::vec(act(), 1..10),
        queries in prop::collection::vec("[abcé경기]{1,8}([ -][abc도]{1,4})?", 1..12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path());
        record(&engine, founding()).unwrap();
        record(&engine, IDS.map(|id| registered(id, &[], &[])).to_vec()).unwrap();
        let ids: Vec<(usize, String)> = (0..).zip(IDS.map(str::to_owned)).collect();
        let mut borne: Vec<(Position, (usize, String))> = Vec::new();
        let mut known = Vec::new();
        for (month, act) in (1..).zip(&acts) {
            let mut draft = taken(IDS[act.party], &format!("2001-{month:02}-01"), &act.text);
            let corrected = act.corrects.filter(|which| {
                borne.get(*which).is_some_and(|(_, (party, _))| *party == act.party)
            });
            draft.corrects = corrected.map(|which| EntryRef::Position(borne[which].0));
            let Ok(recorded) = record(&engine, vec![draft]) else { continue };
            if let Some(which) = corrected {
                borne.remove(which);
            }
            borne.push((recorded.last, (act.party, act.text.clone())));
            let texts = borne.iter().map(|(_, text)| text.clone());
            known.push((recorded.last, ids.iter().cloned().chain(texts).collect::<Vec<_>>()));
        }
        let of_all = |ledger: &Ledger| -> Vec<_> {
            let at = known.iter().flat_map(|(at, _)| queries.iter().map(|query| (*at, query)));
            at.map(|(at, query)| found(ledger, query, at)).collect()
        };
        let model = known.iter().flat_map(|(_, texts)| {
            queries.iter().map(|query| expected(texts, &Sought::new(query).unwrap()))
        });
        let before = of_all(engine.ledger());
        for (found, expected) in before.iter().zip(model) {
            let kinds = found.iter().map(|(party, matched)| (party.clone(), matched.kind));
            prop_assert_eq!(kinds.collect::<BTreeMap<_, _>>(), expected);
        }
        // What is opened again finds the same.
        drop(engine);
        prop_assert_eq!(of_all(open(folder.path()).ledger()), before);
    }
}
