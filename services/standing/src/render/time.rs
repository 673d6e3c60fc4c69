//! Dates, windows and intervals.

use standing_domain::time::day::Day;
use standing_domain::time::when::Window;
use standing_proto::v1;
use standing_proto::v1::when::Form;
use standing_proto::v1::{Interval, SessionEdge};

/// Heads a column of ends: every end is the first day without.
pub const UNTIL: &str = "UNTIL (DAY OUT)";

/// Writes a window of days: a day, a month, a year, or two days.
pub fn window(earliest: &str, latest: &str) -> String {
    match (Day::parse(earliest), Day::parse(latest)) {
        (Ok(first), Ok(last)) => match Window::new(first, last) {
            Ok(window) => window.to_string(),
            Err(_) => format!("{earliest}..{latest}"),
        },
        (Ok(_), Err(_)) => format!("{earliest}.."),
        _ => format!("{earliest}{latest}"),
    }
}

/// Writes from when something holds; empty if it is not known.
pub fn start(interval: Option<&Interval>) -> String {
    interval.map_or_else(String::new, |interval| {
        window(&interval.earliest_start_date, &interval.latest_start_date)
    })
}

/// Writes the first day on which something no longer holds; empty if nothing recorded ends it.
pub fn end(interval: Option<&Interval>) -> String {
    interval.map_or_else(String::new, |interval| {
        window(&interval.earliest_end_date, &interval.latest_end_date)
    })
}

/// Writes when something takes effect, as recorded; empty where that is not said.
pub fn when(when: Option<&v1::When>) -> String {
    match when.and_then(|when| when.form.as_ref()) {
        None => String::new(),
        Some(Form::Date(date)) => date.clone(),
        Some(Form::Window(days)) => window(&days.earliest_date, &days.latest_date),
        Some(Form::Anchor(anchor)) => {
            let edge = match anchor.edge() {
                SessionEdge::Opening => "opening",
                SessionEdge::Close => "close",
                SessionEdge::Unspecified => "some time",
            };
            format!("{edge} of {}", anchor.session)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_as_short_as_they_can_be() {
        assert_eq!(window("2024-09-25", "2024-09-25"), "2024-09-25");
        assert_eq!(window("2012-07-01", "2012-07-31"), "2012-07");
        assert_eq!(window("1998-01-01", "1998-12-31"), "1998");
        assert_eq!(window("2016-09-27", "2024-09-24"), "2016-09-27..2024-09-24");
        assert_eq!(window("2016-09-27", ""), "2016-09-27..");
        assert_eq!(window("", ""), "");
    }

    #[test]
    fn an_anchor_names_its_session() {
        let anchor = v1::When {
            form: Some(Form::Anchor(v1::Anchor {
                session: "general-assembly/14".to_owned(),
                edge: SessionEdge::Close.into(),
            })),
        };
        assert_eq!(when(Some(&anchor)), "close of general-assembly/14");
    }
}
