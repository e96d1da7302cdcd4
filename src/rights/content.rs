//! What content authority groups give (chapter D).

use grantbook_events::ContentRight;
use grantbook_projections::{AsOf, Cause, turning_points};

use crate::fact::{Seen, ended};
use crate::question::{On, Question, Who};

/// Whether a content authority group that covers the question's object gives `right` to who asks.
pub(crate) fn content_right(question: &Question<'_>, right: ContentRight, as_of: AsOf) -> Seen {
    let (Who::Account(who), On::Object(object)) = (question.who, question.on) else { return Seen::new(false, None) };
    let authority = &question.views.content_authority;
    let path = question.views.names.objects.text(object);
    if let Some(given) = authority.right_on(who, path, right, as_of) {
        return Seen::new(true, Some(given));
    }
    let lost = authority.grants_on(who, path, right, as_of.position).filter_map(|history| ended(history, as_of)).max();
    Seen { holds: false, cause: lost }
}

/// Whether an account is a member of any content authority group (rule: S3).
pub(crate) fn content_member(question: &Question<'_>, who: u32, as_of: AsOf) -> Seen {
    let authority = &question.views.content_authority;
    if let Some(given) = authority.member_of_any(who, as_of) {
        return Seen::new(true, Some(given));
    }
    let lost = authority.grants_of(who).filter_map(|(_, _, history)| ended(history, as_of)).max();
    Seen { holds: false, cause: lost }
}

/// When it may have changed what content authority groups give to an account.
pub(crate) fn content_points(question: &Question<'_>, who: u32, into: &mut Vec<Cause>) {
    for (_, _, history) in question.views.content_authority.grants_of(who) {
        turning_points(history, question.as_of, into);
    }
}
