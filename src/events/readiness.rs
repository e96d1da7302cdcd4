//! The readiness of a site for a Cloud ID: its URL, and what a check of it found (rules: T3, T4).

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::BadName;
use crate::choice::choice;
use crate::names::name;

choice! {
    /// What a customer's Cloud ID is for: one of each (rule: T2).
    Purpose {
        /// The database that people work with.
        Production = "production",
        /// The one where they try things out.
        Test = "test",
    }
}

choice! {
    /// What a readiness check found wrong (rule: T4).
    ReadinessProblem {
        /// The URL is plain HTTP, and its host no loopback address.
        NotHttps = "not_https",
        /// The name of the host has no address.
        UnknownHost = "unknown_host",
        /// An address of the host is not public.
        NotPublic = "not_public",
        /// No connection came about.
        Unreachable = "unreachable",
        /// The certificate is not valid for the host.
        Certificate = "certificate",
        /// No answer came in time.
        TooSlow = "too_slow",
        /// The answer points to another URL.
        Redirects = "redirects",
        /// The answer has a status of 400 or above.
        Status = "status",
    }
}

/// One thing that a readiness check found wrong, and what would put it right.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ReadinessFinding {
    /// Which problem it is.
    pub code: ReadinessProblem,
    /// The HTTP status of the answer, where one came.
    pub status: Option<u16>,
    /// What is wrong, as a sentence for a person.
    pub problem: String,
    /// What would put it right, as an instruction.
    pub solution: String,
}

name! {
    /// The URL of a customer's site: `https://` (`http://` for loopback addresses alone passes a check), a host, a port and a
    /// path where they are needed; at most 500 visible ASCII characters, without user, password or fragment.
    SiteUrl, check_site_url
}

impl SiteUrl {
    /// Whether two URLs are of one site: scheme and host without case, and a `/` at the end more or less.
    pub fn same_site(&self, other: &SiteUrl) -> bool {
        self.canonical() == other.canonical()
    }

    fn canonical(&self) -> String {
        let (scheme, rest) = self.as_str().split_once("://").unwrap_or_default();
        let (authority, path) = rest.find(['/', '?']).map_or((rest, ""), |cut| rest.split_at(cut));
        format!("{}://{}{}", scheme.to_ascii_lowercase(), authority.to_ascii_lowercase(), path.trim_end_matches('/'))
    }
}

fn check_site_url(text: &str) -> Result<(), BadName> {
    // Not repeated: a password may stand where none belongs.
    let bad =
        || BadName { message: "expected a URL such as https://example.org/, without user or fragment".to_owned() };
    let visible = text.len() <= 500 && text.bytes().all(|byte| byte.is_ascii_graphic());
    let (scheme, rest) = text.split_once("://").filter(|_| visible).ok_or_else(bad)?;
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    // The brackets of an address of version 6 hold colons of their own.
    let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let known = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let port_fits = port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    let plain = !host.is_empty() && !text.contains(['#', '\\']) && !authority.contains(['@', '%']);
    if known && port_fits && plain { Ok(()) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: T3
    #[test]
    fn a_site_has_a_scheme_and_a_host_and_no_user() {
        for good in ["https://example.org", "https://example.org:8443/a?b", "http://[::1]:80/", "HTTP://127.0.0.1"] {
            assert!(SiteUrl::new(good).is_ok(), "{good}");
        }
        for wrong in ["", "example.org", "ftp://example.org", "https://", "https:///a", "https://a b", "https://x:0/"] {
            assert!(SiteUrl::new(wrong).is_err(), "{wrong}");
        }
        for wrong in ["https://x:y", "https://me:pw@example.org/", "https://a/#b", "https://a%40b"] {
            assert!(SiteUrl::new(wrong).is_err(), "{wrong}");
        }
        let error = SiteUrl::new("https://me:pass-7@example.org/").unwrap_err();
        assert!(!error.message.contains("pass-7"), "{error}");
    }

    // rule: T3
    #[test]
    fn a_site_is_the_same_with_and_without_its_last_slash() {
        let url = |text| SiteUrl::new(text).unwrap();
        assert!(url("https://Example.org").same_site(&url("HTTPS://example.org/")));
        assert!(!url("https://example.org/a").same_site(&url("https://example.org/A")));
        assert!(!url("https://example.org").same_site(&url("http://example.org")));
    }
}
