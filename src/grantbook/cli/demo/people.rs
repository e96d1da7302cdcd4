//! The people of the organisation example (rule: I1).

/// The tenant of the story.
pub(super) const TENANT: &str = "abcimis";

/// Somebody of the story.
pub(super) struct Person {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) title: &'static str,
}

impl Person {
    /// What they sign in with in the end.
    pub(super) fn password(&self) -> String {
        format!("{}-demo-2", self.id)
    }

    /// What the one who made the credentials set for them.
    pub(super) fn first_password(&self) -> String {
        format!("{}-welcome-1", self.id)
    }

    pub(super) fn email(&self) -> String {
        format!("{}@example.org", self.id)
    }
}

const fn person(id: &'static str, name: &'static str, title: &'static str) -> Person {
    Person { id, name, title }
}

pub(super) const BOB: Person = person("bob", "Bob S.", "Director of IT");
pub(super) const JEFF: Person = person("jeff", "Jeff T.", "database administrator");
pub(super) const VERONICA: Person = person("veronica", "Veronica W.", "developer");
pub(super) const SARAH: Person = person("sarah", "Sarah E.", "membership coordinator");
pub(super) const REBECCA: Person = person("rebecca", "Rebecca N.", "communications director");

/// The five whom the story is about.
pub(super) const STAFF: [Person; 5] = [BOB, JEFF, VERONICA, SARAH, REBECCA];

/// A system administrator beside MANAGER.
pub(super) const NINA: Person = person("nina", "Nina K.", "system administrator");

/// The account by which apps talk to the platform.
pub(super) const POWERSUITE: Person = person("powersuite", "Powersuite", "Background Account");

/// The access review that is told.
pub(super) const REVIEW: &str = "Who uses iEmail Cloud?";

/// The apps: what they are called, and by which slug.
pub(super) const APPS: [(&str, &str); 4] = [
    ("iemail-cloud", "iEmail Cloud"),
    ("idms-iimport", "iDMS iImport"),
    ("datastation", "DataStation"),
    ("cloud-sso", "Cloud SSO"),
];
