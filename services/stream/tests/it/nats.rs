//! A NATS server of a test's own.

use async_nats::jetstream::{self, Context};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Returns the command of the server that the tests run against, silent and without arguments.
pub fn command() -> Command {
    let program = std::env::var_os("STANDING_TOOLS_NATS").unwrap_or("nats-server".into());
    let mut command = Command::new(program);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Starts a server.
pub fn spawn(mut command: Command) -> Child {
    command.spawn().unwrap_or_else(|error| {
        let program = command.get_program().display();
        panic!("{program}: {error}; name it in STANDING_TOOLS_NATS")
    })
}

/// A server on loopback, with its own store. It ends with the test.
pub struct Nats {
    folder: TempDir,
    port: u16,
    config: Option<&'static str>,
    child: Option<Child>,
}

impl Nats {
    pub async fn start() -> Self {
        Self::with(None).await
    }

    /// Starts one with more configuration.
    pub async fn with(config: Option<&'static str>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let folder = tempfile::tempdir().unwrap();
        let mut nats = Self {
            folder,
            port,
            config,
            child: None,
        };
        nats.restart().await;
        nats
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Kills it, as a crash would.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again, on the same store and port.
    pub async fn restart(&mut self) {
        let mut command = command();
        let port = self.port.to_string();
        command
            .args(["-a", "127.0.0.1", "-p", &port, "-js", "-sd"])
            .arg(self.folder.path().join("store"));
        if let Some(config) = self.config {
            let file = self.folder.path().join("nats.conf");
            std::fs::write(&file, config).unwrap();
            command.arg("-c").arg(file);
        }
        self.child = Some(spawn(command));
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "NATS does not start"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Returns a client of one's own.
    pub async fn context(&self) -> Context {
        jetstream::new(async_nats::connect(self.url()).await.unwrap())
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}
