//! Questions: what is so, now or as of any instant, and why.

use super::{ASK, JSON, Operation, Who};

/// Every route of it.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/v1/tenants/{cloud_id}/views/{view}",
        id: "view",
        summary: "A view",
        words: "Its `ETag` is the position, to be given in `If-Match` with a command that rests on it, and the fingerprint of the answer: `If-None-Match` is answered 304 while nothing changed.",
        takes: &["as_of", "at_least", "If-None-Match"],
        answers: &[(200, JSON, "@View"), (304, "", "")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/accounts",
        id: "accounts",
        summary: "A page of accounts, by the start of their username",
        takes: &["username_prefix", "after_account", "limit", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of, accounts: [@Account], next=next_account}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/accounts/{account}",
        id: "account",
        summary: "Everything about one account",
        answers: &[(200, JSON, "@WholeAccount")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/contacts",
        id: "contacts",
        tag: "contacts",
        summary: "A page of the contacts that the asker sees",
        takes: &["search", "acting_for", "after_account", "limit", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of, contacts: [@Contact], next=next_account}")],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/contacts/{account}",
        id: "contact",
        tag: "contacts",
        summary: "One contact, where the asker sees it",
        takes: &["acting_for", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of, ..contact}")],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/can",
        id: "can",
        summary: "Whether an account may do a thing",
        words: "As if it signed in freshly: locked, disabled and expired accounts may nothing. `account=guest` is allowed; without `account` it is the asker's own.",
        takes: &["account", "do", "on", "acting_for", "as_of", "at_least"],
        answers: &[(200, JSON, "@Can")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/can",
        id: "canMany",
        method: "post",
        summary: "The same of many, as of one point",
        words: "Up to 1000 questions, all or nothing.",
        body: &[(JSON, "{questions: [{account?=asked, do, on?, acting_for?}]+}")],
        answers: &[(200, JSON, "{as_of, answers: [{allowed, rule, account=asked, do, on, acting_for?}]}")],
        problems: &[400, 401, 403, 404, 413, 415, 422, 503],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/why",
        id: "why",
        summary: "Why an account may do a thing, or may not",
        takes: &["account", "do", "on", "acting_for", "as_of", "at_least"],
        answers: &[(200, JSON, "@Why")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/who-can",
        id: "whoCan",
        summary: "Every account that can",
        words: "With `from` and `to`: everyone who could at any time in the span, and when. Without `to` the span ends at `as_of`.",
        takes: &["do", "on", "granted", "from", "to", "after_account", "limit_of_rows", "as_of", "at_least"],
        answers: &[(200, JSON, "@WhoCan")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/diff",
        id: "diff",
        summary: "What rights accounts gained and lost between two points, and by what",
        words: "Without `to` the later point is `as_of`.",
        takes: &["from", "to", "account", "granted", "after_account", "limit_of_rows", "as_of", "at_least"],
        answers: &[(200, JSON, "@Diff")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reach",
        id: "reach",
        summary: "The accounts whose rights reach furthest",
        takes: &["granted", "limit", "as_of", "at_least"],
        answers: &[(
            200,
            JSON,
            "{as_of, accounts=reaching: [{account, name, rights=rights_count, objects=objects_count, held=held_count}]}",
        )],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/timeline",
        id: "timeline",
        summary: "The life of an account, of a right or of an object as a story",
        takes: &[
            "account",
            "do",
            "on",
            "object",
            "from",
            "to",
            "everything",
            "granted",
            "limit_of_rows",
            "after",
            "as_of",
            "at_least",
        ],
        answers: &[(
            200,
            JSON,
            "{as_of, of, happenings: [{cause, at, recorded_at=recorded_at_or_none, imported, sentence, account?, became?, step=deed: @Step|null}], next=next_entry}",
        )],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/lineage/{account}",
        id: "lineage",
        summary: "Who gave an account what, back to the start, and what rests on it",
        takes: &["direction", "format_of_lineage", "limit_of_rows", "as_of", "at_least"],
        answers: &[
            (200, JSON, "{as_of, account, name, up?: @LineageUp, down?: @LineageDown}"),
            (200, "text/plain", ""),
            (200, "image/svg+xml", ""),
            (200, "text/vnd.graphviz", ""),
        ],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/lineage",
        id: "lineageOfEntry",
        summary: "What an entry rests on, back to the start, and what rests on it",
        takes: &["position", "direction", "format_of_lineage", "limit_of_rows", "as_of", "at_least"],
        answers: &[
            (200, JSON, "{as_of, position, up?: @LineageUp, down?: @LineageDown}"),
            (200, "text/plain", ""),
            (200, "image/svg+xml", ""),
            (200, "text/vnd.graphviz", ""),
        ],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/findings/back-test",
        id: "backTest",
        summary: "When a finding's rule would have spoken, in all of the past",
        takes: &["code", "one", "other", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of, findings: [@Finding]}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/accounts/{account}/personal-data",
        id: "personalData",
        summary: "All that the ledger holds of a person, as the person may have it",
        answers: &[(
            200,
            JSON,
            "{as_of, account=about: @AboutAccount, values: [{field=personal_field, value=personal_value, from=value_from, until=value_until}], entries: [@Entry]}",
        )],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/blast-radius/{account}",
        id: "blastRadius",
        summary: "What an account did and what rests on that",
        takes: &["since", "limit_of_rows", "as_of", "at_least"],
        answers: &[(
            200,
            JSON,
            "{as_of, account, name, since=since_point: {position, instant}, reached: [{account, name, from=in_hands_from, opened=opened_by, how=how_reached}], did_count, did: [@Act], granted_count, still_holding, granted: [@Act], could: [{account, from=could_from, to=could_to, capabilities}], repair: {commands=plan: [@GivenCommand]}|null, steps=plan_steps: [{command=plan_command: @GivenCommand, by=plan_by, for_example, undoes, secret=secret_field, forces}], left: [{undoes, why=why_left, rule}], later=planned_later}",
        )],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/what-if",
        id: "whatIf",
        method: "post",
        summary: "What would be, had history gone otherwise",
        words: "The journal is untouched. Positions are those of the real history; what was put in is shown as \
                `{\"inserted_after\": n}`, where a position or the cause `{\"position\": n}` would stand.",
        body: &[(
            JSON,
            "{without?=left_out_positions, insert?: [{at?=insert_after, as, command=insert_command: @GivenCommand}], views?=view_names}",
        )],
        answers: &[(
            200,
            JSON,
            "{as_of, without: [@LeftOut], inserted: [{after=insert_after, as, accepted, sentences?, rule?, why?=refusal}], refused_count, refused=refused_entries: [@LeftOut], otherwise_count, otherwise: [{position, events=sentences}], views=view_changes: {*: [{path=change_path, before=part_before, after=part_after}]}}",
        )],
        problems: &[400, 401, 403, 404, 409, 413, 415, 422, 503],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reconcile",
        id: "reconcile",
        method: "post",
        summary: "How what is so elsewhere differs from the book",
        body: &[(JSON, "@PlatformState"), ("text/csv", "")],
        answers: &[(
            200,
            JSON,
            "{as_of, equal, compared: {*: count}, not_granted_here: [@Difference], not_there: [@GrantedDifference], differs: [@ValueDifference]}",
        )],
        problems: &[400, 401, 403, 404, 409, 413, 415, 422, 503],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reviews/{review}",
        id: "review",
        tag: "reviews",
        summary: "One review, with its items",
        answers: &[(200, JSON, "@WholeReview")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reviews/{review}/report",
        id: "reviewReport",
        tag: "reviews",
        summary: "What came of a review",
        takes: &["format_of_report", "as_of", "at_least"],
        answers: &[(200, "text/html", ""), (200, "text/csv", ""), (200, JSON, "@WholeReview")],
        ..ASK
    },
];
