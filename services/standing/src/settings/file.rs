//! The file: a TOML document whose keys are flags, and tables about who may do what.

use super::flags::{Flag, Kind};
use super::set::{Origin, Set, refuse_users};
use crate::failure::Failure;
use serde::Deserialize as _;
use standing_domain::text::Nearest;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue, ValueDeserializer};

/// Nobody writes as many settings by hand.
const MOST: u64 = 1 << 20;

/// What stands in the file and is no flag, and whether it is an array of tables, or a table.
const ACCESS: &[(&str, bool)] = &[("identities", true), ("oidc", false), ("roles", false)];

/// Who may do what, as it stands in the file: the tables `roles` and `oidc`, and the array of
/// tables `identities`.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// What stands in the file.
    pub tables: toml::Table,
    /// Where each begins: `FILE:LINE`.
    pub places: BTreeMap<String, String>,
}

/// What a file says.
#[derive(Debug, Default)]
pub struct File {
    /// What it sets.
    pub sets: Vec<Set>,
    /// What it says besides.
    pub access: Access,
}

/// Reads a file of settings of a command with these flags.
///
/// # Errors
/// The file cannot be read, others can write it, or something in it is no setting; its line is
/// named.
pub fn read(path: &Path, command: &str, flags: &[Flag]) -> Result<File, Failure> {
    let text = text(path)?;
    let name = path.display().to_string();
    let reading = Reading {
        name: &name,
        text: &text,
        command,
        flags,
    };
    reading.read()
}

fn text(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let cannot = |error: io::Error| {
        Failure::failed(format!("cannot read the configuration file {name}")).because(&error)
    };
    let file = fs::File::open(path).map_err(cannot)?;
    refuse_exposed(path, &file.metadata().map_err(cannot)?)?;
    let mut bytes = Vec::new();
    let read = file.take(MOST + 1).read_to_end(&mut bytes);
    if read.map_err(cannot)? as u64 > MOST {
        let said = format!("the configuration file {name} is larger than {MOST} bytes");
        return Err(Failure::failed(said));
    }
    let text = String::from_utf8(bytes);
    text.map_err(|error| {
        cannot(io::Error::new(
            io::ErrorKind::InvalidData,
            error.utf8_error(),
        ))
    })
}

#[cfg(unix)]
fn refuse_exposed(path: &Path, metadata: &fs::Metadata) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o002 == 0 {
        return Ok(());
    }
    let name = path.display();
    Err(Failure::failed(format!(
        "the configuration file {name} can be written by others (mode {mode:03o}): chmod o-w {name}"
    )))
}

#[cfg(not(unix))]
fn refuse_exposed(_: &Path, _: &fs::Metadata) -> Result<(), Failure> {
    Ok(())
}

/// A file while it is read.
struct Reading<'a> {
    name: &'a str,
    text: &'a str,
    command: &'a str,
    flags: &'a [Flag],
}

/// A key with its value: where the key begins, and the table that it stands in.
struct Entry<'a, 'b> {
    at: usize,
    table: Option<&'b str>,
    key: &'b str,
    value: &'b Spanned<DeValue<'a>>,
}

impl<'a> Reading<'a> {
    fn read(&self) -> Result<File, Failure> {
        let document = DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            // Its text would repeat the line.
            self.wrong(at, error.message())
        })?;
        let mut file = File::default();
        let mut lines = BTreeMap::new();
        for entry in self.entries(document.get_ref())? {
            if entry.table.is_none() && access(entry.key).is_some() {
                self.read_access(&entry, &mut file.access)?;
                continue;
            }
            let flag = self.flag(&entry)?;
            let set = self.set(flag, &entry)?;
            if let Some(line) = lines.insert(&flag.id, self.line(entry.at)) {
                let said = format!("--{} is set on line {line} already", flag.long);
                return Err(self.wrong(entry.at, &said));
            }
            file.sets.push(set);
        }
        Ok(file)
    }

    /// Returns all keys in the order of the file, those of the tables of flags among them.
    fn entries<'b>(&self, document: &'b DeTable<'a>) -> Result<Vec<Entry<'a, 'b>>, Failure> {
        let mut entries = Vec::new();
        for entry in sorted(None, document) {
            match entry.value.get_ref() {
                DeValue::Table(table) if access(entry.key).is_none() => {
                    if !self.tables().contains(entry.key) {
                        return Err(self.no_table(&entry));
                    }
                    entries.extend(sorted(Some(entry.key), table));
                }
                _ => entries.push(entry),
            }
        }
        Ok(entries)
    }

    fn flags(&self) -> impl Iterator<Item = &'a Flag> {
        self.flags.iter().filter(|flag| flag.stands_in_file())
    }

    /// Returns the tables that flags may stand in.
    fn tables(&self) -> BTreeSet<&'a str> {
        let tables = self.flags().filter_map(|flag| flag.table.as_deref());
        tables.filter(|table| access(table).is_none()).collect()
    }

    fn flag(&self, entry: &Entry<'_, '_>) -> Result<&'a Flag, Failure> {
        let key = entry.key;
        let Some(table) = entry.table else {
            if self.tables().contains(key) {
                let flag = self.flags().find(|flag| flag.long == key);
                let line = flag.map(|flag| format!(" {} = {}", flag.key(), flag.sample()));
                let line = line.unwrap_or_default();
                let what = called(entry.value.get_ref());
                let said = format!("{key} is {what}, and must be a table: [{key}]{line}");
                return Err(self.wrong(entry.at, &said));
            }
            let flag = self.flags().find(|flag| flag.long == key);
            return flag.ok_or_else(|| self.unknown(entry));
        };
        let mut below = self.flags().filter(|f| f.table.as_deref() == Some(table));
        let flag = below.find(|flag| flag.long == key || flag.key() == key);
        flag.ok_or_else(|| self.unknown(entry))
    }

    /// Says that a key is none, and which may have been meant.
    fn unknown(&self, entry: &Entry<'_, '_>) -> Failure {
        let key = entry.key;
        let command = self.command;
        let Some(table) = entry.table else {
            let mut nearest = Nearest::to(key);
            for flag in self.flags() {
                nearest.look(&flag.long, || flag.place());
            }
            let said = format!("{key} is no setting of `standing {command}`");
            return self.wrong(entry.at, &(said + &meant(nearest)));
        };
        let said = format!("[{table}] has no {key}");
        if let Some(flag) = self.flags().find(|flag| flag.long == key) {
            let place = match &flag.table {
                Some(table) => format!("in [{table}]"),
                None => "above all tables".to_owned(),
            };
            return self.wrong(entry.at, &format!("{said}: {key} stands {place}"));
        }
        let mut nearest = Nearest::to(key);
        for flag in self.flags() {
            if flag.table.as_deref() == Some(table) {
                nearest.look(flag.key(), || flag.key().to_owned());
            }
        }
        self.wrong(entry.at, &(said + &meant(nearest)))
    }

    /// Says that no flags stand in a table of this name.
    fn no_table(&self, entry: &Entry<'_, '_>) -> Failure {
        let key = entry.key;
        if let Some(flag) = self.flags().find(|flag| flag.long == key) {
            return self.mistaken(flag, entry, "a table");
        }
        let mut nearest = Nearest::to(key);
        let access = ACCESS.iter().map(|(name, _)| *name);
        for table in self.tables().into_iter().chain(access) {
            nearest.look(table, || format!("[{table}]"));
        }
        let said = format!("[{key}] is no table of `standing {}`", self.command);
        self.wrong(entry.at, &(said + &meant(nearest)))
    }

    fn set(&self, flag: &Flag, entry: &Entry<'_, '_>) -> Result<Set, Failure> {
        let (mut values, mut on) = (Vec::new(), false);
        match entry.value.get_ref() {
            DeValue::Boolean(value) if flag.kind == Kind::Switch => on = *value,
            DeValue::Array(several) if flag.several => {
                for value in several {
                    let value = value.get_ref();
                    let what = || format!("an array with {}", called(value));
                    let value = scalar(flag, value);
                    values.push(value.ok_or_else(|| self.mistaken(flag, entry, &what()))?);
                }
            }
            value => {
                let scalar = scalar(flag, value);
                let what = called(value);
                values.push(scalar.ok_or_else(|| self.mistaken(flag, entry, what))?);
            }
        }
        let origin = Origin::File(self.place(entry.at));
        let given = values.iter().map(AsRef::as_ref);
        refuse_users(self.flags, flag, given, Some(&origin))?;
        Ok(Set {
            flag: flag.id.clone(),
            values,
            on,
            origin,
        })
    }

    fn mistaken(&self, flag: &Flag, entry: &Entry<'_, '_>, what: &str) -> Failure {
        let (key, sample) = (entry.key, flag.sample());
        let wanted = match flag.kind {
            Kind::Switch => "true or false",
            Kind::Number => "an integer",
            Kind::Text => "a string",
        };
        let several = if flag.several { ", or several" } else { "" };
        let said = format!("{key} is {what}, and must be {wanted}{several}: {key} = {sample}");
        self.wrong(entry.at, &said)
    }

    fn read_access(&self, entry: &Entry<'_, '_>, access: &mut Access) -> Result<(), Failure> {
        let key = entry.key;
        let is_right = match (self::access(key), entry.value.get_ref()) {
            (Some(true), DeValue::Array(all)) => all.iter().all(|one| one.get_ref().is_table()),
            (Some(false), DeValue::Table(_)) => true,
            _ => false,
        };
        if !is_right {
            let what = called(entry.value.get_ref());
            let wanted = match self::access(key) {
                Some(true) => format!("tables, each [[{key}]]"),
                _ => format!("a table, [{key}]"),
            };
            return Err(self.wrong(entry.at, &format!("{key} is {what}, and must be {wanted}")));
        }
        let value = toml::Value::deserialize(ValueDeserializer::from(entry.value.clone()));
        let value = value.map_err(|error| {
            let at = error.span().map_or(entry.at, |span| span.start);
            self.wrong(at, error.message())
        })?;
        access.tables.insert(key.to_owned(), value);
        access.places.insert(key.to_owned(), self.place(entry.at));
        Ok(())
    }

    fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    fn place(&self, at: usize) -> String {
        format!("{}:{}", self.name, self.line(at))
    }

    fn wrong(&self, at: usize, said: &str) -> Failure {
        Failure::failed(said).at(self.place(at))
    }
}

/// Returns the keys of a table in the order of the file.
fn sorted<'a, 'b>(table: Option<&'b str>, keys: &'b DeTable<'a>) -> Vec<Entry<'a, 'b>> {
    let entries = keys.iter().map(|(key, value)| Entry {
        at: key.span().start,
        table,
        key: key.get_ref(),
        value,
    });
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort_by_key(|entry| entry.at);
    entries
}

/// Whether a key is about who may do what, and then whether it is an array.
fn access(key: &str) -> Option<bool> {
    let found = ACCESS.iter().find(|(name, _)| *name == key);
    found.map(|(_, is_array)| *is_array)
}

/// Returns a value as an argument, if it is of the kind that the flag takes.
fn scalar(flag: &Flag, value: &DeValue<'_>) -> Option<OsString> {
    match (flag.kind, value) {
        (Kind::Text, DeValue::String(text)) => Some(text.as_ref().into()),
        (Kind::Number, DeValue::Integer(number)) => Some(decimal(number).into()),
        _ => None,
    }
}

fn decimal(number: &DeInteger<'_>) -> String {
    let read = i128::from_str_radix(number.as_str(), number.radix());
    // What is longer is longer than what any flag takes, which says so.
    read.map_or_else(|_| number.to_string(), |number| number.to_string())
}

fn called(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

fn meant(nearest: Nearest) -> String {
    match nearest.found().as_slice() {
        [] => String::new(),
        found => format!("; did you mean {}?", found.join(" or ")),
    }
}
