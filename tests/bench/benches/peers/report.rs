//! The table that a run ends with, as Markdown.

use crate::callers::Done;
use standing_bench::rounds::median;
use std::fmt;

/// What came of a side in one row.
pub enum Cell {
    /// It did the work in each round.
    Did(Vec<Done>),
    /// It has no notion of it.
    NoNotion,
    /// It is not there.
    Missing,
    /// It failed.
    Failed(String),
}

/// One work at one number of callers, side by side; the first side is the ledger.
pub struct Row {
    pub what: String,
    pub callers: usize,
    pub cells: Vec<Cell>,
}

/// What was measured.
pub struct Report {
    /// What the sides are called, the ledger first.
    pub sides: Vec<&'static str>,
    pub rows: Vec<Row>,
    /// Why a side is not there: what is left out is said.
    pub missing: Vec<(&'static str, String)>,
}

impl Cell {
    /// Writes the medians of the rounds.
    fn told(&self) -> String {
        match self {
            Self::Did(rounds) => {
                let rate = median(rounds.iter().map(|done| done.rate));
                let p99 = median(rounds.iter().map(|done| done.p99));
                format!("{} /s, {} ms", thousands(rate), significant(p99))
            }
            Self::NoNotion => "-".to_owned(),
            Self::Missing => "missing".to_owned(),
            Self::Failed(_) => "failed".to_owned(),
        }
    }

    /// Writes how many times as fast this is as another: the median of the rounds, the least and
    /// the most.
    fn against(&self, other: &Self) -> String {
        let (Self::Did(ours), Self::Did(theirs)) = (self, other) else {
            return other.told();
        };
        let ratios = ours.iter().zip(theirs).map(|(o, t)| o.rate / t.rate);
        let mut ratios: Vec<f64> = ratios.collect();
        ratios.sort_by(f64::total_cmp);
        match (ratios.first(), ratios.last()) {
            (Some(least), Some(most)) => {
                let ratio = median(ratios.iter().copied());
                format!("**{ratio:.2}** ({least:.2} to {most:.2})")
            }
            _ => String::new(),
        }
    }
}

/// Writes a rate: whole from 10 on.
fn thousands(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut told = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

fn significant(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((ours, theirs)) = self.sides.split_first() else {
            return Ok(());
        };
        let against = theirs.iter().map(|side| format!("{ours} / {side}"));
        let headings: Vec<String> = ["work", "callers"]
            .into_iter()
            .chain(self.sides.iter().copied())
            .map(str::to_owned)
            .chain(against)
            .collect();
        writeln!(f, "| {} |", headings.join(" | "))?;
        writeln!(f, "|{}", " --- |".repeat(headings.len()))?;
        for Row {
            what,
            callers,
            cells,
        } in &self.rows
        {
            let told = cells.iter().map(Cell::told);
            let against = cells.iter().skip(1).map(|cell| match cells.first() {
                Some(ours) => ours.against(cell),
                None => String::new(),
            });
            let cells: Vec<String> = told.chain(against).collect();
            writeln!(f, "| {what} | {callers} | {} |", cells.join(" | "))?;
        }
        for (side, why) in &self.missing {
            writeln!(f, "\n{side} is missing: {why}.")?;
        }
        for row in &self.rows {
            for (side, cell) in self.sides.iter().zip(&row.cells) {
                if let Cell::Failed(why) = cell {
                    let Row { what, callers, .. } = row;
                    writeln!(f, "\n{side} failed ({what}, {callers} callers): {why}.")?;
                }
            }
        }
        Ok(())
    }
}
