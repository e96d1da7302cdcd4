//! A fixture's folder: what it is called, which rules it is about, and the files it expects.

use std::path::{Path, PathBuf};

use grantbook_events::{Instant, Position, RuleId};
use serde::Deserialize;

/// What `fixture.json` says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meta {
    /// What the fixture is called.
    pub(super) title: String,
    /// The rules that it is about.
    pub(super) rules: Vec<String>,
    /// The Cloud ID of its tenant.
    pub(super) tenant: String,
    /// Whether its expected files are never to be written by the program.
    #[serde(default)]
    pub(super) frozen: bool,
}

/// What an expected file is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The answer of the view of this name.
    View(String),
    /// A table of who can do what.
    Can,
    /// A table of grants and those that they rest on.
    Chain,
}

/// A file that the fixture expects, named by from where it looks.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) path: PathBuf,
    pub(super) position: Position,
    /// The clock; that of the entry where none is named.
    pub(super) instant: Option<Instant>,
    pub(super) kind: Kind,
}

/// A fixture.
#[derive(Debug)]
pub(super) struct Fixture {
    pub(super) meta: Meta,
    pub(super) expected: Vec<Expected>,
}

/// The fixtures of a folder: itself, or the folders in it, by name.
pub(super) fn folders(path: &Path) -> Result<Vec<PathBuf>, String> {
    if path.join("fixture.json").is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut folders = listed(path)?;
    folders.retain(|folder| folder.join("fixture.json").is_file());
    Ok(folders)
}

/// What a folder holds, by name.
fn listed(path: &Path) -> Result<Vec<PathBuf>, String> {
    let wrong = |error: std::io::Error| format!("`{}` cannot be listed: {error}", path.display());
    let mut paths = Vec::new();
    for found in std::fs::read_dir(path).map_err(wrong)? {
        paths.push(found.map_err(wrong)?.path());
    }
    paths.sort();
    Ok(paths)
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("`{}` cannot be read: {error}", path.display()))
}

impl Fixture {
    pub(super) fn read(folder: &Path) -> Result<Fixture, String> {
        let meta: Meta = serde_json::from_str(&text(&folder.join("fixture.json"))?)
            .map_err(|error| format!("`fixture.json`: {error}"))?;
        if meta.title.is_empty() || meta.rules.is_empty() {
            return Err("`fixture.json`: expected a title, and at least one rule".to_owned());
        }
        if let Some(wrong) = meta.rules.iter().find_map(|rule| RuleId::new(rule).err()) {
            return Err(format!("`fixture.json`: {}", wrong.message));
        }
        if text(&folder.join("story.md"))?.trim().is_empty() {
            return Err("`story.md` tells nothing".to_owned());
        }
        let files = listed(&folder.join("views"))?;
        let expected = files.into_iter().map(Expected::named).collect::<Result<Vec<_>, String>>()?;
        if expected.is_empty() {
            return Err("`views` is empty: a fixture says what its entries mean".to_owned());
        }
        Ok(Fixture { meta, expected })
    }
}

impl Expected {
    /// Reads `0012-admins.json`, `0012@2031-02-28T235959Z-admins.json`, `0012-can.txt` and `0012-chain.txt`.
    fn named(path: PathBuf) -> Result<Expected, String> {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let wrong = || {
            format!(
                "`views/{name}`: expected a name such as `0012-admins.json`, `0012@2031-02-28T235959Z-admins.json`, \
                 `0012-can.txt` or `0012-chain.txt`"
            )
        };
        let digits = name.len() - name.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (position, rest) = name.split_at(digits);
        let position = Position(position.parse().map_err(|_| wrong())?);
        let (instant, rest) = match rest.strip_prefix('@') {
            None => (None, rest.strip_prefix('-').ok_or_else(wrong)?),
            Some(rest) => {
                let (instant, rest) = rest.split_once("Z-").ok_or_else(wrong)?;
                (Some(instant_without_colons(instant).ok_or_else(wrong)?), rest)
            }
        };
        let kind = match (rest, rest.strip_suffix(".json")) {
            ("can.txt", _) => Kind::Can,
            ("chain.txt", _) => Kind::Chain,
            (_, Some(view)) if grantbook_inquiries::VIEWS.iter().any(|(name, _)| *name == view) => {
                Kind::View(view.to_owned())
            }
            // Any other name is of no view.
            _ => return Err(wrong()),
        };
        Ok(Expected { position, instant, kind, path })
    }

    /// The file as it is called within the fixture.
    pub(super) fn name(&self) -> String {
        format!("views/{}", self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default())
    }
}

/// `2031-02-28T235959` or with a fraction: names of files have no colons.
fn instant_without_colons(text: &str) -> Option<Instant> {
    let (day, time) = text.split_once('T')?;
    let (hours, rest) = time.split_at_checked(2)?;
    let (minutes, seconds) = rest.split_at_checked(2)?;
    Instant::parse(&format!("{day}T{hours}:{minutes}:{seconds}Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_from_where_they_look() {
        let read = |name: &str| Expected::named(PathBuf::from("views").join(name));
        let plain = read("0012-app-users.json").unwrap();
        assert_eq!((plain.position, plain.instant), (Position(12), None));
        assert_eq!(plain.kind, Kind::View("app-users".to_owned()));
        let later = read("0003@2031-02-28T235959.999999Z-can.txt").unwrap();
        assert_eq!(later.instant, Some(Instant::parse("2031-02-28T23:59:59.999999Z").unwrap()));
        assert_eq!(later.kind, Kind::Can);
        for wrong in
            ["admins.json", "12-admin.json", "12@soon-admins.json", "12-admins.txt", "12@2031-02-28Z-admins.json"]
        {
            assert!(read(wrong).unwrap_err().contains("expected a name such as"), "{wrong}");
        }
    }
}
