//! What the demo shows, all of it asked of the ledger.

use std::net::SocketAddr;

use serde_json::Value;

use super::people::{APPS, JEFF, NINA, STAFF, TENANT};
use crate::cli::desk::within;
use crate::cli::output::Output;
use crate::cli::trouble::Trouble;
use crate::cli::words::{actor, as_of};
use crate::client::{Client, Request};

/// What is asked for in the matrix, beside the use of each app: the heading's two lines, and the capability.
const RIGHTS: [(&str, &str, &str); 4] = [
    ("manage", "App Users", "dashboard.manage_app_users"),
    ("manage", "Admins", "dashboard.manage_admins"),
    ("Backgr.", "Account", "dashboard.update_background_account"),
    ("see sub-", "scriptions", "dashboard.view_subscriptions"),
];

/// Shows what happened and what it means.
pub(super) async fn show(client: &Client, output: &mut Output) -> Result<(), Trouble> {
    let page = Page { client };
    let entries = page.ask(&["events"], &[("limit", "1000")]).await?;
    let entries = entries.get("entries").and_then(Value::as_array).cloned().unwrap_or_default();
    if output.json {
        for entry in &entries {
            output.line(entry)?;
        }
        return Ok(());
    }
    output.line(format_args!(
        "GRANTBOOK  the organisation example: {} entries of a fresh ledger, by real commands",
        entries.len()
    ))?;
    heading(output, "Who did what")?;
    output.table(&["#", "when", "who", "what", "authority"], &history(&entries))?;
    heading(output, "Who may do what now")?;
    columns(output, &page.matrix().await?)?;
    page.why(output).await
}

/// Says where it is served and how to try it.
pub(super) fn invite(address: SocketAddr, manager: &str, output: &mut Output) -> Result<(), Trouble> {
    heading(output, "Sign in yourself")?;
    let mut logins = vec![["username", "password", "who", "plane"].map(str::to_owned).to_vec()];
    for person in &STAFF {
        logins.push(vec![
            person.id.to_owned(),
            person.password(),
            format!("{}, {}", person.name, person.title),
            "dashboard".to_owned(),
        ]);
    }
    let nina = format!("{}, {}", NINA.name, NINA.title);
    logins.push(vec![NINA.id.to_owned(), NINA.password(), nina, "platform".to_owned()]);
    logins.push(vec![
        "MANAGER".to_owned(),
        manager.to_owned(),
        "made with the tenant".to_owned(),
        "platform".to_owned(),
    ]);
    columns(output, &logins)?;
    heading(output, "Ask it yourself")?;
    let password = STAFF.first().map(|bob| bob.password()).unwrap_or_default();
    for line in [
        format!("A=http://{address}/v1/tenants/{TENANT}"),
        format!(r#"T=$(curl -s $A/sign-in --json '{{"username":"bob","password":"{password}"}}' | cut -d'"' -f4)"#),
        r#"curl -s -H "Authorization: Bearer $T" "$A/views/admins""#.to_owned(),
        r#"curl -s -H "Authorization: Bearer $T" "$A/why?account=jeff&do=dashboard.manage_admins""#.to_owned(),
        r#"curl -s -H "Authorization: Bearer $T" "$A/can?account=jeff&do=dashboard.manage_admins&as_of=17""#.to_owned(),
    ] {
        output.line(format_args!("  {line}"))?;
    }
    output.line("")?;
    output.line(format_args!("Serving on http://{address}. Ctrl-C ends it and removes the ledger."))
}

fn heading(output: &mut Output, text: &str) -> Result<(), Trouble> {
    output.line("")?;
    output.line(text)
}

/// Rows of cells, each column as wide as it must be.
fn columns(output: &mut Output, rows: &[Vec<String>]) -> Result<(), Trouble> {
    let mut widths: Vec<usize> = Vec::new();
    for row in rows {
        widths.resize(widths.len().max(row.len()), 0);
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = (*width).max(cell.chars().count()));
    }
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        output.line(format_args!("  {}", cells.collect::<Vec<_>>().join("  ").trim_end()))?;
    }
    Ok(())
}

struct Page<'a> {
    client: &'a Client,
}

impl Page<'_> {
    async fn ask(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, Trouble> {
        let request = Request::get(&within(TENANT, path));
        let request = query.iter().fold(request, |request, (name, value)| request.query(name, *value));
        let answer = self.client.request(request).await?;
        if answer.status == 200 { Ok(answer.body) } else { Err(Trouble::of(&answer)) }
    }

    async fn can(&self, query: &[(&str, &str)]) -> Result<String, Trouble> {
        let answer = self.ask(&["can"], query).await?;
        let allowed = answer.get("allowed") == Some(&Value::Bool(true));
        Ok(if allowed { "yes" } else { "no" }.to_owned())
    }

    /// A row a person, each cell the answer to `can`.
    async fn matrix(&self) -> Result<Vec<Vec<String>>, Trouble> {
        let mut heads = [vec![String::new(), "sign".to_owned()], vec![String::new(), "in".to_owned()]];
        let titles = APPS.iter().filter_map(|(_, title)| title.split_once(' ').or(title.split_at_checked(4)));
        let rights = RIGHTS.iter().map(|(first, second, _)| (*first, *second));
        for (first, second) in titles.chain(rights) {
            let [above, below] = &mut heads;
            above.push(first.to_owned());
            below.push(second.to_owned());
        }
        let mut rows = heads.to_vec();
        for person in &STAFF {
            let account = ("account", person.id);
            let mut row = vec![person.name.to_owned(), self.can(&[account, ("do", "dashboard.sign_in")]).await?];
            for (app, _) in APPS {
                row.push(self.can(&[account, ("do", "app.use"), ("on", app)]).await?);
            }
            for (_, _, capability) in RIGHTS {
                row.push(self.can(&[account, ("do", capability)]).await?);
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// Who granted Jeff his admin right, on whose authority, and what was true before.
    async fn why(&self, output: &mut Output) -> Result<(), Trouble> {
        let question = [("account", JEFF.id), ("do", "dashboard.manage_admins")];
        let why = self.ask(&["why"], &question).await?;
        let chain = why.get("why").and_then(chain_of_the_grant).cloned().unwrap_or_default();
        heading(output, "Who granted Jeff his admin right, and on whose authority?")?;
        let rows: Vec<Vec<String>> = chain.iter().map(step).collect();
        columns(output, &rows)?;
        heading(output, "And before Bob did it?")?;
        let granted = chain.first().and_then(|step| step.get("position")).and_then(Value::as_u64).unwrap_or_default();
        let mut rows = Vec::new();
        for position in [granted.saturating_sub(1), granted] {
            let position = position.to_string();
            let [account, right] = question;
            let answer = self.ask(&["can"], &[account, right, ("as_of", &position)]).await?;
            let verdict = if answer.get("allowed") == Some(&Value::Bool(true)) { "yes" } else { "no" };
            rows.push(vec![
                format!("{},", as_of(&answer)),
                "may Jeff manage Admin Users?".to_owned(),
                verdict.to_owned(),
            ]);
        }
        columns(output, &rows)
    }
}

/// The chain of authority of the fact that somebody was made an Admin User.
fn chain_of_the_grant(why: &Value) -> Option<&Vec<Value>> {
    let chain = why.get("chain").and_then(Value::as_array);
    let granted = chain.and_then(|chain| chain.first()).and_then(|step| step.get("event"));
    if granted.is_some_and(|event| event == "admin_added") {
        return chain;
    }
    let below = ["all", "any"].into_iter().filter_map(|name| why.get(name).and_then(Value::as_array));
    below.flatten().find_map(chain_of_the_grant)
}

fn step(step: &Value) -> Vec<String> {
    let position = step.get("position").and_then(Value::as_u64).unwrap_or_default();
    let sentence = step.get("sentence").and_then(Value::as_str).unwrap_or_default();
    let reason = step.get("reason").and_then(Value::as_str).map(|reason| format!(" (\"{reason}\")"));
    vec![format!("#{position}"), format!("{sentence}{}", reason.unwrap_or_default())]
}

/// The entries as rows; a run of entries of the same kind is one row.
fn history(entries: &[Value]) -> Vec<Vec<String>> {
    let mut rows: Vec<Row> = Vec::new();
    for entry in entries {
        let row = Row::of(entry);
        match rows.last_mut() {
            Some(last) if last.kind == row.kind && row.runs() => last.join(row),
            Some(_) | None => rows.push(row),
        }
    }
    rows.into_iter().map(Row::cells).collect()
}

/// One row of the history: an entry, or a run of them.
struct Row {
    kind: String,
    first: u64,
    last: u64,
    when: String,
    who: Vec<String>,
    what: String,
    on: Vec<String>,
    authority: Option<u64>,
}

impl Row {
    fn of(entry: &Value) -> Row {
        let events = entry.get("events").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let position = entry.get("position").and_then(Value::as_u64).unwrap_or_default();
        let kinds: Vec<&str> = events.iter().filter_map(|event| event.get("type").and_then(Value::as_str)).collect();
        let kind = kinds.first().copied().unwrap_or_default();
        let authority = events.iter().find_map(|event| event.get("authority").and_then(Value::as_u64));
        let (what, on) = told(kind, &kinds, events);
        Row {
            kind: kind.to_owned(),
            first: position,
            last: position,
            when: entry.get("at").and_then(Value::as_str).and_then(|at| at.get(11..23)).unwrap_or_default().to_owned(),
            who: vec![actor(entry)],
            what,
            on,
            authority,
        }
    }

    /// Whether a run of such entries is told as one.
    fn runs(&self) -> bool {
        matches!(self.kind.as_str(), "subscription_recorded" | "password_changed")
    }

    fn join(&mut self, next: Row) {
        self.last = next.last;
        self.on.extend(next.on);
        if self.who != next.who {
            self.who.extend(next.who);
        }
        if self.authority != next.authority {
            self.authority = None;
        }
    }

    fn cells(self) -> Vec<String> {
        let span =
            if self.first == self.last { self.first.to_string() } else { format!("{}-{}", self.first, self.last) };
        let who = match self.who.as_slice() {
            [one] => one.clone(),
            several => format!("{} people", several.len()),
        };
        let what = format!("{}{}", self.what, self.on.join(", "));
        vec![span, self.when, who, what, self.authority.map_or_else(String::new, |position| format!("#{position}"))]
    }
}

/// What an entry of the story tells: a sentence without its subject, and what it is on.
fn told(kind: &str, kinds: &[&str], events: &[Value]) -> (String, Vec<String>) {
    let of_first = |name: &str| {
        let value = events.first().and_then(|event| event.get(name));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let whom = || if of_first("account_name").is_empty() { of_first("account") } else { of_first("account_name") };
    let app = || {
        let slug = of_first("app");
        APPS.iter().find(|(known, _)| *known == slug).map_or(slug, |(_, title)| (*title).to_owned())
    };
    match kind {
        "tenant_created" => (format!("created the tenant {} with the account MANAGER", of_first("cloud_id")), vec![]),
        "subscription_recorded" => ("recorded the subscriptions to ".to_owned(), vec![app()]),
        "licence_recorded" => ("recorded the API Connector licence".to_owned(), vec![]),
        "contact_added" => {
            let added = events.iter().filter(|event| event.get("type").is_some_and(|kind| kind == "contact_added"));
            let names = added.filter_map(|event| event.get("full_name").and_then(Value::as_str).map(str::to_owned));
            let names: Vec<String> = names.collect();
            let what = match (names.len(), kinds.contains(&"level_set")) {
                (1, true) => "added, as a system administrator, ",
                _ => "added, with credentials and RemoteService, ",
            };
            (what.to_owned(), names)
        }
        "signed_in" if kinds.contains(&"admin_added") => {
            ("signed in to the dashboard, first of all: an Admin User by rule F1".to_owned(), vec![])
        }
        "signed_in" => (format!("signed in to the {}", of_first("plane")), vec![]),
        "password_changed" => ("changed the password that was set for them".to_owned(), vec![]),
        "admin_added" => (format!("made {} an Admin User", whom()), vec![]),
        "app_user_assigned" => (format!("assigned {} to {}", whom(), app()), vec![]),
        "background_account_set" => (format!("set {} as the Background Account", whom()), vec![]),
        // Any other event is told by its name.
        other => (other.replace('_', " "), vec![]),
    }
}
