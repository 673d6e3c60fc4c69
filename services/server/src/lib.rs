//! The gRPC services: what is asked over the wire, and what is answered.
//!
//! A service names its methods; each method reads its request, asks the engine, and writes the
//! answer, in a function without `async` of its own. Nothing here decides anything: what an answer
//! means is the domain's, what travels is the contract's.

mod audit;
mod call;
mod changes;
mod dear;
mod door;
mod dues;
mod law;
mod ledger;
mod measured;
mod plain_http;
mod rights;
mod roll;
mod serve;
#[cfg(test)]
mod tests;
mod words;

pub use call::auth::{LOCAL_OPERATOR, TokenFileError, Tokens};
pub use call::served::StreamReport;
pub use dear::DearQuestions;
pub use door::Limits;
pub use serve::{Config, ServeError, serve, serve_when_ready};
/// The engine, for whoever opens the ledger that is served.
pub use standing_engine as engine;
