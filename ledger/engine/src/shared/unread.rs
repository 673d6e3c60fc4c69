//! Entries that cannot be read while something is asked that has no way to say so. The domain looks
//! entries up and is told of none where there is none; a failure must not pass for that. So it is
//! kept here, and what was worked out meanwhile is thrown away.

use crate::entry::EntryError;
use standing_domain::entry::Content;
use std::cell::RefCell;

/// The first failure to read an entry.
#[derive(Debug, Default)]
pub(crate) struct Unread(RefCell<Option<EntryError>>);

impl Unread {
    /// Returns what was read, and nothing if it could not be read, which is kept.
    pub fn keep(&self, read: Result<Option<Content>, EntryError>) -> Option<Content> {
        read.unwrap_or_else(|error| {
            self.0.borrow_mut().get_or_insert(error);
            None
        })
    }

    /// Returns whether everything could be read.
    pub fn is_nothing(&self) -> bool {
        self.0.borrow().is_none()
    }

    /// Takes the failure out, if there was one.
    pub fn take(&self) -> Option<EntryError> {
        self.0.borrow_mut().take()
    }

    /// Returns what was worked out, unless an entry could not be read meanwhile.
    pub fn or<T>(&self, worked_out: T) -> Result<T, EntryError> {
        self.take().map_or(Ok(worked_out), Err)
    }
}
