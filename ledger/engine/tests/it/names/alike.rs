//! Names that look alike: what the index leads to is what a model finds that looks at every party
//! and every day.

mod model;

use crate::common::*;
use model::{Borne, TEXTS};
use proptest::prelude::*;
use standing_domain::audit::Code;
use standing_domain::entry::draft::{Draft, EntryRef};
use standing_domain::entry::event::{Event, Name, NameKind, Named, PartyRegistered};
use standing_domain::id::Word;
use standing_domain::id::position::Position;
use standing_domain::stop::Stop;
use standing_domain::time::day::Day;
use standing_domain::time::when::Window;
use standing_engine::{Ledger, Recorder};

fn name(text: &str) -> Name {
    Name {
        language: Word::new("en").unwrap(),
        text: text.to_owned(),
    }
}

fn registered(id: &str, on: &str, names: &[&str]) -> Draft {
    let registered = PartyRegistered {
        party: party(id),
        kind: Word::new("government").unwrap(),
        country: None,
        region: None,
        names: names.iter().map(|text| name(text)).collect(),
        aliases: vec![],
        person: None,
    };
    draft("", on, Event::PartyRegistered(registered))
}

fn taken(id: &str, on: &str, legal: bool, text: &str) -> Draft {
    let kind = if legal {
        NameKind::Legal
    } else {
        NameKind::Public
    };
    let subject = Named::Party(party(id));
    let name = name(text);
    draft(
        "",
        on,
        Event::NameTaken {
            subject,
            kind,
            name,
        },
    )
}

/// The look-alikes that are found: since when, and whose.
fn found(ledger: &Ledger, on: Day, known_at: Position) -> Vec<(Window, Vec<String>)> {
    let findings = ledger.findings(on, known_at, Stop::NEVER).unwrap();
    let found = findings
        .into_iter()
        .filter(|finding| finding.code == Code::LookAlikeName);
    let mut found: Vec<(Window, Vec<String>)> = found
        .map(|finding| {
            let parties = finding.parties.iter().map(ToString::to_string);
            (finding.date, parties.collect())
        })
        .collect();
    found.sort();
    found
}

fn now(engine: &Recorder) -> Vec<(Window, Vec<String>)> {
    let ledger = engine.ledger();
    found(ledger, Day::MAX, ledger.head().position)
}

/// What is recorded of names, one after the other.
#[derive(Debug, Clone)]
struct Act {
    party: usize,
    legal: bool,
    text: usize,
    on: String,
    /// The earlier act that it corrects, if it corrects one, and whether it says nothing instead.
    corrects: Option<(usize, bool)>,
}

fn act() -> impl Strategy<Value = Act> {
    let on = (1..=6_u8, 0..=3_u8).prop_map(|(month, day)| match day {
        0 => format!("2001-{month:02}"),
        day => format!("2001-{month:02}-{day:02}"),
    });
    let corrects = prop::option::weighted(0.3, (0..12_usize, any::<bool>()));
    let what = (0..IDS.len(), any::<bool>(), 0..TEXTS.len());
    (what, on, corrects).prop_map(|((party, legal, text), on, corrects)| Act {
        party,
        legal,
        text,
        on,
        corrects,
    })
}

const IDS: [&str; 4] = ["p-0", "p-1", "p-2", "p-3"];

/// Records acts as far as they are not refused. Returns what is borne as known after each.
fn recorded(engine: &Recorder, acts: &[Act]) -> Vec<(Position, Vec<Borne>)> {
    let mut borne: Vec<(Position, Borne)> = Vec::new();
    let mut known = Vec::new();
    for act in acts {
        let (id, text) = (IDS[act.party], TEXTS[act.text].written);
        let mut draft = taken(id, &act.on, act.legal, text);
        let mut says = true;
        let mut instead = None;
        if let Some((which, withdraws)) = act.corrects
            && let Some((position, before)) = borne.get(which)
            && before.party == act.party
        {
            instead = Some(which);
            says = !withdraws;
            if withdraws {
                draft = Draft::bare(None, None);
            }
            draft.corrects = Some(EntryRef::Position(*position));
        }
        let Ok(recorded) = record(engine, vec![draft]) else {
            continue;
        };
        if let Some(which) = instead {
            borne.remove(which);
        }
        if says {
            let window = Window::parse(&act.on).unwrap();
            let taken = Borne {
                party: act.party,
                legal: act.legal,
                text: act.text,
                window,
            };
            borne.push((recorded.last, taken));
        }
        let all = borne.iter().map(|(_, borne)| borne.clone());
        known.push((recorded.last, all.collect()));
    }
    known
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_index_leads_to_all_that_look_alike(acts in prop::collection::vec(act(), 1..14)) {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path());
        record(&engine, founding()).unwrap();
        record(&engine, IDS.map(|id| registered(id, "2000-01-01", &[])).to_vec()).unwrap();
        let known = recorded(&engine, &acts);
        let days = ["2001-02-15", "2001-04-02"].map(|day| Day::parse(day).unwrap());
        for on in days.into_iter().chain([Day::MAX]) {
            for (at, borne) in &known {
                let expected = model::told(borne, on, &IDS);
                prop_assert_eq!(found(engine.ledger(), on, *at), expected, "on {} at {}", on, at);
            }
        }
        // What is opened again finds the same.
        let before = now(&engine);
        drop(engine);
        prop_assert_eq!(now(&open(folder.path())), before);
    }
}

#[test]
fn what_is_found_turns_when_a_name_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    record(&engine, founding()).unwrap();
    let parties = vec![
        registered("a", "2000-01-01", &["Copa", "Further"]),
        registered("b", "2000-01-01", &["Capo"]),
    ];
    let before = record(&engine, parties).unwrap().last;
    assert_eq!(now(&engine), []);

    // Assumed, it is found in the layer and nowhere else; a further name counts as well.
    let further = taken("b", "2003-01-01", true, "Furth\u{435}r");
    let layer = engine.ledger().assume(vec![further], before, Stop::NEVER);
    let layer = layer.unwrap();
    let both = vec!["a".to_owned(), "b".to_owned()];
    let since = |day: &str| vec![(Window::parse(day).unwrap(), both.clone())];
    let known_at = layer.head().position;
    assert_eq!(found(&layer, Day::MAX, known_at), since("2003-01-01"));
    assert_eq!(now(&engine), []);

    let cyrillic = "\u{421}\u{43e}\u{440}\u{430}";
    let named = record(&engine, vec![taken("b", "2002-01-01", false, cyrillic)]);
    let named = named.unwrap().last;
    assert_eq!(now(&engine), since("2002-01-01"));
    assert_eq!(found(engine.ledger(), Day::MAX, before), []);
    let eve = Day::parse("2001-12-31").unwrap();
    assert_eq!(found(engine.ledger(), eve, named), []);

    // A name finds who bears it, and nobody who bears what looks like it.
    let finds = |text: &str| {
        let ledger = engine.ledger();
        ledger.at(named).find_parties(text).unwrap()
    };
    assert_eq!(finds("COPA"), [party("a")]);
    assert_eq!(finds(cyrillic), [party("b")]);

    let corrected = Draft {
        corrects: Some(EntryRef::Position(named)),
        ..taken("b", "2002-01-01", false, "Copper")
    };
    record(&engine, vec![corrected]).unwrap();
    assert_eq!(now(&engine), []);
    assert_eq!(found(engine.ledger(), Day::MAX, named), since("2002-01-01"));
}
