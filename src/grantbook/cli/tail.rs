use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::desk::Desk;
use super::output::Output;
use super::output::moment;
use super::point::Point;
use super::trouble::Trouble;
use super::words::{actor, events};
use crate::client::Request;
use crate::exports::syslog;

/// How long to wait before what went away is looked for again.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows the last entries of the book, then each new one as it is recorded
///
/// With `--syslog` entries go to a syslog server instead of the terminal, one message an event. Add `--state` and `--retry`
/// to keep that up for good: every entry is handed over, in order; after a broken connection the last one may come twice.
/// With `--as-of` it shows the last as of then and ends: nothing more comes to the past.
#[derive(clap::Args)]
pub(crate) struct Tail {
    /// How many of the last to begin with
    #[arg(long, default_value_t = 10, value_name = "COUNT")]
    last: u64,
    /// Begin after this position instead
    #[arg(long, value_name = "POSITION", conflicts_with = "last")]
    after: Option<u64>,
    /// Show those that there are, and end
    #[arg(long)]
    no_follow: bool,
    /// When the server goes away, wait for it and go on where it was
    #[arg(long, conflicts_with_all = ["no_follow", "as_of"])]
    retry: bool,
    /// Hand entries to a syslog server over TCP (RFC 5424, octet counting of RFC 6587)
    #[arg(long, value_name = "HOST:PORT")]
    syslog: Option<String>,
    /// Keep in this file how far it went, and begin there the next time
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    #[command(flatten)]
    point: Point,
}

impl Tail {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        let after = self.begin(desk).await?;
        let to = match &self.syslog {
            Some(address) => To::Syslog(connect(address).await?),
            None => To::Terminal(output),
        };
        let mut following = Following { tail: &self, after, to };
        loop {
            let ended = following.until_end(desk).await;
            match ended {
                Ok(true) => return Ok(()),
                Ok(false) if !self.retry => return Ok(()),
                Err(trouble @ Trouble::Storage(_)) if !self.retry => return Err(trouble),
                Err(trouble @ (Trouble::Refused(_) | Trouble::Usage(_) | Trouble::NobodyReads | Trouble::Stopped)) => {
                    return Err(trouble);
                }
                Ok(false) | Err(Trouble::Storage(_)) => {}
            }
            tokio::time::sleep(PATIENCE).await;
            if let Some(address) = &self.syslog
                && let Ok(stream) = connect(address).await
            {
                following.to = To::Syslog(stream);
            }
        }
    }

    /// The position after which to begin.
    async fn begin(&self, desk: &Desk) -> Result<u64, Trouble> {
        if let Some(after) = self.state.as_deref().map(read_state).transpose()?.flatten().or(self.after) {
            return Ok(after);
        }
        let newest = |request: Request| self.point.of(request.query("order", "desc").query("limit", "1"));
        let newest = desk.ask(&["events"], newest).await?;
        let newest = newest.get("entries").and_then(|entries| entries.get(0)).and_then(|entry| entry.get("position"));
        Ok(newest.and_then(Value::as_u64).unwrap_or_default().saturating_sub(self.last))
    }
}

/// Where entries go.
enum To<'a> {
    Terminal(&'a mut Output),
    Syslog(TcpStream),
}

struct Following<'a> {
    tail: &'a Tail,
    /// Up to where entries were handed over.
    after: u64,
    to: To<'a>,
}

impl Following<'_> {
    /// Hands over what there is, then what comes. True where nothing more is wanted, false where the server went away.
    async fn until_end(&mut self, desk: &Desk) -> Result<bool, Trouble> {
        loop {
            let (point, after) = (&self.tail.point, self.after.to_string());
            let more = |request: Request| point.of(request.query("after", after).query("limit", "500"));
            let answer = desk.ask(&["events"], more).await?;
            for entry in answer.get("entries").and_then(Value::as_array).into_iter().flatten() {
                self.hand_over(entry).await?;
            }
            match answer.get("next").and_then(Value::as_u64) {
                // A page can be empty and still have more beyond it.
                Some(next) => self.after = self.after.max(next),
                None => break,
            }
        }
        self.flush()?;
        if self.tail.no_follow || self.tail.point.is_past() {
            return Ok(true);
        }
        if desk.client.is_here() {
            self.note("Nobody can write while this program has the directory open: nothing more will come. `grantbook serve` lets others.");
            return Ok(true);
        }
        self.follow(desk).await?;
        self.note(if self.tail.retry { "The server has gone away; waiting for it." } else { "The server has ended." });
        Ok(false)
    }

    /// Hands over what comes, for as long as the server goes on.
    async fn follow(&mut self, desk: &Desk) -> Result<(), Trouble> {
        let last = axum::http::HeaderName::from_static("last-event-id");
        let request = desk.question(&["events", "stream"]).await?;
        let request =
            request.header(last, self.after.to_string()).header(axum::http::header::ACCEPT, "text/event-stream");
        let mut lines = desk.client.lines(request).await?;
        if lines.status != 200 {
            return Err(desk.refused(&lines.whole().await?));
        }
        let mut data = String::new();
        while let Some(line) = lines.next().await? {
            if let Some(part) = line.strip_prefix("data:") {
                data.push_str(part.trim_start());
            } else if line.is_empty()
                && !data.is_empty()
                && let Ok(entry) = serde_json::from_str(&std::mem::take(&mut data))
            {
                self.hand_over(&entry).await?;
                self.flush()?;
            }
        }
        Ok(())
    }

    async fn hand_over(&mut self, entry: &Value) -> Result<(), Trouble> {
        match &mut self.to {
            To::Terminal(output) => show(entry, output)?,
            To::Syslog(stream) => {
                let messages: String = syslog::messages(entry).map(|message| syslog::framed(&message)).collect();
                let gone = |error| Trouble::Storage(format!("the syslog server has gone away: {error}"));
                stream.write_all(messages.as_bytes()).await.map_err(gone)?;
            }
        }
        self.after = entry.get("position").and_then(Value::as_u64).unwrap_or(self.after);
        match &self.tail.state {
            Some(file) => write_state(file, self.after),
            None => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), Trouble> {
        match &mut self.to {
            To::Terminal(output) => output.flush(),
            To::Syslog(_) => Ok(()),
        }
    }

    fn note(&self, text: &str) {
        match &self.to {
            To::Terminal(output) => output.note(text),
            To::Syslog(_) => tracing::warn!("{text}"),
        }
    }
}

async fn connect(address: &str) -> Result<TcpStream, Trouble> {
    let unreachable = |error| Trouble::Storage(format!("the syslog server `{address}` cannot be reached: {error}"));
    TcpStream::connect(address).await.map_err(unreachable)
}

/// How far it went the last time; `None` where there was no last time.
fn read_state(file: &std::path::Path) -> Result<Option<u64>, Trouble> {
    match std::fs::read_to_string(file) {
        Ok(text) => {
            let unknown = || Trouble::Usage(format!("`{}` holds no position", file.display()));
            text.trim().parse().map(Some).map_err(|_| unknown())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Trouble::Storage(format!("`{}` cannot be read: {error}", file.display()))),
    }
}

/// Put into its place whole: a crash leaves the position before, and no half of one.
fn write_state(file: &std::path::Path, position: u64) -> Result<(), Trouble> {
    let new = file.with_added_extension("new");
    let written = std::fs::write(&new, format!("{position}\n")).and_then(|()| std::fs::rename(&new, file));
    written.map_err(|error| Trouble::Storage(format!("`{}` cannot be written: {error}", file.display())))
}

fn show(entry: &Value, output: &mut Output) -> Result<(), Trouble> {
    if output.json {
        return output.line(entry);
    }
    let position = entry.get("position").and_then(Value::as_u64).unwrap_or_default();
    let at = entry.get("at").and_then(Value::as_str).map(moment).unwrap_or_default();
    for (what, authority) in events(entry) {
        let authority = authority.map_or_else(String::new, |authority| format!(" (authority #{authority})"));
        output.line(format_args!("#{position} {at}  {}: {what}{authority}", actor(entry)))?;
    }
    Ok(())
}
