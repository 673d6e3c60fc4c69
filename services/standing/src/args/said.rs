//! Days, as a person says them: a closed list of ways.

use standing_domain::time::day::Day;

/// The months, as they are written out; three letters of one will do.
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// How many letters of a month's name say which.
const LETTERS: usize = 3;

/// What there is to say, for whoever says something else.
const WAYS: &str = "a day such as 2027-07-01 or 1 July 2027, today, yesterday, tomorrow, or opening of SERIES/ORDINAL or close of SERIES/ORDINAL";

/// A day as it is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaidDay {
    /// A date in ISO 8601; empty where nothing is said.
    Date(String),
    /// So many days from the association's today.
    FromToday(i32),
    /// An edge of a session.
    Edge(Edge, String),
}

/// An edge of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Its first day.
    Opening,
    /// Its last.
    Close,
}

impl SaidDay {
    /// Reads what [`said_day`] let pass.
    pub fn of(text: &str) -> Self {
        match text {
            "today" => return Self::FromToday(0),
            "yesterday" => return Self::FromToday(-1),
            "tomorrow" => return Self::FromToday(1),
            _ => {}
        }
        let edges = [("opening of ", Edge::Opening), ("close of ", Edge::Close)];
        for (words, edge) in edges {
            if let Some(session) = text.strip_prefix(words) {
                return Self::Edge(edge, session.to_owned());
            }
        }
        Self::Date(text.to_owned())
    }
}

/// Reads a date: `2027-07-01`, or `1 July 2027`. Returns it in ISO 8601.
pub fn date(text: &str) -> Result<String, String> {
    let iso = written_out(text).unwrap_or_else(|| text.to_owned());
    let day = Day::parse(&iso).map_err(|error| error.to_string())?;
    Ok(day.to_string())
}

/// Reads a day in any of the ways. Returns a date in ISO 8601, or the words for the day in lower
/// case with one blank between them.
pub fn said_day(text: &str) -> Result<String, String> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let said = words.join(" ");
    match SaidDay::of(&said) {
        SaidDay::FromToday(_) => return Ok(said),
        SaidDay::Edge(_, session) if session.contains('/') => return Ok(said),
        SaidDay::Edge(..) | SaidDay::Date(_) => {}
    }
    date(text).map_err(|error| format!("{error}; write {WAYS}"))
}

/// Reads `1 July 2027` as `2027-07-01`.
fn written_out(text: &str) -> Option<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [day, month, year] = words[..] else {
        return None;
    };
    let day: u8 = day.parse().ok()?;
    let month = month.trim_end_matches('.').to_lowercase();
    let is_it =
        |name: &&str| **name == month || (month.len() >= LETTERS && name.starts_with(&month));
    let number = MONTHS.iter().position(is_it)? + 1;
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    is_year.then(|| format!("{year}-{number:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_said_in_a_closed_list_of_ways() {
        for (text, expected) in [
            ("2027-07-01", Ok("2027-07-01")),
            ("1 July 2027", Ok("2027-07-01")),
            ("01 jul 2027", Ok("2027-07-01")),
            ("30 Sept. 2027", Ok("2027-09-30")),
            ("29 February 2027", Err(())),
            ("1 Ju 2027", Err(())),
            ("1 July 27", Err(())),
            ("July 1 2027", Err(())),
            ("1/7/2027", Err(())),
            ("2027-07", Err(())),
            ("Yesterday", Ok("yesterday")),
            ("today", Ok("today")),
            ("tomorrow", Ok("tomorrow")),
            (
                "close  of general-assembly/15",
                Ok("close of general-assembly/15"),
            ),
            (
                "Opening of general-assembly/15",
                Ok("opening of general-assembly/15"),
            ),
            ("close of the assembly", Err(())),
            ("", Err(())),
        ] {
            let said = said_day(text);
            assert_eq!(
                said.as_deref().map_err(|_| ()),
                expected,
                "{text}: {said:?}"
            );
        }
        let error = said_day("last week").unwrap_err();
        assert!(error.contains("1 July 2027"), "{error}");
        assert_eq!(date("1 July 2027"), Ok("2027-07-01".to_owned()));
        assert!(date("yesterday").is_err());
    }

    #[test]
    fn what_is_said_is_read() {
        for (text, expected) in [
            ("today", SaidDay::FromToday(0)),
            ("yesterday", SaidDay::FromToday(-1)),
            ("close of a/1", SaidDay::Edge(Edge::Close, "a/1".to_owned())),
            (
                "opening of a/1",
                SaidDay::Edge(Edge::Opening, "a/1".to_owned()),
            ),
            ("2027-07-01", SaidDay::Date("2027-07-01".to_owned())),
            ("", SaidDay::Date(String::new())),
        ] {
            assert_eq!(SaidDay::of(text), expected);
        }
    }
}
