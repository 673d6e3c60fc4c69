//! Watching a node: what its numbers are called, what a Prometheus makes of them and of the files
//! under deploy/monitoring, the probes, and the log of calls.

use crate::harness::{Folder, Nats, Server, get, list, prometheus, promtool, text};
use crate::house::tidy::root;
use crate::recording::small_with;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// As long as this nothing takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Told only where there is a certificate, which this node has none of.
const NEEDS_A_CERTIFICATE: &str = "standing_certificate_end_seconds";

/// A port that was free a moment ago.
fn free() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A process that is ended when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A node with everything that there are numbers of.
struct Watched {
    server: Server,
    numbers: u16,
    _nats: Nats,
}

fn watched(folder: &Folder) -> Watched {
    let (nats, numbers) = (Nats::start(), free());
    let backups = folder.path().join("backups");
    fs::create_dir(&backups).unwrap();
    let server = small_with(
        folder,
        &[
            "--nats",
            &nats.url(),
            "--metrics-listen",
            &format!("127.0.0.1:{numbers}"),
            "--backup-folder",
            backups.to_str().unwrap(),
            "--backup-every",
            "1",
        ],
    );
    Watched {
        server,
        numbers,
        _nats: nats,
    }
}

/// Everything that the files under deploy/monitoring ask for.
fn asked() -> Vec<String> {
    let board = fs::read_to_string(root().join("deploy/monitoring/board.json")).unwrap();
    let board: Value = serde_json::from_str(&board).unwrap();
    let panels = list(&board, "panels").iter();
    let targets = panels.flat_map(|panel| list(panel, "targets"));
    let board = targets.map(|target| {
        text(target, "expr")
            .replace("$instance", ".*")
            .replace("$__rate_interval", "1m")
    });
    board.collect()
}

/// The names of series in a text.
fn names(of: &str) -> BTreeSet<String> {
    let words = of.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let ours = words.filter(|word| {
        ["standing_", "grpc_server_", "process_"]
            .iter()
            .any(|family| word.starts_with(family))
    });
    ours.map(str::to_owned).collect()
}

#[test]
fn the_rules_hold_against_what_promtool_knows() {
    let folder = root().join("deploy/monitoring");
    for args in [
        &["check", "config", "prometheus.yml"][..],
        &["check", "rules", "alerts.yml"],
        &["test", "rules", "alerts.test.yml"],
    ] {
        let output = promtool().args(args).current_dir(&folder).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
    }
}

#[test]
fn a_prometheus_reads_the_numbers_and_what_is_asked_of_them_is_there() {
    let folder = Folder::new();
    let watched = watched(&folder);
    let (_, numbers) = get(watched.numbers, "/metrics").unwrap();
    assert!(numbers.ends_with("# EOF\n"), "{numbers}");
    // The services' own port tells them no more.
    let (status, _) = get(watched.server.address().port(), "/metrics").unwrap();
    assert_ne!(status, 200);
    let told = names(&numbers);
    let rules = fs::read_to_string(root().join("deploy/monitoring/alerts.yml")).unwrap();
    let mut wanted = names(&(asked().join("\n") + &rules));
    wanted.remove(NEEDS_A_CERTIFICATE);
    let missing: Vec<_> = wanted.difference(&told).collect();
    assert!(missing.is_empty(), "{missing:?}\n{numbers}");

    let port = free();
    let _running = scraping(folder.path(), watched.numbers, port);
    let start = Instant::now();
    while query(port, "up{job=\"standing\"} == 1").is_none_or(|found| found.is_empty()) {
        assert!(
            start.elapsed() < PATIENCE,
            "Prometheus has not read the numbers"
        );
        sleep(Duration::from_millis(100));
    }
    for expression in asked() {
        assert!(query(port, &expression).is_some(), "{expression}");
    }
    let head = query(port, "standing_head_position").unwrap();
    assert_eq!(head, ["28"]);
}

/// Starts a Prometheus that asks every second what stands in deploy/monitoring.
fn scraping(folder: &Path, numbers: u16, port: u16) -> Running {
    let monitoring = root().join("deploy/monitoring");
    let config = fs::read_to_string(monitoring.join("prometheus.yml")).unwrap();
    let config = config
        .replace("localhost:7420", &format!("127.0.0.1:{numbers}"))
        .replace("_interval: 15s", "_interval: 1s");
    fs::write(folder.join("prometheus.yml"), config).unwrap();
    fs::copy(monitoring.join("alerts.yml"), folder.join("alerts.yml")).unwrap();
    let mut command = prometheus();
    command
        .arg(format!(
            "--config.file={}",
            folder.join("prometheus.yml").display()
        ))
        .arg(format!(
            "--storage.tsdb.path={}",
            folder.join("series").display()
        ))
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .stdout(fs::File::create(folder.join("prometheus.log")).unwrap())
        .stderr(fs::File::create(folder.join("prometheus.err")).unwrap());
    Running(command.spawn().unwrap())
}

/// Asks a Prometheus; returns the values, or nothing where it does not answer well.
fn query(port: u16, expression: &str) -> Option<Vec<String>> {
    let escaped: String = expression
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let (status, body) = get(port, &format!("/api/v1/query?query={escaped}"))?;
    // It comes in pieces: what is between the first brace and the last is the answer.
    let answer = body.get(body.find('{')?..=body.rfind('}')?)?;
    let answer: Value = serde_json::from_str(&answer.replace("\r\n", "")).ok()?;
    if status != 200 || text(&answer, "status") != "success" {
        return None;
    }
    let found = list(&answer, "data.result").iter();
    Some(
        found
            .map(|series| series["value"][1].as_str().unwrap_or_default().to_owned())
            .collect(),
    )
}

#[test]
fn probes_are_answered_on_both_addresses() {
    let folder = Folder::new();
    let watched = watched(&folder);
    for port in [watched.numbers, watched.server.address().port()] {
        for (path, word) in [("/livez", "alive\n"), ("/readyz", "serving\n")] {
            assert_eq!(get(port, path).unwrap(), (200, word.to_owned()));
        }
        assert_eq!(get(port, "/healthz").unwrap().0, 200);
    }
    let start = Instant::now();
    let backed_up = "standing_backup_position 28";
    while !get(watched.numbers, "/metrics")
        .unwrap()
        .1
        .contains(backed_up)
    {
        assert!(start.elapsed() < PATIENCE, "no backup is counted");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_call_is_a_line_of_the_log_and_nothing_of_what_was_said_is_in_it() {
    let folder = Folder::new();
    let server = small_with(&folder, &["--verbose", "--log-format", "json"]);
    server.cli(["party", "aa-alder"]).ok();
    let nobody = r#"{"party": "zz-nobody"}"#;
    server
        .client()
        .ask("RollService/GetParty", nobody)
        .unwrap_err();
    let start = Instant::now();
    let calls = loop {
        let said = server.said();
        let lines = said
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let calls: Vec<Value> = lines
            .filter(|line| line["target"] == "standing_server::calls")
            .collect();
        if calls.iter().any(|call| call["code"] == "NOT_FOUND") {
            break calls;
        }
        assert!(start.elapsed() < PATIENCE, "no call is told: {said}");
        sleep(Duration::from_millis(50));
    };
    let recorded = calls
        .iter()
        .find(|call| call["method"] == "Record")
        .unwrap();
    for (field, value) in [
        ("level", "INFO"),
        ("service", "standing.v1.LedgerService"),
        ("actor", "local/operator"),
        ("code", "OK"),
    ] {
        assert_eq!(recorded[field], value, "{recorded}");
    }
    assert!(recorded["seconds"].as_f64().unwrap() > 0.0, "{recorded}");
    let ids: BTreeSet<&str> = calls.iter().map(|call| text(call, "request_id")).collect();
    assert_eq!(ids.len(), calls.len(), "each call has a name of its own");
    for call in &calls {
        let told = call.to_string();
        assert!(
            !told.contains("alder") && !told.contains("nobody"),
            "{told}"
        );
    }
}
