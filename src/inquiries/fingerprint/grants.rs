//! What people hold: roles, levels, groups, apps, products, communities, organisations.

use grantbook_events::Position;
use grantbook_projections::{FastMap, GrantHistory, OpenTo};

use super::{Canon, of_principal};

impl Canon<'_> {
    pub(super) fn grants(&mut self) {
        let (views, position) = (self.views, self.position);
        let kinds = views.grants_of_accounts();
        let ((slice, of), first_stretch) = (self.slice(), self.first_stretch());
        // Of all accounts at once, but of one kind a slice.
        for (_, (what, grants)) in (0..).zip(kinds).filter(|(kind, _)| first_stretch && kind % of == slice) {
            self.said_alike(grants.counted(views.names.accounts.count()), "granted", what);
        }
        for who in self.people() {
            let id = views.names.accounts.text(who);
            for (what, grants) in kinds.into_iter().filter(|_| first_stretch) {
                self.said_alike(grants.agrees(who), what, id);
            }
            if let Some(history) = views.admins.history(who) {
                self.grant("admin", id, "", history);
                for (given, _) in history.changes_to(position) {
                    let origin = views.admins.origin(who, given).map_or("", |origin| origin.slug());
                    self.set("admin_origin", id, given, origin);
                }
            }
            // A role is named as it is now; one that is gone, as it was when the grant was made.
            let roles = views.roles.roles_of(who).map(|(role, history)| {
                let given = history.changes().next().map_or(position, |(given, _)| given);
                let name = views.roles.name(role, position).or_else(|| views.roles.name(role, given));
                (name.unwrap_or_default(), history)
            });
            self.named_grants("role", id, roles);
            let groups = views.groups.groups_of(who).map(|(group, history)| (views.names.groups.text(group), history));
            self.named_grants("group", id, groups);
            let levels =
                views.levels.modules_of(who).map(|(module, history)| (views.names.modules.text(module), history));
            self.named_grants("level", id, levels);
            let mut apps = Vec::new();
            for (app, history) in views.app_users.apps_of(who) {
                apps.push((views.names.apps.text(app), history));
            }
            self.named_grants("app_user", id, apps.into_iter());
            for app in views.names.apps.in_order() {
                if let Some((reported, used)) = views.app_users.last_use(who, app, position) {
                    self.line(&["app_used", id, views.names.apps.text(app), &reported.to_string(), &used.to_string()]);
                }
            }
        }
    }

    /// What there is to be granted beside what the catalogue has, and whom it was sold to or opened for.
    pub(super) fn offers(&mut self) {
        let (views, position) = (self.views, self.position);
        self.said_alike(views.roles.agrees(&views.names), "roles", "by name");
        self.said_alike(views.groups.agrees(&views.names), "groups", "by name");
        self.said_alike(views.products.agrees(&views.names), "products", "by name");
        self.said_alike(views.communities.agrees(&views.names), "communities", "by name");
        for role in views.roles.all(position) {
            if let Some((set, custom)) = views.roles.custom(role, position) {
                self.set("custom_role", custom.name.as_str(), set, &custom.description);
            }
        }
        for (number, group) in views.groups.all_custom(position) {
            let created = views.groups.custom(number, position).map_or(Position::START, |(created, _)| created);
            self.set("custom_group", group.name.as_str(), created, &group.description);
            if let Some(condition) = &group.condition {
                self.set("condition", group.name.as_str(), created, &condition.to_string());
            }
        }
        self.products();
        self.communities();
        for (set, background) in views.background.history().into_iter().flat_map(|all| all.changes_to(position)) {
            let username = background.username.as_ref().map_or("", |username| username.as_str());
            let account = views.names.accounts.text(background.account);
            self.line(&["background", account, &set.to_string(), &background.secret.0.to_string(), username]);
        }
    }

    fn products(&mut self) {
        let (views, position) = (self.views, self.position);
        for (number, product) in views.products.all(position) {
            let name = product.name.as_str();
            if let Some((set, _)) = views.products.product(number, position) {
                self.set("product", name, set, product.group.as_ref().map_or("", |group| group.as_str()));
            }
            let mut buyers: Vec<_> = views.products.buyers(number).collect();
            buyers.sort_unstable_by_key(|(who, _)| views.names.accounts.text(*who));
            for (who, history) in buyers {
                self.grant("bought", views.names.accounts.text(who), name, history);
            }
        }
    }

    fn communities(&mut self) {
        let (views, position) = (self.views, self.position);
        for (number, community) in views.communities.all(position) {
            let name = community.name.as_str();
            for (set, state) in views.communities.history(number).into_iter().flat_map(|all| all.changes_to(position)) {
                let open_to = match &state.open_to {
                    OpenTo::Accounts => "accounts".to_owned(),
                    OpenTo::Group(group) => format!("group {group}"),
                    OpenTo::Nobody => "nobody".to_owned(),
                };
                self.set("community", name, set, &open_to);
            }
            let mut granted: Vec<_> = views.communities.ever_granted(number).collect();
            granted.sort_unstable_by_key(|(right, principal, _)| (*right, *principal));
            for (right, principal, history) in granted {
                self.grant("community_right", &of_principal(principal), &format!("{right} {name}"), history);
            }
        }
    }

    fn named_grants<'b>(&mut self, what: &str, id: &str, grants: impl Iterator<Item = (&'b str, &'b GrantHistory)>) {
        let mut grants: Vec<_> = grants.collect();
        // Two roles that had one name after each other are told apart by when they were first given.
        grants.sort_unstable_by_key(|(name, history)| (*name, history.changes().next().map(|(given, _)| given)));
        for (name, history) in grants {
            self.grant(what, id, name, history);
        }
    }

    pub(super) fn organisations(&mut self) {
        let (views, position) = (self.views, self.position);
        if self.first_part() {
            self.said_alike(views.organisations.agrees(&views.names), "organisations", "by name");
        }
        // Whoever has to do with each, in the order of their ids: most have to do with few.
        let mut people: FastMap<u32, Vec<u32>> = FastMap::default();
        for who in self.people() {
            for organisation in views.organisations.ever_of(who) {
                people.entry(organisation).or_default().push(who);
            }
        }
        for (number, known) in views.organisations.all(position) {
            let (name, created) = (known.name.as_str(), known.created.to_string());
            self.line(&["organisation", name, &created, known.kind.slug(), &known.full_name, &known.description]);
            for who in people.get(&number).into_iter().flatten().copied() {
                let id = views.names.accounts.text(who);
                if let Some(history) = views.organisations.membership_history(who, number) {
                    self.grant("member", id, name, history);
                    for (set, term) in views.organisations.terms(who, number, position) {
                        let held = term.position.as_ref().map_or("", |position| position.as_str());
                        let from = term.from.map_or_else(String::new, |from| from.to_string());
                        self.line(&["term", id, name, &set.to_string(), held, &from]);
                    }
                }
                if let Some(history) = views.organisations.administrator_history(who, number) {
                    self.grant("organisation_admin", id, name, history);
                }
                if let Some((recorded, until)) = views.organisations.paid(who, number, position) {
                    let until = until.map_or_else(String::new, |until| until.to_string());
                    self.line(&["paid", id, name, &recorded.to_string(), &until]);
                }
            }
        }
    }
}
