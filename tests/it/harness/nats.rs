//! Real NATS servers with JetStream, on loopback ports of their own, over folders of their own.

use super::certificates::Certificates;
use super::{Folder, guarded, tool};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take to be ready, and a cluster to agree on a leader.
const PATIENCE: Duration = Duration::from_mins(1);

/// What a server asks of its clients, and what it lets them use.
#[derive(Default, Clone)]
pub struct Settings {
    /// Who may connect; empty: everybody.
    pub access: Access,
    /// The certificate it shows; none: no TLS.
    pub tls: Option<Tls>,
    /// How many bytes all streams together may take; none: what the disk holds.
    pub max_file_store: Option<u64>,
}

/// Who may connect.
#[derive(Default, Clone)]
pub enum Access {
    #[default]
    Everybody,
    /// Who names this user and password.
    Password(&'static str, &'static str),
    /// Who shows a credentials file.
    Creds(Creds),
    /// Whom a part of the server's configuration names.
    Config(String),
}

/// What makes a server that takes credentials files.
#[derive(Clone)]
pub struct Creds {
    config: String,
    /// The content of the file of its user.
    pub file: String,
}

impl Creds {
    /// Makes an operator, an account and a user.
    pub fn new() -> Self {
        let output = super::node("creds.mjs").output().expect("node runs");
        assert!(output.status.success(), "{output:?}");
        let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        Self {
            config: super::text(&made, "config").to_owned(),
            file: super::text(&made, "creds").to_owned(),
        }
    }
}

/// The files that make a server use TLS.
#[derive(Clone)]
pub struct Tls {
    /// Every certificate there is.
    pub files: Certificates,
    /// Whether clients must show a certificate too.
    pub mutual: bool,
}

/// One server. It is killed when it is dropped, and its folder goes.
pub struct Nats {
    node: Node,
    /// None where the server itself goes with the tests.
    _folder: Option<Folder>,
}

impl Nats {
    /// Starts a server that everybody may use.
    pub fn start() -> Self {
        Self::start_with(Settings::default())
    }

    pub fn start_with(settings: Settings) -> Self {
        let folder = Folder::new();
        let mut node = Node::new("n1", settings, folder.path());
        node.start(&[]);
        node.wait_ready();
        Self {
            node,
            _folder: Some(folder),
        }
    }

    /// Starts a server for a test to share with others: it ends with them all.
    pub fn shared() -> Self {
        let folder = Folder::new();
        let mut node = Node::new("n1", Settings::default(), folder.path());
        let command = node.command(&[]);
        node.spawn(guarded(&command, folder));
        node.wait_ready();
        Self {
            node,
            _folder: None,
        }
    }

    pub fn url(&self) -> String {
        self.node.url()
    }

    /// Ends it without warning, as `kill -9` does.
    pub fn kill(&mut self) {
        self.node.kill();
    }

    /// Starts it again at the same address, over what it stored.
    pub fn restart(&mut self) {
        self.node.start(&[]);
        self.node.wait_ready();
    }

    /// Starts it again with other settings.
    pub fn restart_with(&mut self, settings: Settings) {
        self.kill();
        self.node.settings = settings;
        self.restart();
    }

    /// Returns what a stream holds and how it is set, as the server tells; none without the stream.
    pub fn stream(&self, name: &str) -> Option<Value> {
        self.node.stream(name)
    }

    /// Returns the sequence of a stream's last message; 0 without the stream.
    pub fn last(&self, stream: &str) -> u64 {
        self.node.last(stream)
    }
}

/// Three servers that keep every stream between them. They are killed when they are dropped.
pub struct NatsCluster {
    nodes: Vec<Node>,
    _folder: Folder,
}

impl NatsCluster {
    pub fn start() -> Self {
        let folder = Folder::new();
        let names = ["n1", "n2", "n3"];
        let nodes = names.map(|name| Node::new(name, Settings::default(), folder.path()));
        let mut cluster = Self {
            nodes: nodes.into(),
            _folder: folder,
        };
        for node in 0..names.len() {
            cluster.restart(node);
        }
        cluster.nodes.iter_mut().for_each(Node::wait_ready);
        cluster
    }

    /// Returns the addresses of all, as clients take them.
    pub fn urls(&self) -> String {
        let urls: Vec<_> = self.nodes.iter().map(Node::url).collect();
        urls.join(",")
    }

    /// The same, without one of them.
    pub fn urls_besides(&self, node: usize) -> String {
        let others = (0..self.nodes.len()).filter(|other| *other != node);
        let urls: Vec<_> = others.map(|other| self.nodes[other].url()).collect();
        urls.join(",")
    }

    /// Returns the sequence of the last message of a stream that one of them has; 0 without the
    /// stream.
    pub fn last(&self, node: usize, stream: &str) -> u64 {
        self.nodes[node].last(stream)
    }

    pub fn kill(&mut self, node: usize) {
        self.nodes[node].kill();
    }

    /// Starts one that was killed, and does not wait: it is ready only with a second one.
    pub fn restart(&mut self, node: usize) {
        let routes: Vec<u16> = self.nodes.iter().map(|node| node.routes).collect();
        self.nodes[node].start(&routes);
    }

    /// Stops one in its tracks: its connections stay open and nothing answers.
    pub fn pause(&self, node: usize) {
        self.nodes[node].signal("-STOP");
    }

    pub fn resume(&self, node: usize) {
        self.nodes[node].signal("-CONT");
    }

    /// Waits until the others agree on which of them leads a stream.
    pub fn leader_of(&self, stream: &str, besides: Option<usize>) -> usize {
        let start = Instant::now();
        loop {
            let others = (0..self.nodes.len()).filter(|node| Some(*node) != besides);
            let led = others.clone().find(|node| {
                let found = self.nodes[*node].stream(stream).unwrap_or_default();
                super::text(&found, "cluster.leader") == self.nodes[*node].name
            });
            if let Some(leader) = led {
                return leader;
            }
            assert!(start.elapsed() < PATIENCE, "nobody leads {stream}");
            sleep(Duration::from_millis(20));
        }
    }
}

/// One process, and what it is started with.
struct Node {
    name: &'static str,
    settings: Settings,
    folder: PathBuf,
    clients: u16,
    routes: u16,
    monitor: u16,
    child: Option<Child>,
}

impl Node {
    fn new(name: &'static str, settings: Settings, folder: &Path) -> Self {
        Self {
            name,
            settings,
            folder: folder.to_owned(),
            clients: free_port(),
            routes: free_port(),
            monitor: free_port(),
            child: None,
        }
    }

    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.clients)
    }

    fn start(&mut self, routes: &[u16]) {
        self.spawn(self.command(routes));
    }

    fn command(&self, routes: &[u16]) -> Command {
        let config = self.folder.join(format!("{}.conf", self.name));
        fs::write(&config, self.config(routes)).expect("a file can be written");
        let mut command = Command::new(tool("STANDING_TOOLS_NATS", "nats-server"));
        command.arg("--config").arg(&config);
        command
    }

    fn spawn(&mut self, mut command: Command) {
        assert!(self.child.is_none(), "{} runs", self.name);
        let log = File::create(self.log()).expect("a log can be written");
        command.stdout(log.try_clone().expect("a file has a second handle"));
        self.child = Some(command.stderr(log).spawn().expect("nats-server runs"));
    }

    fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }

    fn config(&self, routes: &[u16]) -> String {
        let Self { name, .. } = self;
        let store = self.folder.join(name);
        let mut config = format!(
            "server_name: {name}\nlisten: 127.0.0.1:{}\nhttp: 127.0.0.1:{}\n\
             jetstream {{\n  store_dir: {store:?}\n  sync_interval: always\n",
            self.clients, self.monitor
        );
        if let Some(bytes) = self.settings.max_file_store {
            line(&mut config, format_args!("  max_file_store: {bytes}"));
        }
        config.push_str("}\n");
        match &self.settings.access {
            Access::Everybody => {}
            Access::Password(user, password) => line(
                &mut config,
                format_args!("authorization {{ user: {user:?}, password: {password:?} }}"),
            ),
            Access::Creds(Creds { config: part, .. }) | Access::Config(part) => {
                line(&mut config, format_args!("{part}"));
            }
        }
        if let Some(Tls { files, mutual }) = &self.settings.tls {
            line(
                &mut config,
                format_args!(
                    "tls {{ cert_file: {:?}, key_file: {:?}, ca_file: {:?}, verify: {mutual} }}",
                    files.server.certificate, files.server.key, files.authority
                ),
            );
        }
        if !routes.is_empty() {
            let urls: Vec<_> = routes
                .iter()
                .map(|port| format!("nats://127.0.0.1:{port}"))
                .collect();
            line(
                &mut config,
                format_args!(
                    "cluster {{ name: tests, listen: 127.0.0.1:{}, routes: [{}] }}",
                    self.routes,
                    urls.join(", ")
                ),
            );
        }
        config
    }

    /// Waits until clients can use its streams.
    fn wait_ready(&mut self) {
        let start = Instant::now();
        while self.get("/healthz").is_none() {
            let child = self.child.as_mut().expect("it was started");
            let ended = child.try_wait().expect("a child can be waited for");
            assert!(
                ended.is_none() && start.elapsed() < PATIENCE,
                "nats-server does not get ready ({ended:?}):\n{}",
                fs::read_to_string(self.log()).unwrap_or_default()
            );
            sleep(Duration::from_millis(10));
        }
    }

    fn stream(&self, name: &str) -> Option<Value> {
        let told = self.get("/jsz?accounts=true&streams=true&config=true")?;
        let accounts = super::list(&told, "account_details").iter();
        let mut streams = accounts.flat_map(|account| super::list(account, "stream_detail"));
        let found = streams.find(|stream| super::text(stream, "name") == name);
        found.cloned()
    }

    fn last(&self, stream: &str) -> u64 {
        let found = self.stream(stream);
        found.map_or(0, |stream| super::number(&stream, "state.last_seq"))
    }

    /// Asks the monitoring port; none if it does not answer well.
    fn get(&self, path: &str) -> Option<Value> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.monitor));
        let mut connection = TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok()?;
        // A paused server takes connections and says nothing.
        let patience = Some(Duration::from_secs(2));
        connection.set_read_timeout(patience).ok()?;
        // Version 1.0 ends the answer with the connection, without lengths to add up.
        write!(connection, "GET {path} HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let well = head.lines().next()?.contains(" 200 ");
        well.then(|| serde_json::from_str(body).expect("JSON"))
    }

    fn signal(&self, signal: &str) {
        let child = self.child.as_ref().expect("it runs");
        let pid = child.id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("a child can be killed");
            child.wait().expect("a child can be waited for");
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = fs::read_to_string(self.log()).unwrap_or_default();
            eprintln!("{}:\n{said}", self.name);
        }
        if let Some(child) = &mut self.child {
            // It may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn line(config: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(config, "{text}").expect("a text grows");
}

/// Finds a port for a server that is killed and started again at the same address. It lies below
/// those the system gives to connections: one that waits for the server could be given its port,
/// and take it, or reach itself.
fn free_port() -> u16 {
    const FIRST: u16 = 12_000;
    const LAST: u16 = 32_000;
    // Test processes run side by side, so each begins elsewhere.
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(process::id() % u32::from(LAST - FIRST)).unwrap_or_default();
    for _ in FIRST..LAST {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % (LAST - FIRST);
        let port = FIRST + (own + step) % (LAST - FIRST);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}
