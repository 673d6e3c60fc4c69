//! Who serves connections: threads with a runtime each, or the one runtime that everything else
//! runs on; over several numbers of connections, quiet and beside a caller of dear questions.

use crate::append::Sides;
use crate::calls::{asked, check_right};
use crate::grpc::Callers;
use crate::scale::Scale;
use standing_bench::Outcome;
use standing_bench::rounds::{Round, interleaved};
use standing_bench::served::Served;
use standing_bench::table::Table;
use standing_proto::v1;
use standing_proto::v1::roll_service_client::RollServiceClient;
use standing_server::Config;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::available_parallelism;
use tonic::transport::Channel;

/// How many callers ask at a time.
const CALLERS: usize = 16;

pub fn workers(scale: &Scale, table: &mut Table) -> Outcome {
    let sides = Sides::new(scale.appended)?;
    let served = |workers| {
        let config = Config {
            workers,
            ..Config::default()
        };
        Served::standing_with(Arc::clone(&sides.engine), config)
    };
    let shared = served(0)?;
    for count in [1, available_parallelism()?.get()] {
        let dealt = served(count)?;
        let addresses = (dealt.address, shared.address);
        for connections in [1, 4, 16] {
            for heavy in [false, true] {
                let rounds = beside(heavy, addresses, || {
                    rounds(scale, sides.parties, connections, addresses)
                })?;
                let when = if heavy { "beside counts" } else { "quiet" };
                let what = format!(
                    "CheckRight, {CALLERS} callers, {connections} connections, {when}: {count} workers; one runtime"
                );
                table.ratio(&what, "/s", &rounds, None);
            }
        }
    }
    Ok(())
}

fn rounds(
    scale: &Scale,
    parties: u32,
    connections: usize,
    (dealt, shared): (SocketAddr, SocketAddr),
) -> Outcome<Vec<Round>> {
    let dealt = Callers::over(connections, CALLERS, dealt)?;
    let shared = Callers::over(connections, CALLERS, shared)?;
    let (mut to_dealt, mut to_shared) = (asked(parties)?, asked(parties)?);
    interleaved(
        scale.rounds,
        || dealt.calls(scale.calls * 4, &mut to_dealt, check_right),
        || shared.calls(scale.calls * 4, &mut to_shared, check_right),
    )
}

/// Measures while one caller of each server has all members counted over and over, or nobody has.
fn beside<T>(
    heavy: bool,
    (dealt, shared): (SocketAddr, SocketAddr),
    measure: impl FnOnce() -> Outcome<T>,
) -> Outcome<T> {
    let over = AtomicBool::new(!heavy);
    std::thread::scope(|scope| {
        for address in [dealt, shared] {
            let over = &over;
            scope.spawn(move || -> Outcome {
                while !over.load(Ordering::Relaxed) {
                    Callers::over(1, 1, address)?.calls(1, || Ok(()), count)?;
                }
                Ok(())
            });
        }
        let measured = measure();
        over.store(true, Ordering::Relaxed);
        measured
    })
}

async fn count(channel: Channel, (): ()) -> Outcome {
    let mut client = RollServiceClient::new(channel);
    client
        .count_members(v1::CountMembersRequest::default())
        .await?;
    Ok(())
}
