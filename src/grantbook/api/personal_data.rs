//! What is kept of a person, in one answer: to be given to them, and before they are erased.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::{AccountId, Position};
use grantbook_inquiries::personal_data;
use grantbook_ledger::Point;

use super::accounts::{OfAccount, of_account};
use super::entries::{Wanted, page};
use super::filter::Filter;
use super::problem::Problem;
use super::reader::Reader;
use super::views::answered;
use super::visit::Visit;

/// How many entries are read at a time.
const STEP: usize = 1_000;

/// The person's account, every personal value that it ever had, and the entries that name it, as the person may read them:
/// without other people's events and addresses (rule: U2).
pub(crate) async fn one(
    mut visit: Visit,
    Path((cloud_id, named)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let found = of_account(&mut visit, &cloud_id, &named, "read_personal_data", personal_data).await?;
    let OfAccount { reader, account, position, answer: mut data } = found;
    let id = AccountId::new(&account).map_err(|_| Problem::not_found("there is no such account as of then"))?;
    let entries = entries(Arc::new(reader.as_person(&id).await?), position).await?;
    if let Some(fields) = data.as_object_mut() {
        fields.insert("entries".to_owned(), entries.into());
    }
    Ok(answered(data))
}

async fn entries(person: Arc<Reader>, last: Position) -> Result<Vec<serde_json::Value>, Problem> {
    let (filter, mut entries, mut from) = (Arc::new(Filter::default()), Vec::new(), 1);
    let among = person.tenant.ask(Point::Now, |views, _| person.among(views, &filter, 1..=last.0)).await?;
    loop {
        let wanted = Wanted {
            filter: filter.clone(),
            range: from..=last.0,
            among: among.clone(),
            newest_first: false,
            limit: STEP,
        };
        let read = page(&person, wanted).await?;
        entries.extend(read.entries);
        match read.next {
            Some(next) => from = next.0 + 1,
            None => return Ok(entries),
        }
    }
}
