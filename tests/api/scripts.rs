//! The text scripts of `scripts/`: requests and what they are answered, as a person reads them.
//!
//!     # ...                     a comment; `# rules:` names what the lines below rest on
//!     include NAME              the lines of `scripts/_NAME.txt`
//!     clock INSTANT, clock +5m  sets the clock, which stands else
//!     sum-up                    what was only counted and is over is recorded
//!     restart                   the ledger is closed and opened again
//!     site                      a site on loopback that answers everybody, known as `$site`
//!     NAME> METHOD PATH BODY    a request with the token that was captured under NAME; `>` alone is without a token,
//!                               `operator>` through the operator's door without one
//!     + Name: value             a header of the request
//!     < STATUS BODY             what it is answered; the body as `pattern.rs` says
//!     <+ Name: value            a header of the answer
//!     <| text                   the next line of an answer that is text
//!
//! Every answer is held against the server's own description (`described.rs`), and every answer that is described is given
//! in one script or another.
//!
//! A line that begins with a space goes on with the one before. `$name` in requests is what was captured, and `$code:name`
//! the code that a device shows now for the seed captured under that name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use grantbook_events::Instant;
use serde_json::Value;

use crate::described::Described;
use crate::installation::{Answered, Asked, Installation};
use crate::pattern::{Captured, compare};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/api/scripts")
}

#[tokio::test]
async fn every_script_is_answered_as_it_says() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('_'))
        .collect();
    names.sort();
    assert!(names.len() > 5, "{names:?}");
    let (mut complaints, mut given) = (Vec::new(), BTreeSet::new());
    for name in &names {
        match run(name).await {
            Ok(described) => given.extend(described),
            Err(complaint) => complaints.push(complaint),
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n\n"));
    let description = Installation::in_memory().await.description().await;
    let elsewhere =
        GIVEN_ELSEWHERE.iter().map(|(id, status, media, _)| ((*id).to_owned(), *status, (*media).to_owned()));
    let never: BTreeSet<Described> = description.answers().difference(&given).cloned().collect();
    assert_eq!(never, elsewhere.collect(), "every answer that is described is given in a script, or elsewhere");
}

/// Answers that no script can give, each with the reason.
const GIVEN_ELSEWHERE: &[(&str, u16, &str, &str)] = &[
    ("cosign", 200, "application/json", "it needs a witness who signs: `witnesses.rs`"),
    ("resetPassword", 204, "", "its token comes by mail: `mail.rs`"),
    ("stream", 200, "text/event-stream", "it does not end by itself: `streams.rs`"),
];

/// The lines of a file, with what it includes, each with the place where it begins.
fn lines(name: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut lines: Vec<(String, String)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let place = format!("{name}:{}", number + 1);
        if let Some(other) = line.strip_prefix("include ") {
            lines.extend(self::lines(&format!("_{}.txt", other.trim())));
        } else if line.starts_with(' ') {
            let last = lines.last_mut().unwrap_or_else(|| panic!("{place}: goes on with nothing"));
            last.1.push_str(line);
        } else if !line.is_empty() && !line.starts_with('#') {
            lines.push((place, line.to_owned()));
        }
    }
    lines
}

struct Script {
    installation: Installation,
    captured: Captured,
    asked: Option<Asked>,
    answered: Option<Answered>,
    read: usize,
    /// The answers so far, as they are described.
    described: BTreeSet<Described>,
}

/// Plays a script. Answers with what was given of what is described.
async fn run(name: &str) -> Result<BTreeSet<Described>, String> {
    let lines = lines(name);
    let dir = tempfile::tempdir().unwrap();
    let installation = if lines.iter().any(|(_, line)| line == "restart") {
        Installation::in_directory(dir.path().join("data")).await
    } else {
        Installation::in_memory().await
    };
    let mut script = Script {
        installation,
        captured: Captured::new(),
        asked: None,
        answered: None,
        read: 0,
        described: BTreeSet::new(),
    };
    for (place, line) in &lines {
        script.line(line).await.map_err(|wrong| {
            let answered =
                script.answered.as_ref().map(|answered| format!("\n  {} {}", answered.status, answered.text));
            format!("{place}: {line}\n  {wrong}{}", answered.unwrap_or_default())
        })?;
    }
    Ok(script.described)
}

impl Script {
    async fn line(&mut self, line: &str) -> Result<(), String> {
        if let Some(expected) = line.strip_prefix("<+ ") {
            return self.header(expected);
        }
        if let Some(expected) = line.strip_prefix("<| ") {
            let text = &self.answered.as_ref().ok_or("nothing was asked")?.text;
            let found = text.lines().nth(self.read).unwrap_or_default();
            self.read += 1;
            let (pattern, found) = (json(expected), json(found));
            return compare(&pattern, Some(&found), &mut self.captured);
        }
        if let Some(expected) = line.strip_prefix("< ") {
            return self.answer(expected).await;
        }
        if let Some(header) = line.strip_prefix("+ ") {
            let (name, value) = header.split_once(": ").ok_or("expected `+ Name: value`")?;
            let value = self.filled(value);
            self.asked.as_mut().ok_or("nothing is asked")?.headers.push((name.to_owned(), value));
            return Ok(());
        }
        if self.asked.is_some() {
            return Err("the request before was not answered".to_owned());
        }
        match line.split_once(' ').unwrap_or((line, "")) {
            ("clock", to) => self.clock(to),
            ("sum-up", _) => {
                self.installation.ledger().sum_up().await;
                Ok(())
            }
            ("restart", _) => {
                self.installation.restart().await;
                Ok(())
            }
            ("site", _) => {
                self.captured.insert("site".to_owned(), site().await.into());
                Ok(())
            }
            (who, request) if who.ends_with('>') => self.ask(who.trim_end_matches('>'), request),
            _ => Err("not understood".to_owned()),
        }
    }

    fn clock(&self, to: &str) -> Result<(), String> {
        let now = self.installation.now();
        let instant = match to.strip_prefix('+') {
            None => Instant::parse(to)?,
            Some(more) => {
                let count: u32 = more[..more.len() - 1].parse().map_err(|_| "expected +5m or +3d")?;
                if more.ends_with('d') { now.plus_days(count) } else { now.plus_minutes(count) }
            }
        };
        self.installation.set_clock(instant);
        Ok(())
    }

    fn filled(&self, text: &str) -> String {
        // Longer names first, so that one that begins like another is not taken for it.
        let mut names: Vec<&String> = self.captured.keys().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        names.into_iter().fold(text.to_owned(), |text, name| {
            let value = &self.captured[name];
            let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let of_code = format!("$code:{name}");
            let text = if text.contains(&of_code) { text.replace(&of_code, &self.code(&plain)) } else { text };
            text.replace(&format!("${name}"), &plain)
        })
    }

    /// The code of a seed at the clock.
    fn code(&self, seed: &str) -> String {
        let secret = totp_rs::Secret::try_from_base32(seed).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
        totp.generate(u64::try_from(self.installation.now().microseconds() / 1_000_000).unwrap()).to_string()
    }

    fn ask(&mut self, who: &str, request: &str) -> Result<(), String> {
        let request = self.filled(request);
        let mut parts = request.splitn(3, ' ').map(str::to_owned);
        let token = match who {
            "" | "operator" => None,
            name => {
                let token = self.captured.get(name).and_then(Value::as_str).ok_or(format!("nobody is `{name}`"))?;
                Some(token.to_owned())
            }
        };
        self.asked = Some(Asked {
            operator: who == "operator",
            method: parts.next().unwrap_or_default(),
            path: parts.next().ok_or("expected a path")?,
            token,
            headers: Vec::new(),
            body: parts.next().filter(|body| !body.is_empty()),
        });
        Ok(())
    }

    async fn answer(&mut self, expected: &str) -> Result<(), String> {
        let asked = self.asked.take().ok_or("nothing was asked")?;
        let (answered, held) = self.installation.ask_and_hold(&asked).await;
        let answered = self.answered.insert(answered);
        self.read = 0;
        let (status, pattern) = expected.split_once(' ').unwrap_or((expected, ""));
        if answered.status.to_string() != status {
            return Err(format!("expected {status}"));
        }
        self.described.extend(held?);
        if status.starts_with(['4', '5']) {
            let media = answered.headers.get("content-type").map(|media| media.to_str().unwrap().to_owned());
            if media.as_deref() != Some("application/problem+json") {
                return Err(format!("a problem is `application/problem+json`, not {media:?}"));
            }
            let shape = json(r#"{"type": "*", "title": "*", "detail": "*"}"#);
            compare(&shape, Some(&answered.json()), &mut Captured::new())?;
        }
        if pattern.trim().is_empty() {
            return Ok(());
        }
        compare(&json(pattern), Some(&answered.json()), &mut self.captured)
    }

    fn header(&mut self, expected: &str) -> Result<(), String> {
        let (name, pattern) = expected.split_once(": ").ok_or("expected `<+ Name: value`")?;
        let headers = &self.answered.as_ref().ok_or("nothing was asked")?.headers;
        let value = headers.get(name).map(|value| Value::from(value.to_str().unwrap()));
        compare(&Value::from(pattern), value.as_ref(), &mut self.captured)
    }
}

/// A site that is ready, on loopback. It goes with the runtime.
async fn site() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback(|| async { "ready" });
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}
