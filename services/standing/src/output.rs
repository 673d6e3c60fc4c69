//! What is printed, and to whom: answers to the standard output, everything else to the standard
//! error.

use crate::failure::Failure;
use indicatif::{ProgressBar, ProgressStyle};
use standing_domain::text::{is_steering, spelt_out};
use std::borrow::Cow;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::time::Duration;

/// Prints an answer; what would steer a terminal is spelt out. A reader that has read enough, such
/// as `head`, is no failure.
///
/// # Errors
/// The standard output cannot be written to.
pub fn say(text: &str) -> Result<(), Failure> {
    say_as_is(&shown(text))
}

/// Returns a text in which nothing but the ends of lines steers a terminal. In JSON it is the same
/// text: there a character may be spelt out.
fn shown(text: &str) -> Cow<'_, str> {
    // What is kept apart from its neighbours stays so.
    let kept = ['\n', '\u{2068}', '\u{2069}'];
    spelt_out(text, |character| {
        is_steering(character) && !kept.contains(&character)
    })
}

/// Prints what a program reads.
///
/// # Errors
/// As [`say`].
pub fn say_as_is(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| Failure::failed("cannot write the answer").because(&error)),
    }
}

/// Prints a line at once. Returns whether there is still a reader.
///
/// # Errors
/// The standard output cannot be written to.
pub fn say_line(line: &str) -> Result<bool, Failure> {
    let mut out = stdout().lock();
    // In one piece: whatever ends the process leaves no half of a line.
    let written = out.write_all(format!("{}\n", shown(line)).as_bytes());
    match written.and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::failed("cannot write the answer").because(&error)),
    }
}

/// Tells a person something that is no part of an answer.
pub fn note(text: &str) {
    // Nobody is left to tell if this fails.
    let _ = writeln!(stderr().lock(), "{}", shown(text));
}

/// Tells what went wrong.
pub fn complain(failure: &Failure) {
    note(&format!("error: {failure}"));
}

/// Returns a progress bar on the standard error; nothing shows where that is no terminal.
pub fn progress(what: &'static str, total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total).with_message(what);
    let template = "{msg} [{bar:30}] {human_pos}/{human_len} {per_sec} {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
