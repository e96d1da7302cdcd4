//! What the demo shows, all of it asked of the ledger.

use std::net::SocketAddr;

use serde_json::Value;

use super::Told;
use super::history::history;
use super::people::{APPS, JEFF, NINA, STAFF, TENANT};
use crate::cli::desk::within;
use crate::cli::output::Output;
use crate::cli::trouble::Trouble;
use crate::cli::words::as_of;
use crate::client::{Client, Request};

/// What is asked for in the matrix, beside the use of each app: the heading's two lines, and the capability.
const RIGHTS: [(&str, &str, &str); 4] = [
    ("manage", "App Users", "dashboard.manage_app_users"),
    ("manage", "Admins", "dashboard.manage_admins"),
    ("Backgr.", "Account", "dashboard.update_background_account"),
    ("see sub-", "scriptions", "dashboard.view_subscriptions"),
];

/// Shows what happened and what it means. Returns the position just before Bob granted Jeff his right.
pub(super) async fn show(client: &Client, output: &mut Output) -> Result<u64, Trouble> {
    let page = Page { client };
    let entries = page.ask(&["events"], &[("limit", "1000")]).await?;
    let entries = entries.get("entries").and_then(Value::as_array).cloned().unwrap_or_default();
    if output.json {
        for entry in &entries {
            output.line(entry)?;
        }
        return Ok(entries.len() as u64);
    }
    let day = entries.first().and_then(|entry| entry.get("at")).and_then(Value::as_str).and_then(|at| at.get(..10));
    output.line(format_args!(
        "GRANTBOOK: the organisation example, told by real commands on a fresh ledger, {}",
        day.unwrap_or_default()
    ))?;
    heading(output, "Who did what")?;
    columns(output, &history(&entries))?;
    heading(output, "Who may do what now")?;
    columns(output, &page.matrix().await?)?;
    output.line("  Being an Admin User opens no app (F11); an app takes an assignment and a licence in force (A4).")?;
    page.why(output).await
}

/// Says where it is served and how to try it.
pub(super) fn invite(address: SocketAddr, told: &Told, output: &mut Output) -> Result<(), Trouble> {
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
        told.manager.clone(),
        "made with the tenant".to_owned(),
        "platform".to_owned(),
    ]);
    columns(output, &logins)?;
    output.line("")?;
    output.line(format_args!("  The console, in a browser: http://{address}/?tenant={TENANT}"))?;
    heading(output, "Ask it yourself")?;
    let (jeff, password, before) = (JEFF.id, JEFF.password(), told.before);
    for line in [
        format!("A=http://{address}/v1/tenants/{TENANT}"),
        format!(r#"T=$(curl -s $A/sign-in --json '{{"username":"{jeff}","password":"{password}"}}' | cut -d'"' -f4)"#),
        r#"H="Authorization: Bearer $T""#.to_owned(),
        r#"curl -s -H "$H" "$A/views/admins"; echo"#.to_owned(),
        r#"curl -s -H "$H" "$A/why?account=jeff&do=dashboard.manage_admins"; echo"#.to_owned(),
        format!(r#"curl -s -H "$H" "$A/can?account=jeff&do=dashboard.manage_admins&as_of={before}"; echo"#),
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
    async fn why(&self, output: &mut Output) -> Result<u64, Trouble> {
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
        columns(output, &rows)?;
        Ok(granted.saturating_sub(1))
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
