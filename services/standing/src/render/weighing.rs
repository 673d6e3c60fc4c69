//! Decisions weighed: the arithmetic a person can follow.

use super::range;
use standing_proto::v1::{
    Comparator, CountRange, CountedOf, Fulfilment, ThresholdWeighed, WeighedDecision,
};
use std::fmt::Write as _;

/// Writes a decision weighed for one function.
pub fn weighed(weighed: &WeighedDecision) -> String {
    let mut text = String::new();
    let function = &weighed.function;
    if weighed.quorum.is_empty() && weighed.majority.is_empty() {
        let others = readings(weighed);
        // Writing to a text cannot fail.
        let _ = writeln!(text, "{function}: the law sets no threshold for it{others}");
        return text;
    }
    if !weighed.reading.is_empty() {
        let (reading, of) = (&weighed.reading, &weighed.thresholds_of);
        let others = readings(weighed);
        let _ = writeln!(text, "{function}: read {reading} with {of}{others}");
    }
    let writing = match weighed.written_votes_by.as_str() {
        "" => "written votes do not count as presence".to_owned(),
        article => format!("written votes count as presence by {article}"),
    };
    let present = range(weighed.present.as_ref());
    let _ = writeln!(text, "{function}: {present} count as present; {writing}");
    for quorum in &weighed.quorum {
        let _ = writeln!(text, "quorum: {}", threshold(quorum, "present"));
    }
    for majority in &weighed.majority {
        let _ = writeln!(text, "majority: {}", threshold(majority, "in favour"));
    }
    text
}

fn readings(weighed: &WeighedDecision) -> String {
    match weighed.other_readings.as_slice() {
        [] => String::new(),
        others => format!(" (or --reading {})", others.join(", ")),
    }
}

/// For example: `how charter/9.2 counts is not modelled, 76 in favour: unproven`.
fn uncounted(weighed: &ThresholdWeighed, found: &str) -> String {
    let there = range(weighed.found.as_ref());
    let article = &weighed.article;
    format!("how {article} counts is not modelled, {there} {found}: unproven")
}

/// For example: `41 of 81 entitled (more than 1/2, charter/9.2), 32 present: unproven, at least 9
/// more needed`.
pub fn threshold(weighed: &ThresholdWeighed, found: &str) -> String {
    let comparator = match weighed.comparator() {
        Comparator::MoreThan => "more than ",
        Comparator::AtLeast => "at least ",
        Comparator::Unspecified => "",
    };
    let those = match weighed.counted_of() {
        CountedOf::Entitled => "entitled",
        CountedOf::Present => "present",
        CountedOf::NotModelled => return uncounted(weighed, found),
        CountedOf::Unspecified => "",
    };
    let analogy = if weighed.by_analogy {
        " by analogy"
    } else {
        ""
    };
    let needed = range(weighed.needed.as_ref());
    let counted = range(weighed.counted.as_ref());
    let there = range(weighed.found.as_ref());
    let outcome = match weighed.met() {
        Fulfilment::Met => "met".to_owned(),
        _ if weighed.counted == Some(CountRange::default()) => "none is possible".to_owned(),
        Fulfilment::NotMet => format!("not met, {} short", weighed.lacking),
        _ if weighed.lacking == 0 => "unproven".to_owned(),
        _ => format!("unproven, at least {} more needed", weighed.lacking),
    };
    format!(
        "{needed} of {counted} {those} ({comparator}{} by {}{analogy}), {there} {found}: {outcome}",
        weighed.fraction, weighed.article
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn an_unproven_quorum_says_what_is_missing() {
        let count = |certain, possible| {
            Some(CountRange {
                certain,
                possible,
                unbounded: false,
            })
        };
        let decision = WeighedDecision {
            function: "admit".to_owned(),
            reading: "by-analogy".to_owned(),
            other_readings: vec!["text-only".to_owned()],
            thresholds_of: "assembly".to_owned(),
            written_votes_by: "charter/9.4".to_owned(),
            present: count(32, 81),
            quorum: vec![ThresholdWeighed {
                article: "charter/9.2".to_owned(),
                by_analogy: true,
                fraction: "1/2".to_owned(),
                comparator: Comparator::MoreThan.into(),
                counted_of: CountedOf::Entitled.into(),
                counted: count(81, 81),
                needed: count(41, 41),
                found: count(32, 81),
                met: Fulfilment::Unproven.into(),
                lacking: 9,
                ..ThresholdWeighed::default()
            }],
            ..WeighedDecision::default()
        };
        expect![[r"
            admit: read by-analogy with assembly (or --reading text-only)
            admit: 32..81 count as present; written votes count as presence by charter/9.4
            quorum: 41 of 81 entitled (more than 1/2 by charter/9.2 by analogy), 32..81 present: unproven, at least 9 more needed
        "]]
        .assert_eq(&weighed(&decision));
    }
}
