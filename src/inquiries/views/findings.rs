//! Findings, open and closed, in the order in which they were opened.

use serde_json::{Value, json};

use crate::shown::{Shown, cause, maybe_cause};

pub(super) fn findings(shown: &Shown<'_>) -> Value {
    let findings = crate::findings::findings(shown).into_iter().map(|finding| {
        json!({
            "code": finding.code,
            "subject": finding.subject,
            "opened": cause(finding.opened),
            "closed": maybe_cause(finding.closed),
            "detail": finding.detail,
        })
    });
    shown.answer([("findings", findings.collect())])
}
