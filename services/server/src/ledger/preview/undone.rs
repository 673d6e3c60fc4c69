//! Entries whose effect drafts would take or give back.

use super::{Both, MOST, told, total};
use crate::call::errors::Problem;
use crate::words::cited::Cited;
use standing_domain::record::annulments::undone::{Fate, Undone};
use standing_domain::words;
use standing_engine::Preview;
use standing_proto::v1;

/// Tells them in an answer.
pub(super) fn tell(
    both: &Both<'_>,
    preview: &Preview,
    answer: v1::PreviewResponse,
) -> Result<v1::PreviewResponse, Problem> {
    let undone = preview.undone(both.after.stop)?;
    let cited = Cited::read(
        &both.before,
        undone.iter().take(MOST).map(|undone| undone.entry),
    )?;
    let write = |undone: &Undone| {
        Ok(v1::UndoneEntry {
            position: undone.entry.number(),
            fate: fate(undone.fate).into(),
            from_date: match undone.fate {
                Fate::Annulled { from: Some(day) } => day.to_string(),
                Fate::Annulled { from: None }
                | Fate::Replaced
                | Fate::Withdrawn
                | Fate::StandsAgain => String::new(),
            },
            draft: total(undone.draft),
            sentence: cited
                .get(undone.entry)
                .map(words::says_when)
                .unwrap_or_default(),
        })
    };
    Ok(v1::PreviewResponse {
        undone: told(undone.iter().map(write))?,
        undone_total: total(undone.len()),
        ..answer
    })
}

fn fate(fate: Fate) -> v1::EntryFate {
    match fate {
        Fate::Replaced => v1::EntryFate::Replaced,
        Fate::Withdrawn => v1::EntryFate::Withdrawn,
        Fate::Annulled { .. } => v1::EntryFate::Annulled,
        Fate::StandsAgain => v1::EntryFate::StandsAgain,
    }
}
