//! Serving a ledger.
mod welcome;
use crate::args;
use crate::failure::Failure;
use std::net::SocketAddr;
pub fn serve(_args: &args::Serve) -> Result<(), Failure> { let _ = welcome::welcome; Ok(()) }
fn reachable(a: SocketAddr) -> SocketAddr { a }
