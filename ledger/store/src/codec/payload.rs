//! What every payload of version 1 begins with: the same fields in the same order, three times.
//! Frozen with the versions that use it.

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use standing_domain::entry::{Authority, AuthorityKind, Confidence, Content, Source};
use standing_domain::id::position::Position;
use standing_domain::id::{ArticleRef, DraftId};
use standing_domain::time::when::{When, Window};
use std::fmt::Formatter;
use std::marker::PhantomData;

/// As written.
#[derive(Serialize)]
pub(crate) struct HeadRef<'a> {
    id: Option<&'a DraftId>,
    effective: Option<&'a When>,
    order: u16,
    acted: Option<&'a When>,
    authority: &'a Authority,
    sources: &'a [Source],
    confidence: Confidence,
    note: &'a str,
    corrects: Option<Position>,
}

impl<'a> From<&'a Content> for HeadRef<'a> {
    fn from(content: &'a Content) -> Self {
        Self {
            id: content.id.as_ref(),
            effective: content.effective.as_ref(),
            order: content.order,
            acted: content.acted.as_ref(),
            authority: &content.authority,
            sources: &content.sources,
            confidence: content.confidence,
            note: &content.note,
            corrects: content.corrects,
        }
    }
}

/// As read.
#[derive(Deserialize)]
pub(crate) struct Head {
    id: Option<DraftId>,
    effective: Option<When>,
    order: u16,
    acted: Option<When>,
    authority: Authority,
    sources: Vec<Source>,
    confidence: Confidence,
    note: String,
    corrects: Option<Position>,
}

impl From<Head> for Content {
    fn from(head: Head) -> Self {
        Self {
            id: head.id,
            effective: head.effective,
            order: head.order,
            acted: head.acted,
            authority: head.authority,
            sources: head.sources,
            confidence: head.confidence,
            note: head.note,
            corrects: head.corrects,
            event: None,
        }
    }
}

/// As read for replay: what no fact follows from is passed over without being copied.
#[derive(Deserialize)]
pub(crate) struct LeanHead<'a> {
    pub id: Option<&'a [u8]>,
    effective: Option<When>,
    order: u16,
    acted: Option<When>,
    #[serde(borrow)]
    authority: LeanAuthority<'a>,
    #[serde(borrow)]
    _sources: PassedOver<LeanSource<'a>>,
    confidence: Confidence,
    _note: &'a [u8],
    corrects: Option<Position>,
}

#[derive(Deserialize)]
struct LeanAuthority<'a> {
    kind: AuthorityKind,
    article: Option<ArticleRef>,
    _note: &'a [u8],
}

#[derive(Deserialize)]
struct LeanSource<'a> {
    _reference: &'a [u8],
    _locator: &'a [u8],
    _date: Option<Window>,
}

impl From<LeanHead<'_>> for Content {
    fn from(head: LeanHead<'_>) -> Self {
        let LeanAuthority { kind, article, .. } = head.authority;
        Self {
            id: None,
            effective: head.effective,
            order: head.order,
            acted: head.acted,
            authority: Authority {
                kind,
                article,
                note: String::new(),
            },
            sources: Vec::new(),
            confidence: head.confidence,
            note: String::new(),
            corrects: head.corrects,
            event: None,
        }
    }
}

/// A list of which every element is read and none is kept.
struct PassedOver<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PassedOver<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for PassedOver<T> {
    type Value = Self;

    fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<T>()?.is_some() {}
        Ok(self)
    }
}
