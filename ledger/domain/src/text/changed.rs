//! What became of a text, word by word.

use similar::{Algorithm, DiffOp, DiffableStr, capture_diff_slices};

/// So many words, or sentences, of both texts are compared with each other at most, blanks counted,
/// those aside with which both begin or end alike. It is part of the answer: another number is
/// another answer.
const MOST: usize = 8_192;

/// What ends a sentence, or a clause of one that is long.
const ENDS: [char; 8] = ['.', ';', '?', '!', '\n', '\u{3002}', '\u{ff1b}', '\u{964}'];

/// What became of a piece of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunKind {
    /// It stands in both texts.
    Kept,
    /// It stands in the earlier text alone.
    Removed,
    /// It stands in the later text alone.
    Added,
}

/// A piece of text, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What became of it.
    pub kind: RunKind,
    /// The piece; never empty.
    pub text: String,
}

/// Compares two texts word by word, as Unicode tells words (UAX #29). Where too many words differ
/// it compares sentences, and where too many of these do, all is removed and added that stands
/// between what both begin and end with. What is kept or removed makes the earlier text, what is
/// kept or added the later. However long the texts are, 8,192 pieces are compared one by one at
/// most.
///
/// ```
/// use standing_domain::text::changed::{RunKind, runs};
///
/// let runs = runs("One member, one vote.", "Each member, one vote.");
/// let told: Vec<_> = runs.iter().map(|run| (run.kind, &*run.text)).collect();
/// assert_eq!(told[0], (RunKind::Removed, "One"));
/// assert_eq!(told[1], (RunKind::Added, "Each"));
/// assert_eq!(told[2], (RunKind::Kept, " member, one vote."));
/// ```
#[must_use]
pub fn runs(earlier: &str, later: &str) -> Vec<Run> {
    let words = Texts {
        before: &earlier.tokenize_unicode_words(),
        after: &later.tokenize_unicode_words(),
    };
    let sentences = Texts {
        before: &earlier.split_inclusive(ENDS).collect::<Vec<_>>(),
        after: &later.split_inclusive(ENDS).collect::<Vec<_>>(),
    };
    let finest = [words, sentences].into_iter().find(Texts::is_bounded);
    finest.unwrap_or(sentences).told(finest.is_some())
}

/// Two texts in pieces.
#[derive(Clone, Copy)]
struct Texts<'t> {
    before: &'t [&'t str],
    after: &'t [&'t str],
}

impl<'t> Texts<'t> {
    /// Returns what both begin with, what stands between, and what both end with.
    fn parted(&self) -> (&'t [&'t str], Self, &'t [&'t str]) {
        let alike = |(one, other): &(&&str, &&str)| one == other;
        let first = self.before.iter().zip(self.after).take_while(alike).count();
        let (start, before) = self.before.split_at(first);
        let after = &self.after[first..];
        let ends = before.iter().rev().zip(after.iter().rev());
        let last = ends.take_while(alike).count();
        let (before, end) = before.split_at(before.len() - last);
        let after = &after[..after.len() - last];
        (start, Self { before, after }, end)
    }

    /// Returns whether few enough pieces differ.
    fn is_bounded(&self) -> bool {
        let (_, between, _) = self.parted();
        between.before.len() + between.after.len() <= MOST
    }

    /// Tells what became of the pieces: of those that stand between what both begin and end with
    /// one by one, or of all together.
    fn told(&self, one_by_one: bool) -> Vec<Run> {
        let (start, Self { before, after }, end) = self.parted();
        let mut telling = Telling::default();
        telling.keep(&start.concat());
        if one_by_one {
            for op in capture_diff_slices(Algorithm::Myers, before, after) {
                let (old, new) = (&before[op.old_range()], &after[op.new_range()]);
                match op {
                    DiffOp::Equal { .. } => telling.keep(&old.concat()),
                    DiffOp::Delete { .. } | DiffOp::Insert { .. } | DiffOp::Replace { .. } => {
                        telling.replace(&old.concat(), &new.concat());
                    }
                }
            }
        } else {
            telling.replace(&before.concat(), &after.concat());
        }
        telling.keep(&end.concat());
        telling.end();
        telling.runs
    }
}

/// Tells runs in order. Blanks between words that are replaced go with them: what is read word by
/// word is read as one.
#[derive(Default)]
struct Telling {
    runs: Vec<Run>,
    /// What is removed and added since the last run.
    removed: String,
    added: String,
    /// Blanks that are kept, or replaced if what follows is.
    blanks: String,
}

impl Telling {
    fn keep(&mut self, text: &str) {
        let replaced = !self.removed.is_empty() && !self.added.is_empty();
        if replaced && text.chars().all(char::is_whitespace) {
            self.blanks.push_str(text);
        } else {
            self.end();
            self.run(RunKind::Kept, text);
        }
    }

    fn replace(&mut self, removed: &str, added: &str) {
        for (text, more) in [(&mut self.removed, removed), (&mut self.added, added)] {
            text.push_str(&self.blanks);
            text.push_str(more);
        }
        self.blanks.clear();
    }

    /// Ends what is removed and added.
    fn end(&mut self) {
        let texts = [&mut self.removed, &mut self.added, &mut self.blanks].map(std::mem::take);
        let kinds = [RunKind::Removed, RunKind::Added, RunKind::Kept];
        for (kind, text) in kinds.into_iter().zip(texts) {
            self.run(kind, &text);
        }
    }

    /// Adds a text, to the last run where that is of its kind.
    fn run(&mut self, kind: RunKind, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.runs.last_mut().filter(|last| last.kind == kind) {
            Some(last) => last.text.push_str(text),
            None => self.runs.push(Run {
                kind,
                text: text.to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The runs as they are drawn.
    fn drawn(earlier: &str, later: &str) -> String {
        let drawn = runs(earlier, later).into_iter().map(|run| match run.kind {
            RunKind::Kept => run.text,
            RunKind::Removed => format!("[-{}-]", run.text),
            RunKind::Added => format!("{{+{}+}}", run.text),
        });
        drawn.collect()
    }

    fn text_of(runs: &[Run], kind: RunKind) -> String {
        let of = runs
            .iter()
            .filter(|run| [RunKind::Kept, kind].contains(&run.kind));
        of.map(|run| &*run.text).collect()
    }

    #[test]
    fn words_are_removed_and_added() {
        for (earlier, later, expected) in [
            ("", "", ""),
            ("One vote.", "One vote.", "One vote."),
            ("", "One vote.", "{+One vote.+}"),
            ("One vote.", "", "[-One vote.-]"),
            (
                "Members shall have a vote.",
                "Full members have a vote.",
                "[-Members shall-]{+Full members+} have a vote.",
            ),
            (
                "\u{c815}\u{d68c}\u{c6d0}\u{c740} \u{d22c}\u{d45c}\u{d55c}\u{b2e4}.",
                "\u{d68c}\u{c6d0}\u{c740} \u{d22c}\u{d45c}\u{d55c}\u{b2e4}.",
                "[-\u{c815}\u{d68c}\u{c6d0}\u{c740}-]{+\u{d68c}\u{c6d0}\u{c740}+} \u{d22c}\u{d45c}\u{d55c}\u{b2e4}.",
            ),
        ] {
            assert_eq!(drawn(earlier, later), expected);
        }
    }

    #[test]
    fn where_too_many_words_differ_sentences_are_compared_and_where_too_many_of_these_nothing() {
        let of = |word: &str, sentences: usize, words: usize| {
            let sentence = format!("{}.", format!("{word} ").repeat(words));
            sentence.repeat(sentences)
        };
        let (one, other) = (of("old", 4, 1_000), of("new", 4, 1_000));
        let (earlier, later) = (format!("{one}Same.{one}"), format!("{other}Same.{other}"));
        let kept: Vec<Run> = runs(&earlier, &later);
        let kept = kept.into_iter().filter(|run| run.kind == RunKind::Kept);
        assert!(kept.map(|run| run.text).eq(["Same."]));

        let (one, other) = (of("old", MOST, 1), of("new", MOST, 1));
        let (earlier, later) = (
            format!("A.{one}Same.{one}"),
            format!("A.{other}Same.{other}Z."),
        );
        let kinds: Vec<RunKind> = runs(&earlier, &later).iter().map(|run| run.kind).collect();
        assert_eq!(kinds, [RunKind::Kept, RunKind::Removed, RunKind::Added]);
    }

    proptest! {
        #[test]
        fn runs_put_together_are_either_text(
            earlier in "[ab .\u{e9}\u{d55c}\u{301}]{0,40}",
            later in "[ab .\u{e9}\u{d55c}\u{301}]{0,40}",
        ) {
            let runs = runs(&earlier, &later);
            prop_assert_eq!(text_of(&runs, RunKind::Removed), earlier);
            prop_assert_eq!(text_of(&runs, RunKind::Added), later);
            prop_assert!(runs.iter().all(|run| !run.text.is_empty()));
            prop_assert!(runs.windows(2).all(|two| two[0].kind != two[1].kind));
        }
    }
}
