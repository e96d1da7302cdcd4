//! A closed store that was changed in any way is refused, told where and what, and left as it is.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

use grantbook_journal::{OpenError, SealFound, SealMismatch, StoreOptions};

use crate::support::{Random, append, bytes_of, check_all, closed_store, copy_dir, open, unsealed_store};

/// Opens a changed store; it must be refused for what differs from the seal, and stay as it is.
fn refused(dir: &Path) -> Vec<SealMismatch> {
    let before = bytes_of(dir);
    let refusal = open(dir).map(drop).unwrap_err();
    assert!(bytes_of(dir) == before, "a refused store was changed");
    match refusal {
        OpenError::SealDiffers { mismatches } => mismatches,
        other => panic!("expected a refusal by the seal, found {other}"),
    }
}

#[test]
fn a_cut_store_is_refused_wherever_it_is_cut() {
    let dir = tempfile::tempdir().unwrap();
    closed_store(dir.path());
    let db = dir.path().join("sled/db");
    let whole = fs::read(&db).unwrap();
    let length = whole.len() as u64;
    let places = (0..length).step_by(4096).chain(length - 1000..length);
    for cut in places.filter(|cut| *cut > 0) {
        File::options().write(true).open(&db).unwrap().set_len(cut).unwrap();
        let [SealMismatch::Length { file, expected, found, differs_from }] = &refused(dir.path())[..] else {
            panic!("expected one file of another length, cut at {cut}")
        };
        assert_eq!((file.as_str(), *expected, *found), ("sled/db", length, cut));
        assert!(*differs_from <= cut && cut - differs_from < 65_536 + 1, "cut at {cut}, said {differs_from}");
        // Put back what was cut off.
        let mut file = File::options().write(true).open(&db).unwrap();
        file.seek(SeekFrom::Start(cut)).unwrap();
        file.write_all(&whole[usize::try_from(cut).unwrap()..]).unwrap();
    }
    open(dir.path()).unwrap();
}

#[test]
fn a_store_cut_to_nothing_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    closed_store(dir.path());
    File::create(dir.path().join("sled/db")).unwrap();
    let before = bytes_of(dir.path());
    let refusal = open(dir.path()).map(drop).unwrap_err();
    assert!(matches!(refusal, OpenError::StoreMissing { streams: 2 }), "{refusal}");
    assert!(bytes_of(dir.path()) == before);
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let refusal = open(dir.path()).map(drop).unwrap_err();
    assert!(refusal.to_string().starts_with("the store is missing: expected 2 streams as the head says"), "{refusal}");
    fs::remove_file(dir.path().join("head")).unwrap();
    assert!(matches!(open(dir.path()).map(drop).unwrap_err(), OpenError::StoreMissing { streams: 0 }));
}

#[test]
fn a_flipped_bit_is_refused_wherever_it_is() {
    let seed = Random::seed();
    println!("seed {seed}");
    let mut random = Random(seed);
    let dir = tempfile::tempdir().unwrap();
    closed_store(dir.path());
    let files: Vec<_> = bytes_of(dir.path()).into_iter().filter(|(path, _)| !path.ends_with("seal")).collect();
    let db = fs::metadata(dir.path().join("sled/db")).unwrap().len();
    for round in 0..500 {
        // Most in sled's file, some in each other one.
        let (path, bytes) = match round % 10 {
            0 => &files[usize::try_from(random.below(files.len() as u64)).unwrap()],
            _ => files.iter().find(|(path, _)| path.ends_with("sled/db")).unwrap(),
        };
        let bit = random.below(bytes.len() as u64 * 8);
        let at = bit / 8;
        let set = |flip: u8| {
            let mut file = File::options().write(true).open(path).unwrap();
            file.seek(SeekFrom::Start(at)).unwrap();
            file.write_all(&[bytes[usize::try_from(at).unwrap()] ^ flip]).unwrap();
        };
        set(1 << (bit % 8));
        let mismatches = refused(dir.path());
        let [SealMismatch::Bytes { file, from, to, blocks: 1, of }] = &mismatches[..] else {
            panic!("expected one block of one file, found {mismatches:?}")
        };
        assert!(path.ends_with(file) && (*from..*to).contains(&at), "byte {at} of {path:?}, said {mismatches:?}");
        assert!(file != "sled/db" || *of as u64 == db.div_ceil(65_536));
        set(0);
    }
    open(dir.path()).unwrap();
}

#[test]
fn missing_unexpected_and_longer_files_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    closed_store(dir.path());
    let told = |dir: &Path| refused(dir).iter().map(ToString::to_string).collect::<Vec<_>>();
    fs::write(dir.path().join("sled/notes.txt"), b"mine").unwrap();
    assert_eq!(told(dir.path()), ["`sled/notes.txt`: expected no such file, found one"]);
    fs::remove_file(dir.path().join("sled/notes.txt")).unwrap();

    let db = dir.path().join("sled/db");
    let length = fs::metadata(&db).unwrap().len();
    File::options().append(true).open(&db).unwrap().write_all(b"more").unwrap();
    let [SealMismatch::Length { found, .. }] = &refused(dir.path())[..] else { panic!("expected another length") };
    assert_eq!(*found, length + 4);
    File::options().write(true).open(&db).unwrap().set_len(length).unwrap();

    let conf = dir.path().join("sled/conf");
    let bytes = fs::read(&conf).unwrap();
    fs::remove_file(&conf).unwrap();
    assert_eq!(told(dir.path()), [format!("`sled/conf`: expected {} bytes, found no such file", bytes.len())]);
    fs::write(&conf, bytes).unwrap();
    open(dir.path()).unwrap();
}

#[test]
fn a_damaged_seal_is_refused_and_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let (abc, _) = closed_store(dir.path());
    let seal = dir.path().join("seal");
    let whole = fs::read(&seal).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(&seal, &bytes).unwrap();
        let refusal = open(dir.path()).map(drop).unwrap_err();
        assert!(matches!(refusal, OpenError::SealDamaged { .. }), "byte {at}: {refusal}");
        fs::write(&seal, &whole[..at]).unwrap();
        assert!(matches!(open(dir.path()).map(drop), Err(OpenError::SealDamaged { .. })), "cut at {at}");
    }
    fs::remove_file(&seal).unwrap();
    assert_eq!(check_all(&open(dir.path()).unwrap().0, &abc), 1006);
}

#[test]
fn seal_removed_is_opened_and_said_loudly() {
    let dir = tempfile::tempdir().unwrap();
    let (abc, _) = closed_store(dir.path());
    fs::remove_file(dir.path().join("seal")).unwrap();
    let (store, report) = open(dir.path()).unwrap();
    assert_eq!(report.seal, SealFound::Removed);
    assert!(report.is_alarming() && report.to_string().contains("THE SEAL WAS REMOVED"), "{report}");
    assert_eq!(check_all(&store, &abc), 1006);
}

#[test]
fn head_removed_is_refused_unless_accepted() {
    for sealed in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        let (abc, _) = if sealed { closed_store(dir.path()) } else { unsealed_store(dir.path()) };
        fs::remove_file(dir.path().join("head")).unwrap();
        let before = bytes_of(dir.path());
        let refusal = open(dir.path()).map(drop).unwrap_err();
        assert!(matches!(refusal, OpenError::HeadMissing { seal_missing: false }), "{refusal}");
        assert!(refusal.to_string().contains("accept-missing-head"));
        assert!(bytes_of(dir.path()) == before);

        let mut options = StoreOptions::new(dir.path());
        options.accept_missing_head = true;
        let (store, report) = grantbook_journal::Store::open(&options).unwrap();
        assert!(report.head_made_anew && report.is_alarming(), "{report}");
        assert_eq!((report.heads[&abc].last, report.heads[&abc].root), (1006, None));
        append(&store, &abc, 1).unwrap();
        assert_eq!(check_all(&store, &abc), 1007);
        store.close().unwrap();
        assert!(!open(dir.path()).unwrap().1.is_alarming());
    }
}

#[test]
fn seal_and_head_removed_is_refused_loudly() {
    let dir = tempfile::tempdir().unwrap();
    closed_store(dir.path());
    fs::remove_file(dir.path().join("seal")).unwrap();
    fs::remove_file(dir.path().join("head")).unwrap();
    let before = bytes_of(dir.path());
    let refusal = open(dir.path()).map(drop).unwrap_err();
    assert!(refusal.to_string().starts_with("the head is missing, and so is the seal"), "{refusal}");
    assert!(bytes_of(dir.path()) == before);
    let mut options = StoreOptions::new(dir.path());
    options.accept_missing_head = true;
    let (_, report) = grantbook_journal::Store::open(&options).unwrap();
    assert!(report.head_made_anew && report.seal == SealFound::Removed, "{report}");
}

#[test]
fn an_old_seal_on_a_newer_store_is_refused() {
    let (dir, old) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (abc, _) = closed_store(dir.path());
    copy_dir(dir.path(), old.path());
    let (store, _) = open(dir.path()).unwrap();
    append(&store, &abc, 1).unwrap();
    drop(store);
    fs::copy(old.path().join("seal"), dir.path().join("seal")).unwrap();
    assert!(!refused(dir.path()).is_empty());
}

#[test]
fn a_close_that_was_interrupted_after_sealing_counts() {
    let (dir, open_one) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (abc, _) = closed_store(dir.path());
    unsealed_store(open_one.path());
    fs::copy(open_one.path().join("seal.broken"), dir.path().join("seal.broken")).unwrap();
    let (store, report) = open(dir.path()).unwrap();
    assert!(matches!(report.seal, SealFound::Whole { .. }), "{report}");
    assert_eq!(check_all(&store, &abc), 1006);
}
