//! Decisions weighed, as the contract writes them.

use standing_domain::answers::weighing::{Tally, Weighed, Weighing};
use standing_domain::time::truth::Truth;
use standing_proto::v1;

/// Writes a number between two bounds.
pub(crate) fn tally(tally: Tally) -> v1::CountRange {
    let unbounded = tally.is_open();
    v1::CountRange {
        certain: tally.certain,
        possible: if unbounded { 0 } else { tally.possible },
        unbounded,
    }
}

/// Writes a decision weighed.
pub(crate) fn write(weighed: &Weighed) -> v1::WeighedDecision {
    let others = weighed.reading.others.iter();
    let body = weighed.reading.of.as_ref();
    let writing = weighed.writing.as_ref();
    v1::WeighedDecision {
        function: weighed.function.to_string(),
        reading: weighed.reading.applied.unwrap_or_default().to_owned(),
        other_readings: others.map(ToString::to_string).collect(),
        thresholds_of: body.map(ToString::to_string).unwrap_or_default(),
        written_votes_by: writing.map(ToString::to_string).unwrap_or_default(),
        present: Some(tally(weighed.present)),
        quorum: weighed.quorum.iter().map(threshold).collect(),
        majority: weighed.majority.iter().map(threshold).collect(),
        quorum_met: fulfilment(weighed.quorum_met).into(),
        majority_met: fulfilment(weighed.majority_met).into(),
    }
}

/// Writes a threshold weighed.
pub(crate) fn threshold(weighing: &Weighing) -> v1::ThresholdWeighed {
    let rule = &weighing.rule;
    v1::ThresholdWeighed {
        article: weighing.article.to_string(),
        citation: weighing.citation.clone(),
        position: weighing.position.number(),
        support: v1::Support::from(weighing.support).into(),
        by_analogy: weighing.by_analogy,
        fraction: format!("{}/{}", rule.numerator, rule.denominator),
        comparator: v1::Comparator::from(rule.comparator).into(),
        counted_of: v1::CountedOf::from(rule.counted_of).into(),
        counted: Some(tally(weighing.counted)),
        needed: Some(tally(weighing.needed)),
        found: Some(tally(weighing.found)),
        met: fulfilment(weighing.met).into(),
        lacking: weighing.lacking,
    }
}

fn fulfilment(met: Truth) -> v1::Fulfilment {
    match met {
        Truth::Yes => v1::Fulfilment::Met,
        Truth::No => v1::Fulfilment::NotMet,
        Truth::Unknown => v1::Fulfilment::Unproven,
    }
}
