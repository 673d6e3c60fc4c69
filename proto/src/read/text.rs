//! What no text that is recorded may hold: what ends a line, what steers a terminal, what turns the
//! direction of what follows, and what nobody sees. Names in some scripts need joiners, marks of
//! direction and variation selectors: those stay.

use standing_domain::text::{is_ignorable, is_steering};
use std::fmt;

/// What is wrong with a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// A character that it may not hold, and the place where it stands, from 1.
    Character(char, usize),
    /// It has characters, and none of them shows.
    Blank,
}

/// Returns what is wrong with a text. An empty one has nothing wrong in it.
pub(super) fn fault(text: &str) -> Option<Fault> {
    let mut characters = text.chars().zip(1..);
    if let Some((character, place)) = characters.find(|(character, _)| is_steering(*character)) {
        return Some(Fault::Character(character, place));
    }
    let shows = |character: char| !character.is_whitespace() && !is_ignorable(character);
    (!text.is_empty() && !text.chars().any(shows)).then_some(Fault::Blank)
}

/// Returns what a character is called that no text may hold.
fn name(character: char) -> &'static str {
    match character {
        '\n' | '\r' => "a line break",
        '\t' => "a tab",
        '\u{200b}' => "a space without width",
        '\u{2028}' => "a separator of lines",
        '\u{2029}' => "a separator of paragraphs",
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => "a change of direction",
        '\u{2060}' => "a joiner of words",
        '\u{feff}' => "a byte order mark",
        _ => "a control character",
    }
}

impl Fault {
    /// Returns what is wrong, for a program.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Character(..) => "CONTROL_CHARACTER",
            Self::Blank => "BLANK",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Character(character, place) = self else {
            return f.write_str("is blank: write what shows, or leave the field out");
        };
        let code = u32::from(*character);
        let what = name(*character);
        let instead = match character {
            '\n' | '\r' | '\t' => "write a blank instead",
            _ => "leave it out",
        };
        write!(
            f,
            "has U+{code:04X}, {what}, as its character {place}: {instead}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character that is refused, as ranges of code points.
    const REFUSED: [(u32, u32); 8] = [
        (0x00, 0x1f),
        (0x7f, 0x9f),
        (0x200b, 0x200b),
        (0x2028, 0x2029),
        (0x202a, 0x202e),
        (0x2060, 0x2060),
        (0x2066, 0x2069),
        (0xfeff, 0xfeff),
    ];

    #[test]
    fn of_all_characters_these_and_no_others_are_refused() {
        for code in 0..=0x0010_ffff {
            let Some(character) = char::from_u32(code) else {
                continue;
            };
            let refused = REFUSED
                .iter()
                .any(|(first, last)| (*first..=*last).contains(&code));
            let fault = fault(&format!("ab{character}c"));
            assert_eq!(
                fault,
                refused.then_some(Fault::Character(character, 3)),
                "{code:04X}"
            );
        }
    }

    #[test]
    fn names_keep_the_marks_that_their_scripts_need() {
        for name in [
            // Sinhala, with a joiner.
            "\u{dc1}\u{dca}\u{200d}\u{dbb}\u{dd3}",
            // Persian, with a joiner of no width.
            "\u{645}\u{6cc}\u{200c}\u{631}\u{648}\u{62f}",
            // Hebrew beside Latin, with marks of direction.
            "\u{200f}\u{5d0}\u{200e} a",
            // Arabic, with its own mark.
            "\u{61c}\u{645}",
            // Traditional Mongolian, with a variation selector of its own, and a picture with one.
            "\u{182e}\u{180b}\u{1823} \u{2764}\u{fe0f}",
        ] {
            assert_eq!(fault(name), None, "{name}");
        }
    }

    #[test]
    fn what_shows_nothing_is_blank() {
        for blank in [
            " ",
            "   ",
            "\u{a0}",
            "\u{3000}\u{2003}",
            "\u{200e}",
            " \u{3164}\u{ad}",
            "\u{fe0f}",
        ] {
            assert_eq!(fault(blank), Some(Fault::Blank), "{blank:?}");
        }
        assert_eq!(fault(""), None);
        assert_eq!(fault(" a "), None);
    }

    #[test]
    fn a_fault_says_where_it_stands_and_what_to_write() {
        let said = |text: &str| {
            fault(text)
                .map(|fault| fault.to_string())
                .unwrap_or_default()
        };
        assert_eq!(
            said("Real\nb"),
            "has U+000A, a line break, as its character 5: write a blank instead"
        );
        assert_eq!(
            said("a\u{202e}b"),
            "has U+202E, a change of direction, as its character 2: leave it out"
        );
        assert_eq!(
            said("\u{1b}[2J"),
            "has U+001B, a control character, as its character 1: leave it out"
        );
        assert_eq!(
            said("  "),
            "is blank: write what shows, or leave the field out"
        );
    }
}
