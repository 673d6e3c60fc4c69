//! What stands between the publisher and the nodes: it can keep from the publisher what they
//! answer.

use std::net::Ipv4Addr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of what the nodes answer. What the publisher sends is passed on while there is a
/// connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// It is passed on.
    Open,
    /// It is thrown away; a connection of which something was lost is cut when the way is open
    /// again.
    Deaf,
    /// It is kept until the way is open again.
    Held,
    /// There is no connection.
    Cut,
}

/// One for each node.
pub struct Proxies {
    ports: Vec<u16>,
    way: watch::Sender<Way>,
    tasks: Vec<JoinHandle<()>>,
}

impl Proxies {
    pub async fn start(nodes: &[u16]) -> Self {
        let mut proxies = Self {
            ports: Vec::new(),
            way: watch::Sender::new(Way::Open),
            tasks: Vec::new(),
        };
        for node in nodes {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            proxies.ports.push(listener.local_addr().unwrap().port());
            let serving = serve(listener, *node, proxies.way.subscribe());
            proxies.tasks.push(tokio::spawn(serving));
        }
        proxies
    }

    /// Returns the addresses of all, as clients take them.
    pub fn urls(&self) -> String {
        super::cluster::urls(&self.ports)
    }

    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }

    /// Returns what sets the way from elsewhere.
    pub fn setter(&self) -> watch::Sender<Way> {
        self.way.clone()
    }
}

impl Drop for Proxies {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.set(Way::Cut);
    }
}

async fn serve(listener: TcpListener, node: u16, way: watch::Receiver<Way>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        tokio::spawn(carry(client, node, way.clone()));
    }
}

async fn carry(client: TcpStream, node: u16, way: watch::Receiver<Way>) {
    if *way.borrow() == Way::Cut {
        return;
    }
    // A node that was killed takes no connection.
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, node)).await else {
        return;
    };
    let (mut asking, told) = client.into_split();
    let (answers, mut asked) = server.into_split();
    select! {
        // However it ends, it ends.
        _ = copy(&mut asking, &mut asked) => {}
        () = answer(answers, told, way) => {}
    }
}

async fn answer(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut way: watch::Receiver<Way>) {
    let mut buffer = vec![0; 1 << 16];
    let mut lost = false;
    loop {
        let now = *way.borrow_and_update();
        if now == Way::Cut || (now == Way::Open && lost) {
            return;
        }
        select! {
            changed = way.changed() => if changed.is_err() { return },
            read = from.read(&mut buffer), if now != Way::Held => {
                let Ok(count @ 1..) = read else { return };
                if now == Way::Deaf {
                    lost = true;
                } else if to.write_all(&buffer[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}
