//! A NATS server of one's own.

use async_nats::jetstream::{self, Context};
use standing_bench::Outcome;
use std::ffi::OsString;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A server on loopback with a store on disk, set as it is by default. It ends when it is dropped.
pub struct Nats {
    port: u16,
    child: Child,
    _store: TempDir,
}

impl Nats {
    pub fn start() -> Outcome<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = free.local_addr()?.port();
        drop(free);
        let (store, program) = (tempfile::tempdir()?, program());
        let child = Command::new(&program)
            .args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"])
            .arg(store.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = child.map_err(|error| {
            let program = program.display();
            format!("{program}: {error}; name nats-server in STANDING_TOOLS_NATS")
        })?;
        let mut nats = Self {
            port,
            child,
            _store: store,
        };
        nats.answers()?;
        Ok(nats)
    }

    fn answers(&mut self) -> Outcome {
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if begun.elapsed() > Duration::from_secs(20) || self.child.try_wait()?.is_some() {
                return Err("NATS does not start".into());
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Returns a connection of one's own.
    pub async fn context(&self) -> Outcome<Context> {
        Ok(jetstream::new(async_nats::connect(self.url()).await?))
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns the server's program.
fn program() -> PathBuf {
    const INSTALLED: &str = "../../target/tools/python/bin/nats-server";
    let named = std::env::var_os("STANDING_TOOLS_NATS").map(PathBuf::from);
    named.unwrap_or_else(|| {
        let package: Option<OsString> = std::env::var_os("CARGO_MANIFEST_DIR");
        let installed = package.map(|package| PathBuf::from(package).join(INSTALLED));
        let installed = installed.filter(|program| program.exists());
        installed.unwrap_or_else(|| "nats-server".into())
    })
}
