//! The gRPC services: what is asked over the wire, and what is answered.
//!
//! A service names its methods; each method reads its request, asks the ledger, and writes the
//! answer, in a function without `async` of its own. Nothing here decides anything: what an answer
//! means is the domain's, what travels is the contract's.
//!
//! A program that has a ledger of its own needs no connection: it reads drafts with the contract,
//! records and asks with the engine, and serves the same ledger with [`serve()`] if it wants to.
//!
//! ```
//! use prost::Message as _;
//! use standing_domain::id::{ActorId, BodyId, DraftId, PartyId, RightId};
//! use standing_domain::time::day::Day;
//! use standing_domain::time::truth::Truth;
//! use standing_proto::draft::read_batch;
//! use standing_proto::json::parse_jsonl;
//! use standing_server::LOCAL_OPERATOR;
//! use standing_server::engine::{Allowed, Options, Recorder, Request};
//!
//! // A draft to a line.
//! # let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/league.jsonl");
//! let history = std::fs::read_to_string(file)?;
//! let lines = parse_jsonl("league.jsonl", &history).collect::<Result<Vec<_>, _>>()?;
//! let wire: Vec<_> = lines.into_iter().map(|(_, draft)| draft).collect();
//! let request = Request {
//!     id: DraftId::new("league")?,
//!     actor: ActorId::new(LOCAL_OPERATOR)?,
//!     canonical: wire.iter().flat_map(|draft| draft.encode_length_delimited_to_vec()).collect(),
//!     drafts: read_batch(wire)?,
//!     expectations: vec![],
//!     validate_only: false,
//!     refuse_irregular: false,
//!     allowed: Allowed::All,
//! };
//!
//! # let folder = tempfile::tempdir()?;
//! let path = folder.path().join("league.redb");
//! let recorder = Recorder::open(&path, &Options::default())?;
//! recorder.record(request)?;
//!
//! let ledger = recorder.ledger();
//! let known_at = ledger.head().position;
//! // North became a full member on a day of July 2012; full members vote in the assembly.
//! let (north, vote) = (PartyId::new("north")?, RightId::new("vote")?);
//! let assembly = BodyId::new("assembly")?;
//! let votes = |day| ledger.verdict(&north, &vote, Some(&assembly), day, known_at);
//! assert_eq!(votes(Day::parse("2012-06-30")?)?, Truth::No);
//! assert_eq!(votes(Day::parse("2012-07-15")?)?, Truth::Unknown);
//! assert_eq!(votes(Day::parse("2012-07-31")?)?, Truth::Yes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod access;
mod audit;
mod call;
mod changes;
mod dear;
mod door;
mod dues;
mod law;
mod ledger;
mod measured;
mod rights;
mod roll;
mod serve;
#[cfg(test)]
mod tests;
mod words;

pub use access::{
    Access, AccessError, AccessOptions, Exposed, Hosts, IdentityOptions, LOCAL_OPERATOR, OidcError,
    OidcOptions, RoleOptions, TokenFileError,
};
pub use call::reads::{Audited, Reads};
pub use call::served::StreamReport;
pub use dear::DearQuestions;
pub use door::{Inside, Limits, Listeners, Tls, TlsError, TlsFiles};
pub use measured::{Metrics, ParentOf, TRACES};
pub use serve::{Config, ServeError, serve, serve_when_ready};
/// The engine, for whoever opens the ledger that is served.
pub use standing_engine as engine;
