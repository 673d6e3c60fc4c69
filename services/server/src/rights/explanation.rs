//! Answers as chains of reasons that a person can read aloud.

use crate::rights::dues_ground;
use crate::words;
use crate::words::cited::Cited;
use standing_domain::answers::losses::DuesGround;
use standing_domain::answers::rights::{ArticleGround, Grounds};
use standing_domain::audit::Finding;
use standing_domain::dues::loss::Stage;
use standing_domain::entry::{AuthorityKind, Source};
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_domain::time::truth::Truth;
use standing_proto::money::amount;
use standing_proto::v1;
use std::collections::BTreeSet;

/// What an explanation is made of.
pub(crate) struct Told<'a> {
    /// The question.
    pub question: &'a v1::RightQuestion,
    /// The day.
    pub on: Day,
    /// The answer.
    pub verdict: Truth,
    /// What it follows from.
    pub grounds: &'a Grounds,
    /// The entries it cites, and the decisions these rest on.
    pub cited: &'a Cited,
    /// Findings on them.
    pub findings: &'a [&'a Finding],
}

impl Told<'_> {
    /// Returns the chain: the articles and the norms they carry, the entries about the party, what
    /// its money does.
    pub fn chain(&self) -> v1::Explanation {
        let grounds = self.grounds;
        let (own, others): (Vec<_>, Vec<_>) = grounds
            .articles
            .iter()
            .partition(|article| !article.for_others);
        let articles = own
            .into_iter()
            .chain(others)
            .map(|article| self.article(article));
        let entries = grounds.entries.iter().map(|entry| self.entry(*entry));
        let dues = grounds.dues.iter().map(|ground| self.dues(ground));
        let missing = grounds.missing.iter().map(|missing| v1::Explanation {
            says: format!("not known: {missing}"),
            ..v1::Explanation::default()
        });
        let place = match self.question.body.as_str() {
            "" => String::new(),
            body => format!(" in {body}"),
        };
        let (party, right, on) = (&self.question.party, &self.question.right, self.on);
        let says = match self.verdict {
            Truth::Yes => format!("{party} holds {right}{place} on {on}"),
            Truth::No => format!("{party} does not hold {right}{place} on {on}"),
            Truth::Unknown => format!("whether {party} holds {right}{place} on {on} is not known"),
        };
        v1::Explanation {
            says,
            because: articles.chain(entries).chain(dues).chain(missing).collect(),
            ..v1::Explanation::default()
        }
    }

    fn article(&self, ground: &ArticleGround) -> v1::Explanation {
        let from = match self.cited.effective(ground.position).as_str() {
            "" => String::new(),
            from => format!(", in the version in force from {from},"),
        };
        let whom = if ground.for_others { " on others" } else { "" };
        let place = match &ground.body {
            Some(body) if self.question.body != body.as_str() => format!(" in {body}"),
            _ => String::new(),
        };
        let doubt = if ground.certain {
            ""
        } else {
            "; whether it applied is not certain"
        };
        let citation = match ground.citation.as_str() {
            "" => ground.article.to_string(),
            citation => format!("{} {citation}", ground.article.instrument),
        };
        let (effect, right) = (ground.effect.word(), &self.question.right);
        v1::Explanation {
            says: format!("{citation}{from} {effect} {right}{place}{whom}{doubt}"),
            known: words::support(ground.support).to_owned(),
            position: ground.position.number(),
            findings: self.findings_on(ground.position),
            because: self.rests_on(ground.position),
        }
    }

    fn entry(&self, position: Position) -> v1::Explanation {
        let content = self.cited.get(position);
        let effective = match self.cited.effective(position).as_str() {
            "" => String::new(),
            effective => format!(", effective {effective}"),
        };
        let says = content.map(words::says).unwrap_or_default();
        let known = content.map(|content| words::confidence(content.confidence));
        v1::Explanation {
            says: format!("{says}{effective}"),
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
        let mut because = Vec::new();
        match &content.authority.kind {
            AuthorityKind::Decision(decision) => match self.cited.decision(decision) {
                Some(decided) if decided != position => because.push(self.entry(decided)),
                _ => {}
            },
            AuthorityKind::Unknown => {}
            other => because.push(plain(format!("authority: {}", words::authority(other)))),
        }
        because.extend(
            content
                .sources
                .iter()
                .map(|source| plain(source_says(source))),
        );
        because
    }

    fn dues(&self, ground: &DuesGround) -> v1::Explanation {
        let written = dues_ground::write(ground);
        let money = |units: i64| amount(u64::try_from(units).unwrap_or(0), &written.currency);
        let stage = match ground.standing.worst {
            Stage::Clear => "leaves the right".to_owned(),
            Stage::Liable => format!("makes liable to lose it since {}", written.since_date),
            Stage::Lost if ground.by_decision => {
                format!(
                    "makes liable to lose it since {}, by decision",
                    written.since_date
                )
            }
            Stage::Lost => format!("takes it since {}", written.since_date),
        };
        let mut because = Vec::new();
        if written.owed > 0 {
            let against = match written.threshold {
                0 => String::new(),
                threshold => format!(" against {}", money(threshold)),
            };
            let oldest = &written.oldest_due_date;
            let owed = money(written.owed);
            because.push(plain(format!(
                "{owed} in arrears{against}; the oldest fell due on {oldest}"
            )));
        }
        if !written.cause.is_empty() {
            because.push(plain(written.cause.clone()));
        }
        if let (true, Some(least)) = (
            ground.standing.worst != Stage::Clear,
            written.smallest_payment,
        ) {
            because.push(plain(format!("a payment of {} would end it", money(least))));
        }
        if let Some(keep) = written.keep_amount {
            let by = &written.keep_by_date;
            because.push(plain(format!(
                "a payment of {} by {by} keeps it",
                money(keep)
            )));
        }
        if let Some(waiver) = ground.waived_by {
            because.push(self.entry(waiver));
        }
        let as_if = if ground.standing.as_if_session {
            ", as if a session opened that day,"
        } else {
            ""
        };
        let (policy, reading) = (&ground.policy, &ground.reading);
        v1::Explanation {
            says: format!(
                "{} ({policy}, read {reading}){as_if} {stage}",
                ground.article
            ),
            known: String::new(),
            position: ground.position.number(),
            findings: self.findings_on(ground.position),
            because,
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
    let codes: BTreeSet<String> = findings
        .into_iter()
        .map(|finding| {
            let cured = if finding.cured_by.is_some() {
                ", cured"
            } else {
                ""
            };
            format!(
                "{} ({}{cured})",
                finding.code.word(),
                finding.severity.word()
            )
        })
        .collect();
    codes.into_iter().collect()
}

fn plain(says: String) -> v1::Explanation {
    v1::Explanation {
        says,
        ..v1::Explanation::default()
    }
}

fn source_says(source: &Source) -> String {
    let date = source
        .date
        .map(|date| format!(" ({date})"))
        .unwrap_or_default();
    match source.locator.as_str() {
        "" => format!("source: {}{date}", source.reference),
        locator => format!("source: {}{date}, {locator}", source.reference),
    }
}
