//! The flags of a command, as clap knows them: what each takes, and what it is called elsewhere.

use clap::{Arg, Command};
use std::any::TypeId;
use std::ffi::OsString;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

/// The flag that names the file. It does not stand in one.
pub const CONFIG: &str = "config";

/// The flag that asks for the settings. It is none.
const PRINT: &str = "print-config";

/// What a flag takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: it is given or not.
    Switch,
    /// A whole number.
    Number,
    /// Anything else.
    Text,
}

/// A flag that can be set elsewhere.
///
/// `--some-flag` is `STANDING_SOME_FLAG` in the environment, and `some-flag` at the top of the
/// file. A flag that `--help` shows below a heading may stand in a table of that name instead, in
/// small letters and with dashes for blanks: below "Limits", `[limits] memory`. There a name that
/// begins with the table's goes without it, or with it: below "NATS", `--nats-user` is `[nats]
/// user`. The flag of the heading's own name is `server` there, `[nats] server`, and has no place
/// at the top: a key of TOML cannot be a table and something else.
#[derive(Debug, Clone)]
pub struct Flag {
    /// What clap calls it.
    pub id: String,
    /// Its name, without the dashes.
    pub long: String,
    /// The table that it may stand in.
    pub table: Option<String>,
    /// What it takes.
    pub kind: Kind,
    /// Whether it may be given several times.
    pub several: bool,
    /// Whether what it takes is a URL.
    pub is_url: bool,
    /// What it is without being set.
    pub defaults: Vec<OsString>,
    /// What stands for its value in the help.
    placeholder: String,
}

/// Returns the flags of a command that can be set elsewhere, in the order of its help.
pub fn of(command: &Command) -> Vec<Flag> {
    let flags = command.get_arguments().filter_map(Flag::of);
    flags.filter(|flag| flag.long != PRINT).collect()
}

impl Flag {
    fn of(arg: &Arg) -> Option<Self> {
        let long = arg.get_long()?.to_owned();
        let action = arg.get_action();
        let names = arg.get_value_names().unwrap_or_default();
        let table = arg.get_help_heading();
        let takes = action.takes_values();
        Some(Self {
            id: arg.get_id().to_string(),
            table: table.map(|heading| heading.to_lowercase().replace(' ', "-")),
            kind: if !takes {
                Kind::Switch
            } else if is_number(arg) {
                Kind::Number
            } else {
                Kind::Text
            },
            several: matches!(action, clap::ArgAction::Append),
            is_url: names.iter().any(|name| name.as_str() == "URL"),
            // A switch is off without being given, which is no value.
            defaults: if takes {
                arg.get_default_values().iter().map(Into::into).collect()
            } else {
                Vec::new()
            },
            placeholder: names.first().map_or("VALUE", |name| name.as_str()).into(),
            long,
        })
    }

    /// Returns its name in the environment.
    pub fn variable(&self) -> String {
        let name = self.long.to_uppercase().replace('-', "_");
        format!("STANDING_{name}")
    }

    /// Whether it may stand in the file.
    pub fn stands_in_file(&self) -> bool {
        self.long != CONFIG
    }

    /// Returns its key in its table, or at the top if it has none.
    pub fn key(&self) -> &str {
        let Some(table) = self.table.as_deref() else {
            return &self.long;
        };
        match self.long.strip_prefix(table) {
            Some("") => "server",
            Some(rest) => rest.strip_prefix('-').unwrap_or(&self.long),
            None => &self.long,
        }
    }

    /// Returns its key as it is written about: with its table.
    pub fn place(&self) -> String {
        match &self.table {
            Some(table) => format!("[{table}] {}", self.key()),
            None => self.long.clone(),
        }
    }

    /// Returns what a value of it looks like.
    pub fn sample(&self) -> String {
        let default = self.defaults.first().and_then(|value| value.to_str());
        let value = default.unwrap_or(&self.placeholder);
        let value = match self.kind {
            Kind::Switch => "true".to_owned(),
            Kind::Number => value.to_owned(),
            Kind::Text => format!("\"{value}\""),
        };
        if self.several {
            format!("[{value}]")
        } else {
            value
        }
    }
}

/// Whether a flag takes a whole number. Times to wait are numbers of seconds.
fn is_number(arg: &Arg) -> bool {
    let numbers = [
        TypeId::of::<u8>(),
        TypeId::of::<u16>(),
        TypeId::of::<u32>(),
        TypeId::of::<u64>(),
        TypeId::of::<usize>(),
        TypeId::of::<i32>(),
        TypeId::of::<i64>(),
        TypeId::of::<NonZeroU16>(),
        TypeId::of::<NonZeroU32>(),
        TypeId::of::<NonZeroU64>(),
        TypeId::of::<NonZeroUsize>(),
        TypeId::of::<Duration>(),
    ];
    let parsed = arg.get_value_parser().type_id();
    numbers.iter().any(|number| parsed == *number)
}
