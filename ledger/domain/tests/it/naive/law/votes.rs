//! Thresholds of the model: which of them apply to a decision, and whether they are met, worked out
//! in every world that the record allows. It shares the types of entries with the crate and nothing
//! else.

use super::agreed;
use crate::naive::cases;
use crate::tables::audit::audited;
use crate::tables::language;
use proptest::prelude::*;
use standing_domain::answers::thresholds::BY_ANALOGY;
use standing_domain::entry::event::Votes;
use standing_domain::id::SessionId;
use standing_domain::id::position::Position;
use standing_domain::state::State;
use standing_domain::time::truth::Truth;
use std::collections::{BTreeMap, BTreeSet};

const PARTIES: [&str; 5] = ["p1", "p2", "p3", "p4", "p5"];
const FRACTIONS: [(u64, u64); 5] = [(1, 2), (2, 3), (3, 4), (2, 5), (1, 1)];
const LISTS: [&[&str]; 4] = [&[], &["f"], &["g"], &["f", "g"]];

/// A norm that sets a threshold.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "each is drawn by itself")]
struct Set {
    quorum: bool,
    list: usize,
    fraction: (u64, u64),
    reached: bool,
    of_entitled: bool,
    /// Of which years it is: those without a session of the other body, those with, or all.
    year: Option<bool>,
    /// Whether nobody knows how it reads.
    unread: bool,
}

/// The versions of an article: one since long ago, and one that comes before, around or after the
/// day of the decision.
#[derive(Debug, Clone)]
struct Article {
    first: Vec<Set>,
    second: Option<(When, Vec<Set>)>,
}

#[derive(Debug, Clone, Copy)]
enum When {
    Before,
    Around,
    After,
}

#[derive(Debug, Clone)]
struct History {
    articles: Vec<Article>,
    entitled: usize,
    present: BTreeSet<usize>,
    /// Whether the other body met that year; none where nobody knows.
    met: Option<bool>,
    votes: Vote,
}

#[derive(Debug, Clone, Copy)]
enum Vote {
    Unrecorded,
    Unanimous,
    Counted {
        share: usize,
        against: usize,
        unanimous: bool,
    },
}

fn set() -> impl Strategy<Value = Set> {
    (
        any::<bool>(),
        0..LISTS.len(),
        prop::sample::select(&FRACTIONS[..]),
        any::<bool>(),
        any::<bool>(),
        prop_oneof![3 => Just(None), 1 => any::<bool>().prop_map(Some)],
        prop::bool::weighted(0.05),
    )
        .prop_map(
            |(quorum, list, fraction, reached, of_entitled, year, unread)| Set {
                quorum,
                list,
                fraction,
                // More than all is never reached.
                reached: reached || fraction == (1, 1),
                of_entitled,
                year,
                // The lines of the tables know no norm that is both.
                unread: unread && year.is_none(),
            },
        )
}

fn history() -> impl Strategy<Value = History> {
    let sets = || prop::collection::vec(set(), 0..3);
    let when = prop_oneof![Just(When::Before), Just(When::Around), Just(When::After)];
    let article = (sets(), prop::option::of((when, sets())))
        .prop_map(|(first, second)| Article { first, second });
    let vote = prop_oneof![
        1 => Just(Vote::Unrecorded),
        1 => Just(Vote::Unanimous),
        4 => (0..6_usize, 0..3_usize, prop::bool::weighted(0.2)).prop_map(
            |(share, against, unanimous)| Vote::Counted { share, against, unanimous }
        ),
    ];
    (
        prop::collection::vec(article, 1..4),
        0..=PARTIES.len(),
        prop::collection::btree_set(0..PARTIES.len(), 0..=PARTIES.len()),
        prop_oneof![Just(None), any::<bool>().prop_map(Some)],
        vote,
    )
        .prop_map(|(articles, entitled, present, met, votes)| History {
            articles,
            entitled,
            present,
            met,
            votes,
        })
}

impl Set {
    fn line(&self) -> String {
        let kind = if self.quorum { "quorum" } else { "majority" };
        let (n, d) = self.fraction;
        let least = if self.reached {
            "at-least"
        } else {
            "more-than"
        };
        let of = if self.of_entitled {
            "entitled"
        } else {
            "present"
        };
        let mut line = format!("{kind} ga {least} {n}/{d} {of}");
        if self.list > 0 {
            line.extend([" functions ", &LISTS[self.list].join(",")]);
        }
        match self.year {
            None => {}
            Some(true) => line += " if year-without wc",
            Some(false) => line += " if not year-without wc",
        }
        line + if self.unread { " unknown" } else { "" }
    }

    fn lists(&self) -> bool {
        LISTS[self.list].contains(&"f")
    }

    /// Whether it is met: by so many of so many, as a charter would count.
    fn is_met(&self, found: u64, of: u64) -> bool {
        let (n, d) = self.fraction;
        let reached = if self.reached {
            found * d >= of * n
        } else {
            found * d > of * n
        };
        of > 0 && reached
    }
}

impl History {
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = [
            "founded near on 1996-09-12",
            "class full",
            "right vote",
            "body ga",
            "body wc",
            "function f",
            "function g",
            "adopt charter on 1996-09-12",
            "article charter/0 on 1996-09-12 : confer vote full",
        ]
        .map(str::to_owned)
        .to_vec();
        for (place, party) in PARTIES.iter().enumerate() {
            lines.push(format!("party {party}"));
            if place < self.entitled {
                lines.push(format!("admit {party} full on 2000-01-01"));
            }
        }
        for (place, article) in self.articles.iter().enumerate() {
            let mut enact = |on: &str, sets: &[Set]| {
                let norms: Vec<String> = sets.iter().map(Set::line).collect();
                lines.push(format!(
                    "article charter/{} on {on} : {}",
                    place + 1,
                    norms.join(" ; ")
                ));
            };
            enact("2000-01-01", &article.first);
            if let Some((when, sets)) = &article.second {
                let on = match when {
                    When::Before => "2004-09-07",
                    When::Around => "2004-09-01..2004-09-20",
                    When::After => "2004-09-09",
                };
                enact(on, sets);
            }
        }
        lines.extend(match self.met {
            Some(false) => None,
            Some(true) => Some("convene wc/1 on 2004-03-01".to_owned()),
            None => Some("convene wc/1 on 2004-12-01..2005-01-31".to_owned()),
        });
        lines.push("convene ga/1 on 2004-09-08".to_owned());
        let present: Vec<&str> = self.present.iter().map(|place| PARTIES[*place]).collect();
        if !present.is_empty() {
            lines.push(format!(
                "attended ga/1 in-person {} all-writing",
                present.join(",")
            ));
        }
        let votes = match (self.votes, self.cast()) {
            (Vote::Unanimous, _) => " unanimous".to_owned(),
            (Vote::Counted { unanimous, .. }, Some((favour, against))) => {
                let all = if unanimous { " unanimous" } else { "" };
                format!(" for {favour} against {against}{all}")
            }
            _ => String::new(),
        };
        lines.push(format!("resolve d f by ga/1{votes}"));
        lines
    }

    /// How many of those with the vote are named as present; none where nobody is named.
    fn named(&self) -> Option<u64> {
        let entitled = self.present.iter().filter(|place| **place < self.entitled);
        (!self.present.is_empty()).then(|| entitled.count() as u64)
    }

    /// Votes for and against, if they are counted: no more than can have been cast.
    fn cast(&self) -> Option<(u64, u64)> {
        let Vote::Counted { share, against, .. } = self.votes else {
            return None;
        };
        let all = self.named().unwrap_or(self.entitled as u64);
        let favour = (share as u64).min(all);
        let cast = (favour, (against as u64).min(all - favour));
        (cast != (0, 0)).then_some(cast)
    }

    /// Every number that may have been present with every number that may have agreed.
    fn counts(&self) -> Vec<(u64, u64)> {
        let all = self.entitled as u64;
        let cast = self.cast();
        let least = cast.map_or(0, |(favour, against)| favour + against);
        let present = match self.named() {
            Some(named) => named..=named,
            None => least..=all,
        };
        let favour = |present: u64| match (cast, self.votes) {
            (Some((favour, _)), _) => favour..=favour,
            (None, Vote::Unanimous) => present..=present,
            (None, _) => 0..=present,
        };
        present
            .flat_map(|present| favour(present).map(move |favour| (present, favour)))
            .collect()
    }

    /// Whether a threshold is met where it applies.
    fn met(&self, set: &Set) -> Truth {
        if set.unread {
            return Truth::Unknown;
        }
        let all = self.entitled as u64;
        if !set.quorum && !set.of_entitled && matches!(self.votes, Vote::Unanimous) {
            return Truth::Yes;
        }
        let each = self.counts().into_iter().map(|(present, favour)| {
            if set.quorum {
                set.is_met(present, all)
            } else if set.of_entitled {
                set.is_met(favour, all)
            } else {
                set.is_met(favour, present)
            }
        });
        let met = agreed(&each.collect());
        // What is called unanimous beside votes against is neither the one nor the other.
        let against = self.cast().is_some_and(|(_, against)| against > 0);
        let torn = matches!(
            self.votes,
            Vote::Counted {
                unanimous: true,
                ..
            }
        ) && against;
        if !set.quorum && torn && met == Truth::No {
            Truth::Unknown
        } else {
            met
        }
    }

    /// The thresholds that apply, in every world.
    fn worlds(&self) -> Vec<Vec<&Set>> {
        let years = match self.met {
            Some(met) => vec![!met],
            None => vec![false, true],
        };
        let mut worlds = Vec::new();
        for without in years {
            let mut all: Vec<Vec<&Set>> = vec![Vec::new()];
            for article in &self.articles {
                let versions: Vec<&Vec<Set>> = match &article.second {
                    Some((When::Before, sets)) => vec![sets],
                    Some((When::Around, sets)) => vec![&article.first, sets],
                    Some((When::After, _)) | None => vec![&article.first],
                };
                all = all
                    .iter()
                    .flat_map(|world| {
                        versions.iter().map(move |sets| {
                            let applying = sets
                                .iter()
                                .filter(|set| set.year.is_none_or(|year| year == without));
                            world.iter().copied().chain(applying).collect()
                        })
                    })
                    .collect();
            }
            worlds.extend(all);
        }
        worlds
    }

    /// Whether the thresholds of a kind are met, and whether by analogy only.
    fn answer(&self, quorum: bool) -> (Truth, bool) {
        let worlds = self.worlds();
        let meant = |set: &&Set| set.lists() || set.list == 0;
        let by_analogy = !worlds.iter().flatten().any(meant);
        let together = |sets: &mut dyn Iterator<Item = &Set>| {
            sets.map(|set| self.met(set)).fold(Truth::Yes, Truth::and)
        };
        let of_kind = |world: &Vec<&'_ Set>| -> Vec<Set> {
            world
                .iter()
                .filter(|set| set.quorum == quorum)
                .map(|set| (*set).clone())
                .collect()
        };
        if !by_analogy {
            let any = worlds
                .iter()
                .any(|world| of_kind(world).iter().any(|set| meant(&set)));
            let outcomes = worlds.iter().map(|world| {
                let all = of_kind(world);
                let lists = all.iter().any(Set::lists);
                let picked = |set: &&Set| if lists { set.lists() } else { set.list == 0 };
                together(&mut all.iter().filter(picked))
            });
            let outcome = Truth::agreed(outcomes);
            return (if any { outcome } else { Truth::Unknown }, false);
        }
        let mut by_list: BTreeMap<usize, Vec<Truth>> = BTreeMap::new();
        let lists: BTreeSet<usize> = worlds
            .iter()
            .flat_map(of_kind)
            .map(|set| set.list)
            .collect();
        for world in &worlds {
            for list in &lists {
                let all = of_kind(world);
                let of_list = &mut all.iter().filter(|set| set.list == *list);
                by_list.entry(*list).or_default().push(together(of_list));
            }
        }
        if by_list.is_empty() {
            return (Truth::Unknown, true);
        }
        (
            Truth::agreed(by_list.into_values().map(Truth::agreed)),
            true,
        )
    }
}

proptest! {
    #![proptest_config(cases(512))]

    /// Rules 24 and 25: quorum and majority, in every world.
    #[test]
    fn thresholds_are_what_every_world_says(history in history()) {
        let mut state = State::default();
        for line in history.lines() {
            let draft = language::read(&line, Position::ZERO);
            if let Err(refusals) = state.record(&[draft]) {
                let refusals: Vec<String> = refusals.iter().map(ToString::to_string).collect();
                return Err(TestCaseError::fail(format!("{line}: {refusals:?}")));
            }
        }
        let known_at = state.head();
        let law = state.law(known_at);
        let view = state.view(&law, known_at);
        let session = SessionId::new("ga/1").unwrap();
        let session = audited(&state, &view, &session).unwrap();
        let (frame, attended) = (&session.frame, session.rolls.attended(0));
        let view = state.view(&session.laws.judging, known_at);
        let votes: Option<&Votes> = frame.decisions[0].decision.votes.as_ref();
        prop_assert!(votes.is_none_or(|votes| attended.can_count(votes)), "{:?}", history.lines());
        let weighed = view.weigh_decision(frame, &attended, &frame.decisions[0], None);
        let found = [weighed[0].quorum_met, weighed[0].majority_met];
        let expected = [history.answer(true), history.answer(false)];
        prop_assert_eq!(found, expected.map(|(met, _)| met), "{:#?}\n{:?}", history.lines(), weighed);
        let all = weighed[0].quorum.is_empty() && weighed[0].majority.is_empty();
        let read = weighed[0].reading.applied == Some(BY_ANALOGY);
        prop_assert!(all || read == expected[0].1, "{:#?}\n{:?}", history.lines(), weighed);
    }
}
