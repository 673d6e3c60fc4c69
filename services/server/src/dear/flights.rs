//! What is dear to work out and often asked for again: worked out once for all who wait for it, and
//! kept for a while. What is known as of a position never changes, so nothing kept is ever wrong.

use super::{Caller, Dear, Pace};
use crate::call::errors::Problem;
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use tokio::sync::watch;
use tonic::Code;

/// What many may wait for.
type Landed<V> = Option<Result<Arc<V>, Problem>>;

/// What is being worked out or kept, by what it is asked by. The one asked for last stands at the
/// end.
pub(crate) struct Flights<K, V> {
    under_way: Mutex<Vec<Flight<K, V>>>,
    most: usize,
    most_bytes: usize,
}

struct Flight<K, V> {
    key: K,
    outcome: Arc<watch::Sender<Landed<V>>>,
    /// How many bytes of memory it takes, about; none while it is worked out.
    bytes: Option<usize>,
}

impl<K, V> Flights<K, V>
where
    K: Clone + PartialEq + Send + Sync + 'static,
    V: Send + Sync + 'static,
{
    /// Keeps so many results, of so many bytes in all.
    pub fn new(most: usize, most_bytes: usize) -> Arc<Self> {
        Arc::new(Self {
            under_way: Mutex::default(),
            most,
            most_bytes,
        })
    }

    /// Returns what is kept, or waits for it to be worked out; with nobody else at it, as a dear
    /// question of this caller's. It is given up when nobody waits for it any more.
    pub async fn get(
        self: &Arc<Self>,
        dear: &Arc<Dear>,
        caller: &Caller,
        key: K,
        work: impl FnOnce(&Pace) -> Result<(V, usize), Problem> + Send + 'static,
    ) -> Result<Arc<V>, Problem> {
        let mut landed = self.join(dear, caller, key, work);
        let landed = landed.wait_for(Option::is_some).await;
        let outcome = landed.map_err(|_| lost())?.clone();
        outcome.unwrap_or_else(|| Err(lost()))
    }

    fn join(
        self: &Arc<Self>,
        dear: &Arc<Dear>,
        caller: &Caller,
        key: K,
        work: impl FnOnce(&Pace) -> Result<(V, usize), Problem> + Send + 'static,
    ) -> watch::Receiver<Landed<V>> {
        let mut flights = self.under_way.lock();
        if let Some(place) = flights.iter().position(|flight| flight.key == key) {
            let flight = flights.remove(place);
            let landed = flight.outcome.subscribe();
            flights.push(flight);
            return landed;
        }
        let (outcome, landed) = watch::channel(None);
        let outcome = Arc::new(outcome);
        flights.push(Flight {
            key: key.clone(),
            outcome: Arc::clone(&outcome),
            bytes: None,
        });
        drop(flights);
        let (flights, dear) = (Arc::clone(self), Arc::clone(dear));
        let caller = caller.without_deadline();
        tokio::spawn(async move {
            let asked = dear.ask(&caller, work);
            tokio::pin!(asked);
            loop {
                tokio::select! {
                    biased;
                    landed = &mut asked => return flights.land(&key, &outcome, landed),
                    () = outcome.closed() => {}
                }
                // Somebody may have joined in between.
                if flights.given_up(&key, &outcome) {
                    return;
                }
            }
        });
        landed
    }

    /// Keeps what was worked out, as far as there is room, and tells those who wait.
    fn land(
        &self,
        key: &K,
        outcome: &Arc<watch::Sender<Landed<V>>>,
        landed: Result<(V, usize), Problem>,
    ) {
        let mut flights = self.under_way.lock();
        let place = flights.iter().position(|flight| flight.key == *key);
        let landed = match landed {
            Ok((value, bytes)) => {
                if let Some(place) = place {
                    flights[place].bytes = Some(bytes);
                }
                Ok(Arc::new(value))
            }
            Err(problem) => {
                if let Some(place) = place {
                    flights.remove(place);
                }
                Err(problem)
            }
        };
        loop {
            let kept = flights.iter().filter_map(|flight| flight.bytes);
            let (count, bytes) = kept.fold((0, 0), |(count, all), one| (count + 1, all + one));
            if count <= self.most && bytes <= self.most_bytes {
                break;
            }
            // Those who wait have it all the same.
            let Some(oldest) = flights.iter().position(|flight| flight.bytes.is_some()) else {
                break;
            };
            flights.remove(oldest);
        }
        outcome.send_replace(Some(landed));
    }

    /// Takes out a flight that nobody waits for; returns false if somebody does after all.
    fn given_up(&self, key: &K, outcome: &watch::Sender<Landed<V>>) -> bool {
        let mut flights = self.under_way.lock();
        let nobody = outcome.receiver_count() == 0;
        if nobody {
            flights.retain(|flight| flight.key != *key);
        }
        nobody
    }
}

impl<K, V> fmt::Debug for Flights<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flights")
            .field("kept", &self.under_way.lock().len())
            .finish_non_exhaustive()
    }
}

/// A mistake in the program, or its end: whoever worked it out is gone.
fn lost() -> Problem {
    Problem::new(
        Code::Unavailable,
        "CLOSING",
        "the server ends: ask again, or another",
    )
}

#[cfg(test)]
mod tests {
    use super::super::DearQuestions;
    use super::super::tests::whose;
    use super::*;
    use futures_util::FutureExt as _;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    fn caller(port: u16) -> Caller {
        Caller {
            whose: whose("a", port),
            sight: crate::call::auth::Sight::default(),
            deadline: None,
            enough: None,
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn all_who_wait_get_what_is_worked_out_once() {
        let dear = Arc::new(Dear::new(DearQuestions::default()));
        let flights: Arc<Flights<u8, String>> = Flights::new(2, 100);
        let worked = Arc::new(AtomicUsize::new(0));
        let (go, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let get = |key: u8| {
            let (flights, dear) = (Arc::clone(&flights), Arc::clone(&dear));
            let (worked, wait) = (Arc::clone(&worked), Arc::clone(&wait));
            async move {
                let of = caller(1);
                let work = move |_: &Pace| {
                    let _ = wait.lock().recv();
                    let n = worked.fetch_add(1, Ordering::SeqCst);
                    Ok((format!("{key}: {n}"), 40))
                };
                flights
                    .get(&dear, &of, key, work)
                    .await
                    .unwrap()
                    .to_string()
            }
        };
        let waiting: Vec<_> = (0..20).map(|_| tokio::spawn(get(7))).collect();
        // All wait for the one that works.
        go.send(()).unwrap();
        for answer in waiting {
            assert_eq!(answer.await.unwrap(), "7: 0");
        }
        assert_eq!(get(7).await, "7: 0");
        // Two are kept, and not more bytes than are given.
        for (key, told) in [(8, "8: 1"), (9, "9: 2")] {
            go.send(()).unwrap();
            assert_eq!(get(key).await, told);
        }
        assert_eq!(get(9).await, "9: 2");
        go.send(()).unwrap();
        assert_eq!(get(7).await, "7: 3");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn work_that_nobody_waits_for_is_given_up_and_begun_anew() {
        let dear = Arc::new(Dear::new(DearQuestions {
            stride: std::time::Duration::ZERO,
            ..DearQuestions::default()
        }));
        let flights: Arc<Flights<u8, ()>> = Flights::new(2, 100);
        let of = caller(1);
        for _ in 0..50 {
            let endless = |pace: &Pace| -> Result<((), usize), Problem> {
                loop {
                    pace.check()?;
                }
            };
            let mut waits = Box::pin(flights.get(&dear, &of, 7, endless));
            assert!((&mut waits).now_or_never().is_none());
            drop(waits);
        }
        while dear.counts() != (0, 0) || !flights.under_way.lock().is_empty() {
            tokio::task::yield_now().await;
        }
        let fails = |_: &Pace| Err(Problem::new(Code::DataLoss, "STORED_BYTES", "no"));
        let problem = flights.get(&dear, &of, 7, fails).await.unwrap_err();
        assert_eq!(problem.code, Code::DataLoss);
        // A failure is told to those who waited, and kept for nobody.
        assert!(flights.get(&dear, &of, 7, |_| Ok(((), 0))).await.is_ok());
    }
}
