//! Comments have one width, that of the code around them.

use super::{check_all, is_measured};

/// As `rustfmt.toml` has it; rustfmt leaves comments as they are.
const MAX_COLUMNS: usize = 100;

/// Folders in which comments are still wider, and how many lines of them. A row says how many there
/// are, so that they only become fewer; where there are none the row goes.
const WIDER: &[(&str, usize)] = &[("ledger/domain/", 323)];

#[test]
fn comments_are_as_wide_as_the_code() {
    let mut wide = vec![0; WIDER.len()];
    check_all(|path, text| {
        if !is_measured(path) {
            return Vec::new();
        }
        let found = too_wide(text);
        match WIDER
            .iter()
            .position(|(folder, _)| path.starts_with(folder))
        {
            Some(row) => {
                wide[row] += found.len();
                Vec::new()
            }
            None => found,
        }
    });
    let rows = WIDER.iter().zip(wide);
    let offences = rows.filter_map(|((folder, row), found)| offence(folder, *row, found));
    let offences: Vec<String> = offences.collect();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn wide_comments_are_found_and_rows_are_needed() {
    let fits = format!("    /// {}", "ä".repeat(MAX_COLUMNS - 8));
    assert!(too_wide(&fits).is_empty());
    for comment in ["//", "///", "//!"] {
        let wide = format!("    {comment} {}", "a ".repeat(MAX_COLUMNS / 2));
        assert_eq!(too_wide(&format!("fn f() {{\n{wide}\n}}\n")).len(), 1);
    }
    // Code is rustfmt's; an address cannot be broken.
    assert!(too_wide(&format!("    let x = \"{}\";", "a".repeat(MAX_COLUMNS))).is_empty());
    let address = format!("/// <https://example.org/{}>", "a".repeat(MAX_COLUMNS));
    assert!(too_wide(&address).is_empty());
    let row = format!("//! | a | {} |", "a ".repeat(MAX_COLUMNS / 2));
    assert!(too_wide(&row).is_empty());

    assert_eq!(offence("a/", 3, 3), None);
    assert!(offence("a/", 3, 4).is_some_and(|said| said.contains("3 at most")));
    assert!(offence("a/", 3, 2).is_some_and(|said| said.contains("write 2")));
    assert!(offence("a/", 0, 0).is_some_and(|said| said.contains("goes")));
}

fn too_wide(text: &str) -> Vec<String> {
    let numbered = text.lines().enumerate();
    let comments = numbered.filter(|(_, line)| line.trim_start().starts_with("//"));
    let wide = comments.filter(|(_, line)| line.chars().count() > MAX_COLUMNS);
    // Neither a word nor the row of a table can be broken.
    let breakable = wide.filter(|(_, line)| {
        let text = line
            .trim_start()
            .trim_start_matches(['/', '!'])
            .trim_start();
        text.contains(' ') && !text.starts_with('|')
    });
    breakable
        .map(|(index, line)| {
            let columns = line.chars().count();
            format!(
                "line {}: {columns} columns, {MAX_COLUMNS} at most",
                index + 1
            )
        })
        .collect()
}

/// Compares a row with what is found in its folder.
fn offence(folder: &str, row: usize, found: usize) -> Option<String> {
    if row == 0 {
        return Some(format!("{folder}: no comment is wider, the row goes"));
    }
    if found > row {
        return Some(format!(
            "{folder}: {found} lines of comments over {MAX_COLUMNS} columns, {row} at most"
        ));
    }
    (found < row).then(|| format!("{folder}: write {found} into the table, not {row}"))
}
