//! What a node logs, and where to.

use super::traces::Traces;
use crate::args::LogFormat;
use crate::output;
use standing_server::TRACES;
use std::env;
use std::io::{self, IsTerminal as _};
use std::sync::OnceLock;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::reload::Handle;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, fmt, registry, reload};

/// Says it more precisely than `--verbose`.
const VARIABLE: &str = "RUST_LOG";

/// Sends what happens to the standard error: warnings, and with `verbose` what happens besides.
/// `RUST_LOG` says it more precisely; a filter in it that cannot be read is told and not used.
/// Spans of calls go to whom they are traced for.
pub fn start(verbose: bool, format: LogFormat, traces: Option<&Traces>) {
    let said = env::var_os(VARIABLE).map(|said| said.to_string_lossy().into_owned());
    let filter = match said.as_deref().map_or(Ok(None), read) {
        Ok(filter) => filter,
        Err(problem) => {
            output::note(&format!("{VARIABLE} is not used: {problem}"));
            None
        }
    };
    let log = fmt::layer().with_writer(io::stderr);
    let log = match format {
        LogFormat::Text => log.with_ansi(io::stderr().is_terminal()).boxed(),
        LogFormat::Json => log.with_ansi(false).json().flatten_event(true).boxed(),
    };
    let is_said = filter.is_some();
    let filter = filter.unwrap_or_else(|| usual(verbose));
    let filter = without_spans(filter);
    let (filter, handle) = reload::Layer::new(filter);
    // It fails only where somebody listens already.
    let started = registry().with(log.with_filter(filter));
    let started = started.with(traces.map(Traces::layer)).try_init();
    if started.is_ok() && !is_said {
        // Once, as this is.
        let _ = FILTER.set(handle);
    }
}

/// What is logged, where nothing but `--verbose` says it.
static FILTER: OnceLock<Handle<Targets, Registry>> = OnceLock::new();

/// Logs from now on as [`start`] says; what `RUST_LOG` says stays.
pub fn set(verbose: bool) {
    if let Some(filter) = FILTER.get() {
        // It fails only where nobody listens any more.
        let _ = filter.reload(without_spans(usual(verbose)));
    }
}

/// Leaves the spans of calls to the traces: beside each line they would say again what stands in
/// it.
fn without_spans(filter: Targets) -> Targets {
    filter.with_target(TRACES, LevelFilter::OFF)
}

fn usual(verbose: bool) -> Targets {
    if verbose {
        let targets = Targets::new().with_default(LevelFilter::INFO);
        targets.with_target("standing_server", LevelFilter::DEBUG)
    } else {
        Targets::new().with_default(LevelFilter::WARN)
    }
}

/// Reads a filter: a level, and levels of targets as `TARGET=LEVEL`, separated by commas. A target
/// without a level is logged whole; where nothing is said there is no filter.
///
/// # Errors
/// A level is none, or something other than targets is named.
fn read(said: &str) -> Result<Option<Targets>, String> {
    let mut rules = Vec::new();
    for rule in said.split(',').map(str::trim) {
        let rule = rule.strip_suffix('=').unwrap_or(rule);
        if rule.contains(['[', ']', '{', '}', '"']) {
            return Err(format!(
                "`{rule}` names a span or a field; write LEVEL or TARGET=LEVEL, separated by commas"
            ));
        }
        if let Err(error) = rule.parse::<Targets>() {
            return Err(format!("`{rule}`: {error}"));
        }
        if !rule.is_empty() {
            rules.push(rule);
        }
    }
    if rules.is_empty() {
        return Ok(None);
    }
    let filter = rules.join(",").parse::<Targets>();
    filter.map(Some).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing::Level;

    fn enabled(filter: &Targets, target: &str, level: Level) -> bool {
        filter.would_enable(target, &level)
    }

    #[test]
    fn warnings_are_logged_and_calls_when_asked_for() {
        let quiet = usual(false);
        assert!(enabled(&quiet, "standing_engine::writer", Level::WARN));
        assert!(!enabled(&quiet, "standing_server::measured", Level::INFO));
        let verbose = usual(true);
        assert!(enabled(&verbose, "standing_engine::writer", Level::INFO));
        assert!(!enabled(&verbose, "standing_engine::writer", Level::DEBUG));
        assert!(enabled(&verbose, "standing_server::measured", Level::DEBUG));
        assert!(!enabled(&verbose, "standing_server", Level::TRACE));
    }

    #[test]
    fn targets_have_levels_of_their_own() {
        let filter = read("warn, standing_stream=debug,,h2=off,standing_store,redb=");
        let filter = filter.unwrap().unwrap();
        assert!(enabled(&filter, "standing_engine", Level::WARN));
        assert!(!enabled(&filter, "standing_engine", Level::INFO));
        assert!(enabled(&filter, "standing_stream::publish", Level::DEBUG));
        assert!(!enabled(&filter, "standing_stream::publish", Level::TRACE));
        assert!(!enabled(&filter, "h2::proto", Level::ERROR));
        assert!(enabled(&filter, "standing_store::log", Level::TRACE));
        assert!(enabled(&filter, "redb", Level::TRACE));

        // Where only targets are named, others are silent; numbers are levels too.
        let filter = read("standing_server=4").unwrap().unwrap();
        assert!(enabled(&filter, "standing_server", Level::DEBUG));
        assert!(!enabled(&filter, "standing_engine", Level::ERROR));
    }

    #[test]
    fn where_nothing_is_said_there_is_no_filter() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read(" ,, "), Ok(None));
    }

    #[test]
    fn what_is_no_filter_is_named() {
        let problem = |said| read(said).unwrap_err();
        assert_eq!(
            problem("info,standing_server[call]=debug"),
            "`standing_server[call]=debug` names a span or a field; write LEVEL or TARGET=LEVEL, \
             separated by commas"
        );
        assert!(problem("warn,standing_server=loud").starts_with("`standing_server=loud`: "));
        assert!(problem("a=b=c").contains("too many '='"));
    }
}
