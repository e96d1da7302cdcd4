//! Who may do what, and why.

use axum::body::Body;
use axum::extract::Path;
use axum::response::Response;
use grantbook_inquiries::{self as inquiries, AskError, Asked};
use grantbook_projections::{AsOf, Views};
use serde_json::{Value, json};

use super::body;
use super::params::Params;
use super::problem::Problem;
use super::reader::Reader;
use super::views::{answered, shown_to};
use super::visit::Visit;

/// The most questions in one request.
const MOST: usize = 1_000;

/// A question as it was asked.
struct Question {
    account: String,
    capability: String,
    on: Option<String>,
    acting_for: Option<String>,
}

impl Question {
    fn of_params(params: &mut Params, reader: &Reader) -> Result<Question, Problem> {
        Ok(Question {
            account: own_or(params.take("account"), reader)?,
            capability: params.need("do", "what is asked for, such as dashboard.manage_admins")?,
            on: params.take("on"),
            acting_for: params.take("acting_for"),
        })
    }

    fn of_json(value: &Value, reader: &Reader) -> Result<Question, Problem> {
        body::only(value, &["account", "do", "on", "acting_for"])?;
        Ok(Question {
            account: own_or(body::maybe_text(value, "account")?.map(str::to_owned), reader)?,
            capability: body::text(value, "do")?.to_owned(),
            on: body::maybe_text(value, "on")?.map(str::to_owned),
            acting_for: body::maybe_text(value, "acting_for")?.map(str::to_owned),
        })
    }

    /// The question as the reader may ask it, who sees what they see `now`.
    fn asked<'a>(&self, views: &'a Views, as_of: AsOf, reader: &Reader, now: AsOf) -> Result<Asked<'a>, AskError> {
        let asked = inquiries::ask(views, as_of, &self.account, &self.capability, self.on.as_deref())?;
        if reader.hides(views, asked.question.on, now) {
            return Err(AskError::UnknownAccount { account: self.on.clone().unwrap_or_default() });
        }
        match &self.acting_for {
            Some(organisation) => inquiries::acting_for(asked, organisation),
            None => Ok(asked),
        }
    }
}

/// Whoever names nobody asks about themselves.
fn own_or(account: Option<String>, reader: &Reader) -> Result<String, Problem> {
    let own = || reader.account().map(|own| own.as_str().to_owned());
    account
        .or_else(own)
        .ok_or_else(|| Problem::malformed("account", "expected an account's id, `@username` or `guest`"))
}

/// Whether one account may do one thing.
pub(crate) async fn one(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let question = Question::of_params(&mut visit.params, &reader)?;
    visit.params.finish()?;
    known(&question)?;
    reader.may_ask_about("ask_can", &question.account, looking.point).await?;
    looking.wait(&reader.tenant).await?;
    let now = reader.now().await?;
    let answer = reader.tenant.ask(looking.point, |views, as_of| {
        Ok::<Value, AskError>(inquiries::can(&question.asked(views, as_of, &reader, now)?))
    });
    Ok(answered(answer.await??))
}

/// Whether many may, all as of one point. All or nothing: a question that makes no sense is told with its place.
pub(crate) async fn many(mut visit: Visit, Path(cloud_id): Path<String>, given: Body) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    visit.params.finish()?;
    let body = body::json(&visit.headers, given).await?;
    body::only(&body, &["questions"])?;
    let list = body.get("questions").and_then(Value::as_array).filter(|list| (1..=MOST).contains(&list.len()));
    let list = list.ok_or_else(|| Problem::malformed("questions", format!("expected 1 to {MOST} questions")))?;
    let place = |index: usize| format!("questions[{index}]");
    let mut questions = Vec::with_capacity(list.len());
    for (index, value) in list.iter().enumerate() {
        let question = Question::of_json(value, &reader).map_err(|problem| problem.of_one(&place(index)))?;
        known(&question).map_err(|problem| problem.of_one(&place(index)))?;
        questions.push(question);
    }
    for question in &questions {
        reader.may_ask_about("ask_can", &question.account, looking.point).await?;
    }
    looking.wait(&reader.tenant).await?;
    let now = reader.now().await?;
    let answers = reader.tenant.ask(looking.point, |views, as_of| {
        let mut answers = Vec::with_capacity(questions.len());
        let mut seen_as_of = Value::Null;
        for (index, question) in questions.iter().enumerate() {
            let asked = question.asked(views, as_of, &reader, now);
            let asked = asked.map_err(|error| Problem::from(error).of_one(&place(index)))?;
            let Question { account, capability, on, acting_for } = question;
            let mut answer = inquiries::can(&asked);
            if let Some(answer) = answer.as_object_mut() {
                seen_as_of = answer.remove("as_of").unwrap_or_default();
                answer.insert("account".to_owned(), account.as_str().into());
                answer.insert("do".to_owned(), capability.as_str().into());
                answer.insert("on".to_owned(), on.as_deref().into());
                answer.extend(acting_for.as_deref().map(|name| ("acting_for".to_owned(), name.into())));
            }
            answers.push(answer);
        }
        Ok::<Value, Problem>(json!({"as_of": seen_as_of, "answers": answers}))
    });
    Ok(answered(answers.await??))
}

/// Why one account may do one thing, or may not.
pub(crate) async fn why(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let question = Question::of_params(&mut visit.params, &reader)?;
    visit.params.finish()?;
    known(&question)?;
    reader.may_ask_about("ask_why", &question.account, looking.point).await?;
    looking.wait(&reader.tenant).await?;
    let now = reader.now().await?;
    let answer = reader.tenant.ask(looking.point, |views, as_of| {
        let asked = question.asked(views, as_of, &reader, now)?;
        Ok::<Value, AskError>(shown_to(&reader, views, as_of, |shown| inquiries::why(shown, &asked).json()))
    });
    Ok(answered(answer.await??))
}

/// What is asked for must be something that can be: told before whether the asker may ask.
fn known(question: &Question) -> Result<(), Problem> {
    match grantbook_rights::Capability::named(&question.capability) {
        Some(_) => Ok(()),
        None => Err(Problem::malformed("do", "there is no such capability: `GET /v1/capabilities` lists them")),
    }
}
