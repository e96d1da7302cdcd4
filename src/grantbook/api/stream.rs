//! Entries as they come, as Server-Sent Events: each position once, in order, none left out, also over lost connections.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Path;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use grantbook_events::Position;
use grantbook_ledger::Point;
use serde_json::Value;
use tokio::sync::watch;

use super::Service;
use super::entries::{Wanted, page};
use super::filter::Filter;
use super::params::position;
use super::problem::Problem;
use super::reader::Reader;
use super::visit::Visit;

/// How often a connection on which nothing happens shows that it is alive.
const ALIVE: Duration = Duration::from_secs(15);

/// How many entries are read at once.
const PAGE: usize = 256;

/// Entries after `Last-Event-ID`, else after `after`, else those that came after the point that it is asked as of: now, where
/// none is given. A position that the book has not come to is refused: whoever read so far read another book, or this one
/// before it was restored, and would miss what comes until the book has come there again.
pub(crate) async fn stream(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let as_of_given = visit.params.given("as_of");
    let looking = visit.params.looking()?;
    let after = visit.params.position("after")?;
    if as_of_given && after.is_some() {
        return Err(Problem::malformed("as_of", "a stream begins once: give `after` or `as_of`"));
    }
    let last_seen = match visit.headers.get("last-event-id") {
        Some(id) => Some(position("Last-Event-ID", id.to_str().unwrap_or_default())?),
        None => None,
    };
    let filter = Filter::of(&mut visit.params, &reader.tenant).await?;
    visit.params.finish()?;
    looking.wait(&reader.tenant).await?;
    // Where both are given, the last that was read counts, wherever the stream began then.
    let point = last_seen.or(after).map_or(looking.point, Point::At);
    let after = reader.tenant.ask(point, |_, as_of| as_of.position).await?;
    reader.reads_events().await?;
    let moved = reader.tenant.watch();
    let following = Following {
        after,
        reader: Arc::new(reader),
        filter: Arc::new(filter),
        ready: VecDeque::new(),
        moved,
        stopping: visit.api.service.stopping(),
        _service: visit.api.service.clone(),
    };
    let events = stream::unfold(following, |mut following| async move {
        let entry = following.next().await?;
        let id = entry.get("position").map(Value::to_string).unwrap_or_default();
        let event = Event::default().id(id).data(entry.to_string());
        Some((Ok::<Event, Infallible>(event), following))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE)).into_response())
}

struct Following {
    reader: Arc<Reader>,
    filter: Arc<Filter>,
    /// Up to where entries were read.
    after: Position,
    /// Read and not sent yet.
    ready: VecDeque<Value>,
    moved: watch::Receiver<Position>,
    stopping: watch::Receiver<bool>,
    /// Says when serving stops, for as long as it is there.
    _service: Service,
}

impl Following {
    /// The next entry that is for the reader. Ends where the session does, or serving.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Some(entry);
            }
            let after = self.after;
            tokio::select! {
                biased;
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                moved = self.moved.wait_for(|last| *last > after) => { moved.ok()?; }
            }
            // What was lost since is lost at once (rule: A7).
            self.reader = Arc::new(self.reader.again().await.ok()?);
            let last = self.reader.tenant.last();
            let range = after.next().0..=last.0;
            let wanted = Wanted { filter: self.filter.clone(), range, among: None, newest_first: false, limit: PAGE };
            let page = page(&self.reader, wanted).await.ok()?;
            self.after = page.next.unwrap_or(last);
            self.ready.extend(page.entries);
        }
    }
}
