//! The parameters of a question: each known by name, none given twice, none that nobody asks for.

use axum::extract::Query;
use axum::http::Uri;
use grantbook_events::Position;
use grantbook_ledger::{Point, TenantHandle};

use super::problem::Problem;

/// The most rows of an answer that tells much of one thing: a lineage, a timeline, a comparison.
pub(crate) const MOST_ROWS: usize = 100_000;

/// What came after the question mark.
pub(crate) struct Params {
    given: Vec<(String, String)>,
}

/// From where a question looks, and what must have been written before it is answered.
pub(crate) struct Looking {
    pub(crate) point: Point,
    at_least: Option<Position>,
}

impl Params {
    /// Reads the query. Errors: it is not one, or says something twice.
    pub(crate) fn of(uri: &Uri) -> Result<Params, Problem> {
        let Ok(Query(given)) = Query::<Vec<(String, String)>>::try_from_uri(uri) else {
            return Err(Problem::malformed("query", "expected name=value pairs in UTF-8, joined by `&`"));
        };
        let twice = given
            .iter()
            .enumerate()
            .find(|(index, (name, _))| given.iter().take(*index).any(|(earlier, _)| earlier == name));
        match twice {
            Some((_, (name, _))) => Err(Problem::malformed(name.as_str(), "is given twice")),
            None => Ok(Params { given }),
        }
    }

    /// Whether a parameter is given.
    pub(crate) fn given(&self, name: &str) -> bool {
        self.given.iter().any(|(given, _)| given == name)
    }

    /// Takes out a parameter.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let index = self.given.iter().position(|(given, _)| given == name)?;
        Some(self.given.swap_remove(index).1)
    }

    /// Takes out a parameter that must be there.
    pub(crate) fn need(&mut self, name: &str, expected: &str) -> Result<String, Problem> {
        self.take(name).ok_or_else(|| Problem::malformed(name, format!("expected {expected}")))
    }

    /// Takes out a position.
    pub(crate) fn position(&mut self, name: &str) -> Result<Option<Position>, Problem> {
        self.take(name).map(|text| position(name, &text)).transpose()
    }

    /// Takes out a position or an instant.
    pub(crate) fn point(&mut self, name: &str) -> Result<Option<Point>, Problem> {
        let parse = |text: String| {
            Point::parse(&text).map_err(|expected| {
                // An offset's `+` that was not encoded arrives as a space.
                let plus = Point::parse(&text.replace(' ', "+")).is_ok();
                let hint = if plus { "; a `+` in an address is written `%2B`" } else { "" };
                Problem::malformed(name, format!("{expected}{hint}"))
            })
        };
        self.take(name).map(parse).transpose()
    }

    /// Takes out a whole number from 1 to `most`.
    pub(crate) fn count(&mut self, name: &str, usual: usize, most: usize) -> Result<usize, Problem> {
        let Some(text) = self.take(name) else { return Ok(usual) };
        let count = text.parse().ok().filter(|count| (1..=most).contains(count));
        let to = if most == usize::MAX { String::new() } else { format!(" to {most}") };
        count.ok_or_else(|| Problem::malformed(name, format!("expected a whole number from 1{to}")))
    }

    /// Takes out yes or no; no where it is not given.
    pub(crate) fn flag(&mut self, name: &str) -> Result<bool, Problem> {
        match self.take(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Problem::malformed(name, "expected true or false")),
        }
    }

    /// Takes out `at_least` alone, of a question that has points of its own.
    pub(crate) fn at_least(&mut self) -> Result<Looking, Problem> {
        Ok(Looking { point: Point::Now, at_least: self.position("at_least")? })
    }

    /// Takes out `as_of` and `at_least`, which every question takes.
    pub(crate) fn looking(&mut self) -> Result<Looking, Problem> {
        Ok(Looking { point: self.point("as_of")?.unwrap_or_default(), at_least: self.position("at_least")? })
    }

    /// Nothing may be left that nobody asked for: a mistyped filter would else answer another question.
    pub(crate) fn finish(&self) -> Result<(), Problem> {
        match self.given.first() {
            Some((name, _)) => Err(Problem::malformed(name.as_str(), "there is no such parameter here")),
            None => Ok(()),
        }
    }
}

impl Looking {
    /// Waits until what the asker wrote is there (read your writes).
    pub(crate) async fn wait(&self, tenant: &TenantHandle) -> Result<(), Problem> {
        match self.at_least {
            Some(position) => Ok(tenant.at_least(position).await?),
            None => Ok(()),
        }
    }
}

/// Reads a position. Errors: it is none.
pub(crate) fn position(field: &str, text: &str) -> Result<Position, Problem> {
    match Point::parse(text) {
        Ok(Point::At(position)) => Ok(position),
        Ok(Point::Now | Point::Instant(_)) | Err(_) => {
            Err(Problem::malformed(field, "expected a position: a whole number of at most 2^53 - 1"))
        }
    }
}
