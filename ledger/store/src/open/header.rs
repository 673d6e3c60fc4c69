//! The first look at a file: whether redb could have written it, judged from its header alone and
//! before redb, which may rewrite or panic on a file it did not write, is given it.
//!
//! The layout is that of redb's file format 3: a magic number, flags, the geometry of the regions,
//! and two commit slots, each of which starts with the version of the format.

use redb::StorageBackend;

const MAGIC: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";
const FLAGS: usize = 9;
const PAGE_SIZE: usize = 12;
const REGION_HEADER_PAGES: usize = 16;
const REGION_MAX_PAGES: usize = 20;
const FULL_REGIONS: usize = 24;
const TRAILING_PAGES: usize = 28;
const SLOTS: [usize; 2] = [64, 192];
/// The bytes of the header.
const LENGTH: usize = 320;

/// The flag of a file whose writer did not close it.
const RECOVERY_REQUIRED: u8 = 2;

/// The version of redb's file format that this crate reads and writes.
pub(crate) const REDB_FORMAT: u8 = 3;

/// What a file is, as far as its header tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A redb file of our format, of the length its header says.
    Ours {
        /// The length the header says, where that is more than the file has and a crash while the
        /// file grew could explain it. If redb cannot recover the file, it was truncated.
        missing: Option<u64>,
    },
    /// Nothing in it.
    Empty,
    /// Not a redb file, or one of before format 3.
    Foreign,
    /// A redb file that ends too early.
    Truncated {
        /// The length the header says it had, in bytes.
        expected: u64,
    },
    /// A redb file of a newer format.
    Newer {
        /// The version it says it has.
        found: u8,
    },
    /// A redb file whose header is not one that redb writes.
    Damaged {
        /// What is wrong with it.
        what: &'static str,
    },
}

/// Judges a file by its length and its first bytes, changing nothing.
///
/// # Errors
///
/// Fails if the header cannot be read.
pub(crate) fn look(file: &dyn StorageBackend) -> std::io::Result<Verdict> {
    let length = file.len()?;
    let mut bytes = [0; LENGTH];
    let have = usize::try_from(length).unwrap_or(LENGTH).min(LENGTH);
    file.read(0, &mut bytes[..have])?;
    Ok(judge(&bytes[..have], length))
}

/// Judges the first bytes, at most [`LENGTH`], of a file of the given length.
fn judge(bytes: &[u8], length: u64) -> Verdict {
    if bytes.is_empty() {
        return Verdict::Empty;
    }
    let magic = bytes.len().min(MAGIC.len());
    if bytes[..magic] != MAGIC[..magic] {
        return Verdict::Foreign;
    }
    let Ok(bytes) = <&[u8; LENGTH]>::try_from(bytes) else {
        return Verdict::Truncated {
            expected: LENGTH as u64,
        };
    };
    let versions = SLOTS.map(|slot| bytes[slot]);
    if let Some(found) = versions.into_iter().find(|&version| version > REDB_FORMAT) {
        return Verdict::Newer { found };
    }
    if versions.into_iter().any(|version| version == 0) {
        return Verdict::Damaged {
            what: "a commit slot has no version",
        };
    }
    if versions.into_iter().any(|version| version < REDB_FORMAT) {
        return Verdict::Foreign;
    }
    let word = |at: usize| {
        let [a, b, c, d] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        u64::from(u32::from_le_bytes([a, b, c, d]))
    };
    let page_size = word(PAGE_SIZE);
    if !page_size.is_power_of_two() || !(512..=65_536).contains(&page_size) {
        return Verdict::Damaged {
            what: "the page size is none that redb uses",
        };
    }
    // Each factor is below 2^32, but not their product with the page size: hence the checks.
    let region = word(REGION_HEADER_PAGES) + word(REGION_MAX_PAGES);
    let trailing = match word(TRAILING_PAGES) {
        0 => 0,
        pages => word(REGION_HEADER_PAGES) + pages,
    };
    let pages = word(FULL_REGIONS)
        .checked_mul(region)
        .and_then(|full| full.checked_add(trailing))
        .and_then(|pages| pages.checked_add(1));
    let Some(expected) = pages.and_then(|pages| pages.checked_mul(page_size)) else {
        return Verdict::Damaged {
            what: "the regions are longer than any file",
        };
    };
    if length >= expected {
        Verdict::Ours { missing: None }
    } else if bytes[FLAGS] & RECOVERY_REQUIRED != 0 && length >= 2 * page_size {
        Verdict::Ours {
            missing: Some(expected),
        }
    } else {
        Verdict::Truncated { expected }
    }
}

/// The flag of a file whose primary slot is that of the second commit slot.
const PRIMARY: u8 = 1;
/// The flag of a file whose primary commit was synced before it was made the primary.
const TWO_PHASE: u8 = 4;
/// The bytes of a commit slot, and where in them the root of the tables and the number of the
/// transaction stand.
const SLOT: usize = 128;
const ROOT: std::ops::Range<usize> = 1..40;
const TRANSACTION: usize = 104;

/// The two commits a header names: the primary, and the one before it or in the making.
#[derive(Debug)]
pub(crate) struct Commits {
    flags: u8,
    slots: [[u8; SLOT]; 2],
}

impl Commits {
    /// Reads them; none if the file is too short to have any.
    ///
    /// # Errors
    ///
    /// Fails if the header cannot be read.
    pub(crate) fn of(file: &dyn StorageBackend) -> std::io::Result<Option<Self>> {
        if file.len()? < LENGTH as u64 {
            return Ok(None);
        }
        let mut bytes = [0; LENGTH];
        file.read(0, &mut bytes)?;
        let mut slots = [[0; SLOT]; 2];
        for (slot, at) in slots.iter_mut().zip(SLOTS) {
            slot.copy_from_slice(&bytes[at..at + SLOT]);
        }
        let flags = bytes[FLAGS];
        Ok(Some(Self { flags, slots }))
    }

    /// Returns whether opening gave up the last commit that stood in a file, given what stands in
    /// it afterwards. redb opens the later commit whose pages verify, and writes what it has to
    /// write over the other slot, so the one it went on from is still there.
    ///
    /// A commit in two phases becomes the primary once its pages are known to be on disk; a later
    /// one beside it was never finished, and nobody was told of it. But a file that was closed ends
    /// with its latest commit. And a commit that left the tables as they were, as those of closing
    /// and repairing do, is no loss.
    pub(crate) fn gave_up_the_last(&self, after: &Self) -> bool {
        let [first, second] = self.slots.each_ref().map(transaction);
        let [one, other] = self.slots.each_ref().map(|slot| &slot[ROOT]);
        if first == second || one == other {
            return false;
        }
        let latest = usize::from(second > first);
        if self.flags & TWO_PHASE != 0 {
            let primary = usize::from(self.flags & PRIMARY != 0);
            let closed = self.flags & RECOVERY_REQUIRED == 0;
            return closed && primary != latest;
        }
        !after.slots.contains(&self.slots[latest])
    }
}

fn transaction(slot: &[u8; SLOT]) -> u64 {
    let number = slot[TRANSACTION..].first_chunk().copied();
    number.map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a header of ten pages in the trailing region.
    fn header(flags: u8) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[..9].copy_from_slice(&MAGIC);
        bytes[FLAGS] = flags;
        for (at, word) in [
            (PAGE_SIZE, 4096_u32),
            (REGION_MAX_PAGES, 1 << 20),
            (TRAILING_PAGES, 10),
        ] {
            bytes[at..at + 4].copy_from_slice(&word.to_le_bytes());
        }
        for slot in SLOTS {
            bytes[slot] = REDB_FORMAT;
        }
        bytes
    }

    #[test]
    fn judges_by_the_header_alone() {
        let whole = 11 * 4096;
        let closed = header(0);
        let open = header(RECOVERY_REQUIRED);
        let changed = |at: usize, byte: u8| {
            let mut bytes = closed;
            bytes[at] = byte;
            bytes
        };
        let truncated = Verdict::Truncated { expected: whole };
        let rows = [
            (&closed[..], whole, Verdict::Ours { missing: None }),
            (&closed, whole - 1, truncated),
            (&closed, 320, Verdict::Truncated { expected: whole }),
            (&closed[..319], 319, Verdict::Truncated { expected: 320 }),
            (&closed[..4], 4, Verdict::Truncated { expected: 320 }),
            (&closed[..0], 0, Verdict::Empty),
            (&open, whole, Verdict::Ours { missing: None }),
            (
                &open,
                8 * 4096,
                Verdict::Ours {
                    missing: Some(whole),
                },
            ),
            (&open, 4096, Verdict::Truncated { expected: whole }),
            (b"SQLite format 3", 4096, Verdict::Foreign),
            (b"r3", 2, Verdict::Foreign),
            (&changed(0, 0), whole, Verdict::Foreign),
            (&changed(SLOTS[0], 4), whole, Verdict::Newer { found: 4 }),
            (
                &changed(SLOTS[1], 255),
                whole,
                Verdict::Newer { found: 255 },
            ),
            (&changed(SLOTS[1], 2), whole, Verdict::Foreign),
            (
                &changed(SLOTS[0], 0),
                whole,
                Verdict::Damaged {
                    what: "a commit slot has no version",
                },
            ),
            (
                &changed(PAGE_SIZE, 1),
                whole,
                Verdict::Damaged {
                    what: "the page size is none that redb uses",
                },
            ),
        ];
        for (row, (bytes, length, verdict)) in rows.into_iter().enumerate() {
            assert_eq!(judge(bytes, length), verdict, "row {row}");
        }
    }

    #[test]
    fn no_geometry_overflows() {
        let mut bytes = header(0);
        bytes[16..32].fill(255);
        assert!(matches!(judge(&bytes, u64::MAX), Verdict::Damaged { .. }));
    }
}
