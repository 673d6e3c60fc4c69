//! Pages of a list. A page token pins the point in time of the first page and belongs to one
//! question: it carries the day and the position answered for, where to go on, and a digest of all
//! that.

use crate::call::errors::Problem;
use crate::call::point::{Pinned, pin};
use crate::dear::Ask;
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest as _, Sha256};
use standing_domain::id::epoch::Epoch;
use standing_domain::id::position::Position;
use standing_domain::time::day::Day;
use standing_engine::Until;
use standing_proto::ask::point::{KnownAt, PointInTime};
use standing_proto::ask::{ListQuestion, Paged};

/// The entries of a page where the client does not say.
const DEFAULT: u32 = 100;
/// The most entries of a page; more is cut to it.
pub(crate) const MOST: u32 = 1_000;
/// The most bytes of a page, so that it fits the 4 MiB that clients accept by default.
pub(crate) const MOST_BYTES: usize = 3 << 20;

/// The first byte of a token; a token of another layout has another.
const LAYOUT: u8 = 1;
/// That of a token which says an epoch, in 8 bytes before the resume key: where the history was
/// resumed before its position.
const RESUMED: u8 = 2;
/// Bit of a token: the day was asked for, not defaulted.
const ON_GIVEN: u8 = 1;
/// Bit of a token: the position or instant was asked for, not defaulted.
const KNOWN_AT_GIVEN: u8 = 2;
/// The bytes before the resume key: layout, bits, position, day, digest.
const FIXED: usize = 1 + 1 + 8 + 4 + DIGEST;
const DIGEST: usize = 16;

/// A page to be filled.
#[derive(Debug)]
pub(crate) struct Page {
    /// The point in time, the same on every page.
    pub at: Pinned,
    /// Where to go on: the key after which the page begins; none at the start.
    pub after: Option<String>,
    /// The most entries.
    pub limit: usize,
    bits: u8,
    /// The epoch of the history at its position.
    epoch: Epoch,
    question: ListQuestion,
}

/// Opens a page of a list: the first is pinned to the point in time asked for, later ones to that
/// of the first.
pub(crate) fn open(ask: &Ask<'_>, at: &PointInTime, paged: &Paged) -> Result<Page, Problem> {
    let mut question = paged.question.clone();
    for assumed in ask.assumed() {
        question.request.extend(assumed);
    }
    let size = if paged.size == 0 { DEFAULT } else { paged.size };
    let limit = usize::try_from(size.min(MOST)).unwrap_or(1);
    let given = |is_given: bool, bit: u8| if is_given { bit } else { 0 };
    let bits =
        given(at.on.is_some(), ON_GIVEN) | given(at.known_at != KnownAt::Head, KNOWN_AT_GIVEN);
    if paged.token.is_empty() {
        let at = ask.pin(at)?;
        return Ok(Page {
            at,
            epoch: ask.epoch(at.position),
            after: None,
            limit,
            bits,
            question,
        });
    }
    let token = Token::read(&paged.token).ok_or_else(|| refuse("is not a page token"))?;
    let mut page = Page {
        at: token.at,
        after: Some(token.after.clone()),
        limit,
        bits: token.bits,
        epoch: token.epoch,
        question,
    };
    if page.digest(&token.after) != token.digest {
        return Err(refuse("belongs to another question"));
    }
    ask.is_of(token.epoch, token.at.position)?;
    // What the first page left to default may be said now, if it is the same; what it said may not
    // be left out.
    let again = PointInTime {
        on: Some(at.on.unwrap_or(token.at.on)),
        known_at: match at.known_at {
            KnownAt::Head => KnownAt::Position(token.at.position),
            // Now was when the first page was asked for.
            KnownAt::Instant(_) if at.now => KnownAt::Position(token.at.position),
            said => said,
        },
        // Said of the position of the token.
        epoch: token.epoch,
        at_least: at.at_least.max(token.at.position),
        ..PointInTime::default()
    };
    let pinned = pin(&again, ask)?;
    let is_same = (pinned.on, pinned.position) == (token.at.on, token.at.position);
    if token.bits & !bits != 0 || !is_same {
        return Err(refuse("belongs to another point in time"));
    }
    page.at.until = pinned.until.or_else(|| until_of(at));
    Ok(page)
}

/// Returns the instant that a point in time is asked by, once it is settled.
fn until_of(at: &PointInTime) -> Option<Until> {
    let KnownAt::Instant(instant) = at.known_at else {
        return None;
    };
    Some(Until {
        instant,
        now: at.now,
    })
}

/// Refuses a page token.
pub(crate) fn refuse(description: &str) -> Problem {
    Problem::of_field("PAGE_TOKEN", "page_token", description)
}

impl Page {
    /// Returns whether the question says its day, rather than leaving it to default.
    pub fn is_on_given(&self) -> bool {
        self.bits & ON_GIVEN != 0
    }

    /// Returns the token of the page after a key.
    pub fn token(&self, after: &str) -> String {
        Token {
            bits: self.bits,
            at: self.at,
            epoch: self.epoch,
            digest: self.digest(after),
            after: after.to_owned(),
        }
        .write()
    }

    /// Reads the resume key as a number: how many, or up to which, were listed before; 0 at the
    /// start.
    pub fn reached(&self) -> Result<u64, Problem> {
        match &self.after {
            None => Ok(0),
            Some(after) => after.parse().map_err(|_| refuse("is not a page token")),
        }
    }

    /// Reads the resume key as [`Self::reached`] does; a number that no page could have reached is
    /// no token of this server.
    pub fn reached_by(&self, most: u64) -> Result<u64, Problem> {
        let reached = self.reached()?;
        if reached > most {
            return Err(refuse("is not a page token"));
        }
        Ok(reached)
    }

    /// Takes this page out of a whole list, which is cheap to make anew, and returns it with the
    /// next token.
    pub fn of_list<T>(&self, list: Vec<T>) -> Result<(Vec<T>, String), Problem> {
        let skip = usize::try_from(self.reached()?).unwrap_or(usize::MAX);
        let total = list.len();
        let page: Vec<T> = list.into_iter().skip(skip).take(self.limit).collect();
        let reached = skip.saturating_add(page.len());
        let token = if reached < total {
            self.token(&reached.to_string())
        } else {
            String::new()
        };
        Ok((page, token))
    }

    fn digest(&self, after: &str) -> [u8; DIGEST] {
        let mut hash = Sha256::new();
        hash.update(self.question.list);
        hash.update([0]);
        hash.update(self.question.request.len().to_be_bytes());
        hash.update(&self.question.request);
        hash.update([self.bits]);
        hash.update(self.at.position.number().to_be_bytes());
        hash.update(i32::from(self.at.on).to_be_bytes());
        if self.epoch != Epoch::FIRST {
            hash.update(self.epoch.number().to_be_bytes());
        }
        hash.update(after);
        let mut digest = [0; DIGEST];
        digest.copy_from_slice(&hash.finalize()[..DIGEST]);
        digest
    }
}

struct Token {
    bits: u8,
    at: Pinned,
    epoch: Epoch,
    digest: [u8; DIGEST],
    after: String,
}

impl Token {
    fn write(&self) -> String {
        let mut bytes = Vec::with_capacity(FIXED + self.after.len());
        let is_first = self.epoch == Epoch::FIRST;
        bytes.extend([if is_first { LAYOUT } else { RESUMED }, self.bits]);
        bytes.extend(self.at.position.number().to_be_bytes());
        bytes.extend(i32::from(self.at.on).to_be_bytes());
        bytes.extend(self.digest);
        if !is_first {
            bytes.extend(self.epoch.number().to_be_bytes());
        }
        bytes.extend(self.after.as_bytes());
        HEXLOWER.encode(&bytes)
    }

    fn read(text: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
        let (&[layout, bits], rest) = bytes.split_first_chunk()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (day, rest) = rest.split_first_chunk()?;
        let (digest, rest) = rest.split_first_chunk()?;
        let (epoch, after) = match layout {
            LAYOUT => (Epoch::FIRST, rest),
            RESUMED => {
                let (epoch, after) = rest.split_first_chunk()?;
                (Epoch::new(u64::from_be_bytes(*epoch)), after)
            }
            _ => return None,
        };
        let at = Pinned {
            on: Day::try_from(i32::from_be_bytes(*day)).ok()?,
            position: Position::new(u64::from_be_bytes(*position)),
            until: None,
        };
        Some(Self {
            bits,
            at,
            epoch,
            digest: *digest,
            after: String::from_utf8(after.to_vec()).ok()?,
        })
    }
}
