//! Forms as browsers send them.

use axum::body::{Body, to_bytes};
use zeroize::Zeroizing;

use super::visitor::pairs;

/// The largest form that is taken: the largest command, encoded.
const MOST_BYTES: usize = 3 << 20;

/// The fields of a form, in order. What they hold is wiped when they are dropped: passwords are among them.
pub(crate) struct Given {
    fields: Vec<(String, Zeroizing<String>)>,
}

impl Given {
    /// The fields that an address says.
    pub(crate) fn of(pairs: &[(String, String)]) -> Given {
        let fields = pairs.iter().map(|(name, value)| (name.clone(), Zeroizing::new(value.clone())));
        Given { fields: fields.collect() }
    }

    /// Reads a form; what is too large or cut off reads as an empty one, which no secret proves to be ours.
    pub(crate) async fn read(body: Body) -> Given {
        let bytes = to_bytes(body, MOST_BYTES).await.unwrap_or_default();
        let text = Zeroizing::new(String::from_utf8_lossy(&bytes).into_owned());
        let fields = pairs(&text).into_iter().map(|(name, value)| (name, Zeroizing::new(value)));
        Given { fields: fields.collect() }
    }

    /// The text of a field; empty where it was not given.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value)
    }

    /// Every value of a field that may be given several times.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}
