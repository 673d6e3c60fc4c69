//! Numbers without pattern.

/// A sequence without pattern and the same every time (Knuth's constants).
#[derive(Debug, Clone, Copy)]
pub struct Sequence(pub u64);

impl Sequence {
    /// Returns the next number, below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}
