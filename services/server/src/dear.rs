//! Dear questions: those that walk over many records, lay out law or answer in bulk. They have
//! threads of their own to run on, all but one of the processor's cores; they take turns there,
//! actor by actor and connection by connection, and end soon after nobody waits for them any more.
//! Recording and cheap questions never stand behind them.
//!
//! Which questions are dear, and why:
//!
//! | method | dear | because |
//! |---|---|---|
//! | `CheckRight` | no | one party: a verdict in microseconds, grounds in a few milliseconds; where a roll has to be taken for them, it becomes dear |
//! | `GetParty`, `GetAccount` | no | what is recorded of one party |
//! | `GetHead`, `GetEntry`, `GetArticle` | no | one row, one article |
//! | `Backup` | no | stored bytes, copied piece by piece as they are read; two at a time |
//! | `FetchKeys` | no | up to ten thousand rows of a map, copied |
//! | `GetStreamStatus`, `Record`, `RecordStream` | no | nothing is worked out; the writer has a thread of its own |
//! | `CheckRights` | from some questions on, and always with grounds | up to 10,000 times what `CheckRight` takes |
//! | `GetStanding` | yes | every right in every body, with grounds |
//! | `GetTimeline` | yes | a right on every day on which it may change |
//! | `ListHolders`, `ListParties`, `ListArrears` | yes | a walk over those it is about until a page is full |
//! | `CountMembers` | yes | a walk over all who ever had a class |
//! | `GetRotation` | yes | every turn since the first is gone through, where the order is alphabetical for everybody |
//! | `GetSession` | yes | where nothing is kept, its law is laid out, its rolls are a walk over members |
//! | `ListSessions`, `ListCommittees`, `ListOfficeHolders`, `ListArticleVersions` | yes | the whole list is made for every page |
//! | `ListEntries` | yes | up to a thousand entries are read and decoded, and for an actor or kinds up to 100,000 looked at |
//! | `GetInstrument`, `CompareInstrument` | yes | every article the instrument ever had |
//! | `CompareArticle` | yes | every word of two versions, in up to 64 languages |
//! | `GetAssociation`, `GetVocabulary` | yes | the whole vocabulary with its names, and the law that says what goes with what |
//! | `ListHistory` | yes | a right on every day, as known after every batch that may move it |
//! | `CompareKnowledge` | yes | a walk over those of whom something is recorded, at two positions, and for each that differs the batches between them |
//! | `ListChangeDays` | yes | every right of a party on every day; for the roll a walk over all who ever had a class, for every page |
//! | `ListUpcoming` | yes | a walk over those of whom something is recorded, unless a party is named, for every page |
//! | `ListFindings` | yes | what is found of parties is put together, and all else gone after anew; once for all who wait, and kept for the next page |
//! | `Preview` | yes | as with `assume`; and findings, counts and rolls without the drafts and with them |
//! | any with `assume` or `readings` | yes | a ledger is laid upon the ledger, law is laid out |
//! | beginning a watch of rights at a cursor; its pages | yes | steps of the stream are worked out anew |

mod fair;
mod flights;
mod pace;
mod places;
mod turns;

pub(crate) use fair::Whose;
pub(crate) use flights::Flights;
pub(crate) use pace::{GIVEN_UP, Pace, Waits};

use crate::call::aside::aside;
use crate::call::auth::{Sight, begun, caller};
use crate::call::deadline::timeout_of;
use crate::call::errors::Problem;
use crate::call::point::{Pinned, pin};
use pace::{Bounds, COME_BACK};
use places::{NoPlace, Places};
use standing_domain::stop::Stop;
use standing_engine::Ledger;
use standing_proto::ask::point::PointInTime;
use std::future::pending;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::{Duration, Instant};
use tokio::time::{Instant as Then, sleep_until};
use tonic::{Code, Request};
use turns::Turns;

/// How long the caller's own deadline is undercut, so that the answer that it is over comes from
/// here: this, or a tenth of it.
const BEFORE: Duration = Duration::from_millis(5);

/// What of a deadline is left for a bulk's answer and its way, at least.
const MARGIN: Duration = Duration::from_millis(20);

/// How dear questions are rationed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DearQuestions {
    /// How many threads work on them at a time.
    pub running: usize,
    /// How many are under way at a time, taking turns. Twice as many, if each is the first of its
    /// actor.
    pub under_way: usize,
    /// How many of those may be one actor's.
    pub of_actor: usize,
    /// How long one runs before others have their turn.
    pub stride: Duration,
    /// How long one may run in all, the turns of others not counted.
    pub longest: Duration,
    /// How long one waits to be under way.
    pub patience: Duration,
    /// How long a question that looks cheap may work before it is taken for a dear one after all.
    pub cheap: Duration,
}

impl Default for DearQuestions {
    fn default() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            running: cores.saturating_sub(1).max(1),
            under_way: 16,
            of_actor: 8,
            stride: Duration::from_millis(1),
            longest: Duration::from_secs(30),
            patience: Duration::from_secs(10),
            cheap: Duration::from_millis(5),
        }
    }
}

/// Where dear questions are worked on.
#[derive(Debug)]
pub(crate) struct Dear {
    limits: DearQuestions,
    turns: Arc<Turns>,
    places: Arc<Places>,
}

/// Who calls, and how long they wait.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub whose: Whose,
    /// What they see.
    pub sight: Sight,
    /// When the caller's deadline is over; none where it set none.
    deadline: Option<Instant>,
    /// From when on a bulk answers what it has.
    enough: Option<Instant>,
}

impl Caller {
    /// Reads who calls, and until when they wait.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Problem> {
        let identity = caller(request)?;
        let begun = begun(request);
        let timeout = timeout_of(request.metadata().as_ref());
        // Beyond what an instant can hold nobody waits.
        let at = |left: Duration| begun.checked_add(left);
        Ok(Self {
            whose: Whose {
                actor: identity.actor.as_str().into(),
                connection: request.remote_addr(),
            },
            sight: Sight::of(request.extensions()),
            deadline: timeout.and_then(|t| at(t.saturating_sub(BEFORE.min(t / 10)))),
            enough: timeout.and_then(|t| at(t.saturating_sub(MARGIN.max(t / 5)))),
        })
    }

    /// The same caller, for work that others may wait for as well, or longer.
    pub fn without_deadline(&self) -> Self {
        Self {
            whose: self.whose.clone(),
            sight: self.sight.clone(),
            deadline: None,
            enough: None,
        }
    }

    /// Answers in time, or says that the caller's deadline is over; what the answer was worked out
    /// by is then dropped.
    pub async fn in_time<T>(
        &self,
        answer: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let over = async {
            match self.deadline {
                Some(deadline) => sleep_until(Then::from_std(deadline)).await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            answer = answer => answer,
            () = over => {
                let message = "the caller's deadline is over";
                Err(Problem::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message))
            }
        }
    }
}

impl Dear {
    pub fn new(limits: DearQuestions) -> Self {
        Self {
            limits,
            turns: Turns::new(limits.running),
            places: Places::new(limits.under_way, limits.of_actor),
        }
    }

    /// Returns how long a question is taken for a cheap one, where it asks whether to go on.
    pub fn cheap(&self) -> Duration {
        self.limits.cheap
    }

    /// Returns how many questions are under way, and how many wait to be.
    pub fn counts(&self) -> (usize, usize) {
        self.places.counts()
    }

    /// Works on a question in its turns, for as long as somebody awaits this.
    pub async fn ask<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce(&Pace) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let until = Then::now() + self.limits.patience;
        let place = self.places.take(&caller.whose, until).await;
        let place = place.map_err(busy)?;
        self.in_turns(caller, self.limits.longest, move |pace| {
            let answer = work(pace);
            drop(place);
            answer
        })
        .await
    }

    /// The same for work whose number is bounded elsewhere, and its length too.
    pub async fn in_turns<T: Send + 'static>(
        &self,
        caller: &Caller,
        longest: Duration,
        work: impl FnOnce(&Pace) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let waits = Waits::default();
        let (turns, whose, gone) = (Arc::clone(&self.turns), caller.whose.clone(), waits.gone());
        let bounds = Bounds {
            stride: self.limits.stride,
            longest,
            enough: caller.enough,
        };
        let answer = aside(move || {
            let pace = Pace::new(turns.take(whose), gone, bounds, Instant::now);
            work(&pace).map_err(|problem| pace.explain(problem))
        })
        .await;
        drop(waits);
        answer
    }
}

/// Says that too much is asked at a time.
fn busy(why: NoPlace) -> Problem {
    let message = match why {
        NoPlace::Full => "too many questions of this kind wait already: ask again later",
        NoPlace::Late => "this question waited too long behind others of its kind: ask again later",
    };
    Problem::new(Code::ResourceExhausted, "BUSY", message).come_back_after(COME_BACK)
}

/// A ledger, asked by somebody who may give the question up.
pub(crate) struct Ask<'a> {
    ledger: &'a Ledger,
    /// Asked between strides.
    pub stop: Stop<'a>,
    pace: Option<&'a Pace>,
    /// The point in time of the question, where it is pinned already.
    pinned: Option<Pinned>,
}

impl<'a> Ask<'a> {
    /// Asks at a pace, which the stop test must be that of.
    pub fn new(ledger: &'a Ledger, stop: Stop<'a>, pace: &'a Pace) -> Self {
        Self {
            ledger,
            stop,
            pace: Some(pace),
            pinned: None,
        }
    }

    /// Asks a cheap question: it takes no turns, and what it may not do at once is stopped.
    pub fn cheap(ledger: &'a Ledger, stop: Stop<'a>) -> Self {
        Self {
            ledger,
            stop,
            pace: None,
            pinned: None,
        }
    }

    /// Asks another ledger the same way: at the same pace, until the same end.
    pub fn beside(&self, other: &'a Ledger) -> Self {
        Self {
            ledger: other,
            stop: self.stop,
            pace: self.pace,
            pinned: None,
        }
    }

    /// The same, of a question whose point in time is pinned already.
    pub fn pinned(self, at: Option<Pinned>) -> Self {
        Self { pinned: at, ..self }
    }

    /// Resolves the point in time of the question to a day and a position.
    pub fn pin(&self, at: &PointInTime) -> Result<Pinned, Problem> {
        match self.pinned {
            Some(pinned) => Ok(pinned),
            None => pin(at, self.ledger),
        }
    }

    /// Returns whether a bulk is to answer what it has.
    pub fn is_late(&self) -> bool {
        self.pace.is_some_and(Pace::is_late)
    }
}

impl Deref for Ask<'_> {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        self.ledger
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, SocketAddr};

    /// Somebody, over a connection from a port.
    pub(super) fn whose(actor: &str, port: u16) -> Whose {
        Whose {
            actor: actor.into(),
            connection: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        }
    }

    fn caller(actor: &str, deadline: Option<Duration>) -> Caller {
        Caller {
            whose: whose(actor, 1),
            sight: Sight::default(),
            deadline: deadline.map(|left| Instant::now() + left),
            enough: None,
        }
    }

    /// Works until it is stopped.
    fn endless(pace: &Pace) -> Result<(), Problem> {
        loop {
            pace.check()?;
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn work_ends_when_it_is_awaited_no_more_and_its_place_is_free() {
        let dear = Dear::new(DearQuestions {
            running: 1,
            under_way: 2,
            of_actor: 2,
            stride: Duration::ZERO,
            ..DearQuestions::default()
        });
        let me = caller("a", None);
        for _ in 0..20 {
            // Whether it has begun to work or not.
            tokio::select! {
                biased;
                _ = dear.ask(&me, endless) => unreachable!("it has no end"),
                () = tokio::task::yield_now() => {}
            }
        }
        // With all of them at work there would be no place left.
        assert_eq!(dear.ask(&me, |_| Ok(7)).await.unwrap(), 7);
        while dear.counts() != (0, 0) {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_deadline_and_a_limit_are_told_apart() {
        let dear = Dear::new(DearQuestions {
            stride: Duration::ZERO,
            longest: Duration::from_millis(20),
            ..DearQuestions::default()
        });
        let (soon, me) = (
            caller("a", Some(Duration::from_millis(5))),
            caller("a", None),
        );
        let problem = soon.in_time(dear.ask(&soon, endless)).await.unwrap_err();
        assert_eq!(problem.code, Code::DeadlineExceeded);
        let long = dear.ask(&me, endless).await.unwrap_err();
        let told = (long.code, long.reason);
        assert_eq!(told, (Code::ResourceExhausted, "TOOK_TOO_LONG"));
        let panics = dear.ask(&me, |_| -> Result<(), Problem> {
            panic!("a mistake in a question")
        });
        assert_eq!(panics.await.unwrap_err().code, Code::Internal);
        assert_eq!(dear.ask(&me, |_| Ok(7)).await.unwrap(), 7);
    }
}
