//! What support does, from outside a tenant.

use super::{ASK, JSON, Operation, Who};

/// Every route of it.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/v1/support/commands",
        id: "supportCommand",
        tag: "support",
        method: "post",
        summary: "Give a command as support",
        words: "Commands on a tenant take `cloud_id` and answer with its position; all take `ticket` (rule: U4).",
        takes: &["dry_run", "Idempotency-Key", "If-Match"],
        body: &[(JSON, "@SupportCommands")],
        answers: &[
            (200, JSON, "{entry: @Entry|null}"),
            (
                201,
                JSON,
                "{position, entry: @Entry, cloud_id?, tenants?=reached_tenants: [{cloud_id, position}], manager_password?}",
            ),
        ],
        problems: &[400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503],
        who: Who::Support,
    },
    Operation {
        path: "/v1/support/commands/{key}",
        id: "supportCommandOutcome",
        tag: "support",
        summary: "What came of a command of support whose answer was lost",
        words: "Of the operator's own, in whichever book it was recorded: the entry's `tenant` says in which, null for the installation's own. Where one key was given to several books, the installation's is told, else that of the first Cloud ID.",
        takes: &[],
        answers: &[(200, JSON, "{position, entry: @Entry}")],
        who: Who::Support,
        ..ASK
    },
    Operation {
        path: "/v1/support/customers",
        id: "customers",
        tag: "support",
        summary: "The customers, their subscriptions and Cloud IDs",
        takes: &["as_of"],
        answers: &[(
            200,
            JSON,
            "{as_of, customers: [{customer=customer_name, full_name=shown_name, contact_email, since, subscriptions: {*: {status=subscription_status, from, until, licensed, since}}, cloud_ids: {*: {purpose, since, closed}}, requests: [{position, purpose, requester_name, requester_email, organisation=requesting, url=site_url, region, answered_by}], checks: [{position, at, url=site_url, passed, findings=readiness_findings: [@ReadinessFinding]}]}]}",
        )],
        who: Who::Support,
        ..ASK
    },
    Operation {
        path: "/v1/support/events",
        id: "supportEvents",
        tag: "support",
        summary: "The installation's own entries",
        takes: &["after", "limit"],
        answers: &[(200, JSON, "{entries: [@Entry], next=next_entry}")],
        who: Who::Support,
        ..ASK
    },
    Operation {
        path: "/v1/support/tenants",
        id: "tenants",
        tag: "support",
        summary: "The tenants",
        takes: &[],
        answers: &[(200, JSON, "{tenants: [{cloud_id, last, edition, customer, purpose, closed=closed_at}]}")],
        who: Who::Support,
        ..ASK
    },
];
