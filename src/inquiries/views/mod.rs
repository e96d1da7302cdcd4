//! The views as answers: one file a view, each an object that begins with what it is as of.

mod accounts;
mod admins;
mod app_users;
mod background_account;
mod communities;
mod content_authority;
mod findings;
mod groups;
mod legal_holds;
mod levels;
mod objects;
mod organisations;
mod products;
mod queries;
mod refusals;
mod reviews;
mod roles;
mod separations;
mod sessions;
mod settings;
mod setup;
mod subscriptions;
mod visibility;
mod webhooks;

pub(crate) use accounts::summary;
pub use objects::objects_under;
pub use organisations::{organisation_held_by, organisations_listed};
pub(crate) use roles::content_administrators;
pub use webhooks::delivery_trouble;

use serde_json::Value;

use crate::shown::Shown;

/// The views there are, each with what it tells.
pub const VIEWS: &[(&str, &str)] = &[
    ("setup", "which steps of setting the tenant up are done, by which entry, and what is next"),
    ("admins", "the Admin Users, and whether the tenant is orphaned"),
    ("app-users", "the App Users of each app"),
    ("subscriptions", "which apps are subscribed to, and whether that licenses them"),
    ("background-account", "the Background Account, whether it is connected, and what broke it"),
    ("accounts", "the accounts with the state of their credentials"),
    ("sessions", "the open sessions"),
    ("roles", "the roles and who holds them"),
    ("groups", "the groups and their members"),
    ("products", "the products, the groups that their buyers become members of, and who bought them"),
    ("communities", "the communities: whom each is open to, who may create wikis in it, who administers it"),
    ("levels", "the module authorisation levels"),
    ("content-authority", "the content authority groups, what they cover and who may do what there"),
    ("objects", "the objects with the access settings of their own"),
    ("organisations", "the companies, committees and chapters, their members and administrators"),
    ("settings", "the settings, each with the value in force"),
    ("queries", "the queries, their flags and who they are open to"),
    ("visibility", "the sets of contacts that are visible to everyone, to whoever is signed in and to members"),
    ("findings", "what somebody should look at, open and closed"),
    ("separations", "the pairs of capabilities that nobody should hold together, and who does"),
    ("webhooks", "where entries are sent, since when it fails, and what was given up"),
    ("legal-holds", "who is under a legal hold, and who was erased"),
    ("reviews", "the access reviews: what each looks at, what was decided on each grant, what came of it"),
    ("refusals", "who tried what and was refused by which rule"),
];

/// A name that no view has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownView {
    /// The name that was asked for.
    pub name: String,
}

impl std::fmt::Display for UnknownView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = VIEWS.iter().map(|(name, _)| *name).collect();
        write!(f, "there is no view `{}`: there are {}", self.name, names.join(", "))
    }
}

impl std::error::Error for UnknownView {}

/// The view of a name. Errors: there is no such view.
pub fn view(name: &str, shown: &Shown<'_>) -> Result<Value, UnknownView> {
    Ok(match name {
        "setup" => setup::setup(shown),
        "admins" => admins::admins(shown),
        "app-users" => app_users::app_users(shown),
        "subscriptions" => subscriptions::subscriptions(shown),
        "background-account" => background_account::background_account(shown),
        "accounts" => accounts::accounts(shown),
        "sessions" => sessions::sessions(shown),
        "roles" => roles::roles(shown),
        "groups" => groups::groups(shown),
        "products" => products::products(shown),
        "communities" => communities::communities(shown),
        "levels" => levels::levels(shown),
        "content-authority" => content_authority::content_authority(shown),
        "objects" => objects::objects(shown),
        "organisations" => organisations::organisations(shown),
        "settings" => settings::settings(shown),
        "queries" => queries::queries(shown),
        "visibility" => visibility::visibility(shown),
        "findings" => findings::findings(shown),
        "separations" => separations::separations(shown),
        "webhooks" => webhooks::webhooks(shown),
        "legal-holds" => legal_holds::legal_holds(shown),
        "reviews" => reviews::reviews(shown),
        "refusals" => refusals::refusals(shown),
        other => return Err(UnknownView { name: other.to_owned() }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests::History;
    use grantbook_events::Position;

    #[test]
    fn every_view_is_empty_before_everything_and_says_what_it_is_as_of() {
        let history = History::example();
        for (name, words) in VIEWS {
            assert!(!words.is_empty());
            let empty = history.view_at(name, Position::START);
            let fields = empty.as_object().unwrap();
            assert_eq!(fields.keys().next().unwrap(), "as_of", "{name}");
            for (field, value) in
                fields.iter().filter(|(field, _)| !["as_of", "steps", "next"].contains(&field.as_str()))
            {
                let empty = value.is_null()
                    || value == false
                    || value.as_array().is_some_and(Vec::is_empty)
                    || value.as_object().is_some_and(serde_json::Map::is_empty);
                assert!(empty, "{name}.{field}: {value}");
            }
        }
    }

    #[test]
    fn an_unknown_view_says_what_there_is() {
        let history = History::example();
        let error = view("everything", &history.shown(history.last())).unwrap_err();
        assert!(error.to_string().contains("background-account"), "{error}");
    }
}
