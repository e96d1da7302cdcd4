//! Passwords: Argon2id at a cost that is configuration, by a bounded number of threads, never on the writer's path.
//!
//! A password enters as [`Password`] and leaves as [`Phc`], the text that holds salt, cost and hash. Neither is ever shown
//! by `Debug`, and both are wiped from memory when dropped (rule: C14).

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{self, PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::tokens::{NoRandomness, random_bytes, random_name};

/// A password in the clear, on its way to be hashed: at most [`Password::MAX_BYTES`] long. What else a password must be is
/// the tenant's policy (rule: C5), which is not decided here.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// A password longer than [`Password::MAX_BYTES`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a password has at most {} bytes", Password::MAX_BYTES)]
pub struct PasswordTooLong;

impl Password {
    /// The upper bound of a password's length, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 1024;

    /// Takes a password; what is too long is wiped and refused.
    pub fn new(text: String) -> Result<Password, PasswordTooLong> {
        let text = Zeroizing::new(text);
        if text.len() > Self::MAX_BYTES { Err(PasswordTooLong) } else { Ok(Password(text)) }
    }

    /// The password itself: to check it against the policy, or to show a drawn one once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}

/// A password's hash as the vault keeps it: a PHC string, `$argon2id$v=19$m=..,t=..,p=..$salt$hash`.
#[derive(Clone)]
pub struct Phc(Zeroizing<String>);

impl Phc {
    pub(crate) fn new(text: Zeroizing<String>) -> Phc {
        Phc(text)
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Phc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phc(hidden)")
    }
}

/// A hashed password under the random version by which the event that sets it names it. The version says nothing of the
/// password.
#[derive(Clone, Debug)]
pub struct Hashed {
    /// Random, never 0.
    pub version: u64,
    /// What the vault keeps.
    pub phc: Phc,
}

/// What one hash costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashingCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub iterations: u32,
    /// Lanes of memory (all computed by one thread here).
    pub lanes: u32,
}

impl Default for HashingCost {
    /// What OWASP recommends for Argon2id: 19 MiB, 2 passes, 1 lane.
    fn default() -> Self {
        HashingCost { memory_kib: 19 * 1024, iterations: 2, lanes: 1 }
    }
}

impl HashingCost {
    /// The least that Argon2id allows. For tests only.
    pub fn minimum() -> Self {
        HashingCost { memory_kib: Params::MIN_M_COST, iterations: Params::MIN_T_COST, lanes: Params::MIN_P_COST }
    }

    /// Whether an installation that serves people may hash at this cost: at least 7 MiB, and memory times passes no less
    /// than in the weakest setting that OWASP recommends (7 MiB, 5 passes).
    pub fn fit_for_service(&self) -> bool {
        let floor = 7 * 1024;
        self.memory_kib >= floor && u64::from(self.memory_kib) * u64::from(self.iterations) >= u64::from(floor) * 5
    }
}

/// How many hashes are computed at once, and how many may wait for their turn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashingPool {
    /// Hashes computed at the same time, each on a thread of its own and with [`HashingCost::memory_kib`] of memory.
    pub at_once: usize,
    /// Hashes that may wait beyond those; further ones are refused as [`HashingError::Busy`].
    pub waiting: usize,
}

impl Default for HashingPool {
    /// As many at once as there are processors, and 1,024 waiting.
    fn default() -> Self {
        HashingPool { at_once: std::thread::available_parallelism().map_or(1, |n| n.get()), waiting: 1024 }
    }
}

/// Why there is no hasher.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// Argon2id does not allow this cost.
    #[error("Argon2id does not allow the cost {0:?}: it needs at least 8 KiB of memory a lane, 1 iteration and 1 lane")]
    CostNotAllowed(HashingCost),
    /// A pool that computes nothing.
    #[error("no hash at once is no pool: at least 1 is needed")]
    NothingAtOnce,
    /// No random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Why a password was neither hashed nor compared.
#[derive(Debug, thiserror::Error)]
pub enum HashingError {
    /// As many hashes wait as may: try again later.
    #[error("too many passwords are being checked; try again later")]
    Busy,
    /// The stored hash is none: the vault is damaged there, which says nothing of the password.
    #[error("the stored password hash is not one that Argon2id made")]
    Malformed,
    /// The hash could not be computed, for want of memory or because the program is stopping.
    #[error("the password hash could not be computed")]
    NotComputed,
    /// No random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Hashes and compares passwords, on threads of its own kind and a bounded number of them. Cheap to clone; clones share
/// the bound.
#[derive(Clone)]
pub struct PasswordHasher {
    argon2: Argon2<'static>,
    /// One permit a hash that is computed or waits.
    admitted: Arc<Semaphore>,
    /// One permit a hash that is computed.
    computing: Arc<Semaphore>,
    /// A hash of nobody's password, to spend on unknown usernames what known ones cost.
    nobody: Arc<Phc>,
}

impl PasswordHasher {
    /// A hasher at this cost. Computes one hash, so it takes as long as one sign-in.
    pub fn new(cost: HashingCost, pool: HashingPool) -> Result<PasswordHasher, HasherError> {
        let params = Params::new(cost.memory_kib, cost.iterations, cost.lanes, None)
            .map_err(|_| HasherError::CostNotAllowed(cost))?;
        if pool.at_once == 0 {
            return Err(HasherError::NothingAtOnce);
        }
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = match hash_now(&argon2, &random_password()?) {
            Ok(phc) => phc,
            Err(HashingError::NoRandomness(e)) => return Err(e.into()),
            Err(HashingError::Busy | HashingError::Malformed | HashingError::NotComputed) => {
                return Err(HasherError::CostNotAllowed(cost));
            }
        };
        let at_once = pool.at_once.min(Semaphore::MAX_PERMITS / 2);
        let admitted = at_once + pool.waiting.min(Semaphore::MAX_PERMITS / 2);
        Ok(PasswordHasher {
            argon2,
            admitted: Arc::new(Semaphore::new(admitted)),
            computing: Arc::new(Semaphore::new(at_once)),
            nobody: Arc::new(nobody),
        })
    }

    /// Hashes a password under a new random version, with a new salt.
    pub async fn hash(&self, password: Password) -> Result<Hashed, HashingError> {
        let version = random_name()?;
        let phc = self.in_turn(move |argon2| hash_now(argon2, &password)).await?;
        Ok(Hashed { version, phc })
    }

    /// Whether the password is the one that was hashed. Costs what that hash was made with, compares in constant time.
    pub async fn verify(&self, password: Password, phc: Phc) -> Result<bool, HashingError> {
        self.in_turn(move |argon2| verify_now(argon2, &password, &phc)).await
    }

    /// Spends on an unknown username what a known one costs, so that the time of a refusal does not tell which it was
    /// (rule: C11).
    pub async fn verify_nothing(&self, password: Password) -> Result<(), HashingError> {
        let nobody = Arc::clone(&self.nobody);
        self.in_turn(move |argon2| verify_now(argon2, &password, &nobody).map(|_| ())).await
    }

    /// Runs on a thread that may block, when it is its turn. The permits go with the work, not with the caller: a caller
    /// who goes away frees no place before the work is done.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'static>) -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let admitted = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| HashingError::Busy)?;
        let computing = Arc::clone(&self.computing).acquire_owned().await.map_err(|_| HashingError::NotComputed)?;
        let argon2 = self.argon2.clone();
        tokio::task::spawn_blocking(move || {
            let done = work(&argon2);
            drop((computing, admitted));
            done
        })
        .await
        .unwrap_or(Err(HashingError::NotComputed))
    }
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher").finish_non_exhaustive()
    }
}

/// Draws a password for an account that gets its first one from the ledger (rules: M1, M3): five groups of five letters
/// and digits that are not mistaken for each other when read aloud or typed (124 bits), with at least one letter and one
/// digit (rule: C5).
pub fn random_password() -> Result<Password, NoRandomness> {
    loop {
        let drawn = draw_groups()?;
        let some = |is: fn(&u8) -> bool| drawn.bytes().any(|b| is(&b));
        if some(u8::is_ascii_alphabetic) && some(u8::is_ascii_digit) {
            return Ok(Password(drawn));
        }
    }
}

/// The letters and digits of drawn passwords: no `i`, `l`, `o`, `0` or `1`.
const READABLE: &[u8; 31] = b"abcdefghjkmnpqrstuvwxyz23456789";

fn draw_groups() -> Result<Zeroizing<String>, NoRandomness> {
    let mut text = Zeroizing::new(String::with_capacity(29));
    while text.len() < 29 {
        // Five random bits choose one of 31; the 32nd outcome chooses none, so that all are equally likely.
        let bits: Zeroizing<[u8; 1]> = random_bytes()?;
        if let Some(letter) = bits.first().and_then(|b| READABLE.get(usize::from(b & 31))) {
            text.push(char::from(*letter));
            if text.len() < 29 && text.len() % 6 == 5 {
                text.push('-');
            }
        }
    }
    Ok(text)
}

fn hash_now(argon2: &Argon2<'_>, password: &Password) -> Result<Phc, HashingError> {
    let bits: Zeroizing<[u8; 16]> = random_bytes()?;
    let salt = SaltString::encode_b64(bits.as_slice()).map_err(|_| HashingError::NotComputed)?;
    let hash = argon2.hash_password(password.0.as_bytes(), &salt).map_err(|_| HashingError::NotComputed)?;
    Ok(Phc::new(Zeroizing::new(hash.to_string())))
}

fn verify_now(argon2: &Argon2<'_>, password: &Password, phc: &Phc) -> Result<bool, HashingError> {
    let stored = PasswordHash::new(phc.reveal()).map_err(|_| HashingError::Malformed)?;
    match argon2.verify_password(password.0.as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::Password) => Ok(false),
        Err(_) => Err(HashingError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn hasher() -> PasswordHasher {
        PasswordHasher::new(HashingCost::minimum(), HashingPool::default()).unwrap()
    }

    fn password(text: &str) -> Password {
        Password::new(text.to_owned()).unwrap()
    }

    // rule: C14
    #[tokio::test]
    async fn a_password_is_hashed_with_argon2id_and_known_again() {
        let hasher = hasher();
        let hashed = hasher.hash(password("correct horse 1")).await.unwrap();
        assert!(hashed.phc.reveal().starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert!(hasher.verify(password("correct horse 1"), hashed.phc.clone()).await.unwrap());
        assert!(!hasher.verify(password("correct horse 2"), hashed.phc.clone()).await.unwrap());
        assert!(!hasher.verify(password(""), hashed.phc).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_twice_is_two_hashes_and_two_versions() {
        let hasher = hasher();
        let (one, two) = (hasher.hash(password("same1")).await.unwrap(), hasher.hash(password("same1")).await.unwrap());
        assert_ne!(one.version, two.version);
        assert_ne!(one.phc.reveal(), two.phc.reveal());
    }

    #[tokio::test]
    async fn a_hash_made_at_another_cost_is_still_known() {
        let dearer = HashingCost { memory_kib: 64, iterations: 3, lanes: 2 };
        let hashed =
            PasswordHasher::new(dearer, HashingPool::default()).unwrap().hash(password("moved1")).await.unwrap();
        assert!(hasher().verify(password("moved1"), hashed.phc).await.unwrap());
    }

    #[tokio::test]
    async fn a_damaged_hash_is_not_a_wrong_password() {
        for text in
            ["", "$argon2id$", "plain", "$argon2id$v=19$m=1,t=0,p=0$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"]
        {
            let phc = Phc::new(Zeroizing::new(text.to_owned()));
            assert!(matches!(hasher().verify(password("any1"), phc).await, Err(HashingError::Malformed)), "{text}");
        }
    }

    #[test]
    fn a_password_has_an_upper_bound() {
        assert!(Password::new("x".repeat(1024)).is_ok());
        assert_eq!(Password::new("x".repeat(1025)).unwrap_err(), PasswordTooLong);
    }

    #[test]
    fn costs_that_argon2_does_not_allow_are_refused() {
        for wrong in [
            HashingCost { memory_kib: 7, ..HashingCost::minimum() },
            HashingCost { iterations: 0, ..HashingCost::minimum() },
            HashingCost { lanes: 0, ..HashingCost::minimum() },
        ] {
            assert!(matches!(
                PasswordHasher::new(wrong, HashingPool::default()),
                Err(HasherError::CostNotAllowed(cost)) if cost == wrong
            ));
        }
        assert!(HashingCost::default().fit_for_service());
        assert!(HashingCost { memory_kib: 7 * 1024, iterations: 5, lanes: 1 }.fit_for_service());
        assert!(!HashingCost { memory_kib: 7 * 1024, iterations: 4, lanes: 1 }.fit_for_service());
        assert!(!HashingCost::minimum().fit_for_service());
    }

    // rules: M1, C5
    #[test]
    fn a_drawn_password_is_readable_and_satisfies_the_policy() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..2000 {
            let drawn = random_password().unwrap();
            let text = drawn.reveal();
            assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [5, 5, 5, 5, 5], "{text}");
            assert!(text.bytes().all(|b| b == b'-' || READABLE.contains(&b)), "{text}");
            assert!(text.bytes().any(|b| b.is_ascii_digit()) && text.bytes().any(|b| b.is_ascii_lowercase()));
            seen.extend(text.bytes());
        }
        assert_eq!(seen.len(), READABLE.len() + 1);
    }

    // rule: C14
    #[tokio::test]
    async fn debug_shows_no_secret() {
        let hasher = hasher();
        let secret = password("tell-nobody-1");
        let hashed = hasher.hash(secret.clone()).await.unwrap();
        let shown = format!("{secret:?} {hashed:?} {hasher:?}");
        assert!(!shown.contains("tell-nobody-1") && !shown.contains("argon2id"), "{shown}");
    }

    /// Permits taken stand for hashes under way: two at once, one waiting, the fourth is refused.
    #[tokio::test]
    async fn no_more_hash_at_once_than_the_pool_allows() {
        let pool = HashingPool { at_once: 2, waiting: 1 };
        let hasher = PasswordHasher::new(HashingCost::minimum(), pool).unwrap();
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let stopped = Arc::new(std::sync::Mutex::new(stopped));
        let held: Vec<_> = (0..2)
            .map(|_| {
                let (hasher, stopped) = (hasher.clone(), Arc::clone(&stopped));
                tokio::spawn(async move {
                    hasher
                        .in_turn(move |_| {
                            let _ = stopped.lock().unwrap().recv();
                            Ok(())
                        })
                        .await
                })
            })
            .collect();
        while hasher.computing.available_permits() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let waiting = tokio::spawn({
            let hasher = hasher.clone();
            async move { hasher.hash(password("third1")).await }
        });
        while hasher.admitted.available_permits() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(matches!(hasher.hash(password("fourth1")).await, Err(HashingError::Busy)));
        for caller in held {
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
        }
        assert_eq!(hasher.computing.available_permits(), 0, "a caller who goes away frees no place");
        drop(stop);
        assert!(waiting.await.unwrap().is_ok());
        assert!(hasher.hash(password("fifth1")).await.is_ok());
    }

    // rule: C11
    #[tokio::test]
    async fn an_unknown_username_costs_what_a_known_one_costs() {
        let cost = HashingCost { memory_kib: 4096, iterations: 2, lanes: 1 };
        let hasher = PasswordHasher::new(cost, HashingPool::default()).unwrap();
        let known = hasher.hash(password("known1")).await.unwrap().phc;
        let (mut on_known, mut on_unknown) = (Duration::MAX, Duration::MAX);
        for _ in 0..8 {
            let start = Instant::now();
            assert!(!hasher.verify(password("guess1"), known.clone()).await.unwrap());
            on_known = on_known.min(start.elapsed());
            let start = Instant::now();
            hasher.verify_nothing(password("guess1")).await.unwrap();
            on_unknown = on_unknown.min(start.elapsed());
        }
        assert!(on_unknown * 3 > on_known && on_known * 3 > on_unknown, "{on_known:?} {on_unknown:?}");
    }
}
