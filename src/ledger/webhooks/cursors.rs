//! How far each webhook is: a file a webhook, `webhooks/<tenant>/<version of its secret>`, that holds the last position which
//! needs no more sending, as one line of 20 digits.
//!
//! A line is overwritten where it lies by one write of its length, which a program that is killed has made or has not. It is
//! not synced: what a machine that loses its power forgets is sent again. A file that is missing, or is no such line, is
//! the entry that added the webhook: then everything since is sent again, and nothing is left out.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use grantbook_events::{Position, SecretVersion};

use crate::private::private_dir;

/// The length of a line without its end.
const DIGITS: usize = 20;

/// The files of an installation; none in memory.
pub(super) struct Cursors(Option<PathBuf>);

impl Cursors {
    pub(super) fn new(dir: Option<&Path>) -> Cursors {
        Cursors(dir.map(|dir| dir.join("webhooks")))
    }

    fn file(&self, tenant: &str, webhook: SecretVersion) -> Option<PathBuf> {
        Some(self.0.as_ref()?.join(tenant).join(format!("{:016x}", webhook.0)))
    }

    /// How far a webhook is; `None` where nothing is known of it.
    pub(super) fn read(&self, tenant: &str, webhook: SecretVersion) -> Option<Position> {
        let line = std::fs::read_to_string(self.file(tenant, webhook)?).ok()?;
        let digits = line.strip_suffix('\n').filter(|digits| digits.len() == DIGITS)?;
        digits.parse().ok().map(Position).filter(|position| *position <= Position::GREATEST)
    }

    /// The webhook is so far. Errors: the file could not be written, and the entry may be sent again after a restart.
    pub(super) fn write(&self, tenant: &str, webhook: SecretVersion, position: Position) -> io::Result<()> {
        let Some(path) = self.file(tenant, webhook) else { return Ok(()) };
        let line = format!("{:020}\n", position.0);
        let open = || OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let file = match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().unwrap_or(&path);
                private_dir(folder)?;
                open()?
            }
            opened => opened?,
        };
        file.write_all_at(line.as_bytes(), 0)
    }

    /// Nothing is kept of a webhook that was removed.
    pub(super) fn forget(&self, tenant: &str, webhook: SecretVersion) {
        if let Some(path) = self.file(tenant, webhook) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// When a tenant is opened: files of webhooks that there are not go, and none is beyond the book, as it could be after an
    /// earlier state was restored. Before anything new is recorded, so that nothing new is taken for sent.
    pub(super) fn settle(&self, tenant: &str, there_are: &BTreeSet<u64>, last: Position) -> io::Result<()> {
        let Some(folder) = self.0.as_ref().map(|dir| dir.join(tenant)).filter(|folder| folder.is_dir()) else {
            return Ok(());
        };
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            match u64::from_str_radix(name, 16).ok().filter(|version| there_are.contains(version)) {
                Some(version) => {
                    let webhook = SecretVersion(version);
                    if self.read(tenant, webhook).is_some_and(|position| position > last) {
                        self.write(tenant, webhook, last)?;
                    }
                }
                None => std::fs::remove_file(path)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_what_was_written_last_and_a_damaged_one_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let (cursors, siem) = (Cursors::new(Some(dir.path())), SecretVersion(0xfedc));
        assert_eq!(cursors.read("acme", siem), None);
        for position in [Position(9), Position(1_000_000), Position(10)] {
            cursors.write("acme", siem, position).unwrap();
            assert_eq!(cursors.read("acme", siem), Some(position));
        }
        let file = dir.path().join("webhooks/acme/000000000000fedc");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "00000000000000000010\n");
        for damaged in ["", "10\n", "0000000000000000001x\n", "00000000000000000010"] {
            std::fs::write(&file, damaged).unwrap();
            assert_eq!(cursors.read("acme", siem), None, "{damaged:?}");
        }
        cursors.forget("acme", siem);
        assert!(!file.exists());
    }

    #[test]
    fn what_is_opened_has_no_cursor_of_another_book() {
        let dir = tempfile::tempdir().unwrap();
        let cursors = Cursors::new(Some(dir.path()));
        let [ahead, behind, gone] = [1, 2, 3].map(SecretVersion);
        for (webhook, position) in [(ahead, 50), (behind, 7), (gone, 7)] {
            cursors.write("acme", webhook, Position(position)).unwrap();
        }
        cursors.settle("acme", &BTreeSet::from([1, 2]), Position(40)).unwrap();
        let read = |webhook| cursors.read("acme", webhook).map(|position| position.0);
        assert_eq!([read(ahead), read(behind), read(gone)], [Some(40), Some(7), None]);
        cursors.settle("nobody", &BTreeSet::new(), Position(1)).unwrap();
    }
}
