//! A Unix socket whose path may be longer than a socket's address can be.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// The longest path that every system takes as a socket's address, in bytes.
const LONGEST: usize = 103;

/// A path to a socket that is short enough: its own, or one by way of its directory, which is open for as long as this is.
pub(crate) struct SocketPath {
    path: PathBuf,
    _directory: Option<File>,
}

impl SocketPath {
    /// The path to a socket, whether or not it is there yet. Errors: its directory cannot be opened; its path is too long,
    /// and here is no other way to it.
    pub(crate) fn of(socket: &Path) -> io::Result<SocketPath> {
        let (Some(parent), Some(name)) = (socket.parent(), socket.file_name()) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no path to a socket"));
        };
        if socket.as_os_str().len() <= LONGEST {
            return Ok(SocketPath { path: socket.to_owned(), _directory: None });
        }
        let directory = File::open(parent)?;
        let handle = PathBuf::from(format!("/proc/self/fd/{}", directory.as_raw_fd()));
        if !handle.is_dir() {
            let why = format!("a socket's path has at most {LONGEST} bytes here: name a directory with a shorter path");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        Ok(SocketPath { path: handle.join(name), _directory: Some(directory) })
    }

    /// The path, to be used while this is there.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
