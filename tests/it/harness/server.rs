//! Servers on free loopback ports over folders of their own.

use super::{Client, Output, binary, cli, near_files};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a server may take to be ready, or to end. A debug build imports NEAR in a few seconds.
const PATIENCE: Duration = Duration::from_mins(2);

/// A folder with a ledger, or without one yet. It goes when it is dropped.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder can be made"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The ledger in it.
    pub fn ledger(&self) -> PathBuf {
        self.path().join("standing.redb")
    }

    /// The keys of the names in it.
    pub fn keys(&self) -> PathBuf {
        self.path().join("standing.keys")
    }

    /// Writes a file beside the ledger.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Writes a file that nobody else may read.
    pub fn secret(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(name, content);
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(&path, mode).expect("a mode can be set");
        path
    }

    /// Starts a server on the ledger and waits until it is ready.
    pub fn serve(&self) -> Server {
        self.serve_with(&[] as &[&str])
    }

    /// Starts a server with more arguments and waits until it is ready.
    pub fn serve_with<S: AsRef<OsStr>>(&self, args: &[S]) -> Server {
        Server::ready(self.command("serve", "127.0.0.1:0", args), self.path())
    }

    /// Starts a server on another ledger by way of a command that is handed the server's, and waits
    /// until it is ready.
    pub fn serve_by(&self, by: &[&str], ledger: &Path, args: &[&str]) -> Server {
        let serve = binary();
        let mut command = Command::new(by[0]);
        command.args(&by[1..]).arg(serve.get_program());
        command.arg("serve").arg("--data").arg(ledger);
        command.args(["--listen", "127.0.0.1:0"]).args(args);
        self.run(command)
    }

    /// Starts a server by a command of the test's own making, and waits until it is ready.
    pub fn run(&self, command: Command) -> Server {
        Server::ready(command, self.path())
    }

    /// The same, for one that encrypts and shows a certificate that an authority has signed.
    pub fn run_encrypting(&self, command: Command, authority: &Path) -> Server {
        let client = |address| Client::encrypting(address, authority);
        Server::ready_by(command, self.path(), client)
    }

    /// Starts a server that follows what is published there, and waits until it has caught up.
    pub fn replica(&self, nats: &str) -> Server {
        self.replica_with(nats, &[])
    }

    /// The same, with more arguments.
    pub fn replica_with(&self, nats: &str, more: &[&str]) -> Server {
        let arguments = [&["--nats", nats], more].concat();
        let command = self.command("replica", "127.0.0.1:0", &arguments);
        Server::ready(command, self.path())
    }

    /// Starts a server and does not wait: it may import for a while.
    pub fn spawn<S: AsRef<OsStr>>(&self, args: &[S]) -> Server {
        // Where it listens is not printed before it is ready. Free a moment ago, the port still is.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a port is free");
        let command = self.command("serve", &address.to_string(), args);
        let (child, log) = start(command, self.path());
        Server::new(child, log, address, Client::new(address))
    }

    /// Runs a server that is expected to give up.
    pub fn serve_in_vain<S: AsRef<OsStr>>(&self, args: &[S]) -> Output {
        cli(self.command("serve", "127.0.0.1:0", args).get_args())
    }

    /// Runs a server that follows, and is expected to give up.
    pub fn replica_in_vain<S: AsRef<OsStr>>(&self, args: &[S]) -> Output {
        cli(self.command("replica", "127.0.0.1:0", args).get_args())
    }

    fn command<S: AsRef<OsStr>>(&self, verb: &str, listen: &str, args: &[S]) -> Command {
        let mut command = binary();
        command.arg(verb).arg("--data").arg(self.ledger());
        command.args(["--listen", listen]).args(args);
        command
    }
}

/// A running server. It is killed when it is dropped.
pub struct Server {
    child: Child,
    address: SocketAddr,
    log: PathBuf,
    client: Client,
}

impl Server {
    fn new(child: Child, log: PathBuf, address: SocketAddr, client: Client) -> Self {
        Self {
            child,
            address,
            log,
            client,
        }
    }

    /// Starts a server and waits until it says where it serves, and that it does.
    fn ready(command: Command, folder: &Path) -> Self {
        Self::ready_by(command, folder, Client::new)
    }

    fn ready_by(
        command: Command,
        folder: &Path,
        client: impl FnOnce(SocketAddr) -> Client,
    ) -> Self {
        let (mut child, log) = start(command, folder);
        let mut address = None;
        wait(&mut child, &log, || {
            address = listening(&log);
            address.is_some()
        });
        let address = address.expect("the wait is over when it is known");
        let mut server = Self::new(child, log, address, client(address));
        let client = server.client.clone();
        wait(&mut server.child, &server.log, || client.is_serving());
        server
    }

    /// The bytes of memory that it holds.
    pub fn resident(&self) -> u64 {
        let path = format!("/proc/{}/statm", self.pid());
        let statm = fs::read_to_string(path).expect("the process runs");
        let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
        pages.map_or(0, |pages: u64| pages * 4_096)
    }

    /// How many files it has open, connections included; none where that is hidden from whoever
    /// runs the tests.
    pub fn open_files(&self) -> Option<usize> {
        let files = fs::read_dir(format!("/proc/{}/fd", self.pid()));
        files.ok().map(Iterator::count)
    }

    /// Returns what it has printed so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The folder its ledger lies in.
    pub fn folder(&self) -> &Path {
        self.log.parent().expect("a file lies in a folder")
    }

    /// The id of its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client without a token.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Runs a command that asks this server.
    pub fn cli<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Output {
        let url = format!("http://{}", self.address);
        let args = args.into_iter().map(|arg| arg.as_ref().to_owned());
        cli(args.chain(["--server".into(), url.into()]))
    }

    /// Ends it without warning, as `kill -9` does, and waits for its end.
    pub fn kill(mut self) {
        self.child.kill().expect("a child can be killed");
        self.child.wait().expect("a child can be waited for");
    }

    /// Asks it to end, as `kill` does, and waits for its end.
    pub fn terminate(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(asked.is_ok_and(|status| status.success()));
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "{}", self.said());
            sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a server that writes what it prints to a file.
fn start(mut command: Command, folder: &Path) -> (Child, PathBuf) {
    let log = folder.join("serve.log");
    let file = File::create(&log).expect("a log can be written");
    command.stdout(file.try_clone().expect("a file has a second handle"));
    let child = command.stderr(file).spawn();
    (child.expect("the binary runs"), log)
}

/// Reads where a server listens from what it prints: `serving FILE at http://ADDRESS`, or `https`.
fn listening(log: &Path) -> Option<SocketAddr> {
    let said = fs::read_to_string(log).ok()?;
    let (_, after) = said.split_once(" at http")?;
    let (_, after) = after.split_once("://")?;
    // The line may not be complete yet.
    let (address, _) = after.split_once(|c: char| c.is_whitespace() || c == '/')?;
    address.parse().ok()
}

fn wait(child: &mut Child, log: &Path, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        let ended = child.try_wait().expect("a child can be waited for");
        assert!(
            ended.is_none() && start.elapsed() < PATIENCE,
            "the server does not get ready ({ended:?}):\n{}",
            fs::read_to_string(log).unwrap_or_default()
        );
        sleep(Duration::from_millis(5));
    }
}

/// Runs a command for as long as the tests hold the other end of its input, whichever way they end,
/// and then removes a folder. Nothing in Rust drops what is shared by all tests.
pub fn guarded(command: &Command, folder: Folder) -> Command {
    const GUARD: &str = r#""$@" & read -r _; kill -9 $!; wait $!; rm -rf "$FOLDER""#;
    let mut guarded = Command::new("sh");
    guarded.args(["-c", GUARD, "sh"]).arg(command.get_program());
    guarded.args(command.get_args()).stdin(Stdio::piped());
    // From now on the guard removes it.
    guarded.env("FOLDER", folder.0.keep());
    guarded
}

/// Starts a server that all tests share: NEAR's history, imported by `serve --import` and only
/// read.
pub fn shared(args: &[&str]) -> Server {
    let folder = Folder::new();
    let path = folder.path().to_owned();
    let mut serve = folder.command("serve", "127.0.0.1:0", args);
    serve.arg("--import").arg(near_files());
    Server::ready(guarded(&serve, folder), &path)
}

/// The server that most tests share: it has no streams.
pub fn near() -> &'static Server {
    static NEAR: LazyLock<Server> = LazyLock::new(|| shared(&[]));
    &NEAR
}
