//! The head's own thread, so that its sync and the store's run at once.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use crate::contain::{Doing, StorageTrouble};
use crate::head::{HeadFile, Heads};

/// A head file and the thread that writes it.
#[derive(Debug)]
pub(crate) struct HeadThread {
    jobs: Sender<(u64, Heads)>,
    done: Receiver<Result<(), StorageTrouble>>,
    thread: JoinHandle<HeadFile>,
}

impl HeadThread {
    /// Starts the thread.
    pub(crate) fn start(mut head: HeadFile) -> Result<HeadThread, StorageTrouble> {
        let (jobs, waiting) = channel::<(u64, Heads)>();
        let (say, done) = channel();
        let work = move || {
            for (batch, changes) in waiting {
                if say.send(head.append(batch, changes)).is_err() {
                    break;
                }
            }
            head
        };
        let thread = thread::Builder::new().name("journal-head".into()).spawn(work);
        let thread = thread.doing(|| "starting the thread of the head".into())?;
        Ok(HeadThread { jobs, done, thread })
    }

    /// Begins to write a batch; [`HeadThread::wait`] must follow.
    pub(crate) fn begin(&self, batch: u64, changes: Heads) -> Result<(), StorageTrouble> {
        self.jobs.send((batch, changes)).map_err(|_| gone())
    }

    /// Waits until the batch begun last is durable.
    pub(crate) fn wait(&self) -> Result<(), StorageTrouble> {
        self.done.recv().map_err(|_| gone())?
    }

    /// Ends the thread and gives the file back.
    pub(crate) fn stop(self) -> Result<HeadFile, StorageTrouble> {
        drop(self.jobs);
        self.thread.join().map_err(|_| gone())
    }
}

fn gone() -> StorageTrouble {
    StorageTrouble::new("writing the head", "its thread is gone")
}
