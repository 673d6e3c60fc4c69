//! Nothing new is forgotten: whoever asks which event, rule, condition, claim or finding it is says
//! something about each of them. A match has no arm for the rest, and nobody but the home of such
//! an enum asks for one variant of it.

mod reader;

use crate::house::source::rust_files;
use crate::house::tidy::root;
use reader::{Offence, Variants};
use std::collections::BTreeSet;
use std::fs;

/// An enum whose variants are never passed over.
struct Guarded {
    /// Its name.
    name: &'static str,
    /// The file that defines it.
    defined: &'static str,
    /// Where one variant may be asked for by itself, by `if let` or in a macro that no reader of
    /// Rust sees through: what is asked there has a name of its own. A match has no arm for the
    /// rest there either.
    homes: &'static [&'static str],
}

const GUARDED: &[Guarded] = &[
    Guarded {
        name: "Event",
        defined: "ledger/domain/src/entry/event.rs",
        homes: &["ledger/domain/src/entry/event/ask.rs"],
    },
    Guarded {
        name: "Rule",
        defined: "ledger/domain/src/entry/norm.rs",
        homes: &["ledger/domain/src/entry/norm/ask.rs"],
    },
    Guarded {
        name: "Comparator",
        defined: "ledger/domain/src/entry/policy.rs",
        homes: &[],
    },
    Guarded {
        name: "CountedOf",
        defined: "ledger/domain/src/entry/norm.rs",
        homes: &[],
    },
    Guarded {
        name: "RotationOrder",
        defined: "ledger/domain/src/entry/norm.rs",
        homes: &[],
    },
    Guarded {
        name: "Support",
        defined: "ledger/domain/src/entry/norm.rs",
        homes: &[],
    },
    Guarded {
        name: "Condition",
        defined: "ledger/domain/src/entry/norm.rs",
        homes: &[],
    },
    Guarded {
        name: "ClaimQuestion",
        defined: "ledger/domain/src/entry/event/claim.rs",
        homes: &[],
    },
    Guarded {
        name: "Code",
        defined: "ledger/domain/src/audit.rs",
        homes: &[],
    },
    Guarded {
        name: "Severity",
        defined: "ledger/domain/src/audit.rs",
        homes: &[],
    },
];

/// The folders with sources, tests left out.
const SOURCES: &[&str] = &[
    "ledger/domain/src",
    "ledger/store/src",
    "ledger/engine/src",
    "proto/src",
    "services/server/src",
    "services/standing/src",
    "services/stream/src",
];

/// Who may pass variants over nevertheless: file, function, enum, and why.
const EXCEPTIONS: &[(&str, &str, &str, &str)] = &[
    (
        "services/standing/src/render/law.rs",
        "norms",
        "Rule",
        "every norm is told in one line by `norm`; a policy alone has lines of its own below it",
    ),
    (
        "services/standing/src/render/entry.rs",
        "marks",
        "Event",
        "a mark is a word beside a row; what any other kind does to an entry, its own row says",
    ),
    (
        "proto/src/draft.rs",
        "persons_named",
        "Event",
        "one kind alone has names that are sealed; whatever reads one as sealed shows it nobody",
    ),
];

/// Reads the variants of the guarded enums where they are defined.
fn variants() -> Variants {
    let read = |guarded: &Guarded| {
        let text = fs::read_to_string(root().join(guarded.defined)).expect("a source can be read");
        let file = syn::parse_file(&text).expect("a source is Rust");
        let found = file.items.iter().find_map(|item| match item {
            syn::Item::Enum(of) if of.ident == guarded.name => Some(of),
            _ => None,
        });
        let found = found.unwrap_or_else(|| panic!("no {} in {}", guarded.name, guarded.defined));
        let names = found.variants.iter().map(|of| of.ident.to_string());
        (guarded.name, names.collect())
    };
    GUARDED.iter().map(read).collect()
}

/// Reads a text for what passes variants over, and says for which enums it has to be a home.
fn offences(text: &str, path: &str, variants: &Variants) -> (Vec<Offence>, BTreeSet<&'static str>) {
    let homes = GUARDED.iter().filter(|of| of.homes.contains(&path));
    let homes = homes.map(|of| of.name).collect();
    reader::read(text, variants, homes).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn nobody_passes_over_what_is_new() {
    let variants = variants();
    let files = SOURCES.iter().flat_map(|folder| rust_files(folder));
    let mut unused_homes: BTreeSet<(&str, &str)> = BTreeSet::new();
    for guarded in GUARDED {
        unused_homes.extend(guarded.homes.iter().map(|home| (guarded.name, *home)));
    }
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for path in files {
        let text = fs::read_to_string(root().join(&path)).expect("a source can be read");
        let (offences, needs_home) = offences(&text, &path, &variants);
        for of in needs_home {
            unused_homes.retain(|home| *home != (of, &path));
        }
        for (function, of, how) in offences {
            let is_row =
                |row: &(&str, &str, &str, &str)| (row.0, row.1, row.2) == (&path, &function, of);
            match EXCEPTIONS.iter().position(is_row) {
                Some(row) => _ = used.insert(row),
                None => found.push(format!("{path}: {function}: {of}: {how}")),
            }
        }
    }
    let unused = (0..EXCEPTIONS.len()).filter(|row| !used.contains(row));
    found.extend(unused.map(|row| format!("no longer so: {:?}", EXCEPTIONS[row])));
    let homes = unused_homes.into_iter();
    found.extend(homes.map(|(of, home)| format!("{home} is no home of {of} any more")));
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Reads a text beside two enums of three and of two variants, and says what is found.
fn found_at(path: &str, text: &str) -> String {
    let names = |names: &str| names.split(' ').map(str::to_owned).collect();
    let variants = Variants::from([("Event", names("A B C")), ("Rule", names("Dues Duty"))]);
    let (found, _) = offences(text, path, &variants);
    let found = found.iter();
    let found = found.map(|(function, of, how)| format!("{function} {of} {how}"));
    found.collect::<Vec<_>>().join("; ")
}

fn elsewhere(body: &str) -> String {
    found_at("a.rs", &format!("fn f() {{ {body} }}"))
}

fn at_home(body: &str) -> String {
    let home = "ledger/domain/src/entry/event/ask.rs";
    found_at(home, &format!("fn f() {{ {body} }}"))
}

#[test]
fn arms_for_the_rest_are_found() {
    let rest = "f Event a match with an arm for the rest";
    for arms in [
        "Event::A => 1, _ => 2",
        "Event::A => 1, other => g(other)",
        "Event::A { x, .. } | Event::B(x) => x, _ if g() => 2, Event::C => 3",
        "&Event::A => 1, it @ Event::B => 2, it @ _ => 3",
        "Some(Event::A) => 1, Some(_) => 2, None => 3",
        "Some(Event::A) => 1, None => 2, _ => 3",
        "(Event::A, Some(_)) => 1, (_, None) => 2",
        "(1, Ok(crate::event::Event::A)) => 1, (2, ..) => 2",
        "S { event: Event::A, .. } => 1, S { .. } => 2",
    ] {
        let asked = format!("match x {{ {arms} }}");
        assert_eq!(elsewhere(&asked), rest, "{arms}");
        assert_eq!(at_home(&asked), rest, "{arms}");
    }
    let own = "impl Event { fn f(&self) { match self { Self::A => 1, _ => 2 } } }";
    assert_eq!(found_at("a.rs", own), rest);
    let inside = "vec![1, match x { Event::A => 1, _ => 2 }]";
    assert_eq!(elsewhere(inside), rest);
    for arms in [
        "Event::A { .. } => 1, Event::B(_) | Event::C => 2",
        "Some(Event::A | Event::B) => 1, Some(Event::C) | None => 2",
        "(Event::A, _) => 1, (Event::B | Event::C, other) => other",
        "Other::A => 1, _ => 2",
        "Event::New => 1, _ => 2",
    ] {
        assert_eq!(elsewhere(&format!("match x {{ {arms} }}")), "", "{arms}");
    }
}

#[test]
fn what_only_a_home_may_ask_is_found() {
    for (body, found) in [
        ("if let Some(Event::A(x)) = y { }", "`if let` A"),
        ("while g() && let Event::A = y { }", "`if let` A"),
        ("let Event::A = y else { return };", "`let else` A"),
        ("g(matches!(y, Event::A { .. } if x > 1));", "`matches!` A"),
        ("assert!(!matches!(y, Some(Event::A)));", "`matches!` A"),
        ("odd!(Event::A => 1;)", "odd! hides a pattern"),
        ("odd! { g: Event::A => 1; }", "odd! hides a pattern"),
    ] {
        assert_eq!(elsewhere(body), format!("f Event {found}"));
        assert_eq!(at_home(body), "", "{body}");
    }
    let two = "matches!(y, Event::A | Event::B)";
    assert_eq!(at_home(two), "f Event `matches!` A | B");
    let of_another = "matches!(y, Rule::Duty)";
    assert_eq!(at_home(of_another), "f Rule `matches!` Duty");
    let tests = "#[cfg(test)] mod tests { fn f() { matches!(y, Event::A); } }";
    assert_eq!(found_at("a.rs", tests), "");
}

#[test]
fn other_names_hide_nothing() {
    let renamed = "use x::Event as E; fn f() { matches!(y, E::A); }";
    assert_eq!(found_at("a.rs", renamed), "f Event `matches!` A");
    let said = "Event its variants are imported";
    for names in ["Event::A", "Event::*", "{Other, Event::{A as B}}"] {
        let text = format!("use x::{names};");
        assert_eq!(found_at("a.rs", &text).trim(), said, "{names}");
    }
}
