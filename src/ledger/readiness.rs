//! A look at a site from outside: is it ready for a Cloud ID (rule: T4)?
//!
//! Support names the URL, so it could be anybody's: see `calls.rs` for where a look never goes. Nothing of the answer but its
//! status is read.

use std::time::Duration;

use grantbook_decisions::Readiness;
use grantbook_events::{ReadinessProblem, SiteUrl};
use reqwest::Url;

use crate::calls::{Loopback, look_up, names_loopback, trouble_of_call, trouble_of_status};

/// Looks at a site, for at most `limit`.
pub(crate) async fn look(site: &SiteUrl, limit: Duration) -> Readiness {
    let seen = Readiness::default();
    let Ok(url) = Url::parse(site.as_str()) else { return seen.and(ReadinessProblem::UnknownHost, None) };
    let plain = url.scheme() != "https" && !names_loopback(&url);
    let seen = if plain { seen.and(ReadinessProblem::NotHttps, None) } else { seen };
    match tokio::time::timeout(limit, called(&url, limit)).await {
        Ok(None) => seen,
        Ok(Some((problem, status))) => seen.and(problem, status),
        Err(_) => seen.and(ReadinessProblem::TooSlow, None),
    }
}

/// What a call of the URL shows to be wrong, with the status of the answer.
async fn called(url: &Url, limit: Duration) -> Option<(ReadinessProblem, Option<u16>)> {
    let destination = match look_up(url, Loopback::Admitted).await {
        Ok(destination) => destination,
        Err(problem) => return Some((problem, None)),
    };
    let Some(client) = destination.client(limit, "grantbook-readiness-check") else {
        return Some((ReadinessProblem::Unreachable, None));
    };
    match client.get(url.clone()).send().await {
        Ok(answer) => trouble_of_status(answer.status()).map(|problem| (problem, Some(answer.status().as_u16()))),
        Err(error) => Some((trouble_of_call(&error), None)),
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
    }
}
