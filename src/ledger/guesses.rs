//! How often a source may guess: failed attempts at the guest doors are limited by network address, before a password is
//! looked at (rule: C11). Accounts have a limit of their own, the lock (rule: C6).
//!
//! A source may fail [`BURST`] times at once and then once every [`SECONDS_EACH`]. Only failures count, so that many people
//! behind one address sign in as they like. Memory is bounded: beyond [`MOST_SOURCES`] the rest share one limit.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

use grantbook_events::Instant;
use parking_lot::Mutex;

/// Failed attempts that a source may make at once.
const BURST: i64 = 200;
/// After so many seconds it may make another.
const SECONDS_EACH: i64 = 1;
/// Sources of which each has a limit of its own.
const MOST_SOURCES: usize = 10_000;

const SECOND: i64 = 1_000_000;

/// The failures of every source.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    /// When what a source did wrong is forgotten: each failure puts it off by [`SECONDS_EACH`].
    forgotten: Mutex<HashMap<IpAddr, Instant>>,
}

impl Guesses {
    /// Whether somebody from `address` may try now. Errors: after how many seconds they may.
    pub(crate) fn admit(&self, address: &str, now: Instant) -> Result<(), u32> {
        let Some(source) = source(address) else { return Ok(()) };
        let forgotten = self.forgotten.lock();
        let until =
            forgotten.get(&source).or_else(|| forgotten.get(&THE_REST).filter(|_| forgotten.len() >= MOST_SOURCES));
        let ahead = until.map_or(0, |until| until.microseconds().saturating_sub(now.microseconds()));
        let too_far = ahead - (BURST - 1) * SECONDS_EACH * SECOND;
        if too_far <= 0 { Ok(()) } else { Err(u32::try_from(too_far.div_euclid(SECOND) + 1).unwrap_or(u32::MAX)) }
    }

    /// An attempt from `address` failed.
    pub(crate) fn failed(&self, address: &str, now: Instant) {
        let Some(mut source) = source(address) else { return };
        let mut forgotten = self.forgotten.lock();
        if forgotten.len() >= MOST_SOURCES && !forgotten.contains_key(&source) {
            forgotten.retain(|_, until| *until > now);
            if forgotten.len() >= MOST_SOURCES {
                source = THE_REST;
            }
        }
        let until = forgotten.entry(source).or_insert(now);
        let from = (*until).max(now).microseconds();
        *until = Instant::from_microseconds(from.saturating_add(SECONDS_EACH * SECOND));
    }
}

/// Stands for all sources that have no limit of their own.
const THE_REST: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// The source that an address, with or without its port, belongs to; of IPv6 the network, since whoever has one address there
/// has all of them. `None` for what comes over no network.
fn source(address: &str) -> Option<IpAddr> {
    let with_port = address.parse::<std::net::SocketAddr>().map(|address| address.ip());
    match with_port.or_else(|_| address.parse()).ok()?.to_canonical() {
        IpAddr::V4(address) => Some(IpAddr::V4(address)),
        IpAddr::V6(address) => Some(IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_microseconds(seconds * SECOND)
    }

    // rule: C11
    #[test]
    fn a_source_guesses_so_often_and_then_slowly() {
        let guesses = Guesses::default();
        for _ in 0..BURST {
            assert_eq!(guesses.admit("192.0.2.1:4000", at(0)), Ok(()));
            guesses.failed("192.0.2.1:4000", at(0));
        }
        assert_eq!(guesses.admit("192.0.2.1:5000", at(0)), Err(2), "whatever the port");
        assert_eq!(guesses.admit("::ffff:192.0.2.1", at(0)), Err(2), "however it is written");
        assert_eq!(guesses.admit("192.0.2.2", at(0)), Ok(()), "another source");
        assert_eq!(guesses.admit("192.0.2.1", at(2)), Ok(()));
        guesses.failed("192.0.2.1", at(2));
        guesses.failed("192.0.2.1", at(2));
        assert_eq!(guesses.admit("192.0.2.1", at(2)), Err(2));
        assert_eq!(guesses.admit("192.0.2.1", at(3_600)), Ok(()));
    }

    // rule: C11
    #[test]
    fn a_network_of_ipv6_is_one_source_and_no_network_is_none() {
        let guesses = Guesses::default();
        for host in 0..=BURST {
            guesses.failed(&format!("2001:db8::{host:x}"), at(0));
            guesses.failed("", at(0));
        }
        assert!(guesses.admit("[2001:db8::ffff]:80", at(0)).is_err());
        assert_eq!(guesses.admit("2001:db8:1::1", at(0)), Ok(()));
        assert_eq!(guesses.admit("", at(0)), Ok(()));
    }

    // rule: C11
    #[test]
    fn memory_is_bounded_and_a_crowd_of_sources_is_limited_together() {
        let guesses = Guesses::default();
        for number in 0..20_000u32 {
            guesses.failed(&std::net::Ipv4Addr::from_bits(0x0a00_0000 + number).to_string(), at(0));
        }
        assert!(guesses.forgotten.lock().len() <= MOST_SOURCES + 1);
        assert!(guesses.admit("192.0.2.9", at(0)).is_err());
        assert_eq!(guesses.admit("10.0.0.1", at(0)), Ok(()), "who has a limit of its own keeps it");
        assert_eq!(guesses.admit("192.0.2.9", at(100_000)), Ok(()));
    }
}
