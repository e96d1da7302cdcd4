//! Findings of who may do what with content.

use grantbook_projections::{AsOf, Cause, turning_points};

use super::stretches::{existence_points, of_account};
use super::{Find, FindingRule, Met, Tense};
use crate::shown::Shown;

pub(super) const RULES: &[FindingRule] = &[FindingRule {
    code: "non-staff-content-authority",
    rule: Some("D3"),
    words: "somebody who is not staff is a member of a content authority group",
    find: Find::All(non_staff_content_authority),
}];

/// Somebody who is not staff is a member of a content authority group (rule: D3), by whatever made it so.
fn non_staff_content_authority(shown: &Shown<'_>) -> Vec<Met> {
    let mut met = Vec::new();
    let (views, as_of) = (shown.views, shown.as_of);
    for (number, group) in views.content_authority.all(as_of.position) {
        for who in views.content_authority.ever_members(number) {
            let mut points = existence_points(shown, who);
            for (_, _, history) in views.content_authority.grants_of(who).filter(|(group, ..)| *group == number) {
                turning_points(history, as_of, &mut points);
            }
            let classes = views.credentials.classes(who).into_iter();
            let changes = classes.flat_map(|classes| classes.changes_to(as_of.position));
            points.extend(changes.map(|(set, _)| Cause::Entry(set)));
            let concerns = |point: AsOf| {
                let staff = views.credentials.full(who, point.position).is_some_and(|(_, full)| full);
                let member = views.content_authority.member(who, number, point).is_some();
                member && !staff && views.accounts.exists(who, point.position)
            };
            let detail = |_, tense: Tense| {
                let is = tense.pick("is", "was");
                format!("{is} a member of the content authority group {} and not staff", group.name)
            };
            met.extend(of_account(shown, who, points, &concerns, &detail));
        }
    }
    met
}

#[cfg(test)]
mod tests {
    use crate::findings::for_tests::of;
    use crate::history_for_tests as h;
    use crate::history_for_tests::History as Told;
    use grantbook_events::{ContentAuthorityEvent, ContentRight, CredentialsEvent, Event, Instant, UserClass};
    use grantbook_projections::Cause;

    fn add(id: &str, until: Option<&str>) -> Event {
        let (group, account, rights) = (h::group("Editors"), h::account(id), vec![ContentRight::Edit]);
        let until = until.map(|until| Instant::parse(until).unwrap());
        Event::ContentAuthority(ContentAuthorityEvent::ContentAuthorityMemberAdded { group, account, rights, until })
    }

    // rule: D3
    #[test]
    fn a_member_who_is_not_staff_is_found_from_whatever_made_it_so_to_whatever_mended_it() {
        let mut history = Told::example();
        let created = ContentAuthorityEvent::ContentAuthorityGroupCreated {
            group: h::group("Editors"),
            master: false,
            covers: Vec::new(),
        };
        history.act("manager", vec![Event::ContentAuthority(created)]);
        history.act("manager", vec![add("veronica", None)]);
        assert_eq!(of(&history, "non-staff-content-authority"), [], "Veronica is staff");
        let class = |user_class| {
            Event::Credentials(CredentialsEvent::UserClassSet { account: h::account("veronica"), user_class })
        };
        let lowered = history.act("manager", vec![class(UserClass::Public)]);
        let raised = history.act("manager", vec![class(UserClass::Full)]);
        let mia = history.act("manager", vec![add("mia", Some("2026-12-01T00:00:00Z"))]);
        history.pass_to("2026-12-02T00:00:00Z");
        history.act("manager", vec![add("veronica", None)]);
        let found = of(&history, "non-staff-content-authority");
        let ended = Cause::Clock(Instant::parse("2026-12-01T00:00:00Z").unwrap());
        let shown: Vec<_> = found.iter().map(|found| (found.subject.as_str(), found.opened, found.closed)).collect();
        assert_eq!(
            shown,
            [("veronica", Cause::Entry(lowered), Some(Cause::Entry(raised))), ("mia", Cause::Entry(mia), Some(ended)),]
        );
    }
}
