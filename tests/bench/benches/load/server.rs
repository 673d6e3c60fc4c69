//! The server under load: the binary beside this one, on a ledger of its own that holds the history
//! of the first association.

use standing_bench::process::Killed;
use standing_bench::{Outcome, released};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Who makes the load, and who is somebody else.
pub const HEAVY: &str = "heavy-token";
pub const OTHER: &str = "other-token";

/// A running server.
pub struct Server {
    child: Killed,
    pub url: String,
    /// What it holds in memory while nobody asks.
    pub idle: u64,
    _folder: TempDir,
}

impl Server {
    pub fn start() -> Outcome<Self> {
        let folder = TempDir::new()?;
        let tokens = folder.path().join("tokens");
        let mut file = fs::OpenOptions::new();
        let mut file = file.write(true).create(true).mode(0o600).open(&tokens)?;
        writeln!(
            file,
            "{HEAVY} load/heavy roles=recorder,auditor\n{OTHER} load/other roles=recorder,auditor"
        )?;
        let mut command = Command::new(released::binary()?);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("ledger.redb"))
            .arg("--tokens")
            .arg(&tokens)
            .arg("--import")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/near"));
        let (child, url) = released::start(command, &folder.path().join("log"))?;
        std::thread::sleep(Duration::from_secs(1));
        let idle = crate::process::resident(child.0.id())?;
        Ok(Self {
            child,
            url,
            idle,
            _folder: folder,
        })
    }

    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Returns how many calls of a method took how long at most, in seconds, as the server counts
    /// them: nothing if it does not.
    pub fn counted(&self, (service, method): (&str, &str)) -> Outcome<Vec<(f64, f64)>> {
        let metrics = released::get(&self.url, "/metrics")?;
        let name = "grpc_server_handling_seconds_bucket{le=\"";
        let of = format!(
            "grpc_type=\"unary\",grpc_service=\"standing.v1.{service}\",grpc_method=\"{method}\"}} "
        );
        let lines = metrics.lines().filter_map(|line| line.strip_prefix(name));
        let lines = lines.filter(|line| line.contains(&of));
        let buckets = lines.map(|line| {
            let (bound, _) = line.split_once('"').ok_or("no bound")?;
            let (_, count) = line.rsplit_once(' ').ok_or("no count")?;
            Ok((bound.parse()?, count.parse()?))
        });
        buckets.collect()
    }
}

/// Returns the upper bound, in milliseconds, of the bucket that 99 of 100 of the calls between two
/// counts do not exceed.
pub fn p99(before: &[(f64, f64)], after: &[(f64, f64)]) -> f64 {
    let between = before.iter().zip(after);
    let between: Vec<(f64, f64)> = between
        .map(|((_, before), (bound, after))| (*bound, after - before))
        .collect();
    let all = between.last().map_or(0.0, |(_, count)| *count);
    let mut enough = between.iter().filter(|(_, count)| *count >= all * 0.99);
    enough.next().map_or(f64::NAN, |(bound, _)| bound * 1e3)
}
