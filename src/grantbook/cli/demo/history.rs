//! Entries as a person tells them: who did what, when and on whose authority. What is told is in the entry.

use serde_json::Value;

use super::people::APPS;
use crate::cli::words::actor;

/// The widest that the page is.
const WIDTH: usize = 100;

/// The entries as rows under a header; a run of entries of the same kind is one row, and a long row goes on below.
pub(super) fn history(entries: &[Value]) -> Vec<Vec<String>> {
    let mut rows: Vec<Row> = Vec::new();
    for entry in entries {
        let row = Row::of(entry);
        match rows.last_mut() {
            Some(last) if last.kind == row.kind && row.runs() => last.join(row),
            Some(_) | None => rows.push(row),
        }
    }
    let header = ["#", "when", "who", "what", "authority"].map(str::to_owned);
    let rows: Vec<[String; 5]> = [header].into_iter().chain(rows.into_iter().map(Row::cells)).collect();
    let around: usize = [0, 1, 2, 4].iter().map(|column| width(&rows, *column) + 2).sum();
    let room = WIDTH.saturating_sub(around + 2).max(20);
    rows.into_iter().flat_map(|row| wrapped(row, room)).collect()
}

fn width(rows: &[[String; 5]], column: usize) -> usize {
    rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default()
}

/// The row, and those in which what was done goes on.
fn wrapped([position, when, who, what, authority]: [String; 5], room: usize) -> Vec<Vec<String>> {
    let mut lines = vec![String::new()];
    for word in what.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    // Within names stand spaces that do not break, so that each stays in one line.
    let mut lines = lines.into_iter().map(|line| line.replace(UNBROKEN, " "));
    let first = vec![position, when, who, lines.next().unwrap_or_default(), authority];
    let further = lines.map(|line| [vec![String::new(); 3], vec![line, String::new()]].concat());
    [first].into_iter().chain(further).collect()
}

/// A space that stays within its line.
const UNBROKEN: char = '\u{a0}';

fn unbroken(name: &str) -> String {
    name.replace(' ', &UNBROKEN.to_string())
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
            when: entry.get("at").and_then(Value::as_str).and_then(|at| at.get(11..19)).unwrap_or_default().to_owned(),
            who: vec![actor(entry)],
            what,
            on,
            authority,
        }
    }

    /// Whether a run of such entries is told as one.
    fn runs(&self) -> bool {
        matches!(self.kind.as_str(), "subscription_recorded" | "password_changed" | "review_item_decided")
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

    fn cells(self) -> [String; 5] {
        let span =
            if self.first == self.last { self.first.to_string() } else { format!("{}-{}", self.first, self.last) };
        let who = match self.who.as_slice() {
            [one] => one.clone(),
            several => format!("{} people, each", several.len()),
        };
        let what = format!("{}{}", self.what, self.on.join(", "));
        [span, self.when, who, what, self.authority.map_or_else(String::new, |position| format!("#{position}"))]
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
        APPS.iter().find(|(known, _)| *known == slug).map_or(slug, |(_, title)| unbroken(title))
    };
    match kind {
        "tenant_created" => (format!("created the tenant {} with the account MANAGER", of_first("cloud_id")), vec![]),
        "subscription_recorded" => ("recorded the subscriptions to ".to_owned(), vec![app()]),
        "licence_recorded" => ("recorded the API Connector licence".to_owned(), vec![]),
        "contact_added" => {
            let added = events.iter().filter(|event| event.get("type").is_some_and(|kind| kind == "contact_added"));
            let names = added.filter_map(|event| event.get("full_name").and_then(Value::as_str).map(unbroken));
            let of_roles = events.iter().filter_map(|event| event.get("role").and_then(Value::as_str));
            let mut roles: Vec<&str> = Vec::new();
            of_roles.for_each(|role| {
                if !roles.contains(&role) {
                    roles.push(role);
                }
            });
            let names = names.collect::<Vec<_>>().join(", ");
            (format!("added {names}, with credentials and {}", roles.join(", ")), vec![])
        }
        "signed_in" if kinds.contains(&"admin_added") => {
            ("signed in, the first: an Admin User by rule F1".to_owned(), vec![])
        }
        "signed_in" => (format!("signed in to the {}", of_first("plane")), vec![]),
        "password_changed" => ("changed the password set for them (C16)".to_owned(), vec![]),
        "admin_added" => (format!("made {} an Admin User", whom()), vec![]),
        "app_user_assigned" => (format!("assigned {} to {}", whom(), app()), vec![]),
        "background_account_set" => (format!("set {} as the Background Account", whom()), vec![]),
        "review_opened" => ("opened a review of who may use iEmail Cloud, for Jeff T. to decide".to_owned(), vec![]),
        "review_item_decided" => (format!("decided to {}: ", of_first("decision")), vec![of_first("item")]),
        "review_closed" => ("closed the review".to_owned(), vec![]),
        // Any other event is told by its name.
        other => (other.replace('_', " "), vec![]),
    }
}
