//! The secret of a webhook: deliveries are signed with it (Standard Webhooks: HMAC with SHA-256).

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2_of_hmac::Sha256;
use zeroize::Zeroizing;

use crate::evidence::base64;
use crate::tokens::{NoRandomness, random_bytes};

/// The length of a secret, in bytes: as many as the hash gives.
const SECRET_BYTES: usize = 32;

/// What a receiver and the ledger share. Shown by nothing but [`WebhookSecret::shown`], and wiped when dropped (rule: C14).
#[derive(Clone)]
pub struct WebhookSecret(Zeroizing<[u8; SECRET_BYTES]>);

impl WebhookSecret {
    /// Draws a new secret.
    pub fn draw() -> Result<WebhookSecret, NoRandomness> {
        random_bytes().map(WebhookSecret)
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<WebhookSecret> {
        let mut secret = Zeroizing::new([0; SECRET_BYTES]);
        if bytes.len() != SECRET_BYTES {
            return None;
        }
        secret.copy_from_slice(bytes);
        Some(WebhookSecret(secret))
    }

    pub(crate) fn secret(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// As whoever added the webhook is shown it, once: `whsec_` and base 64.
    pub fn shown(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("whsec_{}", *Zeroizing::new(base64(self.secret()))))
    }

    /// The signature of a delivery: over its id, the second it is sent in, and its body. `None` never happens: any length of
    /// key will do for HMAC.
    pub(crate) fn signature(&self, id: &str, seconds: i64, body: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret()).ok()?;
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body.as_bytes());
        Some(format!("v1,{}", base64(&mac.finalize().into_bytes())))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // rule: C14
    #[test]
    fn a_secret_is_shown_as_receivers_take_it_and_by_nothing_else() {
        let secret = WebhookSecret::from_bytes(&[7; 32]).unwrap();
        assert_eq!(secret.shown().as_str(), "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=");
        assert_eq!(format!("{secret:?}"), "WebhookSecret(hidden)");
        assert_ne!(WebhookSecret::draw().unwrap().secret(), WebhookSecret::draw().unwrap().secret());
        assert!(WebhookSecret::from_bytes(b"short").is_none());
    }

    /// Reckoned by `openssl dgst -sha256 -mac HMAC`.
    #[test]
    fn a_signature_is_over_id_second_and_body() {
        let secret = WebhookSecret::from_bytes(b"12345678901234567890123456789012").unwrap();
        let signature = secret.signature("abcimis-17-9f86d081", 1_700_000_000, "{\"position\":17}").unwrap();
        assert_eq!(signature, "v1,2Eryh/Mg2EPhMkkzCA/8dJzE/3et1Jt9LX5ZkNHTtdg=");
    }
}
