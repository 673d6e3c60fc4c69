//! Lines of an import: each is a draft or refused, and a ledger judges the drafts.

use crate::engine::Target;
use crate::mutate::Mutator;
use crate::world::{NEAR, World};
use standing_proto::json::parse_jsonl;

pub struct Lines {
    world: World,
}

impl Target for Lines {
    const NAME: &'static str = "lines";

    fn start() -> Self {
        let world = World::of(&NEAR[..3]);
        Self { world }
    }

    /// A few lines of each file of the first association.
    fn seeds(&self) -> Vec<Vec<u8>> {
        let mut seeds = Vec::new();
        for file in NEAR {
            let lines: Vec<&str> = file.lines().collect();
            let step = lines.len().div_ceil(8);
            seeds.extend(
                lines
                    .iter()
                    .step_by(step)
                    .map(|line| line.as_bytes().to_vec()),
            );
        }
        seeds
    }

    fn mutate(&self, input: &mut Vec<u8>, by: &mut Mutator) {
        if by.dice.bool() {
            by.bytes(input);
        } else {
            words(input, by);
        }
    }

    fn run(&mut self, input: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(input);
        let lines = parse_jsonl("lines.jsonl", &text);
        let drafts: Vec<_> = lines.flatten().map(|(_, draft)| draft).collect();
        self.world.judge(drafts)
    }
}

/// Exchanges words of JSON for those of another line, or takes some away.
fn words(input: &mut Vec<u8>, by: &mut Mutator) {
    let other = std::mem::take(&mut by.other);
    let (mut ours, theirs) = (parts(input), parts(&other));
    for _ in 0..by.times() {
        let at = by.dice.usize(0..=ours.len());
        let to = (at + by.dice.usize(0..6)).min(ours.len());
        let from = by.dice.usize(0..=theirs.len());
        let until = (from + by.dice.usize(0..6)).min(theirs.len());
        ours.splice(at..to, theirs[from..until].iter().cloned());
    }
    *input = ours.concat();
}

/// Splits JSON where a word or a sign of it begins.
fn parts(line: &[u8]) -> Vec<Vec<u8>> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte >= 0x80;
    let chunks = line.chunk_by(|a, b| is_word(a) && is_word(b));
    chunks.map(<[u8]>::to_vec).collect()
}
