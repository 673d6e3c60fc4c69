//! What a node is packed into: the manifests of Kubernetes and the recipe of the image.

use crate::harness::{Folder, cli, lines, list, pick, python, text, tool};
use crate::house::tidy::root;
use serde_json::{Value, json};
use std::process::Command;

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
    let whole = std::fs::read_to_string(root().join("deploy/kubernetes/standing.yaml")).unwrap();
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

#[test]
fn the_recipe_of_the_image_is_sound() {
    let python = tool("STANDING_TOOLS_PYTHON", "python");
    let hadolint = python.with_file_name("hadolint");
    let recipe = root().join("deploy/container/Containerfile");
    let output = Command::new(hadolint).arg(&recipe).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    // What runs is the binary alone, by a user without rights.
    let text = std::fs::read_to_string(recipe).unwrap();
    let (_, last) = text.rsplit_once("\nFROM ").unwrap();
    assert!(last.starts_with("scratch\n"), "{last}");
    assert!(last.contains("\nUSER 65532:65532\n"), "{last}");
}
