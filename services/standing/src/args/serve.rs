//! What a node is started with.

use super::backups::Backups;
use super::callers::{Callers, Room, TlsFlags};
use clap::{Args, ValueEnum, ValueHint};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Where a server listens unless told otherwise.
pub const LISTEN: &str = "127.0.0.1:7420";

/// The ledger that a node opens, and how it serves it.
#[derive(Debug, Clone, Args)]
pub struct Opening {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN)]
    pub listen: SocketAddr,
    /// The ledger; made if it is not there
    #[arg(long, value_name = "FILE", default_value = "data/standing.redb", value_hint = ValueHint::FilePath)]
    pub data: PathBuf,
    /// Where the keys of sealed names are; beside the ledger, ending in .keys, if left out
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub keys: Option<PathBuf>,
    /// Open at once after a crash, and record more slowly
    #[arg(long)]
    pub quick_repair: bool,
    /// How many bytes of disk stay free where the ledger and its keys are: with less, nothing is
    /// recorded until there is room; 0 for any
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    pub disk_reserve: u64,
    /// When the checksums of all pages of the ledger's file are verified before it is served
    #[arg(long, value_name = "WHEN", value_enum, default_value_t)]
    pub check: Checking,
    /// Serve nothing if the ledger ends before this position, which is known to have been
    /// acknowledged: an older copy is refused
    #[arg(long, value_name = "POSITION")]
    pub expect_head: Option<u64>,
    /// Log every call in a line: who called what, how it ended, how long it took, and by which
    /// name (the header x-request-id); and what else happens
    #[arg(long, short)]
    pub verbose: bool,
    /// How the log is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,
    /// Answer /metrics and the probes there, in clear and to everybody who reaches it; /metrics is
    /// then not answered where the services are
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// Send a span for every call to a collector there, by OTLP over gRPC, such as
    /// `http://127.0.0.1:4317`; a call goes on with the trace of its caller (the header
    /// traceparent). How many, and the rest, is said by the usual variables: `OTEL_TRACES_SAMPLER`,
    /// `OTEL_EXPORTER_OTLP_...`
    #[cfg(feature = "traces")]
    #[arg(long, value_name = "URL")]
    pub traces: Option<String>,
    /// Settings: a TOML file whose keys are the names of these flags, without the dashes; the
    /// environment counts above it (`STANDING_DATA` for --data, and so on), a flag above both
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Print what is set, and where, as such a file, and serve nothing
    #[arg(long)]
    pub print_config: bool,
    #[command(flatten)]
    pub backups: Backups,
    #[command(flatten)]
    pub callers: Callers,
    #[command(flatten)]
    pub tls: TlsFlags,
    #[command(flatten)]
    pub room: Room,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// An object a line
    Json,
}

/// When the pages of a file are verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Checking {
    /// At every start
    #[default]
    Always,
    /// Only after a crash; what is damaged is found out when it is read
    Never,
}

/// Serves a ledger.
// The heading of the limits, which the opening ends with, would be that of what follows.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub opening: Opening,
    /// Serve nothing if the ledger is another association's
    #[arg(long, value_name = "ID", help_heading = None::<&str>)]
    pub association: Option<String>,
    /// Record by the clock as it stands, even more than 366 days after the last entry
    #[arg(long, help_heading = None::<&str>)]
    pub accept_clock: bool,
    /// What to import before answering: files, or folders with files that end in .jsonl
    #[arg(long, value_name = "PATH", num_args = 1.., help_heading = None::<&str>, value_hint = ValueHint::AnyPath)]
    pub import: Vec<PathBuf>,
    /// Publish the log and computed changes to JetStream there; several servers are separated by
    /// commas
    #[arg(long, value_name = "URL", help_heading = "NATS")]
    pub nats: Option<String>,
    #[command(flatten)]
    pub login: Login,
    /// How many copies the streams have at least; made with as many
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=5), requires = "nats", help_heading = "NATS")]
    pub nats_replicas: u8,
    /// Where writes go, as replicas tell their callers; where this server listens if left out
    #[arg(long, value_name = "URL", requires = "nats", help_heading = "NATS")]
    pub advertise: Option<String>,
}

/// Follows a ledger.
#[derive(Debug, Args)]
pub struct Replica {
    #[command(flatten)]
    pub opening: Opening,
    /// Where JetStream is; several servers are separated by commas
    #[arg(long, value_name = "URL", help_heading = "NATS")]
    pub nats: String,
    #[command(flatten)]
    pub login: Login,
    /// Whose ledger to follow; that of the file, or the only one there is, if left out
    #[arg(long, value_name = "ID", help_heading = "NATS")]
    pub association: Option<String>,
    #[command(flatten)]
    pub names: Names,
}

/// Where a replica has the keys of natural persons from.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Names")]
#[expect(clippy::struct_field_names, reason = "they name the flags")]
pub struct Names {
    /// Fetch the keys that open the names of natural persons from the writer there, and hold them
    /// in memory; without them, or a copy of its key file, a replica shows no names
    #[arg(long, value_name = "URL")]
    pub keys_from: Option<String>,
    /// A file that holds the token with which they are fetched, of an actor with the role replica
    #[arg(long, value_name = "FILE", requires = "keys_from", value_hint = ValueHint::FilePath)]
    pub keys_token_file: Option<PathBuf>,
    /// Certificates (PEM) that the writer's is signed by, instead of those that the system trusts
    #[arg(long, value_name = "FILE", requires = "keys_from", value_hint = ValueHint::FilePath)]
    pub keys_ca: Option<PathBuf>,
    /// The certificate (PEM) to show the writer
    #[arg(long, value_name = "FILE", requires = "keys_key", value_hint = ValueHint::FilePath)]
    pub keys_cert: Option<PathBuf>,
    /// The key (PEM) of that certificate
    #[arg(long, value_name = "FILE", requires = "keys_cert", value_hint = ValueHint::FilePath)]
    pub keys_key: Option<PathBuf>,
}

/// How a node connects to NATS.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "NATS")]
#[expect(clippy::struct_field_names, reason = "they name the flags")]
pub struct Login {
    /// Credentials: a JWT and the seed of its key
    #[arg(long, value_name = "FILE", requires = "nats", conflicts_with_all = ["nats_nkey", "nats_user"], value_hint = ValueHint::FilePath)]
    pub nats_creds: Option<PathBuf>,
    /// The seed of an nkey
    #[arg(long, value_name = "FILE", requires = "nats", conflicts_with = "nats_user", value_hint = ValueHint::FilePath)]
    pub nats_nkey: Option<PathBuf>,
    /// The user
    #[arg(
        long,
        value_name = "NAME",
        requires = "nats",
        requires = "nats_password_file"
    )]
    pub nats_user: Option<String>,
    /// The user's password
    #[arg(long, value_name = "FILE", requires = "nats_user", value_hint = ValueHint::FilePath)]
    pub nats_password_file: Option<PathBuf>,
    /// Certificates (PEM) that the server's is signed by, besides those the system trusts
    #[arg(long, value_name = "FILE", requires = "nats", value_hint = ValueHint::FilePath)]
    pub nats_ca: Option<PathBuf>,
    /// The certificate (PEM) to show the server
    #[arg(long, value_name = "FILE", requires = "nats_key", value_hint = ValueHint::FilePath)]
    pub nats_cert: Option<PathBuf>,
    /// The key (PEM) of that certificate
    #[arg(long, value_name = "FILE", requires = "nats_cert", value_hint = ValueHint::FilePath)]
    pub nats_key: Option<PathBuf>,
    /// Never speak to the server without TLS
    #[arg(long, requires = "nats")]
    pub nats_tls: bool,
}
