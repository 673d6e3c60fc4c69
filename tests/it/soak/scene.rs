//! A writer and a replica as they are run for years, each on a small disk of its own: encrypted,
//! with callers that it knows, backups, and settings that are read anew.

use super::tally::Tally;
use crate::harness::{
    Authority, Client, Folder, Nats, Pair, Room, Server, SmallDisk, cli, for_names, near_files,
};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// How many connections the watches of one node share.
const CONNECTIONS: usize = 8;

/// How many tokens for readers there are.
const READERS: u64 = 8;

/// Of so many callers one shows a certificate in place of a token.
const CERTIFIED: u64 = 16;

/// Of so many rounds one logs every call.
const LOGGED: u64 = 8;

/// What a log says while nothing can be written.
const STORAGE_FAILED: &str = "storage failed";

/// What it says of everything that reads the log in the moment before it is opened again: a backup
/// as well, which is then made later.
const CLOSED: &str = "the log is closed until it is opened again";

/// What roles and identities there are; the rest of the settings' file changes.
const KNOWN: &str = r#"
[roles.asker]
permissions = ["read", "read-names"]

[[identities]]
actor = "caller/9"
roles = ["asker"]
certificate = "caller.example"
"#;

/// One node, what it is asked with, and what comes of that.
pub struct Node {
    pub server: Server,
    pub room: Room,
    pub folder: Folder,
    pub tally: Tally,
    pub reader: Client,
    pub recorder: Client,
    authority: PathBuf,
    callers: Vec<Client>,
    certified: Client,
    watchers: Vec<Client>,
}

impl Node {
    fn new(scene: &Authorities, folder: Folder, disk: &SmallDisk, server: Server) -> Self {
        let address = server.address();
        let authority = &scene.authority;
        let client = || Client::encrypting(address, authority);
        let shown = Client::encrypting_as(address, authority, Some(&scene.caller));
        let readers = |n| client().with_token(&format!("reader-token-{n}"));
        let watcher = |n| client().with_token(&format!("watcher-token-{n}"));
        Self {
            room: disk.of(&server),
            reader: readers(0),
            recorder: client().with_token("recorder-token"),
            callers: (0..READERS).map(readers).collect(),
            certified: shown,
            watchers: (0..CONNECTIONS).map(watcher).collect(),
            authority: authority.clone(),
            server,
            folder,
            tally: Tally::default(),
        }
    }

    /// Whom a caller asks by.
    pub fn caller(&self, number: u64) -> &Client {
        if number.is_multiple_of(CERTIFIED) {
            return &self.certified;
        }
        &self.callers[usize::try_from(number % READERS).unwrap()]
    }

    /// Whom a watch watches by.
    pub fn watcher(&self, number: u64) -> &Client {
        &self.watchers[usize::try_from(number / 2).unwrap() % CONNECTIONS]
    }

    /// Has a backup made, and returns where it is.
    pub fn backup(&self, name: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        let token = self.folder.path().join("operator");
        let url = format!("https://{}", self.server.address());
        let said = cli([
            OsStr::new("backup"),
            file.as_os_str(),
            OsStr::new("--server"),
            OsStr::new(&url),
            OsStr::new("--ca"),
            self.authority.as_os_str(),
            OsStr::new("--token-file"),
            token.as_os_str(),
        ]);
        if said.code != Some(0) {
            self.tally.wrong("backup".to_owned(), format!("{said:?}"));
        }
        file
    }

    /// How often its log tells that nothing could be written.
    pub fn failed(&self) -> usize {
        self.server.said().matches(STORAGE_FAILED).count()
    }

    /// The lines of its log that a full disk or what is read anew is not the reason of.
    pub fn complaints(&self) -> Vec<String> {
        const ASKED_FOR: [&str; 11] = [
            "INFO",
            "callers were read anew",
            "certificates were read anew",
            // A look between the two files of a pair: the next one takes both.
            "certificates were not read anew",
            "File too large",
            "disk-full",
            STORAGE_FAILED,
            CLOSED,
            "the ledger is read again",
            "this is over",
            "keys of names were fetched",
        ];
        let said = self.server.said();
        let lines = said.lines().filter(|line| line.starts_with("20"));
        lines
            .filter(|line| !ASKED_FOR.iter().any(|known| line.contains(known)))
            .map(str::to_owned)
            .collect()
    }
}

/// Who signs certificates, and what both nodes have of it.
struct Authorities {
    ours: Authority,
    authority: PathBuf,
    caller: Pair,
}

/// NATS, a writer with NEAR's history, and a replica.
pub struct Scene {
    pub nats: Nats,
    pub nodes: [Arc<Node>; 2],
    signs: Authorities,
    _files: Folder,
}

impl Scene {
    /// Starts them, with disks of a size and a backup every so many seconds.
    pub fn new(disk: &str, every: u64) -> Self {
        let (nats, files) = (Nats::start(), Folder::new());
        let ours = Authority::new("ours");
        let signs = Authorities {
            authority: ours.file(&files, "authority.pem"),
            caller: ours.signs(&files, "caller", &for_names(&["caller.example"])),
            ours,
        };
        let start = |verb: &str, more: &dyn Fn(&mut Command, &Folder)| {
            let folder = Folder::new();
            fs::create_dir(folder.path().join("backups")).unwrap();
            write(&signs, &folder, 0);
            let disk = SmallDisk::new(&folder, disk);
            let mut command = disk.command(verb);
            let path = |name: &str| folder.path().join(name);
            let flags = [
                ("--tokens", path("tokens")),
                ("--config", path("standing.toml")),
                ("--tls-cert", path("server.pem")),
                ("--tls-key", path("server-key.pem")),
                ("--tls-client-ca", signs.authority.clone()),
                ("--tls-client-crl", path("crl.pem")),
                ("--backup-folder", path("backups")),
            ];
            for (flag, file) in flags {
                command.arg(flag).arg(file);
            }
            command.args(["--nats", &nats.url(), "--disk-reserve", "0"]);
            command.args(["--backup-every", &every.to_string(), "--backup-keep", "3"]);
            more(&mut command, &folder);
            let server = folder.run_encrypting(command, &signs.authority);
            Arc::new(Node::new(&signs, folder, &disk, server))
        };
        let writer = start("serve", &|command, _| {
            command.arg("--import").arg(near_files());
        });
        let url = format!("https://{}", writer.server.address());
        let replica = start("replica", &|command, folder| {
            let token = folder.secret("keys-token", "replica-token\n");
            command.args(["--keys-from", &url]).arg("--keys-token-file");
            command.arg(token).arg("--keys-ca").arg(&signs.authority);
        });
        Self {
            nodes: [writer, replica],
            nats,
            signs,
            _files: files,
        }
    }

    /// Writes everything that is read anew, differently than before, and has both read it.
    pub fn reload(&self, round: u64) {
        for node in &self.nodes {
            write(&self.signs, &node.folder, round);
            let pid = node.server.pid().to_string();
            let sent = Command::new("kill").args(["-HUP", &pid]).status();
            assert!(sent.is_ok_and(|status| status.success()));
        }
    }
}

/// The token that is known since a round, and until the next.
pub fn token_of(round: u64) -> String {
    format!("token-of-round-{round}")
}

/// Writes what a node reads anew: tokens, its certificate, the list of those that are revoked,
/// limits, and whether every call is logged.
fn write(signs: &Authorities, folder: &Folder, round: u64) {
    let mut tokens = vec![format!("{} guest/{round} roles=reader", token_of(round))];
    let others = [
        "recorder-token recorder/1 roles=recorder",
        "operator-token operator/1 roles=operator",
        "replica-token replica/1 roles=replica",
    ];
    tokens.extend(others.map(String::from));
    tokens.extend((0..READERS).map(|n| format!("reader-token-{n} reader/{n} roles=auditor")));
    tokens.extend((0..CONNECTIONS).map(|n| format!("watcher-token-{n} watcher/{n} roles=auditor")));
    let tokens = tokens.join("\n") + "\n";
    folder.secret("operator", "operator-token\n");
    whole(folder, "tokens", |name| folder.secret(name, tokens));
    let settings = format!(
        "verbose = {}\n[limits]\nwrong-tokens = {}\n{KNOWN}",
        round % LOGGED == 1,
        100 + round
    );
    whole(folder, "standing.toml", |name| folder.write(name, settings));
    whole(folder, "crl.pem", |name| {
        signs.ours.revokes(folder, name, &[round])
    });
    let pair = signs.ours.serves(folder, "next");
    let to = |name: &str| folder.path().join(name);
    fs::rename(pair.certificate, to("server.pem")).unwrap();
    fs::rename(pair.key, to("server-key.pem")).unwrap();
}

/// Puts a file in the place of another at once.
fn whole(folder: &Folder, name: &str, write: impl FnOnce(&str) -> PathBuf) {
    let written = write(&format!("{name}.next"));
    fs::rename(written, Path::join(folder.path(), name)).unwrap();
}
