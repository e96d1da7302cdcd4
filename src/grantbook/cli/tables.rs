//! Views as tables for people: who, since when, by whom, and whether it gives anything.

use std::collections::BTreeMap;

use grantbook_events::ReadinessProblem;
use grantbook_inquiries::delivery_trouble;
use serde_json::Value;

use super::output::moment;
use super::words::{person, plain};

/// When entries were made, by position.
pub(crate) type Dates = BTreeMap<u64, String>;

/// One table of a view.
pub(crate) struct Table {
    /// What stands above it; may be empty.
    pub(crate) title: String,
    /// Its columns.
    pub(crate) header: &'static [&'static str],
    /// Its rows.
    pub(crate) rows: Vec<Vec<String>>,
    /// What is said where there are none.
    pub(crate) none: &'static str,
}

impl Table {
    fn new(header: &'static [&'static str], none: &'static str) -> Table {
        Table { title: String::new(), header, rows: Vec::new(), none }
    }

    fn titled(mut self, title: impl Into<String>) -> Table {
        self.title = title.into();
        self
    }
}

/// The tables of a view. Of one that is not known here, its fields as they are.
pub(crate) fn of(view: &str, answer: &Value, dates: &Dates) -> Vec<Table> {
    let page = Page { answer, dates };
    match view {
        "setup" => page.setup(),
        "admins" => page.admins(),
        "app-users" => page.app_users(),
        "subscriptions" => page.subscriptions(),
        "background-account" => page.background_account(),
        "accounts" => page.accounts(),
        "sessions" => page.sessions(),
        "roles" => page.holders("roles", "holders", &["role", "holder", "effective", "since", "by", "until"]),
        "groups" => page.holders("groups", "members", &["group", "member", "effective", "since", "by", "until"]),
        "products" => page.holders("products", "buyers", &["product", "buyer", "effective", "since", "by", "until"]),
        "communities" => page.communities(),
        "levels" => page.levels(),
        "organisations" => page.organisations(),
        "objects" => page.objects(),
        "content-authority" => page.content_authority(),
        "queries" => page.queries(),
        "visibility" => page.visibility(),
        "settings" => page.settings(),
        "findings" => page.findings(),
        "separations" => page.separations(),
        "webhooks" => page.webhooks(),
        "legal-holds" => page.legal_holds(),
        "refusals" => page.refusals(),
        "reviews" => page.reviews(),
        // Any other view is shown field by field, until it has a table of its own here.
        _ => page.fields(),
    }
}

struct Page<'a> {
    answer: &'a Value,
    dates: &'a Dates,
}

fn field<'a>(row: &'a Value, name: &str) -> &'a Value {
    row.get(name).unwrap_or(&Value::Null)
}

fn text(row: &Value, name: &str) -> String {
    plain(field(row, name))
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    field(of, name).as_array().into_iter().flatten()
}

fn named<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    field(of, name).as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// Who brought it about.
fn by(row: &Value) -> String {
    let who = match (field(row, "by").as_str(), field(row, "by_support").as_str()) {
        (Some(account), _) => account.to_owned(),
        (None, Some(operator)) => format!("support ({operator})"),
        (None, None) if field(row, "since").is_null() => String::new(),
        (None, None) => "the ledger".to_owned(),
    };
    match field(row, "import").get("ticket").and_then(Value::as_str) {
        Some(ticket) => format!("{who}, imported ({ticket})"),
        None => who,
    }
}

impl Page<'_> {
    /// What caused something: the date and position of an entry, or the clock.
    fn cause(&self, cause: &Value) -> String {
        if let Some(clock) = cause.get("clock").and_then(Value::as_str) {
            return format!("{} by the clock", moment(clock));
        }
        let Some(position) = cause.get("position").and_then(Value::as_u64) else { return String::new() };
        match self.dates.get(&position) {
            Some(date) => format!("{date} #{position}"),
            None => format!("#{position}"),
        }
    }

    fn since(&self, row: &Value) -> String {
        self.cause(field(row, "since"))
    }

    fn setup(&self) -> Vec<Table> {
        let mut steps = Table::new(&["step", "done"], "There is no tenant yet");
        steps.rows = list(self.answer, "steps")
            .map(|step| {
                let done = if field(step, "done") == true { self.cause(field(step, "by")) } else { "no".to_owned() };
                vec![text(step, "words"), done]
            })
            .collect();
        let next = field(self.answer, "next").as_str();
        let next = next.and_then(|next| list(self.answer, "steps").find(|step| field(step, "step") == next));
        // A closed tenant has steps that will never be done (rule: T7).
        let closed = !field(field(self.answer, "tenant"), "closed").is_null();
        let rest = if closed { "The tenant is closed: nothing is next." } else { "All is set up." };
        steps.title = next.map_or_else(|| rest.to_owned(), |next| format!("Next: {}.", text(next, "words")));
        vec![steps]
    }

    fn admins(&self) -> Vec<Table> {
        let mut admins = Table::new(&["admin user", "effective", "since", "by", "until"], "Nobody is an Admin User");
        admins.rows = list(self.answer, "admins")
            .map(|admin| {
                let first = field(admin, "origin") == "first_sign_in";
                let by = if first { "first sign-in (F1)".to_owned() } else { by(admin) };
                vec![person(admin), text(admin, "effective"), self.since(admin), by, text(admin, "until")]
            })
            .collect();
        let orphaned = field(self.answer, "orphaned_since");
        if orphaned.is_null() {
            return vec![admins];
        }
        vec![admins.titled(format!("The tenant is orphaned since {}.", self.cause(orphaned)))]
    }

    fn app_users(&self) -> Vec<Table> {
        let header = &["app", "licensed", "user", "effective", "since", "by", "until", "last use"];
        let mut users = Table::new(header, "There are no apps");
        for (app, state) in named(self.answer, "apps") {
            let lead = vec![app.to_owned(), text(state, "licensed")];
            if list(state, "users").next().is_none() {
                users.rows.push([lead.clone(), vec!["nobody".to_owned()], vec![String::new(); 5]].concat());
            }
            users.rows.extend(list(state, "users").map(|user| {
                let last = plain(field(field(user, "last_use"), "at"));
                let grant =
                    [person(user), text(user, "effective"), self.since(user), by(user), text(user, "until"), last];
                [lead.clone(), grant.to_vec()].concat()
            }));
        }
        vec![users]
    }

    fn subscriptions(&self) -> Vec<Table> {
        let header = &["app", "status", "licensed", "from", "until", "since", "by"];
        let mut table = Table::new(header, "There are no subscriptions");
        table.rows = named(self.answer, "subscriptions")
            .map(|(app, state)| {
                let cells = ["status", "licensed", "from", "until"].map(|name| text(state, name));
                [vec![app.to_owned()], cells.to_vec(), vec![self.since(state), by(state)]].concat()
            })
            .collect();
        vec![table]
    }

    fn background_account(&self) -> Vec<Table> {
        let mut table = Table::new(&["background account", ""], "");
        let set = self.cause(field(self.answer, "set"));
        let set = if set.is_empty() { "not yet".to_owned() } else { format!("{set}, by {}", text(self.answer, "by")) };
        let broken = self.cause(field(self.answer, "broken_by"));
        let licence = self.cause(field(self.answer, "licence"));
        let no = |text: String| if text.is_empty() { "no".to_owned() } else { text };
        let rows = [
            ("account", person(self.answer)),
            ("set", set),
            ("connected", text(self.answer, "connected")),
            ("broken", no(broken)),
            ("API Connector licence", no(licence)),
        ];
        table.rows = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
        vec![table]
    }

    fn accounts(&self) -> Vec<Table> {
        let header = &["account", "username", "class", "usable", "email", "since", "by"];
        let mut table = Table::new(header, "There are no accounts");
        table.rows = list(self.answer, "accounts")
            .map(|account| {
                let credentials = field(account, "credentials");
                let usable = match field(credentials, "locked").is_null() {
                    true => text(credentials, "usable"),
                    false => "locked".to_owned(),
                };
                let cells = [person(account), text(credentials, "username"), text(credentials, "user_class"), usable];
                let email = if credentials.is_null() { text(account, "email") } else { text(credentials, "email") };
                [cells.to_vec(), vec![email, self.since(account), by(account)]].concat()
            })
            .collect();
        vec![table]
    }

    fn sessions(&self) -> Vec<Table> {
        let header = &["session", "who", "plane", "client", "since", "expires"];
        let mut table = Table::new(header, "Nobody is signed in");
        table.rows = list(self.answer, "sessions")
            .map(|session| {
                let kind = ["plane", "client"].map(|name| text(session, name));
                let lead = vec![format!("#{}", text(session, "session")), person(session)];
                [lead, kind.to_vec(), vec![self.since(session), text(session, "expires_at")]].concat()
            })
            .collect();
        vec![table]
    }

    /// Of groups and of roles: those that somebody holds, and the names of the others.
    fn holders(&self, map: &str, holders: &str, header: &'static [&'static str]) -> Vec<Table> {
        let mut table = Table::new(header, "Nobody holds one");
        let mut empty = Vec::new();
        for (name, state) in named(self.answer, map) {
            if list(state, holders).next().is_none() {
                empty.push(name);
            }
            table.rows.extend(list(state, holders).map(|holder| {
                let grant = [text(holder, "effective"), self.since(holder), by(holder), text(holder, "until")];
                [vec![name.to_owned(), person(holder)], grant.to_vec()].concat()
            }));
        }
        if empty.is_empty() {
            return vec![table];
        }
        let mut others = Table::new(&["held by nobody on record"], "");
        others.rows.push(vec![empty.join(", ")]);
        vec![table, others]
    }

    fn levels(&self) -> Vec<Table> {
        let mut table =
            Table::new(&["module", "who", "level", "effective", "since", "by", "until"], "Nobody has a level");
        for (module, _) in named(self.answer, "modules") {
            table.rows.extend(list(field(self.answer, "modules"), module).map(|holder| {
                let grant = [text(holder, "effective"), self.since(holder), by(holder), text(holder, "until")];
                [vec![module.to_owned(), person(holder), text(holder, "level")], grant.to_vec()].concat()
            }));
        }
        vec![table]
    }

    fn organisations(&self) -> Vec<Table> {
        let header = &["organisation", "kind", "who", "as", "effective", "since", "by", "until"];
        let mut table = Table::new(header, "There are no organisations");
        for (id, state) in named(self.answer, "organisations") {
            let lead = vec![id.to_owned(), text(state, "kind")];
            let before = table.rows.len();
            for (list_name, kind) in [("administrators", "admin"), ("members", "member")] {
                table.rows.extend(list(state, list_name).map(|row| {
                    let position = text(row, "position");
                    let capacity = if position.is_empty() { kind.to_owned() } else { format!("{kind}, {position}") };
                    let grant = [text(row, "effective"), self.since(row), by(row), text(row, "until")];
                    [lead.clone(), vec![person(row), capacity], grant.to_vec()].concat()
                }));
            }
            if table.rows.len() == before {
                let nobody = ["nobody".to_owned(), String::new(), String::new()];
                table.rows.push([lead, nobody.to_vec(), vec![self.since(state), by(state), String::new()]].concat());
            }
        }
        vec![table]
    }

    fn objects(&self) -> Vec<Table> {
        let mut table = Table::new(&["object", "kind", "access", "to", "since", "by", "until"], "There are no objects");
        for (path, state) in named(self.answer, "objects") {
            let lead = vec![path.to_owned(), text(state, "kind")];
            let set = vec![text(state, "set"), String::new(), self.since(state), by(state), String::new()];
            if field(state, "set") != "custom" || list(state, "access").next().is_none() {
                table.rows.push([lead.clone(), set].concat());
            }
            table.rows.extend(list(state, "access").map(|access| {
                let grant = [
                    text(access, "right"),
                    text(access, "principal"),
                    self.since(access),
                    by(access),
                    text(access, "until"),
                ];
                [lead.clone(), grant.to_vec()].concat()
            }));
        }
        vec![table]
    }

    fn communities(&self) -> Vec<Table> {
        let mut table = Table::new(&["community", "what", "who", "since", "by", "until"], "There are no communities");
        for (name, state) in named(self.answer, "communities") {
            let open = [text(state, "open_to"), text(state, "group")].join(" ");
            let lead = vec![name.to_owned(), "open to".to_owned(), open.trim_end().to_owned()];
            table.rows.push([lead, vec![self.since(state), by(state), String::new()]].concat());
            for (what, right) in [("create wikis", "wiki_creators"), ("administer", "administrators")] {
                table.rows.extend(list(state, right).map(|grant| {
                    let lead = vec![name.to_owned(), what.to_owned(), text(grant, "principal")];
                    [lead, vec![self.since(grant), by(grant), text(grant, "until")]].concat()
                }));
            }
        }
        vec![table]
    }

    fn content_authority(&self) -> Vec<Table> {
        let header = &["group", "covers", "member", "rights", "effective", "since", "by", "until"];
        let mut table = Table::new(header, "There are no content authority groups");
        for (name, state) in named(self.answer, "groups") {
            let kind = if field(state, "master") == true { " (Master Admin)" } else { "" };
            let lead = vec![format!("{name}{kind}"), text(state, "covers")];
            if list(state, "members").next().is_none() {
                table.rows.push([lead.clone(), vec![String::new(); 6]].concat());
            }
            table.rows.extend(list(state, "members").map(|member| {
                let rights = [person(member), text(member, "rights")];
                let grant = [text(member, "effective"), self.since(member), by(member), text(member, "until")];
                [lead.clone(), rights.to_vec(), grant.to_vec()].concat()
            }));
        }
        vec![table]
    }

    fn queries(&self) -> Vec<Table> {
        let header =
            &["query", "access", "out of box", "via API", "personal data", "filtered to caller", "since", "by"];
        let mut table = Table::new(header, "There are no queries");
        for (name, state) in named(self.answer, "queries") {
            let flags = ["set", "out_of_box", "via_api", "personal_data", "filtered_to_caller"];
            let flags = flags.map(|flag| text(state, flag));
            table.rows.push([vec![name.to_owned()], flags.to_vec(), vec![self.since(state), by(state)]].concat());
        }
        vec![table]
    }

    fn visibility(&self) -> Vec<Table> {
        let header = &["visible to", "contacts", "condition", "since", "by"];
        let mut table = Table::new(header, "No set of contacts is visible to others than staff");
        for (audience, state) in named(self.answer, "visibility") {
            let set = [audience.to_owned(), text(state, "contacts"), field(state, "condition").to_string()];
            table.rows.push([set.to_vec(), vec![self.since(state), by(state)]].concat());
        }
        vec![table]
    }

    fn findings(&self) -> Vec<Table> {
        let mut table = Table::new(&["finding", "on", "opened", "closed", "detail"], "There is nothing to look at");
        table.rows = list(self.answer, "findings")
            .map(|finding| {
                let closed = self.cause(field(finding, "closed"));
                let span =
                    [self.cause(field(finding, "opened")), if closed.is_empty() { "open".to_owned() } else { closed }];
                [vec![text(finding, "code"), text(finding, "subject")], span.to_vec(), vec![text(finding, "detail")]]
                    .concat()
            })
            .collect();
        vec![table]
    }

    fn separations(&self) -> Vec<Table> {
        let mut table = Table::new(&["separation", "one", "other", "since", "by", "broken by"], "There are none");
        table.rows = list(self.answer, "separations")
            .map(|row| {
                let breaking: Vec<String> = list(row, "broken_by").map(plain).collect();
                let names = ["separation", "one", "other"].map(|name| text(row, name));
                [&names[..], &[self.since(row), by(row), breaking.join(", ")]].concat()
            })
            .collect();
        vec![table]
    }

    fn webhooks(&self) -> Vec<Table> {
        let trouble = |row: &Value| match field(row, "problem").as_str().map(ReadinessProblem::parse) {
            Some(Ok(problem)) => {
                let status = field(row, "status").as_u64().and_then(|status| u16::try_from(status).ok());
                delivery_trouble(problem, status)
            }
            Some(Err(_)) | None => String::new(),
        };
        let instant = |row: &Value, name: &str| field(row, name).as_str().map(moment).unwrap_or_default();
        let mut all = Table::new(
            &[
                "webhook",
                "url",
                "told of",
                "since",
                "by",
                "state",
                "delivered",
                "waiting",
                "failing since",
                "next try",
                "because",
            ],
            "There are no webhooks",
        );
        let mut dead = Table::new(
            &["webhook", "entry", "attempts", "because", "given up", "asked again"],
            "No entry was given up",
        );
        for row in list(self.answer, "webhooks") {
            let kinds: Vec<String> = list(row, "events").map(plain).collect();
            let told = if kinds.is_empty() { "everything".to_owned() } else { kinds.join(", ") };
            // As of the past the book alone tells.
            let now = Some(field(row, "delivery")).filter(|now| !now.is_null());
            let failing = now.unwrap_or(field(row, "failing"));
            let since = instant(failing, if now.is_some() { "failing_since" } else { "since" });
            let [name, url, state] = ["webhook", "url", "state"].map(|name| text(row, name));
            let [delivered, waiting] =
                ["delivered", "waiting"].map(|name| now.map(|now| text(now, name)).unwrap_or_default());
            let state = state.replace('_', " ");
            all.rows.push(vec![
                name,
                url,
                told,
                self.since(row),
                by(row),
                state,
                delivered,
                waiting,
                since,
                instant(failing, "next_try"),
                trouble(failing),
            ]);
            dead.rows.extend(list(row, "dead_letters").map(|letter| {
                let asked = if field(letter, "asked_again") == true { "yes" } else { "no" };
                let entry = format!("{} (#{})", instant(letter, "at"), text(letter, "position"));
                vec![
                    text(row, "webhook"),
                    entry,
                    text(letter, "attempts"),
                    trouble(letter),
                    self.cause(field(letter, "changed")),
                    asked.to_owned(),
                ]
            }));
        }
        vec![all, dead.titled("Dead letters: `do redeliver_webhook` sends them once more")]
    }

    fn legal_holds(&self) -> Vec<Table> {
        let rows = |name: &str| -> Vec<Vec<String>> {
            list(self.answer, name).map(|row| vec![person(row), self.since(row), by(row)]).collect()
        };
        let mut held = Table::new(&["contact", "since", "by"], "Nobody is under a legal hold").titled("Legal holds");
        held.rows = rows("legal_holds");
        let mut erased = Table::new(&["contact", "when", "by"], "Nobody was erased").titled("Erased");
        erased.rows = rows("erased");
        vec![held, erased]
    }

    fn refusals(&self) -> Vec<Table> {
        let mut table = Table::new(&["position", "when", "who", "what", "on", "rule"], "Nothing was refused");
        table.rows = list(self.answer, "refusals")
            .map(|refusal| {
                let what = match field(refusal, "refused").as_str() {
                    Some("command") => text(refusal, "command"),
                    Some("commands") => format!("{} further commands", text(refusal, "count")),
                    Some("sign_in") => format!("sign-in: {}", text(refusal, "because")),
                    Some("sign_ins") => format!("{} further sign-ins", text(refusal, "count")),
                    Some(other) => other.to_owned(),
                    None => String::new(),
                };
                let lead = vec![format!("#{}", text(refusal, "position")), text(refusal, "at"), person(refusal), what];
                [lead, vec![text(refusal, "subject"), text(refusal, "rule")]].concat()
            })
            .collect();
        vec![table]
    }

    fn reviews(&self) -> Vec<Table> {
        let header = &["review", "state", "looks at", "due", "items", "kept", "revoked", "not revoked", "undecided"];
        let mut table = Table::new(header, "There is no access review yet: `grantbook do open_review` opens one");
        let reviews = field(self.answer, "reviews").as_object().into_iter().flatten();
        table.rows = reviews
            .map(|(name, review)| {
                let counts = field(review, "counts");
                let lead = [name.clone(), text(review, "state"), text(review, "words"), super::review::due(review)];
                let counted =
                    ["items", "kept", "revoked", "withheld", "undecided"].map(|name| plain(field(counts, name)));
                [&lead[..], &counted[..]].concat()
            })
            .collect();
        vec![table]
    }

    fn settings(&self) -> Vec<Table> {
        let mut table = Table::new(&["setting", "value", "since", "by"], "There is no tenant yet");
        let settings = field(self.answer, "settings").as_object().into_iter().flatten();
        table.rows = settings
            .map(|(name, setting)| {
                // A whole mail has no place in a cell: `--json` shows it.
                let value = match field(setting, "value").as_str() {
                    Some(body) => format!("a text of {} characters", body.chars().count()),
                    None => text(setting, "value"),
                };
                vec![name.clone(), value, self.since(setting), text(setting, "by")]
            })
            .collect();
        vec![table]
    }

    fn fields(&self) -> Vec<Table> {
        let mut table = Table::new(&["field", "value"], "There is nothing");
        let fields = self.answer.as_object().into_iter().flatten().filter(|(name, _)| *name != "as_of");
        table.rows = fields.map(|(name, value)| vec![name.clone(), plain(value)]).collect();
        vec![table]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(view: &str, answer: &Value) -> Vec<String> {
        let lines = |table: Table| table.rows.into_iter().map(|row| row.join("|"));
        of(view, answer, &Dates::new()).into_iter().flat_map(lines).collect()
    }

    #[test]
    fn an_organisation_has_a_row_for_each_admin_and_member() {
        let grant = json!({"account": "amy", "since": {"position": 3}, "by": "sue", "effective": true});
        let mut chair = grant.clone();
        chair["position"] = "Chair".into();
        let empty = json!({"kind": "company", "since": {"position": 1}, "by": "sue"});
        let full = json!({"kind": "committee", "administrators": [grant], "members": [chair]});
        let answer = json!({"organisations": {"edu": full, "wid": empty}});
        let expected = [
            "edu|committee|amy|admin|yes|#3|sue|",
            "edu|committee|amy|member, Chair|yes|#3|sue|",
            "wid|company|nobody|||#1|sue|",
        ];
        assert_eq!(rows("organisations", &answer), expected);
    }

    // rule: T7
    #[test]
    fn a_closed_tenant_is_not_called_set_up() {
        let answer =
            json!({"tenant": {"closed": {"position": 4}}, "steps": [{"words": "x", "done": false}], "next": null});
        let titles: Vec<String> = of("setup", &answer, &Dates::new()).into_iter().map(|table| table.title).collect();
        assert_eq!(titles, ["The tenant is closed: nothing is next."]);
    }
}
