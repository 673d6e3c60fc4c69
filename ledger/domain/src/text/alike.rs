//! What a text looks like to a reader, by the skeletons of UTS #39. Two texts that look alike are
//! two texts still: nothing is found by what looks like it.

use super::folded;
use unicode_security::skeleton;

/// The version of Unicode by whose data texts look alike. Other data tells other findings, so that
/// it is another meaning (rule 21).
pub const UNICODE: (u64, u64, u64) = (18, 0, 0);

/// Returns what a text looks like as it is compared. Texts that fold to the same look the same.
///
/// ```
/// use standing_domain::text::alike::look;
///
/// // The second has a Cyrillic letter, the third is set wide.
/// assert_eq!(look("Seoul"), look("S\u{435}oul"));
/// assert_eq!(look("Seoul"), look("\u{ff33}\u{ff45}\u{ff4f}\u{ff55}\u{ff4c}"));
/// assert_ne!(look("Elan"), look("\u{c9}lan"));
/// ```
#[must_use]
pub fn look(text: &str) -> String {
    skeleton_of(&folded(text))
}

/// Returns all that a text looks like, once or twice: as it is compared, and, as a capital may look
/// like what its small letter does not, as it is written, the case of what that looks like folded.
/// Two texts look alike if they have a look in common.
///
/// ```
/// use standing_domain::text::alike::looks;
///
/// assert_eq!(looks("Seoul"), ["seoul"]);
/// // Greek capitals, of which the small letters look like no Latin ones.
/// assert_eq!(looks("\u{39d}\u{395}\u{391}R")[1..], ["near"]);
/// // A capital I, a small l.
/// assert_eq!(looks("AI"), ["ai", "al"]);
/// assert_eq!(looks("Al"), ["al"]);
/// ```
#[must_use]
pub fn looks(text: &str) -> Vec<String> {
    let compared = look(text);
    let written = look(&skeleton_of(text));
    if written == compared {
        vec![compared]
    } else {
        vec![compared, written]
    }
}

fn skeleton_of(text: &str) -> String {
    // Most names, and ten times as quick.
    if text.bytes().all(|byte| byte.is_ascii() && byte != b'%') {
        let mut plain = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '0' => plain.push('O'),
                '1' | 'I' | '|' => plain.push('l'),
                'm' => plain.push_str("rn"),
                '"' => plain.push_str("\'\'"),
                '`' => plain.push('\''),
                letter => plain.push(letter),
            }
        }
        return plain;
    }
    skeleton(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(one: &str, other: &str) -> bool {
        let others = looks(other);
        looks(one).iter().any(|look| others.contains(look))
    }

    #[test]
    fn the_data_is_of_the_version_that_the_model_names() {
        assert_eq!(unicode_security::UNICODE_VERSION, UNICODE);
    }

    #[test]
    fn plain_letters_look_as_the_data_says() {
        for letter in (0..=0x7f_u8).map(char::from) {
            let text = format!("a{letter}b");
            assert!(skeleton(&text).eq(skeleton_of(&text).chars()), "{text:?}");
        }
    }

    #[test]
    fn texts_that_look_the_same_have_a_look_in_common() {
        for (one, other) in [
            // Latin and Cyrillic, small and capital.
            ("Copa", "\u{421}\u{43e}\u{440}\u{430}"),
            ("TOM", "\u{422}\u{41e}\u{41c}"),
            ("near", "\u{39d}\u{395}\u{391}R"),
            // Full width, with and without a blank that is wide.
            ("North 2", "\u{ff2e}orth\u{3000}2"),
            ("I\u{15f}parta", "I\u{15f}p\u{430}rt\u{430}"),
            // A dotless i.
            ("Isparta", "\u{131}sparta"),
            ("Ward II", "Ward 11"),
            ("Ward 0", "ward o"),
            ("Burn", "bum"),
        ] {
            assert!(alike(one, other), "{one} {other}");
            assert_ne!(folded(one), folded(other), "{one} {other}");
        }
    }

    #[test]
    fn texts_that_do_not_look_the_same_have_none() {
        for (one, other) in [
            ("Elan", "\u{c9}lan"),
            ("Isparta", "\u{130}sparta"),
            ("Bali", "Ball"),
            ("North", "Nort"),
        ] {
            assert!(!alike(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_is_compared_as_the_same_looks_the_same() {
        for (one, other) in [
            ("\u{c5}land", "A\u{30a}LAND"),
            ("Stra\u{df}e", "STRASSE"),
            ("\u{ad6c}", "\u{1100}\u{116e}"),
            ("  north ", "NORTH"),
            ("\u{130}sparta", "i\u{307}SPARTA"),
        ] {
            assert_eq!(folded(one), folded(other), "{one} {other}");
            assert_eq!(look(one), look(other), "{one} {other}");
        }
    }
}
