//! The counters that the compiler puts at every edge of an instrumented crate (`instrument`): what
//! an input reached.

#![allow(unsafe_code, reason = "the compiler hands out addresses")]

use std::sync::Mutex;

/// How many counters are compared at once.
const BLOCK: usize = 128;
const ZEROES: [u8; BLOCK] = [0; BLOCK];

/// Where counters begin and end.
static REGIONS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// Takes note of counters. Each instrumented module calls it before anything else runs.
#[unsafe(no_mangle)]
extern "C" fn __sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8) {
    let region = (start.addr(), stop.addr());
    start.expose_provenance();
    if let Ok(mut regions) = REGIONS.lock()
        && !regions.contains(&region)
    {
        regions.push(region);
    }
}

/// Which edges were reached so far, and about how often each: a bit for each magnitude.
pub struct Reached {
    regions: Vec<(usize, usize)>,
    bits: Vec<u8>,
}

impl Reached {
    /// Nothing was reached.
    pub fn nothing() -> Self {
        let regions = REGIONS.lock().unwrap().clone();
        let edges = regions.iter().map(|(start, stop)| stop - start).sum();
        Self {
            regions,
            bits: vec![0; edges],
        }
    }

    /// Sets all counters back.
    pub fn clear(&self) {
        for &(start, stop) in &self.regions {
            let start = std::ptr::with_exposed_provenance_mut::<u8>(start);
            // SAFETY: they lie there as long as the process lives. Other threads may count
            // meanwhile; a count that is lost is no harm.
            unsafe { start.write_bytes(0, stop - start.addr()) };
        }
    }

    /// Adds what was reached since the counters were set back; tells whether anything was new.
    pub fn add(&mut self) -> bool {
        let (mut is_new, mut edge) = (false, 0);
        for &(start, stop) in &self.regions {
            let start = std::ptr::with_exposed_provenance::<u8>(start);
            let mut counts = vec![0; stop - start.addr()];
            // SAFETY: as above.
            unsafe { start.copy_to_nonoverlapping(counts.as_mut_ptr(), counts.len()) };
            // Most are zero, and whole blocks are soon compared.
            for block in 0..counts.len().div_ceil(BLOCK) {
                let from = block * BLOCK;
                let to = counts.len().min(from + BLOCK);
                if counts[from..to] == ZEROES[..to - from] {
                    continue;
                }
                for at in (from..to).filter(|at| counts[*at] != 0) {
                    let (bits, bit) = (&mut self.bits[edge + at], magnitude(counts[at]));
                    is_new |= *bits & bit == 0;
                    *bits |= bit;
                }
            }
            edge += counts.len();
        }
        is_new
    }

    /// How many edges were reached, and how many there are.
    pub fn edges(&self) -> (usize, usize) {
        let reached = self.bits.iter().filter(|bits| **bits != 0).count();
        (reached, self.bits.len())
    }
}

fn magnitude(count: u8) -> u8 {
    match count {
        0 => 0,
        1 => 1,
        2 => 2,
        3 => 4,
        4..=7 => 8,
        8..=15 => 16,
        16..=31 => 32,
        32..=127 => 64,
        128.. => 128,
    }
}
