//! Tables without lines, aligned by what the eye sees: a Hangul syllable is two columns wide.

use super::WIDTH;
use comfy_table::presets::NOTHING;
use comfy_table::{ColumnConstraint, ContentArrangement, Table};
use standing_domain::text::{is_steering, isolated, spelt_out};
use std::mem;

/// What is left between two columns.
const GAP: u16 = 2;

/// What stands before and after a text that is kept apart from its neighbours.
const FIRST: char = '\u{2068}';
const LAST: char = '\u{2069}';

/// The narrowest last column that is worth breaking lines for.
const NARROWEST: u16 = 24;

/// Writes a table. A column in which nothing stands is left out; the last one is broken into lines
/// where it is too wide.
pub fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> String {
    let filled: Vec<usize> = (0..N)
        .filter(|column| rows.iter().any(|row| !row[*column].is_empty()))
        .collect();
    let mut table = bare();
    if header.iter().any(|name| !name.is_empty()) {
        table.set_header(filled.iter().map(|column| header[*column]));
    }
    for mut row in rows {
        let cells = filled.iter().map(|column| mem::take(&mut row[*column]));
        table.add_row(cells.map(|cell| isolated(&cell).into_owned()));
    }
    arrange(&mut table);
    finish(&table)
}

/// Breaks a text into lines of a width.
pub fn wrapped(text: &str, width: u16) -> String {
    let mut table = bare();
    let lines = spelt_out(text, |c| c != '\n' && is_steering(c));
    table.add_row([lines.as_ref()]);
    for column in table.column_iter_mut() {
        column.set_padding((0, 0));
    }
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width);
    finish(&table)
}

fn bare() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table
}

/// Gives the last column what the others leave. Those are never broken: they hold ids, dates,
/// numbers.
fn arrange(table: &mut Table) {
    for column in table.column_iter_mut() {
        column.set_padding((0, GAP));
    }
    let widths = table.column_max_content_widths();
    let Some((_, others)) = widths.split_last() else {
        return;
    };
    let taken: u16 = others.iter().map(|width| width + GAP).sum();
    if taken + NARROWEST > WIDTH {
        return;
    }
    let fixed = others.len();
    for column in table.column_iter_mut().take(fixed) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH);
}

fn finish(table: &Table) -> String {
    let mut text = String::new();
    // A cell that was broken into lines is kept apart on each of them.
    let mut open = false;
    for line in table.lines() {
        if open {
            text.push(FIRST);
        }
        text.push_str(line.trim_end());
        open = line.chars().fold(open, |open, character| match character {
            FIRST => true,
            LAST => false,
            _ => open,
        });
        if open {
            text.push(LAST);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn columns_are_aligned_by_what_the_eye_sees() {
        let rows = vec![
            ["kr-gyeongbuk", "경상북도", "full"].map(String::from),
            ["ru-x", "Sakha", "full"].map(String::from),
        ];
        expect![[r"
            PARTY         NAME      CLASS
            kr-gyeongbuk  경상북도  full
            ru-x          Sakha     full
        "]]
        .assert_eq(&table(["PARTY", "NAME", "CLASS"], rows));
    }

    #[test]
    fn no_cell_forges_a_row_or_turns_its_neighbours() {
        let rows = vec![
            ["a", "Real\nb  Forged", "full"].map(String::from),
            ["c", "\u{5d0}\u{5d1}", "full"].map(String::from),
            ["d", "x\u{202e}y\u{1b}[2J", "full"].map(String::from),
        ];
        let text = table(["", "", ""], rows);
        assert_eq!(text.lines().count(), 3, "{text}");
        expect![[r"
            a  Real\u000ab  Forged  full
            c  \u{2068}\u{5d0}\u{5d1}\u{2069}                   full
            d  x\u202ey\u001b[2J    full
        "]]
        .assert_eq(
            &text
                .replace('\u{2068}', r"\u{2068}")
                .replace('\u{2069}', r"\u{2069}")
                .replace("\u{5d0}\u{5d1}", r"\u{5d0}\u{5d1}"),
        );
    }

    #[test]
    fn a_broken_cell_is_kept_apart_on_every_line() {
        let words = "\u{5d0}\u{5d1}\u{5d2} ".repeat(60);
        let text = table(["", ""], vec![["an-id".to_owned(), words]]);
        assert!(text.lines().count() > 1, "{text}");
        for line in text.lines() {
            assert_eq!(line.matches(FIRST).count(), 1, "{line}");
            assert!(line.ends_with(LAST), "{line}");
        }
    }

    #[test]
    fn a_column_in_which_nothing_stands_is_left_out() {
        let rows = vec![
            ["a", "", "b"].map(String::from),
            ["c", "", ""].map(String::from),
        ];
        expect![[r"
            ONE  THREE
            a    b
            c
        "]]
        .assert_eq(&table(["ONE", "TWO", "THREE"], rows));
    }

    #[test]
    fn only_the_last_column_is_broken() {
        let words = "word ".repeat(40);
        let text = table(["", ""], vec![["an-id-that-stays-whole".repeat(2), words]]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].starts_with("an-id-that-stays-wholean-id-that-stays-whole  word"));
        assert!(lines.iter().all(|line| line.len() <= usize::from(WIDTH)));
    }

    #[test]
    fn a_table_that_cannot_be_narrow_is_wide() {
        let text = table(["", ""], vec![["x".repeat(150), "y".repeat(50)]]);
        assert_eq!(text.lines().count(), 1);
    }
}
