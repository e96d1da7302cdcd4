//! Setting a tenant up, step by step (rule: T6): what is done, by which entry, and what is next.

use grantbook_events::{AccountId, AdminOrigin, Edition, Licence, Position, SignInPlane};
use grantbook_projections::{AsOf, Cause, Moments, RoleNumber, Session, SystemRole, turning_points};
use grantbook_rights::account_usable;
use serde_json::{Value, json};

use crate::shown::Shown;

pub(super) fn setup(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let genesis = views.tenant.genesis(as_of.position);
    let keeper = staff(shown, None, true);
    let background = views.background.set(as_of.position);
    let apart = background.map(|(_, background)| background.account).or(keeper.map(|(who, _)| who));
    let entry = |position: Option<Position>| position.map(Cause::Entry);
    let steps = [
        ("cloud_id", "support assigns the Cloud ID", entry(genesis.map(|_| Position(1)))),
        (
            "api_connector_licence",
            "support records the API Connector licence",
            entry(views.tenant.licence(Licence::ApiConnector, as_of)),
        ),
        (
            "background_account_created",
            "create the Background Account's account: class Full, roles SysAdmin and RemoteService",
            keeper.map(|(_, since)| since),
        ),
        (
            "staff_with_remote_service",
            "give staff accounts the role RemoteService",
            staff(shown, apart, false).map(|(_, since)| since),
        ),
        (
            "first_dashboard_sign_in",
            "sign in to the dashboard for the first time",
            entry(first_dashboard_sign_in(shown)),
        ),
        ("background_account_set", "an Admin User sets the Background Account", entry(background.map(|(set, _)| set))),
        ("app_users", "an Admin User assigns App Users", entry(first_app_user(shown))),
        ("admin_users", "an Admin User adds further Admin Users", entry(further_admin(shown))),
    ];
    // In a closed tenant nothing more is to be done (rule: T7).
    let mut to_do = steps.iter().filter(|_| views.tenant.closed(as_of.position).is_none());
    let next = to_do.find(|(_, _, by)| by.is_none()).map(|(step, _, _)| *step);
    let rows: Vec<Value> = steps
        .iter()
        .map(|(step, words, by)| json!({"step": step, "words": words, "done": by.is_some(), "by": shown.maybe_cause(*by)}))
        .collect();
    let tenant = genesis.map_or(Value::Null, |genesis| {
        json!({
            "cloud_id": genesis.cloud_id.as_str(),
            "edition": genesis.edition.slug(),
            "customer": genesis.customer.as_str(),
            "first_admin": genesis.first_admin.as_ref().map(AccountId::as_str),
        })
    });
    let tenant = match (views.tenant.closed(as_of.position), tenant) {
        (Some(closed), Value::Object(mut fields)) => {
            fields.insert("closed".to_owned(), shown.maybe_cause(entry(Some(closed))));
            Value::Object(fields)
        }
        (_, tenant) => tenant, // any other is open
    };
    shown.answer([("tenant", tenant), ("steps", rows.into()), ("next", next.into())])
}

/// The staff account that has had RemoteService for longest, `without` one account and MANAGER, and since when; where
/// `keeper`, it must be able to keep the connection of the Background Account (rule: B3).
fn staff(shown: &Shown<'_>, without: Option<u32>, keeper: bool) -> Option<(u32, Cause)> {
    let (views, as_of) = (shown.views, shown.as_of);
    let remote = RoleNumber::from(SystemRole::RemoteService);
    let sysadmin = RoleNumber::from(SystemRole::SysAdmin);
    let qualifies = |who: u32, point: AsOf| {
        views.roles.held(who, remote, point).is_some()
            && (!keeper || views.roles.held(who, sysadmin, point).is_some())
            && views.credentials.full(who, point.position).is_some_and(|(_, full)| full)
            && account_usable(views, who, point)
    };
    let manager = views.account(&AccountId::manager());
    let holders = views.roles.holders(remote, as_of.position).map(|(who, _, _)| who);
    let candidates = holders.filter(|who| Some(*who) != without && Some(*who) != manager && qualifies(*who, as_of));
    let found = candidates.filter_map(|who| {
        let mut points = Vec::new();
        views.credentials.turning_points(who, as_of, &mut points);
        for role in [remote, sysadmin] {
            if let Some(history) = views.roles.history(who, role) {
                turning_points(history, as_of, &mut points);
            }
        }
        let since = Moments::new(&views.timeline, points, as_of).since(as_of, &|point| qualifies(who, point))?;
        Some((who, since))
    });
    found.min_by_key(|(who, since)| (*since, shown.id(*who)))
}

/// The first sign-in to the dashboard, once somebody has signed in who is an Admin User with it (rules: F1, F7): those of
/// others alone, such as contacts without rights (rule: A5), set nothing up.
fn first_dashboard_sign_in(shown: &Shown<'_>) -> Option<Position> {
    let views = shown.views;
    let admin = |session: &Session| {
        let then = views.timeline.as_of(session.position);
        let manager = views.account(&AccountId::manager()) == Some(session.account);
        let always = manager && views.tenant.edition(then.position) == Edition::Edition2017;
        always || views.admins.listed(session.account, then).is_some()
    };
    let to_dashboard = |session: &&Session| session.plane == SignInPlane::Dashboard && !session.only_enrols;
    let mut sign_ins = views.sessions.all(shown.position()).filter(to_dashboard).peekable();
    let first = sign_ins.peek()?.position;
    sign_ins.any(admin).then_some(first)
}

fn first_app_user(shown: &Shown<'_>) -> Option<Position> {
    let apps = shown.views.names.apps.in_order();
    let users = apps.flat_map(|app| shown.in_force(shown.views.app_users.users(app, shown.position())));
    users.map(|(_, given, _)| given).min()
}

/// The oldest grant of an admin right that the first sign-in did not make.
fn further_admin(shown: &Shown<'_>) -> Option<Position> {
    let (views, as_of) = (shown.views, shown.as_of);
    let others = views.admins.ever(as_of.position);
    let others = others.filter(|who| views.admins.origin(*who, as_of.position) != Some(AdminOrigin::FirstSignIn));
    others.filter_map(|who| views.admins.listed(who, as_of)).map(|(given, _)| given).min()
}

#[cfg(test)]
mod tests {
    use crate::history_for_tests::{History, account};
    use grantbook_events::{AdminOrigin, DashboardEvent, Event, Position, SignInPlane};
    use serde_json::json;

    // rules: T6, A5, F1
    #[test]
    fn setting_up_goes_step_by_step() {
        let history = History::example();
        let next = |position| history.view_at("setup", position)["next"].clone();
        assert_eq!(next(Position::START), json!("cloud_id"));
        assert_eq!(next(Position(1)), json!("api_connector_licence"));
        assert_eq!(next(history.named("licence")), json!("background_account_created"));
        assert_eq!(next(history.named("first sign-in").before()), json!("first_dashboard_sign_in"));
        // Whoever signs in first and becomes no Admin User by it sets nothing up.
        let mut elsewhere = History::begun();
        let (contact, credentials) = (History::contact("mia", "Mia M."), elsewhere.credentials("mia", "mia"));
        elsewhere.act("manager", vec![contact, credentials]);
        elsewhere.sign_in("mia", SignInPlane::Dashboard);
        assert_eq!(elsewhere.view("setup")["steps"][4]["done"], json!(false));
        let first = elsewhere.last();
        let origin = AdminOrigin::Support;
        let added = DashboardEvent::AdminAdded { account: account("mia"), until: None, origin };
        elsewhere.support(vec![Event::Dashboard(added)]);
        elsewhere.sign_in("mia", SignInPlane::Dashboard);
        assert_eq!(elsewhere.view("setup")["steps"][4]["by"], json!({"position": first.0}));
        assert_eq!(next(history.named("first sign-in")), json!("background_account_set"));
        let done = history.view("setup");
        assert_eq!(done["next"], json!(null));
        assert_eq!(done["steps"][4]["by"], json!({"position": history.named("first sign-in").0}));
        assert_eq!(done["steps"][7]["by"], json!({"position": history.named("jeff is admin").0}));
    }
}
