//! An answer follows from its grounds: who reads them and nothing else comes to the same verdict.

use standing_domain::answers::question::Question;
use standing_domain::answers::rights::{ArticleGround, Grounds};
use standing_domain::entry::norm::Effect;
use standing_domain::id::BodyId;
use standing_domain::time::truth::Truth;

/// Returns the verdict that a reader of the grounds comes to; none where the grounds leave
/// something open.
pub fn derived(question: &Question, grounds: &Grounds) -> Option<Truth> {
    let own: Vec<&ArticleGround> = grounds.articles.iter().filter(|a| a.bears()).collect();
    match grounds.classes.as_slice() {
        [Some(_)] if own.iter().all(|article| article.certain) => {}
        [None] => return Some(Truth::No),
        _ => return None,
    }
    let named = own.iter().filter_map(|article| article.body.as_ref());
    let bodies: Vec<Option<&BodyId>> = match &question.body {
        Some(body) => vec![Some(body)],
        None => std::iter::once(None).chain(named.map(Some)).collect(),
    };
    Some(Truth::known(
        bodies.into_iter().any(|body| is_held(&own, body)),
    ))
}

/// Withholding beats conferring, suspension beats both, permission beats suspension (rule 17).
fn is_held(articles: &[&ArticleGround], body: Option<&BodyId>) -> bool {
    let has = |effect: Effect| {
        articles.iter().any(|article| {
            article.effect == effect && (article.body.is_none() || article.body.as_ref() == body)
        })
    };
    has(Effect::Confers)
        && !has(Effect::Withholds)
        && (!has(Effect::Suspends) || has(Effect::Permits))
}
