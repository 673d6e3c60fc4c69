//! Faults, in an order that a seed decides, against three NATS nodes; after each, the log, the
//! streams and a replica agree entry by entry.
//!
//! `STANDING_FAULTS` sets how many befall the publisher, `STANDING_FAULTS_LEADERS` how many leaders
//! are killed, and `STANDING_FAULTS_SEED` the seed. Thousands, with a line for each; optimised, as
//! the whole log is compared time after time:
//!
//! ```sh
//! STANDING_FAULTS=3000 STANDING_FAULTS_LEADERS=0 \
//!     cargo test --release -p standing-stream faults -- --nocapture
//! ```

mod cluster;
mod fault;
mod oracle;
mod plan;
mod proxy;
mod recorder;
mod scene;
mod trap;

use fastrand::Rng;
use plan::Fault;
use scene::Scene;
use standing_proto::v1::StreamState;
use standing_stream::Which;
use std::time::Instant;
use trap::Kind;

const FAULTS: u64 = 150;
const LEADERS: u64 = 15;
const SEED: u64 = 20_231_114;

/// How many bytes the nodes of the full disk have for streams.
const LITTLE: u64 = 300_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn log_streams_and_replica_agree_after_every_fault_of_a_publisher() {
    let count = setting("STANDING_FAULTS", FAULTS);
    let faults = befall(count, plan::of_publisher).await;
    assert_covered(&faults);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn log_streams_and_replica_agree_after_every_fault_of_a_node() {
    let count = setting("STANDING_FAULTS_LEADERS", LEADERS);
    befall(count, plan::of_nodes).await;
}

fn setting(name: &str, otherwise: u64) -> u64 {
    let set = std::env::var(name).ok();
    set.map_or(otherwise, |set| {
        set.parse()
            .unwrap_or_else(|_| panic!("{name} is no number"))
    })
}

/// Lets faults befall one after the other, and compares after each; returns them.
async fn befall(count: u64, plan: fn(&mut Rng, usize) -> Vec<Fault>) -> Vec<Fault> {
    let begun = Instant::now();
    let seed = setting("STANDING_FAULTS_SEED", SEED);
    let faults = plan(&mut Rng::with_seed(seed), usize::try_from(count).unwrap());
    let mut scene = Scene::start(seed, cluster::AMPLE).await;
    scene.agree().await;
    for (number, fault) in (1..).zip(&faults) {
        let struck = Instant::now();
        scene.strike(*fault).await;
        scene.agree().await;
        println!(
            "{number} of {}: {fault:?}, {} ms",
            faults.len(),
            struck.elapsed().as_millis()
        );
    }
    scene.agree_on_everything().await;
    println!(
        "{} in {} s, STANDING_FAULTS_SEED={seed}: {} entries and {} changes, everything agrees",
        plan::summary(&faults),
        begun.elapsed().as_secs(),
        scene.oracle.entries,
        scene.oracle.rights
    );
    faults
}

/// Every moment at which a publisher can end was among them: each fault only passes when it has
/// befallen.
fn assert_covered(faults: &[Fault]) {
    let is_end = |fault: &&Fault| matches!(fault, Fault::Ended(..));
    if faults.iter().filter(is_end).count() < 2 * Kind::ALL.len() {
        return;
    }
    for kind in Kind::ALL {
        for which in [Which::Entries, Which::Rights] {
            assert!(faults.contains(&Fault::Ended(which, kind)));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_disk_stops_publishing_visibly_and_recording_not_at_all() {
    let mut scene = Scene::start(SEED, LITTLE).await;
    scene
        .reports("full disk", |report| {
            report.problem.contains("insufficient")
        })
        .await;
    scene.rest();
    let (head, batches) = (scene.engine().ledger().head().position, scene.batches());
    scene.record_many(100);
    scene.rest();
    assert!(scene.batches() > batches);
    scene
        .reports("backlog", |report| {
            report.state() != StreamState::Stopped
                && report.entries_behind > 0
                && !report.problem.is_empty()
        })
        .await;
    assert!(scene.engine().ledger().head().position > head);
    let full = scene.status().report();
    scene.cluster.set_room(cluster::AMPLE);
    // A node without room takes part in nothing, so that none is left to wait for between them.
    for node in 0..scene.cluster.len() {
        scene.cluster.kill(node);
        scene.cluster.restart(node);
    }
    scene.whole().await;
    scene.agree_on_everything().await;
    println!(
        "full at entry {} ({}), {} recorded beyond it, everything agrees",
        full.entries_position, full.problem, full.entries_behind
    );
}
