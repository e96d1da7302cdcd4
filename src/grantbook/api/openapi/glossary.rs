//! What each field of an answer means: its type, a sentence with its unit, an example. Stated once, for all answers.

use serde_json::{Map, Value, json};

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Holds {
    Text,
    Boolean,
    /// A number of an entry, from 0 to 2^53 - 1.
    Position,
    /// A whole number.
    Count,
    /// RFC 3339, UTC, to the microsecond.
    Instant,
    /// A day.
    Date,
    /// A schema of its own name.
    Named(&'static str),
    /// A list of texts.
    Texts,
    /// Whatever JSON holds.
    Anything,
    /// An object of fields that depend on what it is about.
    Object,
}

use Holds::{Anything, Boolean, Count, Date, Instant, Named, Object, Position, Text, Texts};

/// One field: its name, what it holds, whether null is a value, what it means, an example in JSON.
type Row = (&'static str, Holds, bool, &'static str, &'static str);

/// Every field.
pub(super) const FIELDS: &[Row] = &[
    ("abandoned", Object, false, "The line at which the import was finished as it was.", "{\"line\": 12}"),
    ("access", Texts, false, "The rights on it.", "[]"),
    ("account", Text, true, "The id of an account.", "\"jeff\""),
    ("accounts", Anything, false, "The accounts.", "[]"),
    ("active", Boolean, false, "Whether it is in use.", "true"),
    ("actor", Named("Actor"), false, "Who acted.", "{\"kind\": \"account\", \"id\": \"bob\", \"name\": \"Bob S.\"}"),
    ("address", Text, false, "The email address.", "\"jeff@example.org\""),
    ("admin", Anything, true, "Its place among the Admin Users; null where it is none.", "null"),
    ("administrators", Anything, false, "Who administers it.", "[]"),
    ("admins", Anything, false, "The Admin Users.", "[]"),
    ("allowed", Boolean, false, "Whether it may.", "true"),
    ("answers", Anything, false, "The answers, in the order of the questions.", "[]"),
    ("app", Text, false, "The slug of an app.", "\"datastation\""),
    ("apps", Anything, false, "The apps.", "[]"),
    (
        "as_of",
        Named("AsOf"),
        false,
        "What the answer is as of.",
        "{\"position\": 17, \"instant\": \"2026-11-21T09:30:00.000000Z\"}",
    ),
    (
        "asked",
        Text,
        true,
        "An account's id, `@username` or `guest`; the asker's own, where it is left out.",
        "\"jeff\"",
    ),
    ("asked_again", Boolean, false, "Whether it was asked that it be sent once more, and is not yet.", "false"),
    ("at", Instant, false, "When it happened.", "\"2026-11-21T09:30:00.000000Z\""),
    ("attempts", Count, false, "How often it was tried.", "11"),
    ("audience", Text, false, "Who may be assigned: staff or anyone (rule: A1).", "\"staff\""),
    (
        "authority",
        Position,
        true,
        "The position of the entry that set the right which the actor used; null for the system, support, guests and the start of a tenant.",
        "4",
    ),
    ("became_admin", Boolean, false, "Whether this first sign-in made the account an Admin User (rule: F1).", "false"),
    ("because", Text, false, "Why it was refused.", "\"wrong_password\""),
    ("broken_by", Anything, true, "What broke it; null where nothing did.", "null"),
    ("browser", Text, false, "An id that the tabs of one browser share (rule: S5).", "\"5241d06455b78e5d\""),
    ("built_in", Boolean, false, "Whether it comes with the system and cannot be deleted (rule: X1).", "true"),
    ("buyers", Anything, false, "Who bought it.", "[]"),
    ("by", Anything, true, "The id of the account that gave it; null for the system and support.", "\"bob\""),
    ("by_entry", Named("Cause"), true, "By which entry it was done; null where it is not.", "{\"position\": 12}"),
    ("by_support", Text, false, "The support operator who gave it.", "\"Sue Support\""),
    ("can", Texts, false, "The capabilities that it has on nothing in particular.", "[\"dashboard.sign_in\"]"),
    ("can_sign_in", Boolean, false, "Whether it has credentials that open a door now.", "true"),
    ("capabilities", Anything, false, "The capabilities.", "[]"),
    ("cause", Anything, true, "What brought it about; null for a command of its own.", "null"),
    ("changed", Named("Cause"), false, "The entry that says so.", "{\"position\": 40}"),
    ("choices", Texts, false, "The values that it may have.", "[\"public\", \"casual\", \"full\"]"),
    ("city", Text, true, "City.", "\"Oslo\""),
    ("client", Text, false, "browser or application (rule: R2).", "\"browser\""),
    ("closed", Named("Cause"), true, "What closed it; null while it is open.", "null"),
    ("cloud_id", Text, false, "The Cloud ID of a tenant.", "\"abcimis\""),
    ("code", Text, false, "The kind of finding, or the code of a second factor.", "\"first-admin-open\""),
    ("command", Text, false, "The name of the command; `batch` for a list.", "\"add_admin\""),
    ("command_id", Text, false, "The Idempotency-Key, else a random UUID.", "\"01935a3c-6a2e-7c4b-9f53-2b1de8a0c001\""),
    ("commands", Anything, false, "The commands.", "[]"),
    ("communities", Anything, false, "The communities, by name.", "{}"),
    ("computed", Boolean, false, "Whether it is computed and cannot be assigned (rule: G3).", "false"),
    ("condition", Anything, true, "The condition on contacts.", "{\"status\": \"active\"}"),
    ("condition_words", Text, true, "The condition in words.", "\"the status is active\""),
    ("connected", Boolean, true, "Whether it works; null while none is set.", "true"),
    ("contacts", Anything, false, "The contacts; in the view of visibility, how many.", "[]"),
    ("content_authority", Anything, false, "Its places in content authority groups.", "[]"),
    ("corrections", Anything, false, "What was said against the entry later (rule: U5).", "[]"),
    ("count", Count, false, "How many.", "3"),
    ("country", Text, true, "Country.", "\"Norway\""),
    ("covers", Texts, false, "The paths of the objects that it covers.", "[\"/site/news\"]"),
    ("created", Anything, false, "What was created.", "{}"),
    ("credentials", Anything, true, "The state of its credentials; null where it has none (rule: C1).", "null"),
    (
        "customer",
        Text,
        true,
        "The customer that the tenant belongs to; `local` for one made by the local operator.",
        "\"local\"",
    ),
    ("customers", Anything, false, "The customers.", "[]"),
    ("dead_letters", Anything, false, "The entries whose delivery was given up, oldest first.", "[]"),
    ("default", Anything, false, "The value where nobody set another.", "7"),
    ("delivered", Position, false, "The last entry that needs no more sending.", "38"),
    ("delivery", Object, true, "How far it is; null as of the past, of which nobody knows it any more.", "null"),
    (
        "delivery_problem",
        Text,
        true,
        "What was wrong the last time: not_https, unknown_host, not_public, unreachable, certificate, too_slow, redirects or status.",
        "\"unreachable\"",
    ),
    ("description", Text, true, "What it is for.", "\"\""),
    ("detail", Text, false, "A sentence for a person.", "\"Only an Admin User adds Admin Users.\""),
    ("disabled", Boolean, false, "Whether it was disabled (rule: C8).", "false"),
    ("do", Text, false, "What is asked for: one of `GET /v1/capabilities`.", "\"dashboard.manage_admins\""),
    ("done", Boolean, false, "Whether it is done.", "true"),
    ("door", Text, false, "Which door: tenant or support for commands; for refusals, where.", "\"tenant\""),
    ("dynamic", Boolean, false, "Whether it is defined by a condition (rule: X4).", "false"),
    ("edition", Text, false, "cloud or 2017.", "\"cloud\""),
    (
        "effective",
        Boolean,
        false,
        "Whether it gives anything now: grants rest while the account cannot be used.",
        "true",
    ),
    ("effective_date", Date, true, "From this day on the credentials work (rule: C9).", "null"),
    (
        "effective_rights",
        Object,
        false,
        "What the account, freshly signed in, may do on nothing in particular, and which apps it may use.",
        "{}",
    ),
    ("email", Text, true, "An email address.", "\"jeff@example.org\""),
    ("entries", Anything, false, "The entries.", "[]"),
    ("entry", Named("Entry"), true, "The entry.", "{}"),
    ("erased", Anything, false, "Who was erased.", "[]"),
    ("event_types", Texts, false, "The types of events that it is told of; empty for all.", "[\"admin_added\"]"),
    ("events", Anything, false, "What happened, in order.", "[]"),
    ("everyone", Anything, false, "The contacts that everybody sees.", "{}"),
    ("exists", Boolean, false, "Whether it was not removed (rule: C15).", "true"),
    ("expected", Text, false, "What is expected of it.", "\"a name: 1 to 128 characters\""),
    ("expiration_date", Date, true, "Through this day the credentials work (rule: C10).", "\"2031-11-21\""),
    ("expires_at", Instant, true, "When it ends by itself.", "\"2026-11-21T21:30:00.000000Z\""),
    ("failed_attempts", Count, false, "Failed attempts in a row (rule: C6).", "0"),
    ("failing", Object, true, "Since when nothing was delivered, where that is an hour or more.", "null"),
    ("failing_since", Instant, true, "Since when deliveries have failed; null where the last one was taken.", "null"),
    ("field", Text, false, "Which field or parameter is not as expected.", "\"account\""),
    ("fields", Anything, false, "Its fields.", "[]"),
    ("filtered_to_caller", Boolean, false, "Whether it shows each caller their own data alone (rule: Q3).", "false"),
    ("findings", Anything, false, "The findings, or their codes.", "[]"),
    (
        "first_admin",
        Text,
        true,
        "The one account whose first sign-in makes the admin; null for any (rule: F14).",
        "null",
    ),
    ("from", Text, true, "From when: an instant or a day.", "\"2026-01-01\""),
    ("full_name", Text, false, "The full name.", "\"Acme Ltd\""),
    ("grants", Boolean, false, "Whether it takes `until`, the end of the grant (rule: G10).", "true"),
    ("group", Text, true, "The name of a group.", "\"Editors\""),
    ("groups", Anything, false, "The groups.", "{}"),
    ("holders", Anything, false, "Who holds it.", "[]"),
    ("http_status", Anything, true, "The HTTP status of the answer; null where none came.", "500"),
    ("id", Text, false, "What names it.", "\"302ec5d1095e4bd3\""),
    (
        "import",
        Named("Import"),
        true,
        "Who imported it, under which ticket; null for what happened here (rule: U6).",
        "null",
    ),
    ("instant", Instant, true, "The instant that the clock read.", "\"2026-11-21T09:30:00.000000Z\""),
    ("issued", Instant, false, "When it was issued.", "\"2026-11-21T09:30:00.000000Z\""),
    ("kind", Text, false, "What kind it is.", "\"folder\""),
    ("last", Position, false, "The last position.", "33"),
    ("last_use", Anything, true, "When the app last reported its use; null for never (rule: A9).", "null"),
    ("least", Count, false, "The least value.", "1"),
    ("legal_holds", Anything, false, "Who is held.", "[]"),
    ("level", Count, false, "0 to 8 (rule: L1).", "8"),
    ("levels", Anything, false, "Its module authorisation levels.", "[]"),
    (
        "licence",
        Named("Cause"),
        true,
        "The entry that recorded the API Connector licence; null without (rule: B2).",
        "null",
    ),
    ("licensed", Boolean, false, "Whether its subscription licenses it (rule: A2).", "true"),
    ("licensed_changed", Named("Cause"), true, "What licensed it, or ended that.", "{\"position\": 3}"),
    ("line", Count, false, "The line of the file.", "12"),
    ("locked", Anything, true, "Since when and until when it is locked; null where it is not (rule: C6).", "null"),
    ("login", Text, false, "The username.", "\"jeff\""),
    ("manager_email", Text, false, "Where what concerns the tenant is mailed.", "\"desk@example.org\""),
    ("manager_password", Text, false, "MANAGER's first password: shown this once (rule: M1).", "\"6jhss-3x928-dduck\""),
    ("master", Boolean, false, "Whether its members hold Content Administrator (rule: D2).", "false"),
    ("member_type", Text, true, "The member type.", "\"Regular\""),
    ("members", Anything, false, "The members.", "[]"),
    ("modules", Anything, false, "The modules, by name.", "{}"),
    ("most", Count, false, "The greatest value.", "128"),
    (
        "must_change_password",
        Boolean,
        false,
        "Whether the password was set by somebody else and opens nothing but the door to change it (rule: C16).",
        "false",
    ),
    ("name", Text, true, "A name for people.", "\"Jeff T.\""),
    ("new", Text, false, "The new password.", "\"Newer-22\""),
    ("next", Anything, true, "To be given as `after` for what follows; null where nothing does.", "null"),
    ("next_step", Text, true, "The step to do next; null where all are done.", "\"app_users\""),
    ("next_try", Instant, true, "When it is tried next; null where nothing holds it up.", "null"),
    ("object", Text, false, "The path of an object.", "\"/site/news\""),
    ("objects", Anything, false, "The objects, by path.", "{}"),
    ("office", Text, true, "The position that the member holds.", "\"Clerk\""),
    ("old", Text, false, "The password that is in force.", "\"Welcome-1\""),
    (
        "on",
        Text,
        true,
        "On which account, app, object, organisation or query it is asked for; null for nothing in particular.",
        "null",
    ),
    ("one", Text, false, "A capability.", "\"roles.assign\""),
    ("only_enrols", Boolean, false, "Whether the session is for enrolling a second factor alone (rule: S6).", "false"),
    ("open_beyond_staff", Boolean, false, "Whether others than staff may run it (rule: Q3).", "false"),
    ("open_sessions", Count, false, "How many sessions are open.", "1"),
    ("open_to", Text, false, "Whom it is open to: group, accounts or nobody.", "\"group\""),
    ("opened", Named("Cause"), false, "What opened it.", "{\"position\": 1}"),
    ("operator", Text, false, "The name of a support operator.", "\"pat\""),
    ("or_null", Boolean, false, "Whether null takes away what there was.", "false"),
    ("organisations", Anything, false, "The organisations.", "{}"),
    ("origin", Text, false, "How it came about.", "\"admin_user\""),
    (
        "orphaned_since",
        Named("Cause"),
        true,
        "What left the tenant without an effective Admin User; null where it has one (rule: F5).",
        "null",
    ),
    ("other", Text, false, "The other capability.", "\"dashboard.manage_admins\""),
    ("otpauth", Text, false, "The same as a URL for an authenticator.", "\"otpauth://totp/...\""),
    ("out_of_box", Boolean, false, "Whether it comes with the system, so that its security stays (rule: Q1).", "false"),
    ("paid", Anything, false, "The payment that it rests on (rule: O18).", "{}"),
    ("password", Text, false, "A password.", "\"Welcome-1\""),
    ("personal_data", Boolean, false, "Whether it holds personal data (rule: Q3).", "false"),
    ("phone", Text, true, "Phone number.", "null"),
    ("picture", Text, true, "Where a picture is.", "null"),
    ("placeholders", Texts, true, "What is filled in.", "[\"{link}\"]"),
    ("plane", Text, false, "platform or dashboard.", "\"dashboard\""),
    ("position", Position, false, "The number of an entry within its tenant.", "17"),
    ("primary", Boolean, false, "Whether it is the account's primary organisation.", "true"),
    (
        "principal",
        Object,
        false,
        "Whom it is for: a group, role, account, member type or staff.",
        "{\"group\": \"Editors\"}",
    ),
    ("products", Anything, false, "The products.", "{}"),
    ("public", Boolean, false, "Whether it is a public site.", "false"),
    ("purchase", Anything, false, "The purchase that caused it (rule: X3).", "{}"),
    ("purpose", Text, true, "production or test; null for a tenant of customer `local`.", "\"production\""),
    ("queries", Anything, false, "The queries, by name.", "{}"),
    ("question", Anything, false, "What was asked.", "{}"),
    ("questions", Anything, false, "The questions.", "[]"),
    ("reason", Text, true, "Why, in the words of whoever acted.", "\"covers Bob's leave\""),
    (
        "recorded_at",
        Instant,
        false,
        "When it was recorded: as `at`, imported history aside.",
        "\"2026-11-21T09:30:00.000000Z\"",
    ),
    ("refusals", Anything, false, "The refusals.", "[]"),
    ("refused", Text, false, "What was refused: sign_in or command.", "\"command\""),
    ("required", Boolean, false, "Whether it must be given.", "true"),
    ("rests", Anything, false, "Why it rests, by which rule, since when.", "{}"),
    ("reviews", Anything, false, "The access reviews, by name.", "{}"),
    ("revoked", Instant, true, "When it was revoked; null while it holds.", "null"),
    ("right", Text, false, "read, add, edit, delete or full_control.", "\"read\""),
    ("rights", Texts, false, "The rights.", "[\"read\", \"edit\"]"),
    ("role", Text, false, "The name of a role.", "\"RemoteService\""),
    ("roles", Anything, false, "The roles.", "{}"),
    ("rule", Text, true, "The rule of the rulebook: `GET /v1/rules` says it in words.", "\"F9\""),
    ("rule_words", Text, false, "What the rule says.", "\"only an effective Admin User adds or removes Admin Users\""),
    ("rules", Anything, false, "The rules.", "[]"),
    (
        "second_factor",
        Anything,
        false,
        "Whether one is confirmed; where one is enrolled, its seed, shown this once (rules: C14, S6).",
        "false",
    ),
    ("secret", Text, false, "The seed, in base 32.", "\"JBSWY3DPEHPK3PXP\""),
    ("separation", Text, false, "The name of a separation of duties.", "\"two keys\""),
    ("separations", Anything, false, "The separations of duties.", "[]"),
    ("session", Position, false, "The position of the sign-in that began the session.", "18"),
    ("sessions", Anything, false, "The open sessions.", "[]"),
    ("set", Text, true, "The access set: a slug, `custom` or `inherited` (rule: N2).", "\"staff-full-control\""),
    ("set_by_entry", Named("Cause"), true, "The entry that set it; null while none is set.", "{\"position\": 21}"),
    ("setting", Text, false, "The name of a setting.", "\"password_min_length\""),
    ("settings", Anything, false, "The settings.", "{}"),
    ("since", Named("Cause"), true, "What brought it about, and so since when it is so.", "{\"position\": 19}"),
    (
        "source",
        Anything,
        true,
        "Where the request came from: `ip` and `user_agent`; null where nobody knows or it is not for the reader.",
        "null",
    ),
    ("staff", Boolean, false, "Whether the account is staff.", "true"),
    ("state", Text, true, "State or province.", "null"),
    ("status", Anything, true, "The status.", "\"active\""),
    ("step", Text, false, "The slug of a step.", "\"cloud_id\""),
    ("steps", Anything, false, "The steps, in order (rule: T6).", "[]"),
    ("subject", Text, false, "Whom or what it is about.", "\"jeff\""),
    ("subscriptions", Anything, false, "The subscriptions, by app.", "{}"),
    ("support_tokens", Anything, false, "The tokens of support operators.", "[]"),
    ("system", Boolean, false, "Whether it is a system role, which cannot be deleted or renamed (rule: G1).", "true"),
    ("tenant", Text, true, "The Cloud ID; null in the installation's own book.", "\"abcimis\""),
    ("tenants", Anything, false, "The tenants.", "[]"),
    ("ticket", Text, true, "The ticket that the act rests on.", "\"T-100\""),
    ("title", Text, false, "A title for people.", "\"DataStation\""),
    ("token", Text, true, "The token: a secret. It is shown this once.", "\"gbs_...\""),
    ("type", Text, false, "The type.", "\"admin_added\""),
    ("unit", Text, true, "The unit of the value.", "\"minutes\""),
    ("until", Instant, true, "When it ends; null for never.", "null"),
    ("usable", Boolean, false, "Whether they open a door now.", "true"),
    ("user_class", Text, false, "public, casual or full.", "\"full\""),
    ("username", Text, true, "The username.", "\"jeff\""),
    ("users", Anything, false, "Who is assigned.", "[]"),
    ("value", Anything, false, "The value in force.", "7"),
    ("via_api", Boolean, false, "Whether it runs over the API (rule: Q2).", "false"),
    ("views", Anything, false, "Whether live views are what the entries mean, as far as that was checked.", "{}"),
    ("visibility", Anything, false, "The sets of contacts, by who sees them.", "{}"),
    ("waiting", Count, false, "How many entries have not been looked at for it yet.", "0"),
    ("webhook", Text, false, "The name of a webhook.", "\"siem\""),
    (
        "webhook_secret",
        Text,
        false,
        "The secret that deliveries are signed with: shown this once (rule: C14).",
        "\"whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\"",
    ),
    ("webhook_secrets", Anything, false, "The secrets of webhooks that were added, shown this once.", "[]"),
    (
        "webhook_state",
        Text,
        false,
        "ok; retrying, where the last delivery failed; failing, where nothing was delivered for an hour or more; secret_missing, where the vault has lost its secret: remove it and add it again.",
        "\"ok\"",
    ),
    ("webhook_url", Text, false, "Where entries are sent.", "\"https://siem.example.org/in\""),
    ("webhooks", Anything, false, "The webhooks.", "[]"),
    (
        "why",
        Object,
        false,
        "The tree of facts that decide it: `holds`, and `all`, `any`, `not` or a `fact` with its `rule`, `cause` and `chain` of entries back to the tenant's start.",
        "{}",
    ),
    ("wiki_creators", Anything, false, "Who may create wikis.", "[]"),
    ("words", Text, false, "In words.", "\"add and remove Admin Users\""),
];

/// What the glossary says of a field.
pub(super) fn find(name: &str) -> Option<&'static Row> {
    FIELDS.iter().find(|(known, ..)| *known == name)
}

/// The schema of a field, with what it means.
pub(super) fn schema(name: &str) -> Value {
    let Some((_, holds, null, words, example)) = find(name) else { return json!({}) };
    let bare = bare(*holds);
    let mut schema = if *null { or_null(bare) } else { bare };
    if let Some(fields) = schema.as_object_mut() {
        fields.insert("description".to_owned(), (*words).into());
        if let Ok(example) = serde_json::from_str::<Value>(example) {
            fields.insert("examples".to_owned(), json!([example]));
        }
    }
    schema
}

/// A schema with what the glossary says of the field that has it.
pub(super) fn explained(schema: Value, name: &str) -> Value {
    let mut schema = schema;
    if let (Some((.., words, _)), Some(fields)) = (find(name), schema.as_object_mut()) {
        fields.insert("description".to_owned(), (*words).into());
    }
    schema
}

/// The same, or null.
pub(super) fn or_null(schema: Value) -> Value {
    let Some(Value::String(kind)) = schema.get("type") else {
        return match schema.get("$ref") {
            Some(_) => json!({"anyOf": [schema, {"type": "null"}]}),
            None => schema,
        };
    };
    let mut nullable: Map<String, Value> = schema.as_object().cloned().unwrap_or_default();
    nullable.insert("type".to_owned(), json!([kind, "null"]));
    Value::Object(nullable)
}

fn bare(holds: Holds) -> Value {
    match holds {
        Text => json!({"type": "string"}),
        Boolean => json!({"type": "boolean"}),
        Position => json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991_u64}),
        Count => json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": 9_007_199_254_740_991_u64}),
        Instant => json!({"type": "string", "format": "date-time"}),
        Date => json!({"type": "string", "format": "date"}),
        Named(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
        Texts => json!({"type": "array", "items": {"type": "string"}}),
        Anything => json!({}),
        Object => json!({"type": "object"}),
    }
}
