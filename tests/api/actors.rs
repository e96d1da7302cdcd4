//! The table of actors: `actors.txt`, cell by cell. The file says what it means.

use std::collections::HashMap;
use std::fmt::Write;

use grantbook_decisions::command::{FieldKind, describe};
use serde_json::{Map, Value, json};

use crate::installation::{Asked, Installation};

const TABLE: &str = include_str!("actors.txt");

/// Every row names all of these.
const ACTORS: [&str; 10] =
    ["guest", "appuser", "plain", "plain4", "sys", "boss", "auditor", "manager", "support", "foreign"];

/// The tenant at whose door the table's commands are given.
const HERE: &str = "actorsimis";

/// One who was signed in.
#[derive(Clone, Default)]
struct Actor {
    token: String,
    account: String,
    password: String,
    session: u64,
}

struct World {
    installation: Installation,
    tenant: String,
    printed: HashMap<String, String>,
    actors: HashMap<String, Actor>,
}

// rules: T5, U1, U4, F6, F8, F9, F13, A3, B3, B4, B5, R1, C3, C7, C8, C9, C10, C12, C13, C15, C17, G1, G2, G3, G4, G6, G7,
// rules: L1, L3, M1, M2, M3, N2, S1, S2, X1, X2
#[tokio::test]
async fn everyone_may_what_the_table_says_and_nothing_else() {
    let mut world = World {
        installation: Installation::in_memory().await,
        tenant: HERE.to_owned(),
        printed: HashMap::new(),
        actors: HashMap::new(),
    };
    let mut row: Option<(usize, Vec<String>)> = None;
    let mut complaints = Vec::new();
    let mut cells = 0;
    for (number, line) in TABLE.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with(' ') {
            let (started, words) = row.take().unwrap_or_else(|| panic!("line {number}: cells without a command"));
            cells += world.try_row(started, &words, line, &mut complaints).await;
            continue;
        }
        let words = words(line);
        if matches!(words[0].as_str(), "command" | "support-command") {
            assert!(row.is_none(), "line {number}: the command before has no cells");
            row = Some((number, words));
        } else {
            world.make(number, &words).await;
        }
    }
    assert!(cells > 800, "only {cells} cells");
    assert!(complaints.is_empty(), "{} of {cells} cells differ:\n{}", complaints.len(), complaints.join("\n"));
}

impl World {
    /// One line of the world.
    async fn make(&mut self, number: usize, words: &[String]) {
        match words {
            [verb, id, fields @ ..] if verb == "tenant" => {
                let mut body = fields_of(fields, &|_, value| value.to_owned());
                body.insert("cloud_id".to_owned(), id.as_str().into());
                let made = self.operator("/operator/tenants", Value::Object(body)).await;
                self.printed.insert(id.clone(), made["manager_password"].as_str().unwrap().to_owned());
            }
            [verb, name] if verb == "support-token" => {
                let made = self.operator("/operator/support-tokens", json!({"operator": name})).await;
                let token = made["token"].as_str().unwrap().to_owned();
                self.actors.insert("support".to_owned(), Actor { token, ..Actor::default() });
            }
            [verb, id] if verb == "in" => self.tenant = id.clone(),
            [verb, username] if verb == "lock" => {
                for _ in 0..5 {
                    let body = json!({"username": username, "password": "Wrong-1-guess"});
                    let answered = self.post(None, &format!("/v1/tenants/{}/sign-in", self.tenant), &body).await;
                    assert_eq!(answered.0, 401, "line {number}: {}", answered.1);
                }
            }
            [verb, actor, fields @ ..] if verb == "sign-in" => self.sign_in(number, actor, fields).await,
            [actor, verb, name, fields @ ..] if verb == "do" => {
                let body = self.command(actor, name, fields);
                let path = if actor == "support" {
                    "/v1/support/commands".to_owned()
                } else {
                    format!("/v1/tenants/{}/commands", self.tenant)
                };
                let token = self.actors[actor].token.clone();
                let (status, answer) = self.post(Some(&token), &path, &body).await;
                assert_eq!(status, 201, "line {number}: {answer}");
            }
            _ => panic!("line {number}: not understood: {words:?}"),
        }
    }

    async fn sign_in(&mut self, number: usize, actor: &str, fields: &[String]) {
        let printed = self.printed[&self.tenant].clone();
        let mut body = fields_of(fields, &|_, value| value.replace("$printed", &printed));
        if let Some(new) = body.remove("new") {
            let change = json!({"username": body["username"], "old": body["password"], "new": new});
            let path = format!("/v1/tenants/{}/change-password", self.tenant);
            let (status, answer) = self.post(None, &path, &change).await;
            assert_eq!(status, 204, "line {number}: {answer}");
            body.insert("password".to_owned(), new);
        }
        let password = body["password"].as_str().unwrap().to_owned();
        let path = format!("/v1/tenants/{}/sign-in", self.tenant);
        let (status, answer) = self.post(None, &path, &Value::Object(body)).await;
        assert_eq!(status, 200, "line {number}: {answer}");
        let text = |field: &str| answer[field].as_str().unwrap_or_else(|| panic!("line {number}: {answer}")).to_owned();
        let session = answer["position"].as_u64().unwrap();
        let signed_in = Actor { token: text("token"), account: text("account"), password, session };
        self.actors.insert(actor.to_owned(), signed_in);
    }

    /// Tries every cell of a row. Out comes how many there are.
    async fn try_row(&self, number: usize, row: &[String], cells: &str, complaints: &mut Vec<String>) -> usize {
        let cells: Vec<Vec<&str>> = cells.split('|').map(|cell| cell.split_whitespace().collect()).collect();
        for actor in ACTORS {
            if !cells.iter().any(|cell| cell.first() == Some(&actor)) {
                complaints.push(format!("line {number}: no cell for {actor}"));
            }
        }
        let support = row[0] == "support-command";
        let path = if support {
            "/v1/support/commands?dry_run=true".to_owned()
        } else {
            format!("/v1/tenants/{HERE}/commands?dry_run=true")
        };
        for cell in &cells {
            let [actor, expected @ ..] = cell.as_slice() else { panic!("line {number}: an empty cell") };
            let expected = expected.join(" ");
            let body = self.command(actor, &row[1], &row[2..]);
            let token = self.actors.get(*actor).map(|actor| actor.token.clone());
            let (status, answer) = self.post(token.as_deref(), &path, &body).await;
            let told = match (status, answer["rule"].as_str()) {
                (200, _) => "ok".to_owned(),
                (status, Some(rule)) => format!("{status} {rule}"),
                (status, None) => status.to_string(),
            };
            if told != expected {
                let mut complaint = String::new();
                let _ = write!(
                    complaint,
                    "line {number}: {actor} {}: the table says {expected}, the program {told}: {}",
                    row[1..].join(" "),
                    answer["detail"].as_str().unwrap_or_default()
                );
                complaints.push(complaint);
            }
        }
        cells.len()
    }

    /// A command as an actor gives it.
    fn command(&self, actor: &str, name: &str, fields: &[String]) -> Value {
        let mut me = self.actors.get(actor).cloned().unwrap_or_default();
        if me.password.is_empty() {
            // Guests and support have none of their own.
            me.password = "None-7-at-all".to_owned();
        }
        let now = self.installation.now().to_string();
        let own = if ["guest", "support", "foreign"].contains(&actor) { "target_public" } else { me.account.as_str() };
        let mut body = fields_of(fields, &|_, value| {
            if value == "self" {
                return own.to_owned();
            }
            let mut value = value.replace("$password", &me.password).replace("$now", &now);
            if let Some(who) = value.strip_prefix("$session:") {
                value = self.actors[who].session.to_string();
            }
            value
        });
        let known = describe(name).unwrap_or_else(|| panic!("no command {name}"));
        for (field, value) in &mut body {
            let kind = known.all_fields().find(|known| known.name == field).map(|known| known.kind);
            if let (Some(FieldKind::Number { .. } | FieldKind::SettingValue), Some(text)) = (kind, value.as_str()) {
                // `true` and `false`, a whole number, or text.
                *value = text.parse::<bool>().map_or_else(|_| text.into(), Value::from);
                *value = value.as_str().and_then(|text| text.parse::<u64>().ok()).map_or(value.clone(), Value::from);
            }
        }
        body.insert("name".to_owned(), name.into());
        Value::Object(body)
    }

    async fn operator(&self, path: &str, body: Value) -> Value {
        let asked = Asked {
            operator: true,
            method: "POST".to_owned(),
            path: path.to_owned(),
            body: Some(body.to_string()),
            ..Asked::default()
        };
        self.installation.must(&asked).await
    }

    async fn post(&self, token: Option<&str>, path: &str, body: &Value) -> (u16, Value) {
        let asked = Asked {
            method: "POST".to_owned(),
            path: path.to_owned(),
            token: token.map(str::to_owned),
            body: Some(body.to_string()),
            ..Asked::default()
        };
        let answered = self.installation.ask(&asked).await;
        (answered.status, answered.json())
    }
}

/// `name=value` words as the fields of an object; a value that starts with `[` or `{`, and yes or no, is JSON.
fn fields_of(words: &[String], read: &dyn Fn(&str, &str) -> String) -> Map<String, Value> {
    let one = |word: &String| {
        let (name, value) = word.split_once('=').unwrap_or_else(|| panic!("`{word}` is no field"));
        let value = read(name, value);
        let json = value.starts_with(['[', '{']) || matches!(value.as_str(), "true" | "false");
        let value = if json { serde_json::from_str(&value).unwrap() } else { Value::from(value) };
        (name.to_owned(), value)
    };
    words.iter().map(one).collect()
}

/// Words between spaces; a value in double quotes after `=` may hold spaces.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted, mut json) = (Vec::new(), String::new(), false, false);
    for letter in line.chars() {
        match letter {
            '[' | '{' if word.ends_with('=') => {
                json = true;
                word.push(letter);
            }
            '"' if !json => quoted = !quoted,
            ' ' if !quoted => {
                json = false;
                words.push(std::mem::take(&mut word));
            }
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
