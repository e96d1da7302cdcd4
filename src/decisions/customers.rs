//! Decisions on customers and their Cloud IDs (chapter T), made on the views of the installation's own ledger; closing a tenant
//! is decided there, and again in the tenant that it reaches.

use grantbook_events::{
    AccountId, AppName, CloudId, CustomerName, Date, Edition, Event, InstallationEvent, Instant, Position, Purpose,
    Sealed, SealedEmail, SessionEnd, SignInEvent, SiteUrl, SubscriptionStatus, TenantEvent,
};

use crate::case::{Case, Outcome};
use crate::command::CustomerCommand;
use crate::genesis::{STARTING_APPS, named_first_admin};
use crate::refusal::Refusal;

/// Who the local operator's own tenants belong to (rule: T7).
pub const LOCAL_CUSTOMER: &str = "local";

/// More sessions than this are not ended one by one: with the tenant they are over all the same.
const MOST_ENDED: usize = 10_000;

pub(crate) fn decide(command: &CustomerCommand, case: &Case<'_>) -> Outcome {
    let authority = case.require_support()?;
    match command {
        CustomerCommand::RegisterCustomer { customer, full_name, contact_email } => {
            register_customer(customer, full_name, contact_email, case, authority)
        }
        CustomerCommand::RequestCloudId {
            customer,
            purpose,
            requester_name,
            requester_email,
            organisation,
            url,
            region,
        } => {
            let (_, customer) = known(customer, case)?;
            one(
                authority,
                InstallationEvent::CloudIdRequested {
                    customer,
                    purpose: *purpose,
                    requester_name: requester_name.clone(),
                    requester_email: requester_email.clone(),
                    organisation: organisation.clone(),
                    url: url.clone(),
                    region: region.clone(),
                },
            )
        }
        CustomerCommand::CheckReadiness { customer, url } => check_readiness(customer, url, case, authority),
        CustomerCommand::AssignCloudId { customer, cloud_id, purpose, edition, first_admin } => {
            let asked = Asked { cloud_id, purpose: *purpose, edition: *edition, first_admin: first_admin.as_ref() };
            assign_cloud_id(customer, &asked, case, authority)
        }
        CustomerCommand::CloseTenant { cloud_id } => match case.views.tenant.genesis(case.now.position) {
            Some(_) => close_here(cloud_id, case, authority),
            None => close_tenant(cloud_id, case, authority),
        },
    }
}

fn one(authority: Option<Position>, event: InstallationEvent) -> Outcome {
    Ok(vec![(authority, event.into())])
}

/// A customer's number and name as it was registered. Errors: nobody registered it.
fn known(customer: &CustomerName, case: &Case<'_>) -> Result<(u32, CustomerName), Refusal> {
    let customers = &case.views.customers;
    let found = customers.number(customer).and_then(|number| {
        let (_, known) = customers.customer(number, case.now.position)?;
        Some((number, known.name.clone()))
    });
    found.ok_or_else(|| Refusal::not_found(format!("there is no customer `{customer}`: register it first")))
}

fn is_local(customer: &CustomerName) -> bool {
    customer.as_str().eq_ignore_ascii_case(LOCAL_CUSTOMER)
}

fn register_customer(
    customer: &CustomerName,
    full_name: &Sealed,
    contact_email: &SealedEmail,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    if is_local(customer) {
        let message = "`local` is who the local operator's own tenants belong to";
        return Err(Refusal::conflict("T7", message));
    }
    if let Ok((_, known)) = known(customer, case) {
        return Err(Refusal::conflict("T2", format!("the customer `{known}` is registered already")));
    }
    one(
        authority,
        InstallationEvent::CustomerRegistered {
            customer: customer.clone(),
            key: full_name.key,
            full_name: full_name.clone(),
            contact_email: contact_email.clone(),
        },
    )
}

/// A customer's subscription counts for all their tenants (rules: A2, T2).
pub(crate) fn record_subscription(
    customer: &CustomerName,
    (app, status, from, until): (&AppName, SubscriptionStatus, Date, Option<Instant>),
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    if is_local(customer) {
        let message = "customer `local` has no subscriptions of its own: give `cloud_id`, for one tenant";
        return Err(Refusal::conflict("T7", message));
    }
    let (_, customer) = known(customer, case)?;
    let app = in_catalogue(app, case)?;
    one(authority, InstallationEvent::CustomerSubscriptionRecorded { customer, app, status, from, until })
}

/// An app of the catalogue that every tenant has, in its own spelling. Errors: it is not in it.
fn in_catalogue(app: &AppName, case: &Case<'_>) -> Result<AppName, Refusal> {
    let starting = STARTING_APPS.iter().find(|(slug, _)| slug.eq_ignore_ascii_case(app.as_str()));
    if let Some(slug) = starting.and_then(|(slug, _)| AppName::new(slug).ok()) {
        return Ok(slug);
    }
    let number = case.app(app)?;
    let known = case.views.tenant.app(number, case.now.position);
    known.map(|(_, known)| known.name.clone()).ok_or_else(|| Refusal::not_found(format!("there is no app `{app}`")))
}

/// What a look at the site showed becomes an event, whether it passed or not (rules: T3, T4).
fn check_readiness(customer: &CustomerName, url: &SiteUrl, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let (_, customer) = known(customer, case)?;
    let Some(seen) = case.outside.readiness else {
        return Err(Refusal::malformed("T4", "url", "expected a URL that was looked at"));
    };
    let (passed, findings) = (seen.passed(), seen.findings());
    one(authority, InstallationEvent::ReadinessChecked { customer, url: url.clone(), passed, findings })
}

/// What is asked for with a Cloud ID.
struct Asked<'a> {
    cloud_id: &'a CloudId,
    purpose: Purpose,
    edition: Edition,
    first_admin: Option<&'a AccountId>,
}

/// A Cloud ID is given once, to a customer with a running subscription who asked for it, for a site that is ready; one for
/// each purpose (rules: T2, T3, T7). Who is named as its first admin can become one (rules: F8, F14).
fn assign_cloud_id(
    customer: &CustomerName,
    asked: &Asked<'_>,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Outcome {
    // Customer `local` is exempt (rule: T7).
    let registered = if is_local(customer) { None } else { Some(known(customer, case)?) };
    free(asked.cloud_id, case)?;
    named_first_admin(asked.first_admin, asked.edition)?;
    let (customer, request, check) = match registered {
        None => (CustomerName::new(LOCAL_CUSTOMER).unwrap_or_else(|_| customer.clone()), None, None),
        Some((number, customer)) => {
            let (request, check) = entitled(number, &customer, asked.purpose, case)?;
            (customer, Some(request), Some(check))
        }
    };
    let cloud_id = asked.cloud_id.clone();
    let assigned = InstallationEvent::CloudIdAssigned { cloud_id: cloud_id.clone(), customer };
    let terms = InstallationEvent::CloudIdTermsRecorded {
        cloud_id,
        purpose: asked.purpose,
        edition: asked.edition,
        first_admin: asked.first_admin.cloned(),
        request,
        check,
    };
    Ok([assigned, terms].map(|event| (authority, event.into())).into())
}

/// No Cloud ID is given twice, not even that of a tenant that was closed (rule: T7).
fn free(cloud_id: &CloudId, case: &Case<'_>) -> Result<(), Refusal> {
    match case.views.installation.cloud_id(cloud_id) {
        Some(assigned) if assigned.closed_at(case.now.position).is_some() => Err(Refusal::conflict(
            "T7",
            format!("the Cloud ID `{cloud_id}` was a closed tenant's and is never given again"),
        )),
        Some(_) => Err(Refusal::conflict("T1", format!("the Cloud ID `{cloud_id}` was given already"))),
        None => Ok(()),
    }
}

/// The request that a Cloud ID for this purpose would answer, and the check that its site passed. Errors: the customer may
/// not have one, or the way to it was not gone.
fn entitled(
    number: u32,
    customer: &CustomerName,
    purpose: Purpose,
    case: &Case<'_>,
) -> Result<(Position, Position), Refusal> {
    let (views, now) = (case.views, case.now);
    if views.customers.active(number, now).is_none() {
        let message = format!("the customer `{customer}` has no subscription that is active, on trial or a demo");
        return Err(Refusal::conflict("T2", message));
    }
    let theirs = || views.installation.cloud_ids(now.position).filter(|(_, known)| known.customer == *customer);
    let held = theirs().find(|(_, known)| known.purpose == Some(purpose) && known.closed_at(now.position).is_none());
    if let Some((held, _)) = held {
        let message =
            format!("the customer `{customer}` has a {purpose} Cloud ID already, `{held}`: one of each is all");
        return Err(Refusal::conflict("T2", message));
    }
    let answered = |position| theirs().any(|(_, known)| known.request == Some(position));
    let mut requests = views.customers.requests(number, now.position).rev();
    let request = requests.find(|request| request.purpose == purpose && !answered(request.recorded));
    let Some(request) = request else {
        let message =
            format!("the customer `{customer}` has no open request for a {purpose} Cloud ID: record it first");
        return Err(Refusal::conflict("T3", message));
    };
    let mut checks = views.customers.checks(number, now.position).rev();
    match checks.find(|check| check.url.same_site(&request.url)) {
        Some(check) if check.passed => Ok((request.recorded, check.recorded)),
        Some(check) => {
            let problems: Vec<&str> = check.findings.iter().map(|finding| finding.problem.as_str()).collect();
            let (url, problems) = (&request.url, problems.join(", and "));
            let message =
                format!("the last readiness check of {url} failed: {problems}; check it again once that is mended");
            Err(Refusal::conflict("T3", message))
        }
        None => {
            let message = format!("the site {} was not checked for readiness: check it first", request.url);
            Err(Refusal::conflict("T3", message))
        }
    }
}

/// In the installation's own ledger: the Cloud ID is no longer held, and never given again (rule: T7).
fn close_tenant(cloud_id: &CloudId, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let Some(assigned) = case.views.installation.cloud_id(cloud_id) else {
        return Err(Refusal::not_found(format!("there is no tenant `{cloud_id}`")));
    };
    if assigned.closed_at(case.now.position).is_some() {
        return Err(Refusal::conflict("T7", format!("the tenant `{cloud_id}` is closed already")));
    }
    one(authority, InstallationEvent::CloudIdClosed { cloud_id: cloud_id.clone() })
}

/// In the tenant: its sessions end, and nothing more happens there (rule: T7).
fn close_here(cloud_id: &CloudId, case: &Case<'_>, authority: Option<Position>) -> Outcome {
    let sessions = &case.views.sessions;
    let open = sessions.all(case.now.position).filter(|session| sessions.open(session.position, case.now));
    let ended = open.take(MOST_ENDED).filter_map(|session| {
        let account = case.views.account_id(session.account)?;
        Some(SignInEvent::SessionEnded { account, session: session.position, because: SessionEnd::Ended })
    });
    let mut events: Vec<_> = ended.map(|event| (authority, Event::SignIn(event))).collect();
    let closed = TenantEvent::TenantClosed { cloud_id: cloud_id.clone() };
    events.push((authority, Event::Tenant(closed)));
    Ok(events)
}
