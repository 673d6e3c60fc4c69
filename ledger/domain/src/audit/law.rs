//! Findings on the acts that make the law: when articles came into force, what amendments change,
//! who made them.

mod conditions;

use super::gathered::Gathered;
use super::{Audit, Code, Finding, Severity, Wanted};
use crate::answers::view::Parties;
use crate::entry::event::Event;
use crate::entry::slot::Slot;
use crate::entry::{AuthorityKind, Content};
use crate::id::position::Position;
use crate::id::{ArticleId, ArticleRef, InstrumentId};
use crate::record::fact::Said;
use crate::stop::Stopped;
use crate::time::when::Window;
use std::collections::{BTreeMap, BTreeSet};

/// Articles with their entries, by instrument and by when they came into force.
type Enacted = BTreeMap<(InstrumentId, Window), (Vec<Position>, Vec<ArticleRef>)>;

impl<P: Parties> Audit<'_, P> {
    /// Findings on the acts that make the law; on some entries only, where those are given.
    pub(super) fn law_findings(
        &self,
        only: Option<&Wanted>,
        gathered: &mut Gathered,
    ) -> Result<(), Stopped> {
        let mut undated = Enacted::new();
        let mut unmade = Enacted::new();
        for (article, fact) in self.enacted() {
            self.stop.check()?;
            if only.is_some_and(|wanted| !wanted(fact.position)) {
                continue;
            }
            let Some(content) = self.content(fact.position) else {
                continue;
            };
            self.act(None, fact.position, &content, &mut gathered.shared);
            let Some(window) = self.effective(&content) else {
                continue;
            };
            let enacts = content.event.as_ref().and_then(Event::enacted).is_some();
            let by = if enacts && !window.is_day() {
                &mut undated
            } else if content.authority.kind == AuthorityKind::Unknown {
                &mut unmade
            } else {
                continue;
            };
            let key = (article.instrument.clone(), window);
            let of = by.entry(key).or_default();
            of.0.push(fact.position);
            of.1.push(article.clone());
        }
        self.amendments(only, &mut unmade, gathered)?;
        let found = &mut gathered.own;
        found.extend(undated.into_iter().map(undated_articles));
        found.extend(unmade.into_iter().map(unmade_articles));
        Ok(())
    }

    fn enacted(&self) -> impl Iterator<Item = (&ArticleRef, &Said)> {
        let least = ArticleRef {
            instrument: InstrumentId::least(),
            article: ArticleId::least(),
        };
        let book = self.view.book;
        let known_at = self.view.known_at;
        let slots = book.slots_from(&Slot::Article(least));
        let articles = slots.map_while(|(slot, _)| match slot {
            Slot::Article(article) => Some((slot, article)),
            _ => None,
        });
        articles.flat_map(move |(slot, article)| {
            book.known(slot, known_at).map(move |fact| (article, fact))
        })
    }

    /// Findings on amendments. The articles that nobody is recorded to have made, and that came
    /// with one, leave `unmade` for its finding.
    fn amendments(
        &self,
        only: Option<&Wanted>,
        unmade: &mut Enacted,
        gathered: &mut Gathered,
    ) -> Result<(), Stopped> {
        let book = self.view.book;
        let slots = book.slots_from(&Slot::Amendments(InstrumentId::least()));
        let amendments = slots.map_while(|(slot, _)| match slot {
            Slot::Amendments(instrument) => Some((slot, instrument)),
            _ => None,
        });
        for (slot, instrument) in amendments {
            for fact in book.known(slot, self.view.known_at) {
                self.stop.check()?;
                let Some(window) = book.window(fact.at, self.view.known_at) else {
                    continue;
                };
                let key = (instrument.clone(), window);
                let asked = only.is_none_or(|wanted| wanted(fact.position));
                if !asked && !unmade.contains_key(&key) {
                    continue;
                }
                let Some(content) = self.content(fact.position) else {
                    continue;
                };
                let with = unmade.remove(&key).unwrap_or_default();
                if content.authority.kind == AuthorityKind::Unknown {
                    let entries = with.0.into_iter().chain([fact.position]).collect();
                    self.made_by_nobody(instrument, window, entries, &mut gathered.own);
                }
                if asked {
                    self.act(None, fact.position, &content, &mut gathered.shared);
                    self.without_clause(instrument, fact.position, window, &mut gathered.own)?;
                }
            }
        }
        Ok(())
    }

    /// An amendment under which no article is known to have been enacted or deleted.
    fn without_clause(
        &self,
        instrument: &InstrumentId,
        position: Position,
        window: Window,
        found: &mut Vec<Finding>,
    ) -> Result<(), Stopped> {
        let book = self.view.book;
        let mut may = BTreeSet::new();
        for article in book.articles(instrument) {
            self.stop.check()?;
            let slot = Slot::Article(article.clone());
            for fact in book.known(&slot, self.view.known_at) {
                let on = book.window(fact.at, self.view.known_at);
                let Some(on) = on.filter(|on| on.overlaps(window)) else {
                    continue;
                };
                if on.is_day() || on == window {
                    return Ok(());
                }
                may.insert(article.clone());
            }
        }
        let mut message =
            format!("the amendment of {instrument} of {window} changes no article on record");
        // A clause of which only the window is known may be the one.
        let severity = if may.is_empty() {
            Severity::Gap
        } else {
            let articles: Vec<String> = may.iter().map(ToString::to_string).collect();
            message = format!(
                "the amendment of {instrument} of {window} changes no article that is dated so; it may have changed {}",
                articles.join(" or ")
            );
            Severity::Unproven
        };
        let code = Code::AmendmentWithoutClause;
        let finding = Finding::new(code, severity, window, [position], message);
        found.push(finding.under(may));
        Ok(())
    }

    /// Returns the day an entry takes effect, as far as is known.
    pub(super) fn effective(&self, content: &Content) -> Option<Window> {
        self.view.when(content.effective.as_ref()?)
    }
}

fn undated_articles(
    ((_, window), (entries, articles)): ((InstrumentId, Window), (Vec<Position>, Vec<ArticleRef>)),
) -> Finding {
    let message = format!(
        "{} came into force on a day of {window}; which is not recorded",
        listed(&articles)
    );
    let (code, severity) = (Code::CommencementWindow, Severity::Unproven);
    Finding::new(code, severity, window, entries, message).under(articles)
}

fn unmade_articles(
    ((_, window), (entries, articles)): ((InstrumentId, Window), (Vec<Position>, Vec<ArticleRef>)),
) -> Finding {
    let message = format!(
        "no source says by which act {} came into force on {window}",
        listed(&articles)
    );
    let (code, severity) = (Code::NoAuthority, Severity::Unproven);
    Finding::new(code, severity, window, entries, message).under(articles)
}

fn listed(articles: &[ArticleRef]) -> String {
    let articles: BTreeSet<String> = articles.iter().map(ToString::to_string).collect();
    articles.into_iter().collect::<Vec<_>>().join(", ")
}
