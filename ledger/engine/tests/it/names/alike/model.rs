//! Who bears what looks like another's name, by looking at each day: what names look like is
//! written down by hand.

use standing_domain::time::day::Day;
use standing_domain::time::when::Window;
use std::collections::BTreeSet;

/// A name, a number for all that are compared as the same, and a letter for each of its looks.
pub struct Text {
    pub written: &'static str,
    same: usize,
    looks: &'static str,
}

pub const TEXTS: [Text; 10] = [
    text("Copa", 0, "c"),
    text("COPA", 0, "c"),
    text("\u{421}\u{43e}\u{440}\u{430}", 1, "c"),
    text("\u{ff23}opa", 2, "c"),
    // A look of small letters, and one of capitals.
    text("AI", 3, "il"),
    text("ai", 3, "i"),
    text("Al", 4, "l"),
    // Cyrillic.
    text("\u{410}\u{406}", 5, "il"),
    text("\u{430}\u{456}", 5, "i"),
    text("Other", 6, "o"),
];

const fn text(written: &'static str, same: usize, looks: &'static str) -> Text {
    Text {
        written,
        same,
        looks,
    }
}

/// A name that a party took.
#[derive(Debug, Clone)]
pub struct Borne {
    pub party: usize,
    pub legal: bool,
    pub text: usize,
    pub window: Window,
}

/// Days on which a party certainly bears a name.
struct Stretch {
    party: usize,
    text: usize,
    since: Window,
    days: BTreeSet<Day>,
}

/// Returns since when which parties bear names that look alike.
pub fn told(borne: &[Borne], on: Day, ids: &[&str]) -> Vec<(Window, Vec<String>)> {
    let stretches = stretches(borne, ids.len());
    let mut all: Vec<(Window, BTreeSet<usize>)> = Vec::new();
    for look in ['c', 'i', 'l', 'o'] {
        let group = groups(borne, look, ids.len());
        let has = |s: &Stretch| TEXTS[s.text].looks.contains(look) && s.since.earliest <= on;
        let mut pairs: Vec<(Day, Day, [usize; 2])> = Vec::new();
        for (i, one) in stretches.iter().enumerate().filter(|(_, s)| has(s)) {
            for (j, other) in stretches.iter().enumerate().filter(|(_, s)| has(s)) {
                if group[one.party] == group[other.party] {
                    continue;
                }
                let first = one.days.intersection(&other.days).next();
                let earliest = one.since.earliest.max(other.since.earliest);
                pairs.extend(first.map(|first| (*first, earliest, [i, j])));
            }
        }
        let names: BTreeSet<usize> = pairs.iter().flat_map(|(.., of)| of).copied().collect();
        let first = pairs.into_iter().min();
        if let Some((latest, earliest, _)) = first {
            all.push((Window { earliest, latest }, names));
        }
    }
    let mut told: Vec<(Window, Vec<String>)> = Vec::new();
    for (i, (since, names)) in all.iter().enumerate() {
        let within = all.iter().enumerate().any(|(j, (_, others))| {
            i != j && names.is_subset(others) && (names != others || j < i)
        });
        if !within {
            let parties: BTreeSet<usize> = names.iter().map(|n| stretches[*n].party).collect();
            let parties = parties.into_iter().map(|party| ids[party].to_owned());
            told.push((*since, parties.collect()));
        }
    }
    told.sort();
    told
}

/// Returns a number for each party, the same for those that share a name of a look.
fn groups(borne: &[Borne], look: char, parties: usize) -> Vec<usize> {
    let mut group: Vec<usize> = (0..parties).collect();
    let has = |b: &&Borne| TEXTS[b.text].looks.contains(look);
    for one in borne.iter().filter(has) {
        for other in borne.iter().filter(has) {
            if TEXTS[one.text].same == TEXTS[other.text].same {
                let (from, to) = (group[one.party], group[other.party]);
                for of in &mut group {
                    *of = if *of == from { to } else { *of };
                }
            }
        }
    }
    group
}

/// Returns on which days which names are certainly borne.
fn stretches(borne: &[Borne], parties: usize) -> Vec<Stretch> {
    let mut all: Vec<Stretch> = Vec::new();
    let (first, last) = ("2001-01-01", "2001-07-31");
    for (party, legal) in (0..parties).flat_map(|party| [(party, false), (party, true)]) {
        let of = |b: &&Borne| b.party == party && b.legal == legal;
        let of: Vec<&Borne> = borne.iter().filter(of).collect();
        let mut before = None;
        let mut day = Day::parse(first).unwrap();
        while day <= Day::parse(last).unwrap() {
            let begun = of.iter().filter(|b| b.window.latest <= day);
            let begun = begun.max_by_key(|b| b.window.latest);
            let may = of
                .iter()
                .filter(|b| b.window.earliest <= day && day < b.window.latest);
            let now = begun.filter(|begun| may.clone().all(|b| b.text == begun.text));
            match (now, before) {
                (None, _) => {}
                (Some(now), Some(text)) if now.text == text => {
                    all.last_mut().unwrap().days.insert(day);
                }
                (Some(now), _) => all.push(Stretch {
                    party,
                    text: now.text,
                    since: now.window,
                    days: BTreeSet::from([day]),
                }),
            }
            before = now.map(|now| now.text);
            day = day.next();
        }
    }
    all
}
