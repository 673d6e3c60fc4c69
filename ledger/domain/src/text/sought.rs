//! Names by a part of them, or by what is written nearly so. What is sought is compared without
//! case, accents, blanks and hyphens. An index leads from the grams of what is sought to the names
//! that have enough of them; whether one matches is looked at on the name itself.

use super::{LONGEST, folded, is_part, stands_alone};
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, Script};
use std::collections::BTreeSet;
use strsim::osa_distance;

/// How a party matches what is sought, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchKind {
    /// It is the party's id.
    Id,
    /// It is a name.
    Whole,
    /// Every word of it begins a word of a name.
    Beginning,
    /// Every word of it is a part of a name.
    Part,
    /// It comes near to a name: some letters are missing, too many, others, or swapped.
    Near,
}

/// What a name is found by: a pair of letters that follow each other, or one letter that begins a
/// word or counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gram(pub Option<char>, pub char);

/// One letter that is another, missing, too many or swapped with its neighbour takes so many grams
/// of a text away at most.
const GRAMS_OF_LETTER: usize = 3;

/// A text as it is sought and searched: its letters in a row, and where its words begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    letters: String,
    /// The places of first letters, in bytes.
    starts: Vec<usize>,
}

impl Joined {
    /// Reads a name.
    ///
    /// ```
    /// use standing_domain::text::sought::Joined;
    ///
    /// assert_eq!(Joined::of("Hy\u{14d}go-ken"), Joined::of("HYOGO ken"));
    /// assert_eq!(Joined::of("Hy\u{14d}go-ken").letters(), "hyogoken");
    /// ```
    #[must_use]
    pub fn of(text: &str) -> Self {
        let (mut letters, mut starts) = (String::new(), Vec::new());
        let mut within = false;
        for character in unaccented(text).chars() {
            if !is_part(character) {
                within = false;
                continue;
            }
            if !within {
                starts.push(letters.len());
                within = true;
            }
            letters.push(character);
        }
        Self { letters, starts }
    }

    /// Returns its letters, without what stands between words.
    #[must_use]
    pub fn letters(&self) -> &str {
        &self.letters
    }

    /// Returns the grams of a name.
    #[must_use]
    pub fn grams(&self) -> BTreeSet<Gram> {
        let mut grams = inner_grams(&self.letters);
        let firsts = self.starts.iter();
        let firsts = firsts.filter_map(|start| self.letters[*start..].chars().next());
        grams.extend(firsts.map(|first| Gram(None, first)));
        grams
    }

    /// Returns its words, as what stands between letters parts them.
    fn words(&self) -> impl Iterator<Item = &str> {
        let ends = self.starts.iter().skip(1).copied();
        let ends = ends.chain([self.letters.len()]);
        let spans = self.starts.iter().zip(ends);
        spans.map(|(start, end)| &self.letters[*start..end])
    }

    /// Returns whether a word begins with a text.
    fn begins(&self, with: &str) -> bool {
        let mut starts = self.starts.iter();
        starts.any(|start| self.letters[*start..].starts_with(with))
    }
}

/// Returns a folded text without what may be left out where it is written: accents, points that
/// stand for vowels, and how wide its letters are set. A vowel that its script writes as a mark is
/// no accent, nor are the marks of kana.
fn unaccented(text: &str) -> String {
    if text.is_ascii() {
        return folded(text);
    }
    let plain = folded(&DecomposingNormalizerBorrowed::new_nfkd().normalize(text));
    let (scripts, categories) = (
        CodePointMapData::<Script>::new(),
        CodePointMapData::<GeneralCategory>::new(),
    );
    let is_accent = |c: &char| {
        categories.get(*c) == GeneralCategory::NonspacingMark
            && [Script::Inherited, Script::Hebrew].contains(&scripts.get(*c))
            && !matches!(c, '\u{3099}' | '\u{309a}')
    };
    let letters = DecomposingNormalizerBorrowed::new_nfd().normalize(&plain);
    let letters: String = letters.chars().filter(|c| !is_accent(c)).collect();
    let composed = ComposingNormalizerBorrowed::new_nfc();
    composed.normalize(&letters).into_owned()
}

/// Returns the pairs of letters that follow each other, and the letters that count as words.
fn inner_grams(letters: &str) -> BTreeSet<Gram> {
    let pairs = letters.chars().zip(letters.chars().skip(1));
    let pairs = pairs.map(|(one, next)| Gram(Some(one), next));
    let alone = letters.chars().filter(|letter| stands_alone(*letter));
    pairs
        .chain(alone.map(|letter| Gram(None, letter)))
        .collect()
}

/// Returns the grams of a text that begins a word.
fn first_grams(letters: &str) -> BTreeSet<Gram> {
    let mut grams = inner_grams(letters);
    grams.extend(letters.chars().next().map(|first| Gram(None, first)));
    grams
}

/// How many letters may differ in a text that comes near to one.
fn allowed(letters: &str) -> usize {
    match letters.chars().count() {
        0..=2 => 0,
        // Three such letters say as much as three syllables.
        3 => usize::from(letters.chars().all(stands_alone)),
        4..=7 => 1,
        8..=LONGEST => 2,
        _ => 0,
    }
}

/// Returns whether two texts differ by few letters.
fn is_near(sought: &str, name: &str) -> bool {
    let allowed = allowed(sought);
    let (one, other) = (sought.chars().count(), name.chars().count());
    one.abs_diff(other) <= allowed && osa_distance(sought, name) <= allowed
}

/// Grams of which a name that matches has so many at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The grams.
    pub grams: BTreeSet<Gram>,
    /// How many of them.
    pub least: usize,
}

impl Demand {
    /// All of some grams.
    fn all(grams: BTreeSet<Gram>) -> Self {
        let least = grams.len();
        Self { grams, least }
    }

    /// What is left of some grams where so many letters differ: one always is.
    fn but_for(grams: BTreeSet<Gram>, letters: usize) -> Self {
        let least = grams.len().saturating_sub(letters * GRAMS_OF_LETTER).max(1);
        Self { grams, least }
    }
}

/// What is sought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    text: String,
    joined: Joined,
    words: BTreeSet<String>,
}

impl Sought {
    /// Reads what is sought; none of a text without a letter or a digit.
    ///
    /// ```
    /// use standing_domain::text::sought::{Joined, MatchKind, Sought};
    ///
    /// let sought = Sought::new("hyo KEN").unwrap();
    /// let matched = sought.matches(&Joined::of("Hy\u{14d}go-ken"));
    /// assert_eq!(matched, Some(MatchKind::Beginning));
    /// assert!(Sought::new(" - ").is_none());
    /// ```
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let joined = Joined::of(text);
        if joined.letters.is_empty() {
            return None;
        }
        let words = joined.words().map(str::to_owned).collect();
        Some(Self {
            text: text.to_owned(),
            joined,
            words,
        })
    }

    /// Returns the text as it came.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns how a name matches, where it is no other letter by letter.
    #[must_use]
    pub fn matches(&self, name: &Joined) -> Option<MatchKind> {
        if self.joined.letters == name.letters {
            return Some(MatchKind::Whole);
        }
        if self.words.iter().all(|word| name.begins(word)) {
            return Some(MatchKind::Beginning);
        }
        let mut words = self.words.iter();
        words
            .all(|word| is_within(word, name))
            .then_some(MatchKind::Part)
    }

    /// Returns whether a name comes near: as a whole, or by words of it that each word of what is
    /// sought is a part of or comes near to.
    #[must_use]
    pub fn is_near(&self, name: &Joined) -> bool {
        let comes_near = |word: &str| name.words().any(|of| is_near(word, of));
        is_near(&self.joined.letters, &name.letters)
            || self
                .words
                .iter()
                .all(|word| is_within(word, name) || comes_near(word))
    }

    /// Returns what a name has that matches letter by letter: all that one of these lists demands.
    /// A name that is the same as a whole may part its words elsewhere.
    #[must_use]
    pub fn demands(&self) -> Vec<Vec<Demand>> {
        let mut ways = vec![self.demands_by_words()];
        if self.words.len() > 1 {
            ways.push(vec![Demand::all(part_grams(&self.joined.letters))]);
        }
        ways
    }

    fn demands_by_words(&self) -> Vec<Demand> {
        let words = self.words.iter().map(|word| part_grams(word));
        words.map(Demand::all).collect()
    }

    /// Returns what a name has that comes near: all that one of these lists demands.
    #[must_use]
    pub fn near_demands(&self) -> Vec<Vec<Demand>> {
        let demand = |letters: &str| match allowed(letters) {
            0 => None,
            differ => Some(Demand::but_for(first_grams(letters), differ)),
        };
        let whole = demand(&self.joined.letters).map(|whole| vec![whole]);
        let words = self.words.iter();
        let words: Vec<Option<Demand>> = words.map(|word| demand(word)).collect();
        let mut ways: Vec<Vec<Demand>> = whole.into_iter().collect();
        if words.iter().any(Option::is_some) {
            let exact = self.demands_by_words().into_iter();
            let by_words = words.into_iter().zip(exact);
            let by_words = by_words
                .map(|(near, exact)| near.unwrap_or(exact))
                .collect();
            if !ways.contains(&by_words) {
                ways.push(by_words);
            }
        }
        ways
    }
}

/// Returns whether a word is a part of a name. A single letter is one only where it begins a word
/// or counts as one: else it would be a part of nearly every name.
fn is_within(word: &str, name: &Joined) -> bool {
    let mut letters = word.chars();
    let alone = letters.next().filter(|_| letters.next().is_none());
    match alone {
        Some(letter) if !stands_alone(letter) => name.begins(word),
        Some(_) | None => name.letters.contains(word),
    }
}

/// Returns the grams of every name that a word is a part of.
fn part_grams(word: &str) -> BTreeSet<Gram> {
    let inner = inner_grams(word);
    if inner.is_empty() {
        return first_grams(word);
    }
    inner
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How a name matches what is sought, near misses included.
    fn matched(sought: &str, name: &str) -> Option<MatchKind> {
        let (sought, name) = (Sought::new(sought).unwrap(), Joined::of(name));
        let near = sought.is_near(&name).then_some(MatchKind::Near);
        sought.matches(&name).or(near)
    }

    #[test]
    fn a_name_is_found_by_its_parts() {
        use MatchKind::{Beginning, Near, Part, Whole};
        for (sought, name, expected) in [
            ("hyogo", "Hy\u{14d}go", Some(Whole)),
            ("H\u{dd}OGO", "Hyogo", Some(Whole)),
            ("jeollanam do", "Jeollanam-do", Some(Whole)),
            ("jeollanamdo", "Jeollanam-do", Some(Whole)),
            ("quebec", "Gouvernement du Qu\u{e9}bec", Some(Beginning)),
            ("du gouv", "Gouvernement du Qu\u{e9}bec", Some(Beginning)),
            ("vernement", "Gouvernement du Qu\u{e9}bec", Some(Part)),
            ("e", "Gouvernement du Qu\u{e9}bec", None),
            ("d", "Gouvernement du Qu\u{e9}bec", Some(Beginning)),
            // Korean, with and without its last syllable, and one of the middle.
            (
                "\u{acbd}\u{ae30}",
                "\u{acbd}\u{ae30}\u{b3c4}",
                Some(Beginning),
            ),
            ("\u{b3c4}", "\u{acbd}\u{ae30}\u{b3c4}", Some(Part)),
            ("\u{acbd}\u{b3c4}", "\u{acbd}\u{ae30}\u{b3c4}", None),
            (
                "\u{acbd}\u{ac00}\u{b3c4}",
                "\u{acbd}\u{ae30}\u{b3c4}",
                Some(Near),
            ),
            // Russian: short i, and yo written as ye.
            (
                "\u{430}\u{43b}\u{442}\u{430}\u{438}",
                "\u{410}\u{43b}\u{442}\u{430}\u{439}",
                Some(Whole),
            ),
            (
                "\u{43e}\u{440}\u{435}\u{43b}",
                "\u{41e}\u{440}\u{451}\u{43b}",
                Some(Whole),
            ),
            // Mongolian: its own o is no o with a stroke.
            (
                "\u{442}\u{4e9}\u{432}",
                "\u{422}\u{4e9}\u{432} \u{430}\u{439}\u{43c}\u{430}\u{433}",
                Some(Beginning),
            ),
            (
                "\u{442}\u{43e}\u{432}",
                "\u{422}\u{4e9}\u{432} \u{430}\u{439}\u{43c}\u{430}\u{433}",
                None,
            ),
            // Kana with and without a voice, set wide and narrow.
            ("\u{304b}", "\u{304c}", None),
            ("\u{ff76}\u{ff9e}", "\u{30ac}", Some(Whole)),
            ("\u{ff33}eoul", "Seoul", Some(Whole)),
            // Thai vowels, Hebrew points.
            ("\u{e17}\u{e35}\u{e48}", "\u{e17}", None),
            (
                "\u{5e9}\u{5dc}\u{5d5}\u{5dd}",
                "\u{5e9}\u{5c1}\u{5b8}\u{5dc}\u{5d5}\u{5b9}\u{5dd}",
                Some(Whole),
            ),
            ("Jeolanam-do", "Jeollanam-do", Some(Near)),
            ("coucnil", "The Council of Cities", Some(Near)),
            ("coucnil of citees", "The Council of Cities", Some(Near)),
            ("coucnil in cities", "The Council of Cities", None),
            ("sea", "Tea", None),
        ] {
            assert_eq!(matched(sought, name), expected, "{sought} {name}");
        }
    }

    #[test]
    fn nothing_is_sought_by_what_has_no_letter() {
        for text in ["", "  ", "-", "\u{3000}\u{200d}", "()"] {
            assert!(Sought::new(text).is_none(), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// What matches is never passed over by who looks at grams alone.
        #[test]
        fn what_matches_has_the_grams_that_are_demanded(
            sought in "[ab\u{e9}\u{acbd}\u{ae30}]{1,9}([ -][abc]{1,9})?",
            name in "[ab\u{e9}\u{acbd}\u{ae30}]{1,9}([ -][abc]{1,9}){0,2}",
            parted_elsewhere in prop::option::weighted(0.3, 0..9_usize),
        ) {
            let name = match parted_elsewhere {
                Some(letters) => {
                    let front = sought.chars().take(letters).chain([' ']);
                    front.chain(sought.chars().skip(letters)).collect()
                }
                None => name,
            };
            let (sought, name) = (Sought::new(&sought).unwrap(), Joined::of(&name));
            let grams = name.grams();
            let meets = |demands: &[Demand]| {
                let mut demands = demands.iter();
                demands.all(|demand| demand.grams.intersection(&grams).count() >= demand.least)
            };
            if sought.matches(&name).is_some() {
                prop_assert!(sought.demands().iter().any(|way| meets(way)));
            } else if sought.is_near(&name) {
                prop_assert!(sought.near_demands().iter().any(|way| meets(way)));
            }
        }
    }
}
