//! What is set elsewhere than by a flag, and what no setting may say.

use super::flags::{Flag, Kind};
use crate::failure::Failure;
use std::ffi::{OsStr, OsString};
use std::fmt;

/// Where something is set that is no flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// By a variable of the environment.
    Environment(String),
    /// On a line of the file: `FILE:LINE`.
    File(String),
}

impl Origin {
    /// Returns what names the place.
    pub fn place(&self) -> &str {
        match self {
            Self::Environment(place) | Self::File(place) => place,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(variable) => write!(f, "environment {variable}"),
            Self::File(place) => f.write_str(place),
        }
    }
}

/// What a flag is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The flag, as clap calls it.
    pub flag: String,
    /// The values; of a switch none.
    pub values: Vec<OsString>,
    /// Whether a switch is on.
    pub on: bool,
    /// Where.
    pub origin: Origin,
}

impl Set {
    /// Returns the arguments that say so. What holds anyway is not said: it may ask for other flags
    /// if it is, or not go with them.
    pub fn words(&self, flag: &Flag) -> Vec<OsString> {
        let long = format!("--{}", flag.long);
        if flag.kind == Kind::Switch {
            return self.on.then(|| long.into()).into_iter().collect();
        }
        if self.values == flag.defaults {
            return Vec::new();
        }
        let word = |value: &OsString| {
            let mut word = OsString::from(format!("{long}="));
            word.push(value);
            word
        };
        self.values.iter().map(word).collect()
    }
}

/// Reads what the environment sets. A variable that is empty sets nothing; values of a flag that
/// takes several are separated by commas.
///
/// # Errors
/// A URL says who connects, or a switch is neither on nor off.
pub fn of_environment(
    flags: &[Flag],
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<Set>, Failure> {
    let mut sets = Vec::new();
    for flag in flags {
        let variable = flag.variable();
        let Some(value) = environment(&variable).filter(|value| !value.is_empty()) else {
            continue;
        };
        let origin = Origin::Environment(variable);
        let text = value.to_str().unwrap_or_default();
        let (mut values, mut on) = (Vec::new(), false);
        match flag.kind {
            Kind::Switch => on = switched(text).ok_or_else(|| neither(&origin))?,
            _ if flag.several && !text.is_empty() => {
                let parts = text.split(',').filter(|part| !part.is_empty());
                values.extend(parts.map(OsString::from));
            }
            _ => values.push(value),
        }
        refuse_users(flags, flag, values.iter().map(AsRef::as_ref), Some(&origin))?;
        sets.push(Set {
            flag: flag.id.clone(),
            values,
            on,
            origin,
        });
    }
    Ok(sets)
}

fn switched(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn neither(origin: &Origin) -> Failure {
    let variable = origin.place();
    Failure::failed(format!("{variable} is neither true nor false"))
}

/// Refuses URLs that say who connects: what is set is printed, and shown to whoever may look at
/// processes. What was given is not repeated, as it may hold a password.
///
/// # Errors
/// There is one.
pub fn refuse_users<'a>(
    flags: &[Flag],
    flag: &Flag,
    values: impl IntoIterator<Item = &'a OsStr>,
    origin: Option<&Origin>,
) -> Result<(), Failure> {
    // The user stands before an @, wherever the rest of the address makes it unreadable.
    let says_who = |value: &OsStr| {
        let value = value.to_string_lossy();
        names_a_user(&value) || flag.is_url && value.contains('@')
    };
    if !values.into_iter().any(says_who) {
        return Ok(());
    }
    let long = &flag.long;
    let beside = ["user", "password-file"].map(|what| format!("{long}-{what}"));
    let known = |name: &String| flags.iter().any(|flag| flag.long == *name);
    let instead = if beside.iter().all(known) {
        let [user, password] = beside;
        format!("give --{user} and --{password}, and leave the address as SCHEME://HOST:PORT")
    } else {
        "leave the address as SCHEME://HOST:PORT".to_owned()
    };
    let failure = Failure::failed(format!("--{long} says who connects: {instead}"));
    Err(match origin {
        Some(origin) => failure.at(origin.place()),
        None => failure,
    })
}

/// Whether a text holds a URL with a user.
pub fn names_a_user(text: &str) -> bool {
    let mut schemes = text.match_indices("://");
    schemes.any(|(at, _)| text[at..].contains('@'))
}
