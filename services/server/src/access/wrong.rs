//! Wrong tokens: whoever sends many is told to wait, and nothing dear is done for them meanwhile. A
//! right token is right all the same.

use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// In which time wrong tokens are counted.
pub(crate) const WINDOW: Duration = Duration::from_mins(1);

/// How many addresses are counted at a time.
const ADDRESSES: usize = 4_096;

/// Counts wrong tokens by where they come from.
#[derive(Debug)]
pub(crate) struct Wrong {
    most: AtomicU32,
    by: Mutex<BTreeMap<IpAddr, Counted>>,
}

#[derive(Debug, Clone, Copy)]
struct Counted {
    since: Instant,
    wrong: u32,
}

impl Wrong {
    /// Lets an address send so many in a minute.
    pub fn new(most: u32) -> Self {
        Self {
            most: AtomicU32::new(most),
            by: Mutex::default(),
        }
    }

    /// Lets it send another number from now on.
    pub fn adjust(&self, most: u32) {
        self.most.store(most, Ordering::Relaxed);
    }

    /// Returns whether an address has sent as many as it may.
    pub fn is_over(&self, address: IpAddr) -> bool {
        let by = self.by.lock();
        let counted = by.get(&whole(address));
        let most = self.most.load(Ordering::Relaxed);
        counted.is_some_and(|counted| counted.wrong >= most && counted.is_recent())
    }

    /// Counts one.
    pub fn note(&self, address: IpAddr) {
        let mut by = self.by.lock();
        let is_new = !by.contains_key(&whole(address));
        if is_new && by.len() >= ADDRESSES {
            by.retain(|_, counted| counted.is_recent());
        }
        if is_new && by.len() >= ADDRESSES {
            // So many send wrong tokens: whoever began first is counted anew.
            let first = by.iter().min_by_key(|(_, counted)| counted.since);
            let first = first.map(|(address, _)| *address);
            first.and_then(|first| by.remove(&first));
        }
        let anew = Counted {
            since: Instant::now(),
            wrong: 0,
        };
        let counted = by.entry(whole(address)).or_insert(anew);
        if !counted.is_recent() {
            *counted = anew;
        }
        counted.wrong = counted.wrong.saturating_add(1);
    }
}

impl Counted {
    fn is_recent(&self) -> bool {
        self.since.elapsed() < WINDOW
    }
}

/// Returns what is counted as one: an address, or the network of 64 bits that one of IPv6 lies in,
/// all of which one machine may have.
pub(crate) fn whole(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            Ipv6Addr::from_bits(network).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_sends_so_many_wrong_tokens_and_others_their_own() {
        let wrong = Wrong::new(3);
        let here: IpAddr = "2001:db8::1".parse().unwrap();
        let beside: IpAddr = "2001:db8::ffff:1".parse().unwrap();
        let there: IpAddr = "2001:db8:0:1::1".parse().unwrap();
        for _ in 0..3 {
            assert!(!wrong.is_over(here));
            wrong.note(here);
        }
        assert!(wrong.is_over(here) && wrong.is_over(beside) && !wrong.is_over(there));
    }

    #[test]
    fn so_many_addresses_are_counted_and_no_more() {
        let wrong = Wrong::new(1);
        for number in 0..10_000_u32 {
            wrong.note(IpAddr::V4(number.into()));
        }
        assert_eq!(wrong.by.lock().len(), ADDRESSES);
        assert!(wrong.is_over(IpAddr::V4(9_999.into())));
        assert!(!wrong.is_over(IpAddr::V4(0.into())));
    }
}
