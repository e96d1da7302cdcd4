//! This server, and the catalogues of what there is.

use super::{JSON, OPEN, Operation};

/// Every route of it.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/healthz",
        id: "alive",
        tag: "server",
        summary: "Whether the program runs",
        answers: &[(200, JSON, "{status=health_status, views=views_checked: {rounds, drifted=drifted_count}}")],
        ..OPEN
    },
    Operation {
        path: "/readyz",
        id: "ready",
        tag: "server",
        summary: "Whether the ledger can store",
        answers: &[(200, JSON, "{status=ready_status, mirror?: @Mirror}")],
        problems: &[503],
        ..OPEN
    },
    Operation {
        path: "/metrics",
        id: "metrics",
        tag: "server",
        summary: "Figures for Prometheus",
        words: "Commit latency, batches, queues, sessions, refusals. No tenant's name is in it.",
        answers: &[(200, "text/plain", "")],
        problems: &[403],
        ..OPEN
    },
    Operation {
        path: "/openapi.json",
        id: "openapi",
        tag: "server",
        summary: "This description",
        answers: &[(200, JSON, "@OpenApi")],
        ..OPEN
    },
    Operation {
        path: "/docs",
        id: "docs",
        tag: "server",
        summary: "This description, for people",
        answers: &[(200, "text/html", "")],
        ..OPEN
    },
    Operation {
        path: "/",
        id: "about",
        tag: "server",
        summary: "What this is and where to look",
        answers: &[(200, "text/plain", ""), (200, "text/html", "")],
        ..OPEN
    },
    Operation {
        path: "/v1/capabilities",
        id: "capabilities",
        summary: "What can be asked with `do`",
        answers: &[(200, JSON, "{capabilities=capability_rows: [{do, on=on_kind, words, rule}]}")],
        ..OPEN
    },
    Operation {
        path: "/v1/commands",
        id: "commands",
        summary: "The commands, with their fields",
        answers: &[(
            200,
            JSON,
            "{commands=command_rows: [{name=command_name, door, words, grants, fields: [{name=field_name, required, or_null, kind=field_kind, expected, choices?, words}]}]}",
        )],
        ..OPEN
    },
    Operation {
        path: "/v1/settings",
        id: "settings",
        summary: "The settings, with the values that they may have",
        answers: &[(
            200,
            JSON,
            "{settings=setting_rows: [{setting, kind=setting_kind, default, unit?, least?, most?, placeholders?, words, rule}]}",
        )],
        ..OPEN
    },
    Operation {
        path: "/v1/rules",
        id: "rules",
        summary: "The rules that answers, refusals and findings cite",
        answers: &[(200, JSON, "{rules: [{rule, words, capabilities, findings=finding_codes}]}")],
        ..OPEN
    },
    Operation {
        path: "/v1/findings",
        id: "findings",
        summary: "The kinds of findings",
        answers: &[(200, JSON, "{findings=finding_rows: [{code, words, rule}]}")],
        ..OPEN
    },
];
