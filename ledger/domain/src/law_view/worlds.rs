//! Norms weighed against each other in every way that they may come together (rules 17 and 18).

use super::{ArticleLine, Effect, LawView, bears_on};
use crate::condition::Circumstances;
use crate::id::{BodyId, ClassId, RightId};
use crate::losses::{Taking, Way, is_taken};
use crate::norm::{Norm, Support};
use crate::truth::Truth;
use std::collections::BTreeSet;

/// The ways the norms may come together: in each, the [`Effect`] bits on the right in every body asked about.
type Worlds = BTreeSet<Vec<u8>>;

/// Withholding beats conferring, suspension beats both, permission beats suspension and never withholding (rule 17).
fn is_held(effects: u8) -> bool {
    let has = |effect: Effect| effects & effect as u8 != 0;
    has(Effect::Confers)
        && !has(Effect::Withholds)
        && (!has(Effect::Suspends) || has(Effect::Permits))
}

fn joined(a: &Worlds, b: &Worlds) -> Worlds {
    let both = |x: &Vec<u8>, y: &Vec<u8>| x.iter().zip(y).map(|(x, y)| x | y).collect();
    a.iter()
        .flat_map(|x| b.iter().map(move |y| both(x, y)))
        .collect()
}

fn verdict(worlds: &Worlds) -> Truth {
    Truth::agreed(
        worlds
            .iter()
            .map(|bodies| Truth::known(bodies.iter().any(|effects| is_held(*effects)))),
    )
}

impl LawView {
    /// Works out whether a class holds a right in the circumstances. Without a body: in any.
    #[must_use]
    pub fn weigh(
        &self,
        right: &RightId,
        body: Option<&BodyId>,
        class: &ClassId,
        now: &Circumstances,
    ) -> Truth {
        let named = self.named_for(right);
        let bodies: Vec<Option<&BodyId>> = match body {
            Some(_) => vec![body],
            None => std::iter::once(None)
                .chain(named.iter().map(Some))
                .collect(),
        };
        self.weigh_in(right, &bodies, class, now, &[])
    }

    /// The same with what takes the right from the party by itself.
    #[must_use]
    pub(crate) fn weigh_against(
        &self,
        right: &RightId,
        body: Option<&BodyId>,
        class: &ClassId,
        now: &Circumstances,
        takings: &[Taking],
    ) -> Truth {
        let named = self.named_for(right);
        let taken_in = takings.iter().flatten().flatten().flatten();
        let named: BTreeSet<&BodyId> = named.iter().chain(taken_in).collect();
        let bodies: Vec<Option<&BodyId>> = match body {
            Some(_) => vec![body],
            None => std::iter::once(None)
                .chain(named.into_iter().map(Some))
                .collect(),
        };
        self.weigh_in(right, &bodies, class, now, takings)
    }

    pub(super) fn weigh_in(
        &self,
        right: &RightId,
        bodies: &[Option<&BodyId>],
        class: &ClassId,
        now: &Circumstances,
        takings: &[Taking],
    ) -> Truth {
        let bears = |norm: &&Norm| {
            bodies
                .iter()
                .any(|body| bears_on(norm, right, *body, class))
        };
        let relevant: Vec<&ArticleLine> = self
            .articles
            .iter()
            .filter(|a| a.norms().any(|n| bears(&n)))
            .collect();
        let conditions = relevant
            .iter()
            .flat_map(|a| a.norms().filter(bears).map(|norm| &norm.condition));
        let nothing = Worlds::from([vec![0; bodies.len()]]);
        let mut taken = nothing.clone();
        for taking in takings {
            let effects = |way: &Way| {
                let effect = |body| u8::from(is_taken(way, body)) * Effect::Suspends as u8;
                bodies.iter().map(|body| effect(*body)).collect()
            };
            taken = joined(&taken, &taking.iter().map(effects).collect());
        }
        let mut outcome = Worlds::new();
        for assignment in now.assignments(conditions) {
            let mut together = taken.clone();
            for article in &relevant {
                let mut versions = Worlds::new();
                for version in article.versions(now.day) {
                    let mut set = nothing.clone();
                    for norm in version
                        .into_iter()
                        .flat_map(|(version, _)| &version.norms)
                        .filter(bears)
                    {
                        let Some((effect, _)) = Effect::of(&norm.rule) else {
                            continue;
                        };
                        let effects = bodies.iter().map(|body| {
                            u8::from(bears_on(norm, right, *body, class)) * effect as u8
                        });
                        let with = joined(&set, &Worlds::from([effects.collect()]));
                        let known = if norm.support == Support::Unknown {
                            Truth::Unknown
                        } else {
                            Truth::Yes
                        };
                        match known.and(now.judge_under(&norm.condition, &assignment)) {
                            Truth::Yes => set = with,
                            Truth::Unknown => set.extend(with),
                            Truth::No => {}
                        }
                    }
                    versions.extend(set);
                }
                together = joined(&together, &versions);
            }
            outcome.extend(together);
        }
        verdict(&outcome)
    }
}
