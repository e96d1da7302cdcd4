//! Calls to addresses that somebody else wrote down. It could be anybody's, so a call never goes to an address that is not
//! public (loopback aside, where the caller says so and it was written out), not even if the name changes its addresses
//! between the look and the call, and follows no redirect.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use grantbook_events::ReadinessProblem;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

/// Whether this machine itself may be called, where its name or address was written out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Loopback {
    /// It may.
    Admitted,
    /// It may not, no more than any other address that is not public.
    Refused,
}

/// Where a call goes: a host, and the addresses that were looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Destination {
    host: String,
    addresses: Vec<SocketAddr>,
}

/// The host of a URL, without the brackets of an address of version 6.
fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned()
}

/// The address that a URL has in place of a host's name.
pub(crate) fn literal(url: &Url) -> Option<IpAddr> {
    host_of(url).parse().ok()
}

/// Whether a URL names this machine itself, by the name or an address that everybody knows.
pub(crate) fn names_loopback(url: &Url) -> bool {
    host_of(url) == "localhost" || literal(url).is_some_and(|address| address.is_loopback())
}

/// Looks where a URL leads. Errors: nowhere, or to an address that is not for calling.
pub(crate) async fn look_up(url: &Url, loopback: Loopback) -> Result<Destination, ReadinessProblem> {
    let host = host_of(url);
    let port = url.port_or_known_default().unwrap_or(443);
    let found = tokio::net::lookup_host((host.as_str(), port)).await.map(Iterator::collect::<Vec<SocketAddr>>);
    let mut addresses = found.unwrap_or_default();
    if addresses.is_empty() {
        return Err(ReadinessProblem::UnknownHost);
    }
    addresses.sort_unstable();
    // One that is not public spoils all: whoever answers for the name could have the others give way to it.
    let own = loopback == Loopback::Admitted && names_loopback(url);
    let fit = |address: &SocketAddr| if own { address.ip().is_loopback() } else { is_public(address.ip()) };
    if addresses.iter().all(fit) { Ok(Destination { host, addresses }) } else { Err(ReadinessProblem::NotPublic) }
}

impl Destination {
    /// A client that calls these addresses and no others, follows nothing, keeps at most one idle connection for a while, and
    /// gives up after `limit`. `None` where this machine cannot make one.
    pub(crate) fn client(&self, limit: Duration, agent: &'static str) -> Option<Client> {
        let builder = || {
            Client::builder()
                .no_proxy()
                .redirect(Policy::none())
                .timeout(limit)
                .pool_max_idle_per_host(1)
                .pool_idle_timeout(Duration::from_secs(15))
                .user_agent(agent)
                .resolve_to_addrs(&self.host, &self.addresses)
        };
        match builder().build() {
            Ok(client) => Some(client),
            Err(error) => {
                // Plain HTTP goes without, and no certificate passes.
                tracing::error!(%error, "this machine vouches for no certificate: install its ca-certificates");
                builder().tls_certs_only([]).build().ok()
            }
        }
    }
}

/// What is wrong with the status of an answer, if something is: it points elsewhere, or is an error.
pub(crate) fn trouble_of_status(status: StatusCode) -> Option<ReadinessProblem> {
    match status.as_u16() {
        300..400 => Some(ReadinessProblem::Redirects),
        400.. => Some(ReadinessProblem::Status),
        _ => None, // any other status is a good answer
    }
}

/// What was wrong with a call that no answer came to.
pub(crate) fn trouble_of_call(error: &reqwest::Error) -> ReadinessProblem {
    if error.is_timeout() {
        return ReadinessProblem::TooSlow;
    }
    if of_certificate(error) {
        return ReadinessProblem::Certificate;
    }
    tracing::debug!(%error, "an address could not be called");
    ReadinessProblem::Unreachable
}

/// Whether the certificate was the trouble: rustls says so in words, several errors deep.
fn of_certificate(error: &reqwest::Error) -> bool {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        if error.to_string().contains("certificate") {
            return true;
        }
        next = error.source();
    }
    false
}

/// Whether everybody reaches an address: not one of private, local, shared, reserved or documentary use.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => is_public_v4(address),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let local = address.is_private() || address.is_loopback() || address.is_link_local() || first == 0;
    let special = address.is_multicast() || address.is_documentation() || first >= 240;
    let shared = first == 100 && (64..128).contains(&second);
    let assigned = (first, second, third) == (192, 0, 0) || (first == 198 && (18..20).contains(&second));
    !(local || special || shared || assigned)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, third, ..] = address.segments();
    let [.., high, low] = address.segments();
    let within = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (first, second) {
        // An address of version 4 in another dress.
        (0x2002, _) => within(second, third),
        (0x0064, 0xff9b) => within(high, low),
        // Teredo, benchmarks, documentation.
        (0x2001, 0 | 2 | 0x0db8) | (0x3fff, _) => false,
        _ => (first & 0xe000) == 0x2000, // any other is public where it is of global unicast
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: T4
    #[test]
    fn what_is_not_for_everybody_is_not_public() {
        for public in ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for not in
            ["198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "2001:db8::1", "2002:a00:1::1", "64:ff9b::a00:1"]
        {
            assert!(!is_public(not.parse().unwrap()), "{not}");
        }
    }

    #[tokio::test]
    async fn this_machine_is_called_where_it_was_written_out_and_may_be() {
        let table = [
            ("http://127.0.0.1:1/", Loopback::Admitted, true),
            ("http://[::1]:1/", Loopback::Admitted, true),
            ("http://127.0.0.1:1/", Loopback::Refused, false),
            ("https://localhost/", Loopback::Refused, false),
            // Loopback by any other name than its own.
            ("https://[::ffff:127.0.0.1]/", Loopback::Admitted, false),
            ("https://10.0.0.1/", Loopback::Admitted, false),
            ("https://169.254.169.254/", Loopback::Refused, false),
            ("https://1.1.1.1/", Loopback::Refused, true),
        ];
        for (url, loopback, fit) in table {
            let found = look_up(&Url::parse(url).unwrap(), loopback).await;
            assert_eq!(found.is_ok(), fit, "{url} {loopback:?}");
        }
    }
}
