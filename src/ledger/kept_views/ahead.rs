//! Files that are read before they are asked for: at a start after a crash the journal is tried first, and while its copy is
//! written one core has nothing to do. One thread reads one file after the other; whoever asks for one that it has not come to
//! reads it himself.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, Weak};
use std::thread;

use grantbook_journal::StreamName;
use parking_lot::Mutex;

use super::{Folded, NotUsed};

type Read = Result<Folded, NotUsed>;
/// Read by whoever comes first, and taken once.
type Once = OnceLock<Mutex<Option<Read>>>;

/// What is being read ahead.
#[derive(Default)]
pub(super) struct Ahead {
    streams: Mutex<HashMap<StreamName, Arc<Once>>>,
}

impl Ahead {
    /// Begins to read the files of these streams.
    pub(super) fn begin(&self, streams: Vec<StreamName>, read: impl Fn(&StreamName) -> Read + Send + 'static) {
        let files: Vec<(StreamName, Arc<Once>)> = streams.into_iter().map(|stream| (stream, Arc::default())).collect();
        // What nobody asks for any more is not read.
        let wanted: Vec<(StreamName, Weak<Once>)> =
            files.iter().map(|(stream, file)| (stream.clone(), Arc::downgrade(file))).collect();
        if wanted.is_empty() {
            return;
        }
        self.streams.lock().extend(files);
        let read_all = move || {
            for (stream, file) in wanted {
                if let Some(file) = file.upgrade() {
                    file.get_or_init(|| Mutex::new(Some(read(&stream))));
                }
            }
        };
        // Without the thread everything is read when it is asked for.
        let _ = thread::Builder::new().name("views-ahead".to_owned()).spawn(read_all);
    }

    /// The file of a stream, as it was read ahead or is read now.
    pub(super) fn take(&self, stream: &StreamName, read: impl Fn(&StreamName) -> Read) -> Read {
        let ahead = self.streams.lock().remove(stream);
        let found = ahead.and_then(|file| file.get_or_init(|| Mutex::new(Some(read(stream)))).lock().take());
        found.unwrap_or_else(|| read(stream))
    }

    /// Nothing more is asked for.
    pub(super) fn end(&self) {
        self.streams.lock().clear();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_file_is_read_once_whoever_comes_first() {
        let streams: Vec<StreamName> = ["a", "b", "c", "d"].map(|name| StreamName::new(name).unwrap()).into();
        let (ahead, reads) = (Ahead::default(), Arc::new(AtomicUsize::new(0)));
        let counted = {
            let reads = reads.clone();
            move |stream: &StreamName| {
                reads.fetch_add(1, Ordering::Relaxed);
                Err(NotUsed::OtherStream(stream.as_str().to_owned()))
            }
        };
        ahead.begin(streams.clone(), counted.clone());
        for stream in streams.iter().rev() {
            let taken = ahead.take(stream, &counted);
            assert!(matches!(taken, Err(NotUsed::OtherStream(name)) if name == stream.as_str()));
        }
        assert_eq!(reads.load(Ordering::Relaxed), streams.len());
        assert!(ahead.take(&streams[0], &counted).is_err(), "what was taken is read anew");
        assert_eq!(reads.load(Ordering::Relaxed), streams.len() + 1);
    }
}
