//! A question as it comes from outside: who, what, on what; and its short answer.

use grantbook_events::{AccountId, AppName, CommunityName, ObjectPath, OrganisationName, Username};
use grantbook_projections::{AsOf, Views};
use grantbook_rights::{Capability, On, OnKind, Question, Standing, Verdict, Who, may};
use serde_json::{Value, json};

use crate::shown;

/// A question that makes sense.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The question: as if the account signed in freshly.
    pub question: Question<'a>,
    /// What is asked for.
    pub capability: Capability,
}

/// Why a question makes no sense.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AskError {
    /// No account was ever called so.
    UnknownAccount {
        /// As it was given.
        account: String,
    },
    /// No app of the catalogue is called so.
    UnknownApp {
        /// As it was given.
        app: String,
    },
    /// No community is called so.
    UnknownCommunity {
        /// As it was given.
        community: String,
    },
    /// No object has the path.
    UnknownObject {
        /// As it was given.
        object: String,
    },
    /// No organisation is called so.
    UnknownOrganisation {
        /// As it was given.
        organisation: String,
    },
    /// No query is called so.
    UnknownQuery {
        /// As it was given.
        query: String,
    },
    /// A value is not of the form that it must have.
    Malformed {
        /// Which of `account`, `do`, `on`, `acting_for` and `from`.
        field: &'static str,
        /// What was expected.
        message: String,
    },
}

impl AskError {
    /// Whether what is named does not exist (404), as against a question that is malformed (422).
    pub fn not_found(&self) -> bool {
        match self {
            AskError::UnknownAccount { .. }
            | AskError::UnknownApp { .. }
            | AskError::UnknownObject { .. }
            | AskError::UnknownOrganisation { .. }
            | AskError::UnknownCommunity { .. }
            | AskError::UnknownQuery { .. } => true,
            AskError::Malformed { .. } => false,
        }
    }
}

impl std::fmt::Display for AskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AskError::UnknownAccount { account } => write!(f, "there is no account `{account}`"),
            AskError::UnknownApp { app } => write!(f, "there is no app `{app}`"),
            AskError::UnknownCommunity { community } => write!(f, "there is no community `{community}`"),
            AskError::UnknownObject { object } => write!(f, "there is no object `{object}`"),
            AskError::UnknownOrganisation { organisation } => write!(f, "there is no organisation `{organisation}`"),
            AskError::UnknownQuery { query } => write!(f, "there is no query `{query}`"),
            AskError::Malformed { field, message } => write!(f, "`{field}`: {message}"),
        }
    }
}

impl std::error::Error for AskError {}

/// The question whether `account` (an id, `@username` or `guest`) may do `capability` on `on` (an account, an app's slug,
/// an object's path, an organisation's, a community's or a query's name, as the capability asks for). An account that comes later than `as_of` can be asked about: it has
/// nothing yet. Usernames are those of then. Errors: what is named is unknown or malformed.
pub fn ask<'a>(
    views: &'a Views,
    as_of: AsOf,
    account: &str,
    capability: &str,
    on: Option<&str>,
) -> Result<Asked<'a>, AskError> {
    capability_named(capability)?;
    let who = match account {
        AccountId::GUEST => Who::Guest,
        named => Who::Account(find_account(views, as_of, "account", named)?),
    };
    let (found, on) = asked_on(views, as_of, capability, on)?;
    Ok(Asked { question: Question { views, who, standing: Standing::Fresh, on, as_of }, capability: found })
}

fn capability_named(capability: &str) -> Result<Capability, AskError> {
    Capability::named(capability)
        .ok_or_else(|| AskError::Malformed { field: "do", message: format!("there is no capability `{capability}`") })
}

/// What is asked for, and on what, whoever it is asked of. Errors: what is named is unknown or malformed.
pub(crate) fn asked_on(
    views: &Views,
    as_of: AsOf,
    capability: &str,
    on: Option<&str>,
) -> Result<(Capability, On), AskError> {
    let found = capability_named(capability)?;
    let needed = |what: &str| AskError::Malformed {
        field: "on",
        message: format!("`{capability}` is on {what}: expected which"),
    };
    let on = match (found.on(), on) {
        (OnKind::Nothing, None) => On::Nothing,
        (OnKind::Nothing, Some(_)) => {
            let message = format!("`{capability}` is on nothing in particular: expected none");
            return Err(AskError::Malformed { field: "on", message });
        }
        (OnKind::Account, None) => return Err(needed("an account")),
        (OnKind::App, None) => return Err(needed("an app")),
        (OnKind::Object, None) => return Err(needed("an object")),
        (OnKind::Organisation, None) => return Err(needed("an organisation")),
        (OnKind::Community, None) => return Err(needed("a community")),
        (OnKind::Query, None) => return Err(needed("a query")),
        (OnKind::Query, Some(name)) => On::Object(find_query(views, as_of, name)?),
        (OnKind::Account, Some(named)) => On::Account(Some(find_account(views, as_of, "on", named)?)),
        (OnKind::App, Some(slug)) => {
            AppName::new(slug).map_err(|error| AskError::Malformed { field: "on", message: error.message })?;
            let number = views.names.apps.get(slug);
            let known =
                number.filter(|number| views.tenant.app_history(*number).is_some_and(|app| app.last().is_some()));
            On::App(known.ok_or_else(|| AskError::UnknownApp { app: slug.to_owned() })?)
        }
        (OnKind::Community, Some(name)) => {
            CommunityName::new(name).map_err(|error| AskError::Malformed { field: "on", message: error.message })?;
            let number = views.names.communities.get(name);
            let known =
                number.filter(|number| views.communities.history(*number).is_some_and(|all| all.last().is_some()));
            On::Community(known.ok_or_else(|| AskError::UnknownCommunity { community: name.to_owned() })?)
        }
        (OnKind::Object, Some(path)) => {
            ObjectPath::new(path).map_err(|error| AskError::Malformed { field: "on", message: error.message })?;
            let number = views.names.objects.get(path);
            let known = number.filter(|number| {
                [as_of.position, views.timeline.last()].iter().any(|at| views.objects.object(*number, *at).is_some())
            });
            On::Object(known.ok_or_else(|| AskError::UnknownObject { object: path.to_owned() })?)
        }
        (OnKind::Organisation, Some(name)) => On::Organisation(find_organisation(views, "on", name)?),
    };
    Ok((found, on))
}

/// The object of a query, named by its name or by the path of that object.
fn find_query(views: &Views, as_of: AsOf, name: &str) -> Result<u32, AskError> {
    let there = |position| {
        let by_name = views.names.queries.get(name).and_then(|number| views.queries.query(number, position));
        let by_path = || views.queries.of_object(views.names.objects.get(name)?, position);
        by_name.or_else(by_path).map(|(_, query)| query.object)
    };
    let found = there(as_of.position).or_else(|| there(views.timeline.last()));
    found.ok_or_else(|| AskError::UnknownQuery { query: name.to_owned() })
}

/// The question of somebody who acts for an organisation that they administer (rule: O21). Errors: there is none of that
/// name, or the question is not whether a contact is seen.
pub fn acting_for<'a>(asked: Asked<'a>, organisation: &str) -> Result<Asked<'a>, AskError> {
    let Asked { question, capability } = asked;
    let (Capability::ContactView, On::Account(Some(contact))) = (capability, question.on) else {
        let message = "one acts for an organisation where `contact.view` is asked for: leave it out".to_owned();
        return Err(AskError::Malformed { field: "acting_for", message });
    };
    let acting_for = find_organisation(question.views, "acting_for", organisation)?;
    Ok(Asked { question: Question { on: On::Contact { contact, acting_for }, ..question }, capability })
}

/// The organisation of a name. Errors: there is none, or it is no name.
pub fn find_organisation(views: &Views, field: &'static str, name: &str) -> Result<u32, AskError> {
    OrganisationName::new(name).map_err(|error| AskError::Malformed { field, message: error.message })?;
    let number = views.names.organisations.get(name);
    let known = number.filter(|number| views.organisations.organisation(*number, views.timeline.last()).is_some());
    known.ok_or_else(|| AskError::UnknownOrganisation { organisation: name.to_owned() })
}

/// The account that is named so, by id or `@username`. Errors: there is none, or it is no name.
pub fn account_asked(views: &Views, as_of: AsOf, named: &str) -> Result<u32, AskError> {
    find_account(views, as_of, "account", named)
}

fn find_account(views: &Views, as_of: AsOf, field: &'static str, named: &str) -> Result<u32, AskError> {
    let unknown = || AskError::UnknownAccount { account: named.to_owned() };
    if let Some(username) = named.strip_prefix('@') {
        Username::new(username).map_err(|error| AskError::Malformed { field, message: error.message })?;
        let number = views.names.usernames.get(username).ok_or_else(unknown)?;
        return views.credentials.owner(number, as_of.position).ok_or_else(unknown);
    }
    let id = AccountId::new(named).map_err(|error| AskError::Malformed { field, message: error.message })?;
    let who = views.account(&id).ok_or_else(unknown)?;
    let there = views.accounts.existence(who).is_some_and(|history| history.last().is_some());
    if there { Ok(who) } else { Err(unknown()) }
}

/// Yes or no, and by which rule.
pub fn can(asked: &Asked<'_>) -> Value {
    let (allowed, rule) = match may(&asked.question, asked.capability) {
        Verdict::Allowed { .. } => (true, asked.capability.rule()),
        Verdict::Refused(refused) => (false, refused.rule),
    };
    json!({"allowed": allowed, "as_of": shown::as_of(asked.question.as_of), "rule": rule})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests::History;

    fn answer(history: &History, account: &str, capability: &str, on: Option<&str>) -> Result<bool, AskError> {
        let as_of = history.views.timeline.as_of(history.last());
        ask(&history.views, as_of, account, capability, on).map(|asked| can(&asked)["allowed"] == true)
    }

    // rule: F10
    // rule: F11
    // rule: A3
    // rule: A4
    // rule: I1
    #[test]
    fn the_example_has_the_permission_matrix() {
        let history = History::example();
        let admin = ["view_subscriptions", "manage_admins", "manage_app_users", "update_background_account"];
        for (account, is_admin, apps) in [
            ("bob", true, &[][..]),
            ("jeff", true, &["datastation"][..]),
            ("veronica", false, &["cloud-sso"][..]),
            ("sarah", false, &["iemail-cloud", "idms-iimport"][..]),
            ("rebecca", false, &["iemail-cloud"][..]),
            ("guest", false, &[][..]),
        ] {
            for right in admin {
                assert_eq!(answer(&history, account, &format!("dashboard.{right}"), None), Ok(is_admin), "{account}");
            }
            for app in ["iemail-cloud", "idms-iimport", "datastation", "cloud-sso"] {
                assert_eq!(answer(&history, account, "app.use", Some(app)), Ok(apps.contains(&app)), "{account} {app}");
            }
        }
    }

    #[test]
    fn what_is_unknown_is_told_from_what_is_malformed() {
        let history = History::example();
        for (account, capability, on, not_found) in [
            ("nobody", "roles.assign", None, true),
            ("@nobody", "roles.assign", None, true),
            ("bob", "app.use", Some("no-app"), true),
            ("bob", "object.read", Some("/no/object"), true),
            ("bob", "query.run", Some("no query"), true),
            ("bob", "query.run", None, false),
            ("bob", "account.disable", Some("nobody"), true),
            ("bob", "fly", None, false),
            ("bob bob", "roles.assign", None, false),
            ("bob", "app.use", None, false),
            ("bob", "roles.assign", Some("jeff"), false),
            ("bob", "object.read", Some("no path"), false),
        ] {
            let error = answer(&history, account, capability, on).unwrap_err();
            assert_eq!(error.not_found(), not_found, "{error}");
        }
        assert_eq!(answer(&history, "@BOB.S", "dashboard.manage_admins", None), Ok(true));
    }

    // rule: F3
    #[test]
    fn before_somebody_did_it_it_was_not_so() {
        let history = History::example();
        let before = history.views.timeline.as_of(history.named("jeff is admin").before());
        let asked = ask(&history.views, before, "jeff", "dashboard.manage_admins", None).unwrap();
        let answer = can(&asked);
        assert_eq!((&answer["allowed"], &answer["rule"]), (&json!(false), &json!("F9")));
    }
}
