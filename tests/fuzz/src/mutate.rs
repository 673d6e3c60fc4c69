//! How inputs are changed.

use mutatis::{DefaultMutate, Mutate, Session};

/// The longest input.
const LONGEST: usize = 64 << 10;

/// Numbers at which things turn.
const TURNS: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 53,
    i64::MAX as u64,
    u64::MAX,
];

/// Changes inputs; all by one seed.
pub struct Mutator {
    pub dice: fastrand::Rng,
    /// Another input, to take parts of.
    pub other: Vec<u8>,
    session: Session,
}

impl Mutator {
    pub fn new(seed: u64) -> Self {
        Self {
            dice: fastrand::Rng::with_seed(seed),
            other: Vec::new(),
            session: Session::new().seed(seed),
        }
    }

    /// Picks an input; the newer half as often as all.
    pub fn pick<'a>(&mut self, pool: &'a [Vec<u8>]) -> &'a [u8] {
        let from = if self.dice.bool() { pool.len() / 2 } else { 0 };
        &pool[self.dice.usize(from..pool.len())]
    }

    /// Changes a value as its type has it.
    pub fn value<T: DefaultMutate>(&mut self, value: &mut T)
    where
        T::DefaultMutate: Mutate<T>,
    {
        for _ in 0..self.times() {
            // There is nothing to change in some.
            let _ = self.session.mutate(value);
        }
    }

    /// One to eight, rather few.
    pub fn times(&mut self) -> usize {
        1 << self.dice.usize(0..4).min(self.dice.usize(0..4))
    }

    /// Changes bytes.
    pub fn bytes(&mut self, input: &mut Vec<u8>) {
        for _ in 0..self.times() {
            self.step(input);
        }
        input.truncate(LONGEST);
    }

    fn step(&mut self, input: &mut Vec<u8>) {
        let at = self.dice.usize(0..=input.len());
        let to = (at + self.length()).min(input.len());
        match self.dice.u8(0..8) {
            0 => drop(input.drain(at..to)),
            1 => {
                let copy = input[at..to].to_vec();
                let there = self.dice.usize(0..=input.len());
                input.splice(there..there, copy);
            }
            // A part of another.
            2 | 3 => {
                let from = self.dice.usize(0..=self.other.len());
                let until = (from + self.length()).min(self.other.len());
                let part = self.other[from..until].to_vec();
                let end = if self.dice.bool() { at } else { to };
                input.splice(at..end, part);
            }
            4 => {
                let turn = self.turn().to_le_bytes();
                let wide = 1 << self.dice.u8(0..4);
                let to = (at + wide).min(input.len());
                input[at..to].copy_from_slice(&turn[..to - at]);
            }
            5 if at < input.len() => input[at] ^= 1 << self.dice.u8(0..8),
            6 if at < input.len() => {
                input[at] = input[at]
                    .wrapping_add(self.dice.u8(0..=32))
                    .wrapping_sub(16);
            }
            _ if input.len() < 4_096 => {
                let _ = self.session.mutate(input);
            }
            _ => {}
        }
    }

    /// A length, rather short.
    fn length(&mut self) -> usize {
        let most = 1 << self.dice.usize(0..9);
        self.dice.usize(1..=most)
    }

    /// A number at which something may turn.
    pub fn turn(&mut self) -> u64 {
        let turn = TURNS[self.dice.usize(0..TURNS.len())];
        turn.wrapping_add(self.dice.u64(0..3)).wrapping_sub(1)
    }
}
