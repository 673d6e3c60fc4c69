//! Whether a party holds a right, and why.

use crate::call::errors::Problem;
use crate::call::point::Pinned;
use crate::dear::Ask;
use crate::rights::dues_ground;
use crate::rights::explanation;
use crate::rights::explanation::Told;
use crate::roll::party_state::write_classes;
use crate::words::cited::Cited;
use standing_domain::answers::question::Question;
use standing_domain::answers::rights::{Answered, ArticleGround, Expiry, Grounds};
use standing_domain::audit::Finding;
use standing_domain::entry::AuthorityKind;
use standing_domain::entry::norm::Effect;
use standing_domain::id::PartyId;
use standing_domain::id::position::Position;
use standing_domain::record::party::PartyRecord;
use standing_domain::stop::Stop;
use standing_domain::words::right;
use standing_engine::{CheckError, Ledger};
use standing_proto::change::write_verdict;
use standing_proto::v1;
use std::collections::{BTreeMap, BTreeSet};

/// An answer with grounds and expiry as computed; the entries it cites are still to be read.
pub(crate) struct Answer {
    question: Question,
    at: Pinned,
    answered: Answered,
}

/// Answers with grounds and expiry, worked out together with the verdict.
pub(crate) fn ask(ledger: &Ledger, question: &Question, at: Pinned) -> Result<Answer, Problem> {
    let reader = ledger.at(at.position);
    let view = reader.view();
    let unknown = |error| unanswered(question, error);
    let body = question.body.as_ref();
    if body.is_some_and(|body| !view.law.knows_body(body)) {
        return Err(unknown(CheckError::UnknownBody));
    }
    let record = view.record(&question.party);
    let record = record.ok_or_else(|| unknown(CheckError::UnknownParty))?;
    if !view.law.knows_right(&question.right) {
        return Err(unknown(CheckError::UnknownRight));
    }
    Ok(Answer {
        question: question.clone(),
        at,
        answered: view.answer(question, &record, at.on),
    })
}

/// Answers with the verdict alone. This is the path of almost every call: nothing is read or copied
/// that is not needed.
pub(crate) fn verdict(
    ledger: &Ledger,
    question: &Question,
    at: Pinned,
) -> Result<v1::RightAnswer, Problem> {
    let (party, right, body) = (&question.party, &question.right, question.body.as_ref());
    let verdict = ledger
        .verdict(party, right, body, at.on, at.position)
        .map_err(|error| unanswered(question, error))?;
    Ok(v1::RightAnswer {
        question: Some(write_question(question)),
        verdict: write_verdict(verdict).into(),
        ..v1::RightAnswer::default()
    })
}

/// Says what of a question is not known.
fn unanswered(question: &Question, error: CheckError) -> Problem {
    match error {
        CheckError::UnknownParty => Problem::unknown("UNKNOWN_PARTY", "party", &question.party),
        CheckError::UnknownRight => Problem::unknown("UNKNOWN_RIGHT", "right", &question.right),
        CheckError::UnknownBody => Problem::unknown("UNKNOWN_BODY", "body", write_body(question)),
    }
}

/// Writes a question as it was asked.
fn write_question(question: &Question) -> v1::RightQuestion {
    v1::RightQuestion {
        party: question.party.to_string(),
        right: question.right.to_string(),
        body: write_body(question),
    }
}

fn write_body(question: &Question) -> String {
    let body = question.body.as_ref();
    body.map(ToString::to_string).unwrap_or_default()
}

/// Answers for every right of the vocabulary: in any body, and in each that a norm names for it.
pub(crate) fn every_right(
    ledger: &Ask<'_>,
    party: &PartyId,
    record: &PartyRecord,
    at: Pinned,
) -> Result<Vec<Answer>, Problem> {
    let mut answers = Vec::new();
    let law = ledger.law(at.position);
    for right in law.rights() {
        let bodies = law.bodies_of(right).cloned().map(Some);
        for body in std::iter::once(None).chain(bodies) {
            // One at a time, and the book is let go in between.
            ledger.stop.check()?;
            let reader = ledger.at(at.position);
            let view = reader.view();
            let question = Question {
                party: party.clone(),
                right: right.clone(),
                body,
            };
            answers.push(Answer {
                at,
                answered: view.answer(&question, record, at.on),
                question,
            });
        }
    }
    Ok(answers)
}

/// Reads the entries that answers cite, and writes the answers.
pub(crate) fn write(
    ledger: &Ledger,
    answers: Vec<Answer>,
    stop: Stop<'_>,
) -> Result<Vec<v1::RightAnswer>, Problem> {
    let Some(known_at) = answers.first().map(|answer| answer.at.position) else {
        return Ok(Vec::new());
    };
    let cited = Cited::read(ledger, answers.iter().flat_map(Answer::positions))?;
    let cited = cited.with_decisions(ledger, known_at)?;
    let mut cited_of: BTreeMap<&PartyId, BTreeSet<Position>> = BTreeMap::new();
    for answer in &answers {
        let of = cited_of.entry(&answer.question.party).or_default();
        of.extend(answer.positions());
    }
    let mut findings: BTreeMap<PartyId, Vec<Finding>> = BTreeMap::new();
    for (party, positions) in cited_of {
        stop.check()?;
        let positions: Vec<Position> = positions.into_iter().collect();
        let found = ledger.findings_on(party, &positions, known_at, stop)?;
        findings.insert(party.clone(), found);
    }
    let mut written = Vec::with_capacity(answers.len());
    for answer in answers {
        stop.check()?;
        let found = findings.get(&answer.question.party);
        written.push(answer.write(&cited, found.map_or(&[], Vec::as_slice)));
    }
    Ok(written)
}

impl Answer {
    fn positions(&self) -> impl Iterator<Item = Position> {
        let grounds = &self.answered.grounds;
        let articles = grounds.articles.iter().map(|article| article.position);
        let expiry = self.answered.expiry.iter();
        let cause = expiry.filter_map(|expiry| expiry.position);
        let entries = grounds.entries.iter().copied();
        entries.chain(articles).chain(cause)
    }

    /// Findings count that rest on an entry the answer cites, or on a decision that such an entry
    /// rests on.
    fn bearing<'a>(&self, cited: &Cited, findings: &'a [Finding]) -> Vec<&'a Finding> {
        let decided =
            self.positions()
                .filter_map(|position| match &cited.get(position)?.authority.kind {
                    AuthorityKind::Decision(decision) => cited.decision(decision),
                    _ => None,
                });
        let entries: BTreeSet<Position> = self.positions().chain(decided).collect();
        let bears =
            |finding: &&Finding| finding.entries.iter().any(|entry| entries.contains(entry));
        findings.iter().filter(bears).collect()
    }

    fn write(self, cited: &Cited, findings: &[Finding]) -> v1::RightAnswer {
        let findings = self.bearing(cited, findings);
        let answered = self.answered;
        let explanation = Told {
            question: &self.question,
            on: self.at.on,
            answered: &answered,
            cited,
            findings: &findings,
        }
        .chain();
        v1::RightAnswer {
            question: Some(write_question(&self.question)),
            verdict: write_verdict(answered.verdict).into(),
            grounds: Some(v1::Grounds {
                findings: explanation::codes(findings.iter().copied()),
                ..write_grounds(answered.grounds, cited)
            }),
            expiry: answered.expiry.map(|expiry| write_expiry(&expiry, cited)),
            explanation: Some(explanation),
        }
    }
}

fn write_grounds(grounds: Grounds, cited: &Cited) -> v1::Grounds {
    let weakest = grounds.weakest.map(v1::Support::from);
    v1::Grounds {
        entries: grounds
            .entries
            .iter()
            .map(|position| cited.ground(*position))
            .collect(),
        articles: grounds
            .articles
            .iter()
            .map(|ground| write_article(ground, cited))
            .collect(),
        weakest_support: weakest.unwrap_or_default().into(),
        classes: write_classes(grounds.classes.iter().map(Option::as_ref)),
        missing: grounds.missing,
        findings: Vec::new(),
        dues: grounds.dues.iter().map(dues_ground::write).collect(),
    }
}

fn write_article(ground: &ArticleGround, cited: &Cited) -> v1::ArticleGround {
    v1::ArticleGround {
        instrument: ground.article.instrument.to_string(),
        article: ground.article.article.to_string(),
        citation: ground.citation.clone(),
        position: ground.position.number(),
        in_force_from: cited.effective(ground.position),
        effect: write_effect(ground.effect).into(),
        for_others: ground.for_others,
        unmet: ground
            .unmet
            .as_ref()
            .map(right::condition)
            .unwrap_or_default(),
        body: ground
            .body
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        support: v1::Support::from(ground.support).into(),
        certain: ground.certain,
    }
}

fn write_effect(effect: Effect) -> v1::NormEffect {
    match effect {
        Effect::Confers => v1::NormEffect::Confers,
        Effect::Withholds => v1::NormEffect::Withholds,
        Effect::Suspends => v1::NormEffect::Suspends,
        Effect::Permits => v1::NormEffect::Permits,
    }
}

fn write_expiry(expiry: &Expiry, cited: &Cited) -> v1::Expiry {
    let cause = expiry.position.and_then(|position| cited.get(position));
    v1::Expiry {
        end_date: expiry.day.to_string(),
        then: write_verdict(expiry.then).into(),
        position: expiry.position.unwrap_or_default().number(),
        cause: right::expiry(expiry, cause),
    }
}
