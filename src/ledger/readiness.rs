//! A look at a site from outside: is it ready for a Cloud ID (rule: T4)?
//!
//! Support names the URL, so it could be anybody's: the look never goes to an address that is not public (loopback aside,
//! where it was written out), not even if the name changes its addresses between the check and the call, and follows no
//! redirect. Nothing of the answer but its status is read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use grantbook_decisions::Readiness;
use grantbook_events::{ReadinessProblem, SiteUrl};
use reqwest::Url;
use reqwest::redirect::Policy;

/// Looks at a site, for at most `limit`.
pub(crate) async fn look(site: &SiteUrl, limit: Duration) -> Readiness {
    let seen = Readiness::default();
    let Ok(url) = Url::parse(site.as_str()) else { return seen.and(ReadinessProblem::UnknownHost, None) };
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
    let literal: Option<IpAddr> = host.parse().ok();
    let loopback = host == "localhost" || literal.is_some_and(|address| address.is_loopback());
    let plain = url.scheme() != "https" && !loopback;
    let seen = if plain { seen.and(ReadinessProblem::NotHttps, None) } else { seen };
    match tokio::time::timeout(limit, called(&url, &host, loopback, limit)).await {
        Ok(None) => seen,
        Ok(Some((problem, status))) => seen.and(problem, status),
        Err(_) => seen.and(ReadinessProblem::TooSlow, None),
    }
}

/// What a call of the URL shows to be wrong, with the status of the answer.
async fn called(url: &Url, host: &str, loopback: bool, limit: Duration) -> Option<(ReadinessProblem, Option<u16>)> {
    let port = url.port_or_known_default().unwrap_or(443);
    let found = tokio::net::lookup_host((host, port)).await.map(Iterator::collect::<Vec<SocketAddr>>);
    let addresses = found.unwrap_or_default();
    if addresses.is_empty() {
        return Some((ReadinessProblem::UnknownHost, None));
    }
    // One that is not public spoils all: whoever answers for the name could have the others give way to it.
    let fit = |address: &SocketAddr| if loopback { address.ip().is_loopback() } else { is_public(address.ip()) };
    if !addresses.iter().all(fit) {
        return Some((ReadinessProblem::NotPublic, None));
    }
    let client = || {
        reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .timeout(limit)
            .pool_max_idle_per_host(0)
            .user_agent("grantbook-readiness-check")
            // The addresses that were looked at, and no others.
            .resolve_to_addrs(host, &addresses)
    };
    let client = match client().build() {
        Ok(client) => client,
        Err(error) => {
            // Plain HTTP goes without, and no certificate passes.
            tracing::error!(%error, "this machine vouches for no certificate: install its ca-certificates");
            let Ok(client) = client().tls_certs_only([]).build() else {
                return Some((ReadinessProblem::Unreachable, None));
            };
            client
        }
    };
    match client.get(url.clone()).send().await {
        Ok(answer) => {
            let status = answer.status();
            match status.as_u16() {
                300..400 => Some((ReadinessProblem::Redirects, Some(status.as_u16()))),
                400.. => Some((ReadinessProblem::Status, Some(status.as_u16()))),
                _ => None, // any other status is a good answer
            }
        }
        Err(error) if error.is_timeout() => Some((ReadinessProblem::TooSlow, None)),
        Err(error) if of_certificate(&error) => Some((ReadinessProblem::Certificate, None)),
        Err(error) => {
            tracing::debug!(%error, "a site could not be called");
            Some((ReadinessProblem::Unreachable, None))
        }
    }
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
pub(crate) mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    const LIMIT: Duration = Duration::from_millis(1_500);

    /// A server on loopback that answers everybody the same; nothing where there is no answer. Returns its port.
    async fn server(answer: Option<&'static str>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            loop {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                tokio::spawn(async move {
                    let mut asked = [0u8; 1024];
                    let _ = stream.read(&mut asked).await;
                    match answer {
                        Some(answer) => drop(stream.write_all(answer.as_bytes()).await),
                        None => tokio::time::sleep(Duration::from_secs(60)).await,
                    }
                });
            }
        });
        port
    }

    /// A site on loopback that is ready.
    pub(crate) async fn ready_site() -> String {
        let port = server(Some("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")).await;
        format!("http://127.0.0.1:{port}/")
    }

    async fn seen(url: &str) -> Vec<(ReadinessProblem, Option<u16>)> {
        look(&SiteUrl::new(url).unwrap(), LIMIT).await.problems.into_iter().flatten().collect()
    }

    async fn answered(answer: Option<&'static str>) -> Vec<(ReadinessProblem, Option<u16>)> {
        seen(&format!("http://127.0.0.1:{}/", server(answer).await)).await
    }

    // rule: T4
    #[tokio::test]
    async fn a_site_that_answers_well_is_ready_and_every_other_is_told_what_is_wrong() {
        use ReadinessProblem as P;
        let empty = "content-length: 0\r\nconnection: close\r\n\r\n";
        let table = [
            ("HTTP/1.1 200 OK\r\n", None),
            ("HTTP/1.1 204 No Content\r\n", None),
            ("HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\n", Some((P::Redirects, Some(302)))),
            ("HTTP/1.1 404 Not Found\r\n", Some((P::Status, Some(404)))),
            ("HTTP/1.1 500 Oh\r\n", Some((P::Status, Some(500)))),
        ];
        for (head, expected) in table {
            let answer: &'static str = Box::leak(format!("{head}{empty}").into_boxed_str());
            let expected: Vec<(P, Option<u16>)> = expected.into_iter().collect();
            assert_eq!(answered(Some(answer)).await, expected, "{head}");
        }
        assert_eq!(answered(None).await, [(P::TooSlow, None)]);
        // What speaks no TLS has no certificate to look at.
        let port = server(Some("HTTP/1.1 200 OK\r\n\r\n")).await;
        assert_eq!(seen(&format!("https://localhost:{port}/")).await, [(P::Unreachable, None)]);
        // Nobody listens any more.
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        assert_eq!(seen(&format!("http://127.0.0.1:{port}/")).await, [(P::Unreachable, None)]);
        assert_eq!(seen("https://no-such-host.invalid/").await, [(P::UnknownHost, None)]);
    }

    /// A server with a certificate that nobody vouches for.
    async fn untrusted() -> u16 {
        use tokio_rustls::rustls::ServerConfig;
        use tokio_rustls::rustls::pki_types::pem::PemObject;
        use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let pem = include_bytes!("readiness_tests.pem");
        let certificate = CertificateDer::from_pem_slice(pem).unwrap();
        let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
        let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
                }
            }
        });
        port
    }

    // rule: T4
    #[tokio::test]
    async fn a_certificate_must_be_one_that_is_trusted() {
        let port = untrusted().await;
        let expected = [(ReadinessProblem::Certificate, None)];
        assert_eq!(seen(&format!("https://localhost:{port}/")).await, expected);
    }

    // rule: T4
    #[tokio::test]
    async fn an_address_that_is_not_public_is_never_called() {
        use ReadinessProblem as P;
        for host in ["10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "[fe80::1]", "[fd00::1]"] {
            assert_eq!(seen(&format!("https://{host}/")).await, [(P::NotPublic, None)], "{host}");
        }
        assert_eq!(seen("http://10.0.0.1/").await, [(P::NotHttps, None), (P::NotPublic, None)]);
        // Loopback by any other name than its own.
        assert_eq!(seen("https://[::ffff:127.0.0.1]/").await, [(P::NotPublic, None)]);
        for public in ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for not in
            ["198.18.0.1", "224.0.0.1", "255.255.255.255", "::1", "2001:db8::1", "2002:a00:1::1", "64:ff9b::a00:1"]
        {
            assert!(!is_public(not.parse().unwrap()), "{not}");
        }
    }
}
