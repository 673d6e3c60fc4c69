//! Callers that ask a side the same kind of thing again and again, for a while.

use crate::side::{Answer, Side, Turn, Work};
use standing_bench::Outcome;
use standing_bench::rounds::{percentile, rate};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How many appends a second are made ready beforehand: more than anybody does.
const READY: f64 = 60_000.0;

/// How far what callers ask lies apart.
const APART: usize = 1_009;

/// What a side did in one round.
#[derive(Debug, Clone, Copy)]
pub struct Done {
    /// How often in a second, all callers together.
    pub rate: f64,
    /// What 99 of 100 calls took at most, in milliseconds.
    pub p99: f64,
}

/// Lets so many callers do a work for a while, once each at least.
///
/// # Errors
/// A call failed, or appends did not get the positions that follow each other.
pub async fn together(
    side: &Arc<dyn Side>,
    work: Work,
    callers: usize,
    slice: Duration,
) -> Outcome<Done> {
    if matches!(work, Work::Append | Work::AppendMany) {
        side.prepare((slice.as_secs_f64() * READY) as usize)?;
    }
    let begun = Instant::now();
    let until = begun + slice;
    let tasks: Vec<_> = (0..callers)
        .map(|caller| tokio::spawn(again_and_again(Arc::clone(side), work, caller, until)))
        .collect();
    let (mut times, mut positions) = (Vec::new(), Vec::new());
    for task in tasks {
        let (took, got) = task.await??;
        times.extend(took);
        positions.extend(got);
    }
    let count = times.len().max(positions.len());
    let rate = rate(count as u64, begun.elapsed());
    follow_each_other(&mut positions)?;
    let p99 = percentile(&mut times, 990).as_secs_f64() * 1e3;
    Ok(Done { rate, p99 })
}

async fn again_and_again(
    side: Arc<dyn Side>,
    work: Work,
    caller: usize,
    until: Instant,
) -> Outcome<(Vec<Duration>, Vec<u64>)> {
    let (mut times, mut positions) = (Vec::new(), Vec::new());
    for number in caller * APART.. {
        let asked = Instant::now();
        let answer = side.ask(work, Turn { caller, number }).await?;
        times.push(asked.elapsed());
        if let Answer::Positions(got) = answer {
            positions.extend(got);
        }
        if Instant::now() >= until {
            break;
        }
    }
    Ok((times, positions))
}

/// Checks that every append has got a position of its own, and that none was left out.
fn follow_each_other(positions: &mut [u64]) -> Outcome {
    positions.sort_unstable();
    match positions.windows(2).find(|pair| pair[1] != pair[0] + 1) {
        Some(pair) => Err(format!("positions {pair:?} do not follow each other").into()),
        None => Ok(()),
    }
}
