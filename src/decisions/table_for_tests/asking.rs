//! Rows that ask the views.

use super::*;

impl World {
    /// `may bob capability [on]`: whether the account, freshly signed in, may; or, as `bob@label`, in that session.
    pub(super) fn may(&self, words: &[&str]) -> String {
        let (id, label) = words[0].split_once('@').map_or((words[0], None), |(id, label)| (id, Some(label)));
        let who = if id == "guest" {
            Who::Guest
        } else {
            Who::Account(self.views.account(&account(id)).unwrap_or_else(|| panic!("{id}: nobody")))
        };
        let standing = label.map_or(Standing::Fresh, |label| Standing::Session { signed_in: self.labels[label] });
        let capability = Capability::named(words[1]).unwrap_or_else(|| panic!("{}: no capability", words[1]));
        let names = &self.views.names;
        let on = match capability.on() {
            OnKind::Nothing => On::Nothing,
            OnKind::Account => On::Account(self.views.account(&account(words[2]))),
            OnKind::App => On::App(names.apps.get(words[2]).unwrap()),
            OnKind::Object => On::Object(names.objects.get(words[2]).unwrap()),
            OnKind::Organisation => On::Organisation(names.organisations.get(words[2]).unwrap()),
            OnKind::Community => On::Community(names.communities.get(words[2]).unwrap()),
            OnKind::Query => {
                let query = self.views.queries.query(names.queries.get(words[2]).unwrap(), self.now().position);
                On::Object(query.unwrap().1.object)
            }
        };
        let question = Question { views: &self.views, who, standing, on, as_of: self.now() };
        match may(&question, capability) {
            Verdict::Allowed { authority } => format!("yes@{}", self.label(Some(authority))),
            Verdict::Refused(refused) => format!("no {}", refused.rule),
        }
    }

    /// Whose link waits to be handed over.
    pub(super) fn unsent(&self) -> String {
        let waiting = self.views.mail.unsent().filter_map(|(who, _)| self.views.account_id(who));
        waiting.map(|account| account.to_string()).collect::<Vec<_>>().join(" ")
    }

    /// The last entry after that of a label that is more than a sign-in, a refusal or a read.
    pub(super) fn moved_since(&self, label: &str) -> String {
        let moved = self.views.timeline.moved_since(self.labels[label]);
        moved.map_or_else(|| "none".to_owned(), |moved| self.label(Some(moved)))
    }

    /// Everyone listed, with `-` before who is not effective, and since when the tenant is orphaned.
    pub(super) fn admins(&self) -> String {
        let now = self.now();
        let mut listed: Vec<String> = self
            .views
            .admins
            .ever(now.position)
            .filter(|who| self.views.admins.listed(*who, now).is_some())
            .map(|who| {
                let mark = if admin_effective(&self.views, who, now) { "" } else { "-" };
                format!("{mark}{}", self.views.names.accounts.text(who))
            })
            .collect();
        let manager = self.views.account(&AccountId::manager()).unwrap();
        if effective_admins(&self.views, now).contains(&manager) {
            listed.push("manager".to_owned());
        }
        listed.sort_by_key(|id| id.trim_start_matches('-').to_owned());
        match orphaned(&self.views, now).map(|orphaned| orphaned.since) {
            Some(Cause::Entry(position)) => listed.push(format!("orphaned@{}", self.label(Some(position)))),
            Some(Cause::Clock(clock)) => listed.push(format!("orphaned@{clock}")),
            None => {}
        }
        listed.join(" ")
    }

    pub(super) fn ask(&self, what: &str, words: &[&str]) -> String {
        let now = self.now();
        let credentials = &self.views.credentials;
        let who = || self.views.account(&account(words[0])).unwrap_or_else(|| panic!("{}: nobody", words[0]));
        let yes_or_no = |is: bool| if is { "yes" } else { "no" }.to_owned();
        match what {
            "failures" => credentials.failures(who(), now).to_string(),
            "locked" => match credentials.locked(who(), now) {
                None => "no".to_owned(),
                Some((_, lock)) => lock.until.map_or_else(|| "for ever".to_owned(), |until| until.to_string()),
            },
            "expires" => match credentials.expiration_date(who(), now.position) {
                None => "never".to_owned(),
                Some((_, date)) => date.to_string(),
            },
            "sites" => {
                let sites = reset_sites(&self.views, now);
                sites.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
            }
            "access" => {
                let object = self.views.names.objects.get(words[0]).unwrap_or_else(|| panic!("{}: none", words[0]));
                let granted = self.views.objects.access(object, now);
                granted.iter().map(|access| access.right.to_string()).collect::<Vec<_>>().join(" ")
            }
            "holds" => {
                if let Some(app) = words[1].strip_prefix("app=") {
                    let app = AppName::new(app).unwrap();
                    let number = self.views.names.apps.get(app.as_str()).unwrap();
                    return yes_or_no(self.views.app_users.assigned(who(), number, now).is_some());
                }
                if let Some(group) = words[1].strip_prefix("group=") {
                    let number = self.views.names.groups.get(group);
                    let member = number.and_then(|number| self.views.groups.member(who(), number, now));
                    return yes_or_no(member.is_some());
                }
                if let Some(module) = words[1].strip_prefix("level=") {
                    let module = ModuleName::new(module).unwrap();
                    let number = self.views.names.modules.get(module.as_str()).unwrap();
                    return self.views.levels.level(who(), number, now).map_or(0, |(_, held)| held.weight).to_string();
                }
                let role = RoleName::new(words[1]).unwrap();
                let number = self.views.roles.number(&self.views.names, &role, now.position);
                yes_or_no(number.and_then(|number| self.views.roles.held(who(), number, now)).is_some())
            }
            other => panic!("{other}: not a question"),
        }
    }
}
