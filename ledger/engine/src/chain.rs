//! Errors with all that led to them, in one line.

use std::error::Error;

/// Returns an error and its sources in one line, from what failed to what caused it. A source that
/// the error before it spells out already is left out.
///
/// The text may name files of this machine: it is for its operator, not for who calls.
///
/// ```
/// use standing_engine::{Options, Recorder, chain};
/// use std::fs;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("ledger.redb");
/// fs::create_dir(&path)?;
/// let error = Recorder::open(&path, &Options::default()).err().ok_or("it opened")?;
/// assert!(chain(&error).starts_with(&error.to_string()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::chain;
    use std::error::Error;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    enum Failed {
        #[error("no way in")]
        Silent(#[source] io::Error),
        #[error("no way in: {0}")]
        Telling(#[source] io::Error),
        #[error("not opened")]
        Nested(#[source] Box<dyn Error>),
    }

    #[test]
    fn causes_are_told_in_order_and_once() {
        let shut = || io::Error::other("the door is shut");
        let nested = |inner: Failed| Failed::Nested(Box::new(inner));
        for (error, told) in [
            (Failed::Silent(shut()), "no way in: the door is shut"),
            (Failed::Telling(shut()), "no way in: the door is shut"),
            (
                nested(Failed::Silent(shut())),
                "not opened: no way in: the door is shut",
            ),
            (
                nested(Failed::Telling(shut())),
                "not opened: no way in: the door is shut",
            ),
        ] {
            assert_eq!(chain(&error), told);
        }
    }
}
