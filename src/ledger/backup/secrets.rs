//! The vault's secrets as a backup holds them.

use uuid::Uuid;
use zeroize::Zeroizing;

use super::format::{Body, Frame, put_field};
use crate::passwords::{Hashed, Phc};
use crate::sealing::ContactKey;
use crate::second_factor::Seed;
use crate::tokens::TokenDigest;
use crate::vault::VaultWrite;
use crate::webhooks::WebhookSecret;

/// How many secrets a frame holds at most.
pub(super) const A_FRAME: usize = 4_096;

/// The body of a frame of secrets. Wiped when it is dropped.
pub(super) fn body(secrets: &[VaultWrite]) -> Zeroizing<Vec<u8>> {
    let mut to = Zeroizing::new(Vec::with_capacity(secrets.len() * 256));
    to.extend(u32::try_from(secrets.len()).unwrap_or(u32::MAX).to_be_bytes());
    for secret in secrets {
        match secret {
            VaultWrite::Password { tenant, account, hashed } => {
                put(&mut to, 1, [tenant, account], &hashed.version.to_be_bytes(), hashed.phc.reveal().as_bytes());
            }
            VaultWrite::SecondFactor { tenant, account, version, seed } => {
                put(&mut to, 2, [tenant, account], &version.to_be_bytes(), seed.secret());
            }
            VaultWrite::WebhookSecret { tenant, version, secret } => {
                put(&mut to, 6, [tenant, ""], &version.to_be_bytes(), secret.secret());
            }
            VaultWrite::Session { tenant, session, digest } => {
                put(&mut to, 3, [tenant, ""], session.as_bytes(), digest.as_bytes());
            }
            VaultWrite::SupportToken { operator, token, digest } => {
                put(&mut to, 4, [operator, ""], token.as_bytes(), digest.as_bytes());
            }
            VaultWrite::ContactKey { tenant, account, key } => {
                put(&mut to, 5, [tenant, account], &key.id().to_be_bytes(), key.secret());
            }
        }
    }
    to
}

fn put(to: &mut Vec<u8>, kind: u8, whose: [&str; 2], name: &[u8], secret: &[u8]) {
    to.push(kind);
    for field in [whose[0].as_bytes(), whose[1].as_bytes(), name, secret] {
        put_field(to, field);
    }
}

/// The secrets of a frame; `None` where it does not hold what it should.
pub(super) fn read(frame: &Frame) -> Option<Vec<VaultWrite>> {
    let mut body = Body::of(frame);
    let count = body.u32()?;
    let mut secrets = Vec::new();
    for _ in 0..count {
        secrets.push(one(&mut body)?);
    }
    body.is_over().then_some(secrets)
}

fn one(body: &mut Body<'_>) -> Option<VaultWrite> {
    let kind = body.u8()?;
    let mut text = || Some(std::str::from_utf8(body.field()?).ok()?.to_owned());
    let (tenant, account) = (text()?, text()?);
    let (name, secret) = (body.field()?, body.field()?);
    let number = || Some(u64::from_be_bytes(name.try_into().ok()?));
    let id = || Uuid::from_slice(name).ok();
    let digest = || Some(TokenDigest::from_bytes(secret.try_into().ok()?));
    Some(match kind {
        1 => {
            let phc = Phc::new(Zeroizing::new(std::str::from_utf8(secret).ok()?.to_owned()));
            VaultWrite::Password { tenant, account, hashed: Hashed { version: number()?, phc } }
        }
        2 => VaultWrite::SecondFactor { tenant, account, version: number()?, seed: Seed::from_bytes(secret)? },
        3 => VaultWrite::Session { tenant, session: id()?, digest: digest()? },
        4 => VaultWrite::SupportToken { operator: tenant, token: id()?, digest: digest()? },
        5 => {
            let key = ContactKey::new(number()?, Zeroizing::new(secret.try_into().ok()?));
            VaultWrite::ContactKey { tenant, account, key }
        }
        6 => VaultWrite::WebhookSecret { tenant, version: number()?, secret: WebhookSecret::from_bytes(secret)? },
        _ => return None, // any other kind is of another version
    })
}
