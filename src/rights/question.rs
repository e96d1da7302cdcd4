//! The question: may this account do that, on this, as of then?

use grantbook_events::Position;
use grantbook_projections::{AccountNow, AsOf, Views};

use crate::capability::Capability;
use crate::condition::{Condition, Node, NodeKind, Refused};
use crate::fact::Fact;
use crate::organisations::{ACTING, ORGANISATION_ADMIN};

/// Who asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// Somebody who is not signed in.
    Guest,
    /// An account, by number.
    Account(u32),
}

/// In what standing an account asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Standing {
    /// As if it signed in freshly: what locks it out stops it.
    Fresh,
    /// By what it was given alone: a lock passes and does not count (rule: F5).
    Given,
    /// By what was granted to it, as if nothing stopped it from signing in: of an account that has no credentials yet, or
    /// whose history was imported without them, what it would have with some.
    Granted,
    /// In a session: it has the rights of its sign-in, less what was lost since (rule: A7). A lock ends no session.
    Session {
        /// The entry of the sign-in.
        signed_in: Position,
    },
}

/// What the capability is on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum On {
    /// Nothing in particular.
    Nothing,
    /// An account, by number; `None` for one that nobody has named yet.
    Account(Option<u32>),
    /// An app, by number.
    App(u32),
    /// An object, by the number of its path.
    Object(u32),
    /// An organisation, by number.
    Organisation(u32),
    /// A community, by number.
    Community(u32),
    /// A contact, looked at by somebody who acts for an organisation that they administer (rule: O21).
    Contact {
        /// The contact, by number.
        contact: u32,
        /// The organisation, by number.
        acting_for: u32,
    },
}

/// A question in full.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The history to ask.
    pub views: &'a Views,
    /// Who asks.
    pub who: Who,
    /// In what standing.
    pub standing: Standing,
    /// On what.
    pub on: On,
    /// From where to look.
    pub as_of: AsOf,
}

impl Question<'_> {
    /// What the account that asks is, where that is what it was as of the question and, in a session, ever since the sign-in.
    pub(crate) fn unchanged(&self) -> Option<AccountNow> {
        let Who::Account(who) = self.who else { return None };
        let since = match self.standing {
            Standing::Fresh | Standing::Given => self.as_of.position,
            Standing::Session { signed_in } => signed_in.min(self.as_of.position),
            Standing::Granted => return None,
        };
        self.views.accounts_now.at(who, since)
    }
}

/// The answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Yes, and by the right that the entry at `authority` set: of several that would do, the oldest in force.
    Allowed {
        /// The entry that gave the right.
        authority: Position,
    },
    /// No, and which rule says so.
    Refused(Refused),
}

impl Verdict {
    /// Whether the answer is yes.
    pub fn allowed(self) -> bool {
        match self {
            Verdict::Allowed { .. } => true,
            Verdict::Refused(_) => false,
        }
    }
}

/// Whether `question.who` may do `capability`.
pub fn may(question: &Question<'_>, capability: Capability) -> Verdict {
    if let Some(refused) = stopped(question) {
        return Verdict::Refused(refused);
    }
    let right = capability.right();
    match right.needs.holds(question) {
        Some(authority) => Verdict::Allowed { authority },
        None => Verdict::Refused(right.needs.refusal(question, right.rule)),
    }
}

/// Whether `question.who` may do `capability`, and no more: what [`may`] says without why, for checks by the million.
pub fn allowed(question: &Question<'_>, capability: Capability) -> bool {
    stopped(question).is_none() && capability.right().needs.met(question)
}

/// What comes before every right. In a closed tenant nobody may do anything (rule: T7); whoever acts for an organisation
/// administers it, and sees nobody of another company of theirs (rule: O21).
fn stopped(question: &Question<'_>) -> Option<Refused> {
    if question.views.tenant.closed(question.as_of.position).is_some() {
        return Some(Refused { rule: Fact::TenantOpen.rule(), missing: Fact::TenantOpen });
    }
    let On::Contact { .. } = question.on else { return None };
    // Who administers it not is told so before anything about the contact.
    let first = [(&ORGANISATION_ADMIN, "O14"), (&ACTING, "O21")].into_iter().find(|(needed, _)| !needed.met(question));
    first.map(|(needed, rule)| needed.refusal(question, rule))
}

/// The tree of facts that decides `capability`, with every fact that holds and every one that is missing.
pub fn explain(question: &Question<'_>, capability: Capability) -> Node {
    let node = capability.right().needs.explain(question);
    let acting = matches!(question.on, On::Contact { .. });
    let node = match acting.then(|| ACTING.explain(question)) {
        Some(acting) => Node { holds: acting.holds && node.holds, kind: NodeKind::All(vec![acting, node]) },
        None => node,
    };
    // Where it is what decides: in an open tenant it would stand in every tree and say nothing.
    let open = Condition::Is(Fact::TenantOpen).explain(question);
    if open.holds { node } else { Node { holds: false, kind: NodeKind::All(vec![open, node]) } }
}

/// Whether a condition that is no capability of its own holds.
pub(crate) fn holds(question: &Question<'_>, condition: &Condition) -> bool {
    condition.met(question)
}
