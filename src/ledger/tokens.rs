//! Bearer tokens, and the one place where this room draws random bytes.
//!
//! A token is shown once, to whoever it is made for. The ledger keeps its digest alone (rule: C14).

use std::fmt;

use zeroize::Zeroizing;

/// The operating system gave no random bytes. Nothing secret can be made until it does; nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes: {0}")]
pub struct NoRandomness(#[from] getrandom::Error);

/// What a token opens. Each kind has a prefix of its own, so that who scans text for leaked secrets can find them:
/// `gb[sro]_[0-9a-f]{64}`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenKind {
    /// The session of an account: `gbs_`.
    Session,
    /// The link of a password reset: `gbr_`. It opens nothing but the choice of a password, once (rule: P4).
    Reset,
    /// A support operator, who acts from outside a tenant: `gbo_` (rule: U4).
    SupportOperator,
}

impl TokenKind {
    fn prefix(self) -> &'static str {
        match self {
            TokenKind::Session => "gbs_",
            TokenKind::Reset => "gbr_",
            TokenKind::SupportOperator => "gbo_",
        }
    }
}

/// An opaque bearer token of 256 random bits. Says nothing of who holds it; wiped from memory when dropped.
#[derive(Clone)]
pub struct Token {
    kind: TokenKind,
    text: Zeroizing<String>,
}

impl Token {
    /// Draws a new token.
    pub fn draw(kind: TokenKind) -> Result<Token, NoRandomness> {
        let bits: Zeroizing<[u8; 32]> = random_bytes()?;
        let mut text = Zeroizing::new(String::with_capacity(kind.prefix().len() + 2 * bits.len()));
        text.push_str(kind.prefix());
        for byte in bits.iter() {
            text.extend([byte >> 4, byte & 15].map(hex_digit));
        }
        Ok(Token { kind, text })
    }

    /// Takes what a caller presents, where it has the form of a token of this kind. Whether it is one that was ever given
    /// out, only its digest can tell.
    pub fn parse(kind: TokenKind, presented: &str) -> Option<Token> {
        let digits = presented.strip_prefix(kind.prefix())?;
        let well_formed = digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        well_formed.then(|| Token { kind, text: Zeroizing::new(presented.to_owned()) })
    }

    /// What the token opens.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// What the ledger keeps in the token's place. The prefix is part of it, so that tokens of different kinds never meet.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(blake3::derive_key("grantbook token digest, version 1", self.text.as_bytes()).into())
    }

    /// The token itself, for the one answer that hands it to its holder.
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?}, hidden)", self.kind)
    }
}

/// BLAKE3 (key derivation mode) of a token. A token has 256 random bits, so no slow hash is needed to guard it. Compared in
/// constant time; may be the key of a map, which compares whole digests in constant time as well.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenDigest(blake3::Hash);

impl TokenDigest {
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> TokenDigest {
        TokenDigest(bytes.into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(hidden)")
    }
}

/// Random bytes from the operating system, wiped when dropped.
pub(crate) fn random_bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

/// A random number that names something, such as a version of a secret. Never 0, which stands for "none" in stored events.
pub(crate) fn random_name() -> Result<u64, NoRandomness> {
    loop {
        match getrandom::u64()? {
            0 => {}
            name => return Ok(name),
        }
    }
}

fn hex_digit(half: u8) -> char {
    char::from(if half < 10 { b'0' + half } else { b'a' + half - 10 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_says_what_it_opens_and_comes_back_as_itself() {
        for (kind, prefix) in
            [(TokenKind::Session, "gbs_"), (TokenKind::Reset, "gbr_"), (TokenKind::SupportOperator, "gbo_")]
        {
            let token = Token::draw(kind).unwrap();
            assert!(token.reveal().starts_with(prefix));
            assert_eq!(token.reveal().len(), 68);
            assert!(Token::parse(kind, token.reveal()).unwrap().digest() == token.digest());
            assert!(Token::draw(kind).unwrap().digest() != token.digest());
        }
    }

    #[test]
    fn a_token_of_one_kind_is_none_of_the_other() {
        let session = Token::draw(TokenKind::Session).unwrap();
        assert!(Token::parse(TokenKind::SupportOperator, session.reveal()).is_none());
        let digits = session.reveal().trim_start_matches("gbs_");
        let twin = Token::parse(TokenKind::SupportOperator, &format!("gbo_{digits}")).unwrap();
        assert!(twin.digest() != session.digest());
    }

    #[test]
    fn what_has_not_the_form_of_a_token_is_none() {
        let good = "0123456789abcdef".repeat(4);
        assert!(Token::parse(TokenKind::Session, &format!("gbs_{good}")).is_some());
        for wrong in ["", "gbs_", &good, &format!("gbs_{good}0"), &format!("gbs_{}", good.to_uppercase())] {
            assert!(Token::parse(TokenKind::Session, wrong).is_none(), "{wrong}");
        }
    }

    // rule: C14
    #[test]
    fn debug_shows_neither_token_nor_digest() {
        let token = Token::draw(TokenKind::Session).unwrap();
        let digest = token.digest();
        let shown = format!("{token:?} {digest:?}");
        assert_eq!(shown, "Token(Session, hidden) TokenDigest(hidden)");
    }
}
