//! A line in which everybody comes round: the actors in turn, of each its connections in turn, of
//! each what came first.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

/// Whose a call is: the actor, and the connection it came over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whose {
    /// The authenticated caller.
    pub actor: Arc<str>,
    /// The far end of the connection; none where it has no address.
    pub connection: Option<SocketAddr>,
}

/// A line of things that wait, each somebody's.
#[derive(Debug)]
pub(super) struct Fair<T> {
    /// By actor, who is next at the front. Nobody stands here who waits for nothing.
    actors: VecDeque<Actor<T>>,
    length: usize,
}

#[derive(Debug)]
struct Actor<T> {
    name: Arc<str>,
    connections: VecDeque<Connection<T>>,
}

#[derive(Debug)]
struct Connection<T> {
    of: Option<SocketAddr>,
    waiting: VecDeque<T>,
}

impl<T> Default for Fair<T> {
    fn default() -> Self {
        Self {
            actors: VecDeque::new(),
            length: 0,
        }
    }
}

impl<T> Fair<T> {
    /// Returns how many wait.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Returns how many of an actor wait.
    pub fn len_of(&self, actor: &str) -> usize {
        let of = self.actors.iter().filter(|of| *of.name == *actor);
        let connections = of.flat_map(|of| &of.connections);
        connections.map(|of| of.waiting.len()).sum()
    }

    /// Puts a thing at the end of its owner's.
    pub fn push(&mut self, whose: &Whose, thing: T) {
        self.length += 1;
        let actor = self.actors.iter_mut().find(|of| of.name == whose.actor);
        let Some(actor) = actor else {
            self.actors.push_back(Actor {
                name: Arc::clone(&whose.actor),
                connections: VecDeque::from([Connection {
                    of: whose.connection,
                    waiting: VecDeque::from([thing]),
                }]),
            });
            return;
        };
        let connections = &mut actor.connections;
        match connections.iter_mut().find(|of| of.of == whose.connection) {
            Some(connection) => connection.waiting.push_back(thing),
            None => connections.push_back(Connection {
                of: whose.connection,
                waiting: VecDeque::from([thing]),
            }),
        }
    }

    /// Takes the next thing, whose owner then stands behind all others.
    pub fn pop(&mut self) -> Option<T> {
        self.pop_where(|_| true).map(|(_, thing)| thing)
    }

    /// Takes the next thing of those whose owners pass a test.
    pub fn pop_where(&mut self, test: impl Fn(&Whose) -> bool) -> Option<(Whose, T)> {
        let (place, within) = self.actors.iter().enumerate().find_map(|(place, actor)| {
            let within = actor.connections.iter().position(|connection| {
                test(&Whose {
                    actor: Arc::clone(&actor.name),
                    connection: connection.of,
                })
            })?;
            Some((place, within))
        })?;
        let mut actor = self.actors.remove(place)?;
        let mut connection = actor.connections.remove(within)?;
        let whose = Whose {
            actor: Arc::clone(&actor.name),
            connection: connection.of,
        };
        let thing = connection.waiting.pop_front();
        if !connection.waiting.is_empty() {
            actor.connections.push_back(connection);
        }
        if !actor.connections.is_empty() {
            self.actors.push_back(actor);
        }
        let thing = thing?;
        self.length -= 1;
        Some((whose, thing))
    }

    /// Takes out what its owner waits for no more.
    pub fn remove(&mut self, whose: &Whose, test: impl Fn(&T) -> bool) {
        let is_actor = |of: &Actor<T>| of.name == whose.actor;
        let Some(place) = self.actors.iter().position(is_actor) else {
            return;
        };
        let connections = &mut self.actors[place].connections;
        for connection in connections.iter_mut() {
            if connection.of == whose.connection {
                let before = connection.waiting.len();
                connection.waiting.retain(|thing| !test(thing));
                self.length -= before - connection.waiting.len();
            }
        }
        connections.retain(|connection| !connection.waiting.is_empty());
        if connections.is_empty() {
            self.actors.remove(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::whose;
    use super::*;

    #[test]
    fn actors_come_round_whatever_each_has_waiting_and_of_each_its_connections() {
        let mut line = Fair::default();
        for (actor, connection, thing) in [
            ("a", 1, "a1 first"),
            ("a", 1, "a1 second"),
            ("a", 1, "a1 third"),
            ("a", 2, "a2 first"),
            ("b", 3, "b3 first"),
            ("b", 3, "b3 second"),
            ("c", 4, "c4 first"),
        ] {
            line.push(&whose(actor, connection), thing);
        }
        assert_eq!((line.len(), line.len_of("a"), line.len_of("d")), (7, 4, 0));
        let order: Vec<&str> = std::iter::from_fn(|| line.pop()).collect();
        assert_eq!(
            order,
            [
                "a1 first",
                "b3 first",
                "c4 first",
                "a2 first",
                "b3 second",
                "a1 second",
                "a1 third"
            ]
        );
        assert_eq!(line.len(), 0);
    }

    #[test]
    fn who_comes_back_stands_behind_those_who_waited_meanwhile() {
        let mut line = Fair::default();
        for n in 0..50 {
            line.push(&whose("many", n), "many");
        }
        line.push(&whose("one", 99), "one");
        let mut seen = Vec::new();
        for _ in 0..100 {
            let thing = line.pop().unwrap();
            seen.push(thing);
            // It has used up its stride and wants another.
            line.push(&whose(thing, if thing == "one" { 99 } else { 7 }), thing);
        }
        let ones = seen.iter().filter(|thing| **thing == "one").count();
        assert_eq!(
            ones, 50,
            "the one actor gets as much as the fifty calls of the other"
        );
    }

    #[test]
    fn what_is_taken_out_leaves_no_trace_and_a_test_passes_over_who_may_not() {
        let mut line = Fair::default();
        line.push(&whose("a", 1), 1);
        line.push(&whose("a", 1), 2);
        line.push(&whose("b", 2), 3);
        line.remove(&whose("a", 1), |thing| *thing == 1);
        assert_eq!(line.len(), 2);
        let (of, thing) = line.pop_where(|whose| &*whose.actor == "b").unwrap();
        assert_eq!((&*of.actor, thing), ("b", 3));
        line.remove(&whose("a", 1), |thing| *thing == 2);
        line.remove(&whose("nobody", 1), |_| true);
        assert!(line.actors.is_empty());
        assert_eq!((line.len(), line.pop()), (0, None));
    }
}
