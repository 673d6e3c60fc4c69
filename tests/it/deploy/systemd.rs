//! The unit of systemd: what it says is what systemd takes, it lets the process do little, and the
//! node tells its manager what it is waited for.

use crate::harness::{Folder, binary};
use crate::house::tidy::root;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::{Duration, Instant};

/// As long as this nothing takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The most that systemd may find a unit exposed, in tenths of its scale of 10.
const EXPOSED: &str = "--threshold=20";

#[test]
fn systemd_takes_the_unit_and_finds_little_exposed() {
    let folder = Folder::new();
    let unit = fs::read_to_string(root().join("deploy/systemd/standing.service")).unwrap();
    // What is not on this machine, systemd would miss.
    let program = binary().get_program().to_str().unwrap().to_owned();
    let unit = unit
        .replace("/usr/local/bin/standing", &program)
        .replace("User=standing", "User=nobody")
        .replace("Group=standing", "Group=nogroup");
    let file = folder.write("standing.service", unit);
    for args in [&["verify"][..], &["security", "--offline=true", EXPOSED]] {
        let output = Command::new("systemd-analyze")
            .args(args)
            .arg(&file)
            .output()
            .expect("systemd-analyze is of systemd, which the unit is for");
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
    }
}

/// What a service manager is sent.
struct Manager(UnixDatagram);

impl Manager {
    /// Waits until it is told something.
    fn hears(&self, what: &str) -> String {
        let start = Instant::now();
        let mut buffer = [0; 512];
        loop {
            assert!(start.elapsed() < PATIENCE, "not told: {what}");
            let Ok(length) = self.0.recv(&mut buffer) else {
                continue;
            };
            let told = String::from_utf8_lossy(&buffer[..length]).into_owned();
            if told.lines().any(|line| line == what) {
                return told;
            }
        }
    }
}

#[test]
fn the_manager_is_told_when_the_node_is_ready_reloads_lives_and_ends() {
    let folder = Folder::new();
    let path = folder.path().join("manager");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let manager = Manager(socket);
    let to = format!("NOTIFY_SOCKET={}", path.display());
    let by = ["env", &*to, "WATCHDOG_USEC=400000"];
    let server = folder.serve_by(&by, &folder.ledger(), &[]);
    manager.hears("READY=1");
    manager.hears("WATCHDOG=1");
    let pid = server.pid().to_string();
    let kill = Command::new("kill").args(["-HUP", &pid]).status().unwrap();
    assert!(kill.success());
    let told = manager.hears("RELOADING=1");
    assert!(told.contains("MONOTONIC_USEC="), "{told}");
    manager.hears("READY=1");
    assert!(server.terminate().success());
    manager.hears("STOPPING=1");
}

#[test]
fn a_probe_learns_by_its_exit_whether_the_node_is_well() {
    let folder = Folder::new();
    let server = folder.serve();
    assert_eq!(server.cli(["health"]).ok(), "serving\n");
    let recording = ["health", "--service", "standing.v1.LedgerService"];
    assert_eq!(server.cli(recording).ok(), "serving\n");
    let unknown = server.cli(["health", "--service", "nothing"]).fails(1);
    assert!(unknown.contains("nothing"), "{unknown}");
    let gone = format!("http://{}", server.address());
    assert!(server.terminate().success());
    let mut command = binary();
    let ended = command
        .args(["health", "--server", &gone])
        .output()
        .unwrap();
    assert!(!ended.status.success(), "{ended:?}");
}
