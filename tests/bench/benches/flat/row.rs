//! A row as it travels from the process that measures to the one that tells.

use standing_bench::Outcome;

/// What was measured, or why it was not.
pub struct Row {
    pub what: String,
    pub unit: String,
    pub value: Result<f64, String>,
}

/// Stands where the unit would, in a row that has no number.
const WITHOUT: &str = "-";

impl Row {
    pub fn new(what: impl Into<String>, unit: &str, value: f64) -> Self {
        Self {
            what: what.into(),
            unit: unit.to_owned(),
            value: Ok(value),
        }
    }

    pub fn without(what: impl Into<String>, why: &str) -> Self {
        Self {
            what: what.into(),
            unit: WITHOUT.to_owned(),
            // The reason may be a server's message of several lines.
            value: Err(why.replace(['\t', '\n'], " ")),
        }
    }

    /// Prints the row for [`Row::read`].
    pub fn tell(&self) {
        let value = match &self.value {
            Ok(value) => value.to_string(),
            Err(why) => why.clone(),
        };
        println!("{}\t{}\t{value}", self.what, self.unit);
    }

    pub fn read(line: &str) -> Outcome<Self> {
        let mut cells = line.splitn(3, '\t');
        match (cells.next(), cells.next(), cells.next()) {
            (Some(what), Some(WITHOUT), Some(why)) => Ok(Self::without(what, why)),
            (Some(what), Some(unit), Some(value)) => Ok(Self::new(what, unit, value.parse()?)),
            _ => Err(format!("the child said {line:?}").into()),
        }
    }
}
