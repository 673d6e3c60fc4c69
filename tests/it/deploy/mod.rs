//! What lies under deploy/ to run and watch a node with.

mod image;
mod monitoring;
mod packages;
#[cfg(target_os = "linux")]
mod systemd;
mod traces;
