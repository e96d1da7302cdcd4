//! What the meaning of entries is made by, as a number: the sources of the rooms that decode and fold them. Kept views
//! name it, so that a program that would fold otherwise, or lays views out otherwise, never starts from them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The rooms that make views of bytes, and the tree that is kept beside them.
const ROOMS: [&str; 4] = ["../events", "../encoding", "../../projections", "../evidence"];

fn main() -> io::Result<()> {
    let mut sources = Vec::new();
    for room in ROOMS {
        writeln!(io::stdout(), "cargo::rerun-if-changed={room}")?;
        collect(Path::new(room), &mut sources)?;
    }
    sources.sort();
    let mut hasher = DefaultHasher::new();
    for source in sources {
        source.hash(&mut hasher);
        fs::read(&source)?.hash(&mut hasher);
    }
    writeln!(io::stdout(), "cargo::rustc-env=GRANTBOOK_FOLD={:016x}", hasher.finish())
}

fn collect(folder: &Path, sources: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(path);
        }
    }
    Ok(())
}
