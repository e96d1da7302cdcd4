//! What happened and was said: the timeline, the tenant and its settings, the book itself, the installation, reviews; and how
//! names are found.

use grantbook_events::{EventKind, Licence, Position, Setting, TextSetting};
use grantbook_projections::{By, Refused};

use super::{Canon, hidden};

impl Canon<'_> {
    pub(super) fn timeline(&mut self) {
        let views = self.views;
        for position in self.positions() {
            let timeline = &views.timeline;
            let by = match timeline.by(position) {
                By::System => "system".to_owned(),
                By::Guest => "guest".to_owned(),
                By::Account(who) => format!("account {}", views.names.accounts.text(who)),
                By::Support(number) => {
                    let operator = timeline.operator(number);
                    operator.map_or_else(|| "support".to_owned(), |operator| format!("support {operator}"))
                }
            };
            let imported = if timeline.imported(position) { " imported" } else { "" };
            self.set("entry", &by, position, &format!("{}{imported}", timeline.at(position)));
        }
    }

    pub(super) fn tenant(&mut self) {
        let (views, position) = (self.views, self.position);
        if let Some(genesis) = views.tenant.genesis(position) {
            let first = genesis.first_admin.as_ref().map_or("", |first| first.as_str());
            let (cloud_id, customer) = (genesis.cloud_id.as_str(), genesis.customer.as_str());
            self.line(&["tenant", cloud_id, genesis.edition.slug(), customer, first]);
        }
        if let Some(closed) = views.tenant.closed(position) {
            self.set("tenant_closed", "", closed, "");
        }
        for licence in Licence::ALL {
            // The clock of the last entry: a licence that has ended by then is none.
            if let Some(recorded) = views.tenant.licence(*licence, views.timeline.as_of(position)) {
                self.set("licence", licence.slug(), recorded, "");
            }
        }
        self.said_alike(views.tenant.agrees(&views.names), "catalogue", "by name");
        for number in views.names.apps.in_order() {
            let slug = views.names.apps.text(number);
            if let Some((added, app)) = views.tenant.app(number, position) {
                self.line(&["app", app.name.as_str(), &added.to_string(), &app.title, app.audience.slug()]);
            }
            if let Some((recorded, subscription)) = views.subscriptions.recorded(number, position) {
                let until = subscription.until.map_or_else(String::new, |until| until.to_string());
                let from = subscription.from.to_string();
                let status = subscription.status.slug();
                self.line(&["subscription", slug, &recorded.to_string(), status, &from, &until]);
            }
        }
        let mut modules: Vec<_> = views.tenant.modules(position).collect();
        modules.sort_unstable_by_key(|(_, name)| *name);
        for (number, name) in modules {
            let added = views.tenant.module(number, position).map_or(Position::START, |(added, _)| added);
            self.set("module", name.as_str(), added, "");
        }
        for setting in Setting::ALL {
            if let Some(set) = views.settings.set_by(*setting, position) {
                self.set("setting", setting.slug(), set, &views.settings.value(*setting, position).to_string());
            }
        }
        for setting in TextSetting::ALL {
            if let Some(set) = views.settings.text_set_by(*setting, position) {
                self.set("setting", setting.slug(), set, views.settings.text(*setting, position));
            }
        }
    }

    pub(super) fn book(&mut self) {
        let (views, position) = (self.views, self.position);
        let stretch = self.stretch();
        for refusal in views.refusals.to(position).iter().filter(|refusal| stretch.holds(refusal.position)) {
            let account = views.names.accounts.text(refusal.account);
            let shown = match &refusal.refused {
                Refused::Command { command, subject, rule } => {
                    let subject = subject.map_or("", |subject| views.names.accounts.text(subject));
                    format!("command {command} on {subject} by {rule}")
                }
                Refused::Commands { count, from } => format!("commands {count} from {from}"),
                Refused::SignIn { door, because } => format!("sign_in {door} {because}"),
                Refused::SignIns { count, from } => format!("sign_ins {count} from {from}"),
            };
            self.set("refused", account, refusal.position, &shown);
        }
        for import in views.book.imports().filter(|import| import.started <= position) {
            let operator = import.operator.as_ref().map_or("", |operator| operator.as_str());
            // How far it came is known of one that is finished; the lines of another are in its entries.
            let finished = import
                .finished
                .filter(|finished| *finished <= position)
                .map(|finished| format!("{finished} {} {} {}", import.line, import.chain, import.abandoned));
            let started = import.started.to_string();
            self.line(&["import", &started, import.ticket.as_str(), operator, &finished.unwrap_or_default()]);
        }
        for (who, reset) in views.mail.resets(position) {
            let sent = reset.sent.map(|sent| sent.to_string()).unwrap_or_default();
            let value = format!("{} {} {} {sent}", reset.token.0, reset.expires_at, reset.site);
            self.set("reset", views.names.accounts.text(who), reset.requested, &value);
        }
        for owed in views.book.owed(position) {
            self.set("owed", owed.account.as_str(), owed.owed, owed.notice.slug());
        }
    }

    pub(super) fn corrections(&mut self) {
        let (views, position) = (self.views, self.position);
        for wrong in self.positions() {
            for (at, corrected_by) in views.book.corrections(wrong, position) {
                let corrected_by = corrected_by.map_or_else(String::new, |right| right.to_string());
                self.set("correction", &wrong.to_string(), at, &corrected_by);
            }
        }
    }

    pub(super) fn installation(&mut self) {
        let (views, position) = (self.views, self.position);
        for (cloud_id, assigned) in views.installation.cloud_ids(position) {
            self.set("cloud_id", cloud_id.as_str(), assigned.position, assigned.customer.as_str());
            if let Some(purpose) = assigned.purpose {
                let request = assigned.request.unwrap_or(Position::START);
                self.set("purpose", cloud_id.as_str(), request, purpose.slug());
            }
            if let Some(closed) = assigned.closed_at(position) {
                self.set("closed", cloud_id.as_str(), closed, "");
            }
        }
        self.customers();
        for (act, concerns) in views.relays.acts(Position::START, position) {
            self.set("act", &format!("{concerns:?}"), act, "");
        }
        for (cause, arrived) in views.relays.all_arrived(position) {
            self.set("arrived", &cause.to_string(), arrived, "");
        }
        for (version, token) in views.installation.tokens().filter(|(_, token)| token.issued <= position) {
            let revoked = token.revoked.filter(|revoked| *revoked <= position);
            let revoked = revoked.map_or_else(String::new, |revoked| revoked.to_string());
            self.line(&["token", &version.0.to_string(), token.operator.as_str(), &token.issued.to_string(), &revoked]);
        }
    }

    fn customers(&mut self) {
        let (views, position) = (self.views, self.position);
        self.said_alike(views.customers.agrees(), "customers", "by name");
        for (number, registered, customer) in views.customers.all(position) {
            let name = customer.name.as_str();
            let (full_name, email) = (hidden(&customer.full_name), hidden(&customer.contact_email.address));
            self.line(&["customer", name, &registered.to_string(), &customer.key.0.to_string(), &full_name, &email]);
            let mut subscriptions: Vec<_> = views.customers.subscriptions(number, position).collect();
            subscriptions.sort_unstable_by_key(|(_, state)| &state.app);
            for (recorded, state) in subscriptions {
                let subscription = state.subscription;
                let until = subscription.until.map_or_else(String::new, |until| until.to_string());
                let parts = [recorded.to_string(), subscription.from.to_string(), until];
                let [recorded, from, until] = &parts;
                let app = state.app.as_str();
                self.line(&["customer_subscription", name, app, recorded, subscription.status.slug(), from, until]);
            }
            for request in views.customers.requests(number, position) {
                let by = (hidden(&request.requester_name), hidden(&request.requester_email.address));
                let (organisation, url) = (request.organisation.as_str(), request.url.as_str());
                let (recorded, purpose) = (request.recorded.to_string(), request.purpose.slug());
                let region = request.region.as_str();
                self.line(&["request", name, &recorded, purpose, &by.0, &by.1, organisation, url, region]);
            }
            for check in views.customers.checks(number, position) {
                self.set("check", check.url.as_str(), check.recorded, &format!("{:?}", check.findings));
            }
        }
    }

    pub(super) fn separations(&mut self) {
        let views = self.views;
        self.said_alike(views.separations.agrees(), "separations", "by name");
        for (defined, separation) in views.separations.all(self.position) {
            let value = format!("{} {}", separation.one, separation.other);
            self.set("separation", separation.name.as_str(), defined, &value);
        }
    }

    pub(super) fn webhooks(&mut self) {
        let (views, position) = (self.views, self.position);
        for (added, webhook) in views.webhooks.all(position) {
            let name = webhook.name.as_str();
            let events: Vec<&str> = webhook.events.iter().map(EventKind::as_str).collect();
            self.set("webhook", name, added, &format!("{} {} {:?}", webhook.url, events.join(" "), webhook.secret));
            if let Some((set, failure)) = views.webhooks.failing(&webhook.name, position) {
                self.set("webhook_failing", name, set, &format!("{failure:?}"));
            }
            for (set, letter) in views.webhooks.dead_letters(&webhook.name, position) {
                self.set("dead_letter", name, set, &format!("{letter:?}"));
            }
        }
    }

    /// What a review looks at follows from where it was opened; what was said of its items does not.
    pub(super) fn reviews(&mut self) {
        let (views, position) = (self.views, self.position);
        self.said_alike(views.reviews.agrees(), "reviews", "by name");
        for (number, opened, review) in views.reviews.all(position) {
            let (name, since) = (review.name.as_str(), review.since_review.as_ref().map_or("", |name| name.as_str()));
            let reviewers: Vec<&str> = review.reviewers.iter().map(|id| id.as_str()).collect();
            let (scope, due) = (format!("{:?}", review.scope), review.due.to_string());
            self.line(&["review", name, &opened.to_string(), &scope, &reviewers.join(" "), &due, since]);
            for (item, decisions) in views.reviews.items_of(number) {
                for (decided, decision) in decisions.changes_to(position) {
                    self.line(&["review_item", name, item.as_str(), &decided.to_string(), decision.slug()]);
                }
                if let Some(withheld) = views.reviews.withheld(number, item, position) {
                    let rule = withheld.rule.as_ref().map_or("", |rule| rule.as_str());
                    self.line(&["review_withheld", name, item.as_str(), rule]);
                }
            }
            if let Some((closed, closing)) = views.reviews.closed(number, position) {
                self.set("review_closed", name, closed, &format!("{closing:?}"));
            }
        }
    }

    /// How names are found. All else is rendered by the names that numbers stand for, which says nothing of the other way.
    pub(super) fn names(&mut self) {
        let (views, (slice, of)) = (self.views, self.slice());
        let names = &views.names;
        let folded = [
            ("usernames", &names.usernames),
            ("roles", &names.roles),
            ("groups", &names.groups),
            ("products", &names.products),
            ("communities", &names.communities),
            ("content_groups", &names.content_groups),
            ("queries", &names.queries),
            ("apps", &names.apps),
            ("modules", &names.modules),
            ("organisations", &names.organisations),
        ];
        for (what, numbers) in folded {
            self.said_alike(numbers.agrees(slice, of), "names", what);
        }
        self.said_alike(names.accounts.all_in_order(), "names", "accounts");
        self.said_alike(names.objects.all_in_order(), "names", "objects");
    }

    /// The newest backup, and the newest restoration.
    pub(super) fn copies(&mut self) {
        let (views, position) = (self.views, self.position);
        let copies =
            [("backup", views.keeping.last_backup(position)), ("restored", views.keeping.last_restoration(position))];
        for (what, copy) in copies {
            if let Some((taken, copy)) = copy {
                self.set(what, &copy.digest, taken, &copy.entries.to_string());
            }
        }
    }
}
