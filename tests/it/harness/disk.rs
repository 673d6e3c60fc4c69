//! Small disks, which can be filled and freed under a server.

use super::{Folder, Server, binary};
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Mounts a small disk for the command it is handed.
const MOUNT: &str = r#"mount -t tmpfs -o size="$1" tmpfs "$0" && shift && exec "$@""#;

/// Lets writes beyond the limit fail instead of ending the process.
const LIMIT: &str = r#"trap "" XFSZ && exec "$@""#;

/// A disk for one server: a file system in memory that only the server has mounted, or, where
/// nothing may be mounted, a limit on the length of the server's files.
pub struct SmallDisk {
    /// Where it is, as the server sees it.
    path: PathBuf,
    /// What the server is started by.
    by: Vec<String>,
    mounted: bool,
}

impl SmallDisk {
    /// Makes one of a size as `mount` takes it, such as `6m`.
    pub fn new(folder: &Folder, size: &str) -> Self {
        let path = folder.path().join("disk");
        fs::create_dir(&path).expect("a folder can be made");
        let mount = ["unshare", "-rm", "sh", "-c", MOUNT];
        let mut by: Vec<String> = mount.map(String::from).into();
        by.push(path.to_str().expect("UTF-8").to_owned());
        by.push(size.to_owned());
        let tried = Command::new(&by[0])
            .args(&by[1..])
            .arg("true")
            .stderr(Stdio::null())
            .status();
        let mounted = tried.is_ok_and(|tried| tried.success());
        if !mounted {
            by = ["sh", "-c", LIMIT, "sh"].map(String::from).into();
        }
        Self { path, by, mounted }
    }

    /// The ledger on it, as the server sees it.
    pub fn ledger(&self) -> PathBuf {
        self.path.join("standing.redb")
    }

    /// A command that runs the binary with this disk, and a verb.
    pub fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.by[0]);
        command.args(&self.by[1..]).arg(binary().get_program());
        command.arg(verb).arg("--data").arg(self.ledger());
        command.args(["--listen", "127.0.0.1:0"]);
        command
    }

    /// Returns the disk as this process reaches it, once the server runs.
    pub fn of(&self, server: &Server) -> Room {
        let id = server.pid();
        if !self.mounted {
            return Room::Limit(self.path.clone(), id);
        }
        let root = PathBuf::from(format!("/proc/{id}/root"));
        let inside = self.path.strip_prefix("/").unwrap_or(&self.path);
        Room::Disk(root.join(inside))
    }
}

/// The room on a small disk.
pub enum Room {
    /// Where this process sees it.
    Disk(PathBuf),
    /// Where it is, and the process whose files are limited.
    Limit(PathBuf, u32),
}

impl Room {
    /// Where the files of the server are, as this process sees them.
    pub fn path(&self) -> &Path {
        match self {
            Self::Disk(path) | Self::Limit(path, _) => path,
        }
    }

    /// The ledger, as this process sees it.
    pub fn ledger(&self) -> PathBuf {
        self.path().join("standing.redb")
    }

    /// Copies the ledger and its keys into a folder of their own.
    pub fn copied(&self) -> Folder {
        let copy = Folder::new();
        let keys = self.path().join("standing.keys");
        for (from, to) in [(self.ledger(), copy.ledger()), (keys, copy.keys())] {
            fs::copy(from, to).expect("a file can be copied");
        }
        copy
    }

    /// Leaves no room.
    pub fn fill(&self) {
        match self {
            Self::Disk(path) => {
                let filler = File::create(path.join("filler"));
                let mut filler = filler.expect("a file can be made");
                let mut size = 1 << 20;
                while size > 0 {
                    match filler.write(&vec![1; size]) {
                        Ok(written) if written > 0 => {}
                        _ => size /= 2,
                    }
                }
            }
            Self::Limit(..) => {
                let length = fs::metadata(self.ledger()).expect("it is there").len();
                self.limit(&length.to_string());
            }
        }
    }

    /// Makes room again.
    pub fn free(&self) {
        match self {
            Self::Disk(path) => fs::remove_file(path.join("filler")).expect("it is there"),
            Self::Limit(..) => self.limit("unlimited"),
        }
    }

    fn limit(&self, size: &str) {
        let Self::Limit(_, id) = self else { return };
        let limited = Command::new("prlimit")
            .args(["--pid", &id.to_string(), &format!("--fsize={size}:")])
            .status();
        assert!(limited.is_ok_and(|limited| limited.success()));
    }
}
