//! NATS servers on loopback that keep every stream between them.

use crate::nats;
use crate::patience::until;
use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::stream::Info;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;
use tempfile::TempDir;

/// Three servers, each in a process of its own. They end with the test.
pub struct Cluster {
    folder: TempDir,
    nodes: Vec<Node>,
    /// How many bytes all streams together may take on one of them.
    room: u64,
}

struct Node {
    name: &'static str,
    clients: u16,
    routes: u16,
    child: Option<Child>,
}

/// More than any test fills.
pub const AMPLE: u64 = 4 << 30;

impl Cluster {
    pub fn start(room: u64) -> Self {
        let nodes = ["n1", "n2", "n3"].map(|name| Node {
            name,
            clients: free_port(),
            routes: free_port(),
            child: None,
        });
        let mut cluster = Self {
            folder: tempfile::tempdir().unwrap(),
            nodes: nodes.into(),
            room,
        };
        cluster.restart_all();
        cluster
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn name(&self, node: usize) -> &'static str {
        self.nodes[node].name
    }

    /// Returns where clients reach each.
    pub fn ports(&self) -> Vec<u16> {
        self.nodes.iter().map(|node| node.clients).collect()
    }

    pub fn urls(&self) -> String {
        urls(&self.ports())
    }

    /// Lets streams take more room from the next start of each node on.
    pub fn set_room(&mut self, room: u64) {
        self.room = room;
    }

    /// Ends one without warning.
    pub fn kill(&mut self, node: usize) {
        self.nodes[node].kill();
    }

    /// Starts one that was killed, over what it stored, and does not wait for it.
    pub fn restart(&mut self, node: usize) {
        let routes: Vec<u16> = self.nodes.iter().map(|node| node.routes).collect();
        let (folder, room) = (self.folder.path(), self.room);
        self.nodes[node].start(folder, &routes, room);
    }

    pub fn kill_all(&mut self) {
        self.nodes.iter_mut().for_each(Node::kill);
    }

    pub fn restart_all(&mut self) {
        for node in 0..self.len() {
            self.restart(node);
        }
    }

    /// Stops one in its tracks: its connections stay open and nothing answers.
    pub fn pause(&self, node: usize) {
        self.nodes[node].signal("-STOP");
    }

    pub fn resume(&self, node: usize) {
        self.nodes[node].signal("-CONT");
    }

    /// Returns a client of all nodes, once one takes it.
    pub async fn client(&self) -> Context {
        let options = async_nats::ConnectOptions::new()
            .request_timeout(Some(Duration::from_millis(500)))
            .ping_interval(Duration::from_secs(1))
            .retry_on_initial_connect();
        let urls = self.urls();
        let client = options
            .connect(urls.split(',').collect::<Vec<_>>())
            .await
            .unwrap();
        ContextBuilder::new()
            .timeout(Duration::from_millis(500))
            .build(client)
    }

    /// Returns which node leads a stream, once one does.
    pub async fn leader(&self, client: &Context, stream: &str) -> usize {
        until(format_args!("leader of {stream}"), async || {
            let info = info(client, stream).await?;
            let leader = info.cluster?.leader?;
            self.nodes.iter().position(|node| node.name == leader)
        })
        .await
    }

    /// Waits until every node has all that its leader has.
    pub async fn whole(&self, client: &Context, streams: &[String]) {
        for stream in streams {
            until(format_args!("whole {stream}"), async || {
                let cluster = info(client, stream).await?.cluster?;
                let others = &cluster.replicas;
                let all = others.len() + 1 == self.len()
                    && others.iter().all(|peer| peer.current && !peer.offline);
                (all && cluster.leader.is_some()).then_some(())
            })
            .await;
        }
    }

    /// Makes a node lead a stream.
    pub async fn lead(&self, client: &Context, stream: &str, node: usize) {
        let subject = format!("$JS.API.STREAM.LEADER.STEPDOWN.{stream}");
        let wish = format!("{{\"placement\":{{\"preferred\":{:?}}}}}", self.name(node));
        until("another leader", async || {
            if self.leader(client, stream).await == node {
                return Some(());
            }
            // Whether it was granted shows.
            let _ = client
                .client()
                .request(subject.clone(), wish.clone().into())
                .await;
            None
        })
        .await;
    }
}

/// Asks for the state of a stream; none while nobody answers.
pub async fn info(client: &Context, stream: &str) -> Option<Info> {
    let stream = client.get_stream(stream).await.ok()?;
    Some(stream.cached_info().clone())
}

/// Returns addresses as clients take them.
pub fn urls(ports: &[u16]) -> String {
    let urls = ports.iter().map(|port| format!("nats://127.0.0.1:{port}"));
    urls.collect::<Vec<_>>().join(",")
}

impl Node {
    fn start(&mut self, folder: &Path, routes: &[u16], room: u64) {
        assert!(self.child.is_none(), "{} runs", self.name);
        let config = folder.join(format!("{}.conf", self.name));
        std::fs::write(&config, self.config(folder, routes, room)).unwrap();
        let mut command = nats::command();
        command.arg("--config").arg(config);
        self.child = Some(nats::spawn(command));
    }

    /// Its clients learn of no other node, so that they go no way but the one they were given.
    fn config(&self, folder: &Path, routes: &[u16], room: u64) -> String {
        let Self { name, clients, .. } = self;
        let store = folder.join(name);
        let others = routes.iter().filter(|port| **port != self.routes);
        let others: Vec<_> = others
            .map(|port| format!("nats://127.0.0.1:{port}"))
            .collect();
        format!(
            "server_name: {name}\nlisten: 127.0.0.1:{clients}\n\
             jetstream {{ store_dir: \"{}\", max_file_store: {room} }}\n\
             cluster {{ name: faults, listen: 127.0.0.1:{}, no_advertise: true, routes: [{}] }}\n",
            store.display(),
            self.routes,
            others.join(", ")
        )
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.as_ref().unwrap().id().to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().unwrap();
        assert!(sent.success());
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Finds a port for a server that is killed and started again at the same address. It lies below
/// those the system gives to connections, of which one could take it meanwhile.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % 20_000).unwrap();
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 12_000 + (own + step) % 20_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
