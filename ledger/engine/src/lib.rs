//! The running ledger: one writer, many readers, the visible head.
