//! The views as answers: one file a view, each an object that begins with what it is as of.

mod accounts;
mod admins;
mod app_users;
mod background_account;
mod communities;
mod content_authority;
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
mod slices;
mod subscriptions;
mod visibility;
mod webhooks;

pub(crate) use accounts::summary;
pub use objects::objects_under;
pub use organisations::{organisation_held_by, organisations_listed};
pub(crate) use roles::content_administrators;
pub use slices::Slices;
pub use webhooks::delivery_trouble;

use serde_json::Value;
use slices::Made;

use crate::findings::Hunt;
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
    let mut slices = Slices::of(name, shown)?;
    while slices.goes_on(shown, usize::MAX) {}
    Ok(slices.answer(shown.as_of))
}

/// What the view of a name is made of. Errors: there is no such view.
fn made(name: &str, shown: &Shown<'_>) -> Result<Made, UnknownView> {
    Ok(match name {
        "setup" => Made::Whole(setup::setup),
        "admins" => Made::Whole(admins::admins),
        "app-users" => app_users::app_users(shown),
        "subscriptions" => Made::Whole(subscriptions::subscriptions),
        "background-account" => Made::Whole(background_account::background_account),
        "accounts" => accounts::accounts(shown),
        "sessions" => Made::Whole(sessions::sessions),
        "roles" => roles::roles(shown),
        "groups" => groups::groups(shown),
        "products" => Made::Whole(products::products),
        "communities" => Made::Whole(communities::communities),
        "levels" => Made::Whole(levels::levels),
        "content-authority" => Made::Whole(content_authority::content_authority),
        "objects" => Made::Whole(objects::objects),
        "organisations" => organisations::organisations(shown),
        "settings" => Made::Whole(settings::settings),
        "queries" => Made::Whole(queries::queries),
        "visibility" => Made::Whole(visibility::visibility),
        "findings" => Made::Findings(Hunt::of_everything()),
        "separations" => Made::Whole(separations::separations),
        "webhooks" => Made::Whole(webhooks::webhooks),
        "legal-holds" => Made::Whole(legal_holds::legal_holds),
        "reviews" => Made::Whole(reviews::reviews),
        "refusals" => Made::Whole(refusals::refusals),
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
