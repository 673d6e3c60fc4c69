//! A PostgreSQL server of the benchmark's own: made in a folder, on a port of loopback, and stopped
//! with the benchmark.

use standing_bench::Outcome;
use standing_bench::process::Killed;
use standing_bench::wire::free_address;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// What the server is started with. The first three are what a commit is promised by, and the
/// defaults; the rest is what a server of its own on such a machine is usually given.
pub const SETTINGS: [&str; 9] = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=1GB",
    "work_mem=64MB",
    "max_wal_size=8GB",
    "checkpoint_timeout=30min",
    "random_page_cost=1.1",
    "jit=off",
];

/// How many may be connected beside the callers: who loads, and whom the server keeps room for.
const SPARE: usize = 10;

/// Where Debian and its like keep versions of the server beside each other.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Who the server runs as where the benchmark is root, which it does not run as: the first of them
/// that the machine has.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A server that is stopped when this is dropped.
pub struct Cluster {
    pub address: SocketAddr,
    programs: PathBuf,
    data: PathBuf,
    owner: Option<(u32, u32)>,
    _server: Killed,
    _folder: TempDir,
}

impl Cluster {
    /// Makes a cluster and starts a server on it for so many callers; whoever connects waits until
    /// it is ready.
    pub fn start(callers: usize) -> Outcome<Self> {
        let programs = programs()?;
        let owner = owner()?;
        let folder = tempfile::Builder::new().prefix("peers-").tempdir()?;
        if let Some((user, group)) = owner {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let data = folder.path().join("data");
        let mut init = command(&programs, "initdb", owner);
        init.args(["--username=bench", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C", "--no-instructions", "-D"])
            .arg(&data);
        let made = init.output()?;
        if !made.status.success() {
            let said = String::from_utf8_lossy(&made.stderr).trim().to_owned();
            return Err(format!("initdb failed: {said}").into());
        }
        let address = free_address()?;
        let log = fs::File::create(folder.path().join("log"))?;
        let mut server = command(&programs, "postgres", owner);
        server
            .arg("-D")
            .arg(&data)
            .args(["-p", &address.port().to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", "unix_socket_directories="])
            .args(["-c", &format!("max_connections={}", callers + SPARE)]);
        for setting in SETTINGS {
            server.args(["-c", setting]);
        }
        server.stdout(log.try_clone()?).stderr(log);
        Ok(Self {
            _server: Killed(server.spawn()?),
            address,
            programs,
            data,
            owner,
            _folder: folder,
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = command(&self.programs, "pg_ctl", self.owner);
        stop.args(["stop", "-m", "fast", "-w", "-D"])
            .arg(&self.data);
        // Where it cannot be asked to stop, it is killed with what follows.
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// Returns the folder of the server's programs: the first on the PATH, or the latest version's.
fn programs() -> Outcome<PathBuf> {
    let has_all = |folder: &PathBuf| {
        ["postgres", "initdb", "pg_ctl"]
            .iter()
            .all(|program| folder.join(program).exists())
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let version = |folder: &PathBuf| -> u32 {
        let name = folder.file_name().and_then(|name| name.to_str());
        name.and_then(|name| name.parse().ok()).unwrap_or(0)
    };
    let mut versions: Vec<PathBuf> = fs::read_dir(VERSIONS)
        .map(|folders| folders.filter_map(|folder| Some(folder.ok()?.path())))
        .map(Iterator::collect)
        .unwrap_or_default();
    versions.sort_by_key(version);
    std::env::split_paths(&path)
        .chain(versions.into_iter().rev().map(|folder| folder.join("bin")))
        .find(has_all)
        .ok_or_else(|| "there is no server: apt-get install postgresql".into())
}

/// Returns the user and group that the server runs as; none where it runs as the benchmark does.
fn owner() -> Outcome<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let found = USERS.iter().find_map(|user| {
        let mut lines = users.lines().map(|line| line.split(':'));
        let mut fields =
            lines.find_map(|mut fields| (fields.next() == Some(*user)).then_some(fields))?;
        let user = fields.nth(1)?.parse().ok()?;
        Some((user, fields.next()?.parse().ok()?))
    });
    let missing = "it does not run as root, and there is no user postgres or nobody to run it as";
    found.map(Some).ok_or_else(|| missing.into())
}

/// Returns a command of the server's, to be run where its user may be.
fn command(programs: &Path, name: &str, owner: Option<(u32, u32)>) -> Command {
    let mut command = Command::new(programs.join(name));
    command.current_dir("/").stdin(Stdio::null());
    if let Some((user, group)) = owner {
        command.uid(user).gid(group);
    }
    command
}
