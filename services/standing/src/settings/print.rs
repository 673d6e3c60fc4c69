//! The settings as a file, each with where it is set.

use super::file::Access;
use super::flags::{Flag, Kind};
use super::set::Set;
use clap::ArgMatches;
use clap::parser::ValueSource;
use standing_domain::text::{is_steering, spelt_out};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::Path;

/// A setting as it is printed.
#[derive(Debug)]
pub struct Shown {
    table: Option<String>,
    key: String,
    /// Its value as TOML, if it has one that TOML can say.
    value: Option<String>,
    /// What a value of it looks like.
    sample: String,
    /// Where it is set.
    origin: String,
}

impl Shown {
    /// Returns the key, with its table.
    pub fn name(&self) -> String {
        match &self.table {
            Some(table) => format!("{table}.{}", self.key),
            None => self.key.clone(),
        }
    }

    /// Returns whether both are set to the same, wherever that is done.
    pub fn is_as(&self, other: &Self) -> bool {
        (&self.table, &self.key, &self.value) == (&other.table, &other.key, &other.value)
    }
}

#[cfg(test)]
impl Shown {
    /// Writes `FILE` where the file is named.
    pub fn hide(&mut self, file: &str) {
        self.origin = self.origin.replace(file, "FILE");
    }
}

/// Returns what the flags are, after everything that sets them.
pub fn shown(flags: &[Flag], matches: &ArgMatches, sets: &[Set]) -> Vec<Shown> {
    let flags = flags.iter().filter(|flag| flag.stands_in_file());
    let shown = flags.map(|flag| {
        let set = sets.iter().find(|set| set.flag == flag.id);
        let origin = match (set, matches.value_source(&flag.id)) {
            (Some(set), _) => set.origin.to_string(),
            (None, Some(ValueSource::CommandLine)) => "flag".to_owned(),
            (None, Some(_)) => "default".to_owned(),
            (None, None) => "not set".to_owned(),
        };
        let value = value(flag, matches);
        let is_lost = value.is_none() && matches.value_source(&flag.id).is_some();
        Shown {
            table: flag.table.clone(),
            key: flag.key().to_owned(),
            value,
            sample: flag.sample(),
            origin: if is_lost {
                format!("{origin}, and not UTF-8, which a file must be")
            } else {
                origin
            },
        }
    });
    shown.collect()
}

/// Returns the value of a flag as TOML; none without one, or where it is no text.
fn value(flag: &Flag, matches: &ArgMatches) -> Option<String> {
    if flag.kind == Kind::Switch {
        return Some(matches.get_flag(&flag.id).to_string());
    }
    let values = matches.get_raw(&flag.id)?;
    let values: Option<Vec<String>> = values.map(|value| scalar(flag, value)).collect();
    let values = values?;
    if flag.several {
        Some(format!("[{}]", values.join(", ")))
    } else {
        values.into_iter().next()
    }
}

fn scalar(flag: &Flag, value: &OsStr) -> Option<String> {
    let text = value.to_str()?;
    let number = text.parse::<i128>().ok();
    let number = number.filter(|_| flag.kind == Kind::Number);
    let number = number.map(|number| number.to_string());
    Some(number.unwrap_or_else(|| toml::Value::from(text).to_string()))
}

/// Writes settings as a file that sets the same.
pub fn document(file: Option<&Path>, settings: &[Shown], access: &Access) -> String {
    let mut text = String::new();
    if let Some(file) = file {
        comment(&mut text, &format!("--config {}", file.display()));
    }
    let mut tables: Vec<Option<&str>> = vec![None];
    for shown in settings {
        let table = shown.table.as_deref();
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    for table in tables {
        if let Some(table) = table {
            let _ = writeln!(text, "\n[{table}]");
        }
        for shown in settings.iter().filter(|s| s.table.as_deref() == table) {
            let (key, sample) = (&shown.key, &shown.sample);
            let _ = match &shown.value {
                Some(value) => write!(text, "{key} = {value}  "),
                None => write!(text, "# {key} = {sample}  "),
            };
            comment(&mut text, &shown.origin);
        }
    }
    for (key, value) in &access.tables {
        // An array without tables would be a key of the last table.
        if value.as_array().is_some_and(Vec::is_empty) {
            continue;
        }
        text.push('\n');
        comment(&mut text, access.places.get(key).map_or("", String::as_str));
        let one: toml::Table = [(key.clone(), value.clone())].into_iter().collect();
        text.push_str(&one.to_string());
    }
    text
}

fn comment(text: &mut String, said: &str) {
    let _ = writeln!(text, "# {}", spelt_out(said, is_steering));
}
