//! Comments have one width, that of the code around them.

use super::{check_all, is_measured};

/// As `rustfmt.toml` has it; rustfmt leaves comments as they are.
const MAX_COLUMNS: usize = 100;

#[test]
fn comments_are_as_wide_as_the_code() {
    check_all(|path, text| {
        if is_measured(path) {
            too_wide(text)
        } else {
            Vec::new()
        }
    });
}

#[test]
fn wide_comments_are_found() {
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
