//! Problems: what a request is told that is not carried out (RFC 9457).

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use grantbook_decisions::{Refusal, RefusalKind};
use grantbook_events::Position;
use grantbook_inquiries::AskError;
use grantbook_ledger::LedgerError;
use serde_json::{Map, Value};

/// The media type of a problem.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not carried out, as its answer says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Problem {
    kind: ProblemKind,
    detail: String,
    rule: Option<&'static str>,
    position: Option<Position>,
    field: Option<String>,
    command_index: Option<usize>,
    retry_after_seconds: Option<u32>,
}

/// The kinds of problems, stated once: so every one is in the list that the API's document is made of.
macro_rules! kinds {
    ($( $kind:ident = $status:ident, $slug:literal, $title:literal; )*) => {
        /// What kind of problem it is: each has a status, a slug that stays, and a title.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum ProblemKind {
            $( $kind, )*
        }

        impl ProblemKind {
            /// Every kind.
            pub(crate) const ALL: &'static [ProblemKind] = &[ $( ProblemKind::$kind, )* ];

            pub(crate) fn told(self) -> (StatusCode, &'static str, &'static str) {
                match self {
                    $( ProblemKind::$kind => (StatusCode::$status, $slug, $title), )*
                }
            }
        }
    };
}

kinds! {
    NotJson = BAD_REQUEST, "not-json", "The request cannot be read";
    NotSignedIn = UNAUTHORIZED, "not-signed-in", "Sign in first";
    Forbidden = FORBIDDEN, "forbidden", "A rule does not let you";
    NotFound = NOT_FOUND, "not-found", "There is no such thing";
    MethodNotAllowed = METHOD_NOT_ALLOWED, "method-not-allowed", "Not with this method";
    TooSlow = REQUEST_TIMEOUT, "too-slow", "The request took too long to come";
    Conflict = CONFLICT, "conflict", "A rule does not admit it as things are";
    MovedOn = PRECONDITION_FAILED, "moved-on", "The book has moved on";
    TooLarge = PAYLOAD_TOO_LARGE, "too-large", "Too large";
    UnsupportedMediaType = UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Expected JSON";
    Malformed = UNPROCESSABLE_ENTITY, "malformed", "Not as expected";
    TooMany = TOO_MANY_REQUESTS, "too-many", "Too many at once";
    Unexpected = INTERNAL_SERVER_ERROR, "unexpected", "Something went wrong that should not have";
    NotStored = SERVICE_UNAVAILABLE, "not-stored", "It could not be stored";
    NoEvidence = SERVICE_UNAVAILABLE, "no-evidence", "There is no evidence to give";
}

impl ProblemKind {
    fn of_status(status: StatusCode) -> ProblemKind {
        match status.as_u16() {
            400 => ProblemKind::NotJson,
            401 => ProblemKind::NotSignedIn,
            403 => ProblemKind::Forbidden,
            404 => ProblemKind::NotFound,
            405 => ProblemKind::MethodNotAllowed,
            409 => ProblemKind::Conflict,
            412 => ProblemKind::MovedOn,
            408 => ProblemKind::TooSlow,
            413 => ProblemKind::TooLarge,
            415 => ProblemKind::UnsupportedMediaType,
            422 => ProblemKind::Malformed,
            429 => ProblemKind::TooMany,
            503 => ProblemKind::NotStored,
            _ => ProblemKind::Unexpected,
        }
    }
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, detail: impl Into<String>) -> Problem {
        let detail = detail.into();
        Problem {
            kind,
            detail,
            rule: None,
            position: None,
            field: None,
            command_index: None,
            retry_after_seconds: None,
        }
    }

    /// A field or parameter is not as expected.
    pub(crate) fn malformed(field: impl Into<String>, detail: impl Into<String>) -> Problem {
        Problem { field: Some(field.into()), ..Problem::new(ProblemKind::Malformed, detail) }
    }

    /// Nobody is signed in, or not here (rule: T5).
    pub(crate) fn not_signed_in() -> Problem {
        LedgerError::NotSignedIn.into()
    }

    /// A rule refuses the actor.
    pub(crate) fn forbidden(rule: &'static str, detail: impl Into<String>) -> Problem {
        Problem { rule: Some(rule), ..Problem::new(ProblemKind::Forbidden, detail) }
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Problem {
        Problem::new(ProblemKind::NotFound, detail)
    }

    /// What a status alone says, for answers that were made without a problem.
    pub(crate) fn of_status(status: StatusCode) -> Problem {
        let kind = ProblemKind::of_status(status);
        let detail = match kind {
            ProblemKind::NotFound => "there is nothing here: `GET /` says where to look",
            ProblemKind::MethodNotAllowed => "the header `Allow` says with which methods it goes",
            ProblemKind::TooLarge => "the body is larger than is taken here",
            ProblemKind::NotJson
            | ProblemKind::NotSignedIn
            | ProblemKind::Forbidden
            | ProblemKind::Conflict
            | ProblemKind::MovedOn
            | ProblemKind::TooSlow
            | ProblemKind::UnsupportedMediaType
            | ProblemKind::Malformed
            | ProblemKind::TooMany
            | ProblemKind::NoEvidence
            | ProblemKind::NotStored
            | ProblemKind::Unexpected => "the request cannot be answered",
        };
        Problem::new(kind, detail)
    }

    /// At a guest door a refusal by C11 says that nobody signed in (rule: C11).
    pub(crate) fn at_the_door(error: LedgerError) -> Problem {
        let problem = Problem::from(error);
        let kind = if problem.rule == Some("C11") && problem.kind == ProblemKind::Forbidden {
            ProblemKind::NotSignedIn
        } else {
            problem.kind
        };
        Problem { kind, ..problem }
    }

    /// The same problem, of another kind.
    pub(crate) fn of_kind(self, kind: ProblemKind) -> Problem {
        Problem { kind, ..self }
    }

    /// The same problem, of a field within this one.
    pub(crate) fn within(self, outer: &str) -> Problem {
        let field = self.field.map(|field| format!("{outer}.{field}"));
        Problem { field, ..self }
    }

    /// The same problem, of one of several questions: the sentence says which as well, since what is wrong need not be one
    /// of its fields.
    pub(crate) fn of_one(self, place: &str) -> Problem {
        let detail = format!("`{place}`: {}", self.detail);
        let field = self.field.map_or_else(|| place.to_owned(), |field| format!("{place}.{field}"));
        Problem { field: Some(field), detail, ..self }
    }

    /// The same problem, by a rule.
    pub(crate) fn by_rule(self, rule: Option<&'static str>) -> Problem {
        Problem { rule, ..self }
    }

    /// The status that says of which kind it is.
    pub(crate) fn status(&self) -> StatusCode {
        self.kind.told().0
    }

    /// What is wrong, for a person.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The rule that refused, where one did.
    pub(crate) fn rule(&self) -> Option<&'static str> {
        self.rule
    }

    /// What is wrong, for a person who sees nothing but this sentence: one that begins with no name, and says no rule, is told
    /// with the field that it is about.
    fn sentence(&self) -> String {
        let value = self.detail.starts_with('`') && !self.detail.starts_with("``"); // an empty one names nothing
        let named = |field: &str| value || self.detail.starts_with(field);
        let bare = self.kind == ProblemKind::Malformed && self.rule.is_none();
        match &self.field {
            Some(field) if bare && !named(field) => format!("`{field}`: {}", self.detail),
            Some(_) | None => self.detail.clone(),
        }
    }

    /// The problem as JSON.
    pub(crate) fn json(&self) -> Value {
        let (status, slug, title) = self.kind.told();
        let mut json = Map::new();
        json.insert("type".to_owned(), slug.into());
        json.insert("title".to_owned(), title.into());
        json.insert("status".to_owned(), status.as_u16().into());
        json.insert("detail".to_owned(), self.sentence().into());
        if let Some(rule) = self.rule {
            json.insert("rule".to_owned(), rule.into());
            // What the rule says, so that nobody must look it up.
            json.insert("rule_words".to_owned(), grantbook_rights::rule_words(rule).into());
        }
        if let Some(position) = self.position {
            json.insert("position".to_owned(), position.0.into());
        }
        if let Some(field) = &self.field {
            json.insert("field".to_owned(), field.as_str().into());
        }
        if let Some(index) = self.command_index {
            json.insert("command_index".to_owned(), index.into());
        }
        Value::Object(json)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, slug, _) = self.kind.told();
        crate::metrics::refused(slug, self.rule);
        let mut response = (status, Json(self.json())).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if self.kind == ProblemKind::NotSignedIn {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.kind == ProblemKind::TooMany {
            headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after_seconds.unwrap_or(1)));
        }
        response
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Problem {
        let detail = error.to_string();
        match error {
            LedgerError::Malformed { field, .. } => Problem::malformed(field, detail),
            LedgerError::Refused(refusal) => Problem::from(refusal),
            LedgerError::NotSignedIn => Problem::new(ProblemKind::NotSignedIn, detail),
            LedgerError::KeyReused(position) => {
                let position = Some(position);
                Problem { position, ..Problem::malformed("Idempotency-Key", detail) }
            }
            LedgerError::MovedOn(position) => {
                Problem { position: Some(position), ..Problem::new(ProblemKind::MovedOn, detail) }
            }
            LedgerError::Importing => Problem { rule: Some("U6"), ..Problem::new(ProblemKind::Conflict, detail) },
            LedgerError::TooLarge => Problem::new(ProblemKind::TooLarge, detail),
            LedgerError::Busy | LedgerError::Overtaken => Problem::new(ProblemKind::TooMany, detail),
            LedgerError::TooManyGuesses { retry_after_seconds } => {
                let retry_after_seconds = Some(retry_after_seconds);
                Problem { rule: Some("C11"), retry_after_seconds, ..Problem::new(ProblemKind::TooMany, detail) }
            }
            LedgerError::NoSuchTenant(_) => Problem::not_found(detail),
            LedgerError::CloudIdTaken(_) => Problem { rule: Some("T1"), ..Problem::new(ProblemKind::Conflict, detail) },
            LedgerError::Beyond { last, .. } => Problem { position: Some(last), ..Problem::not_found(detail) },
            LedgerError::InTheFuture(_) => Problem::malformed("at", detail),
            LedgerError::NotHandedOver => Problem { rule: Some("P8"), ..Problem::new(ProblemKind::Conflict, detail) },
            LedgerError::NoEvidence(_) => Problem::new(ProblemKind::NoEvidence, detail),
            LedgerError::Storage => Problem::new(ProblemKind::NotStored, detail),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        let kind = match refusal.kind {
            RefusalKind::Malformed => ProblemKind::Malformed,
            RefusalKind::Forbidden => ProblemKind::Forbidden,
            RefusalKind::NotFound => ProblemKind::NotFound,
            RefusalKind::Conflict => ProblemKind::Conflict,
        };
        let field = refusal.field.map(str::to_owned);
        let Refusal { rule, command_index, .. } = refusal;
        Problem { rule, field, command_index, ..Problem::new(kind, refusal.message) }
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Problem {
        let detail = error.to_string();
        match error {
            AskError::UnknownAccount { .. }
            | AskError::UnknownApp { .. }
            | AskError::UnknownObject { .. }
            | AskError::UnknownOrganisation { .. }
            | AskError::UnknownCommunity { .. }
            | AskError::UnknownQuery { .. } => Problem::not_found(detail),
            AskError::Malformed { field, .. } => Problem::malformed(field, detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_overtaken_may_be_sent_again_and_is_not_about_sign_ins() {
        let problem = Problem::from(LedgerError::Overtaken);
        assert_eq!(problem.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(problem.detail().contains("send it again") && !problem.detail().contains("sign-in"));
        assert_eq!(problem.into_response().headers()[RETRY_AFTER], "1");
    }
}
