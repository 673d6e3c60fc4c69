//! What lies under deploy/ to run and watch a node with.

mod monitoring;
#[cfg(target_os = "linux")]
mod systemd;
