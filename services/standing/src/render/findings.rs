//! Findings: what of the record the law disapproves of, and what it leaves open.

use super::{Lines as _, basis, counted, joined};
use standing_proto::v1::{Finding, ListFindingsResponse, Severity};

/// Writes findings, the gravest kind first, a paragraph each.
pub fn findings(response: &ListFindingsResponse) -> String {
    let all = &response.findings;
    if all.is_empty() {
        return format!("No findings.\n{}", basis(response.basis.as_ref()));
    }
    let mut text = counted(all.len(), "finding", "findings");
    let kinds = [
        (
            Severity::Irregular,
            "irregular: false in every reading of the record",
        ),
        (Severity::Unproven, "unproven: what is missing is named"),
        (
            Severity::Mismatch,
            "mismatch: a source claims another answer than follows, or the record contradicts itself",
        ),
        (Severity::Gap, "gap: the law demands what is not recorded"),
        (Severity::Note, "note"),
    ];
    text.push('\n');
    for (severity, heading) in kinds {
        let of: Vec<&Finding> = all
            .iter()
            .filter(|one| one.severity() == severity)
            .collect();
        if of.is_empty() {
            continue;
        }
        text.line("");
        text.line(&format!("{heading} ({})", of.len()));
        for finding in of {
            text.push_str(&self::finding(finding));
        }
    }
    text + &basis(response.basis.as_ref())
}

/// Writes what contradicts the record, or itself, in what was recorded just now; nothing where
/// nothing does.
pub fn mismatches(found: &[&Finding]) -> String {
    if found.is_empty() {
        return String::new();
    }
    let mut text = format!("{}\n", counted(found.len(), "mismatch", "mismatches"));
    for finding in found {
        text.push_str(&self::finding(finding));
    }
    text
}

/// Writes a finding, a paragraph.
pub fn finding(finding: &Finding) -> String {
    let mut text = String::new();
    let cured = match finding.cured_by {
        0 => String::new(),
        position => format!("cured by entry {position}"),
    };
    let head = [
        finding.date.as_str(),
        finding.code.as_str(),
        finding.session.as_str(),
        cured.as_str(),
    ];
    text.line(&format!("  {}", joined(head, "  ")));
    text.line(&format!("    {}", finding.message));
    if !finding.parties.is_empty() {
        text.line(&format!("    parties: {}", finding.parties.join(", ")));
    }
    let entries: Vec<String> = finding
        .entries
        .iter()
        .map(|e| e.position.to_string())
        .collect();
    text.line(&format!("    entries: {}", entries.join(", ")));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use standing_proto::v1::EntryGround;

    #[test]
    fn findings_are_told_by_severity() {
        let finding = |code: &str, severity: Severity, message: &str| Finding {
            code: code.to_owned(),
            severity: severity.into(),
            date: "2020-01-01".to_owned(),
            message: message.to_owned(),
            entries: vec![EntryGround {
                position: 7,
                ..EntryGround::default()
            }],
            ..Finding::default()
        };
        let response = ListFindingsResponse {
            findings: vec![
                finding("quorum", Severity::Unproven, "41 of 81 entitled needed"),
                finding("calendar", Severity::Irregular, "it met a year late"),
            ],
            ..ListFindingsResponse::default()
        };
        expect![[r"
            2 findings

            irregular: false in every reading of the record (1)
              2020-01-01  calendar
                it met a year late
                entries: 7

            unproven: what is missing is named (1)
              2020-01-01  quorum
                41 of 81 entitled needed
                entries: 7
        "]]
        .assert_eq(&findings(&response));
    }
}
