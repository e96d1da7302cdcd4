//! Answers of a row an account. Rows become text where they are made, since a million of them as trees of values would take
//! many times the memory.

use axum::response::Response;
use grantbook_inquiries::{Shown, Whom};
use grantbook_ledger::{Point, TenantHandle};
use grantbook_projections::{AsOf, Views};
use serde_json::Value;

use super::problem::Problem;
use super::slices::each;
use super::views::tagged;

/// The rows of an answer, in the order of the accounts' ids.
pub(crate) struct Rows {
    /// One after the other, with a comma between two.
    text: String,
    /// The id of the last one's account, where there are more.
    next: Option<String>,
}

impl Rows {
    /// What `tell` says of each of `whom`: at most `limit` rows. As of `as_of`, whatever is recorded meanwhile.
    ///
    /// Errors: the ledger is no longer there.
    pub(crate) async fn of(
        tenant: &TenantHandle,
        as_of: AsOf,
        whom: Whom,
        limit: usize,
        tell: impl Fn(&Shown<'_>, u32) -> Option<Value> + Send + Sync + 'static,
    ) -> Result<Rows, Problem> {
        let (mut text, mut last, mut count, mut further) = (String::new(), None, 0, false);
        let tell = move |shown: &Shown<'_>, who: u32| tell(shown, who).map(|row| row.to_string());
        each(tenant, as_of, whom, tell, |who, row| {
            further = count == limit;
            if !further {
                text.extend([if count > 0 { "," } else { "" }, &row]);
                (last, count) = (Some(who), count + 1);
            }
            !further
        })
        .await?;
        let next = match last.filter(|_| further) {
            None => None,
            Some(last) => {
                let id = |views: &Views, _| views.names.accounts.text(last).to_owned();
                Some(tenant.ask(Point::At(as_of.position), id).await?)
            }
        };
        Ok(Rows { text, next })
    }

    /// `answer` with the rows in the place of its empty list `accounts`, and with what follows on them as its `next`.
    pub(crate) fn within(self, answer: &Value) -> Response {
        let mut body = String::with_capacity(self.text.len() + 1_024);
        for (name, value) in answer.as_object().into_iter().flatten() {
            body.push(if body.is_empty() { '{' } else { ',' });
            body.push_str(&Value::from(name.as_str()).to_string());
            body.push(':');
            match name.as_str() {
                "accounts" => body.extend(["[", &self.text, "]"]),
                "next" => body.push_str(&Value::from(self.next.as_deref()).to_string()),
                _ => body.push_str(&value.to_string()),
            }
        }
        body.push('}');
        tagged(answer, body)
    }
}
