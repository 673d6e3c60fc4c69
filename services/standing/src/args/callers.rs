//! Who is let in to a server, and how it is spoken to.

use clap::builder::RangedU64ValueParser;
use clap::{Args, ValueEnum, ValueHint};
use standing_server::Limits;
use std::path::PathBuf;
use std::time::Duration;

/// A day: what is waited for longer does not come.
const MOST_SECONDS: u64 = 86_400;

/// The least memory that calls can do with.
const LEAST_MEMORY: u64 = 16 << 20;

/// Who is let in.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Callers")]
pub struct Callers {
    /// Which bearer token stands for which actor, and with which roles
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub tokens: Option<PathBuf>,
    /// Listen on this Unix socket too; whoever runs as the user of this server, or as root, is the
    /// operator there
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub socket: Option<PathBuf>,
    /// A name that this server is called by besides its addresses: ledger.example, or
    /// ledger.example:8443
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// A site whose pages may call, such as `https://site.example`
    #[arg(long, value_name = "ORIGIN")]
    pub origin: Vec<String>,
    /// Listen in clear where others than this machine can connect: something before this server
    /// encrypts
    #[arg(long)]
    pub insecure: bool,
    /// Keep account of who asks what: of questions whose answer names a natural person, or of all
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub read_audit: ReadAudit,
    /// The file for that, to which lines are only added; beside the ledger, ending in .reads, if
    /// left out
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub read_audit_file: Option<PathBuf>,
    /// From how many bytes on that file is put aside, under the moment, and a new one begun
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20, value_parser = clap::value_parser!(u64).range(65_536..))]
    pub read_audit_bytes: u64,
}

/// Of what account is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ReadAudit {
    /// Of nothing
    #[default]
    Off,
    /// Of questions whose answer names a natural person
    Names,
    /// Of every question
    All,
}

/// How a server encrypts.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "TLS")]
#[expect(clippy::struct_field_names, reason = "they name the flags")]
pub struct TlsFlags {
    /// The certificate (PEM) to show callers, and those between it and one that they trust; read
    /// again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key", value_hint = ValueHint::FilePath)]
    pub tls_cert: Option<PathBuf>,
    /// The key (PEM) of that certificate
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_hint = ValueHint::FilePath)]
    pub tls_key: Option<PathBuf>,
    /// Certificates (PEM) that those of callers are signed by: who shows one is known by its names
    #[arg(long, value_name = "FILE", requires = "tls_cert", value_hint = ValueHint::FilePath)]
    pub tls_client_ca: Option<PathBuf>,
    /// Which certificates of callers are revoked (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_client_ca", value_hint = ValueHint::FilePath)]
    pub tls_client_crl: Option<PathBuf>,
}

/// How much callers may take of a server.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Limits")]
pub struct Room {
    /// The memory that all calls together may hold; one actor may hold half of it
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().memory, value_parser = RangedU64ValueParser::<usize>::new().range(LEAST_MEMORY..))]
    pub memory: usize,
    /// How many connections there may be
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().connections, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub connections: usize,
    /// How many of them one actor may have, or one address until it says who calls
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().connections_by_one, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub connections_by_one: usize,
    /// How long a request may take to come without a byte of it coming; ten times as long in all
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().unsent.as_secs(), value_parser = clap::value_parser!(u64).range(1..=MOST_SECONDS))]
    pub request_deadline: u64,
    /// How long an answer may wait for its caller to read on
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().unread.as_secs(), value_parser = clap::value_parser!(u64).range(1..=MOST_SECONDS))]
    pub answer_deadline: u64,
    /// The most bytes of the headers of a call
    #[arg(long, value_name = "BYTES", default_value_t = Limits::default().headers, value_parser = clap::value_parser!(u32).range(1_024..=1_048_576))]
    pub header_bytes: u32,
    /// How long the headers of a call over HTTP/1.1 may take to come
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().headers_deadline.as_secs(), value_parser = clap::value_parser!(u64).range(1..=MOST_SECONDS))]
    pub header_deadline: u64,
    /// How long a connection may take to agree on TLS
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().handshake.as_secs(), value_parser = clap::value_parser!(u64).range(1..=MOST_SECONDS))]
    pub handshake_deadline: u64,
    /// How long a connection may take to say its first word
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().first_byte.as_secs(), value_parser = clap::value_parser!(u64).range(1..=MOST_SECONDS))]
    pub first_byte_deadline: u64,
    /// How many calls of a connection may be begun and given up before they are noticed; with more
    /// the connection is ended
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().resets, value_parser = RangedU64ValueParser::<usize>::new().range(1..=10_000))]
    pub resets: usize,
    /// How long a connection may last before nothing more is begun on it
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().age.as_secs(), value_parser = clap::value_parser!(u64).range(1..))]
    pub connection_age: u64,
    /// How long what is under way on such a connection may go on
    #[arg(long, value_name = "SECONDS", default_value_t = Limits::default().grace.as_secs(), value_parser = clap::value_parser!(u64).range(1..=MOST_SECONDS))]
    pub connection_grace: u64,
    /// How many watches one actor may have
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().watches_by_one, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub watches_by_one: usize,
    /// How many wrong tokens may come from one address in a minute
    #[arg(long, value_name = "NUMBER", default_value_t = Limits::default().wrong_tokens, value_parser = clap::value_parser!(u32).range(1..))]
    pub wrong_tokens: u32,
}

impl Room {
    /// Returns the limits that a server keeps.
    pub fn limits(&self) -> Limits {
        Limits {
            memory: self.memory,
            connections: self.connections,
            connections_by_one: self.connections_by_one,
            unsent: Duration::from_secs(self.request_deadline),
            unread: Duration::from_secs(self.answer_deadline),
            headers: self.header_bytes,
            headers_deadline: Duration::from_secs(self.header_deadline),
            handshake: Duration::from_secs(self.handshake_deadline),
            first_byte: Duration::from_secs(self.first_byte_deadline),
            resets: self.resets,
            age: Duration::from_secs(self.connection_age),
            grace: Duration::from_secs(self.connection_grace),
            watches_by_one: self.watches_by_one,
            wrong_tokens: self.wrong_tokens,
        }
    }
}
