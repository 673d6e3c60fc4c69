//! The command line: what can be asked, in the words of the contract.

mod backups;
mod callers;
mod days;
mod entries;
mod file;
mod point;
mod record;
pub mod said;
mod serve;
mod watch;

pub use backups::Backups;
pub use callers::ReadAudit;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
pub use days::{Compare, Days, History, Upcoming};
pub use entries::{Entries, Entry, Head};
pub use file::{Look, Restore, Verify};
pub use point::{At, Known};
pub use record::{Import, Record};
#[cfg(feature = "nats")]
pub use serve::Names;
pub use serve::{Checking, LISTEN, LogFormat, Login, Opening, Replica, Serve};
use standing_proto::v1;
use std::io;
use std::path::{Path, PathBuf};
pub use watch::{Filter, Stream, StreamStatus, Watch, WatchEntries, WatchRights, Watching};

/// A membership ledger: who holds which rights, on any date, as known at any moment, and why.
#[derive(Debug, Parser)]
#[command(
    name = "standing",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 done, 1 something does not work, 2 wrong usage, 3 refused or not found."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Command {
    /// Returns what a node is opened with, of the commands that run one.
    pub fn opening(&self) -> Option<&Opening> {
        match self {
            Self::Serve(serve) => Some(&serve.opening),
            Self::Replica(replica) => Some(&replica.opening),
            _ => None,
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a ledger over gRPC, after importing files into it
    Serve(Serve),
    /// Follow a ledger that another node serves, and answer everything it does but recording
    Replica(Replica),
    /// Check a ledger's file or a backup for damage: every page, every entry; it must not be in
    /// use, and stays as it is
    Verify(Verify),
    /// Tell what is in a ledger's file or a backup: the association, the head, the root of all
    /// entries
    Inspect(Look),
    /// Make a ledger of a backup, in a new file; one that ends before what was acknowledged is
    /// refused
    Restore(Restore),
    /// What a server does.
    #[command(flatten)]
    Call(Call),
    /// Ask a question as if drafts were recorded: nothing is stored
    WhatIf(WhatIf),
    /// Show what is recorded, or what it does to rights, line by line as it happens
    #[command(subcommand)]
    Watch(Watch),
    /// Print a shell's completions of this command
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write the pages of the manual, one for each command, for `man` to show
    Manual {
        /// The folder for them; it has to be there, and pages in it are written over
        #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath)]
        folder: PathBuf,
    },
}

/// What a server does.
#[derive(Debug, Subcommand)]
pub enum Call {
    /// Record files of drafts, one request a line; again is harmless
    Import(Online<Import>),
    /// Record one batch of drafts: all of them, or none and every reason
    Record(Online<Record>),
    /// Tell which rights a party holds, and why
    Rights(Online<Rights>),
    /// List the parties that hold, or may hold, a right
    Holders(Online<Holders>),
    /// Count the members by class, and list them
    Roll(Online<Roll>),
    /// List the parties, members or not, or find them by a part of a name
    Parties(Online<Parties>),
    /// Tell what is known of a party
    Party(Online<Party>),
    /// List the holders of the chair, or of another office
    Chairs(Online<Chairs>),
    /// Tell whose turn is next in an office that passes from party to party, and why
    Rotation(Online<Rotation>),
    /// Tell what is known of a session: its roll, who was there, what it decided
    Session(Online<Session>),
    /// List sessions
    Sessions(Online<Sessions>),
    /// Read an instrument or an article as in force on a date
    Law(Online<Law>),
    /// Tell what a party owes, and what follows from it
    Account(Online<Account>),
    /// List the parties that are in arrears
    Arrears(Online<Arrears>),
    /// List what of the record the law disapproves of, and what it leaves open
    Findings(Online<Findings>),
    /// List the committees and their coordinators
    Committees(Online<Committees>),
    /// List what may be named: the words of the vocabulary with what goes with them, funds,
    /// instruments, articles, committees
    Vocabulary(Online<Vocabulary>),
    /// Tell a party's history: its classes, and every entry that concerns it; or how it was known
    /// to change from each entry on
    History(Online<History>),
    /// List the days on which something changes: of a party, a session, an article, an office, the
    /// roll
    Days(Online<Days>),
    /// List what lies ahead: sessions, terms that end, rights that turn, payments
    Upcoming(Online<Upcoming>),
    /// Compare what is known with what was known: whose answers on a day differ, and since which
    /// entry
    Compare(Online<Compare>),
    /// Show an entry as recorded
    Entry(Online<Entry>),
    /// List entries as recorded: all, or those of some party, session, actor, kind or days
    Entries(Online<Entries>),
    /// Tell where the log stands
    Head(Online<Head>),
    /// Tell whether a server is well, by the exit too: for probes
    Health(Online<Health>),
    /// Make a backup of a running server or replica, in a new file
    Backup(Online<Backup>),
    /// Ask about the streams that carry the ledger to replicas and others
    #[command(subcommand)]
    Stream(Stream),
}

/// Arguments of a command that calls a server.
#[derive(Debug, Args)]
pub struct Online<A: Args> {
    /// What is asked.
    #[command(flatten)]
    pub args: A,
    /// Of whom.
    #[command(flatten)]
    pub connection: Connection,
}

/// Which server is asked, and who asks.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// The server; unix:FILE for a Unix socket
    #[arg(
        long,
        value_name = "URL",
        env = "STANDING_SERVER",
        default_value = "http://127.0.0.1:7420"
    )]
    pub server: String,
    /// A file that holds the bearer token; without it, the environment may: `STANDING_TOKEN`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token_file: Option<PathBuf>,
    /// Certificates (PEM) that the server's is signed by, instead of those that the system trusts
    #[arg(long, value_name = "FILE", env = "STANDING_CA", value_hint = ValueHint::FilePath)]
    pub ca: Option<PathBuf>,
    /// The certificate (PEM) to show the server
    #[arg(long, value_name = "FILE", env = "STANDING_CERT", requires = "key", value_hint = ValueHint::FilePath)]
    pub cert: Option<PathBuf>,
    /// The key (PEM) of that certificate
    #[arg(long, value_name = "FILE", env = "STANDING_KEY", requires = "cert", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
}

/// How an answer is printed.
#[derive(Debug, Clone, Default, Args)]
pub struct Form {
    /// Print the response as canonical protobuf JSON, and nothing else
    #[arg(long)]
    pub json: bool,
}

/// Asks whether a server is well.
#[derive(Debug, Args)]
pub struct Health {
    /// Of one service alone, for example standing.v1.LedgerService, which records, or
    /// standing.stream
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
}

/// Asks for the rights of a party.
#[derive(Debug, Args)]
pub struct Rights {
    /// The party: its id, or a name of any time in any language
    pub party: String,
    /// Only this right, for example vote
    #[arg(long)]
    pub right: Option<String>,
    /// Only in this body; any if left out
    #[arg(long)]
    pub body: Option<String>,
    /// Show under every right what it follows from
    #[arg(long)]
    pub why: bool,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks who holds a right.
#[derive(Debug, Args)]
pub struct Holders {
    /// The right, for example vote
    pub right: String,
    /// The body; any if left out
    #[arg(long)]
    pub body: Option<String>,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks for the members.
#[derive(Debug, Args)]
pub struct Roll {
    /// List the members too
    #[arg(long)]
    pub list: bool,
    /// List only members that have, or may have, this class
    #[arg(long)]
    pub class: Option<String>,
    /// List only members of this country, for example kr
    #[arg(long)]
    pub country: Option<String>,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks for parties.
#[derive(Debug, Args)]
pub struct Parties {
    /// List only those that this finds, and how: a part of an id, an alias or a name of any time in
    /// any language; what comes near, as where it is misspelt, comes last
    #[arg(long, value_name = "TEXT")]
    pub query: Option<String>,
    /// List only those that have, or may have, this class
    #[arg(long)]
    pub class: Option<String>,
    /// List only those of this country, for example kr
    #[arg(long)]
    pub country: Option<String>,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks a question as if drafts were recorded.
#[derive(Debug, Args)]
pub struct WhatIf {
    /// The drafts to assume, one a line, in the form of `record`; - for standard input
    #[arg(value_name = "DRAFTS", value_hint = ValueHint::FilePath)]
    pub drafts: PathBuf,
    /// The question
    #[command(subcommand)]
    pub question: Box<Call>,
}

/// Asks about a party.
#[derive(Debug, Args)]
pub struct Party {
    /// The party: its id, or a name of any time in any language
    #[arg(value_name = "NAME_OR_ID")]
    pub name: String,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks for the holders of an office: on a date, or all there were.
#[derive(Debug, Args)]
pub struct Chairs {
    /// The office
    #[arg(long, default_value = "chair")]
    pub office: String,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks whose turn is next in an office.
#[derive(Debug, Args)]
pub struct Rotation {
    /// The office
    #[arg(value_name = "OFFICE", default_value = "chair")]
    pub office: String,
    /// How many turns to tell
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub turns: u32,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks about a session.
#[derive(Debug, Args)]
pub struct Session {
    /// The session, its series and its ordinal
    #[arg(value_name = "SERIES/ORDINAL")]
    pub id: String,
    /// List its whole roll, not only who is recorded as present
    #[arg(long)]
    pub roll: bool,
    /// List the whole roll by which one of its decisions was taken, as of the day of that decision
    #[arg(long, value_name = "DECISION")]
    pub decision: Option<String>,
    #[command(flatten)]
    pub known: Known,
    #[command(flatten)]
    pub form: Form,
}

/// Asks for sessions.
#[derive(Debug, Args)]
pub struct Sessions {
    /// The series; every series if left out
    pub series: Option<String>,
    #[command(flatten)]
    pub known: Known,
    #[command(flatten)]
    pub form: Form,
}

/// Makes a backup.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file that the backup is written to; it must not be there
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    #[command(flatten)]
    pub form: Form,
}

/// Asks what the law was.
#[derive(Debug, Args)]
pub struct Law {
    /// The instrument, for example charter
    pub instrument: String,
    /// The article, for example 9(1) or 4-3; the whole instrument if left out
    pub article: Option<String>,
    /// List all versions of the article
    #[arg(long, requires = "article", conflicts_with = "on")]
    pub versions: bool,
    /// Tell what changed since this date: which articles, or, of an article, which words and norms
    #[arg(long, value_name = "DATE", value_parser = point::date, conflicts_with = "versions")]
    pub compare: Option<String>,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks for the committees.
#[derive(Debug, Args)]
pub struct Committees {
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks what may be named.
#[derive(Debug, Args)]
pub struct Vocabulary {
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks for an account.
#[derive(Debug, Args)]
pub struct Account {
    /// The party: its id, or a name of any time in any language
    pub party: String,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks who is in arrears.
#[derive(Debug, Args)]
pub struct Arrears {
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// Asks for findings.
#[derive(Debug, Args)]
pub struct Findings {
    /// Only findings on this condition, for example quorum; may be repeated
    #[arg(long, value_name = "CODE")]
    pub code: Vec<String>,
    /// Only findings of this severity; may be repeated
    #[arg(long)]
    pub severity: Vec<Severity>,
    /// Only findings that concern this party: its id, or a name of any time in any language
    #[arg(long, value_name = "NAME_OR_ID")]
    pub party: Option<String>,
    /// Only findings on this session
    #[arg(long, value_name = "SERIES/ORDINAL")]
    pub session: Option<String>,
    /// Only findings whose cause may be on this date or later
    #[arg(long, value_name = "DATE", value_parser = point::date)]
    pub from: Option<String>,
    /// Only findings whose cause may be on this date or earlier
    #[arg(long, value_name = "DATE", value_parser = point::date)]
    pub to: Option<String>,
    #[command(flatten)]
    pub at: At,
    #[command(flatten)]
    pub form: Form,
}

/// How a condition fails.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Severity {
    /// False in every reading of the record
    Irregular,
    /// Undetermined
    Unproven,
    /// A source claims another answer
    Mismatch,
    /// The law demands what is not recorded
    Gap,
    /// Worth knowing
    Note,
}

impl From<Severity> for v1::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Irregular => Self::Irregular,
            Severity::Unproven => Self::Unproven,
            Severity::Mismatch => Self::Mismatch,
            Severity::Gap => Self::Gap,
            Severity::Note => Self::Note,
        }
    }
}

/// Returns a shell's completions.
pub fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "standing", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Writes the pages of the manual into a folder.
pub fn manual(folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(Cli::command(), folder)
}

#[cfg(test)]
mod tests;
