//! Chains of reasons, as a tree that a person can read aloud.

use standing_proto::v1::Explanation;

/// Writes a chain: each reason below what it is the reason for.
pub fn tree(explanation: &Explanation) -> String {
    let mut text = told(explanation);
    text.push('\n');
    branches(explanation, "", &mut text);
    text
}

fn branches(explanation: &Explanation, before: &str, text: &mut String) {
    let count = explanation.because.len();
    for (place, reason) in explanation.because.iter().enumerate() {
        let last = place + 1 == count;
        let (branch, below) = if last {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        text.push_str(before);
        text.push_str(branch);
        text.push_str(&told(reason));
        text.push('\n');
        branches(reason, &format!("{before}{below}"), text);
    }
}

fn told(explanation: &Explanation) -> String {
    let mut aside = Vec::new();
    if !explanation.known.is_empty() {
        aside.push(explanation.known.clone());
    }
    if explanation.position > 0 {
        aside.push(format!("entry {}", explanation.position));
    }
    if !explanation.findings.is_empty() {
        aside.push(format!("findings: {}", explanation.findings.join(", ")));
    }
    if aside.is_empty() {
        return explanation.says.clone();
    }
    format!("{} [{}]", explanation.says, aside.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn reasons_stand_below_what_they_are_reasons_for() {
        let leaf = |says: &str| Explanation {
            says: says.to_owned(),
            ..Explanation::default()
        };
        let reason = Explanation {
            says: "x is admitted as full".to_owned(),
            known: "confirmed".to_owned(),
            position: 7,
            findings: vec!["quorum (unproven)".to_owned()],
            because: vec![leaf("source: a report"), leaf("source: a page")],
        };
        let chain = Explanation {
            says: "x holds vote".to_owned(),
            because: vec![reason, leaf("charter 9(1) confers vote")],
            ..Explanation::default()
        };
        expect![[r"
            x holds vote
            ├─ x is admitted as full [confirmed; entry 7; findings: quorum (unproven)]
            │  ├─ source: a report
            │  └─ source: a page
            └─ charter 9(1) confers vote
        "]]
        .assert_eq(&tree(&chain));
    }
}
