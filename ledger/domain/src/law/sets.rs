//! Sets of what norms may do together to one right in one body: of the sixteen ways that four
//! effects combine, those that may be.
//!
//! Stratum (rule 27): law; reads recorded acts.

use crate::entry::norm::Effect;
use crate::time::truth::Truth;

/// A set of combinations of effects: bit `n` stands for the combination of the [`Effect`] bits `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Effects(u16);

/// The combinations under which a right is held: withholding beats conferring, suspension beats
/// both, permission beats suspension and never withholding (rule 17).
const HELD: u16 = held();

const fn held() -> u16 {
    let (confers, withholds) = (Effect::Confers as u8, Effect::Withholds as u8);
    let (suspends, permits) = (Effect::Suspends as u8, Effect::Permits as u8);
    let mut all = 0;
    let mut effects = 0;
    while effects < 16 {
        let stands = effects & confers != 0 && effects & withholds == 0;
        if stands && (effects & suspends == 0 || effects & permits != 0) {
            all |= 1 << effects;
        }
        effects += 1;
    }
    all
}

/// Returns whether a right is held under a combination of effects.
pub(super) fn is_held(effects: u8) -> bool {
    HELD >> effects & 1 == 1
}

impl Effects {
    /// Nothing happens to the right.
    pub const NOTHING: Self = Self(1);

    /// Returns the set of one combination.
    pub fn only(effects: u8) -> Self {
        Self(1 << (effects & 15))
    }

    /// Returns what may be where an effect joins; `perhaps` only.
    pub fn with(self, effect: Effect, perhaps: bool) -> Self {
        let joined = self.joined(Self::only(effect as u8));
        if perhaps { self.or(joined) } else { joined }
    }

    /// Returns what may be if either may.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Returns what may be together.
    pub fn joined(self, other: Self) -> Self {
        if self == Self::NOTHING {
            return other;
        }
        if other == Self::NOTHING {
            return self;
        }
        let mut together = 0;
        for a in self.each() {
            for b in other.each() {
                together |= 1_u16 << (a | b);
            }
        }
        Self(together)
    }

    /// Returns the combinations.
    pub fn each(self) -> impl Iterator<Item = u8> {
        (0..16_u8).filter(move |effects| self.0 >> effects & 1 == 1)
    }

    /// Returns whether the right is held.
    pub fn truth(self) -> Truth {
        match (self.0 & HELD != 0, self.0 & !HELD != 0) {
            (true, false) => Truth::Yes,
            (true, true) => Truth::Unknown,
            (false, _) => Truth::No,
        }
    }
}

/// So many of something may each be; what may be together is known after every change of one of
/// them, in the logarithm of their number.
pub(super) struct Together {
    nodes: Vec<Effects>,
    leaves: usize,
}

impl Together {
    pub fn new(count: usize) -> Self {
        let leaves = count.max(1).next_power_of_two();
        Self {
            nodes: vec![Effects::NOTHING; 2 * leaves],
            leaves,
        }
    }

    pub fn set(&mut self, place: usize, effects: Effects) {
        let mut node = self.leaves + place;
        self.nodes[node] = effects;
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.nodes[2 * node].joined(self.nodes[2 * node + 1]);
        }
    }

    pub fn all(&self) -> Effects {
        self.nodes[1]
    }
}

/// What may be of one thing while its parts come and go: how often each combination is there.
#[derive(Clone, Copy, Default)]
pub(super) struct Counted([u32; 16]);

impl Counted {
    pub fn add(&mut self, effects: Effects) {
        effects.each().for_each(|e| self.0[usize::from(e)] += 1);
    }

    pub fn remove(&mut self, effects: Effects) {
        for e in effects.each() {
            let count = &mut self.0[usize::from(e)];
            *count = count.saturating_sub(1);
        }
    }

    pub fn effects(&self) -> Effects {
        let there = self.0.iter().zip(0..16).filter(|(count, _)| **count > 0);
        Effects(there.fold(0, |all, (_, effects)| all | 1 << effects))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Effect::{Confers, Permits, Suspends, Withholds};

    #[test]
    fn rule_17_who_beats_whom() {
        let all = |effects: &[Effect]| effects.iter().fold(0, |all, e| all | *e as u8);
        assert!(is_held(all(&[Confers])));
        assert!(!is_held(all(&[Confers, Withholds])));
        assert!(!is_held(all(&[Confers, Suspends])));
        assert!(is_held(all(&[Confers, Suspends, Permits])));
        assert!(!is_held(all(&[Confers, Withholds, Suspends, Permits])));
        assert!(!is_held(all(&[Permits])));
        assert!(!is_held(0));
    }

    #[test]
    fn what_comes_and_goes_is_together_what_is_there() {
        let confers = Effects::only(Effect::Confers as u8);
        let mut counted = Counted::default();
        counted.add(Effects::NOTHING);
        counted.add(confers);
        assert_eq!(counted.effects().truth(), Truth::Unknown);
        counted.remove(Effects::NOTHING);
        assert_eq!(counted.effects(), confers);
        let mut together = Together::new(3);
        together.set(2, confers);
        assert_eq!(together.all().truth(), Truth::Yes);
        together.set(0, Effects::NOTHING.with(Effect::Withholds, true));
        assert_eq!(together.all().truth(), Truth::Unknown);
        together.set(0, Effects::only(Effect::Withholds as u8));
        assert_eq!(together.all().truth(), Truth::No);
    }
}
