//! What a node is packed into: the recipe of the image, and what starts it by Compose and
//! Kubernetes.

use crate::harness::{Folder, cli, lines, list, node, pick, python, text, tool};
use crate::house::tidy::root;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn containers() -> Vec<Value> {
    let manifests = root().join("deploy/kubernetes/standing.yaml");
    lines(python("kubernetes.py").arg(manifests), "")
}

/// What Kubernetes starts is what the binary takes: every flag and every setting is one.
#[test]
fn the_manifests_are_valid_and_start_what_there_is() {
    let containers = containers();
    let workloads: Vec<_> = containers.iter().map(|of| text(of, "workload")).collect();
    assert_eq!(workloads, ["standing-writer", "standing-replica"]);
    for container in &containers {
        let folder = Folder::new();
        let settings = container["settings"].as_object().unwrap();
        let [(path, toml)] = settings.iter().collect::<Vec<_>>()[..] else {
            panic!("one file of settings: {container}");
        };
        let written = folder.write("standing.toml", toml.as_str().unwrap());
        let args = list(container, "args").iter().map(|arg| {
            let arg = arg.as_str().unwrap();
            arg.replace(path, written.to_str().unwrap())
        });
        let args = args.chain(["--print-config".to_owned()]);
        let printed = cli(args.collect::<Vec<_>>()).ok();
        for part in ["metrics-listen = \"0.0.0.0:9420\"", "log-format = \"json\""] {
            assert!(printed.contains(part), "{printed}");
        }
    }
}

/// Nothing runs as root, gains rights, or writes beside its volumes.
#[test]
fn what_kubernetes_starts_may_do_little() {
    for container in containers() {
        assert_eq!(pick(&container, "pod")["runAsNonRoot"], true);
        let may = pick(&container, "container");
        assert_eq!(
            *may,
            json!({
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            })
        );
        let probes = list(&container, "probes");
        assert_eq!(probes, ["/livez", "/livez", "/readyz"], "{container}");
    }
}

/// A manifest that is none is told: the test above can fail.
#[test]
fn a_manifest_that_is_none_is_refused() {
    let whole = fs::read_to_string(root().join("deploy/kubernetes/standing.yaml")).unwrap();
    let folder = Folder::new();
    for (is, becomes) in [
        ("minAvailable: 1", "minAvialable: 1"),
        ("replicas: 2", "replicas: two"),
    ] {
        assert!(whole.contains(is));
        let file = folder.write("bad.yaml", whole.replace(is, becomes));
        let output = python("kubernetes.py").arg(file).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{becomes}: {output:?}");
    }
}

fn services(file: &Path) -> Output {
    node("compose.mjs").arg(file).output().unwrap()
}

/// What Compose starts is what the binary takes, and it may do little.
#[test]
fn what_compose_starts_is_what_there_is() {
    let output = services(&root().join("deploy/container/compose.yaml"));
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    let services: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = services
        .iter()
        .map(|service| text(service, "name"))
        .collect();
    assert_eq!(names, ["nats", "replica", "writer"]);
    for service in &services {
        assert_eq!(service["read_only"], true, "{service}");
        assert_eq!(service["cap_drop"], json!(["ALL"]), "{service}");
        assert_eq!(service["security_opt"], json!(["no-new-privileges:true"]));
        let command = list(service, "command").iter();
        let command: Vec<&str> = command.map(|word| word.as_str().unwrap()).collect();
        let published = service["ports"].as_array().into_iter().flatten();
        let published: Vec<&str> = published.map(|port| port.as_str().unwrap()).collect();
        if text(service, "name") == "nats" {
            assert!(published.is_empty(), "{published:?}");
            continue;
        }
        let printed = cli(command.iter().chain(&["--print-config"])).ok();
        // Each is published where it listens, on this machine alone, and its probe asks there.
        let port = text(service, "environment.STANDING_SERVER");
        let port = port.strip_prefix("http://127.0.0.1:").unwrap();
        assert_eq!(published, [format!("127.0.0.1:{port}:{port}")]);
        let listens = format!("listen = \"0.0.0.0:{port}\"");
        assert!(printed.contains(&listens), "{printed}");
        let probe = json!(["CMD", "/usr/local/bin/standing", "health"]);
        assert_eq!(*pick(service, "healthcheck.test"), probe);
        // Who is no stranger shows a token.
        assert!(
            printed.contains("tokens = \"/run/secrets/tokens\""),
            "{printed}"
        );
    }
}

/// The tokens that the file tells to write are neither in the image nor in the repository.
#[test]
fn what_is_secret_beside_the_compose_file_stays_there() {
    for (file, line) in [
        (".dockerignore", "deploy/container/tokens"),
        (".gitignore", "/deploy/container/tokens"),
    ] {
        let ignored = fs::read_to_string(root().join(file)).unwrap();
        assert!(ignored.lines().any(|ignored| ignored == line), "{ignored}");
    }
}

/// A file that is none is told.
#[test]
fn a_compose_file_that_is_none_is_refused() {
    let whole = fs::read_to_string(root().join("deploy/container/compose.yaml")).unwrap();
    let folder = Folder::new();
    for (is, becomes) in [
        ("restart: unless-stopped", "restarts: unless-stopped"),
        ("condition: service_healthy", "condition: healthy"),
    ] {
        assert!(whole.contains(is));
        let file = folder.write("compose.yaml", whole.replace(is, becomes));
        assert_eq!(services(&file).status.code(), Some(1), "{becomes}");
    }
}

#[test]
fn the_recipe_of_the_image_is_sound() {
    let python = tool("STANDING_TOOLS_PYTHON", "python");
    let hadolint = python.with_file_name("hadolint");
    let recipe = root().join("deploy/container/Containerfile");
    let output = Command::new(hadolint).arg(&recipe).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    // What runs is the binary alone, by a user without rights.
    let text = fs::read_to_string(recipe).unwrap();
    let (_, last) = text.rsplit_once("\nFROM ").unwrap();
    assert!(last.starts_with("scratch\n"), "{last}");
    assert!(last.contains("\nUSER 65532:65532\n"), "{last}");
}
