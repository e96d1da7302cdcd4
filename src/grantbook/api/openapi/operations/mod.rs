//! What is said of each route: one row each, by chapter.

mod doors;
mod evidence;
mod questions;
mod server;
mod support;

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
    /// The body that it takes: media type, shape (of JSON; `@Name` for a schema).
    pub(super) body: &'static [(&'static str, &'static str)],
    /// What it answers: status, media type, shape (of JSON).
    pub(super) answers: &'static [(u16, &'static str, &'static str)],
    /// The statuses of the problems that it may answer with.
    pub(super) problems: &'static [u16],
    pub(super) who: Who,
}

/// Every route.
pub(super) fn operations() -> impl Iterator<Item = &'static Operation> {
    let chapters =
        [server::OPERATIONS, doors::OPERATIONS, questions::OPERATIONS, evidence::OPERATIONS, support::OPERATIONS];
    chapters.into_iter().flatten()
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
    body: &[],
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
        "{position, entry: @Entry, second_factor?=enrolled_factor: {secret, otpauth}, webhook_secrets?: [{webhook, secret=webhook_secret}]}",
    ),
];

const ENTRIES: &[(u16, &str, &str)] = &[
    (200, JSON, "{as_of, entries: [@Entry], next=next_entry}"),
    (200, "application/x-ndjson", ""),
    (200, "text/csv", ""),
    (200, "application/cloudevents-batch+json", "@CloudEvents"),
    (200, "text/plain", ""),
];
