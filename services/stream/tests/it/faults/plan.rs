//! Which faults befall, in which order: what the seed decides.

use super::trap::Kind;
use fastrand::Rng;
use standing_stream::Which;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The publisher ends at a moment.
    Ended(Which, Kind),
    /// The stream takes messages, and the publisher does not hear of it.
    AcksLost,
    /// The connection is cut behind a message.
    AcksCut(Which),
    /// Acknowledgements come after the publisher has given up on them.
    AcksLate,
    /// A second publisher of the same ledger.
    Twin,
    /// A publisher of a copy that has gone its own way.
    Stranger,
    /// The publisher and its ledger end, and the ledger is opened from its file.
    Reopened,
    /// The node that leads the stream of entries is killed.
    LeaderKilled,
    /// Any node is killed.
    NodeKilled,
    /// Any node stands still for a moment.
    NodePaused,
    /// Any node stands still until all agree without it.
    NodePausedLong,
    /// The clock jumps ahead, by some days.
    ClockForward,
    /// The clock jumps back, by some days.
    ClockBack,
    /// Days begin while every node is down.
    AllKilled,
    /// Days begin while no node is reached.
    Unreached,
    /// The replica ends, and goes on with its file.
    FollowerEnded,
    /// The replica ends, and begins again with nothing.
    FollowerAnew,
}

impl Fault {
    pub fn is_of_publisher(self) -> bool {
        matches!(
            self,
            Self::Ended(..)
                | Self::AcksLost
                | Self::AcksCut(_)
                | Self::AcksLate
                | Self::Twin
                | Self::Stranger
                | Self::Reopened
        )
    }

    /// Says what it is, after how many there were.
    fn name(self) -> &'static str {
        match self {
            Self::Ended(..) => "ends of the publisher",
            Self::AcksLost => "acknowledgements lost",
            Self::AcksCut(_) => "connections cut",
            Self::AcksLate => "acknowledgements late",
            Self::Twin => "second publishers",
            Self::Stranger => "diverged copies",
            Self::Reopened => "ledgers reopened",
            Self::LeaderKilled => "leader kills",
            Self::NodeKilled => "node kills",
            Self::NodePaused | Self::NodePausedLong => "node pauses",
            Self::ClockForward | Self::ClockBack => "clock jumps",
            Self::AllKilled | Self::Unreached => "day starts without NATS",
            Self::FollowerEnded | Self::FollowerAnew => "replica restarts",
        }
    }
}

/// Returns so many faults of the publisher, and some of the clock and the replica.
pub fn of_publisher(random: &mut Rng, count: usize) -> Vec<Fault> {
    use Fault::*;
    // For each so many, one; the rest are ends of the publisher.
    let others = [
        (AcksLost, 10),
        (AcksCut(Which::Entries), 20),
        (AcksCut(Which::Rights), 20),
        (AcksLate, 50),
        (Twin, 15),
        (Stranger, 25),
        (Reopened, 15),
    ];
    let mut faults = some(&others, count);
    let kinds = Kind::ALL.into_iter();
    let moments: Vec<_> = kinds
        .flat_map(|kind| [Ended(Which::Entries, kind), Ended(Which::Rights, kind)])
        .collect();
    let rest = count - faults.len();
    faults.extend(moments.into_iter().cycle().take(rest));
    let beside = [
        (ClockForward, 15),
        (ClockBack, 15),
        (FollowerEnded, 20),
        (FollowerAnew, 50),
    ];
    faults.extend(some(&beside, count));
    random.shuffle(&mut faults);
    faults
}

/// Returns so many leaders killed, and some of all else that befalls nodes.
pub fn of_nodes(random: &mut Rng, leaders: usize) -> Vec<Fault> {
    use Fault::*;
    let parts = [
        (LeaderKilled, 1),
        (NodeKilled, 5),
        (NodePaused, 3),
        (NodePausedLong, 15),
        (AllKilled, 15),
        (Unreached, 10),
    ];
    let mut faults = some(&parts, leaders);
    random.shuffle(&mut faults);
    faults
}

/// Returns each fault once in so many.
fn some(parts: &[(Fault, usize)], count: usize) -> Vec<Fault> {
    let parts = parts.iter();
    let repeated = parts.map(|(fault, one_in)| std::iter::repeat_n(*fault, count / one_in));
    repeated.flatten().collect()
}

/// Says how many there were, by kind.
pub fn summary(faults: &[Fault]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for fault in faults {
        *counts.entry(fault.name()).or_default() += 1;
    }
    let of_publisher = faults
        .iter()
        .filter(|fault| fault.is_of_publisher())
        .count();
    let parts = counts.iter().map(|(name, count)| format!("{count} {name}"));
    let parts = parts.collect::<Vec<_>>().join(", ");
    if of_publisher == 0 {
        return parts;
    }
    format!("{of_publisher} publisher faults: {parts}")
}
