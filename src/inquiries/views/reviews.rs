//! Access reviews (rule: U3), by name, each with its items. The authority behind each grant is in the answer about one review.

use serde_json::Value;

use crate::review::reviews_view;
use crate::shown::Shown;

pub(super) fn reviews(shown: &Shown<'_>) -> Value {
    reviews_view(shown, &Some)
}
