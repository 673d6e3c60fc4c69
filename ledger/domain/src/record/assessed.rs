//! For which years dues to a fund are assessed, whoever owes them.

use crate::id::FundId;
use crate::id::position::Position;
use crate::record::interned::Interned;
use std::collections::BTreeMap;

/// The assessments of all parties, by fund and year.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Assessed {
    funds: Interned<FundId>,
    /// Their entries, ascending, by the number of the fund and the year.
    years: BTreeMap<(u32, u16), Vec<Position>>,
    /// The same in the order of the entries, to be forgotten from the end.
    entries: Vec<(Position, u32, u16)>,
}

impl Assessed {
    pub fn add(&mut self, fund: &FundId, year: u16, position: Position) {
        let fund = self.funds.number(fund, position);
        self.years.entry((fund, year)).or_default().push(position);
        self.entries.push((position, fund, year));
    }

    /// Returns the years of a fund, the last one first, with the entries of each.
    pub fn years(&self, fund: &FundId) -> impl Iterator<Item = (u16, &[Position])> {
        let number = self.funds.find(fund);
        let years = number.map(|fund| self.years.range((fund, 0)..=(fund, u16::MAX)));
        let years = years.into_iter().flatten().rev();
        years.map(|((_, year), entries)| (*year, entries.as_slice()))
    }

    /// Returns the entries of every year of every fund, ascending.
    pub fn all_years(&self) -> impl Iterator<Item = &[Position]> {
        self.years.values().map(Vec::as_slice)
    }

    /// Forgets what was learned after a position.
    pub fn retract(&mut self, above: Position) {
        while let Some((position, fund, year)) = self.entries.pop_if(|(at, ..)| *at > above) {
            if let Some(entries) = self.years.get_mut(&(fund, year)) {
                entries.retain(|entry| *entry != position);
                if entries.is_empty() {
                    self.years.remove(&(fund, year));
                }
            }
        }
        self.funds.retract(above);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_leaves_nothing() {
        let fund = |text: &str| FundId::new(text).unwrap();
        let years = |assessed: &Assessed, of: &str| -> Vec<u16> {
            assessed.years(&fund(of)).map(|(year, _)| year).collect()
        };
        let mut assessed = Assessed::default();
        assessed.add(&fund("core"), 2025, Position::new(3));
        let before = assessed.clone();
        assessed.add(&fund("core"), 2025, Position::new(4));
        assessed.add(&fund("core"), 2027, Position::new(5));
        assessed.add(&fund("reserve"), 2030, Position::new(6));
        assert_eq!(years(&assessed, "core"), [2027, 2025]);
        assert_eq!(years(&assessed, "reserve"), [2030]);
        assert_eq!(years(&assessed, "none"), []);
        assessed.retract(Position::new(3));
        assert!(assessed == before);
    }
}
