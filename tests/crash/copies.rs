//! Copies of a ledger: backups taken while it works, restored elsewhere, damaged, cut; and the mirror, from which the whole is
//! rebuilt whatever happened to the store.

use std::fs;
use std::path::{Path, PathBuf};

use grantbook::verify::verify;
use grantbook_ledger::backup::{BackupError, Cut, RestoreError, Until, check, rebuild_from_mirror, restore};
use grantbook_ledger::events::{Position, SignInPlane};
use grantbook_ledger::{Caller, Ledger, MirrorError, OpenError, Options, Origin, TenantHandle};
use serde_json::json;

use crate::ruin::ruin;
use crate::support::{
    FIRST_PASSWORD, OWN_PASSWORD, Random, caller, cloud_id, copy_dir, give, number, open, operator, options, sign_in,
    staff, tenant,
};

fn with_mirror(dir: &Path, mirror: &Path) -> Options {
    Options { mirror: Some(mirror.to_owned()), ..options(dir) }
}

/// The stored bytes of every entry of the ledger, tenant by tenant.
fn stored(ledger: &Ledger) -> Vec<(String, Vec<Vec<u8>>)> {
    let volumes = ledger.volumes();
    let all = volumes.iter().map(|volume| {
        let entries = volume.stored(volume.root().0).map(|read| read.unwrap().1).collect();
        (volume.stream().as_str().to_owned(), entries)
    });
    all.collect()
}

/// Two tenants with people, and MANAGER of the first.
async fn peopled(ledger: &Ledger) -> (TenantHandle, Caller) {
    let (other, manager) = tenant(ledger, "other").await;
    staff(&other, &manager, &["ann".to_owned()], |_| true).await;
    let (tenant, manager) = tenant(ledger, "abcimis").await;
    staff(&tenant, &manager, &["bob".to_owned(), "jeff".to_owned()], |_| true).await;
    give(&tenant, &manager, json!({"name": "create_role", "role": "Passing", "description": ""})).await;
    (tenant, manager)
}

async fn works_and_is_whole(dir: &Path, personal: &str) -> Ledger {
    let ledger = open(dir).await;
    let verified = verify(&ledger, &mut |_, _| {});
    assert_eq!(verified.problems, []);
    for (name, who) in [("abcimis", "bob"), ("other", "ann")] {
        let tenant = ledger.tenant_named(&cloud_id(name)).unwrap();
        sign_in(&tenant, who, OWN_PASSWORD, SignInPlane::Dashboard).await.unwrap();
    }
    let tenant = ledger.tenant_named(&cloud_id("abcimis")).unwrap();
    let shown: String = (1..=tenant.last().0)
        .map(|at| tenant.show(Some(Position(at)), &tenant.entry(Position(at)).unwrap()).to_string())
        .collect();
    assert!(shown.contains(personal), "personal values can be read again");
    ledger
}

// rules: U5, U4
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_at_work_is_of_one_moment_and_gives_a_whole_ledger() {
    let place = tempfile::tempdir().unwrap();
    let (dir, file, there) = (place.path().join("data"), place.path().join("all.gbb"), place.path().join("there"));
    let ledger = open(&dir).await;
    let (tenant, manager) = peopled(&ledger).await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (working, mine, hand) = (stop.clone(), tenant.clone(), manager.clone());
    let at_work = tokio::spawn(async move {
        let mut number = 0;
        while !working.load(std::sync::atomic::Ordering::SeqCst) {
            number += 1;
            let (account, name) = (format!("late-{number}"), format!("Late Number {number}"));
            let credentials = json!({"name": "create_credentials", "account": account, "username": account,
                "password": "first password 1", "user_class": "public"});
            let add = json!({"name": "add_contact", "account": account, "full_name": name});
            give(&mine, &hand, json!({"commands": [add, credentials]})).await;
        }
        number
    });
    let (folder, key) = (dir.join("checkpoints").join("abcimis"), "PRIVATE+KEY+as+it+was");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("example"), key).unwrap();
    fs::write(folder.join("example.new"), "half").unwrap();
    while tenant.last().0 < 30 {
        tokio::task::yield_now().await;
    }
    let taken = ledger.backup(&operator(), &file, |_, _| {}).await.unwrap();
    stop.store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(at_work.await.unwrap() > 0);
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!((mode & 0o777, fs::metadata(&file).unwrap().len()), (0o600, taken.bytes));
    assert!(matches!(ledger.backup(&operator(), &file, |_, _| {}).await, Err(BackupError::Exists(_))));
    assert_eq!(check(&file).unwrap(), taken.whole);
    // It is in the book, by whom and with its name.
    let entries = ledger.installation_entries(Position(1)).unwrap();
    let (_, last) = entries.last().unwrap();
    assert!(
        format!("{last:?}").contains(&taken.whole.digest) && format!("{:?}", last.actor).contains("ops"),
        "{last:?}"
    );

    let restored = restore(&file, &options(&there), &operator(), None).await.unwrap();
    assert_eq!(restored.digest, taken.whole.digest);
    let back = there.join("checkpoints").join("abcimis");
    assert_eq!(fs::read_to_string(back.join("example")).unwrap(), key);
    assert!(!back.join("example.new").exists());
    let copy = works_and_is_whole(&there, "Late Number 1").await;
    let last = taken.whole.contents.streams.iter().find(|(stream, _, _)| stream.as_str() == "abcimis").unwrap().1;
    let (of_first, of_copy) = (stored(&ledger), stored(&copy));
    for (name, entries) in &of_first {
        let kept = of_copy.iter().find(|(copied, _)| copied == name).unwrap();
        let common = if name == "abcimis" { usize::try_from(last).unwrap() } else { entries.len() - 1 };
        assert_eq!(entries[..common], kept.1[..common], "{name}");
    }
    let acts = copy.installation_entries(Position(1)).unwrap();
    assert!(format!("{acts:?}").contains("StoreRestored"));
    copy.close().await.unwrap();
    // Nothing is ever overwritten.
    let again = restore(&file, &options(&there), &operator(), None).await;
    assert!(matches!(again, Err(RestoreError::NotEmpty(_))), "{again:?}");
    drop(tenant);
    ledger.close().await.unwrap();
}

/// A ledger's backup, and where it lies.
async fn backed_up(place: &Path) -> PathBuf {
    let file = place.join("all.gbb");
    let ledger = open(&place.join("data")).await;
    drop(peopled(&ledger).await);
    ledger.backup(&operator(), &file, |_, _| {}).await.unwrap();
    ledger.close().await.unwrap();
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_there_and_empty_is_restored_into_and_stays_the_one_it_is() {
    let place = tempfile::tempdir().unwrap();
    let file = backed_up(place.path()).await;
    let at = |name: &str| place.path().join(name);
    for name in ["volume", "linked", "dot", "slash"] {
        fs::create_dir(at(name)).unwrap();
    }
    // What a new file system brings along; and what is mounted or linked cannot be replaced, only filled.
    fs::create_dir(at("volume").join("lost+found")).unwrap();
    std::os::unix::fs::symlink(at("linked"), at("link")).unwrap();
    for (name, dir) in [
        ("volume", at("volume")),
        ("linked", at("link")),
        ("dot", at("dot").join(".")),
        ("slash", at("slash").join("")),
        ("new", at("new").join("")),
    ] {
        let inode = || fs::metadata(at(name)).map(|meta| std::os::unix::fs::MetadataExt::ino(&meta)).ok();
        let before = inode();
        restore(&file, &options(&dir), &operator(), None).await.unwrap();
        assert!(before.is_none() || before == inode(), "{name}");
        assert!(!dir.join(".restoring").exists());
        works_and_is_whole(&dir, "\"bob\"").await.close().await.unwrap();
    }
    let mut left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["all.gbb", "data", "dot", "link", "linked", "new", "slash", "volume"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_restoration_is_no_ledger_and_is_done_again() {
    let place = tempfile::tempdir().unwrap();
    let file = backed_up(place.path()).await;
    let there = place.path().join("there");
    // As a kill leaves it while it is built, and while it is put in its place.
    copy_dir(&place.path().join("data"), &there.join(".restoring"));
    let before = crate::support::bytes_of(&there);
    let refused = Ledger::open(options(&there)).await.err().unwrap();
    assert!(matches!(refused, OpenError::HalfRestored(_)), "{refused}");
    assert!(crate::support::bytes_of(&there) == before);
    fs::rename(there.join(".restoring").join("vault.db"), there.join("vault.db")).unwrap();
    let before = crate::support::bytes_of(&there);
    let refused = restore(&file, &options(&there), &operator(), None).await.unwrap_err();
    assert!(refused.to_string().contains("lies `vault.db`"), "{refused}");
    assert!(crate::support::bytes_of(&there) == before, "what may be somebody's is left as it was");
    fs::remove_file(there.join("vault.db")).unwrap();
    restore(&file, &options(&there), &operator(), None).await.unwrap();
    works_and_is_whole(&there, "\"bob\"").await.close().await.unwrap();
    // The same of a journal alone.
    fs::rename(there.join("journal"), there.join("journal.restoring")).unwrap();
    let refused = Ledger::open(options(&there)).await.err().unwrap();
    assert!(matches!(refused, OpenError::HalfRestored(_)), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tenant_is_restored_to_a_position_and_the_others_whole() {
    let place = tempfile::tempdir().unwrap();
    let (dir, file) = (place.path().join("data"), place.path().join("all.gbb"));
    let ledger = open(&dir).await;
    let (tenant, manager) = peopled(&ledger).await;
    let then = tenant.last();
    give(&tenant, &manager, json!({"name": "assign_role", "account": "bob", "role": "Passing"})).await;
    let before = stored(&ledger);
    ledger.backup(&operator(), &file, |_, _| {}).await.unwrap();
    drop(tenant);
    ledger.close().await.unwrap();
    let there = place.path().join("there");
    let until = |position| Until { tenant: cloud_id("abcimis"), position };
    for beyond in [Position(0), Position(then.0 + 2)] {
        let refused = restore(&file, &options(&there), &operator(), Some(&until(beyond))).await;
        assert!(matches!(refused, Err(RestoreError::NoSuchPosition { .. })), "{refused:?}");
    }
    restore(&file, &options(&there), &operator(), Some(&until(then))).await.unwrap();
    let copy = open(&there).await;
    assert_eq!(copy.tenant_named(&cloud_id("abcimis")).unwrap().last(), then);
    let kept = stored(&copy);
    let of =
        |all: &[(String, Vec<Vec<u8>>)], name: &str| all.iter().find(|(found, _)| found == name).unwrap().1.clone();
    assert_eq!(of(&before, "other"), of(&kept, "other"));
    assert_eq!(of(&before, "abcimis")[..usize::try_from(then.0).unwrap()], of(&kept, "abcimis")[..]);
    assert_eq!(verify(&copy, &mut |_, _| {}).problems, []);
    copy.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_tenant_lacks_that_is_restored_to_a_position_is_told_as_verify_tells_it() {
    let place = tempfile::tempdir().unwrap();
    let (dir, file, there) = (place.path().join("data"), place.path().join("all.gbb"), place.path().join("there"));
    let ledger = open(&dir).await;
    let (tenant, manager) = peopled(&ledger).await;
    give(&tenant, &manager, json!({"name": "add_contact", "account": "p7", "full_name": "Otto Gone"})).await;
    let then = tenant.last();
    tenant.change_password("bob", OWN_PASSWORD, "third password 3", &Origin::default()).await.unwrap();
    give(&tenant, &manager, json!({"name": "erase_contact", "account": "p7", "ticket": "T-7"})).await;
    let signed = tenant.last().0;
    tenant.checkpoint(signed).unwrap();
    ledger.backup(&operator(), &file, |_, _| {}).await.unwrap();
    drop(tenant);
    ledger.close().await.unwrap();
    let until = |position| Until { tenant: cloud_id("abcimis"), position };
    let whole =
        restore(&file, &options(&place.path().join("whole")), &operator(), Some(&until(Position(signed)))).await;
    assert_eq!(whole.unwrap().cut, Some(Cut::default()));
    let restored = restore(&file, &options(&there), &operator(), Some(&until(then))).await.unwrap();
    let cut = restored.cut.unwrap();
    let names: Vec<String> = cut.secrets.iter().map(|secret| secret.name.to_string()).collect();
    assert!(names.iter().any(|name| name.contains("password") && name.contains("`bob`")), "{names:?}");
    assert!(names.iter().any(|name| name.contains("contact key") && name.contains("`p7`")), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("`jeff`")), "{names:?}");
    assert_eq!(cut.checkpoints.iter().map(|(_, size)| *size).max(), Some(signed));
    // Neither password opens; a new one does, and what is done about it is not told any more.
    let copy = open(&there).await;
    let tenant = copy.tenant_named(&cloud_id("abcimis")).unwrap();
    for password in [OWN_PASSWORD, "third password 3"] {
        assert!(sign_in(&tenant, "bob", password, SignInPlane::Dashboard).await.is_err());
    }
    let told = |ledger: &Ledger| {
        let problems = verify(ledger, &mut |_, _| {}).problems;
        let of_vault =
            problems.iter().filter(|problem| problem.what == "vault").map(|problem| problem.expected.clone());
        (of_vault.collect::<Vec<_>>(), problems.iter().any(|problem| problem.what == "checkpoint"))
    };
    assert_eq!(told(&copy), (names, true));
    give(&tenant, &manager, json!({"name": "set_password", "account": "bob", "password": FIRST_PASSWORD})).await;
    give(&tenant, &manager, json!({"name": "erase_contact", "account": "p7", "ticket": "T-8"})).await;
    assert_eq!(told(&copy), (Vec::new(), true));
    drop(tenant);
    copy.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_was_changed_or_cut_is_refused_with_where_and_nothing_is_made() {
    let place = tempfile::tempdir().unwrap();
    let (dir, file) = (place.path().join("data"), place.path().join("all.gbb"));
    let ledger = open(&dir).await;
    drop(peopled(&ledger).await);
    let taken = ledger.backup(&operator(), &file, |_, _| {}).await.unwrap();
    ledger.close().await.unwrap();
    let whole = fs::read(&file).unwrap();
    let mut random = Random::seeded("damage to a backup");
    let (bad, there) = (place.path().join("bad.gbb"), place.path().join("there"));
    let mut tries: Vec<Vec<u8>> = Vec::new();
    for _ in 0..number("GRANTBOOK_DAMAGES", 200) {
        let mut changed = whole.clone();
        let at = random.below(whole.len() as u64) as usize;
        changed[at] ^= 1 << random.below(8);
        tries.push(changed);
        tries.push(whole[..random.below(whole.len() as u64) as usize].to_vec());
    }
    tries.push([&whole[..], &[0]].concat());
    tries.push([&whole[..], &whole[..]].concat());
    for (index, bytes) in tries.iter().enumerate() {
        fs::write(&bad, bytes).unwrap();
        let damage = check(&bad).expect_err("damage is noticed");
        assert!(damage.at <= bytes.len() as u64 && !damage.what.is_empty(), "{damage}");
        if index % 50 == 0 {
            let refused = restore(&bad, &options(&there), &operator(), None).await;
            assert!(matches!(&refused, Err(RestoreError::Damaged(told)) if *told == damage), "{refused:?}");
            assert!(!there.exists());
        }
    }
    assert_eq!(check(&file).unwrap(), taken.whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_comes_to_nothing_leaves_nothing_and_touches_nothing() {
    let place = tempfile::tempdir().unwrap();
    let (dir, file) = (place.path().join("data"), place.path().join("all.gbb"));
    let ledger = open(&dir).await;
    drop(peopled(&ledger).await);
    let unrelated = place.path().join("all.gbb.partial");
    fs::write(&unrelated, "somebody's").unwrap();
    // Another file comes to lie there while it is written: it is not overwritten.
    let meanwhile = file.clone();
    let other = move |_, _| fs::write(&meanwhile, "other").unwrap();
    let refused = ledger.backup(&operator(), &file, other).await.unwrap_err();
    assert!(matches!(refused, BackupError::Exists(_)), "{refused}");
    let listed = || {
        let names = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect::<std::collections::BTreeSet<String>>()
    };
    assert_eq!(listed(), ["all.gbb", "all.gbb.partial", "data"].map(str::to_owned).into());
    assert_eq!(fs::read_to_string(&file).unwrap(), "other");
    // Nor does one that is taken leave anything but itself.
    ledger.backup(&operator(), &place.path().join("two.gbb"), |_, _| {}).await.unwrap();
    assert_eq!(listed(), ["all.gbb", "all.gbb.partial", "data", "two.gbb"].map(str::to_owned).into());
    assert_eq!(fs::read_to_string(&unrelated).unwrap(), "somebody's");
    ledger.close().await.unwrap();
}

// rule: U5
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_after_somebody_was_erased_opens_nothing_of_them() {
    let place = tempfile::tempdir().unwrap();
    let (dir, before, after) =
        (place.path().join("data"), place.path().join("before.gbb"), place.path().join("after.gbb"));
    let ledger = open(&dir).await;
    let (tenant, manager) = peopled(&ledger).await;
    give(&tenant, &manager, json!({"name": "add_contact", "account": "p7", "full_name": "Otto Gone"})).await;
    ledger.backup(&operator(), &before, |_, _| {}).await.unwrap();
    give(&tenant, &manager, json!({"name": "erase_contact", "account": "p7", "ticket": "T-7"})).await;
    ledger.backup(&operator(), &after, |_, _| {}).await.unwrap();
    drop(tenant);
    ledger.close().await.unwrap();
    for (file, expected) in [(&before, true), (&after, false)] {
        let there = place.path().join(format!("there-{expected}"));
        restore(file, &options(&there), &operator(), None).await.unwrap();
        let copy = works_and_is_whole(&there, "\"bob\"").await;
        let tenant = copy.tenant_named(&cloud_id("abcimis")).unwrap();
        let shown: String = (1..=tenant.last().0)
            .map(|at| tenant.show(Some(Position(at)), &tenant.entry(Position(at)).unwrap()).to_string())
            .collect();
        assert_eq!(shown.contains("Otto Gone"), expected, "an older backup holds the key, a later one does not");
        drop(tenant);
        copy.close().await.unwrap();
    }
}

/// Closes a ledger, copies its directory to `older`, and opens it again.
async fn copied_meanwhile(ledger: Ledger, older: &Path, (dir, mirror): (&Path, &Path)) -> (Ledger, TenantHandle) {
    ledger.close().await.unwrap();
    copy_dir(dir, older);
    let ledger = Ledger::open(with_mirror(dir, mirror)).await.unwrap();
    let tenant = ledger.tenant_named(&cloud_id("abcimis")).unwrap();
    (ledger, tenant)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mirror_follows_and_rebuilds_the_whole_whatever_happened_to_the_store() {
    let place = tempfile::tempdir().unwrap();
    let (dir, mirror) = (place.path().join("data"), place.path().join("mirror"));
    let ledger = Ledger::open(with_mirror(&dir, &mirror)).await.unwrap();
    let (tenant, manager) = peopled(&ledger).await;
    assert_eq!(ledger.mirror().unwrap().trouble, None);
    drop(tenant);
    let older = place.path().join("older");
    let (ledger, tenant) = copied_meanwhile(ledger, &older, (&dir, &mirror)).await;
    give(&tenant, &manager, json!({"name": "assign_role", "account": "bob", "role": "Passing"})).await;
    let entries = stored(&ledger);
    drop(tenant);
    ledger.close().await.unwrap();
    // Closing waits for the mirror; opening goes on where it ended.
    let ledger = Ledger::open(with_mirror(&dir, &mirror)).await.unwrap();
    assert_eq!(ledger.mirror().unwrap().behind, 0);
    assert_eq!(ledger.compare_mirror(&mirror).unwrap(), entries.iter().map(|(_, of)| of.len() as u64).sum::<u64>());
    ledger.close().await.unwrap();

    let mut random = Random::seeded("damage to a mirrored store");
    let every = number("GRANTBOOK_REBUILD_EVERY", 4);
    let (mut noticed, mut opened) = (0, 0);
    for round in 0..number("GRANTBOOK_DAMAGES", 40) {
        let there = place.path().join("there");
        copy_dir(&dir, &there);
        let Some(what) = ruin(&there, &older, |file| file.starts_with("journal"), &mut random) else {
            fs::remove_dir_all(&there).unwrap();
            continue;
        };
        let before = crate::support::bytes_of(&there);
        match Ledger::open(options(&there)).await {
            Err(error) => {
                assert!(crate::support::bytes_of(&there) == before, "{what}: left as it was: {error}");
                assert!(!grantbook::verify::refused(&error).problems.is_empty(), "{what}: {error}");
                noticed += 1;
            }
            // Only where the seal itself is what is gone: then it says so, loudly.
            Ok(copy) => {
                let problems = verify(&copy, &mut |_, _| {}).problems;
                assert!(what.contains("seal") && !problems.is_empty(), "{what}: it opened: {problems:?}");
                assert_eq!(stored(&copy), entries, "{what}: shorter or other");
                copy.close().await.unwrap();
                opened += 1;
            }
        }
        if round % every == 0 {
            let refused = rebuild_from_mirror(&mirror, &options(&there), &operator()).await;
            assert!(matches!(refused, Err(RestoreError::JournalThere(_))), "{what}: {refused:?}");
            fs::remove_dir_all(there.join("journal")).unwrap();
            rebuild_from_mirror(&mirror, &options(&there), &operator()).await.unwrap();
            let copy = works_and_is_whole(&there, "\"bob\"").await;
            for (name, kept) in stored(&copy) {
                let (_, first) = entries.iter().find(|(found, _)| *found == name).unwrap();
                assert_eq!(kept[..first.len()], first[..], "{what}: {name}");
            }
            copy.close().await.unwrap();
        }
        fs::remove_dir_all(&there).unwrap();
    }
    println!("{noticed} refused with where, {opened} opened whole and said loudly that the seal is gone");
    // Without the vault nothing could be read: it says so, and makes nothing.
    let bare = place.path().join("bare");
    fs::create_dir(&bare).unwrap();
    let refused = rebuild_from_mirror(&mirror, &options(&bare), &operator()).await;
    assert!(matches!(refused, Err(RestoreError::NoVault(_))), "{refused:?}");
}

/// Every entry of `abcimis`, with the personal values that can still be read; secrets that no entry names are left alone.
async fn looked_at(dir: &Path) -> String {
    let ledger = Ledger::open(Options { keep_unnamed_secrets: true, ..options(dir) }).await.unwrap();
    let tenant = ledger.tenant_named(&cloud_id("abcimis")).unwrap();
    let shown = (1..=tenant.last().0)
        .map(|at| tenant.show(Some(Position(at)), &tenant.entry(Position(at)).unwrap()).to_string())
        .collect();
    drop(tenant);
    ledger.close().await.unwrap();
    shown
}

// rules: C14, U5
#[tokio::test(flavor = "multi_thread")]
async fn a_restoration_from_a_torn_or_damaged_mirror_drops_no_key_but_of_who_was_erased() {
    let place = tempfile::tempdir().unwrap();
    let (dir, mirror, there) = (place.path().join("data"), place.path().join("mirror"), place.path().join("there"));
    let add = |account, name| json!({"name": "add_contact", "account": account, "full_name": name});
    let ledger = Ledger::open(with_mirror(&dir, &mirror)).await.unwrap();
    let (tenant, manager) = peopled(&ledger).await;
    give(&tenant, &manager, add("p7", "Otto Gone")).await;
    drop(tenant);
    let older = place.path().join("older");
    let (ledger, tenant) = copied_meanwhile(ledger, &older, (&dir, &mirror)).await;
    give(&tenant, &manager, json!({"name": "erase_contact", "account": "p7", "ticket": "T-7"})).await;
    drop(tenant);
    ledger.close().await.unwrap();
    let segment = mirror.join("segment-00000000000000000001");
    let before = fs::metadata(&segment).unwrap().len();
    let ledger = Ledger::open(with_mirror(&dir, &mirror)).await.unwrap();
    let tenant = ledger.tenant_named(&cloud_id("abcimis")).unwrap();
    give(&tenant, &manager, add("p8", "Lena Late")).await;
    drop(tenant);
    ledger.close().await.unwrap();
    copy_dir(&dir, &there);
    fs::remove_dir_all(there.join("journal")).unwrap();

    // A flipped bit is no torn end: nothing is made, and nothing is dropped.
    let (whole, vault) = (fs::read(&segment).unwrap(), fs::read(there.join("vault.db")).unwrap());
    let mut flipped = whole.clone();
    flipped[100] ^= 1;
    fs::write(&segment, &flipped).unwrap();
    let refused = rebuild_from_mirror(&mirror, &options(&there), &operator()).await;
    let damaged = matches!(&refused, Err(RestoreError::Mirror(MirrorError::Damaged { segment: 1, offset: 48, .. })));
    assert!(damaged && !there.join("journal").exists(), "{refused:?}");
    assert!(fs::read(there.join("vault.db")).unwrap() == vault);

    fs::write(&segment, &whole[..usize::try_from(before).unwrap() + 10]).unwrap();
    let restored = rebuild_from_mirror(&mirror, &options(&there), &operator()).await.unwrap();
    assert!(restored.remark.is_some(), "{restored:?}");
    assert!(!looked_at(&there).await.contains("p8"));
    // The journal is found again. But who opens the shorter one for use has decided for it.
    let used = place.path().join("used");
    copy_dir(&there, &used);
    open(&used).await.close().await.unwrap();
    for (restored, kept) in [(&there, true), (&used, false)] {
        fs::remove_dir_all(restored.join("journal")).unwrap();
        copy_dir(&dir.join("journal"), &restored.join("journal"));
        let shown = looked_at(restored).await;
        assert_eq!((shown.contains("p8"), shown.contains("Lena Late")), (true, kept));
    }
    // An older vault still has the key of somebody whom the mirror knows to be erased.
    assert!(looked_at(&older).await.contains("Otto Gone"));
    fs::remove_dir_all(older.join("journal")).unwrap();
    rebuild_from_mirror(&mirror, &options(&older), &operator()).await.unwrap();
    assert!(!looked_at(&older).await.contains("Otto Gone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_copy_of_the_store_is_noticed_by_the_mirror() {
    let place = tempfile::tempdir().unwrap();
    let (dir, mirror, old) = (place.path().join("data"), place.path().join("mirror"), place.path().join("old"));
    let ledger = Ledger::open(with_mirror(&dir, &mirror)).await.unwrap();
    drop(peopled(&ledger).await);
    ledger.close().await.unwrap();
    copy_dir(&dir, &old);
    let ledger = Ledger::open(with_mirror(&dir, &mirror)).await.unwrap();
    let tenant = ledger.tenant_named(&cloud_id("abcimis")).unwrap();
    let bob = sign_in(&tenant, "bob", OWN_PASSWORD, SignInPlane::Dashboard).await.unwrap();
    drop((caller(&ledger, &bob), tenant));
    ledger.close().await.unwrap();
    // Sound in itself, head and seal included: only who saw the newer state can tell.
    let refused = Ledger::open(with_mirror(&old, &mirror)).await.err().unwrap().to_string();
    assert!(refused.contains("the store has lost entries, or is an old copy"), "{refused}");
    Ledger::open(options(&old)).await.unwrap().close().await.unwrap();
}
