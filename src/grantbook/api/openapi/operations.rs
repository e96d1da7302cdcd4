//! What is said of each route: one row each.

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Who {
    /// Whoever is signed in, and support.
    Signed,
    /// Whoever is signed in.
    Account,
    /// A support operator.
    Support,
    /// Everybody.
    Anybody,
    /// Everybody; whoever is signed in is answered more.
    AnybodyOrSigned,
}

/// One route with one method.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    /// As `routes.rs` writes it.
    pub(super) path: &'static str,
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    /// More than the summary; may be empty.
    pub(super) words: &'static str,
    /// Names of parameters beside those in the path.
    pub(super) takes: &'static [&'static str],
    /// The shape of the body; `@Name` for a schema.
    pub(super) body: Option<&'static str>,
    /// What it answers: status, media type, shape (of JSON).
    pub(super) answers: &'static [(u16, &'static str, &'static str)],
    /// The statuses of the problems that it may answer with.
    pub(super) problems: &'static [u16],
    pub(super) who: Who,
}

/// What the routes are about.
pub(super) const TAGS: &[(&str, &str)] = &[
    ("doors", "Signing in and out, and passwords."),
    ("commands", "The one door for every change."),
    ("questions", "What is so, now or as of any instant, and why."),
    ("entries", "The journal: who did what, when, by what right."),
    ("evidence", "Proofs that nothing was changed, in C2SP form."),
    ("reviews", "Access reviews under way."),
    ("contacts", "Contacts as their tenant shows them (rules: V1, V2)."),
    ("support", "What support operators do, from outside a tenant."),
    ("catalogue", "What there is: the same for everybody."),
    ("server", "This server."),
];

const JSON: &str = "application/json";

/// A question on a tenant.
const ASK: Operation = Operation {
    method: "get",
    path: "",
    id: "",
    tag: "questions",
    summary: "",
    words: "",
    takes: &["as_of", "at_least"],
    body: None,
    answers: &[],
    problems: &[401, 403, 404, 422, 503],
    who: Who::Signed,
};

/// A door of a tenant that takes a body.
const DOOR: Operation = Operation {
    method: "post",
    tag: "doors",
    takes: &[],
    problems: &[400, 401, 403, 409, 413, 415, 422, 429, 503],
    who: Who::Anybody,
    ..ASK
};

/// What everybody is answered, whoever asks.
const OPEN: Operation = Operation { tag: "catalogue", takes: &[], problems: &[], who: Who::Anybody, ..ASK };

const RECORDED: &[(u16, &str, &str)] = &[
    (200, JSON, "{entry: @Entry|null}"),
    (
        201,
        JSON,
        "{position, entry: @Entry, second_factor?: {secret, otpauth}, webhook_secrets?: [{webhook, secret=webhook_secret}]}",
    ),
];

const ENTRIES: &[(u16, &str, &str)] = &[
    (200, JSON, "{as_of, entries: [@Entry], next}"),
    (200, "application/x-ndjson", ""),
    (200, "text/csv", ""),
    (200, "application/cloudevents-batch+json", "@CloudEvents"),
    (200, "text/plain", ""),
];

/// Every route.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/healthz",
        id: "alive",
        tag: "server",
        summary: "Whether the program runs",
        answers: &[(200, JSON, "{status, views?: {rounds=count, drifted=count}}")],
        ..OPEN
    },
    Operation {
        path: "/readyz",
        id: "ready",
        tag: "server",
        summary: "Whether the ledger can store",
        answers: &[(200, JSON, "{status}")],
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
        answers: &[(200, JSON, "{openapi=words, info=why, paths=why}")],
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
        answers: &[(200, JSON, "{capabilities: [{do, on, words, rule}]}")],
        ..OPEN
    },
    Operation {
        path: "/v1/commands",
        id: "commands",
        summary: "The commands, with their fields",
        answers: &[(
            200,
            JSON,
            "{commands: [{name, door, words, grants, fields: [{name, required, or_null, kind, expected, choices?, words}]}]}",
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
            "{settings: [{setting, kind, default, unit?, least?, most?, placeholders?, words, rule}]}",
        )],
        ..OPEN
    },
    Operation {
        path: "/v1/rules",
        id: "rules",
        summary: "The rules that answers, refusals and findings cite",
        answers: &[(200, JSON, "{rules: [{rule, words, capabilities, findings}]}")],
        ..OPEN
    },
    Operation {
        path: "/v1/findings",
        id: "findings",
        summary: "The kinds of findings",
        answers: &[(200, JSON, "{findings: [{code, words, rule}]}")],
        ..OPEN
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/sign-in",
        id: "signIn",
        summary: "Sign in",
        words: "The refusal is one same sentence, whatever the cause (rule: C11). Where the password was set by somebody else, `token` is null and `/change-password` comes first (rule: C16).",
        body: Some("{username=login, password, code?, plane?, client?, browser?}"),
        answers: &[(200, JSON, "{token, expires_at, account, became_admin, must_change_password}")],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/sign-out",
        id: "signOut",
        summary: "End this session",
        answers: &[(204, "", "")],
        problems: &[401, 422, 503],
        who: Who::Account,
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/change-password",
        id: "changePassword",
        summary: "Change a password that somebody else set",
        body: Some("{username=login, old, new, code?}"),
        answers: &[(204, "", "")],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/forgot-password",
        id: "forgotPassword",
        summary: "Ask for a link that sets a new password",
        words: "The answer is the same whether there is such an account or not (rule: P1).",
        body: Some("{username=login}"),
        answers: &[(202, JSON, "{detail}")],
        problems: &[400, 413, 415, 422],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/forgot-username",
        id: "forgotUsername",
        summary: "Ask for one's username by mail",
        body: Some("{email=address}"),
        answers: &[(202, JSON, "{detail}")],
        problems: &[400, 413, 415, 422],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reset-password",
        id: "resetPasswordPage",
        method: "get",
        summary: "The page that a link in a mail opens",
        answers: &[(200, "text/html", "")],
        problems: &[],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reset-password",
        id: "resetPassword",
        summary: "Set a new password with the token of a mail",
        body: Some("{token=secret, new}"),
        answers: &[(204, "", "")],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/commands",
        id: "command",
        tag: "commands",
        method: "post",
        summary: "Give a command, or several as one entry",
        words: "201 once the entry is durable, 200 for a dry run. With an Idempotency-Key the same command is carried out once, however often it is sent.",
        takes: &["dry_run", "Idempotency-Key", "If-Match"],
        body: Some("@Commands"),
        answers: RECORDED,
        problems: &[400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503],
        who: Who::Account,
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/commands/{key}",
        id: "commandOutcome",
        tag: "commands",
        summary: "What came of a command whose answer was lost",
        takes: &[],
        answers: &[(200, JSON, "{position, entry: @Entry}")],
        who: Who::Account,
        ..ASK
    },
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
        answers: &[(200, JSON, "{as_of, accounts: [@Account], next}")],
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
        answers: &[(200, JSON, "{as_of, contacts, next}")],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/contacts/{account}",
        id: "contact",
        tag: "contacts",
        summary: "One contact, where the asker sees it",
        takes: &["acting_for", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of}")],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/can",
        id: "can",
        summary: "Whether an account may do a thing",
        words: "As if it signed in freshly: locked, disabled and expired accounts may nothing. `account=guest` is allowed; without `account` it is the asker's own.",
        takes: &["account", "do", "on", "acting_for", "as_of", "at_least"],
        answers: &[(200, JSON, "{allowed, as_of, rule}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/can",
        id: "canMany",
        method: "post",
        summary: "The same of many, as of one point",
        words: "Up to 1000 questions, all or nothing.",
        body: Some("{questions: [{account?=asked, do, on?}]+}"),
        answers: &[(200, JSON, "{as_of, answers: [{allowed, rule, account, do, on}]}")],
        problems: &[400, 401, 403, 404, 413, 415, 422, 503],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/why",
        id: "why",
        summary: "Why an account may do a thing, or may not",
        takes: &["account", "do", "on", "acting_for", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of, allowed, rule, question, why, missing?=why}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/who-can",
        id: "whoCan",
        summary: "Every account that can",
        words: "With `from` and `to`: everyone who could at any time in the span, and when.",
        takes: &["do", "on", "granted", "from", "to", "after_account", "limit_of_rows", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/diff",
        id: "diff",
        summary: "What rights accounts gained and lost between two points, and by what",
        takes: &["from", "to", "account", "after_account", "limit_of_rows", "as_of", "at_least"],
        answers: &[(200, JSON, "{}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reach",
        id: "reach",
        summary: "The accounts whose rights reach furthest",
        takes: &["granted", "limit", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of}")],
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
            "at_least",
        ],
        answers: &[(200, JSON, "{as_of}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/lineage/{account}",
        id: "lineage",
        summary: "Who gave an account what, back to the start, and what rests on it",
        takes: &["direction", "limit_of_rows", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/lineage",
        id: "lineageOfEntry",
        summary: "What an entry rests on, back to the start, and what rests on it",
        takes: &["position", "direction", "limit_of_rows", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/findings/back-test",
        id: "backTest",
        summary: "When a finding's rule would have spoken, in all of the past",
        takes: &["code", "one", "other", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/accounts/{account}/personal-data",
        id: "personalData",
        summary: "All that the ledger holds of a person, as the person may have it",
        answers: &[(200, JSON, "{as_of}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/blast-radius/{account}",
        id: "blastRadius",
        summary: "What an account did and what rests on that",
        takes: &["since", "limit_of_rows", "as_of", "at_least"],
        answers: &[(200, JSON, "{as_of}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/what-if",
        id: "whatIf",
        method: "post",
        summary: "What would be, had history gone otherwise",
        words: "The journal is untouched.",
        body: Some("{}"),
        answers: &[(200, JSON, "{}")],
        problems: &[400, 401, 403, 404, 409, 413, 415, 422, 503],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reconcile",
        id: "reconcile",
        method: "post",
        summary: "How what is so elsewhere differs from the book",
        body: Some("{}"),
        answers: &[(200, JSON, "{}")],
        problems: &[400, 401, 403, 404, 409, 413, 415, 422, 503],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reviews/{review}",
        id: "review",
        tag: "reviews",
        summary: "One review, with its items",
        answers: &[(200, JSON, "{as_of}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reviews/{review}/report",
        id: "reviewReport",
        tag: "reviews",
        summary: "What came of a review",
        answers: &[(200, JSON, "{as_of}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/case-file",
        id: "caseFile",
        tag: "evidence",
        method: "post",
        summary: "A question, its answer, its entries and their proofs in one file",
        body: Some("{}"),
        answers: &[(200, JSON, "{}")],
        problems: &[400, 401, 403, 404, 413, 415, 422, 503],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/checkpoint",
        id: "checkpoint",
        tag: "evidence",
        summary: "The signed checkpoint of the newest entries",
        answers: &[(200, "text/plain", "")],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/integrity",
        id: "integrity",
        tag: "evidence",
        summary: "How the book is kept: what was signed last, whether its views were checked, its second copy",
        words: "`checkpoint` is the one that was signed last, null where none was (`nothing_signed` says why, where nothing \
                is any more); `views` how far the live views were compared with the entries: `ok`, `drifted` or `unchecked`; \
                `seal` how the journal was found when it was opened: `new`, `whole`, `broken` (as a crash leaves it) or \
                `removed`, null in memory; `mirror` how many entries the second copy lacks, null where there is none.",
        takes: &["at_least"],
        answers: &[(200, JSON, "{as_of, views}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/checkpoint/cosignatures",
        id: "cosign",
        tag: "evidence",
        method: "post",
        summary: "Hand in a witness's cosignature",
        takes: &[],
        answers: &[(200, JSON, "{}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/proof/inclusion",
        id: "inclusion",
        tag: "evidence",
        summary: "That an entry is in the tree",
        takes: &["position", "size"],
        answers: &[(200, JSON, "{}")],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/proof/consistency",
        id: "consistency",
        tag: "evidence",
        summary: "That a later tree only goes on an earlier one",
        takes: &["from", "to"],
        answers: &[(200, JSON, "{}")],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/tile/{*path}",
        id: "tile",
        tag: "evidence",
        summary: "A tile of the tree (C2SP tlog-tiles)",
        takes: &[],
        answers: &[(200, "application/octet-stream", "")],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/events",
        id: "events",
        tag: "entries",
        summary: "Entries, a page or all of them",
        words: "A page of JSON, to be gone on with `after`; or everything in another form, by `format` or `Accept`: lines of JSON, CSV, CloudEvents, OCSF, syslog. Everybody sees the events that name them (rule: U2); who may read more sees more (rule: U3).",
        takes: &["actor", "subject", "type", "from", "to", "after", "limit", "order", "format", "as_of", "at_least"],
        answers: ENTRIES,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/events/stream",
        id: "stream",
        tag: "entries",
        summary: "Entries as they come (Server-Sent Events)",
        words: "Each once, in order, none left out: whoever reconnects gives the last id that was read, as browsers do by themselves. The id is the position.",
        takes: &["actor", "subject", "type", "after", "Last-Event-ID"],
        answers: &[(200, "text/event-stream", "")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/events/{position}",
        id: "event",
        tag: "entries",
        summary: "One entry, with what was said against it later",
        answers: &[(200, JSON, "@Entry")],
        ..ASK
    },
    Operation {
        path: "/v1/support/commands",
        id: "supportCommand",
        tag: "support",
        method: "post",
        summary: "Give a command as support",
        words: "Commands on a tenant take `cloud_id` and answer with its position; all take `ticket` (rule: U4).",
        takes: &["dry_run", "Idempotency-Key", "If-Match"],
        body: Some("@SupportCommands"),
        answers: &[
            (200, JSON, "{entry: @Entry|null}"),
            (201, JSON, "{position, entry: @Entry, tenants?: [{cloud_id, position}], manager_password?}"),
        ],
        problems: &[400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503],
        who: Who::Support,
    },
    Operation {
        path: "/v1/support/commands/{key}",
        id: "supportCommandOutcome",
        tag: "support",
        summary: "What came of a command of support whose answer was lost",
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
        answers: &[(200, JSON, "{as_of, customers}")],
        who: Who::Support,
        ..ASK
    },
    Operation {
        path: "/v1/support/events",
        id: "supportEvents",
        tag: "support",
        summary: "The installation's own entries",
        takes: &["after", "limit"],
        answers: &[(200, JSON, "{entries: [@Entry], next}")],
        who: Who::Support,
        ..ASK
    },
    Operation {
        path: "/v1/support/tenants",
        id: "tenants",
        tag: "support",
        summary: "The tenants",
        takes: &[],
        answers: &[(200, JSON, "{tenants: [{cloud_id, last, edition, customer, purpose, closed}]}")],
        who: Who::Support,
        ..ASK
    },
];
