//! What each view says, beside `as_of`.

/// Every view, by its name.
pub(super) const VIEWS: &[(&str, &str)] = &[
    ("accounts", "{as_of, accounts: [@Account]}"),
    ("admins", "{as_of, admins: [{..holder, origin}], orphaned_since}"),
    (
        "app-users",
        "{as_of, apps: {*: {title, audience, licensed, users: [{..holder, last_use: {at=used_at, reported}|null}]}}}",
    ),
    ("background-account", "{as_of, account, name, set=set_by_entry, ..by, connected, broken_by, licence}"),
    (
        "communities",
        "{as_of, communities: {*: {open_to, group, since, ..by, wiki_creators: [{principal, ..given}], administrators: [{principal, ..given}]}}}",
    ),
    ("content-authority", "{as_of, groups: {*: {master, covers, since, ..by, members: [{..holder, rights, staff}]}}}"),
    ("findings", "{as_of, findings: [@Finding]}"),
    (
        "groups",
        "{as_of, groups: {*: {built_in, description?, since?, by?, by_support?, import?, dynamic?, condition?, condition_words?, products?, members: [{..holder, purchase?: {product, position}}]}}}",
    ),
    ("legal-holds", "{as_of, legal_holds: [{account, name, since, ..by}], erased: [{account, name, since, ..by}]}"),
    ("levels", "{as_of, modules: {*: [{account, name, level, ..given, effective}]}}"),
    (
        "objects",
        "{as_of, objects: {*: {kind=object_kind, public, active, set, since, ..by, access: [{principal, right, ..given}]}}}",
    ),
    (
        "organisations",
        "{as_of, organisations: {*: {kind=organisation_kind, full_name, description, since, ..by, administrators: [{..holder, rests?: {rule, since}}], members: [{..holder, position=office, from, primary, paid?: {since, ..by, until}, can_sign_in}]}}}",
    ),
    ("products", "{as_of, products: {*: {group, since, ..by, buyers: [{..holder}]}}}"),
    (
        "queries",
        "{as_of, queries: {*: {object, set, out_of_box, via_api, personal_data, filtered_to_caller, open_beyond_staff, since, ..by}}}",
    ),
    (
        "refusals",
        "{as_of, refusals: [{position, at, account, name, refused, command?, subject?=subject_or_none, rule?, door?=refused_at, because?, count?, from?=first_at}]}",
    ),
    ("reviews", "{as_of, reviews: {*: @Review}}"),
    ("roles", "{as_of, roles: {*: {system, computed, description, holders: [{..holder}]}}}"),
    ("separations", "{as_of, separations: [{separation, one, other, since, ..by, broken_by=breakers}]}"),
    ("sessions", "{as_of, sessions: [{session, account, name, plane, client, only_enrols, since, expires_at}]}"),
    ("settings", "{as_of, settings: {*: {value, default, since, ..by}}}"),
    (
        "setup",
        "{as_of, tenant: {cloud_id, edition, customer, first_admin, closed?}|null, steps: [{step, words, done, by=by_entry}], next=next_step}",
    ),
    (
        "subscriptions",
        "{as_of, subscriptions: {*: {title, status=subscription_status, from, until, since, ..by, licensed, licensed_changed}}}",
    ),
    (
        "webhooks",
        "{as_of, webhooks: [{webhook, url=webhook_url, events=event_types, since, ..by, state=webhook_state, failing: {since=failing_since, position, attempts, problem=delivery_problem, status=http_status, recorded=changed}|null, dead_letters: [{position, at, attempts, problem=delivery_problem, status=http_status, changed, asked_again}], delivery: {delivered, waiting, attempts, failing_since, problem=delivery_problem, status=http_status, next_try}|null}]}",
    ),
    ("visibility", "{as_of, visibility: {*: {condition, contacts=contacts_count, since, ..by}}}"),
];
