//! A finding's rule, held against all of the past.

use axum::extract::Path;
use axum::response::Response;
use grantbook_events::ReadScope;
use grantbook_inquiries::{Hunt, Shown, Tested, finding_rules, findings_json};
use grantbook_rights::Capability;

use super::problem::Problem;
use super::reader::Reader;
use super::slices::{AT_ONCE, in_slices};
use super::views::{answered, shown};
use super::visit::Visit;

/// When a kind of finding would have been open (`code`), or a separation of duties that need not be defined (`one` and
/// `other`), and about whom.
pub(crate) async fn back_test(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let reader = Reader::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let (code, one, other) = (visit.params.take("code"), visit.params.take("one"), visit.params.take("other"));
    visit.params.finish()?;
    let tested = match (&code, &one, &other) {
        (Some(code), None, None) => Tested::Kind(code),
        (None, Some(one), Some(other)) => Tested::Separation(capability("one", one)?, capability("other", other)?),
        (None, _, _) => return Err(Problem::malformed("code", "expected a finding's code, or `one` and `other`")),
        (Some(_), _, _) => return Err(Problem::malformed("one", "expected either a `code`, or `one` and `other`")),
    };
    if let Tested::Kind(code) = tested
        && !finding_rules().any(|rule| rule.code == code)
    {
        let codes: Vec<&str> = finding_rules().map(|rule| rule.code).collect();
        return Err(Problem::malformed("code", format!("there is no such finding: there are {}", codes.join(", "))));
    }
    reader.may_ask_of_all("back_test", ReadScope::Views).await?;
    looking.wait(&reader.tenant).await?;
    let tenant = &reader.tenant;
    if let Tested::Kind(code) = tested
        && let Some(mut hunt) = Hunt::of_kind(code)
    {
        let as_of = tenant.ask(looking.point, |_, as_of| as_of).await?;
        in_slices(tenant, as_of, |shown| hunt.goes_on(shown, AT_ONCE)).await?;
        return Ok(answered(findings_json(as_of, &hunt.found())));
    }
    let answer = tenant.ask(looking.point, |views, as_of| {
        let found = |shown: &Shown<'_>| grantbook_inquiries::back_test(shown, tested).unwrap_or_default();
        findings_json(as_of, &shown(tenant, views, as_of, found))
    });
    Ok(answered(answer.await?))
}

fn capability(field: &str, name: &str) -> Result<Capability, Problem> {
    let expected = || Problem::malformed(field, "there is no such capability: `GET /v1/capabilities` lists them");
    Capability::named(name).ok_or_else(expected)
}
