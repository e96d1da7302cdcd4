//! What rights are on: objects, content, queries, and the contacts that are shown.

use grantbook_events::VisibilityAudience;

use super::{Canon, holder};

impl Canon<'_> {
    pub(super) fn objects(&mut self) {
        let (views, position) = (self.views, self.position);
        for (number, principal, right) in views.objects.holders() {
            // Principals are written out for what is wrong alone.
            if !views.objects.agrees(&views.names, number) {
                self.said_otherwise("access", &holder(principal, right));
            }
        }
        self.said_alike(views.objects.counted(), "access", "of nobody");
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
                self.set("access_setting", path, set, setting.slug());
            }
            for access in views.objects.access(number, views.timeline.as_of(position)) {
                let holder = holder(access.principal, access.right);
                if let Some(history) = views.objects.history(number, access.principal, access.right) {
                    self.grant("access", &holder, path, history);
                }
            }
        }
    }

    pub(super) fn content_groups(&mut self) {
        let (views, position) = (self.views, self.position);
        self.said_alike(views.content_authority.agrees(&views.names), "content_groups", "by name");
        for (_, group) in views.content_authority.all(position) {
            let covers: Vec<&str> = group.covers.iter().map(|object| object.as_str()).collect();
            let shown = format!("{} {}", group.master, covers.join("\n"));
            self.set("content_group", group.name.as_str(), group.created, &shown);
        }
    }

    pub(super) fn content_authority(&mut self) {
        let views = self.views;
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

    pub(super) fn queries(&mut self) {
        let (views, position) = (self.views, self.position);
        self.said_alike(views.queries.agrees(&views.names), "queries", "by name");
        for query in views.queries.all(position) {
            let flags = [query.out_of_box, query.via_api, query.personal_data, query.filtered_to_caller];
            let shown = format!("{} {flags:?}", views.names.objects.text(query.object));
            self.set("query", query.name.as_str(), query.created, &shown);
        }
    }

    pub(super) fn visibility(&mut self) {
        for audience in VisibilityAudience::ALL {
            if let Some((defined, condition)) = self.views.visibility.set(*audience, self.position) {
                self.set("visible", audience.slug(), defined, &condition.to_string());
            }
        }
    }
}
