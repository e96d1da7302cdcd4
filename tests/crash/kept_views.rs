//! Views that are kept beside the journal spare a start the folding and change no answer, whatever becomes of their file. What
//! comes of each is written down in `docs/failure-modes.md`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use grantbook::verify::{Problem, verify};
use grantbook_encoding::decode;
use grantbook_events::{Position, SignInPlane};
use grantbook_ledger::{Folded, Ledger, Options, TenantRequest, Tree, leaf_hash};
use grantbook_projections::Views;
use serde_json::json;

use crate::support::{Random, caller, cloud_id, copy_dir, give, number, operator, options, sign_in, tenant};

const TENANT: &str = "abcimis";
const OTHER: &str = "otherimis";

fn file(dir: &Path, tenant: &str) -> PathBuf {
    dir.join("views").join(format!("{tenant}.views"))
}

fn put(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

async fn open(dir: &Path) -> Ledger {
    Ledger::open(Options { keep_views_every: 8, ..options(dir) }).await.unwrap()
}

/// A closed ledger with two tenants, and the passwords of their MANAGERs.
struct Book {
    _place: tempfile::TempDir,
    dir: PathBuf,
    older: PathBuf,
    passwords: BTreeMap<&'static str, String>,
}

impl Book {
    /// Kept views of 12 and more entries and five entries after them; a copy of it as it was when views were kept for the
    /// first time.
    async fn closed() -> Book {
        let place = tempfile::tempdir().unwrap();
        let (dir, older) = (place.path().join("data"), place.path().join("older"));
        let mut book = Book { _place: place, dir, older, passwords: BTreeMap::new() };
        let ledger = open(&book.dir).await;
        for name in [TENANT, OTHER] {
            let created = ledger.create_tenant(&operator(), TenantRequest::new(cloud_id(name))).await.unwrap();
            book.passwords.insert(name, created.manager_password.to_string());
            book.add(&ledger, name, "a", 8).await;
        }
        ledger.close().await.unwrap();
        copy_dir(&book.dir, &book.older);
        for (people, count) in [("b", 9), ("c", 4)] {
            let ledger = open(&book.dir).await;
            book.add(&ledger, TENANT, people, count).await;
            ledger.close().await.unwrap();
        }
        book
    }

    /// MANAGER signs in and adds people: an entry each.
    async fn add(&self, ledger: &Ledger, tenant: &str, people: &str, count: usize) {
        let handle = ledger.tenant_named(&cloud_id(tenant)).unwrap();
        let manager = sign_in(&handle, "MANAGER", &self.passwords[tenant], SignInPlane::Platform).await.unwrap();
        let manager = caller(ledger, &manager);
        for number in 0..count {
            let account = format!("{people}{number}");
            give(&handle, &manager, json!({"name": "add_contact", "account": account, "full_name": "Otto O."})).await;
        }
    }

    fn file(&self) -> PathBuf {
        file(&self.dir, TENANT)
    }

    /// Opens a copy to which something was done. Gives the position from which it was folded on, and whether the file is there.
    /// Whatever was done, the views are what the entries mean.
    async fn opened(&self, done: impl FnOnce(&Path)) -> (Position, bool) {
        let place = tempfile::tempdir().unwrap();
        let dir = place.path().join("data");
        copy_dir(&self.dir, &dir);
        done(&dir);
        let ledger = open(&dir).await;
        assert_eq!(problems(&ledger), []);
        let told = (opened_from(&ledger), file(&dir, TENANT).exists());
        // It works on, and the next start is sound as well.
        self.add(&ledger, TENANT, "later", 8).await;
        ledger.close().await.unwrap();
        let ledger = open(&dir).await;
        assert_eq!(problems(&ledger), []);
        assert!(opened_from(&ledger) > told.0, "views were kept anew");
        told
    }
}

fn problems(ledger: &Ledger) -> Vec<Problem> {
    verify(ledger, &mut |_, _| {}).problems
}

fn opened_from(ledger: &Ledger) -> Position {
    let volumes = ledger.volumes();
    volumes.iter().find(|volume| volume.stream().as_str() == TENANT).unwrap().opened_from()
}

const FROM_THE_START: (Position, bool) = (Position(0), false);

#[tokio::test(flavor = "multi_thread")]
async fn a_start_folds_on_from_kept_views_and_answers_the_same() {
    let book = Book::closed().await;
    let (from, there) = book.opened(|_| {}).await;
    assert!(from.0 > 12 && there, "{from}");
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let folder = book.dir.join("views");
    assert_eq!((mode(folder.clone()), mode(folder.join("key")), mode(book.file())), (0o700, 0o600, 0o600));
    // An older one of the same tenant is as good: more is folded.
    let older = book.opened(|dir| put(&file(&book.older, TENANT), &file(dir, TENANT))).await;
    assert!(older.0 < from && older.0 > Position(0), "{older:?}");
    // What a kill left of writing another is cleared.
    let half = |dir: &Path| dir.join("views").join(format!("{TENANT}.new"));
    assert_eq!(book.opened(|dir| fs::write(half(dir), b"GBVIEWS1 half").unwrap()).await, (from, true));
    assert!(!half(&book.dir).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_views_that_are_cut_or_changed_are_not_used() {
    let book = Book::closed().await;
    let whole = fs::read(book.file()).unwrap();
    let mut random = Random::seeded("kept views");
    let mut tries: Vec<Vec<u8>> = vec![Vec::new(), [&whole[..], &[0]].concat(), whole[1..].to_vec()];
    for _ in 0..number("GRANTBOOK_KEPT_VIEWS", 6) {
        tries.push(whole[..random.below(whole.len() as u64) as usize].to_vec());
        let mut flipped = whole.clone();
        flipped[random.below(whole.len() as u64) as usize] ^= 1 << random.below(8);
        tries.push(flipped);
    }
    for bytes in tries {
        assert_eq!(book.opened(|dir| fs::write(file(dir, TENANT), &bytes).unwrap()).await, FROM_THE_START);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_views_of_another_tenant_or_without_their_key_are_not_used() {
    let book = Book::closed().await;
    let key = |dir: &Path| dir.join("views").join("key");
    assert_eq!(book.opened(|dir| put(&file(dir, OTHER), &file(dir, TENANT))).await, FROM_THE_START);
    assert_eq!(book.opened(|dir| fs::remove_file(key(dir)).unwrap()).await, FROM_THE_START);
    assert_eq!(book.opened(|dir| fs::write(key(dir), "0".repeat(64)).unwrap()).await, FROM_THE_START);
    let open_to_all = |dir: &Path| fs::set_permissions(key(dir), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(book.opened(open_to_all).await, FROM_THE_START);
    assert_eq!(book.opened(|dir| fs::remove_dir_all(dir.join("views")).unwrap()).await, FROM_THE_START);
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_views_of_a_journal_that_was_put_back_are_not_used() {
    let book = Book::closed().await;
    let put_back = |dir: &Path| {
        fs::remove_dir_all(dir.join("journal")).unwrap();
        copy_dir(&book.older.join("journal"), &dir.join("journal"));
        fs::copy(book.older.join("vault.db"), dir.join("vault.db")).unwrap();
    };
    // The views are of entries that are to come.
    assert_eq!(book.opened(put_back).await, FROM_THE_START);
    // The book went on otherwise from there, and came further than before.
    let views = fs::read(book.file()).unwrap();
    let fork = tempfile::tempdir().unwrap();
    let dir = fork.path().join("data");
    copy_dir(&book.dir, &dir);
    put_back(&dir);
    let ledger = open(&dir).await;
    book.add(&ledger, TENANT, "x", 30).await;
    ledger.close().await.unwrap();
    fs::write(file(&dir, TENANT), &views).unwrap();
    let ledger = open(&dir).await;
    assert_eq!((opened_from(&ledger), problems(&ledger)), (Position(0), vec![]));
}

// rule: U5
#[tokio::test(flavor = "multi_thread")]
async fn kept_views_go_when_somebody_is_erased() {
    let book = Book::closed().await;
    let kept = fs::read(book.file()).unwrap();
    let ledger = open(&book.dir).await;
    let handle = ledger.tenant_named(&cloud_id(TENANT)).unwrap();
    let volumes = ledger.volumes();
    let volume = volumes.iter().find(|volume| volume.stream().as_str() == TENANT).unwrap();
    book.add(&ledger, TENANT, "d", 9).await;
    let manager = sign_in(&handle, "MANAGER", &book.passwords[TENANT], SignInPlane::Platform).await.unwrap();
    let manager = caller(&ledger, &manager);
    let begun = volume.views_to_keep().expect("enough came");
    let before = folded(&ledger);
    give(&handle, &manager, json!({"name": "erase_contact", "account": "a1", "ticket": "T-7"})).await;
    assert!(!book.file().exists() && file(&book.dir, OTHER).exists(), "those of the tenant, and no others");
    // What was folded before somebody was erased is not put in its place.
    assert!(!volume.keep_views(&before, begun).unwrap());
    assert!(!book.file().exists());
    drop((handle, volumes));
    ledger.close().await.unwrap();
    // They are kept anew at the end, of what is there now.
    assert!(book.file().exists());
    // A crash between the entry and the purging: the next start finishes it.
    fs::write(book.file(), &kept).unwrap();
    let ledger = open(&book.dir).await;
    assert!(opened_from(&ledger) > Position(0) && !book.file().exists());
    assert_eq!(problems(&ledger), []);
}

/// What the entries of the tenant mean, folded anew.
fn folded(ledger: &Ledger) -> Folded {
    let volumes = ledger.volumes();
    let volume = volumes.iter().find(|volume| volume.stream().as_str() == TENANT).unwrap();
    let mut folded = Folded { views: Views::default(), tree: Tree::default(), leaf: [0; 32] };
    for read in volume.stored(volume.root().0) {
        let (_, bytes) = read.unwrap();
        folded.views.apply(&decode(&bytes).unwrap());
        folded.leaf = leaf_hash(&bytes);
        folded.tree.push(folded.leaf);
    }
    folded
}

#[tokio::test(flavor = "multi_thread")]
async fn views_forged_by_who_has_the_key_are_told_by_verify() {
    let book = Book::closed().await;
    let ledger = open(&book.dir).await;
    book.add(&ledger, TENANT, "d", 9).await;
    let volumes = ledger.volumes();
    let volume = volumes.iter().find(|volume| volume.stream().as_str() == TENANT).unwrap();
    let mut forged = folded(&ledger);
    // Views in which an entry never meant anything, beside a tree and a leaf that are right.
    let mut views = Views::default();
    for (number, read) in volume.stored(volume.root().0).enumerate() {
        let mut entry = decode(&read.unwrap().1).unwrap();
        if number == 4 {
            entry.events.clear();
        }
        views.apply(&entry);
    }
    forged.views = views;
    assert!(volume.keep_views(&forged, volume.views_to_keep().unwrap()).unwrap());
    let last = forged.position();
    drop(volumes);
    ledger.close().await.unwrap();
    let ledger = open(&book.dir).await;
    assert_eq!(opened_from(&ledger), last);
    let found = problems(&ledger);
    assert!(
        found.iter().any(|problem| problem.what == "views" && problem.tenant.as_deref() == Some(TENANT)),
        "{found:?}"
    );
}

/// The speed of starts is printed and nothing is said of it here: `tests/long/starts` has the numbers that tell.
#[tokio::test(flavor = "multi_thread")]
async fn how_long_a_start_takes_is_printed() {
    let place = tempfile::tempdir().unwrap();
    let (dir, people) = (place.path().join("data"), 100);
    let ledger = open(&dir).await;
    let (handle, manager) = tenant(&ledger, TENANT).await;
    give(&handle, &manager, json!({"name": "create_group", "group": "board"})).await;
    let contact = |number| json!({"name": "add_contact", "account": format!("c{number}"), "full_name": "Somebody"});
    give(&handle, &manager, json!({"commands": (0..people).map(contact).collect::<Vec<_>>()})).await;
    let mut turn = 0;
    while handle.last().0 < number("GRANTBOOK_START_ENTRIES", 400) {
        let name = ["add_group_member", "remove_group_member"][turn % 2];
        let command = |number| json!({"name": name, "group": "board", "account": format!("c{number}")});
        let all = (0..people).map(command).collect::<Vec<_>>();
        futures_util::future::join_all(all.iter().map(|one| give(&handle, &manager, one.clone()))).await;
        turn += 1;
    }
    let last = handle.last();
    drop(handle);
    ledger.close().await.unwrap();
    let views = fs::metadata(file(&dir, TENANT)).unwrap().len();
    println!("{last} entries, kept views of {views} bytes");
    let seal = dir.join("journal").join("seal");
    for (what, kept, sealed) in
        [("kept views", true, true), ("every entry folded", false, true), ("kept views, as after a kill", true, false)]
    {
        let kept_file = fs::read(file(&dir, TENANT)).unwrap();
        if !kept {
            fs::remove_file(file(&dir, TENANT)).unwrap();
        }
        if !sealed {
            fs::remove_file(&seal).unwrap();
        }
        let began = std::time::Instant::now();
        let ledger = open(&dir).await;
        println!("{what}: opened in {:?}", began.elapsed());
        assert_eq!(opened_from(&ledger) > Position(0), kept);
        ledger.close().await.unwrap();
        fs::write(file(&dir, TENANT), kept_file).unwrap();
    }
}
