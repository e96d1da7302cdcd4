//! One process at a time: the lock on the whole directory.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::contain::{Doing, StorageTrouble};
use crate::layout::OWNERS;
use crate::open_error::OpenError;

/// Holds the store for this process until dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    held: File,
}

impl Lock {
    /// Takes the lock and writes who holds it, or says who does.
    pub(crate) fn take(path: &Path) -> Result<Lock, OpenError> {
        let doing = || format!("locking `{}`", path.display());
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false).mode(OWNERS);
        let mut file = options.open(path).doing(doing)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The holder is a courtesy: a line half written is still better than none.
                let _ = file.take(200).read_to_string(&mut holder);
                return Err(OpenError::Locked { holder: named(holder.trim()) });
            }
            Err(TryLockError::Error(e)) => return Err(StorageTrouble::new(doing(), e).into()),
        }
        let mut write = || -> std::io::Result<()> {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            file.write_all(holder_line().as_bytes())?;
            file.sync_all()
        };
        write().doing(doing)?;
        Ok(Lock { held: file })
    }
}

/// What a look at the lock shows.
pub(crate) enum Looked {
    /// Nobody has the store. It stays so while this is kept.
    Free { _kept: Option<File> },
    /// Somebody has, as the lock file names them.
    Held(String),
}

/// Looks who has the store, without taking it.
pub(crate) fn look(path: &Path) -> Result<Looked, OpenError> {
    let doing = || format!("looking at `{}`", path.display());
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Looked::Free { _kept: None }),
        Err(e) => return Err(StorageTrouble::new(doing(), e).into()),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Looked::Free { _kept: Some(file) }),
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.take(200).read_to_string(&mut holder);
            Ok(Looked::Held(named(holder.trim())))
        }
        Err(TryLockError::Error(e)) => Err(StorageTrouble::new(doing(), e).into()),
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone would not do while a child process, just forked, still shares the handle.
        let _ = self.held.unlock();
    }
}

fn holder_line() -> String {
    let program = std::env::args_os().next().unwrap_or_default();
    let program = Path::new(&program).file_name().unwrap_or_default().to_string_lossy().into_owned();
    format!("pid {} program {program}\n", std::process::id())
}

fn named(line: &str) -> String {
    match line {
        "" => "a process that has not yet written its name".into(),
        line if line == holder_line().trim() => format!("{line} (this process)"),
        line => line.into(),
    }
}
