//! How an article changed, word by word: what was removed stands in `[-` and `-]`, what was added
//! in `{+` and `+}`.

use super::positions;
use crate::render::{Lines as _, basis, paragraph};
use standing_proto::v1::{CompareArticleResponse, RunKind, TextDifference, TextRun};

/// Writes what became of an article between two dates.
pub fn difference(response: &CompareArticleResponse, article: &str, earlier: &str) -> String {
    let later = response.basis.as_ref().map_or("", |basis| &basis.on);
    let mut text = String::new();
    text.line(&format!(
        "{article} from {earlier} to {later}: {}",
        response.change
    ));
    let one_day = earlier == later;
    let compared = [
        (
            earlier,
            &response.earlier_positions,
            response.earlier_certain,
            "first",
        ),
        (
            later,
            &response.later_positions,
            response.later_certain,
            if one_day { "first" } else { "last" },
        ),
    ];
    for (day, entries, certain, which) in compared {
        text.line(&format!("  {}", on_day(day, entries, certain, which)));
    }
    for heading in &response.headings {
        text.push_str(&changed(heading, "heading"));
    }
    for wording in &response.texts {
        let kind = if wording.summary {
            "summary"
        } else {
            "wording"
        };
        text.push_str(&changed(wording, kind));
    }
    for (what, norms) in [
        ("Norms removed", &response.removed_norms),
        ("Norms added", &response.added_norms),
        ("Norms kept", &response.kept_norms),
    ] {
        text.push_str(&super::norms(what, norms));
    }
    text + &basis(response.basis.as_ref())
}

/// Returns by which entry an article was in force on a day, and which is compared.
fn on_day(day: &str, entries: &[u64], certain: bool, which: &str) -> String {
    match (entries, certain) {
        ([], _) => format!("{day}: not in force"),
        ([entry], true) => format!("{day}: as of entry {entry}"),
        ([entry], false) => format!("{day}: perhaps as of entry {entry}, which is compared"),
        (several, _) => {
            let entries = positions(several);
            format!(
                "{day}: as of entry {entries}, it is not certain which; the {which} is compared"
            )
        }
    }
}

fn changed(difference: &TextDifference, kind: &str) -> String {
    let mut text = format!("\n  {} ({kind})\n", difference.language);
    let drawn: String = difference.runs.iter().map(drawn).collect();
    text.push_str(&paragraph(&drawn, 4));
    text
}

fn drawn(run: &TextRun) -> String {
    match run.kind() {
        RunKind::Kept | RunKind::Unspecified => run.text.clone(),
        RunKind::Removed => format!("[-{}-]", run.text),
        RunKind::Added => format!("{{+{}+}}", run.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn what_changed_is_drawn_into_the_text() {
        let run = |kind: RunKind, text: &str| TextRun {
            kind: kind.into(),
            text: text.to_owned(),
        };
        let response = CompareArticleResponse {
            change: "uncertain".to_owned(),
            earlier_positions: vec![12],
            earlier_certain: true,
            later_positions: vec![12, 40],
            texts: vec![TextDifference {
                language: "en".to_owned(),
                summary: false,
                runs: vec![
                    run(RunKind::Removed, "Members"),
                    run(RunKind::Added, "Full members"),
                    run(RunKind::Kept, " have one vote."),
                ],
            }],
            ..CompareArticleResponse::default()
        };
        expect![[r"
            charter 9 from 2001-01-01 to : uncertain
              2001-01-01: as of entry 12
              : as of entry 12 or 40, it is not certain which; the last is compared

              en (wording)
                [-Members-]{+Full members+} have one vote.
        "]]
        .assert_eq(&difference(&response, "charter 9", "2001-01-01"));
    }
}
