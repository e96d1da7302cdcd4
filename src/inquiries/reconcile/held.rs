//! What the book says of a state's sections: the same facts, each with the entry that made it so.

use std::collections::BTreeMap;

use grantbook_events::Position;
use grantbook_projections::{AccessSetting, Holding};

use super::state::{Fact, FactKey, Section, State, principal_key};
use crate::shown::Shown;

/// The facts of the book, each with the entry that made it so.
pub(super) type Held = BTreeMap<FactKey, (Fact, Option<Position>)>;

/// What the book says of the sections that a state has.
pub(super) fn held(shown: &Shown<'_>, state: &State) -> Held {
    let mut gathered = Gathered { shown, held: Held::new() };
    for section in &state.sections {
        match section {
            Section::Accounts => gathered.accounts(),
            Section::Admins => gathered.admins(),
            Section::AppUsers => gathered.app_users(),
            Section::Roles => gathered.roles(),
            Section::Levels => gathered.levels(),
            Section::Groups => gathered.groups(),
            Section::Organisations => gathered.organisations(),
            Section::Objects => gathered.objects(Section::Objects),
            Section::Access => gathered.objects(Section::Access),
        }
    }
    gathered.held
}

struct Gathered<'a> {
    shown: &'a Shown<'a>,
    held: Held,
}

impl Gathered<'_> {
    fn say(&mut self, key: (Section, &str, &str, &str), value: impl Into<String>, by: Option<Position>) {
        let (section, thing, who, what) = key;
        let fact = Fact { thing: thing.to_owned(), value: value.into() };
        self.held.insert(FactKey::new(section, thing, who, what), (fact, by));
    }

    /// Whoever holds a thing and has not come to the grant's end.
    fn holders(&mut self, section: Section, thing: &str, recorded: impl Iterator<Item = (u32, Position, Holding)>) {
        for (who, given, holding) in self.shown.in_force(recorded) {
            let value = if section == Section::Levels { holding.weight.to_string() } else { String::new() };
            self.say((section, thing, self.shown.id(who), ""), value, Some(given));
        }
    }

    fn accounts(&mut self) {
        let (shown, position) = (self.shown, self.shown.position());
        let views = shown.views;
        let (accounts, credentials) = (&views.accounts, &views.credentials);
        for (who, id) in accounts.in_order(&views.names.accounts, position) {
            let since = accounts.existence(who).and_then(|history| history.change_at(position)).map(|(set, _)| set);
            let id = id.as_str();
            self.say((Section::Accounts, "", id, ""), "", since);
            let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
            let described = accounts.described(who, position);
            let email = accounts.email(who, position).map(|email| &email.address);
            let class = credentials.class(who, position);
            let credential_email = credentials.email(who, position);
            let (disabled_by, disabled) = credentials.disabled(who, position);
            let (effective, expiration) =
                (credentials.effective_date(who, position), credentials.expiration_date(who, position));
            let created = credentials.created(who, position);
            let credential_email_text =
                shown.opened(who, "email", credential_email.map(|(_, email)| &email.address)).unwrap_or_default();
            let fields = [
                ("full_name", shown.name(who).unwrap_or_default(), described),
                ("email", shown.opened(who, "email", email).unwrap_or_default(), described),
                ("member_type", text(accounts.member_type(who, position).map(|(_, label)| label.as_str())), described),
                ("status", text(accounts.status(who, position).map(|label| label.as_str())), described),
                ("username", text(credentials.username(who, position).map(|name| name.as_str())), created),
                ("user_class", text(class.map(|(_, class)| class.slug())), class.map(|(set, _)| set)),
                ("credential_email", credential_email_text, credential_email.map(|(set, _)| set)),
                ("disabled", disabled.to_string(), disabled_by),
                ("effective_date", text_of(effective.map(|(_, date)| date)), effective.map(|(set, _)| set)),
                ("expiration_date", text_of(expiration.map(|(_, date)| date)), expiration.map(|(set, _)| set)),
            ];
            for (field, value, by) in fields {
                self.say((Section::Accounts, "", id, field), value, by);
            }
        }
    }

    fn admins(&mut self) {
        let (views, position) = (self.shown.views, self.shown.position());
        let listed = views.admins.ever(position).filter_map(|who| {
            let (given, holding) = views.admins.history(who)?.change_at(position)?;
            (holding.weight > 0).then_some((who, given, holding))
        });
        self.holders(Section::Admins, "", listed);
    }

    fn app_users(&mut self) {
        let (views, position) = (self.shown.views, self.shown.position());
        for app in views.names.apps.in_order() {
            if let Some((_, known)) = views.tenant.app(app, position) {
                self.holders(Section::AppUsers, known.name.as_str(), views.app_users.users(app, position));
            }
        }
    }

    fn roles(&mut self) {
        let (views, position) = (self.shown.views, self.shown.position());
        for role in views.roles.all(position) {
            if let Some(name) = views.roles.name(role, position) {
                self.holders(Section::Roles, name, views.roles.holders(role, position));
            }
        }
    }

    fn levels(&mut self) {
        let (views, position) = (self.shown.views, self.shown.position());
        for (module, name) in views.tenant.modules(position) {
            self.holders(Section::Levels, name.as_str(), views.levels.holders(module, position));
        }
    }

    fn groups(&mut self) {
        let (views, position) = (self.shown.views, self.shown.position());
        for group in views.names.groups.in_order() {
            let folded = views.names.groups.text(group);
            let custom = views.groups.custom(group, position).map(|(_, known)| known.name.as_str());
            let name = grantbook_projections::Groups::built_in(folded).or(custom).unwrap_or(folded);
            self.holders(Section::Groups, name, views.groups.members(group, position));
        }
    }

    fn organisations(&mut self) {
        let (views, as_of) = (self.shown.views, self.shown.as_of);
        for (number, known) in views.organisations.all(as_of.position) {
            let name = known.name.as_str();
            self.say((Section::Organisations, name, "", "kind"), known.kind.slug(), Some(known.created));
            self.say((Section::Organisations, name, "", "full_name"), &*known.full_name, Some(known.created));
            let members = views.organisations.members(number, as_of.position);
            let members = members.map(|(who, membership)| (who, membership.given, membership.holding));
            let administrators = views.organisations.administrators(number, as_of.position);
            for (what, recorded) in
                [("member", self.shown.in_force(members)), ("administrator", self.shown.in_force(administrators))]
            {
                for (who, given, _) in recorded {
                    self.say((Section::Organisations, name, self.shown.id(who), what), "", Some(given));
                }
            }
        }
    }

    /// Access settings; for the short form only that somebody has any right.
    fn objects(&mut self, section: Section) {
        let (views, as_of) = (self.shown.views, self.shown.as_of);
        for number in views.objects.in_order(&views.names.objects, as_of.position) {
            let path = views.names.objects.text(number);
            let (set_by, setting) = views.objects.setting(number, as_of.position);
            if setting == AccessSetting::Inherited {
                continue;
            }
            if section == Section::Objects {
                self.say((section, path, "", "set"), setting.slug(), set_by);
            }
            for access in views.objects.access(number, as_of) {
                let right = if section == Section::Objects { access.right.slug() } else { "" };
                self.say((section, path, &principal_key(access.principal), right), "", Some(access.given));
            }
        }
    }
}

fn text_of(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
