//! Which time zones there are: those of the database that is built into this version, links
//! included. The machine's own database is never asked: two machines answer the same.

use jiff::tz::TimeZoneDatabase;
use standing_domain::text;
use std::collections::BTreeSet;
use std::sync::LazyLock;

static NAMES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let bundled = TimeZoneDatabase::bundled();
    let names = bundled.available().map(|name| name.to_string());
    names.collect()
});

/// Returns whether a time zone has this name, letter by letter.
pub(super) fn is_known(name: &str) -> bool {
    NAMES.contains(name)
}

/// Returns the names nearest to one that no zone has.
pub(super) fn nearest(name: &str) -> Vec<String> {
    text::nearest(name, NAMES.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_those_of_the_database_and_their_links() {
        for name in [
            "Asia/Seoul",
            "ROK",
            "UTC",
            "Etc/GMT+9",
            "America/Argentina/Buenos_Aires",
            "Asia/Calcutta",
        ] {
            assert!(is_known(name), "{name}");
        }
        for name in [
            "Asia/Seul",
            "asia/seoul",
            "KST",
            "",
            "Korea",
            "+09:00",
            "../etc/passwd",
        ] {
            assert!(!is_known(name), "{name}");
        }
    }

    #[test]
    fn the_nearest_name_is_suggested() {
        for (name, found) in [
            ("Asia/Seul", "Asia/Seoul"),
            ("asia/seoul", "Asia/Seoul"),
            ("Seoul", "Asia/Seoul"),
            ("Asia/Ulan_Bator", "Asia/Ulan_Bator"),
            ("Europe/Zuerich", "Europe/Zurich"),
            ("America/Sao_Paolo", "America/Sao_Paulo"),
        ] {
            assert_eq!(
                nearest(name).first().map(String::as_str),
                Some(found),
                "{name}"
            );
        }
        assert!(nearest("Nowhere/At_All").is_empty());
    }
}
