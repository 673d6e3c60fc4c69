//! How many dear questions are worked on at a time: what each holds in memory is bounded, so
//! together they are too.

use super::fair::{Fair, Whose};
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// How many calls wait for a place at most.
const MOST_WAITING: usize = 1_024;

/// How many of one actor.
const MOST_WAITING_OF_ACTOR: usize = 256;

/// The places there are, who has them, and who waits for one.
///
/// Beyond its share nobody gets more than one place for an actor, or a connection, that has none:
/// however many calls another has under way, the first of somebody else is not behind them.
#[derive(Debug)]
pub(super) struct Places {
    all: usize,
    of_actor: usize,
    room: Mutex<Room>,
}

#[derive(Debug, Default)]
struct Room {
    taken: Vec<Whose>,
    waiting: Fair<(u64, oneshot::Sender<Place>)>,
    /// The number of who stood in line last.
    last: u64,
}

/// Why a call gets no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// Too many wait already.
    Full,
    /// None became free in time.
    Late,
}

/// A place, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    /// None once nobody took it.
    places: Option<Arc<Places>>,
    whose: Whose,
}

impl Places {
    /// Makes so many places, of which one actor has a part at most.
    pub fn new(all: usize, of_actor: usize) -> Arc<Self> {
        Arc::new(Self {
            all: all.max(1),
            of_actor: of_actor.max(1),
            room: Mutex::default(),
        })
    }

    /// Waits for a place until an instant.
    pub async fn take(self: &Arc<Self>, whose: &Whose, until: Instant) -> Result<Place, NoPlace> {
        let (given, standing) = {
            let mut room = self.room.lock();
            if room.waiting.len() >= MOST_WAITING
                || room.waiting.len_of(&whose.actor) >= MOST_WAITING_OF_ACTOR
            {
                return Err(NoPlace::Full);
            }
            let (give, given) = oneshot::channel();
            room.last += 1;
            let number = room.last;
            room.waiting.push(whose, (number, give));
            self.hand_out(&mut room);
            let standing = Standing {
                places: self,
                whose,
                number,
            };
            (given, standing)
        };
        let given = timeout_at(until, given).await;
        drop(standing);
        match given {
            Ok(Ok(place)) => Ok(place),
            // Nobody gives up a place unasked, and who stood in line is never passed over for good.
            Ok(Err(_)) | Err(_) => Err(NoPlace::Late),
        }
    }

    /// Returns how many have a place, and how many wait for one.
    pub fn counts(&self) -> (usize, usize) {
        let room = self.room.lock();
        (room.taken.len(), room.waiting.len())
    }

    /// Gives places to those that wait, as far as there are any.
    fn hand_out(self: &Arc<Self>, room: &mut Room) {
        loop {
            let taken = &room.taken;
            let Some((whose, (_, give))) =
                room.waiting.pop_where(|whose| self.has_room(taken, whose))
            else {
                return;
            };
            let place = Place {
                places: Some(Arc::clone(self)),
                whose: whose.clone(),
            };
            match give.send(place) {
                Ok(()) => room.taken.push(whose),
                // Gone in between; it never had the place, and dropping it frees none.
                Err(mut place) => place.places = None,
            }
        }
    }

    fn has_room(&self, taken: &[Whose], whose: &Whose) -> bool {
        let of_actor = taken.iter().filter(|of| of.actor == whose.actor);
        let (mut of_actor_count, mut of_connection) = (0, 0);
        for of in of_actor {
            of_actor_count += 1;
            of_connection += usize::from(of.connection == whose.connection);
        }
        let more = |count: usize| count + count / 2;
        if of_actor_count == 0 {
            taken.len() < 2 * self.all
        } else if of_connection == 0 {
            taken.len() < more(self.all) && of_actor_count < more(self.of_actor)
        } else {
            taken.len() < self.all && of_actor_count < self.of_actor
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(places) = self.places.take() else {
            return;
        };
        let mut room = places.room.lock();
        if let Some(place) = room.taken.iter().position(|of| *of == self.whose) {
            room.taken.swap_remove(place);
        }
        places.hand_out(&mut room);
    }
}

/// Standing in line, until it is dropped.
struct Standing<'a> {
    places: &'a Arc<Places>,
    whose: &'a Whose,
    number: u64,
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        let mut room = self.places.room.lock();
        let is_it = |(number, _): &(u64, _)| *number == self.number;
        room.waiting.remove(self.whose, is_it);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::whose;
    use super::*;
    use futures_util::FutureExt as _;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_mins(10)
    }

    #[tokio::test]
    async fn one_actor_takes_its_part_and_the_first_of_another_never_waits_behind_it() {
        let places = Places::new(4, 2);
        let take = |actor, connection| {
            let (places, whose) = (Arc::clone(&places), whose(actor, connection));
            async move { places.take(&whose, soon()).await }
        };
        let first = take("a", 1).await.unwrap();
        let _second = take("a", 1).await.unwrap();
        let mut third = Box::pin(take("a", 1));
        assert!((&mut third).now_or_never().is_none());
        // Another connection has none yet, and gets one beyond the part; the next waits too.
        let other = take("a", 2).await.unwrap();
        assert!(take("a", 3).now_or_never().is_none());
        // Seven more actors: all places are taken long since, and each still gets its first.
        let mut firsts = Vec::new();
        for (actor, connection) in [("b", 11), ("c", 12), ("d", 13), ("e", 14), ("f", 15)] {
            firsts.push(take(actor, connection).await.unwrap());
            assert!(take(actor, connection).now_or_never().is_none());
        }
        assert_eq!(places.counts(), (8, 1));
        assert!(
            take("g", 16).now_or_never().is_none(),
            "twice as many is the most"
        );
        firsts.clear();
        drop(first);
        assert!(
            (&mut third).now_or_never().is_none(),
            "three of it were at work, two still are"
        );
        drop(other);
        third.await.unwrap();
        assert_eq!(places.counts(), (1, 0));
    }

    #[tokio::test]
    async fn who_goes_away_while_it_waits_takes_no_place() {
        let places = Places::new(1, 1);
        let me = whose("a", 1);
        let held = places.take(&me, soon()).await.unwrap();
        let mut gone = Box::pin(places.take(&me, soon()));
        let mut stays = Box::pin(places.take(&me, soon()));
        assert!((&mut gone).now_or_never().is_none());
        assert!((&mut stays).now_or_never().is_none());
        assert_eq!(places.counts(), (1, 2));
        drop(gone);
        assert_eq!(places.counts(), (1, 1));
        drop(held);
        // Given, but not yet looked at: dropped now, it is free again.
        assert_eq!(places.counts(), (1, 0));
        drop(stays);
        assert_eq!(places.counts(), (0, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_is_bounded_in_time_and_in_number() {
        let places = Places::new(1, 1);
        let _held = places.take(&whose("a", 1), soon()).await.unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        let late = places.take(&whose("a", 1), until).await;
        assert_eq!((late.unwrap_err(), Instant::now()), (NoPlace::Late, until));
        let mut line = Vec::new();
        for n in 0..MOST_WAITING_OF_ACTOR {
            let (places, whose) = (Arc::clone(&places), whose("a", u16::try_from(n).unwrap()));
            let mut waits = Box::pin(async move { places.take(&whose, soon()).await });
            // The first of another connection than the one at work would find a place, were there
            // one for its actor.
            assert!((&mut waits).now_or_never().is_none());
            line.push(waits);
        }
        let full = places.take(&whose("a", 1), soon()).await;
        assert_eq!(full.unwrap_err(), NoPlace::Full);
        drop(line);
        assert_eq!(places.counts(), (1, 0));
    }
}
