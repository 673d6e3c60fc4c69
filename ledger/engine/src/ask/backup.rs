//! A backup of a running ledger, piece by piece: of what is recorded at and below the head that it
//! began with. Recording goes on meanwhile, and nothing is held of the log between two pieces.

use crate::ledger::Ledger;
use standing_domain::id::position::Position;
use standing_store::ReadError;
use standing_store::backup::Writer;
use std::ops::ControlFlow;

/// A backup that is being made.
pub struct Backup {
    ledger: Ledger,
    head: Position,
    next: Position,
    /// None once the end is written.
    writer: Option<Writer>,
    /// What is written and not handed out.
    written: Vec<u8>,
}

impl Ledger {
    /// Begins a backup of what is recorded by now.
    #[must_use]
    pub fn backup(&self) -> Backup {
        let mut written = Vec::new();
        Backup {
            head: self.head().position,
            next: Position::FIRST,
            writer: Some(Writer::begin(&mut written)),
            written,
            ledger: self.clone(),
        }
    }
}

impl Backup {
    /// Returns the position that it goes up to.
    #[must_use]
    pub fn head(&self) -> Position {
        self.head
    }

    /// Returns the next piece, of so many bytes at least but for the last, and by less than an
    /// entry more; none behind its end.
    ///
    /// # Errors
    /// The log cannot be read: there is no backup then.
    pub fn piece(&mut self, bytes: usize) -> Result<Option<Vec<u8>>, ReadError> {
        let mut written = std::mem::take(&mut self.written);
        if let Some(mut writer) = self.writer.take() {
            let log = &self.ledger.shared.log;
            let filled = log.scan(self.next..=self.head, |position, stored| {
                writer.entry(stored, &mut written);
                self.next = position.next();
                if written.len() < bytes {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                }
            })?;
            match filled {
                ControlFlow::Break(()) => self.writer = Some(writer),
                ControlFlow::Continue(()) => {
                    writer.end(&mut written);
                }
            }
        }
        Ok((!written.is_empty()).then_some(written))
    }
}
