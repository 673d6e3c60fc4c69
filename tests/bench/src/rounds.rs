//! Measuring two sides in turn, so that a drift of the machine meets both.

use crate::Outcome;
use std::time::{Duration, Instant};

/// What both sides did in one round.
#[derive(Clone, Copy)]
pub struct Round {
    /// The ledger's side.
    pub ours: f64,
    /// What it is measured against.
    pub theirs: f64,
}

/// Measures both sides in each of a number of rounds; who begins alternates. A round before them
/// warms both up.
///
/// # Errors
/// A side failed.
pub fn interleaved(
    rounds: usize,
    mut ours: impl FnMut() -> Outcome<f64>,
    mut theirs: impl FnMut() -> Outcome<f64>,
) -> Outcome<Vec<Round>> {
    let mut measured = Vec::with_capacity(rounds);
    for round in 0..=rounds {
        let round = if round % 2 == 0 {
            let ours = ours()?;
            Round {
                ours,
                theirs: theirs()?,
            }
        } else {
            let theirs = theirs()?;
            Round {
                ours: ours()?,
                theirs,
            }
        };
        measured.push(round);
    }
    measured.remove(0);
    Ok(measured)
}

/// Returns the median; of an even number the upper one.
pub fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Returns the value that a share of the values, in thousandths, does not exceed.
pub fn percentile(values: &mut [Duration], thousandths: usize) -> Duration {
    values.sort_unstable();
    let place = values.len() * thousandths / 1_000;
    values
        .get(place.min(values.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// Returns how many a second.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// Returns the nanoseconds that one of `count` takes.
#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
pub fn nanos_each(count: usize, work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64() * 1e9 / count as f64
}

/// Draws numbers; the same ones in every run.
pub struct Draws(pub u64);

impl Draws {
    /// Returns a number below a bound.
    pub fn below(&mut self, bound: u32) -> u32 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        u32::try_from(mixed % u64::from(bound.max(1))).unwrap_or(0)
    }
}
