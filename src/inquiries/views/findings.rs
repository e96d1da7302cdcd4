//! Findings, open and closed, in the order in which they were opened.

use serde_json::Value;

use crate::shown::Shown;

pub(super) fn findings(shown: &Shown<'_>) -> Value {
    crate::findings::findings_json(shown, &crate::findings::findings(shown))
}
