//! From which point a question is asked.

use crate::client::Request;

/// From which point to look: now, where nothing is said.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Point {
    /// Answer as of a position of the book, or an RFC 3339 instant
    #[arg(long, value_name = "POSITION|INSTANT")]
    as_of: Option<String>,
    /// Wait until the book has come to this position
    #[arg(long, value_name = "POSITION")]
    at_least: Option<u64>,
}

impl Point {
    /// Whether the book is looked at as of some point, not as it is now.
    pub(crate) fn is_past(&self) -> bool {
        self.as_of.is_some()
    }

    /// The request, asked from there.
    pub(crate) fn of(&self, request: Request) -> Request {
        request.maybe_query("as_of", self.as_of.as_deref()).maybe_query("at_least", self.at_least)
    }
}
