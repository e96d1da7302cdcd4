//! Directories that are nobody's but their owner's.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

/// Makes a directory, and those above it that are missing, for its owner alone. One that is there stays as it is.
pub(crate) fn private_dir(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use crate::{Ledger, Options};

    #[tokio::test]
    async fn what_is_made_for_a_ledger_is_its_owners_alone_and_what_was_there_stays_as_it_is() {
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("new").join("data");
        Ledger::open(Options::directory(&data)).await.unwrap().close().await.unwrap();
        assert_eq!((mode(&data), mode(&data.join("journal"))), (0o700, 0o700));
        std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o750)).unwrap();
        Ledger::open(Options::directory(&data)).await.unwrap().close().await.unwrap();
        assert_eq!(mode(&data), 0o750);
    }
}
