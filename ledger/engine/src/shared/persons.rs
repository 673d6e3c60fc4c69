//! Finds the names of natural persons in texts. Names are kept nowhere in clear: what is kept is a
//! fingerprint of each, with the entry in which it stands sealed, where it is opened and compared.

mod held;

use rustc_hash::FxHasher;
use standing_domain::entry::Content;
use standing_domain::entry::event::Event;
use standing_domain::entry::event::one::NamedPerson;
use standing_domain::id::position::Position;
use standing_domain::text::{folded, words};
use standing_store::keys::KeyFile;
use standing_store::seal;
use std::collections::BTreeSet;
use std::hash::Hasher as _;

/// So many words of a name are looked for; a name that has more is found by these.
const LONGEST: usize = 16;

/// How many bits tell with which words names begin.
const FIRST_BITS: u32 = 16;

/// The names of persons, by the fingerprints of their words.
pub(crate) struct PersonNames {
    names: BTreeSet<(u64, Position)>,
    /// A bit for the fingerprint of each word that a name begins with: most words of a text are no
    /// such word.
    firsts: Vec<u64>,
    /// A bit for each number of words that a name has.
    lengths: u32,
}

impl Default for PersonNames {
    fn default() -> Self {
        Self {
            names: BTreeSet::new(),
            firsts: vec![0; 1 << (FIRST_BITS - u64::BITS.trailing_zeros())],
            lengths: 0,
        }
    }
}

/// Returns the names that an entry gives a person, as far as its key opens them.
pub(crate) fn opened<'a>(
    named: NamedPerson<'a>,
    keys: &KeyFile,
) -> impl Iterator<Item = String> + use<'a> {
    let id = named.person.as_str();
    let key = keys.person(id);
    named.names.iter().filter_map(move |name| {
        let text = seal::open(key.as_ref()?, id, &name.sealed).ok()?;
        String::from_utf8(text).ok()
    })
}

/// Returns the fingerprint of a name; none if it has no word.
pub(crate) fn fingerprint(name: &str) -> Option<u64> {
    let name = folded(name);
    let name = words(&name);
    prints(&name[..name.len().min(LONGEST)]).last()
}

/// Returns the fingerprints of the first words, of the first two, and so on.
fn prints<'a>(words: &'a [&'a str]) -> impl Iterator<Item = u64> + 'a {
    let mut hasher = FxHasher::default();
    words.iter().map(move |word| {
        hasher.write(word.as_bytes());
        // Parts words, as no text has it.
        hasher.write_u8(0xff);
        hasher.finish()
    })
}

impl PersonNames {
    /// Returns whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Notes the names that an entry gives a person, if it gives any and its key opens them.
    pub fn insert(&mut self, content: &Content, position: Position, keys: &KeyFile) {
        if let Some(named) = content.event.as_ref().and_then(Event::named_person) {
            opened(named, keys).for_each(|name| self.note(&name, position));
        }
    }

    /// Notes a name.
    pub fn note(&mut self, name: &str, position: Position) {
        let name = folded(name);
        let name = words(&name);
        let prints: Vec<u64> = prints(&name[..name.len().min(LONGEST)]).collect();
        let (Some(first), Some(last)) = (prints.first(), prints.last()) else {
            return;
        };
        self.names.insert((*last, position));
        let (row, bit) = place(*first);
        self.firsts[row] |= bit;
        self.lengths |= 1 << (prints.len() - 1);
    }

    /// Takes the note of a name back.
    pub fn remove(&mut self, name: &str, position: Position) {
        if let Some(print) = fingerprint(name) {
            self.names.remove(&(print, position));
        }
    }

    /// Takes over the notes of another.
    pub fn absorb(&mut self, mut other: Self) {
        self.names.append(&mut other.names);
        for (row, others) in self.firsts.iter_mut().zip(other.firsts) {
            *row |= others;
        }
        self.lengths |= other.lengths;
    }

    /// Takes over the notes of another in place of its own up to a position.
    pub fn replace(&mut self, last: Position, other: Self) {
        self.names.retain(|(_, position)| *position > last);
        self.absorb(other);
    }

    /// Returns the entries that may give a person a name of this fingerprint.
    pub fn candidates(&self, print: u64) -> impl Iterator<Item = Position> + '_ {
        let of = (print, Position::ZERO)..=(print, Position::MAX);
        self.names.range(of).map(|(_, position)| *position)
    }

    /// Adds to `found` the fingerprints of names that begin with one of the words from `start` to
    /// before `end`. It takes as long as these are many.
    pub fn find(&self, text: &[&str], start: usize, end: usize, found: &mut BTreeSet<u64>) {
        for at in start..end.min(text.len()) {
            let name = &text[at..text.len().min(at + LONGEST)];
            for (length, print) in prints(name).enumerate() {
                let (row, bit) = place(print);
                if length == 0 && self.firsts[row] & bit == 0 {
                    break;
                }
                if self.lengths & (1 << length) != 0 && self.candidates(print).next().is_some() {
                    found.insert(print);
                }
            }
        }
    }
}

/// Returns where the bit of a first word is.
fn place(print: u64) -> (usize, u64) {
    let number = print >> (u64::BITS - FIRST_BITS);
    let row = usize::try_from(number >> u64::BITS.trailing_zeros()).unwrap_or(0);
    (row, 1 << (number & u64::from(u64::BITS - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str], text: &str) -> Vec<u64> {
        let mut persons = PersonNames::default();
        for (name, position) in names.iter().zip(Position::FIRST.onwards()) {
            persons.note(name, position);
        }
        let text = folded(text);
        let text = words(&text);
        let mut found = BTreeSet::new();
        persons.find(&text, 0, text.len(), &mut found);
        let mut positions: Vec<u64> = found
            .into_iter()
            .flat_map(|print| persons.candidates(print))
            .map(Position::number)
            .collect();
        positions.sort_unstable();
        positions
    }

    #[test]
    fn a_name_is_found_whole_and_however_it_is_written() {
        let names = [
            "Jane Doe",
            "\u{c9}lo\u{ef}se M\u{fc}ller",
            "\u{ae40}\u{cca0}\u{c218}",
            "Kim",
        ];
        for (text, expected) in [
            ("Jane Doe", vec![1]),
            ("a letter of JANE  DOE, to the board", vec![1]),
            ("admit-jane-doe", vec![1]),
            ("Jane Doe's letter", vec![1]),
            ("ja\u{200d}ne doe", vec![1]),
            ("Jane A. Doe", vec![]),
            ("Jane Does", vec![]),
            ("Mary-Jane Doering", vec![]),
            ("E\u{301}loi\u{308}se MU\u{308}LLER", vec![2]),
            ("Eloise Muller", vec![]),
            ("\u{ae40}\u{cca0}\u{c218}\u{ac00} \u{c654}\u{b2e4}", vec![3]),
            ("kim, and jane doe", vec![1, 4]),
            ("", vec![]),
        ] {
            assert_eq!(found(&names, text), expected, "{text}");
        }
    }

    #[test]
    fn a_long_name_is_found_by_its_first_words_and_two_of_one_name_both_are() {
        let long: Vec<String> = (0..40).map(|n| format!("w{n}")).collect();
        let long = long.join(" ");
        assert_eq!(
            found(&[&long, "Ann Lee", "ann lee"], &format!("so {long} said")),
            [1]
        );
        assert_eq!(found(&[&long, "Ann Lee", "ann lee"], "ANN LEE"), [2, 3]);
        assert_eq!(found(&[&long], &long.replace("w39", "w40")), [1]);
        assert_eq!(found(&[&long], &long.replace("w9", "w40")), []);
    }

    #[test]
    fn what_is_taken_back_is_not_found() {
        let mut persons = PersonNames::default();
        persons.note("Jane Doe", Position::FIRST);
        persons.remove("JANE DOE", Position::FIRST);
        assert!(persons.is_empty());
    }
}
