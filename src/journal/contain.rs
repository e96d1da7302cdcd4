//! sled panics where others return errors. Every call of it goes through here, and comes out as a value.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;
use std::{io, thread};

/// Storage failed while doing something: an error of the operating system or of sled, or a panic of sled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{doing} failed: {message}")]
pub struct StorageTrouble {
    /// What was being done, to what.
    pub doing: String,
    /// What was said about it.
    pub message: String,
}

impl StorageTrouble {
    pub(crate) fn new(doing: impl Into<String>, message: impl ToString) -> StorageTrouble {
        StorageTrouble { doing: doing.into(), message: message.to_string() }
    }
}

/// Names what was being done when an error came.
pub(crate) trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, StorageTrouble>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Result<T, StorageTrouble> {
        self.map_err(|e| StorageTrouble::new(what(), e))
    }
}

thread_local! {
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
    static MESSAGE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Calls sled. A panic becomes an error and is not printed.
///
/// After a contained panic nothing of sled's state is used again: the store is refused or poisoned. That is what makes
/// asserting unwind safety right.
pub(crate) fn contained<T>(doing: &str, call: impl FnOnce() -> sled::Result<T>) -> Result<T, StorageTrouble> {
    install_hook();
    let outer = CONTAINED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(call));
    CONTAINED.set(outer);
    match outcome {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(StorageTrouble::new(doing, error)),
        Err(payload) => {
            let message = MESSAGE.take().unwrap_or_else(|| said(payload.as_ref()));
            // Dropping what was thrown could throw again.
            std::mem::forget(payload);
            Err(StorageTrouble::new(doing, format!("sled panicked: {message}")))
        }
    }
}

/// Puts a hook before the one there is, once: it keeps the message of a contained panic, and passes all others on.
fn install_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CONTAINED.get() {
                MESSAGE.set(Some(described(info)));
            } else if thread::current().name().is_some_and(|name| name.starts_with("sled-io-")) {
                tracing::error!(message = described(info), "a thread of the store panicked");
            } else {
                next(info);
            }
        }));
    });
}

fn described(info: &PanicHookInfo<'_>) -> String {
    match info.location() {
        Some(place) => {
            let file = place.file().rsplit(['/', '\\']).next().unwrap_or_default();
            format!("{} ({file}:{})", said(info.payload()), place.line())
        }
        None => said(info.payload()),
    }
}

fn said(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".into())
}
