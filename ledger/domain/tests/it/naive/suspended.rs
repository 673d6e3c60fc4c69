//! Suspensions of the model (rules 17 and 30): which article lets which policy take what, which
//! decision stands, worked out article by article on plain days.

use super::cases;
use super::money::{read, some_day, vocabulary};
use crate::support::day;
use proptest::prelude::*;
use standing_domain::answers::question::Question;
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::entry::event::dues::Suspension;
use standing_domain::entry::norm::ground::SuspensionGround;
use standing_domain::entry::norm::{Rule, SuspensionRule};
use standing_domain::id::{ArticleRef, PartyId, RightId};
use standing_domain::state::State;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_domain::time::when::When;
use std::collections::BTreeSet;

const ARTICLES: [&str; 4] = ["charter/5", "charter/7", "fee/6", "fee/8"];
const RIGHTS: [&str; 3] = ["vote", "elect", "speak"];
const LISTS: [&str; 5] = ["vote", "elect", "speak", "vote,elect", "elect,speak"];

/// What a test of the policy wants: dues unpaid for more than twelve months.
const DUE: &str = "2025-04-30";
const OWED: u64 = 3;

fn article() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&ARTICLES[..])
}

fn norm() -> impl Strategy<Value = String> {
    let ground = prop_oneof![
        2 => Just(String::new()),
        1 => Just(" ground charter".to_owned()),
        1 => Just(" ground fee".to_owned()),
        2 => article().prop_map(|article| format!(" ground {article}")),
    ];
    let listed = prop::sample::select(&LISTS[..]);
    let power = (listed, ground, any::<bool>()).prop_map(|(listed, ground, by_decision)| {
        let how = if by_decision { " by-decision" } else { "" };
        format!("may-suspend {listed}{ground}{how}")
    });
    prop_oneof![1 => Just("dues iclei-2-3a".to_owned()), 3 => power]
}

/// A line about the law, a decision or a payment, perhaps one that is refused.
fn line() -> impl Strategy<Value = String> {
    let listed = || prop::sample::select(&LISTS[..]);
    let norms = || prop::collection::vec(norm(), 1..3).prop_map(|norms| norms.join(" ; "));
    prop_oneof![
        3 => (article(), norms()).prop_map(|(of, norms)| format!("article {of} on 2025-01-01 : {norms}")),
        3 => (article(), norms(), some_day()).prop_map(|(of, norms, on)| format!("article {of} on {on} : {norms}")),
        4 => (listed(), article(), some_day())
            .prop_map(|(rights, of, on)| format!("suspend jp-hyogo {rights} {of} on {on}")),
        1 => (listed(), article(), some_day(), some_day())
            .prop_map(|(rights, of, until, on)| format!("suspend jp-hyogo {rights} {of} until {until} on {on}")),
        1 => (article(), some_day()).prop_map(|(of, on)| format!("lift jp-hyogo {of} on {on}")),
        2 => (1..4_u8, some_day()).prop_map(|(much, on)| format!("pay jp-hyogo {much} on {on}")),
    ]
}

/// What is recorded, in the order of the days.
#[derive(Default)]
struct Record {
    entries: Vec<Content>,
}

/// On what ground a right was suspended.
#[derive(PartialEq, Eq)]
enum Ground {
    Arrears,
    Other,
    Either,
}

impl Record {
    fn until(&self, day: Day) -> impl Iterator<Item = &Event> {
        let mut until: Vec<(Day, &Event)> = self
            .entries
            .iter()
            .filter_map(|content| match (&content.effective, &content.event) {
                (Some(When::Window(on)), Some(event)) => Some((on.latest, event)),
                _ => None,
            })
            .filter(|(on, _)| *on <= day)
            .collect();
        until.sort_by_key(|(on, _)| *on);
        until.into_iter().map(|(_, event)| event)
    }

    /// The rules of an article on a day.
    fn rules(&self, article: &ArticleRef, day: Day) -> Vec<&Rule> {
        let versions = self.until(day).filter_map(|event| match event {
            Event::ArticleEnacted(enacted)
                if enacted.instrument == article.instrument
                    && enacted.article == article.article =>
            {
                Some(enacted.norms.iter().map(|norm| &norm.rule).collect())
            }
            _ => None,
        });
        versions.last().unwrap_or_default()
    }

    fn powers(&self, day: Day) -> Vec<(ArticleRef, &SuspensionRule)> {
        let of = |text: &str| {
            let article = ArticleRef::new(text).unwrap();
            let rules = self.rules(&article, day).into_iter();
            let powers = rules.filter_map(|rule| match rule {
                Rule::Suspension(power) => Some(power),
                _ => None,
            });
            powers
                .map(|power| (article.clone(), power))
                .collect::<Vec<_>>()
        };
        ARTICLES.iter().flat_map(|article| of(article)).collect()
    }

    fn policies(&self, day: Day) -> Vec<ArticleRef> {
        let articles = ARTICLES
            .iter()
            .map(|article| ArticleRef::new(article).unwrap());
        articles
            .filter(|article| {
                let rules = self.rules(article, day);
                rules.iter().any(|rule| matches!(rule, Rule::Dues(_)))
            })
            .collect()
    }

    /// Whether dues are unpaid for more than twelve months.
    fn in_arrears(&self, on: Day) -> bool {
        let paid = self.until(on).filter_map(|event| match event {
            Event::DuesPaid(paid) => Some(paid.amount.minor_units),
            _ => None,
        });
        let owed = OWED * 100;
        on > day(DUE).plus_months(12) && paid.sum::<u64>() < owed
    }

    /// What articles say of a policy on a day: the rights they list, with "may" or not.
    fn said_of(&self, policy: &ArticleRef, day: Day) -> Vec<(&SuspensionRule, bool)> {
        let powers = self.powers(day).into_iter();
        let naming = powers.filter(|(own, power)| names(own, power, policy));
        naming
            .map(|(_, power)| (power, power.by_decision))
            .collect()
    }

    fn takes(&self, policy: &ArticleRef, right: &RightId, day: Day) -> bool {
        let said = self.said_of(policy, day);
        said.is_empty() || said.iter().any(|(power, _)| power.rights.contains(right))
    }

    fn lost(&self, right: &RightId, day: Day) -> bool {
        let by_itself = |policy: &ArticleRef| {
            let said = self.said_of(policy, day);
            let mut said = said.iter();
            !said.any(|(power, may)| *may && power.rights.contains(right))
        };
        self.in_arrears(day)
            && self
                .policies(day)
                .iter()
                .any(|policy| self.takes(policy, right, day) && by_itself(policy))
    }

    /// The policies that are the ground of a suspension of these rights.
    fn meant(&self, of: &Suspension, rights: &[RightId], day: Day) -> Vec<ArticleRef> {
        let policies = self.policies(day).into_iter();
        let used = |policy: &ArticleRef| {
            let named = self.powers(day).into_iter().any(|(own, power)| {
                own == of.article
                    && names(&own, power, policy)
                    && power.rights.iter().any(|right| rights.contains(right))
            });
            *policy == of.article || named
        };
        policies
            .filter(|policy| {
                let mut rights = rights.iter();
                used(policy) && rights.any(|right| self.takes(policy, right, day))
            })
            .collect()
    }

    fn ground(&self, of: &Suspension, right: &RightId, decided: Day) -> Ground {
        let other = self.powers(decided).into_iter().any(|(own, power)| {
            let named = ARTICLES.iter().any(|article| {
                let policy = ArticleRef::new(article).unwrap();
                names(&own, power, &policy)
            });
            own == of.article && power.rights.contains(right) && !named
        });
        let arrears = !self
            .meant(of, std::slice::from_ref(right), decided)
            .is_empty();
        match (other, arrears && self.in_arrears(decided)) {
            (false, _) => Ground::Arrears,
            (true, true) => Ground::Either,
            (true, false) => Ground::Other,
        }
    }

    fn stands(&self, of: &Suspension, right: &RightId, decided: Day, on: Day) -> Truth {
        if !of.rights.contains(right) {
            return Truth::No;
        }
        if let Some(When::Window(until)) = &of.until
            && until.latest <= on
        {
            return Truth::No;
        }
        let ground = self.ground(of, right, decided);
        let same = |right: &&RightId| self.ground(of, right, decided) == ground;
        let together: Vec<RightId> = of.rights.iter().filter(same).cloned().collect();
        let mut days = std::iter::successors(Some(decided), |day| Some(day.next()));
        let healed = days
            .by_ref()
            .take_while(|day| *day <= on)
            .any(|day| !self.in_arrears(day));
        let meant = !self.meant(of, &together, decided).is_empty();
        match ground {
            Ground::Arrears if meant && healed => Truth::No,
            Ground::Either if healed => Truth::Unknown,
            Ground::Arrears | Ground::Either | Ground::Other => Truth::Yes,
        }
    }

    /// Whether a right that is given is held.
    fn held(&self, right: &RightId, on: Day) -> Truth {
        let mut taken = Truth::known(self.lost(right, on));
        for article in ARTICLES {
            let article = ArticleRef::new(article).unwrap();
            let mut last = None;
            for content in &self.entries {
                let Some(When::Window(day)) = &content.effective else {
                    continue;
                };
                let of = match &content.event {
                    Some(Event::RightsSuspended(of)) if of.article == article => Some(of),
                    Some(Event::SuspensionLifted { article: of, .. }) if *of == article => None,
                    _ => continue,
                };
                let later = |last: &(Day, Option<&Suspension>)| last.0 <= day.latest;
                if day.latest <= on && last.as_ref().is_none_or(later) {
                    last = Some((day.latest, of));
                }
            }
            if let Some((decided, Some(of))) = last {
                taken = taken.or(self.stands(of, right, decided, on));
            }
        }
        !taken
    }
}

/// Whether a power names a policy as its ground. The instrument in which it stands is none.
fn names(own: &ArticleRef, power: &SuspensionRule, policy: &ArticleRef) -> bool {
    match &power.ground {
        SuspensionGround::None => false,
        SuspensionGround::Instrument(of) => *of != own.instrument && *of == policy.instrument,
        SuspensionGround::Article(of) => of == policy,
    }
}

proptest! {
    #![proptest_config(cases(96))]

    /// Rules 17 and 30: what suspensions and policies take, on days over four years.
    #[test]
    fn suspensions_are_what_the_articles_say(
        lines in prop::collection::vec(line(), 1..16),
        days in prop::collection::vec(some_day(), 8),
    ) {
        let mut state = State::default();
        let mut record = Record::default();
        state.record(&vocabulary()).unwrap();
        let first = [
            "article charter/9 on 2000-01-01 : confer vote full ; confer elect full ; confer speak full",
            "assess jp-hyogo 2025 3 due 2025-04-30 on 2025-01-01",
        ];
        for line in first.into_iter().chain(lines.iter().map(String::as_str)) {
            let content = read(line);
            if state.record(std::slice::from_ref(&content)).is_ok() {
                record.entries.push(content);
            }
        }
        let law = state.law(state.head());
        let view = state.view(&law, state.head());
        let party = PartyId::new("jp-hyogo").unwrap();
        let of = view.record(&party).unwrap();
        let days: BTreeSet<Day> = days.iter().map(|text| day(text)).collect();
        for on in days {
            for right in RIGHTS {
                let right = RightId::new(right).unwrap();
                let question = Question { party: party.clone(), right: right.clone(), body: None };
                let answered = view.answer(&question, &of, on);
                prop_assert_eq!(answered.verdict, record.held(&right, on), "{} on {}", right, on);
                let missing = !answered.grounds.missing.is_empty();
                prop_assert_eq!(missing, answered.verdict == Truth::Unknown, "{} on {}", right, on);
            }
        }
    }
}
