//! Civil dates and instants, both ways.

use crate::malformed::Malformed;
use crate::read::{At, Read, build, read};
use crate::v1;
use crate::v1::when::Form;
use prost_types::Timestamp;
use standing_domain::time::day::{Day, DayError};
use standing_domain::time::record_time::RecordTime;
use standing_domain::time::when::{When, Window, WindowError};

const MICROS: i64 = 1_000_000;

/// Writes a record time.
#[must_use]
pub fn timestamp(record_time: RecordTime) -> Timestamp {
    // No instant of the contract is later.
    let micros = i64::try_from(record_time.micros()).unwrap_or(i64::MAX);
    // Below a million microseconds, a thousand million nanoseconds: it fits.
    let nanos = i32::try_from(micros % MICROS * 1_000).unwrap_or(0);
    Timestamp {
        seconds: micros / MICROS,
        nanos,
    }
}

/// Reads an instant, cut to the microsecond before it; none if it is not an instant. Before 1970
/// the ledger knew nothing: every instant before is [`RecordTime::ZERO`].
#[must_use]
pub fn record_time(instant: &Timestamp) -> Option<RecordTime> {
    let nanos = u32::try_from(instant.nanos)
        .ok()
        .filter(|nanos| *nanos < 1_000_000_000)?;
    let micros = instant
        .seconds
        .checked_mul(MICROS)?
        .checked_add(i64::from(nanos / 1_000))?;
    Some(RecordTime::from_micros(u64::try_from(micros).unwrap_or(0)))
}

impl TryFrom<v1::When> for When {
    type Error = Malformed;

    fn try_from(wire: v1::When) -> Result<Self, Malformed> {
        read(|at| read_when(at, wire))
    }
}

impl From<&When> for v1::When {
    fn from(when: &When) -> Self {
        let form = match when {
            When::Window(window) => write_window(*window),
            When::Anchor { session, edge } => Form::Anchor(v1::Anchor {
                session: session.to_string(),
                edge: v1::SessionEdge::from(*edge).into(),
            }),
        };
        Self { form: Some(form) }
    }
}

/// Writes a day, a month and a year as one text, any other window as two days.
fn write_window(window: Window) -> Form {
    let text = window.to_string();
    if Window::parse(&text).is_ok_and(|same| same == window) {
        return Form::Date(text);
    }
    Form::Window(v1::Window {
        earliest_date: window.earliest.to_string(),
        latest_date: window.latest.to_string(),
    })
}

/// Reads what takes effect at some time.
pub(crate) fn read_when(at: &At, wire: v1::When) -> Read<When> {
    match wire.form {
        None => at.missing("a date, a window or an anchor"),
        Some(Form::Date(text)) => read_date(&at.field("date"), &text).map(When::Window),
        Some(Form::Window(wire)) => {
            let at = at.field("window");
            let earliest = read_day(&at.field("earliest_date"), &wire.earliest_date);
            let latest = read_day(&at.field("latest_date"), &wire.latest_date);
            Window::new(earliest?, latest?)
                .map(When::Window)
                .or_else(|error| refuse_window(&at, &error))
        }
        Some(Form::Anchor(wire)) => {
            let at = at.field("anchor");
            build!(When::Anchor {
                session: at.id("session", &wire.session),
                edge: at.choice("edge", wire.edge),
            })
        }
    }
}

/// Reads a day, a month or a year.
pub(crate) fn read_date(at: &At, text: &str) -> Read<Window> {
    Window::parse(text).or_else(|error| refuse_window(at, &error))
}

/// Reads a day, a month, a year, or two days with `..` between them.
pub(crate) fn read_span(at: &At, text: &str) -> Read<Window> {
    let Some((earliest, latest)) = text.split_once("..") else {
        return read_date(at, text);
    };
    let (earliest, latest) = (read_day(at, earliest), read_day(at, latest));
    Window::new(earliest?, latest?).or_else(|error| refuse_window(at, &error))
}

/// Reads a civil date.
pub(crate) fn read_day(at: &At, text: &str) -> Read<Day> {
    Day::parse(text).or_else(|error| refuse_day(at, &error))
}

fn refuse_window<T>(at: &At, error: &WindowError) -> Read<T> {
    match error {
        WindowError::Day(error) => refuse_day(at, error),
        WindowError::EndsBeforeItBegins { .. } => at.refuse("ENDS_BEFORE_IT_BEGINS", error),
    }
}

fn refuse_day<T>(at: &At, error: &DayError) -> Read<T> {
    let reason = match error {
        DayError::NotADate { .. } => "NOT_A_DATE",
        DayError::OutOfRange(_) => "DATE_OUT_OF_RANGE",
    };
    at.refuse(reason, error)
}
