//! Why a right that hangs on money, or on a decision, is held or not (rules 17, 28 to 30).
//!
//! Stratum (rule 27): rights; reads questions, recorded acts, law, losses and endings.

use super::{ArticleGround, Grounds};
use crate::answers::losses::DuesGround;
use crate::answers::losses::suspended::Suspended;
use crate::answers::question::Question;
use crate::answers::view::{Parties, View};
use crate::entry::norm::Effect;
use crate::id::BodyId;
use crate::law::taking::is_taken;
use crate::record::party::PartyRecord;
use crate::time::day::Day;
use crate::time::truth::Truth;

impl<P: Parties> View<'_, P> {
    /// Adds what the party's money does to the right: policies that bear on it, suspensions,
    /// waivers.
    pub(super) fn dues_part(
        &self,
        question: &Question,
        record: &PartyRecord,
        day: Day,
        grounds: &mut Grounds,
    ) {
        let in_body = |bodies: &[BodyId]| {
            let asked = question.body.as_ref();
            bodies.is_empty() || asked.is_none_or(|asked| bodies.contains(asked))
        };
        let bears = |ground: &DuesGround| {
            let takes = ground.rights.is_empty() || ground.rights.contains(&question.right);
            ground.ends_membership || (takes && in_body(&ground.bodies))
        };
        let mut dues = self.dues_grounds(record, day);
        dues.retain(bears);
        for ground in &mut dues {
            self.waived_for(question, record, day, ground);
        }
        grounds
            .entries
            .extend(self.parent_entries(&dues, record, day));
        for suspended in self.suspensions(record, &question.right, day) {
            if in_body(&suspended.bodies) {
                let position = suspended.position;
                grounds.entries.push(position);
                if suspended.stands == Truth::Unknown {
                    let missing =
                        format!("whether the suspension of entry {position} stood on {day}");
                    grounds.missing.push(missing);
                }
                self.power_used(question, &suspended, grounds);
            }
        }
        for ground in &dues {
            grounds.entries.extend(ground.waived_by);
            if ground.taken == Truth::Unknown {
                let missing = format!("whether {} had taken the right by {day}", ground.article);
                grounds.missing.push(missing);
            }
        }
        grounds.entries.sort_unstable();
        grounds.entries.dedup();
        grounds.dues = dues;
    }

    /// Adds the article that lets the right be suspended, as it stood on the day of the decision.
    fn power_used(&self, question: &Question, suspended: &Suspended, grounds: &mut Grounds) {
        if suspended.stands != Truth::Yes {
            return;
        }
        let norms = self.law.in_force(suspended.begun.latest);
        let allows = norms.iter().find(|norm| {
            let rule = norm.norm.rule.suspension();
            norm.article == &suspended.article
                && rule.is_some_and(|rule| rule.rights.contains(&question.right))
        });
        let Some(norm) = allows else { return };
        let bodies: Vec<Option<BodyId>> = match suspended.bodies.as_slice() {
            [] => vec![None],
            named => named.iter().cloned().map(Some).collect(),
        };
        let in_question = |body: &Option<BodyId>| {
            let asked = question.body.as_ref();
            body.is_none() || asked.is_none() || body.as_ref() == asked
        };
        for body in bodies.into_iter().filter(in_question) {
            let ground = ArticleGround {
                article: norm.article.clone(),
                citation: norm.version.citation.clone(),
                position: norm.position,
                effect: Effect::Suspends,
                body,
                for_others: false,
                support: norm.norm.support,
                certain: true,
            };
            if !grounds.articles.contains(&ground) {
                grounds.articles.push(ground);
            }
        }
    }

    /// A waiver for some bodies is one for a question about one of them, and none for a question
    /// about another.
    fn waived_for(
        &self,
        question: &Question,
        record: &PartyRecord,
        day: Day,
        ground: &mut DuesGround,
    ) {
        let Some(asked) = &question.body else { return };
        if ground.waived_by.is_none() || ground.waived_in.is_empty() {
            return;
        }
        if ground.waived_in.contains(asked) {
            let takings = self.takings(record, &question.right, day);
            let taken = takings.iter().map(|ways| {
                Truth::agreed(
                    ways.iter()
                        .map(|way| Truth::known(is_taken(way, Some(asked)))),
                )
            });
            ground.taken = ground.taken.and(taken.fold(Truth::No, Truth::or));
        } else {
            ground.waived_by = None;
        }
    }
}
