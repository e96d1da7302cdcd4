//! What lies beside the journal of a closed ledger is damaged at random: the vault, the keys that sign checkpoints, what is kept of
//! them, kept views. Each damage is noticed, by opening or by `verify`, or it is harmless: nobody's secret is another, every
//! right is what it was. What comes of each is written down in `docs/failure-modes.md`.

use std::fs;
use std::path::Path;

use grantbook::verify::verify;
use grantbook_ledger::events::{Position, SignInPlane};
use grantbook_ledger::{Ledger, Options};
use serde_json::json;

use crate::ruin::ruin;
use crate::support::{OWN_PASSWORD, Random, cloud_id, copy_dir, give, number, options, sign_in, staff, tenant};

const TENANT: &str = "abcimis";
const NEW_PASSWORD: &str = "new password 3";

fn keeping(dir: &Path) -> Options {
    Options { keep_views_every: 8, ..options(dir) }
}

/// What can be read of the ledger, with personal values opened, and the checkpoint of its last entry.
fn told(ledger: &Ledger) -> (Vec<String>, Result<String, String>) {
    let tenant = ledger.tenant_named(&cloud_id(TENANT)).unwrap();
    let last = tenant.last().0;
    let entries = (1..=last).map(Position).map(|at| tenant.show(Some(at), &tenant.entry(at).unwrap()).to_string());
    let note = tenant.checkpoint(last).map(|signed| signed.note).map_err(|error| error.to_string());
    (entries.collect(), note)
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_beside_the_journal_is_noticed_or_harmless() {
    let place = tempfile::tempdir().unwrap();
    let (dir, older, there) = (place.path().join("data"), place.path().join("older"), place.path().join("there"));
    let ledger = Ledger::open(keeping(&dir)).await.unwrap();
    let (handle, manager) = tenant(&ledger, TENANT).await;
    let people: Vec<String> = ["bob", "jeff", "sarah"].map(str::to_owned).to_vec();
    staff(&handle, &manager, &people, |_| true).await;
    told(&ledger).1.unwrap();
    drop(handle);
    ledger.close().await.unwrap();
    copy_dir(&dir, &older);
    let ledger = Ledger::open(keeping(&dir)).await.unwrap();
    let handle = ledger.tenant_named(&cloud_id(TENANT)).unwrap();
    for person in &people {
        let origin = grantbook_ledger::Origin::default();
        handle.change_password(person, OWN_PASSWORD, NEW_PASSWORD, &origin).await.unwrap();
    }
    let late = json!({"name": "add_contact", "account": "late", "full_name": "Late L."});
    give(&handle, &manager, late).await;
    let (entries, note) = told(&ledger);
    let note = note.unwrap();
    drop(handle);
    ledger.close().await.unwrap();

    let mut random = Random::seeded("damage beside the journal");
    let (mut refused, mut said, mut harmless) = (0, 0, 0);
    for _ in 0..number("GRANTBOOK_DAMAGES", 40) {
        copy_dir(&dir, &there);
        // The vault is the most of it.
        let vault = random.below(3) > 0;
        let meant = |file: &Path| if vault { file == Path::new("vault.db") } else { !file.starts_with("journal") };
        let Some(what) = ruin(&there, &older, meant, &mut random) else {
            fs::remove_dir_all(&there).unwrap();
            continue;
        };
        let damaged = fs::read(there.join("vault.db")).ok();
        match Ledger::open(keeping(&there)).await {
            Err(error) => {
                assert!(what.starts_with("vault.db"), "{what}: only the vault is needed: {error}");
                assert!(!grantbook::verify::refused(&error).problems.is_empty(), "{what}: {error}");
                assert!(fs::read(there.join("vault.db")).ok() == damaged, "{what}: left as it was: {error}");
                refused += 1;
            }
            Ok(copy) => {
                // No answer about a right rests on any of these files; what cannot be opened is null.
                let problems = verify(&copy, &mut |_, _| {}).problems;
                let (shown, signed) = told(&copy);
                assert_eq!(shown.len(), entries.len(), "{what}");
                if problems.is_empty() {
                    assert_eq!(shown, entries, "{what}: nothing was noticed, and something is shown otherwise");
                    // A key that is gone is followed by a new one, whose signature is another.
                    assert!(what.contains("/key") || signed.as_ref() == Ok(&note), "{what}: {signed:?}");
                    let handle = copy.tenant_named(&cloud_id(TENANT)).unwrap();
                    for person in &people {
                        let opened = sign_in(&handle, person, NEW_PASSWORD, SignInPlane::Dashboard).await;
                        assert!(opened.is_ok(), "{what}: nothing was noticed, and {person} cannot sign in");
                    }
                    harmless += 1;
                } else {
                    said += 1;
                }
                // An older password, or one that nobody chose, opens nothing.
                let handle = copy.tenant_named(&cloud_id(TENANT)).unwrap();
                assert!(sign_in(&handle, "bob", OWN_PASSWORD, SignInPlane::Dashboard).await.is_err(), "{what}");
                drop(handle);
                drop(copy.close().await);
            }
        }
        fs::remove_dir_all(&there).unwrap();
    }
    println!("{refused} refused with what, {said} told by verify, {harmless} harmless");
}
