//! The crates depend on each other in one direction only, and the heavy crates stay behind one
//! door.

use cargo_metadata::MetadataCommand;
use std::collections::BTreeMap;

/// Every crate of the workspace, and the crates of the workspace it may name.
///
/// domain <- proto; domain <- store <- engine <- {stream, server} <- standing; stream,
/// server, standing and tests also use proto. The domain is open to everybody downstream of it.
const ARROWS: &str = "
    standing-domain ->
    standing-generate ->
    standing-proto  -> standing-domain
    standing-store  -> standing-domain
    standing-engine -> standing-domain standing-store
    standing-stream -> standing-domain standing-engine standing-proto
    standing-server -> standing-domain standing-engine standing-proto standing-tests
    standing        -> standing-domain standing-proto standing-server standing-stream
    standing-tests  -> standing-domain standing-proto
    standing-fuzz   -> standing-domain standing-store standing-engine standing-proto standing-server standing-tests
    standing-bench  -> standing-domain standing-store standing-engine standing-proto standing-server standing-stream standing-tests
";

/// Crates from outside, and the only crates that may name them. A name covers its family:
/// `tonic` is also `tonic-health`.
const DOORS: &str = "
    redb            -> standing-store standing-bench
    async-nats      -> standing-stream standing-bench
    protox          -> standing-generate
    prost-build     -> standing-generate
    tonic-build     -> standing-generate
    tonic-prost-build -> standing-generate
";

/// Crates from outside that a crate never names, families included.
const NEVER: &str = "
    standing-domain -> tokio redb tonic prost getrandom rand chrono
    standing-engine -> tonic async-nats
";

/// A crate of the workspace and everything it names: normal, build and dev dependencies alike.
type Graph = BTreeMap<String, Vec<String>>;

#[test]
fn arrows_between_crates_are_the_allowed_ones() {
    let offences = offences(&workspace());
    assert!(
        offences.is_empty(),
        "ARCHITECTURE.md and the tables of this file decide who may depend on whom:\n{}",
        offences.join("\n")
    );
}

#[test]
fn every_row_is_of_a_crate() {
    let gone = gone(&workspace());
    assert!(gone.is_empty(), "no such crate: {}", gone.join(" "));
}

/// Returns the crates of the tables that the workspace does not have.
fn gone(graph: &Graph) -> Vec<String> {
    let named = rows(ARROWS).flat_map(|(krate, to)| [vec![krate], to].concat());
    let holders = rows(DOORS).flat_map(|(_, holders)| holders);
    let never = rows(NEVER).map(|(krate, _)| krate);
    let mut gone: Vec<String> = named
        .chain(holders)
        .chain(never)
        .filter(|krate| !graph.contains_key(*krate))
        .map(str::to_owned)
        .collect();
    gone.sort();
    gone.dedup();
    gone
}

#[test]
fn each_rule_can_fail() {
    let mut graph = workspace();
    graph.remove("standing-bench");
    assert_eq!(gone(&graph), ["standing-bench"]);

    let cases = [
        ("standing-domain", "standing-store", "may not depend on"),
        ("standing-proto", "standing-engine", "may not depend on"),
        ("standing-server", "standing-stream", "may not depend on"),
        ("standing-novel", "serde", "is not in ARROWS"),
        ("standing-engine", "redb", "is reserved for"),
        ("standing-server", "async-nats", "is reserved for"),
        ("standing-proto", "tonic-prost-build", "is reserved for"),
        ("standing-engine", "tonic-types", "never names"),
        ("standing-domain", "tokio", "never names"),
    ];
    for (from, to, expected) in cases {
        let found = offences(&Graph::from([(from.to_owned(), vec![to.to_owned()])]));
        assert!(
            found.len() == 1 && found[0].contains(expected),
            "{from} -> {to}: {found:?}"
        );
    }
    // A name that only begins alike is another family.
    let other = Graph::from([(
        "standing-domain".to_owned(),
        vec!["random-access".to_owned()],
    )]);
    assert_eq!(offences(&other), Vec::<String>::new());
}

fn offences(graph: &Graph) -> Vec<String> {
    let mut offences = Vec::new();
    for (krate, dependencies) in graph {
        let Some(allowed) = row(ARROWS, krate) else {
            offences.push(format!(
                "{krate} is not in ARROWS: say what it may depend on"
            ));
            continue;
        };
        let never = row(NEVER, krate).unwrap_or_default();
        for dependency in dependencies {
            let inside = row(ARROWS, dependency).is_some() || graph.contains_key(dependency);
            if inside && !allowed.contains(&dependency.as_str()) {
                offences.push(format!("{krate} may not depend on {dependency}"));
            }
            for (family, holders) in rows(DOORS) {
                if is_of(dependency, family) && !holders.contains(&krate.as_str()) {
                    offences.push(format!(
                        "{dependency} is reserved for {holders:?}, not {krate}"
                    ));
                }
            }
            if never.iter().any(|family| is_of(dependency, family)) {
                offences.push(format!("{krate} never names {dependency}"));
            }
        }
    }
    offences
}

fn rows(table: &str) -> impl Iterator<Item = (&str, Vec<&str>)> {
    let lines = table.lines().filter_map(|line| line.split_once("->"));
    lines.map(|(key, values)| (key.trim(), values.split_whitespace().collect()))
}

fn row<'a>(table: &'a str, key: &str) -> Option<Vec<&'a str>> {
    rows(table).find_map(|(name, values)| (name == key).then_some(values))
}

fn is_of(dependency: &str, family: &str) -> bool {
    dependency
        .strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Reads the manifests only: no network, no lock file. A renamed dependency shows its real name.
fn workspace() -> Graph {
    let metadata = MetadataCommand::new()
        .manifest_path(crate::house::tidy::root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo metadata reads the workspace");
    let graph: Graph = metadata
        .packages
        .into_iter()
        .map(|package| {
            let dependencies = package.dependencies.into_iter().map(|d| d.name).collect();
            (package.name.to_string(), dependencies)
        })
        .collect();
    assert!(
        graph.contains_key("standing-domain"),
        "this is not the workspace: {graph:?}"
    );
    graph
}
