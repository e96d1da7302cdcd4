//! Checkpoints, proofs and what is kept of them: what a lost key, an odd one, an older copy and a changed book come to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use ed25519_dalek::{Signer, SigningKey};
use grantbook_casefiles::InstantShown;
use grantbook_events::Instant;
use grantbook_ledger::{TilePath, leaf_hash, open_checkpoint, read_checkpoint};
use serde_json::json;

use crate::book::Book;

fn kept_in(book: &Book) -> PathBuf {
    book.dir().join("checkpoints/abcimis")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let there = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &there);
        } else {
            fs::copy(entry.path(), there).unwrap();
        }
    }
}

fn book() -> Book {
    let book = Book::empty();
    book.run("tenant create abcimis").good();
    book
}

#[test]
fn a_checkpoint_is_a_note_that_its_key_opens_and_proofs_lead_to_it() {
    let book = Book::with_people();
    let note = book.run("checkpoint show").good().out;
    let key = book.run("checkpoint key").good().out;
    let opened = open_checkpoint(note.as_bytes(), &[key.trim()], &[]).unwrap();
    assert!(opened.checkpoint.origin.starts_with("grantbook/abcimis/"), "{note}");
    let size = opened.checkpoint.size;
    assert!(size > 5);
    // Shown again, it is the same; as of then, it is what it was.
    assert_eq!(book.run("checkpoint show").good().out, note);
    let then = book.run("checkpoint show --as-of 3").good().out;
    assert_eq!(open_checkpoint(then.as_bytes(), &[key.trim()], &[]).unwrap().checkpoint.size, 3);
    for position in 1..=size {
        let proof = book.run(&format!("proof --position {position}")).good().out;
        assert!(proof.starts_with(&format!("entry {position} is one of the {size} of the book\n")), "{proof}");
        assert!(proof.contains("the proof holds"), "{proof}");
    }
    let proof = book.run("proof --from 3").good().out;
    assert!(proof.contains(&format!("the book of {size} entries goes on from that of 3")), "{proof}");
    assert!(proof.contains("the proof holds"), "{proof}");
    assert!(book.run("proof --position 900").ends_with(1).err.contains("there is nothing at position 900"));
    assert_eq!(book.run("proof consistency --from 3").good().out, proof);
    book.run("proof inclusion --position 1").good();
    book.run("proof inclusion --from 1").ends_with(2);
    book.run("proof").ends_with(2);
    book.run("proof --position 1 --from 1").ends_with(2);
}

#[test]
fn an_export_is_a_static_log_that_goes_on() {
    let book = Book::with_people();
    let dir = book.dir().join("log");
    let export = format!("checkpoint export {}", dir.display());
    book.run(&export).good();
    let note = fs::read(dir.join("checkpoint")).unwrap();
    let checkpoint = read_checkpoint(&note).unwrap();
    for tile in TilePath::all(checkpoint.size) {
        assert!(dir.join(format!("tile/{tile}")).is_file(), "{tile}");
    }
    // The hashes are those of the entries.
    let size = checkpoint.size;
    let bundle = fs::read(dir.join(format!("tile/entries/000.p/{size}"))).unwrap();
    let hashes = fs::read(dir.join(format!("tile/0/000.p/{size}"))).unwrap();
    let (mut rest, mut found) = (&bundle[..], Vec::new());
    while let Some((length, more)) = rest.split_first_chunk::<2>() {
        let (leaf, more) = more.split_at(usize::from(u16::from_be_bytes(*length)));
        found.extend(leaf_hash(leaf));
        rest = more;
    }
    assert_eq!(found, hashes);
    // Hashes alone, to be published.
    let public = book.dir().join("public");
    book.run(&format!("checkpoint export {} --hashes-only", public.display())).good();
    assert!(public.join(format!("tile/0/000.p/{size}")).is_file() && !public.join("tile/entries").exists());
    // It goes on, and nothing of another book is put over it.
    book.give("sign-in --username bob", "Welcome-1\nNewer-22\n").good();
    book.run(&export).good();
    assert!(read_checkpoint(&fs::read(dir.join("checkpoint")).unwrap()).unwrap().size > size);
    let other = self::book();
    let refused = other.run(&export).ends_with(1).err;
    assert!(refused.contains("does not go on from"), "{refused}");
}

#[test]
fn what_an_export_finds_cut_or_changed_is_written_again() {
    let book = Book::empty();
    let line = |number: u32| {
        let command = json!({"name": "create_group", "group": format!("g{number}")});
        format!("{}\n", json!({"at": "2021-01-01T09:00:00Z", "by": "old", "command": command}))
    };
    let file = book.dir().join("lines.jsonl");
    fs::write(&file, (0..300).map(line).collect::<String>()).unwrap();
    book.run(&format!("--tenant abcimis import {} --ticket T-1", file.display())).good();
    let dir = book.dir().join("log");
    let export = format!("checkpoint export {}", dir.display());
    book.run(&export).good();
    let there = TilePath::all(read_checkpoint(&fs::read(dir.join("checkpoint")).unwrap()).unwrap().size);
    let files: Vec<_> = there.map(|tile| dir.join(format!("tile/{tile}"))).collect();
    assert!(dir.join("tile/0/000").is_file() && dir.join("tile/entries/000").is_file() && files.len() == 5);
    let whole: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).unwrap()).collect();
    // As a full disk or a loss of power leaves them.
    for (file, bytes) in files.iter().zip(&whole) {
        for damaged in
            [bytes[..bytes.len() / 2].to_vec(), vec![0; bytes.len()], Vec::new(), [&bytes[..], b"x"].concat()]
        {
            fs::write(file, damaged).unwrap();
            let told = book.json(&export);
            assert_eq!((&told["written"], &told["there_already"]), (&json!(1), &json!(4)), "{}", file.display());
            assert_eq!(&fs::read(file).unwrap(), bytes, "{}", file.display());
        }
    }
    let told = book.json(&export);
    assert_eq!((&told["written"], &told["there_already"]), (&json!(0), &json!(5)));
    // What cannot be read is not taken for none.
    let other = book.dir().join("other");
    fs::create_dir_all(other.join("checkpoint")).unwrap();
    let refused = book.run(&format!("checkpoint export {}", other.display())).ends_with(3);
    assert!(refused.err.contains("checkpoint` cannot be read"), "{}", refused.err);
    assert!(!other.join("tile").exists());
}

#[test]
fn the_key_is_its_owners_alone_and_old_keys_go_on_verifying() {
    let book = book();
    let old_note = book.run("checkpoint show").good().out;
    let old = book.run("checkpoint key").good().out;
    let mode = |name: &str| fs::metadata(kept_in(&book).join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("key"), mode("")), (0o600, 0o700));
    let new = book.run("checkpoint rotate-key").good().out;
    assert_ne!(new, old);
    let keys = book.json("checkpoint key --all");
    assert_eq!(keys["keys"][0]["key"], old.trim());
    let handover = keys["keys"][1]["handover"].as_str().unwrap();
    for key in [&old, &new] {
        open_checkpoint(handover.as_bytes(), &[key.trim()], &[]).unwrap();
    }
    open_checkpoint(old_note.as_bytes(), &[old.trim()], &[]).unwrap();
    let note = book.run("checkpoint show").good().out;
    open_checkpoint(note.as_bytes(), &[new.trim()], &[]).unwrap();
    open_checkpoint(note.as_bytes(), &[old.trim()], &[]).unwrap_err();
    // The old secret is nowhere any more.
    assert!(!fs::read_to_string(kept_in(&book).join("key")).unwrap().contains(old.split('+').nth(1).unwrap()));
}

#[test]
fn a_lost_key_is_followed_by_a_new_one_and_said() {
    let book = book();
    let old = book.run("checkpoint key").good().out;
    fs::remove_file(kept_in(&book).join("key")).unwrap();
    let run = book.run("checkpoint key --all").good();
    assert!(run.err.contains("is lost"), "{}", run.err);
    assert!(run.out.contains("after-loss") && run.out.contains(old.trim()), "{}", run.out);
    book.run("checkpoint show").good();
    book.run("verify").good();
}

#[test]
fn an_odd_key_signs_nothing_and_the_book_works_on() {
    let book = book();
    book.run("checkpoint show").good();
    let key = kept_in(&book).join("key");
    let whole = fs::read_to_string(&key).unwrap();
    let odd = |text: &str, expected: &str| {
        fs::write(&key, text).unwrap();
        let refused = book.run("checkpoint show").ends_with(3).err;
        assert!(refused.contains(expected), "{refused}");
        let found = book.run("verify").ends_with(1).out;
        assert!(found.contains(expected), "{found}");
        // Rights are asked and told all the same.
        book.run("view admins").good();
    };
    odd("", "is no key of");
    odd(&whole.replace('A', "B"), "is no key of");
    odd(&whole[..40], "is no key of");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    odd(&whole, "chmod 600");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    book.run("checkpoint show").good();
    book.run("verify").good();
}

#[test]
fn an_older_copy_and_a_changed_book_are_noticed() {
    let book = Book::with_people();
    book.run("checkpoint show").good();
    let copied = book.dir().join("copy");
    copy(&book.dir().join("journal"), &copied.join("journal"));
    fs::copy(book.dir().join("vault.db"), copied.join("vault.db")).unwrap();
    let size = read_checkpoint(book.run("checkpoint show").good().out.as_bytes()).unwrap().size;
    book.give("sign-in --username bob", "Welcome-1\nNewer-22\n").good();
    let kept = book.dir().join("kept-elsewhere");
    fs::write(&kept, book.run("checkpoint show").good().out).unwrap();
    book.run(&format!("verify --checkpoint {}", kept.display())).good();

    // The older copy is put back: it is whole in itself, and only what was kept shows it.
    fs::remove_dir_all(book.dir().join("journal")).unwrap();
    copy(&copied.join("journal"), &book.dir().join("journal"));
    fs::copy(copied.join("vault.db"), book.dir().join("vault.db")).unwrap();
    let found = book.run(&format!("verify --checkpoint {}", kept.display())).ends_with(1).out;
    assert!(
        found.contains("kept-elsewhere") && found.contains(&format!("an older copy: it ends at {size}")),
        "{found}"
    );
    assert!(found.contains("checkpoints/abcimis/kept"), "{found}");
    let refused = book.run("checkpoint show").ends_with(3).err;
    assert!(refused.contains("this is an older copy"), "{refused}");

    // It goes on differently: a fork, at a size that was signed.
    book.give("sign-in --username jeff", "Welcome-1\nNewer-22\n").good();
    book.give("sign-in --username jeff", "Newer-22\n").good();
    let found = book.run(&format!("verify --checkpoint {}", kept.display())).ends_with(1).out;
    assert!(found.contains("other entries"), "{found}");
    let refused = book.run("checkpoint show").ends_with(3).err;
    assert!(refused.contains("changed or replaced"), "{refused}");
    // A note of another book, and what is no note.
    let other = self::book();
    fs::write(&kept, other.run("checkpoint show").good().out).unwrap();
    let found = book.run(&format!("verify --checkpoint {}", kept.display())).ends_with(1).out;
    assert!(found.contains("another book") || found.contains("of no book here"), "{found}");
    fs::write(&kept, "nothing").unwrap();
    book.run(&format!("verify --checkpoint {}", kept.display())).ends_with(1);
    book.run("verify --checkpoint nowhere").ends_with(2);
}

/// Bob is the first Admin User, and made Jeff one.
fn book_of_admins() -> Book {
    let book = Book::with_people();
    book.give("sign-in --username bob", "Welcome-1\nNewer-22\n").good();
    book.run("do add_admin --account jeff").good();
    book
}

const WHY: &str = "case-file create why --account jeff --do dashboard.manage_admins --as-of 11";

// rule: F1
#[test]
fn a_case_file_needs_nothing_but_itself() {
    let book = book_of_admins();
    let key = book.run("checkpoint key").good().out;
    let cases = [
        (WHY.to_owned(), true),
        (format!("{WHY} --cited"), false),
        ("case-file create can --account bob --do dashboard.manage_admins --as-of 9".to_owned(), true),
        ("case-file create view --view admins --as-of 11 --cited".to_owned(), false),
        ("case-file create first-admin --as-of 11".to_owned(), true),
        ("case-file create who-can --do dashboard.manage_admins --as-of 11".to_owned(), true),
        ("case-file create diff --from 9 --as-of 11".to_owned(), true),
    ];
    let nowhere = Book::empty();
    for (create, complete) in &cases {
        let file = book.run(create).good().out;
        // The same input gives the same bytes.
        assert_eq!(book.run(create).good().out, file, "{create}");
        let told = nowhere.give(&format!("case-file verify - --key {}", key.trim()), &file).good().out;
        assert_eq!(told.contains("nothing before it was left out"), *complete, "{told}");
        assert!(told.contains("holds: answer"), "{told}");
    }
    // That somebody may not is shown by all entries alone.
    let no = "case-file create can --account jeff --do dashboard.manage_admins --as-of 9";
    let told = |more: &str| nowhere.give("case-file verify -", &book.run(&format!("{no}{more}")).good().out).good().out;
    assert!(told(" --cited").contains("It does not show that the answer is no"), "{}", told(" --cited"));
    assert!(told("").contains("nothing before it was left out"));
    let first = book.run("case-file create first-admin --as-of 11").good().out;
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert_eq!(first["answer"]["one_and_first"], true);
    assert_eq!(first["answer"]["made_admin_by_signing_in"][0]["account"], "bob");
    assert_eq!(first["answer"]["made_admin_by_signing_in"][0]["with_own_sign_in"], true);
    // Why is what is mostly asked.
    let usual = book.run("case-file create --account jeff --do dashboard.manage_admins --as-of 11").good().out;
    assert_eq!(usual, book.run(WHY).good().out);
    book.run("case-file create").ends_with(2);
    // The answer is the one that is given to whoever asks.
    let file: serde_json::Value = serde_json::from_str(&book.run(WHY).good().out).unwrap();
    assert_eq!(file["answer"], book.json("why --account jeff --do dashboard.manage_admins --as-of 11"));
    // So is that of everybody: who can, who could at any time, and what became of anybody's rights.
    for (create, ask) in [
        ("who-can --do dashboard.manage_admins", "who-can --do dashboard.manage_admins --as-of 11"),
        ("who-can --do dashboard.manage_admins --from 3", "who-can --do dashboard.manage_admins --from 3 --to 11"),
        ("who-can --do dashboard.manage_admins --granted", "who-can --do dashboard.manage_admins --granted --as-of 11"),
        ("diff --from 3", "diff --from 3 --to 11"),
    ] {
        let file = book.run(&format!("case-file create {create} --as-of 11")).good().out;
        let told = nowhere.give(&format!("case-file verify - --key {}", key.trim()), &file).good().out;
        assert!(told.contains("accounts  ") && told.contains("jeff"), "{told}");
        let file: serde_json::Value = serde_json::from_str(&file).unwrap();
        assert_eq!(file["answer"], book.json(ask), "{create}");
        let refused = book.run(&format!("case-file create {create} --cited --as-of 11")).ends_with(2).err;
        assert!(refused.contains("nobody else"), "{refused}");
    }
    let backwards = book.run("case-file create diff --from 10 --as-of 9").ends_with(2).err;
    assert!(backwards.contains("must not begin after it ends"), "{backwards}");
    book.run("case-file create diff --as-of 9").ends_with(2);
    // An older file holds on after the key was rotated and the book went on, and is of the old key.
    let old = book.run(WHY).good().out;
    book.run("checkpoint rotate-key").good();
    book.give("sign-in --username jeff", "Welcome-1\nNewer-22\n").good();
    nowhere.give(&format!("case-file verify - --key {}", key.trim()), &old).good();
    let new = book.run(WHY).good().out;
    let refused = nowhere.give(&format!("case-file verify - --key {}", key.trim()), &new).ends_with(1).out;
    assert!(refused.contains("signed by none of the keys you gave"), "{refused}");
}

#[test]
fn a_case_file_is_written_whole_and_for_its_owner_alone() {
    let book = book_of_admins();
    let (file, kept) = (book.dir().join("case.json"), book.dir().join("kept.json"));
    fs::write(&file, "the file before").unwrap();
    fs::hard_link(&file, &kept).unwrap();
    book.run(&format!("{WHY} -o {}", file.display())).good();
    assert_eq!(fs::read_to_string(&file).unwrap(), book.run(WHY).good().out);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(&kept).unwrap(), "the file before", "what was there was not written into");
}

#[test]
fn no_byte_of_a_case_file_can_be_changed() {
    let book = book_of_admins();
    for (create, step) in [("case-file create first-admin --as-of 11".to_owned(), 7), (format!("{WHY} --cited"), 61)] {
        let file = book.run(&create).good().out.into_bytes();
        assert!(grantbook_casefiles::verify(&file, &[], &[]).holds());
        for at in (0..file.len()).step_by(step) {
            for bit in [0, 1, 5] {
                let mut changed = file.clone();
                changed[at] ^= 1 << bit;
                let report = grantbook_casefiles::verify(&changed, &[], &[]);
                let lines = String::from_utf8_lossy(&changed);
                assert!(!report.holds(), "byte {at}, bit {bit}: {:?}\n{lines}", report.checks);
            }
        }
        for cut in [0, 1, file.len() / 2, file.len() - 1] {
            assert!(!grantbook_casefiles::verify(&file[..cut], &[], &[]).holds(), "cut at {cut}");
        }
    }
}

#[test]
fn a_case_that_was_put_together_otherwise_is_named() {
    let book = book_of_admins();
    let file: serde_json::Value = serde_json::from_str(&book.run(WHY).good().out).unwrap();
    let check = |change: &dyn Fn(&mut serde_json::Value), expected: &str| {
        let mut changed = file.clone();
        change(&mut changed);
        let report = grantbook_casefiles::verify(format!("{changed:#}\n").as_bytes(), &[], &[]);
        let wrong = report.checks.iter().filter(|check| !check.holds);
        let wrong: Vec<String> = wrong.map(|check| format!("{}: {}", check.what, check.found)).collect();
        assert!(wrong.iter().any(|wrong| wrong.contains(expected)), "expected {expected}: {wrong:?}");
    };
    let last = file["entries"]["list"].as_array().unwrap().len() - 1;
    check(&|file| file["answer"]["allowed"] = false.into(), "`answer.allowed` is false, and true follows");
    check(&|file| drop(file["entries"]["list"].as_array_mut().unwrap().pop()), "there are 10 entries");
    check(&|file| drop(file["entries"]["list"].as_array_mut().unwrap().remove(4)), "position 6 stands where another");
    check(&|file| file["entries"]["list"].as_array_mut().unwrap().swap(3, last), "stands where another belongs");
    check(&|file| file["opened"][0]["text"] = "Somebody Else".into(), "answer");
    check(&|file| file["question"]["account"] = "bob".into(), "another answer follows");
    check(&|file| file["as_of"]["position"] = 10.into(), "position 11 stands where another");
    check(&|file| file["entries"]["complete"] = false.into(), "form");
    let other = book_of_admins();
    let foreign: serde_json::Value = serde_json::from_str(&other.run(WHY).good().out).unwrap();
    check(&|file| file["entries"] = foreign["entries"].clone(), "the first entry is that of");
    check(&|file| file["checkpoint"] = foreign["checkpoint"].clone(), "signature");
    check(&|file| file["keys"] = serde_json::json!([]), "signature");
    check(&|file| file["more"] = 1.into(), "form: byte");
}

/// A file whose instant is another, in its question and its answer.
fn at_another_instant(file: &str, instant: &str) -> String {
    let mut file: serde_json::Value = serde_json::from_str(file).unwrap();
    file["as_of"]["instant"] = instant.into();
    file["answer"]["as_of"]["instant"] = instant.into();
    format!("{file:#}\n")
}

#[test]
fn an_instant_is_held_against_the_entries_around_it() {
    let book = book_of_admins();
    let check = |file: &str| {
        let report = grantbook_casefiles::verify(file.as_bytes(), &[], &[]);
        let found = report.checks.iter().find(|check| check.what == "instant").unwrap().found.clone();
        (report.holds(), report.instant, found)
    };
    let can = "case-file create can --account bob --do dashboard.manage_admins --as-of";
    let of_position = |position: u64| book.run(&format!("{can} {position}")).good().out;
    let at = |position: u64| {
        let file: serde_json::Value = serde_json::from_str(&of_position(position)).unwrap();
        Instant::parse(file["as_of"]["instant"].as_str().unwrap()).unwrap()
    };
    let (tenth, eleventh) = (at(10), at(11));
    let (between, last) = (tenth.just_after().to_string(), eleventh.just_before().to_string());
    // A day later nothing that was decided has ended.
    let much_later = Instant::from_microseconds(eleventh.microseconds() + 86_400_000_000).to_string();
    let (before, much_later) = (tenth.just_before().to_string(), much_later.as_str());

    for more in ["", " --cited"] {
        // As of a position: the instant is its entry's.
        let file = book.run(&format!("{can} 10{more}")).good().out;
        assert_eq!(check(&file).1, Some(InstantShown::OfTheEntry), "{file}");
        assert!(file.starts_with("{\n  \"case_file\": 1,") && !file.contains("\"next\""), "{file}");
        let (holds, _, found) = check(&at_another_instant(&file, &before));
        assert!(!holds && found.contains("the entry at position 10 is of"), "{found}");
        let (holds, shown, found) = check(&at_another_instant(&file, &between));
        assert!(holds && shown == Some(InstantShown::Claimed), "{found}");
        assert!(found.contains("the word of whoever made the file"), "{found}");

        // As of an instant after which the book went on: the next entry bounds it.
        let file = book.run(&format!("{can} {between}{more}")).good().out;
        assert!(file.starts_with("{\n  \"case_file\": 2,"), "{file}");
        assert_eq!(check(&file).1, Some(InstantShown::BeforeTheNext), "{file}");
        assert!(check(&at_another_instant(&file, &last)).0, "that is as of then");
        for (wrong, expected) in [
            (before.as_str(), "the entry at position 10 is of"),
            (&eleventh.to_string(), "the entry at position 11 is of"),
            (much_later, "the entry at position 11 is of"),
        ] {
            let (holds, shown, found) = check(&at_another_instant(&file, wrong));
            assert!(!holds && shown.is_none() && found.contains(expected), "{wrong}: {found}");
        }
        // Another entry is not the next one, and one that is in no book is none.
        let changed = |change: &dyn Fn(&mut serde_json::Value)| {
            let mut file: serde_json::Value = serde_json::from_str(&file).unwrap();
            change(&mut file);
            check(&format!("{file:#}\n"))
        };
        let (holds, _, found) = changed(&|file| file["next"]["position"] = 12.into());
        assert!(!holds && found.contains("where the one after 10 belongs"), "{found}");
        let (holds, _, found) = changed(&|file| file["next"]["proof"] = serde_json::json!([]));
        assert!(!holds && found.contains("position 11"), "{found}");
        let (holds, _, found) = changed(&|file| {
            let list = file["entries"]["list"].as_array().unwrap();
            file["next"]["bytes"] = list[list.len() - 1]["bytes"].clone();
        });
        assert!(!holds && found.contains("position 11"), "{found}");
    }
    // A file with the next entry shows when the one before it was.
    let file = book.run(&format!("{can} {between} --cited")).good().out;
    let mut file: serde_json::Value = serde_json::from_str(&file).unwrap();
    file["entries"]["list"].as_array_mut().unwrap().pop();
    let (holds, _, found) = check(&format!("{file:#}\n"));
    assert!(!holds && found.contains("the entry at position 10 is missing"), "{found}");

    // Of now nothing later tells: whoever checks is told that it is somebody's word.
    let now = book.run("case-file create can --account bob --do dashboard.manage_admins").good().out;
    let told = book.give("case-file verify -", &at_another_instant(&now, much_later)).good().out;
    assert!(told.contains("holds: instant: it is not before the entry at position"), "{told}");
    assert!(told.contains("It does not show its instant"), "{told}");
    assert_eq!(check(&now).1, Some(InstantShown::Claimed));
}

/// A witness's key and its line under a note, as C2SP tlog-cosignature has them.
fn cosigned(name: &str, secret: u8, note: &str) -> (String, String) {
    let key = SigningKey::from_bytes(&[secret; 32]);
    let public = [&[4], key.verifying_key().as_bytes().as_slice()].concat();
    let (id, text) = (signed_note::key_id(name, &public), note.split("\n\n").next().unwrap());
    let signature = key.sign(format!("cosignature/v1\ntime 7\n{text}\n").as_bytes());
    let bytes = [id.to_be_bytes().as_slice(), &7_u64.to_be_bytes(), &signature.to_bytes()].concat();
    let line = format!("\u{2014} {name} {}\n", BASE64_STANDARD.encode(bytes));
    (format!("{name}+{id:08x}+{}", BASE64_STANDARD.encode(public)), line)
}

#[test]
fn a_witness_whom_nobody_named_counts_for_nothing() {
    let book = book_of_admins();
    let mut file: serde_json::Value = serde_json::from_str(&book.run(WHY).good().out).unwrap();
    let note = file["checkpoint"].as_str().unwrap().to_owned();
    let told = |file: &serde_json::Value, witnesses: &[String]| {
        let report = grantbook_casefiles::verify(format!("{file:#}\n").as_bytes(), &[], witnesses);
        let found = report.checks.iter().find(|check| check.what == "cosignatures").unwrap().found.clone();
        (report.holds(), found, report.meaning().join(" "))
    };
    let not_shown = "It does not show that others were shown the same book";
    let (holds, found, meaning) = told(&file, &[]);
    assert!(holds && found == "no witness cosigned it" && meaning.contains(not_shown), "{found} {meaning}");
    // Whoever hands the file on can make keys, and call them what they like.
    let (known, line) = cosigned("witness.example/w1", 3, &note);
    let (made, made_line) = cosigned("witness.example/w1", 4, &note);
    file["checkpoint"] = format!("{note}{line}{made_line}").into();
    file["witnesses"] = serde_json::json!([known, made]);
    let (holds, found, meaning) = told(&file, &[]);
    assert!(holds && meaning.contains(not_shown), "{meaning}");
    let nobody = "by no witness whom you named; by keys that nobody vouched for (not counted): ";
    assert!(found.starts_with(nobody) && found.contains(&known) && found.contains(&made), "{found}");
    let (holds, found, meaning) = told(&file, std::slice::from_ref(&known));
    assert!(holds && !meaning.contains(not_shown), "{meaning}");
    let others = format!("by keys that nobody vouched for (not counted): {made}");
    assert_eq!(found, format!("by witness.example/w1, whom you named; {others}"));
    let (holds, found, _) = told(&file, &[cosigned("witness.example/w2", 5, &note).0]);
    assert!(!holds && found.contains("witness.example/w2"), "{found}");
}

/// Files of the first version, as they were made.
#[test]
fn files_made_before_the_next_entry_was_shown_go_on_holding() {
    for (file, shown) in [
        (include_str!("../fuzz/corpus/case-file/can.json"), InstantShown::OfTheEntry),
        (include_str!("../fuzz/corpus/case-file/first-admin.json"), InstantShown::OfTheEntry),
        (include_str!("../fuzz/corpus/case-file/view.json"), InstantShown::OfTheEntry),
    ] {
        let report = grantbook_casefiles::verify(file.as_bytes(), &[], &[]);
        assert!(report.holds(), "{:?}", report.checks);
        assert_eq!(report.instant, Some(shown), "{:?}", report.checks);
        let long_ago = at_another_instant(file, "2001-01-01T00:00:00.000000Z");
        assert!(!grantbook_casefiles::verify(long_ago.as_bytes(), &[], &[]).holds());
    }
}

// rule: U5
#[test]
fn an_older_case_file_holds_when_the_person_in_it_is_erased() {
    let book = Book::with_people();
    let personal = ["Otto Ausgeloescht", "otto.gone@example.org", "Kleinkleckersdorf"];
    let [name, email, city] = personal;
    let add = ["do", "add_contact", "--account", "p77", "--full_name", name, "--email", email, "--city", city];
    book.run_with(&add, "", &[]).good();
    book.give("do create_credentials --account p77 --username ox77 --user_class full", "Welcome-1\n").good();
    book.run("do assign_role --account p77 --role RemoteService").good();
    let key = book.run("checkpoint key").good().out;
    let elsewhere = Book::empty();
    let keep = |name: &str, text: &str| {
        let file = elsewhere.dir().join(name);
        fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let checkpoint = keep("checkpoint", &book.run("checkpoint show").good().out);
    let position = read_checkpoint(&fs::read(&checkpoint).unwrap()).unwrap().size;
    let why = format!("why --account p77 --do dashboard.sign_in --as-of {position}");
    let questions = [why.clone(), format!("view --view accounts --as-of {position}")];
    let cases: Vec<String> =
        questions.iter().map(|question| book.run(&format!("case-file create {question}")).good().out).collect();
    assert!(cases[0].contains(name) && cases[1].contains(email), "what a person could see is in the file");
    let allowed = book.json(&why)["allowed"].clone();

    book.run("do erase_contact --account p77 --ticket T-5").good();

    // What was handed out holds on, without the ledger and beside it.
    for (number, case) in cases.iter().enumerate() {
        let file = keep(&format!("case-{number}"), case);
        let told = elsewhere.run(&format!("case-file verify {file} --key {}", key.trim())).good().out;
        assert!(told.contains("holds: answer") && told.contains("nothing before it was left out"), "{told}");
    }
    book.run(&format!("verify --checkpoint {checkpoint}")).good();
    // The rights of then are what they were, and a file made now of the same point tells an id.
    assert_eq!(book.json(&why)["allowed"], allowed);
    for question in &questions {
        let file = book.run(&format!("case-file create {question}")).good().out;
        assert!(personal.iter().all(|value| !file.contains(value)), "{file}");
        elsewhere.give(&format!("case-file verify - --key {}", key.trim()), &file).good();
    }
    // Nothing of them lies anywhere in the ledger's directory.
    let sealed: serde_json::Value = serde_json::from_str(&cases[1]).unwrap();
    let opened = sealed["opened"].as_array().unwrap().iter().filter_map(|one| one["text"].as_str());
    assert!(personal.iter().all(|value| opened.clone().any(|text| text == *value)), "they are what was opened");
    let files = files_of(book.dir());
    assert!(files.len() > 5);
    for (path, bytes) in files {
        for value in personal {
            let found = bytes.windows(value.len()).any(|window| window.eq_ignore_ascii_case(value.as_bytes()));
            assert!(!found, "{value} lies in {}", path.display());
        }
    }
}

/// Every file below a directory, with its bytes.
fn files_of(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_of(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found
}
