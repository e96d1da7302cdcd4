//! What the vault promises, shown on files.

use zeroize::Zeroizing;

use super::*;
use crate::passwords::Phc;
use crate::tokens::{Token, TokenKind};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A hash that can be found again in a file's bytes. (Not one that Argon2id made: the vault does not look into it.)
fn hashed(version: u64) -> Hashed {
    let salt = blake3::hash(&version.to_be_bytes()).to_hex();
    Hashed { version, phc: Phc::new(Zeroizing::new(format!("$argon2id$v=19$m=8,t=1,p=1$salt$start{salt}end"))) }
}

fn password(account: &str, version: u64) -> VaultWrite {
    VaultWrite::Password { tenant: "acme".to_owned(), account: account.to_owned(), hashed: hashed(version) }
}

fn named(account: &str, version: u64) -> VaultName {
    VaultName::Password { tenant: "acme".to_owned(), account: account.to_owned(), version }
}

fn versions(vault: &Vault, account: &str) -> Vec<u64> {
    let mut versions: Vec<_> = vault.passwords("acme", account).unwrap().iter().map(|h| h.version).collect();
    versions.sort();
    versions
}

fn digest() -> TokenDigest {
    Token::draw(TokenKind::Session).unwrap().digest()
}

fn file_holds(dir: &Path, needle: &[u8]) -> bool {
    let holds = |path: &Path| fs::read(path).unwrap().windows(needle.len()).any(|window| window == needle);
    fs::read_dir(dir).unwrap().any(|entry| holds(&entry.unwrap().path()))
}

fn holds_hash(dir: &Path, version: u64) -> bool {
    let phc = hashed(version).phc;
    let middle = phc.reveal().split("start").nth(1).unwrap();
    file_holds(dir, middle.as_bytes())
}

#[test]
fn a_new_password_lies_beside_the_old_one_until_that_is_retired() {
    let mut vault = Vault::in_memory().unwrap();
    vault.commit(&[password("jeff", 1)]).unwrap();
    vault.commit(&[password("jeff", u64::MAX), password("bob", 3)]).unwrap();
    assert_eq!(versions(&vault, "jeff"), [1, u64::MAX]);
    assert_eq!(vault.password("acme", "jeff", 1).unwrap().unwrap().reveal(), hashed(1).phc.reveal());
    assert_eq!(vault.retire(&[named("jeff", 1), named("jeff", 99)]).unwrap(), 1);
    assert_eq!(versions(&vault, "jeff"), [u64::MAX]);
    assert!(vault.password("acme", "jeff", 1).unwrap().is_none());
    assert!(vault.password("other", "jeff", u64::MAX).unwrap().is_none());
}

#[test]
fn a_batch_is_written_whole_or_not_at_all_and_nothing_is_overwritten() {
    let mut vault = Vault::in_memory().unwrap();
    vault.commit(&[password("jeff", 1)]).unwrap();
    let refused = vault.commit(&[password("bob", 2), password("jeff", 1)]);
    assert!(matches!(refused, Err(CommitError::Taken(name)) if name == named("jeff", 1)));
    assert_eq!(versions(&vault, "bob"), [0; 0]);
    vault.commit(&[]).unwrap();
}

#[test]
fn a_token_is_found_by_its_digest_alone() {
    let mut vault = Vault::in_memory().unwrap();
    let (session, token, mine, operators) = (Uuid::new_v4(), Uuid::new_v4(), digest(), digest());
    vault
        .commit(&[
            VaultWrite::Session { tenant: "acme".to_owned(), session, digest: mine },
            VaultWrite::SupportToken { operator: "ann".to_owned(), token, digest: operators },
        ])
        .unwrap();
    let stored = StoredSession { tenant: "acme".to_owned(), session, digest: mine };
    assert_eq!(vault.session(&mine).unwrap(), Some(stored.clone()));
    assert_eq!(vault.sessions().unwrap(), [stored]);
    assert_eq!(vault.session(&operators).unwrap(), None);
    assert_eq!(vault.support_token(&operators).unwrap().unwrap().operator, "ann");
    assert_eq!(vault.support_tokens().unwrap().len(), 1);
    assert_eq!(vault.support_token(&mine).unwrap(), None);

    let mut neighbour = *mine.as_bytes();
    neighbour[31] ^= 1;
    assert_eq!(vault.session(&TokenDigest::from_bytes(neighbour)).unwrap(), None, "same start, another digest");

    vault
        .retire(&[VaultName::Session { tenant: "acme".to_owned(), session }, VaultName::SupportToken { token }])
        .unwrap();
    assert_eq!(vault.session(&mine).unwrap(), None);
    assert_eq!(vault.support_token(&operators).unwrap(), None);
}

#[test]
fn contact_keys_come_back_for_their_tenant_alone() {
    let dir = tempfile::tempdir().unwrap();
    let keys = [ContactKey::draw().unwrap(), ContactKey::draw().unwrap()];
    let write = |tenant: &str, key: &ContactKey| VaultWrite::ContactKey {
        tenant: tenant.to_owned(),
        account: "jeff".to_owned(),
        key: key.clone(),
    };
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    vault.commit(&[write("acme", &keys[0]), write("other", &keys[1])]).unwrap();
    drop(vault);
    let vault = Vault::open(dir.path()).unwrap();
    let found = vault.contact_keys("acme").unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].0.as_str(), found[0].1.id(), found[0].1.secret()), ("jeff", keys[0].id(), keys[0].secret()));
    assert_eq!(vault.tenants().unwrap(), ["acme", "other"]);
}

/// The committer writes the vault first and the journal second. Whichever of the two a crash comes after, opening again and
/// dropping what the journal does not name leaves the old password in force, or the new one.
// rule: C14
#[test]
fn a_crash_between_vault_and_journal_leaves_either_password() {
    for journal_names in [1, 2] {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open_or_create(dir.path()).unwrap();
        vault.commit(&[password("jeff", 1)]).unwrap();
        vault.commit(&[password("jeff", 2)]).unwrap();
        drop(vault);
        let mut vault = Vault::open(dir.path()).unwrap();
        let dropped = vault.drop_unnamed("acme", |name| *name == named("jeff", journal_names)).unwrap();
        assert_eq!(dropped, [named("jeff", 3 - journal_names)]);
        assert_eq!(versions(&vault, "jeff"), [journal_names]);
        assert!(!holds_hash(dir.path(), 3 - journal_names) && holds_hash(dir.path(), journal_names));
    }
}

/// A crash while the vault itself is written: the pages are on disk already, the rollback journal is still there. What is
/// opened from such files is the state before the batch.
#[test]
fn a_crash_within_a_batch_leaves_the_state_before_it() {
    let (dir, crashed) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    vault.commit(&[password("jeff", 1)]).unwrap();
    let batch = vault.db.transaction().unwrap();
    insert(&batch, &password("jeff", 2)).unwrap();
    delete(&batch, &named("jeff", 1)).unwrap();
    batch.cache_flush().unwrap();
    for file in ["vault.db", "vault.db-journal"] {
        fs::copy(dir.path().join(file), crashed.path().join(file)).unwrap();
    }
    assert!(holds_hash(crashed.path(), 2), "the copy was made in the middle of the batch");
    let again = Vault::open(crashed.path()).unwrap();
    assert_eq!(versions(&again, "jeff"), [1]);
    assert!(!holds_hash(crashed.path(), 2), "what was rolled back is gone as well");
    assert!(!crashed.path().join("vault.db-journal").exists());
}

#[test]
fn start_up_drops_all_that_the_journal_does_not_name_of_that_tenant() {
    let mut vault = Vault::in_memory().unwrap();
    let key = ContactKey::draw().unwrap();
    let acme = || "acme".to_owned();
    vault
        .commit(&[
            password("jeff", 1),
            VaultWrite::Session { tenant: acme(), session: Uuid::nil(), digest: digest() },
            VaultWrite::ContactKey { tenant: acme(), account: "jeff".to_owned(), key: key.clone() },
            VaultWrite::ContactKey { tenant: "other".to_owned(), account: "jeff".to_owned(), key },
            VaultWrite::SupportToken { operator: "ann".to_owned(), token: Uuid::nil(), digest: digest() },
        ])
        .unwrap();
    assert_eq!(vault.drop_unnamed("acme", |_| true).unwrap(), []);
    assert_eq!(vault.drop_unnamed("acme", |_| false).unwrap().len(), 3);
    assert_eq!(vault.tenants().unwrap(), ["other"]);
    assert_eq!(vault.support_tokens().unwrap().len(), 1, "support's tokens are in no tenant's journal");
}

/// The story: SQLite copies rows from page to page as a table grows and shrinks, and a copy can outlive its row. With the
/// secrets in such rows, histories like these left hashes of long retired passwords in the file, with `secure_delete` on.
// rule: C14
#[test]
fn no_byte_of_a_retired_hash_stays_in_the_file() {
    for seed in [1u64, 9] {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open_or_create(dir.path()).unwrap();
        let mut state = seed.wrapping_mul(77777).wrapping_add(12345) | 1;
        let mut any_below = move |bound: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % bound
        };
        let (mut version, mut live, mut retired) = (0, Vec::new(), Vec::new());
        for _ in 0..60 {
            let mut writes = Vec::new();
            for _ in 0..any_below(120) {
                version += 1;
                let account = format!("{}{}", "a".repeat(any_below(40) as usize), any_below(100_000));
                writes.push(password(&account, version));
                live.push(named(&account, version));
            }
            vault.commit(&writes).unwrap();
            let mut names = Vec::new();
            for _ in 0..any_below(130).min(live.len() as u64) {
                names.push(live.swap_remove(any_below(live.len() as u64) as usize));
            }
            assert_eq!(vault.retire(&names).unwrap(), names.len());
            retired.extend(names);
        }
        let bytes = fs::read(dir.path().join("vault.db")).unwrap();
        let copies = bytes.windows(9).filter(|window| *window == b"$m=8,t=1,").count();
        assert_eq!(copies, live.len(), "one copy of each hash that is kept, none of any other");
        let pieces: std::collections::HashSet<&[u8]> = bytes.windows(16).collect();
        for name in retired {
            let VaultName::Password { version, .. } = name else { unreachable!() };
            let phc = hashed(version).phc;
            let digits = phc.reveal().split("start").nth(1).unwrap().as_bytes();
            assert!(digits.chunks_exact(16).all(|piece| !pieces.contains(piece)), "a piece of version {version}");
        }
    }
}

#[test]
fn a_slot_that_was_emptied_is_filled_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    vault.commit(&[password("jeff", 1), password("bob", 2)]).unwrap();
    for version in 3..300 {
        vault.commit(&[password("jeff", version)]).unwrap();
        vault.retire(&[named("jeff", version - if version == 3 { 2 } else { 1 })]).unwrap();
    }
    let slots: i64 = vault.db.query_row("SELECT count(*) FROM slots", [], |row| row.get(0)).unwrap();
    assert_eq!(slots, 3);
    assert_eq!((versions(&vault, "jeff"), versions(&vault, "bob")), (vec![299], vec![2]));
}

#[test]
fn a_slot_that_is_lost_is_damage_and_not_an_unknown_password() {
    let mut vault = Vault::in_memory().unwrap();
    vault.commit(&[password("jeff", 1)]).unwrap();
    vault.db.execute_batch("DELETE FROM slots").unwrap();
    assert!(matches!(vault.password("acme", "jeff", 1), Err(ReadError::Damaged(_))));
    let long = Phc::new(Zeroizing::new("x".repeat(128)));
    let write = VaultWrite::Password {
        tenant: "acme".to_owned(),
        account: "bob".to_owned(),
        hashed: Hashed { version: 2, phc: long },
    };
    assert!(matches!(vault.commit(&[write]), Err(CommitError::TooLong(_))));
}

// rule: C14
#[test]
fn after_a_password_was_replaced_the_old_hash_is_not_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    vault.commit(&[password("jeff", 1)]).unwrap();
    assert!(holds_hash(dir.path(), 1));
    vault.commit(&[password("jeff", 2)]).unwrap();
    vault.retire(&[named("jeff", 1)]).unwrap();
    assert!(!holds_hash(dir.path(), 1) && holds_hash(dir.path(), 2));
}

#[test]
fn an_erased_key_is_not_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let key = ContactKey::draw().unwrap();
    let (tenant, account) = ("acme".to_owned(), "jeff".to_owned());
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    let write = VaultWrite::ContactKey { tenant, account, key: key.clone() };
    vault.commit(std::slice::from_ref(&write)).unwrap();
    assert!(file_holds(dir.path(), key.secret()));
    vault.retire(&[write.name()]).unwrap();
    assert!(!file_holds(dir.path(), key.secret()));
}

#[test]
fn the_files_are_the_owners_alone_and_no_journal_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    vault.commit(&[password("jeff", 1)]).unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{entry:?}");
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["vault.db", "vault.lock"]);
    drop(vault);
    let file = dir.path().join("vault.db");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(OpenError::OpenToOthers { mode: 0o640, .. })));
}

#[test]
fn what_is_no_vault_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("vault.db");
    let owner_only = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    };
    assert!(matches!(Vault::open(dir.path()), Err(OpenError::Missing(_))));

    owner_only(b"");
    assert!(matches!(Vault::open(dir.path()), Err(OpenError::NotAVault(_))), "its making was interrupted");
    drop(Vault::open_or_create(dir.path()).unwrap());

    let vault = Vault::open(dir.path()).unwrap();
    assert!(matches!(Vault::open(dir.path()), Err(OpenError::InUse(_))));
    vault.db.execute_batch("PRAGMA user_version = 4").unwrap();
    drop(vault);
    assert!(matches!(Vault::open(dir.path()), Err(OpenError::UnknownFormat { format: 4, .. })));

    owner_only(&b"not a database at all, but long enough to have a header of its own".repeat(40));
    assert!(matches!(Vault::open(dir.path()), Err(OpenError::NotAVault(_))));

    fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(matches!(Vault::open_or_create(dir.path()), Err(OpenError::NotAVault(_))), "somebody else's database");
}

// rule: S6
#[test]
fn a_second_factor_is_kept_under_its_version_and_erased_when_it_is_retired() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    let seed = Seed::from_bytes(b"a seed of 20 letters").unwrap();
    let (tenant, account) = ("acme".to_owned(), "jeff".to_owned());
    let write = VaultWrite::SecondFactor { tenant, account, version: 7, seed };
    vault.commit(&[password("jeff", 7), write.clone()]).unwrap();
    assert!(matches!(vault.commit(std::slice::from_ref(&write)), Err(CommitError::Taken(_))));
    let found = vault.second_factor("acme", "jeff", 7).unwrap().unwrap();
    assert_eq!(found.secret(), b"a seed of 20 letters");
    assert!(vault.second_factor("acme", "jeff", 8).unwrap().is_none());
    assert!(file_holds(dir.path(), b"a seed of 20 letters"));
    let dropped = vault.drop_unnamed("acme", |name| matches!(name, VaultName::Password { .. })).unwrap();
    assert_eq!(dropped, [write.name()]);
    assert!(!file_holds(dir.path(), b"a seed of 20 letters"));
}

#[test]
fn a_vault_of_a_format_before_is_brought_up_and_keeps_what_it_holds() {
    for missing in [
        "DROP TABLE second_factors; DROP TABLE webhook_secrets; PRAGMA user_version = 1",
        "DROP TABLE webhook_secrets; PRAGMA user_version = 2",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut vault = Vault::open_or_create(dir.path()).unwrap();
        vault.commit(&[password("jeff", 1)]).unwrap();
        vault.db.execute_batch(missing).unwrap();
        drop(vault);
        for _ in 0..2 {
            let vault = Vault::open(dir.path()).unwrap();
            assert_eq!(versions(&vault, "jeff"), [1]);
            assert!(vault.second_factor("acme", "jeff", 1).unwrap().is_none());
            assert!(vault.webhook_secret("acme", 1).unwrap().is_none());
        }
    }
}

#[test]
fn a_webhooks_secret_is_kept_under_its_version_and_erased_when_it_is_retired() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    let secret = WebhookSecret::from_bytes(b"a secret of thirty-two letters..").unwrap();
    let write = VaultWrite::WebhookSecret { tenant: "acme".to_owned(), version: 7, secret };
    vault.commit(std::slice::from_ref(&write)).unwrap();
    assert!(matches!(vault.commit(std::slice::from_ref(&write)), Err(CommitError::Taken(_))));
    let found = vault.webhook_secret("acme", 7).unwrap().unwrap();
    assert_eq!(found.secret(), b"a secret of thirty-two letters..");
    assert!(vault.webhook_secret("acme", 8).unwrap().is_none() && vault.webhook_secret("other", 7).unwrap().is_none());
    let copied = vault.everything().unwrap();
    assert_eq!(copied.iter().map(VaultWrite::name).collect::<Vec<_>>(), [write.name()]);
    assert_eq!(vault.retire(&[write.name()]).unwrap(), 1);
    assert!(!file_holds(dir.path(), b"a secret of thirty-two letters.."));
}

/// A flipped bit in a hash must not count as a wrong password, nor one in a key as a person erased.
#[test]
fn a_damaged_secret_is_told_from_a_wrong_one() {
    let dir = tempfile::tempdir().unwrap();
    let key = ContactKey::draw().unwrap();
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    let (tenant, account) = ("acme".to_owned(), "jeff".to_owned());
    vault.commit(&[password("jeff", 1), VaultWrite::ContactKey { tenant, account, key: key.clone() }]).unwrap();
    drop(vault);
    let file = dir.path().join("vault.db");
    let mut bytes = fs::read(&file).unwrap();
    let phc = hashed(1).phc;
    for secret in [phc.reveal().as_bytes(), key.secret().as_slice()] {
        let at = bytes.windows(secret.len()).position(|window| window == secret).unwrap();
        bytes[at + 7] ^= 1;
    }
    fs::write(&file, bytes).unwrap();
    let vault = Vault::open(dir.path()).unwrap();
    assert!(matches!(vault.password("acme", "jeff", 1), Err(ReadError::Damaged(name)) if name == named("jeff", 1)));
    assert!(matches!(vault.contact_keys("acme"), Err(ReadError::Damaged(VaultName::ContactKey { .. }))));
}

/// A flipped bit in a name makes a secret one that nothing names. Dropping it would make the damage good for ever.
#[test]
fn what_is_called_otherwise_by_damage_is_not_dropped() {
    let mut vault = Vault::in_memory().unwrap();
    let key = ContactKey::draw().unwrap();
    let (tenant, account) = ("acme".to_owned(), "jeff".to_owned());
    vault.commit(&[password("jeff", 1), VaultWrite::ContactKey { tenant, account, key }]).unwrap();
    let call = |vault: &Vault, from: &str, to: &str| {
        for table in ["passwords", "contact_keys"] {
            vault.db.execute(&format!("UPDATE {table} SET account = ?2 WHERE account = ?1"), [from, to]).unwrap();
        }
    };
    call(&vault, "jeff", "jebf");
    let named = |name: &VaultName| format!("{name}").contains("`jeff`");
    assert_eq!(vault.drop_unnamed("acme", named).unwrap(), []);
    call(&vault, "jebf", "jeff");
    assert_eq!(vault.contact_keys("acme").unwrap().len(), 1);
    assert!(vault.password("acme", "jeff", 1).unwrap().is_some());
}

/// A slot that damage calls free would be filled with another's secret.
#[test]
fn a_slot_that_is_called_free_and_holds_something_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let mut vault = Vault::open_or_create(dir.path()).unwrap();
    vault.commit(&[password("jeff", 1)]).unwrap();
    for free in [1, 77] {
        vault.db.execute("DELETE FROM free_slots", []).unwrap();
        vault.db.execute("INSERT INTO free_slots (slot) VALUES (?1)", [free]).unwrap();
        drop(vault);
        let refused = Vault::open(dir.path()).unwrap_err();
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
        vault = Vault { db: rusqlite::Connection::open(dir.path().join("vault.db")).unwrap(), _lock: None };
    }
}

// rule: C14
#[test]
fn neither_debug_nor_errors_show_a_secret() {
    let mut vault = Vault::in_memory().unwrap();
    let key = ContactKey::draw().unwrap();
    let (tenant, account) = ("acme".to_owned(), "jeff".to_owned());
    let writes = [
        password("jeff", 1),
        VaultWrite::ContactKey { tenant: tenant.clone(), account, key },
        VaultWrite::Session { tenant, session: Uuid::nil(), digest: digest() },
    ];
    vault.commit(&writes).unwrap();
    let taken = vault.commit(&writes).unwrap_err();
    let shown =
        format!("{vault:?} {writes:?} {taken:?} {taken} {:?} {:?}", vault.sessions(), vault.passwords("acme", "jeff"));
    assert!(!shown.contains("argon2id"), "{shown}");
    assert_eq!(shown.matches("hidden").count(), 6, "{shown}");
}
