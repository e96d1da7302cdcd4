//! Cookies, and what shows that a form is ours.
//!
//! - `grantbook-CLOUDID` holds the bearer token of a session, one a tenant.
//! - `grantbook.browser` is what the tabs of one browser share (rule: S5), and the secret of forms before one signs in.
//!
//! Both are for the server alone (`HttpOnly`), sent by no other site (`SameSite=Strict`), and by HTTPS alone unless the
//! server is reached on its own machine, where browsers may not take them for secure.

use axum::http::header::{COOKIE, HOST, HeaderName, ORIGIN, REFERER};
use axum::http::{HeaderMap, HeaderValue};
use uuid::Uuid;
use zeroize::Zeroizing;

/// The cookie of the browser.
const BROWSER: &str = "grantbook.browser";

/// How long a browser is known, in seconds: 400 days, the longest that browsers keep a cookie.
const BROWSER_SECONDS: u32 = 400 * 24 * 60 * 60;

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let given = headers.get_all(COOKIE).into_iter().filter_map(|given| given.to_str().ok());
    let mut pairs = given.flat_map(|given| given.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(given, _)| *given == name).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// The token of a session in a tenant.
pub(crate) fn token(headers: &HeaderMap, cloud_id: &str) -> Option<Zeroizing<String>> {
    cookie(headers, &format!("grantbook-{cloud_id}")).map(|token| Zeroizing::new(token.to_owned()))
}

/// The tenants in which there is a session, as far as the browser knows.
pub(crate) fn tenants(headers: &HeaderMap) -> Vec<String> {
    let given = headers.get_all(COOKIE).into_iter().filter_map(|given| given.to_str().ok());
    let names = given.flat_map(|given| given.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let named = names.filter(|(_, value)| !value.is_empty());
    named.filter_map(|(name, _)| name.strip_prefix("grantbook-").map(str::to_owned)).collect()
}

/// What the tabs of this browser share; drawn now where there is none yet.
pub(crate) fn browser(headers: &HeaderMap) -> String {
    let known = cookie(headers, BROWSER).and_then(|text| Uuid::parse_str(text).ok());
    known.unwrap_or_else(Uuid::new_v4).simple().to_string()
}

/// Keeps a session.
pub(crate) fn keep(headers: &HeaderMap, cloud_id: &str, token: &str) -> Option<HeaderValue> {
    set(headers, &format!("grantbook-{cloud_id}={token}"), "")
}

/// Forgets a session.
pub(crate) fn forget(headers: &HeaderMap, cloud_id: &str) -> Option<HeaderValue> {
    set(headers, &format!("grantbook-{cloud_id}="), "; Max-Age=0")
}

/// Keeps the browser known.
pub(crate) fn keep_browser(headers: &HeaderMap, browser: &str) -> Option<HeaderValue> {
    set(headers, &format!("{BROWSER}={browser}"), &format!("; Max-Age={BROWSER_SECONDS}"))
}

fn set(headers: &HeaderMap, pair: &str, further: &str) -> Option<HeaderValue> {
    let secure = if on_this_machine(host(headers)) { "" } else { "; Secure" };
    HeaderValue::from_str(&format!("{pair}; Path=/; HttpOnly; SameSite=Strict{secure}{further}")).ok()
}

fn host(headers: &HeaderMap) -> &str {
    headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}

fn on_this_machine(host: &str) -> bool {
    let name =
        host.rsplit_once(':').map_or(host, |(name, port)| match port.bytes().all(|byte| byte.is_ascii_digit()) {
            true => name,
            false => host,
        });
    matches!(name, "localhost" | "127.0.0.1" | "[::1]") || name.ends_with(".localhost")
}

/// The secret that a form of a session, or of a browser before one, carries. It tells nothing of what it is made from.
pub(crate) fn form_secret(of: &str) -> String {
    blake3::Hash::from_bytes(blake3::derive_key("grantbook console: the secret of forms, version 1", of.as_bytes()))
        .to_hex()
        .to_string()
}

/// Whether a form is ours: it carries the secret and comes from a page of this origin.
pub(crate) fn is_ours(headers: &HeaderMap, of: &str, given: &str) -> bool {
    // Hashes are compared in constant time.
    let secret = blake3::Hash::from_hex(form_secret(of)).ok();
    let given = blake3::Hash::from_hex(given).ok();
    secret.is_some() && secret == given && same_origin(headers)
}

/// Browsers say with every form that is sent where it comes from.
fn same_origin(headers: &HeaderMap) -> bool {
    let said = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(from) = said(ORIGIN).or_else(|| said(REFERER)) else { return false };
    let authority = from.split_once("://").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    authority.is_some_and(|authority| !authority.is_empty() && authority.eq_ignore_ascii_case(host(headers)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_cookie_is_for_the_server_alone_and_for_https_unless_on_this_machine() {
        for (host, secure) in [
            ("127.0.0.1:8080", false),
            ("localhost", false),
            ("[::1]:8080", false),
            ("book.example.org", true),
            ("10.0.0.7:8080", true),
            ("localhost.example.org", true),
        ] {
            let set = keep(&headers(&[(HOST, host)]), "abcimis", "token").unwrap();
            let set = set.to_str().unwrap();
            assert!(set.starts_with("grantbook-abcimis=token; Path=/; HttpOnly; SameSite=Strict"), "{set}");
            assert_eq!(set.contains("Secure"), secure, "{host}");
        }
    }

    #[test]
    fn a_form_is_ours_with_its_secret_and_from_here_alone() {
        let here = |origin| headers(&[(HOST, "book.example.org"), (ORIGIN, origin)]);
        let secret = form_secret("token");
        assert!(is_ours(&here("https://book.example.org"), "token", &secret));
        for (origin, of, given) in [
            ("https://evil.example.org", "token", secret.as_str()),
            ("null", "token", &secret),
            ("https://book.example.org", "other", &secret),
            ("https://book.example.org", "token", ""),
            ("https://book.example.org", "token", "00"),
        ] {
            assert!(!is_ours(&here(origin), of, given), "{origin} {of} {given}");
        }
        assert!(!is_ours(&headers(&[(HOST, "book.example.org")]), "token", &secret), "who does not say whence");
        let referer = headers(&[(HOST, "book.example.org"), (REFERER, "https://book.example.org/t/abcimis")]);
        assert!(is_ours(&referer, "token", &secret));
        assert!(!secret.contains("token"));
    }

    #[test]
    fn the_tenants_of_a_browser_are_those_it_has_a_session_in() {
        let headers = headers(&[(COOKIE, "grantbook.browser=0; grantbook-abcimis=t; grantbook-gone=; other=1")]);
        assert_eq!(tenants(&headers), ["abcimis"]);
        assert_eq!(token(&headers, "abcimis").as_deref().map(String::as_str), Some("t"));
        assert!(token(&headers, "gone").is_none() && token(&headers, "browser2").is_none());
    }
}
