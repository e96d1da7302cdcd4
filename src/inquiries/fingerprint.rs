//! The fingerprint of all views: what a rebuilt ledger is compared with a live one by. Over names and sealed bytes, never
//! over numbers, whose order of giving shows nothing, and never over opened text.

use grantbook_events::{AccessRight, Licence, Position, Principal, Sealed, Setting, TextSetting, VisibilityAudience};
use grantbook_projections::{AsOf, By, History, Holding, OpenTo, Refused, Views};

/// Which rendering a fingerprint is of. Raised where the same history would be rendered otherwise, so that an older fingerprint
/// is told apart from a drift; a view that is new and empty changes nothing.
pub const FINGERPRINT_VERSION: u32 = 1;

/// What is rendered, view by view.
const SECTIONS: [&str; 16] = [
    "timeline",
    "tenant",
    "accounts",
    "sessions",
    "grants",
    "objects",
    "organisations",
    "content_authority",
    "queries",
    "visibility",
    "book",
    "corrections",
    "installation",
    "separations",
    "keeping",
    "reviews",
];

/// How many positions, or accounts, are rendered in one part.
const PART: u64 = 4_096;

/// The most parts that accounts are looked at in: for each, all of them are gone through.
const MOST_SLICES: u64 = 256;

/// A part of what a fingerprint is over: some of one view's facts. Parts are quick, so that live views can be looked at
/// part by part while the writer goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FingerprintPart {
    /// Which views.
    pub section: &'static str,
    slice: u64,
    of: u64,
}

/// The fingerprint of everything that the history up to `position` means: BLAKE3 over a canonical rendering of each view
/// with the entries that set its values. Equal histories have equal fingerprints, however they were put together.
pub fn fingerprint(views: &Views, position: Position) -> [u8; 32] {
    rendered(views, position, None)
}

/// The parts that everything up to `position` is made of, for views that hold about as much as these.
pub fn fingerprint_parts(views: &Views, position: Position) -> Vec<FingerprintPart> {
    let accounts = views.names.accounts.all().count() as u64;
    let people = (accounts / PART + 1).min(MOST_SLICES);
    let parts = SECTIONS.iter().flat_map(|section| {
        let of = match *section {
            "timeline" | "corrections" => position.0 / PART + 1,
            "accounts" | "grants" => people,
            // Where there is none, nobody needs to be gone through.
            "organisations" if !views.organisations.all(position).is_empty() => people,
            "content_authority" if !views.content_authority.all(position).is_empty() => people,
            // Any other section is one part.
            _ => 1,
        };
        (0..of).map(move |slice| FingerprintPart { section, slice, of })
    });
    parts.collect()
}

/// The fingerprint of a part.
pub fn part_fingerprint(views: &Views, position: Position, part: FingerprintPart) -> [u8; 32] {
    rendered(views, position, Some(part))
}

fn rendered(views: &Views, position: Position, part: Option<FingerprintPart>) -> [u8; 32] {
    let mut canon = Canon { hasher: blake3::Hasher::new(), views, position, part };
    canon.line(&["grantbook views, version 1"]);
    canon.timeline();
    canon.tenant();
    canon.accounts();
    canon.sessions();
    canon.grants();
    canon.objects();
    canon.organisations();
    canon.content_authority();
    canon.queries();
    canon.visibility();
    canon.book();
    canon.installation();
    canon.separations();
    canon.keeping();
    canon.reviews();
    *canon.hasher.finalize().as_bytes()
}

struct Canon<'a> {
    hasher: blake3::Hasher,
    views: &'a Views,
    position: Position,
    /// What is rendered; everything where there is none.
    part: Option<FingerprintPart>,
}

impl Canon<'_> {
    /// Whether a section is left out.
    fn leaves_out(&self, section: &str) -> bool {
        self.part.is_some_and(|part| part.section != section)
    }

    /// Whether a fact of `name` is of the part.
    fn has(&self, name: &str) -> bool {
        let sum = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        self.part
            .is_none_or(|part| part.of <= 1 || name.bytes().fold(0xcbf2_9ce4_8422_2325, sum) % part.of == part.slice)
    }

    /// The positions of the part.
    fn positions(&self) -> impl Iterator<Item = Position> + use<> {
        let last = self.position.0;
        let all = (1, last);
        let (from, to) = self.part.filter(|part| part.of > 1).map_or(all, |part| {
            let from = part.slice.saturating_mul(PART);
            (from.saturating_add(1), from.saturating_add(PART).min(last))
        });
        (from..=to).map(Position)
    }

    /// The accounts of the part, in the order of their ids.
    fn people(&self) -> Vec<u32> {
        let accounts = &self.views.names.accounts;
        if self.part.is_none_or(|part| part.of <= 1) {
            return accounts.in_order();
        }
        let mut some: Vec<u32> = accounts.all().filter(|(_, id)| self.has(id)).map(|(who, _)| who).collect();
        some.sort_unstable_by_key(|who| accounts.text(*who));
        some
    }

    /// One fact: its parts, each with its length before it, so that no two facts look alike.
    fn line(&mut self, parts: &[&str]) {
        self.hasher.update(&(parts.len() as u64).to_be_bytes());
        for part in parts {
            self.hasher.update(&(part.len() as u64).to_be_bytes());
            self.hasher.update(part.as_bytes());
        }
    }

    fn set(&mut self, what: &str, whose: &str, set: Position, value: &str) {
        self.line(&[what, whose, &set.to_string(), value]);
    }

    /// Everything that a grant went through.
    fn grant(&mut self, what: &str, holder: &str, thing: &str, history: &History<Holding>) {
        for (given, holding) in history.changes_to(self.position) {
            let until = holding.until().map_or_else(String::new, |until| until.to_string());
            self.line(&[what, holder, thing, &given.to_string(), &holding.weight.to_string(), &until]);
        }
    }

    fn separations(&mut self) {
        if self.leaves_out("separations") {
            return;
        }
        let views = self.views;
        for (defined, separation) in views.separations.all(self.position) {
            let value = format!("{} {}", separation.one, separation.other);
            self.set("separation", separation.name.as_str(), defined, &value);
        }
    }

    fn keeping(&mut self) {
        if self.leaves_out("keeping") {
            return;
        }
        let (views, position) = (self.views, self.position);
        for who in views.names.accounts.in_order() {
            let id = views.names.accounts.text(who);
            for (set, held) in views.keeping.holds(who).into_iter().flat_map(|holds| holds.changes_to(position)) {
                self.set("legal_hold", id, set, &held.to_string());
            }
            if let Some(erased) = views.keeping.erased(who, position) {
                self.set("erased", id, erased, "");
            }
        }
        let copies =
            [("backup", views.keeping.last_backup(position)), ("restored", views.keeping.last_restoration(position))];
        for (what, copy) in copies {
            if let Some((taken, copy)) = copy {
                self.set(what, &copy.digest, taken, &copy.entries.to_string());
            }
        }
    }

    /// What a review looks at follows from where it was opened; what was said of its items does not.
    fn reviews(&mut self) {
        if self.leaves_out("reviews") {
            return;
        }
        let (views, position) = (self.views, self.position);
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

    fn timeline(&mut self) {
        if self.leaves_out("timeline") {
            return;
        }
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

    fn tenant(&mut self) {
        if self.leaves_out("tenant") {
            return;
        }
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

    fn accounts(&mut self) {
        if self.leaves_out("accounts") {
            return;
        }
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
        }
        for username in views.names.usernames.in_order() {
            if !self.has(views.names.usernames.text(username)) {
                continue;
            }
            if let Some(owner) = views.credentials.owner(username, position) {
                self.line(&["owner", views.names.usernames.text(username), views.names.accounts.text(owner)]);
            }
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

    fn sessions(&mut self) {
        if self.leaves_out("sessions") {
            return;
        }
        let (views, position) = (self.views, self.position);
        for session in views.sessions.all(position) {
            let account = views.names.accounts.text(session.account);
            let numbers = [session.browser.to_string(), session.token.0.to_string(), session.expires_at.to_string()];
            let [browser, token, expires_at] = &numbers;
            let begun = session.position.to_string();
            let (plane, client) = (session.plane.slug(), session.client.slug());
            self.line(&["session", account, &begun, plane, client, browser, token, expires_at]);
            if session.only_enrols {
                self.line(&["session_only_enrols", &begun]);
            }
            if let Some((ended, because)) = views.sessions.ended(session.position, position) {
                self.set("session_ended", &begun, ended, because.slug());
            }
        }
    }

    fn grants(&mut self) {
        if self.leaves_out("grants") {
            return;
        }
        let (views, position) = (self.views, self.position);
        for who in self.people() {
            let id = views.names.accounts.text(who);
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
        if self.part.is_some_and(|part| part.slice > 0) {
            return;
        }
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

    fn named_grants<'b>(
        &mut self,
        what: &str,
        id: &str,
        grants: impl Iterator<Item = (&'b str, &'b History<Holding>)>,
    ) {
        let mut grants: Vec<_> = grants.collect();
        // Two roles that had one name after each other are told apart by when they were first given.
        grants.sort_unstable_by_key(|(name, history)| (*name, history.changes().next().map(|(given, _)| given)));
        for (name, history) in grants {
            self.grant(what, id, name, history);
        }
    }

    fn organisations(&mut self) {
        if self.leaves_out("organisations") {
            return;
        }
        let (views, position) = (self.views, self.position);
        let people = self.people();
        for (number, known) in views.organisations.all(position) {
            let (name, created) = (known.name.as_str(), known.created.to_string());
            self.line(&["organisation", name, &created, known.kind.slug(), &known.full_name, &known.description]);
            for who in people.iter().copied() {
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

    fn objects(&mut self) {
        if self.leaves_out("objects") {
            return;
        }
        let (views, position) = (self.views, self.position);
        for number in views.names.objects.in_order() {
            let path = views.names.objects.text(number);
            if let Some((created, object)) = views.objects.object(number, position) {
                let kind = object.kind.slug();
                let flags = format!("{} {} {}", object.public, object.active, object.implied);
                self.line(&["object", path, &created.to_string(), kind, &flags]);
            }
            for (set, setting) in
                views.objects.setting_history(number).into_iter().flat_map(|all| all.changes_to(position))
            {
                let shown = match setting {
                    grantbook_projections::AccessSetting::Inherited => "inherited",
                    grantbook_projections::AccessSetting::Set(set) => set.slug(),
                    grantbook_projections::AccessSetting::Custom => "custom",
                };
                self.set("access_setting", path, set, shown);
            }
            for access in views.objects.access(number, views.timeline.as_of(position)) {
                let holder = holder(access.principal, access.right);
                if let Some(history) = views.objects.history(number, access.principal, access.right) {
                    self.grant("access", &holder, path, history);
                }
            }
        }
    }

    fn content_authority(&mut self) {
        if self.leaves_out("content_authority") {
            return;
        }
        let (views, position) = (self.views, self.position);
        for (_, group) in views.content_authority.all(position) {
            let covers: Vec<&str> = group.covers.iter().map(|object| object.as_str()).collect();
            let shown = format!("{} {}", group.master, covers.join("\n"));
            self.set("content_group", group.name.as_str(), group.created, &shown);
        }
        for who in self.people() {
            let id = views.names.accounts.text(who);
            let mut grants: Vec<_> = views
                .content_authority
                .grants_of(who)
                .map(|(group, right, history)| (views.names.content_groups.text(group), right, history))
                .collect();
            grants.sort_unstable_by_key(|(group, right, _)| (*group, *right));
            for (group, right, history) in grants {
                self.grant("content", &format!("{id} {right}"), group, history);
            }
        }
    }

    fn queries(&mut self) {
        if self.leaves_out("queries") {
            return;
        }
        let (views, position) = (self.views, self.position);
        for query in views.queries.all(position) {
            let flags = [query.out_of_box, query.via_api, query.personal_data, query.filtered_to_caller];
            let shown = format!("{} {flags:?}", views.names.objects.text(query.object));
            self.set("query", query.name.as_str(), query.created, &shown);
        }
    }

    fn visibility(&mut self) {
        if self.leaves_out("visibility") {
            return;
        }
        for audience in VisibilityAudience::ALL {
            if let Some((defined, condition)) = self.views.visibility.set(*audience, self.position) {
                self.set("visible", audience.slug(), defined, &condition.to_string());
            }
        }
    }

    fn book(&mut self) {
        self.corrections();
        if self.leaves_out("book") {
            return;
        }
        let (views, position) = (self.views, self.position);
        for refusal in views.refusals.to(position) {
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

    fn corrections(&mut self) {
        if self.leaves_out("corrections") {
            return;
        }
        let (views, position) = (self.views, self.position);
        for wrong in self.positions() {
            for (at, corrected_by) in views.book.corrections(wrong, position) {
                let corrected_by = corrected_by.map_or_else(String::new, |right| right.to_string());
                self.set("correction", &wrong.to_string(), at, &corrected_by);
            }
        }
    }

    fn installation(&mut self) {
        if self.leaves_out("installation") {
            return;
        }
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
}

impl Canon<'_> {
    fn customers(&mut self) {
        let (views, position) = (self.views, self.position);
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
}

fn holder(principal: &Principal, right: AccessRight) -> String {
    format!("{right} to {}", of_principal(principal))
}

fn of_principal(principal: &Principal) -> String {
    match principal {
        Principal::Group(group) => format!("group {}", group.as_str().to_lowercase()),
        Principal::Role(role) => format!("role {}", role.as_str().to_lowercase()),
        Principal::Account(account) => format!("account {account}"),
        Principal::MemberType(label) => format!("member_type {label}"),
        Principal::Staff => "staff".to_owned(),
    }
}

/// A sealed value as it lies in the journal.
fn hidden(sealed: &Sealed) -> String {
    let mut text = format!("{} ", sealed.key.0);
    for byte in &sealed.bytes {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history_for_tests::{History, account, role};
    use grantbook_events::{Event, RoleEvent};

    #[test]
    fn equal_histories_have_equal_fingerprints_whatever_was_named_first() {
        let history = History::example();
        let mut other = Views::default();
        for name in ["zoe", "sarah", "jeff"] {
            other.names.accounts.intern(name);
        }
        other.names.apps.intern("datastation");
        other.names.groups.intern("zebra");
        other.names.modules.intern("System");
        other.names.objects.intern("/z");
        history.entries.iter().for_each(|entry| other.apply(entry));
        for position in (0..=history.last().0).map(Position) {
            assert_eq!(fingerprint(&history.views, position), fingerprint(&other, position), "{position}");
        }
        assert_ne!(fingerprint(&other, history.last()), fingerprint(&other, history.last().before()));
    }

    #[test]
    fn every_change_of_the_whole_is_a_change_of_a_part() {
        let history = History::example();
        let last = history.last();
        let parts = fingerprint_parts(&history.views, last);
        assert!(SECTIONS.iter().all(|section| parts.iter().any(|part| part.section == *section)));
        let of = |views: &Views| parts.iter().map(|part| part_fingerprint(views, last, *part)).collect::<Vec<_>>();
        let whole = (fingerprint(&history.views, last), of(&history.views));
        // Without any one of the entries' events, the whole is another, and so is a part.
        for missing in 0..history.entries.len() {
            let mut views = Views::default();
            for (index, entry) in history.entries.iter().enumerate() {
                let events = if index == missing { Vec::new() } else { entry.events.clone() };
                views.apply(&grantbook_events::Entry { events, ..entry.clone() });
            }
            assert_eq!(fingerprint(&views, last) == whole.0, of(&views) == whole.1, "without entry {}", missing + 1);
        }
    }

    #[test]
    fn slices_are_the_whole_between_them() {
        let history = History::example();
        let last = history.last();
        let part = FingerprintPart { section: "accounts", slice: 0, of: 3 };
        let canon = |slice| {
            let part = Some(FingerprintPart { slice, ..part });
            Canon { hasher: blake3::Hasher::new(), views: &history.views, position: last, part }.people()
        };
        let mut people: Vec<u32> = (0..3).flat_map(canon).collect();
        people.sort_unstable();
        let mut all = history.views.names.accounts.in_order();
        all.sort_unstable();
        assert_eq!(people, all);
    }

    #[test]
    fn what_was_taken_back_leaves_no_trace() {
        let mut history = History::example();
        let before = fingerprint(&history.views, history.last());
        let create = RoleEvent::RoleCreated { role: role("Passing"), description: String::new() };
        let assign = RoleEvent::RoleAssigned { account: account("zoe"), role: role("Passing"), until: None };
        history.act("manager", vec![Event::Role(create.clone()), Event::Role(assign.clone())]);
        assert_ne!(fingerprint(&history.views, history.last()), before);
        history.views.retract();
        history.entries.pop();
        assert_eq!(fingerprint(&history.views, history.last()), before);
        // And what follows is as if it had never been tried.
        history.act("manager", vec![Event::Role(create), Event::Role(assign)]);
        let mut rebuilt = Views::default();
        history.entries.iter().for_each(|entry| rebuilt.apply(entry));
        assert_eq!(fingerprint(&history.views, history.last()), fingerprint(&rebuilt, history.last()));
    }

    #[test]
    fn any_entry_can_be_taken_back_and_told_again() {
        let history = History::example();
        let mut views = Views::default();
        for (position, entry) in (1..).map(Position).zip(&history.entries) {
            let before = fingerprint(&views, position);
            views.apply(entry);
            views.retract();
            // Looked at from where it would be, so that whatever it left shows.
            assert_eq!(fingerprint(&views, position), before, "{position}");
            views.apply(entry);
        }
        assert_eq!(fingerprint(&views, history.last()), fingerprint(&history.views, history.last()));
    }
}
