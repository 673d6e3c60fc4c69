//! What a node is set to: flags, above the environment, above a file, above what holds otherwise.
//!
//! All of it is derived from the flags as clap knows them, and nothing here knows one by name but
//! the two that are about settings. What the environment and the file set is put among the
//! arguments as flags, unless the flag is there: clap judges all of it alike.

mod file;
mod flags;
mod print;
mod set;
#[cfg(test)]
mod tests;

use crate::args::Cli;
use crate::failure::Failure;
use clap::builder::ValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory as _, FromArgMatches as _, Parser as _};
use file::File;
use flags::{CONFIG, Flag};
use print::Shown;
use set::{Origin, Set};
use std::env;
use std::ffi::OsString;
use std::path::Path;

pub use file::Access;

/// What is asked for, and what a node is set to.
#[derive(Debug)]
pub struct Settings {
    /// The command line, as it is with what the environment and the file say.
    pub cli: Cli,
    /// Who may do what, which stands in the file alone, and is not read here.
    pub access: Access,
    shown: Vec<Shown>,
}

/// Why there are no settings.
#[derive(Debug)]
enum Unsettled {
    /// The arguments are wrong, or ask for help: clap says it, and how the process ends.
    Usage(Box<clap::Error>),
    /// Something else is.
    Failure(Failure),
}

impl From<clap::Error> for Unsettled {
    fn from(error: clap::Error) -> Self {
        // What clap does not understand it repeats.
        if error.use_stderr() && set::names_a_user(&error.to_string()) {
            let said = "an argument holds a URL that says who connects: leave its user out";
            return Self::Failure(Failure::failed(said));
        }
        Self::Usage(Box::new(error))
    }
}

impl From<Failure> for Unsettled {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Settings {
    /// Returns the keys of what later settings say otherwise, with their tables; of who may do what
    /// nothing is told.
    pub fn changed(&self, later: &Self) -> Vec<String> {
        let both = self.shown.iter().zip(&later.shown);
        let changed = both.filter(|(before, now)| !before.is_as(now));
        changed.map(|(before, _)| before.name()).collect()
    }

    /// Returns the settings as a file, if that is what is asked for.
    pub fn printed(&self) -> Option<String> {
        let opening = self.cli.command.opening()?;
        let file = opening.config.as_deref();
        opening
            .print_config
            .then(|| print::document(file, &self.shown, &self.access))
    }
}

/// Reads the settings; ends the process where clap does.
///
/// # Errors
/// The file cannot be read or is refused, or a value of it or of the environment is.
pub fn read() -> Result<Settings, Failure> {
    match settle(env::args_os().collect(), |name| env::var_os(name)) {
        Ok(settings) => Ok(settings),
        Err(Unsettled::Usage(error)) => error.exit(),
        Err(Unsettled::Failure(failure)) => Err(failure),
    }
}

/// Reads the settings again, as they are now; the process goes on whatever is wrong with them.
///
/// # Errors
/// As [`read`], or the arguments do not go with what the file says by now.
pub fn again() -> Result<Settings, Failure> {
    match settle(env::args_os().collect(), |name| env::var_os(name)) {
        Ok(settings) => Ok(settings),
        Err(Unsettled::Usage(error)) => Err(Failure::failed(error.to_string().trim_end())),
        Err(Unsettled::Failure(failure)) => Err(failure),
    }
}

fn settle(
    argv: Vec<OsString>,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Settings, Unsettled> {
    let mut command = Cli::command();
    let Some((name, given)) = look(&command, &argv) else {
        return Ok(Settings {
            cli: Cli::try_parse_from(argv)?,
            access: Access::default(),
            shown: Vec::new(),
        });
    };
    let flags = command.find_subcommand(&name).map(flags::of);
    let flags = flags.unwrap_or_default();
    let is_given = |flag: &Flag| given.value_source(&flag.id) == Some(ValueSource::CommandLine);
    for flag in flags.iter().filter(|flag| is_given(flag)) {
        let values = given.get_raw(&flag.id).into_iter().flatten();
        set::refuse_users(&flags, flag, values, None)?;
    }
    let from_environment = set::of_environment(&flags, environment)?;
    let file = match path(&given, &from_environment) {
        Some(path) => file::read(path, &name, &flags)?,
        None => File::default(),
    };
    let unsaid = |flag: &Flag, set: &Set| set.flag == flag.id && !is_given(flag);
    let sets: Vec<Set> = flags
        .iter()
        .filter_map(|flag| {
            let mut set = from_environment.iter().chain(&file.sets);
            set.find(|set| unsaid(flag, set)).cloned()
        })
        .collect();
    let words = with(argv, &name, &flags, &sets);
    let matches = command
        .try_get_matches_from_mut(words)
        .map_err(|error| explained(error, &flags, &sets))?;
    let cli = Cli::from_arg_matches(&matches)?;
    let shown = matches.subcommand_matches(&name);
    Ok(Settings {
        cli,
        access: file.access,
        shown: shown.map_or_else(Vec::new, |matches| print::shown(&flags, matches, &sets)),
    })
}

/// Looks which command is asked for, and which flags are given, of the commands that have settings.
/// None otherwise, and where the arguments cannot be understood whatever is set: parsing them as
/// they are says why.
fn look(command: &Command, argv: &[OsString]) -> Option<(String, ArgMatches)> {
    let has_settings = |command: &&Command| flags::of(command).iter().any(|f| f.long == CONFIG);
    let names = command.get_subcommands().filter(has_settings);
    let names: Vec<String> = names.map(|found| found.get_name().to_owned()).collect();
    // What a value means is judged when all are there.
    let any_value = |command: Command| {
        command.mut_args(|arg| {
            if arg.get_action().takes_values() {
                arg.value_parser(ValueParser::os_string())
            } else {
                arg
            }
        })
    };
    let mut command = command.clone();
    for name in &names {
        command = command.mut_subcommand(name, any_value);
    }
    let matches = match command.clone().try_get_matches_from(argv) {
        Ok(matches) => matches,
        // The file or the environment may set what is required; all else has been understood.
        Err(error) if error.kind() == ErrorKind::MissingRequiredArgument => {
            let command = command.ignore_errors(true);
            command.try_get_matches_from(argv).ok()?
        }
        Err(_) => return None,
    };
    let (name, given) = matches.subcommand()?;
    names
        .iter()
        .any(|has_settings| has_settings == name)
        .then(|| (name.to_owned(), given.clone()))
}

/// Returns where the file is, if there is one.
fn path<'a>(given: &'a ArgMatches, from_environment: &'a [Set]) -> Option<&'a Path> {
    let flag = given.get_raw(CONFIG).and_then(|mut values| values.next());
    let set = || from_environment.iter().find(|set| set.flag == CONFIG);
    let path = flag.or_else(|| set()?.values.first().map(OsString::as_os_str));
    path.map(Path::new)
}

/// Puts what is set among the arguments, right behind the command: what comes later may be values
/// of the last flag.
fn with(argv: Vec<OsString>, name: &str, flags: &[Flag], sets: &[Set]) -> Vec<OsString> {
    // No flag stands before the command that takes a value.
    let at = argv.iter().skip(1).position(|word| word == name);
    let at = at.map_or(argv.len(), |at| at + 2);
    let mut words = argv;
    let rest = words.split_off(at.min(words.len()));
    for set in sets {
        let flag = flags.iter().find(|flag| flag.id == set.flag);
        words.extend(flag.into_iter().flat_map(|flag| set.words(flag)));
    }
    words.extend(rest);
    words
}

/// Says besides what is wrong where it is set, if what is wrong has to do with what is set.
fn explained(error: clap::Error, flags: &[Flag], sets: &[Set]) -> Unsettled {
    let text = error.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let ends = ["\n\nUsage:", "\n\nFor more information"];
    let end = ends.iter().filter_map(|end| text.find(end)).min();
    let text = &text[..end.unwrap_or(text.len())];
    let mut lines = text.lines();
    let failure = Failure::failed(lines.next().unwrap_or_default());
    let details = lines.map(str::trim).filter(|line| !line.is_empty());
    let mut failure = details.fold(failure, Failure::detail);
    let is_value = matches!(
        error.kind(),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation
    );
    let about = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(about)) if is_value => about,
        _ => text,
    };
    let named = |long: &str| {
        let mut words = about.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        words.any(|word| word.strip_prefix("--") == Some(long))
    };
    let mut blamed: Vec<(&Flag, &Origin)> = Vec::new();
    for flag in flags.iter().filter(|flag| named(&flag.long)) {
        let set = sets.iter().find(|set| set.flag == flag.id);
        blamed.extend(set.map(|set| (flag, &set.origin)));
    }
    match blamed.as_slice() {
        [] => Unsettled::from(error),
        [(_, origin)] if is_value => Unsettled::Failure(failure.at(origin.place())),
        several => {
            for (flag, origin) in several {
                failure = failure.detail(format!("--{} is set by {}", flag.long, origin.place()));
            }
            Unsettled::Failure(failure)
        }
    }
}
