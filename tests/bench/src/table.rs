//! The table that a run ends with.

use crate::rounds::{Round, median};
use std::fmt;

/// What a measurement is held against.
#[derive(Clone, Copy)]
pub enum Bound {
    /// It should be as much, or more.
    AtLeast(f64),
    /// It should be as much, or less.
    AtMost(f64),
}

/// Everything measured, in order.
#[derive(Default)]
pub struct Table(Vec<[String; 7]>);

const HEADINGS: [&str; 7] = [
    "what", "ours", "against", "unit", "ratio", "rounds", "bound",
];

impl Table {
    /// Adds a ratio: ours to theirs, the median of the rounds.
    pub fn ratio(&mut self, what: &str, unit: &str, rounds: &[Round], bound: Option<Bound>) {
        let mut ratios: Vec<f64> = rounds.iter().map(|r| r.ours / r.theirs).collect();
        ratios.sort_by(f64::total_cmp);
        let ratio = median(ratios.iter().copied());
        let spread = match (ratios.first(), ratios.last()) {
            (Some(least), Some(most)) => format!("{least:.2} to {most:.2}"),
            _ => String::new(),
        };
        self.0.push([
            what.to_owned(),
            short(median(rounds.iter().map(|r| r.ours))),
            short(median(rounds.iter().map(|r| r.theirs))),
            unit.to_owned(),
            format!("{ratio:.2}"),
            spread,
            Bound::told(bound, ratio),
        ]);
    }

    /// Adds a measurement that is held against a number.
    pub fn value(&mut self, what: &str, unit: &str, value: f64, bound: Option<Bound>) {
        self.0.push([
            what.to_owned(),
            short(value),
            String::new(),
            unit.to_owned(),
            String::new(),
            String::new(),
            Bound::told(bound, value),
        ]);
    }

    /// Adds what has no number, and why.
    pub fn without(&mut self, what: &str, why: &str) {
        let mut row = <[String; 7]>::default();
        (row[0], row[6]) = (what.to_owned(), why.to_owned());
        self.0.push(row);
    }
}

impl Bound {
    fn told(bound: Option<Self>, value: f64) -> String {
        let (holds, sign, bound) = match bound {
            Some(Self::AtLeast(bound)) => (value >= bound, ">=", bound),
            Some(Self::AtMost(bound)) => (value <= bound, "<=", bound),
            None => return String::new(),
        };
        let verdict = if holds { "holds" } else { "FALLS SHORT" };
        format!("{sign} {}: {verdict}", short(bound))
    }
}

/// Writes a number with three significant digits.
fn short(value: f64) -> String {
    match value.abs() {
        v if v >= 1e7 => format!("{:.1} M", value / 1e6),
        v if v >= 1e6 => format!("{:.2} M", value / 1e6),
        v if v >= 1e4 => format!("{:.1} k", value / 1e3),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headings = HEADINGS.map(str::to_owned);
        let rows: Vec<&[String; 7]> = std::iter::once(&headings).chain(&self.0).collect();
        let mut widths = [0; 7];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row.iter()) {
                *width = cell.len().max(*width);
            }
        }
        for row in rows {
            let cells = row.iter().zip(widths).enumerate();
            let line: Vec<String> = cells
                .map(|(column, (cell, width))| match column {
                    1 | 2 | 4 => format!("{cell:>width$}"),
                    _ => format!("{cell:<width$}"),
                })
                .collect();
            writeln!(f, "{}", line.join("  ").trim_end())?;
        }
        Ok(())
    }
}
