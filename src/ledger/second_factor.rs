//! Second factors: seeds, what a person's device is told of them, and codes looked at (TOTP, RFC 6238: SHA-1, six digits,
//! steps of 30 seconds, a step of drift to either side). That a code is used once is the book's matter (rule: S6).

use std::fmt;

use grantbook_decisions::CodeCheck;
use grantbook_events::Instant;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use crate::tokens::{NoRandomness, random_bytes};

/// The length of a seed, in bytes: what RFC 4226 recommends for SHA-1.
const SEED_BYTES: usize = 20;

/// The secret that a device and the ledger share. Shown by nothing but [`Shown`], and wiped when dropped (rule: C14).
#[derive(Clone)]
pub struct Seed(Zeroizing<[u8; SEED_BYTES]>);

/// What a person is shown of a seed, once: for their device, by hand or as a picture of the address.
#[derive(Clone)]
pub struct Shown {
    /// The seed in base 32, as people type it.
    pub secret: Zeroizing<String>,
    /// The same as an `otpauth` address, as devices read it.
    pub otpauth: Zeroizing<String>,
}

impl Seed {
    /// Draws a new seed.
    pub fn draw() -> Result<Seed, NoRandomness> {
        random_bytes().map(Seed)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Seed> {
        let mut seed = Zeroizing::new([0; SEED_BYTES]);
        if bytes.len() != SEED_BYTES {
            return None;
        }
        seed.copy_from_slice(bytes);
        Some(Seed(seed))
    }

    pub(crate) fn secret(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// What is shown of it, with the names of the tenant and of whoever has it; `None` where a name does not go into an
    /// address of this kind.
    pub fn show(&self, tenant: &str, account: &str) -> Option<Shown> {
        let issuer = Some(format!("Grantbook {tenant}"));
        let totp = self.builder().with_issuer(issuer).with_account_name(account).build().ok()?;
        let secret = Zeroizing::new(totp.secret().to_base32());
        Some(Shown { secret, otpauth: Zeroizing::new(totp.to_url().ok()?) })
    }

    /// Whether `code` is the seed's at `now`, or a step beside, and of which step.
    pub(crate) fn check(&self, code: &str, now: Instant) -> CodeCheck {
        let seconds = u64::try_from(now.microseconds() / 1_000_000).unwrap_or(0);
        match self.totp().and_then(|totp| totp.check(code, seconds)) {
            Some(step) => CodeCheck::Matched { step },
            None => CodeCheck::Wrong,
        }
    }

    fn totp(&self) -> Option<Totp> {
        self.builder().with_account_name("account").build().ok()
    }

    fn builder(&self) -> Builder {
        // The builder's defaults are those of RFC 6238 with a step of drift; stated here because codes depend on them.
        Builder::new()
            .with_secret(Secret::new(self.0.to_vec().into_boxed_slice()))
            .with_digits(6)
            .with_step_duration(30)
            .with_skew(1)
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(hidden)")
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The seed of RFC 6238's test vectors for SHA-1.
    fn example() -> Seed {
        Seed::from_bytes(b"12345678901234567890").unwrap()
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_microseconds(seconds * 1_000_000)
    }

    // rule: S6
    #[test]
    fn codes_are_those_of_rfc_6238_with_a_step_of_drift() {
        // The last six of the eight digits of appendix B.
        for (seconds, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            let step = u64::try_from(seconds / 30).unwrap();
            for drift in [-30, 0, 30] {
                assert_eq!(
                    example().check(code, at(seconds + drift)),
                    CodeCheck::Matched { step },
                    "{seconds} {drift}"
                );
            }
            for drift in [90, 3_600] {
                assert_eq!(example().check(code, at(seconds + drift)), CodeCheck::Wrong, "{seconds} {drift}");
            }
        }
        for wrong in ["000000", "28708", "2870822", "28708x", ""] {
            assert_eq!(example().check(wrong, at(59)), CodeCheck::Wrong, "{wrong}");
        }
    }

    // rules: S6, C14
    #[test]
    fn a_seed_is_shown_as_devices_take_it_and_by_nothing_else() {
        let shown = example().show("abcimis", "jeff").unwrap();
        assert_eq!(shown.secret.as_str(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(shown.otpauth.starts_with("otpauth://totp/Grantbook%20abcimis:jeff?"), "{}", shown.otpauth.as_str());
        assert!(shown.otpauth.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{}", shown.otpauth.as_str());
        assert_eq!(format!("{:?} {shown:?}", example()), "Seed(hidden) Shown(hidden)");
        assert_ne!(Seed::draw().unwrap().secret(), Seed::draw().unwrap().secret());
        assert!(Seed::from_bytes(b"short").is_none());
    }
}
