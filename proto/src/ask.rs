//! Requests: from the wire, with every check of shape, to what is asked. Every malformed field is
//! reported at once; whether what is asked for is known is for the ledger to say.

pub mod audit;
pub mod calendar;
pub mod changes;
pub mod dues;
pub mod law;
pub mod ledger;
pub mod point;
pub mod rights;
pub mod roll;

use crate::malformed::Malformed;
use crate::read::{At, Read, Seen, read, read_watched};
use crate::v1;
use point::PointInTime;
use prost::Message;

/// What a request asks.
pub trait Asked: Sized {
    /// The request of the contract.
    type Request;

    /// Returns the point in time asked about; none of what has none.
    fn at(&mut self) -> Option<&mut PointInTime> {
        None
    }

    /// Reads the request.
    #[doc(hidden)]
    fn read(at: &At<'_>, wire: Self::Request) -> Read<Self>;
}

/// Reads a request.
///
/// # Errors
/// Something in it is malformed.
pub fn read_request<A: Asked>(wire: A::Request) -> Result<A, Malformed> {
    read(|at| A::read(at, wire))
}

/// Reads a request that may be long. `between` is called before each item of its lists: others may
/// have their turn.
///
/// # Errors
/// Something in it is malformed.
pub fn read_in_turns<A: Asked>(wire: A::Request, between: &dyn Fn()) -> Result<A, Malformed> {
    read_watched(between, &|_, _| (), |at| A::read(at, wire))
}

/// Reads a request that may be long. `between` is called before each item of its lists; `seen` is
/// shown every text in it that will be stored as it came, and every id that its drafts coin for
/// themselves, for a party or for a person, each with the path of its field; names that are sealed
/// before they are stored it is not shown.
///
/// # Errors
/// Something in it is malformed.
pub fn read_watching<A: Asked>(
    wire: A::Request,
    between: &dyn Fn(),
    seen: &Seen<'_>,
) -> Result<A, Malformed> {
    read_watched(between, seen, |at| A::read(at, wire))
}

/// What a page token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuestion {
    /// The name of the list.
    pub list: &'static str,
    /// The request encoded without its point in time and its page.
    pub request: Vec<u8>,
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged {
    /// What a page token belongs to.
    pub question: ListQuestion,
    /// The most items to return; 0 where that is not said.
    pub size: u32,
    /// From an earlier page; empty for the first.
    pub token: String,
}

/// A request for a list.
trait Lists: Message + Sized {
    /// The name of the list.
    const LIST: &'static str;

    /// Takes the point in time, the size of the page and the page token out of the request.
    fn part(&mut self) -> (Option<v1::PointInTime>, u32, String);

    /// Takes the point in time and the page out of the request.
    fn take_page(&mut self) -> (Option<v1::PointInTime>, Paged) {
        let (point, size, token) = self.part();
        let question = ListQuestion {
            list: Self::LIST,
            request: self.encode_to_vec(),
        };
        let paged = Paged {
            question,
            size,
            token,
        };
        (point, paged)
    }
}

macro_rules! lists {
    ($($request:ident $list:literal)*) => {$(
        impl Lists for v1::$request {
            const LIST: &'static str = $list;

            fn part(&mut self) -> (Option<v1::PointInTime>, u32, String) {
                let size = std::mem::take(&mut self.page_size);
                (self.at.take(), size, std::mem::take(&mut self.page_token))
            }
        }
    )*};
}

lists! {
    GetSessionRequest "GetSession"
    GetVocabularyRequest "GetVocabulary"
    ListArrearsRequest "ListArrears"
    ListArticleVersionsRequest "ListArticleVersions"
    ListChangeDaysRequest "ListChangeDays"
    ListCommitteesRequest "ListCommittees"
    ListFindingsRequest "ListFindings"
    ListHistoryRequest "ListHistory"
    ListHoldersRequest "ListHolders"
    ListOfficeHoldersRequest "ListOfficeHolders"
    ListPartiesRequest "ListParties"
    ListSessionsRequest "ListSessions"
    ListUpcomingRequest "ListUpcoming"
}

impl Lists for v1::CompareKnowledgeRequest {
    const LIST: &'static str = "CompareKnowledge";

    /// Takes the earlier point in time out too: pages go on from the position that it was at first.
    fn part(&mut self) -> (Option<v1::PointInTime>, u32, String) {
        self.before = None;
        let size = std::mem::take(&mut self.page_size);
        (self.at.take(), size, std::mem::take(&mut self.page_token))
    }
}

impl Lists for v1::ListEntriesRequest {
    const LIST: &'static str = "ListEntries";

    fn part(&mut self) -> (Option<v1::PointInTime>, u32, String) {
        let size = std::mem::take(&mut self.page_size);
        (None, size, std::mem::take(&mut self.page_token))
    }
}

/// Says how requests that have a point in time are read; each field is given as a [`Read`].
macro_rules! asked {
    ($($asked:ident of $request:ident: |$at:ident, $wire:ident| $read:expr;)*) => {$(
        impl crate::ask::Asked for $asked {
            type Request = crate::v1::$request;

            fn at(&mut self) -> Option<&mut crate::ask::point::PointInTime> {
                Some(&mut self.at)
            }

            fn read(
                $at: &crate::read::At<'_>,
                $wire: crate::v1::$request,
            ) -> crate::read::Read<Self> {
                $read
            }
        }
    )*};
}
use asked;
