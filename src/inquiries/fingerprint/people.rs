//! People: their contacts, credentials and sessions, and who is held or erased.

use grantbook_projections::AsOf;

use super::{Canon, hidden};

impl Canon<'_> {
    pub(super) fn accounts(&mut self) {
        let (views, position) = (self.views, self.position);
        for who in self.people() {
            let id = views.names.accounts.text(who);
            for (set, exists) in views.accounts.existence(who).into_iter().flat_map(|known| known.changes_to(position))
            {
                self.set("exists", id, set, &exists.to_string());
            }
            if let Some(key) = views.accounts.key(who, position) {
                self.line(&["key", id, &key.0.to_string()]);
            }
            let address = views.accounts.address(who, position).cloned().unwrap_or_default();
            let email = views.accounts.email(who, position);
            let sealed = [
                ("full_name", views.accounts.full_name(who, position)),
                ("email", email.map(|email| &email.address)),
                ("city", address.city.as_ref()),
                ("state", address.state.as_ref()),
                ("country", address.country.as_ref()),
                ("phone", address.phone.as_ref()),
                ("picture", address.picture.as_ref()),
            ];
            for (field, sealed) in sealed {
                if let Some(sealed) = sealed {
                    self.line(&["contact", id, field, &hidden(sealed)]);
                }
            }
            if let Some(email) = email {
                self.line(&["email_valid", id, &email.valid.to_string()]);
            }
            for (set, label) in
                views.accounts.member_type_history(who).into_iter().flat_map(|types| types.changes_to(position))
            {
                self.set("member_type", id, set, label.as_ref().map_or("", |label| label.as_str()));
            }
            if let Some(status) = views.accounts.status(who, position) {
                self.line(&["status", id, status.as_str()]);
            }
            self.credentials(who, id);
            // Said by no views that are as they should be: what follows from other facts is none of its own.
            if !views.accounts_now.agrees(&views.accounts, &views.credentials, who) {
                self.line(&["now", id, "otherwise than its histories say"]);
            }
        }
        for username in views.names.usernames.in_order() {
            if !self.has(views.names.usernames.text(username)) {
                continue;
            }
            if let Some(owner) = views.credentials.owner(username, position) {
                self.line(&["owner", views.names.usernames.text(username), views.names.accounts.text(owner)]);
            }
            let known = views.credentials.owners_agree(username);
            self.said_alike(known, "owners", views.names.usernames.text(username));
        }
    }

    fn credentials(&mut self, who: u32, id: &str) {
        let (credentials, position) = (&self.views.credentials, self.position);
        if let Some(created) = credentials.created(who, position) {
            let username = credentials.username(who, position).map_or("", |username| username.as_str());
            self.set("credentials", id, created, username);
        }
        if let Some((set, class)) = credentials.class(who, position) {
            self.set("class", id, set, class.slug());
        }
        if let Some((set, email)) = credentials.email(who, position) {
            let shown = format!("{} {}", hidden(&email.address), email.valid);
            self.set("credential_email", id, set, &shown);
        }
        for (set, secret) in credentials.secrets(who).into_iter().flat_map(|secrets| secrets.changes_to(position)) {
            let shown = secret.map_or_else(String::new, |secret| {
                format!("{} {} {}", secret.version.0, secret.must_change, secret.chosen_by_holder)
            });
            self.set("secret", id, set, &shown);
        }
        if let Some((set, factor)) = credentials.second_factor(who, position) {
            let shown = format!("{} {} {}", factor.version.0, factor.confirmed, factor.used);
            self.set("second_factor", id, set, &shown);
        }
        if let (Some(set), disabled) = credentials.disabled(who, position) {
            self.set("disabled", id, set, &disabled.to_string());
        }
        if let Some(deleted) = credentials.left_disabled(who, position) {
            self.set("left_disabled", id, deleted, "");
        }
        if let Some((set, date)) = credentials.effective_date(who, position) {
            self.set("effective_date", id, set, &date.to_string());
        }
        if let Some((set, date)) = credentials.expiration_date(who, position) {
            self.set("expiration_date", id, set, &date.to_string());
        }
        // The clock of the last entry: a lock that is over by then is none.
        let as_of: AsOf = self.views.timeline.as_of(position);
        let failures = credentials.failures(who, as_of);
        if failures > 0 {
            self.line(&["failures", id, &failures.to_string()]);
        }
        if let Some((set, lock)) = credentials.locked(who, as_of) {
            let until = lock.until.map_or_else(String::new, |until| until.to_string());
            self.set("lock", id, set, &until);
        }
    }

    pub(super) fn sessions(&mut self) {
        let (views, position) = (self.views, self.position);
        let stretch = self.stretch();
        if self.first_stretch() {
            self.said_alike(views.sessions.counted(), "sessions", "of accounts");
            let timeouts = views.sessions.timeouts_agree(&views.timeline, &views.settings);
            self.said_alike(timeouts, "sessions", "timeouts");
        }
        let numbered = (0..).zip(views.sessions.all(position));
        for (number, session) in numbered.filter(|(_, session)| stretch.holds(session.position)) {
            let account = views.names.accounts.text(session.account);
            let numbers = [session.browser.to_string(), session.token.0.to_string(), session.expires_at.to_string()];
            let [browser, token, expires_at] = &numbers;
            let begun = session.position.to_string();
            let (plane, client) = (session.plane.slug(), session.client.slug());
            self.line(&["session", account, &begun, plane, client, browser, token, expires_at]);
            self.said_alike(views.sessions.agrees(&views.timeline, number, session), "session", &begun);
            if session.only_enrols {
                self.line(&["session_only_enrols", &begun]);
            }
            if let Some((ended, because)) = views.sessions.ended(session.position, position) {
                self.set("session_ended", &begun, ended, because.slug());
            }
        }
    }

    pub(super) fn holds(&mut self) {
        let (views, position) = (self.views, self.position);
        for who in self.people() {
            let id = views.names.accounts.text(who);
            for (set, held) in views.keeping.holds(who).into_iter().flat_map(|holds| holds.changes_to(position)) {
                self.set("legal_hold", id, set, &held.to_string());
            }
            if let Some(erased) = views.keeping.erased(who, position) {
                self.set("erased", id, erased, "");
            }
        }
    }
}
