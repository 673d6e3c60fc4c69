//! Files: a ledger's that is damaged, another's or old, and backups.

mod backups;
mod integrity;
