//! Whose right it is that a review looks at: nobody reviews rights of their own (rule: U3).

use grantbook_events::{Position, Principal};
use grantbook_projections::{AsOf, ReviewedGrant, SystemRole, Views, called_now};

use crate::access::is_principal;
use crate::question::{On, Question, Standing, Who};

/// Whether a grant is `who`'s own: they hold it, or are one of those whom it admits, now or where the review looks from. What
/// everyone has is nobody's own.
pub fn is_own_grant(views: &Views, who: u32, grant: &ReviewedGrant, sealed: Position, now: AsOf) -> bool {
    let ReviewedGrant::Object { principal, .. } = grant else { return grant.holder(views) == Some(who) };
    if let Principal::Role(role) = principal
        && role.as_str().eq_ignore_ascii_case(SystemRole::Everyone.name())
    {
        return false;
    }
    let admitted = |principal: &Principal, as_of: AsOf| {
        let (who, standing, on) = (Who::Account(who), Standing::Given, On::Nothing);
        is_principal(&Question { views, who, standing, on, as_of }, principal)
    };
    let by_now = called_now(views, principal, sealed, now.position);
    admitted(principal, views.timeline.as_of(sealed)) || by_now.is_some_and(|principal| admitted(&principal, now))
}
