//! What may happen to a file of a closed ledger.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{Random, bytes_of};

/// The files of a closed ledger that hold something, of those that are meant.
fn files(dir: &Path, meant: impl Fn(&Path) -> bool) -> Vec<PathBuf> {
    let found = bytes_of(dir).into_iter().filter(|(_, bytes)| !bytes.is_empty()).map(|(path, _)| path);
    found.filter(|path| path.strip_prefix(dir).is_ok_and(&meant)).collect()
}

/// Does something to one of the files of a closed ledger that are meant: a bit, a cut, bytes exchanged, the file of an older
/// copy put back, the file gone. Out comes what; `None` where nothing changed by it.
pub(crate) fn ruin(dir: &Path, older: &Path, meant: impl Fn(&Path) -> bool, random: &mut Random) -> Option<String> {
    let all = files(dir, meant);
    let path = &all[random.below(all.len() as u64) as usize];
    let named = path.strip_prefix(dir).unwrap().display().to_string();
    let mut bytes = fs::read(path).unwrap();
    let before = bytes.clone();
    let length = bytes.len() as u64;
    let what = match random.below(12) {
        0..=3 => {
            let at = random.below(length) as usize;
            bytes[at] ^= 1 << random.below(8);
            format!("{named}: a bit of byte {at}")
        }
        4..=6 => {
            bytes.truncate(random.below(length) as usize);
            format!("{named}: cut at {}", bytes.len())
        }
        7 | 8 => {
            let size = (1 + random.below(4_096)).min(length / 2 + 1) as usize;
            let (one, other) = (random.below(length - size as u64 + 1), random.below(length - size as u64 + 1));
            let (one, other) = (one as usize, other as usize);
            let kept = bytes[one..one + size].to_vec();
            bytes.copy_within(other..other + size, one);
            bytes[other..other + size].copy_from_slice(&kept);
            format!("{named}: {size} bytes at {one} and {other} exchanged")
        }
        9 | 10 => {
            bytes = fs::read(older.join(&named)).unwrap_or_default();
            format!("{named}: as it was before")
        }
        _ => {
            fs::remove_file(path).unwrap(); // any other number
            return Some(format!("{named}: gone"));
        }
    };
    fs::write(path, &bytes).unwrap();
    (bytes != before).then_some(what)
}
