//! Contacts as their visitors see them (chapter V). The one question that guests may ask.

use axum::extract::Path;
use axum::response::Response;
use grantbook_decisions::Refusal;
use grantbook_events::VisibilityAudience;
use grantbook_inquiries::{AskError, Viewer, contact, contacts_page, find_organisation};
use grantbook_ledger::{Caller, Point, TenantHandle};
use grantbook_projections::{AsOf, Views};
use grantbook_rights::{Capability, On, Question, Standing, Verdict, Who, allowed, may};

use super::problem::Problem;
use super::reader::only_enrols;
use super::views::{answered, shown};
use super::visit::{Asker, Visit};

/// The most contacts on one page.
const MOST: usize = 1_000;

/// Whoever looks at contacts, of a tenant.
struct Visitor {
    tenant: TenantHandle,
    caller: Option<Caller>,
    viewer: Viewer,
    /// Whether all contacts are open to the visitor, and so former states of them too.
    staff: bool,
}

impl Visitor {
    /// Whoever asks, of the tenant of `cloud_id`, looked at as of now. A tenant that shows nobody to guests is not known
    /// to them (rule: T5). Errors: no token where one is needed, or one of somebody from outside.
    async fn of(visit: &Visit, cloud_id: &str) -> Result<Visitor, Problem> {
        let (tenant, caller) = match visit.asker_or_guest()? {
            None => (visit.tenant_named(cloud_id).map_err(|_| Problem::not_signed_in())?, None),
            Some(asker @ Asker::Caller(Caller::Account { .. })) => {
                let tenant = visit.tenant_called(cloud_id, &asker).await?;
                only_enrols(&tenant, &asker).await?;
                let Asker::Caller(caller) = asker else { return Err(Problem::not_signed_in()) };
                (tenant, Some(caller))
            }
            Some(Asker::Operator(_) | Asker::Caller(Caller::Support { .. })) => {
                let detail = "contacts show themselves to the tenant's own people and visitors; support reads accounts";
                return Err(Problem::forbidden("V1", detail));
            }
        };
        let whose = |views: &Views, as_of: AsOf| match &caller {
            Some(Caller::Account { account, session, .. }) => {
                let (who, standing) = (views.account(account)?, Standing::Session { signed_in: *session });
                Some(Viewer { who: Who::Account(who), standing, as_of, acting_for: None })
            }
            Some(Caller::Support { .. }) | None => {
                // A closed tenant shows nobody any more (rule: T7).
                let open = views.visibility.set(VisibilityAudience::Everyone, as_of.position).is_some()
                    && views.tenant.closed(as_of.position).is_none();
                open.then_some(Viewer { who: Who::Guest, standing: Standing::Fresh, as_of, acting_for: None })
            }
        };
        let found = tenant.ask(Point::Now, |views, as_of| {
            let viewer = whose(views, as_of)?;
            let Viewer { who, standing, as_of, .. } = viewer;
            let question = Question { views, who, standing, on: On::Nothing, as_of };
            Some((viewer, allowed(&question, Capability::ContactsAccess)))
        });
        let (viewer, staff) = found.await?.ok_or_else(Problem::not_signed_in)?;
        Ok(Visitor { tenant, caller, viewer, staff })
    }

    /// Whoever acts for an organisation administers it, and sees nobody of another company of theirs (rule: O21). A refusal
    /// is recorded (rule: U1). Errors: there is no such organisation, or it is not theirs.
    async fn acts_for(&mut self, organisation: Option<String>) -> Result<(), Problem> {
        let Some(organisation) = organisation else { return Ok(()) };
        let viewer = self.viewer;
        let found = self.tenant.ask(Point::Now, |views, _| {
            let number = find_organisation(views, "acting_for", &organisation)?;
            let Viewer { who, standing, as_of, .. } = viewer;
            // Of themselves they see what they see, as soon as they may act for it at all.
            let on = match who {
                Who::Account(contact) => On::Contact { contact, acting_for: number },
                Who::Guest => On::Organisation(number),
            };
            let question = Question { views, who, standing, on, as_of };
            Ok::<_, AskError>((number, may(&question, Capability::ContactView)))
        });
        match found.await?? {
            (number, Verdict::Allowed { .. }) => {
                self.viewer.acting_for = Some(number);
                Ok(())
            }
            (_, Verdict::Refused(refused)) => {
                let detail =
                    format!("one acts for an organisation that one administers, which `{organisation}` is not");
                Err(self.refused(Refusal::of_reading(refused.rule, detail)).await)
            }
        }
    }

    /// Former states of contacts are for staff: whoever took a phone number back did so for all others. A refusal is
    /// recorded (rule: U1).
    async fn may_look_from(&self, point: Point) -> Result<(), Problem> {
        if self.staff || point == Point::Now {
            return Ok(());
        }
        let refusal = Refusal::of_reading("V1", "contacts show themselves as they are now; staff look back");
        Err(self.refused(refusal).await)
    }

    /// A refusal, recorded where somebody is signed in.
    async fn refused(&self, refusal: Refusal) -> Problem {
        if let Some(caller) = &self.caller
            && let Err(error) = self.tenant.note_refused(caller, "read_contacts", None, &refusal).await
        {
            return error.into();
        }
        refusal.into()
    }
}

/// A page of the contacts that the visitor may see, those whose name or id holds `search`.
pub(crate) async fn page(mut visit: Visit, Path(cloud_id): Path<String>) -> Result<Response, Problem> {
    let mut visitor = Visitor::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let search = visit.params.take("search").unwrap_or_default();
    let after = visit.params.take("after");
    let limit = visit.params.count("limit", 100, MOST)?;
    let acting_for = visit.params.take("acting_for");
    visit.params.finish()?;
    visitor.acts_for(acting_for).await?;
    visitor.may_look_from(looking.point).await?;
    looking.wait(&visitor.tenant).await?;
    let (tenant, viewer) = (&visitor.tenant, &visitor.viewer);
    let page = tenant.ask(looking.point, |views, as_of| {
        shown(tenant, views, as_of, |shown| contacts_page(shown, viewer, &search, after.as_deref(), limit))
    });
    Ok(answered(page.await?))
}

/// One contact, by its id. One that the visitor may not see is as one that is not there.
pub(crate) async fn one(mut visit: Visit, Path((cloud_id, id)): Path<(String, String)>) -> Result<Response, Problem> {
    let mut visitor = Visitor::of(&visit, &cloud_id).await?;
    let looking = visit.params.looking()?;
    let acting_for = visit.params.take("acting_for");
    visit.params.finish()?;
    visitor.acts_for(acting_for).await?;
    visitor.may_look_from(looking.point).await?;
    looking.wait(&visitor.tenant).await?;
    let (tenant, viewer) = (&visitor.tenant, &visitor.viewer);
    let found =
        tenant.ask(looking.point, |views, as_of| shown(tenant, views, as_of, |shown| contact(shown, viewer, &id)));
    Ok(answered(found.await?.ok_or_else(|| Problem::not_found("there is no such contact to be seen"))?))
}
