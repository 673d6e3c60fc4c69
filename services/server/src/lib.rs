//! The gRPC services: what is asked over the wire, and what is answered.
//!
//! A service names its methods; each method reads its request, asks the engine, and writes the
//! answer, in a function without `async` of its own. Nothing here decides anything: what an answer
//! means is the domain's, what travels is the contract's.

mod accounts;
mod answers;
mod articles;
mod association;
mod audit;
mod auth;
mod bulk;
mod calls;
mod changes;
mod cited;
mod committees;
mod comparison;
mod dear;
mod door;
mod dues;
mod dues_ground;
mod entries;
mod errors;
mod explanation;
mod fields;
mod findings;
mod holders;
mod instruments;
mod intervals;
mod law;
mod ledger;
mod measured;
mod names;
mod office_grounds;
mod offices;
mod paging;
mod parties;
mod party_state;
mod plain_http;
mod point;
mod record;
mod right_timeline;
mod rights;
mod roll;
mod serve;
mod served;
mod sessions;
mod standing;
#[cfg(test)]
mod tests;
mod weighing;
mod words;

pub use auth::{LOCAL_OPERATOR, TokenFileError, Tokens};
pub use dear::DearQuestions;
pub use door::Limits;
pub use serve::{Config, ServeError, serve, serve_when_ready};
pub use served::StreamReport;
/// The engine, for whoever opens the ledger that is served.
pub use standing_engine as engine;
