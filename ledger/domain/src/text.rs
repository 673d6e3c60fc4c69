//! Text as it is compared, and what comes nearest to a text that nothing is called by.

pub mod alike;
pub mod changed;
pub mod sought;

use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::props::{BidiClass, DefaultIgnorableCodePoint, GeneralCategory, Script};
use icu_properties::{CodePointMapData, CodePointSetData};
use std::borrow::Cow;
use std::collections::BTreeSet;
use strsim::osa_distance;

/// How many texts are suggested at most.
const MOST: usize = 3;

/// The longest text, in characters, that is compared letter by letter.
const LONGEST: usize = 80;

/// The shortest text, in characters, that is looked for inside others.
const SHORTEST_PART: usize = 3;

/// Returns whether a character shows nothing by itself and is passed over when texts are compared:
/// joiners, marks of direction, variation selectors and their like.
#[must_use]
pub fn is_ignorable(character: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character)
}

/// Returns whether a character has no place in a name or a note: it ends a line, steers a terminal,
/// turns the direction of what follows it, or hides.
///
/// ```
/// use standing_domain::text::is_steering;
///
/// assert!(is_steering('\n') && is_steering('\u{202e}'));
/// // Names in some scripts need joiners and marks of direction.
/// assert!(!is_steering('\u{200d}') && !is_steering('\u{200f}'));
/// ```
#[must_use]
pub fn is_steering(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'
                | '\u{2066}'..='\u{2069}'
                | '\u{feff}'
        )
}

/// Returns a text to stand beside others on a line: what steers is spelt out, as an older log may
/// hold it, and what runs from right to left is kept from turning its neighbours.
///
/// ```
/// use standing_domain::text::isolated;
///
/// assert_eq!(isolated("North"), "North");
/// assert_eq!(isolated("Real\nb"), r"Real\u000ab");
/// assert_eq!(isolated("\u{5d0}"), "\u{2068}\u{5d0}\u{2069}");
/// ```
#[must_use]
pub fn isolated(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.chars().any(is_steering) {
        return Cow::Borrowed(text);
    }
    let spelt = spelt_out(text, is_steering);
    if spelt.chars().any(turns) {
        return Cow::Owned(format!("\u{2068}{spelt}\u{2069}"));
    }
    spelt
}

/// Returns a text in which the characters that `hides` names are spelt out, as JSON spells them.
#[must_use]
pub fn spelt_out(text: &str, hides: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(&hides) {
        return Cow::Borrowed(text);
    }
    let mut spelt = String::with_capacity(text.len());
    for character in text.chars() {
        if hides(character) {
            let number = u32::from(character);
            spelt.push_str("\\u");
            spelt.extend([12, 8, 4, 0].map(|bits| hex_digit(number >> bits)));
        } else {
            spelt.push(character);
        }
    }
    Cow::Owned(spelt)
}

/// Returns the last digit of a number, to the base of 16.
fn hex_digit(number: u32) -> char {
    char::from_digit(number & 0xf, 16).unwrap_or('0')
}

/// Returns whether a character runs from right to left, or marks a direction.
fn turns(character: char) -> bool {
    let class = CodePointMapData::<BidiClass>::new().get(character);
    let strong = [
        BidiClass::RightToLeft,
        BidiClass::ArabicLetter,
        BidiClass::ArabicNumber,
    ];
    strong.contains(&class) || matches!(character, '\u{200e}')
}

/// Returns a text as it is compared: texts that fold to the same are the same name. Case does not
/// matter, nor how an accented letter is put together, nor what shows nothing, nor blanks around
/// the text.
///
/// ```
/// use standing_domain::text::folded;
///
/// // One letter, or a letter and an accent.
/// assert_eq!(folded("\u{c9}lan "), folded("e\u{301}LAN"));
/// // A joiner that shows how letters are tied.
/// let joined = "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}";
/// assert_eq!(folded(joined), folded("\u{dc1}\u{dca}\u{dbb}\u{dd3}"));
/// assert_ne!(folded("elan"), folded("\u{e9}lan"));
/// ```
#[must_use]
pub fn folded(text: &str) -> String {
    let text = text.trim();
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let seen: String = text.chars().filter(|c| !is_ignorable(*c)).collect();
    // Folding asks for decomposed letters: what follows a letter may decide how it folds.
    let decomposed = DecomposingNormalizerBorrowed::new_nfd();
    let folded = CaseMapper::new()
        .fold_string(&decomposed.normalize(&seen))
        .into_owned();
    let composed = ComposingNormalizerBorrowed::new_nfc();
    composed.normalize(&folded).trim().to_owned()
}

/// Returns a folded text without accents: what two texts have in common that differ in their marks
/// only.
#[must_use]
pub fn bare(text: &str) -> String {
    let folded = folded(text);
    if folded.is_ascii() {
        return folded;
    }
    let category = CodePointMapData::<GeneralCategory>::new();
    let decomposed = DecomposingNormalizerBorrowed::new_nfd();
    let letters = decomposed.normalize(&folded).into_owned();
    let letters = letters
        .chars()
        .filter(|c| category.get(*c) != GeneralCategory::NonspacingMark);
    let letters: String = letters.collect();
    let composed = ComposingNormalizerBorrowed::new_nfc();
    composed.normalize(&letters).into_owned()
}

/// Returns the words of a folded text, in order, without what stands between them. In scripts that
/// set no blanks between words, and in Hangul, whose words take endings, each letter is one: so a
/// name is found in a text if its words follow each other there.
///
/// ```
/// use standing_domain::text::{folded, words};
///
/// assert_eq!(words(&folded("Jane-Ann O'Doe, jr.")), ["jane", "ann", "o", "doe", "jr"]);
/// assert_eq!(words("\u{91d1} won"), ["\u{91d1}", "won"]);
/// assert_eq!(words("\u{ae40}\u{cca0}\u{c218}\u{ac00}").len(), 4);
/// assert!(words(" - ").is_empty());
/// ```
#[must_use]
pub fn words(folded: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, letter) in folded.char_indices() {
        let alone = stands_alone(letter);
        if alone || !is_part(letter) {
            words.extend(start.take().map(|start| &folded[start..at]));
        }
        if alone && is_part(letter) {
            words.push(&folded[at..at + letter.len_utf8()]);
        } else if !alone && is_part(letter) {
            start.get_or_insert(at);
        }
    }
    words.extend(start.map(|start| &folded[start..]));
    words
}

/// Returns whether a character is a part of a word: a letter, a digit, or a mark on one.
fn is_part(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    let marks = [
        GeneralCategory::NonspacingMark,
        GeneralCategory::SpacingMark,
        GeneralCategory::EnclosingMark,
    ];
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    character.is_alphanumeric() || marks.contains(&category)
}

/// Returns whether a letter counts as a word.
fn stands_alone(letter: char) -> bool {
    !letter.is_ascii() && ALONE.contains(&CodePointMapData::<Script>::new().get(letter))
}

/// Scripts of which each letter counts as a word.
const ALONE: [Script; 10] = [
    Script::Han,
    Script::Hangul,
    Script::Hiragana,
    Script::Katakana,
    Script::Bopomofo,
    Script::Thai,
    Script::Lao,
    Script::Khmer,
    Script::Myanmar,
    Script::Tibetan,
];

/// What may have been meant by a text that nothing is called by.
#[derive(Debug, Clone)]
pub struct Nearest {
    bare: String,
    length: usize,
    found: BTreeSet<(usize, String)>,
}

impl Nearest {
    /// Begins to look for a text.
    #[must_use]
    pub fn to(asked: &str) -> Self {
        let bare = bare(asked);
        Self {
            length: bare.chars().count(),
            bare,
            found: BTreeSet::new(),
        }
    }

    /// Returns whether a known text is near, and by how much: 0 is the same but for accents and
    /// case. Each letter that is missing, too many, another or swapped with its neighbour counts
    /// one; a text that is a part of the other counts as far as any that is near at all.
    #[must_use]
    pub fn distance(&self, known: &str) -> Option<usize> {
        let known = bare(known);
        if known == self.bare {
            return Some(0);
        }
        let length = known.chars().count();
        let allowed = allowed(self.length);
        let close = self.length <= LONGEST && length.abs_diff(self.length) <= allowed;
        let distance = close.then(|| osa_distance(&self.bare, &known));
        if let Some(distance) = distance.filter(|distance| *distance <= allowed) {
            return Some(distance);
        }
        let part = self.length >= SHORTEST_PART && known.contains(&self.bare)
            || length >= SHORTEST_PART && self.bare.contains(&known);
        part.then_some(allowed + 1)
    }

    /// Looks at a known text, and keeps `shown` if the text is among the nearest so far.
    pub fn look(&mut self, known: &str, shown: impl FnOnce() -> String) {
        if let Some(distance) = self.distance(known) {
            self.found.insert((distance, shown()));
            if self.found.len() > MOST {
                self.found.pop_last();
            }
        }
    }

    /// Returns the nearest, at most three, the nearest first; none where nothing is near.
    #[must_use]
    pub fn found(self) -> Vec<String> {
        self.found.into_iter().map(|(_, shown)| shown).collect()
    }
}

/// How many letters may differ in a text of so many.
fn allowed(length: usize) -> usize {
    match length {
        0..=1 => 0,
        2..=4 => 1,
        5..=9 => 2,
        _ => 3,
    }
}

/// Returns the known texts nearest to one that is not known, at most three, the nearest first. It
/// suggests; nothing is ever picked by it.
///
/// ```
/// use standing_domain::text::nearest;
///
/// assert_eq!(nearest("asembly", ["council", "assembly"]), ["assembly"]);
/// assert_eq!(nearest("vot", ["vote", "speak", "veto"]), ["vote"]);
/// assert!(nearest("senate", ["council", "assembly"]).is_empty());
/// ```
#[must_use]
pub fn nearest<'k>(asked: &str, known: impl IntoIterator<Item = &'k str>) -> Vec<String> {
    let mut nearest = Nearest::to(asked);
    for known in known {
        nearest.look(known, || known.to_owned());
    }
    nearest.found()
}

/// Writes what may have been meant, to end a sentence with; nothing where nothing is near.
#[must_use]
pub fn suggestion(nearest: &[String]) -> String {
    match nearest {
        [] => String::new(),
        [one] => format!("; nearest is {one}"),
        several => format!("; nearest are {}", several.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_the_same_folds_to_the_same() {
        for (one, other) in [
            ("Qinghai", "qINGHAI"),
            ("\u{c5}land", "A\u{30a}LAND"),
            ("Stra\u{df}e", "STRASSE"),
            // Hangul, as syllables and as letters.
            ("\u{ad6c}", "\u{1100}\u{116e}"),
            // Persian, with and without the joiner that keeps two letters apart.
            (
                "\u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{62f}",
                "\u{645}\u{6cc}\u{631}\u{648}\u{62f}",
            ),
            // Mongolian, with and without a variation selector.
            ("\u{182e}\u{180b}\u{1823}", "\u{182e}\u{1823}"),
            // A joiner between a letter and its accent hides nothing.
            ("e\u{200d}\u{301}", "\u{e9}"),
            // Sigma at the end of a word.
            ("\u{3a3}\u{3c3}\u{3c2}", "\u{3c3}\u{3c3}\u{3c3}"),
            ("  north ", "North"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
            // What is folded stays as it is.
            assert_eq!(folded(&folded(one)), folded(one));
        }
        assert_ne!(folded("Elan"), folded("\u{c9}lan"));
        assert_ne!(folded("north east"), folded("northeast"));
    }

    #[test]
    fn accents_case_and_letters_are_near_and_nothing_else_is() {
        let known = [
            "Jeollanam-do",
            "Qu\u{e9}bec",
            "Hy\u{14d}go",
            "Asia/Seoul",
            "full",
            "council",
        ];
        for (asked, found) in [
            ("Quebec", "Qu\u{e9}bec"),
            ("hyogo", "Hy\u{14d}go"),
            ("Jeolanam-do", "Jeollanam-do"),
            ("jeollanamdo", "Jeollanam-do"),
            ("Seoul", "Asia/Seoul"),
            ("Asia/Seul", "Asia/Seoul"),
            ("ful", "full"),
            ("fulll", "full"),
            ("coucnil", "council"),
            ("the council", "council"),
        ] {
            assert_eq!(nearest(asked, known), [found], "{asked}");
        }
        for asked in ["", "x", "zz", "observer", "Tottori"] {
            assert!(nearest(asked, known).is_empty(), "{asked}");
        }
    }

    #[test]
    fn the_nearest_come_first_and_are_few() {
        let known = ["vote-a", "vote-b", "vote-c", "vote-d", "vote"];
        assert_eq!(nearest("votes", known), ["vote", "vote-a", "vote-b"]);
        assert_eq!(
            suggestion(&nearest("vote-z", known)),
            "; nearest are vote-a, vote-b, vote-c"
        );
        assert_eq!(suggestion(&[]), "");
    }
}
