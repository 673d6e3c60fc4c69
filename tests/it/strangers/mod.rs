//! Strangers at the door of the real binary: who is let in, by what, and what whoever is not is
//! told.
//!
//! Attacks, by their numbers in the list of those that were seen elsewhere, and where they are
//! tried; `server` is `services/server/src/tests/access`, `oidc` beside it the tests of tokens that
//! an issuer signs.
//!
//! | attack | tried by |
//! |---|---|
//! | 1: spellings of a path | server `paths` |
//! | 2: a method without a role | server `methods::every_method_of_the_contract_has_a_row` |
//! | 3: the same act by another door | server `methods`, `kinds`, `names` |
//! | 4: a permission taken away while a watch runs | server `withdrawn`; `tokens::a_role_...` |
//! | 5: a reader asks for sealed names | server `names` |
//! | 6: spellings of a token | server `paths::no_other_spelling_of_a_token_is_one` |
//! | 7: tokens of an issuer that are none | `issuer`; `oidc::matrix` |
//! | 8: the issuer is away, or its keys change | `issuer::...without_its_issuer...`; `oidc::fetching` |
//! | 9: certificates of callers | `certificates` |
//! | 10: a proxy's headers; the socket; loopback | server `hosts`; `socket` |
//! | 11, 12: pages of other sites and ports | server `hosts` |
//! | 31: nothing said, half said, a handshake that does not come | server `limits` |
//! | 32: header lists | server `limits::headers_that_are_too_large_are_refused` |
//! | 49: what is told without a token | server `methods`, `names`; `listening` |
//! | 50: tokens in logs | `issuer`, `tokens` |

mod certificates;
mod exchange;
mod issuer;
mod listening;
mod socket;
mod tls;
mod tokens;

use crate::harness::{
    Authority, Folder, Output, Pair, binary, called, cli, for_names, key, written,
};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long anything may take that has to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server, whatever it is reached by. It is killed when it is dropped.
struct Node {
    child: Child,
    log: PathBuf,
    /// Where it says that it serves.
    url: String,
}

impl Node {
    /// Starts a server on the ledger of a folder, and waits until it says where it serves.
    fn start<S: AsRef<OsStr>>(folder: &Folder, args: &[S]) -> Self {
        let mut args: Vec<&OsStr> = args.iter().map(AsRef::as_ref).collect();
        if !args.iter().any(|arg| *arg == "--listen") {
            args.extend(["--listen", "127.0.0.1:0"].map(OsStr::new));
        }
        Self::start_as_set(folder, &args)
    }

    /// The same, but where it listens is among its settings.
    fn start_as_set<S: AsRef<OsStr>>(folder: &Folder, args: &[S]) -> Self {
        let mut command = serve(folder);
        command.args(args);
        let log = folder.path().join("serve.log");
        let file = File::create(&log).expect("a log can be written");
        command.stdout(file.try_clone().expect("a file has a second handle"));
        let child = command.stderr(file).spawn().expect("the binary runs");
        let mut node = Self {
            child,
            log,
            url: String::new(),
        };
        until("it serves", || {
            let ended = node.child.try_wait().expect("a child can be waited for");
            assert!(ended.is_none(), "{}", node.said());
            node.url = node.listens().unwrap_or_default();
            !node.url.is_empty()
        });
        node
    }

    fn listens(&self) -> Option<String> {
        let said = self.said();
        let (_, after) = said.split_once(" at http")?;
        let (url, _) = after.split_once('\n')?;
        Some(format!("http{}", url.trim()))
    }

    /// What it has printed and logged so far.
    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has said something.
    fn says(&self, what: &str) {
        until(what, || self.said().contains(what));
    }

    /// The port that it listens on.
    fn port(&self) -> u16 {
        let (_, port) = self.url.rsplit_once(':').expect("an address has a port");
        port.parse().expect("a port is a number")
    }

    /// Runs a command that asks this server.
    fn ask<S: AsRef<OsStr>>(&self, args: &[S]) -> Output {
        let args = args.iter().map(|arg| arg.as_ref().to_owned());
        cli(args.chain(["--server".into(), (&*self.url).into()]))
    }

    /// Tells it to read its settings again.
    fn hang_up(&self) {
        self.signal("-HUP");
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    fn is_running(&mut self) -> bool {
        let ended = self.child.try_wait();
        ended.expect("a child can be waited for").is_none()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command that serves the ledger of a folder.
fn serve(folder: &Folder) -> Command {
    let mut command = binary();
    command.arg("serve").arg("--data").arg(folder.ledger());
    command.env("RUST_LOG", "warn");
    command
}

/// Runs a server that is expected to give up, and returns what it complains of.
fn in_vain<S: AsRef<OsStr>>(folder: &Folder, args: &[S]) -> String {
    let output = serve(folder).args(args).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).expect("complaints are UTF-8")
}

/// Waits until something holds.
#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "not in time: {what}");
        sleep(Duration::from_millis(10));
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A command that goes on until it is dropped, and what it prints.
struct Running {
    child: Child,
    printed: PathBuf,
}

impl Running {
    /// Begins to watch a server's entries, and prints them to a file.
    fn watch(folder: &Folder, node: &Node, printed: &str, args: &[&str]) -> Self {
        let printed = folder.path().join(printed);
        let file = File::create(&printed).expect("a file can be written");
        let mut command = binary();
        command.args(["watch", "entries", "--after", "0", "--json"]);
        command.args(["--server", &node.url]).args(args);
        command.stdin(Stdio::null());
        command.stdout(file.try_clone().expect("a file has a second handle"));
        let child = command.stderr(file).spawn().expect("the binary runs");
        Self { child, printed }
    }

    fn printed(&self) -> String {
        fs::read_to_string(&self.printed).unwrap_or_default()
    }

    fn prints(&self, what: &str) {
        until(what, || self.printed().contains(what));
    }

    fn is_running(&mut self) -> bool {
        let ended = self.child.try_wait();
        ended.expect("a child can be waited for").is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The arguments of a server that encrypts.
fn encrypting(pair: &Pair) -> Vec<String> {
    let args = [
        "--tls-cert",
        text(&pair.certificate),
        "--tls-key",
        text(&pair.key),
    ];
    args.map(String::from).to_vec()
}
