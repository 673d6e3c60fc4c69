//! Answers as chains of reasons that a person can read aloud.

use crate::words::cited::Cited;
use standing_domain::answers::losses::DuesGround;
use standing_domain::answers::question::Question;
use standing_domain::answers::rights::{Answered, ArticleGround};
use standing_domain::audit::Finding;
use standing_domain::entry::AuthorityKind;
use standing_domain::entry::norm::Effect;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::words;
use standing_domain::words::{dues, right};
use standing_proto::v1;
use std::collections::BTreeSet;

/// What an explanation is made of.
pub(crate) struct Told<'a> {
    /// The question.
    pub question: &'a Question,
    /// The day.
    pub on: Day,
    /// The answer, with what it follows from.
    pub answered: &'a Answered,
    /// The entries it cites, and the decisions these rest on.
    pub cited: &'a Cited,
    /// Findings on them.
    pub findings: &'a [&'a Finding],
}

impl Told<'_> {
    /// Returns the chain: the articles and the norms they carry, the entries about the party, what
    /// its money does.
    pub fn chain(&self) -> v1::Explanation {
        let grounds = &self.answered.grounds;
        let (own, others): (Vec<_>, Vec<_>) =
            grounds.articles.iter().partition(|article| article.bears());
        let articles = own
            .into_iter()
            .chain(others)
            .map(|article| self.article(article));
        let gives = |article: &ArticleGround| article.effect == Effect::Confers;
        let nothing = !grounds.articles.iter().any(gives);
        let nothing = nothing.then(|| plain(right::nothing_confers(self.question)));
        let entries = grounds.entries.iter().map(|entry| self.entry(*entry));
        let dues = grounds.dues.iter().map(|ground| self.dues(ground));
        let missing = grounds.missing.iter();
        let missing = missing.map(|missing| plain(right::missing(missing)));
        v1::Explanation {
            says: right::answered(self.question, self.on, self.answered.verdict),
            because: articles
                .chain(nothing)
                .chain(entries)
                .chain(dues)
                .chain(missing)
                .collect(),
            ..v1::Explanation::default()
        }
    }

    fn article(&self, ground: &ArticleGround) -> v1::Explanation {
        let enacted = self.cited.get(ground.position);
        v1::Explanation {
            says: right::article(ground, self.question, enacted),
            known: words::support(ground.support).to_owned(),
            position: ground.position.number(),
            findings: self.findings_on(ground.position),
            because: self.rests_on(ground.position),
        }
    }

    fn entry(&self, position: Position) -> v1::Explanation {
        let content = self.cited.get(position);
        let known = content.map(|content| words::confidence(content.confidence));
        v1::Explanation {
            says: content.map(words::says_when).unwrap_or_default(),
            known: known.unwrap_or_default().to_owned(),
            position: position.number(),
            findings: self.findings_on(position),
            because: self.rests_on(position),
        }
    }

    /// Returns on what an entry rests: a decision or another authority, and its sources.
    fn rests_on(&self, position: Position) -> Vec<v1::Explanation> {
        let Some(content) = self.cited.get(position) else {
            return Vec::new();
        };
        let kind = &content.authority.kind;
        let mut because = Vec::new();
        if let AuthorityKind::Decision(decision) = kind {
            let decided = self.cited.decision(decision);
            let decided = decided.filter(|decided| *decided != position);
            because.extend(decided.map(|decided| self.entry(decided)));
        }
        because.extend(words::rests_on(kind).map(plain));
        because.extend(content.sources.iter().map(words::source).map(plain));
        because
    }

    fn dues(&self, ground: &DuesGround) -> v1::Explanation {
        let because = dues::because(ground).into_iter().map(plain);
        let waiver = ground.waived_by.map(|waiver| self.entry(waiver));
        v1::Explanation {
            says: dues::does(ground),
            known: String::new(),
            position: ground.position.number(),
            findings: self.findings_on(ground.position),
            because: because.chain(waiver).collect(),
        }
    }

    fn findings_on(&self, position: Position) -> Vec<String> {
        codes(
            self.findings
                .iter()
                .filter(|finding| finding.entries.contains(&position))
                .copied(),
        )
    }
}

/// Returns the codes of findings, each once, with how they fail: `quorum (unproven)`.
pub(crate) fn codes<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<String> {
    let codes: BTreeSet<String> = findings.into_iter().map(right::finding).collect();
    codes.into_iter().collect()
}

fn plain(says: String) -> v1::Explanation {
    v1::Explanation {
        says,
        ..v1::Explanation::default()
    }
}
