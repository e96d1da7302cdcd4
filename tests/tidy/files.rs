//! The files of the repository: all that `.gitignore` does not leave out.

use std::fs;
use std::path::{Path, PathBuf};

/// The customer's six, then what tools look for at the top and nowhere else.
pub(crate) const AGREED_AT_TOP: [&str; 18] = [
    "Cargo.toml",
    "src",
    "projections",
    "replay-fixtures",
    "tests",
    "docs",
    ".ci",
    ".gitignore",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "deny.toml",
    "rustfmt.toml",
    "SECURITY.md",
    "CHANGELOG.md",
    "Containerfile",
    "packaging",
];

/// The top of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A path as a reader of the repository writes it.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The text of a file; `None` if it holds something else.
pub(crate) fn text(path: &Path) -> Option<String> {
    String::from_utf8(fs::read(path).unwrap()).ok()
}

/// Names at the top level, sorted.
pub(crate) fn top_level() -> Vec<String> {
    kept(&root(), &left_out()).iter().map(|path| shown(path)).collect()
}

/// Every file of the repository, sorted.
pub(crate) fn everything() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root(), &left_out(), &mut found);
    assert!(!found.is_empty(), "the repository has files");
    found
}

/// Every file with this extension.
pub(crate) fn all(extension: &str) -> Vec<PathBuf> {
    everything().into_iter().filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

/// Every file under `folder` with this extension.
pub(crate) fn under(folder: &Path, extension: &str) -> Vec<PathBuf> {
    assert!(folder.is_dir(), "{} is a folder", folder.display());
    all(extension).into_iter().filter(|path| path.starts_with(folder)).collect()
}

/// Lines, counted from 1, that name a registry's host or a folder only a build machine has, with what they name.
pub(crate) fn places_of_elsewhere(text: &str) -> Vec<(usize, String)> {
    // In pieces, so that this file does not name them either.
    let hosts = [("crates", "io"), ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("npmjs", "com")]
        .map(|(name, end)| format!("{name}.{end}"));
    let folders = ["root", "home", "work", "Users"].map(|name| format!("/{name}/"));
    let mut found = Vec::new();
    for (line, content) in text.lines().enumerate() {
        for host in hosts.iter().filter(|host| content.contains(host.as_str())) {
            found.push((line + 1, host.clone()));
        }
        for folder in &folders {
            // A folder of such a name somewhere below is not meant: only a path that begins so is a machine's own.
            let absolute = content.match_indices(folder.as_str()).any(|(at, _)| {
                !content[..at].ends_with(|before: char| before.is_alphanumeric() || "._-~}>*".contains(before))
            });
            if absolute {
                found.push((line + 1, folder.clone()));
            }
        }
    }
    found
}

fn collect(folder: &Path, left_out: &[PathBuf], found: &mut Vec<PathBuf>) {
    for path in kept(folder, left_out) {
        if path.is_dir() {
            collect(&path, left_out, found);
        } else {
            found.push(path);
        }
    }
}

fn kept(folder: &Path, left_out: &[PathBuf]) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| {
        let by_path = left_out.contains(path);
        // The one pattern with a star in `.gitignore`: coverage data.
        let by_extension = path.extension().is_some_and(|extension| extension == "profraw");
        !by_path && !by_extension
    });
    paths.sort();
    paths
}

/// What the lines of `.gitignore` that begin with a slash leave out, and Git's own folder.
fn left_out() -> Vec<PathBuf> {
    let root = root();
    let ignored = text(&root.join(".gitignore")).unwrap();
    let mut paths: Vec<_> = ignored
        .lines()
        .filter_map(|line| line.trim().strip_prefix('/'))
        .map(|path| root.join(path.trim_end_matches('/')))
        .collect();
    paths.push(root.join(".git"));
    paths
}

#[test]
fn places_of_elsewhere_are_told_from_places_below() {
    let found = |text: &str| places_of_elsewhere(text).len();
    assert_eq!(found(&format!("see {}.{} for it", "crates", "io")), 1);
    assert_eq!(found(&format!("path = \"/{}/main\"", "work")), 1);
    assert_eq!(found(&format!("cd /{}/ann/grantbook", "home")), 1);
    assert_eq!(found(&format!("../shared/{}/data and ${{HERE}}/{}/x", "work", "home")), 0);
    assert_eq!(found("/var/lib/grantbook and src/events"), 0);
}
