//! Diff: what effective rights each account gained and lost between two points, which it holds for another reason now, and
//! what brought each of it about.
//!
//! Rights are compared where there is something to compare. On objects: those that have an access setting of their own at
//! one of the points, and the root's default; what inherits from one changes with it. On accounts: its own, and any other
//! that nobody named. On organisations: those that it has to do with, and any other. So an answer is as long as what
//! happened, not as the list of everything.

mod own;
mod shared;
mod shown;

use grantbook_events::Position;
use grantbook_projections::{AsOf, Moments};
use grantbook_rights::{Capability, On, OnKind, Question, Standing, Verdict, Who, allowed, may, points};

use crate::deed::{Deed, deed};
use crate::shown::Shown;
use crate::why::Named;
use own::Own;
use shared::{ANY_ORGANISATION, ROOT, Shared, Thing};

/// What became of a right.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Became {
    /// The account has it and had it not.
    Gained,
    /// It had it and has it no more.
    Lost,
    /// It has it still, on the authority of another entry.
    Changed,
}

/// A right that something became of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RightChange {
    /// What became of it.
    pub became: Became,
    /// The right.
    pub capability: Capability,
    /// What it is on.
    pub on: On,
    /// What it is on, by name; none where it is on nothing, or on whatever nobody named.
    pub named: Option<String>,
    /// What brought it about, last where it came and went several times.
    pub deed: Deed,
}

/// What became of an account's rights.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccountChange {
    /// The account, by number.
    pub who: u32,
    /// Its id.
    pub account: String,
    /// Its full name, opened.
    pub name: Option<String>,
    /// The rights, in the order of the table of capabilities; never empty.
    pub rights: Vec<RightChange>,
}

/// Two points to compare, and what changed between them of what accounts share.
#[derive(Clone, Debug)]
pub struct Comparison {
    from: AsOf,
    to: AsOf,
    standing: Standing,
    shared: Shared,
}

impl Comparison {
    /// Compares `from` with the point of `shown`, which is not before it.
    pub fn of(shown: &Shown<'_>, from: AsOf, standing: Standing) -> Comparison {
        let to = shown.as_of;
        Comparison { from, to, standing, shared: Shared::between(shown.views, from, to) }
    }

    /// From which point.
    pub fn from(&self) -> AsOf {
        self.from
    }

    /// To which point.
    pub fn to(&self) -> AsOf {
        self.to
    }

    /// Every account that there is at one of the points, in the order of ids.
    pub fn accounts(&self, shown: &Shown<'_>) -> Vec<u32> {
        shown.views.names.accounts.in_order().filter(|who| self.there(shown, *who)).collect()
    }

    /// Whether there is such an account at one of the points.
    pub(crate) fn there(&self, shown: &Shown<'_>, who: u32) -> bool {
        [self.from, self.to].iter().any(|point| shown.views.accounts.exists(who, point.position))
    }

    /// What became of an account's rights; `None` where nothing did.
    pub fn account(&self, shown: &Shown<'_>, who: u32) -> Option<AccountChange> {
        if !self.there(shown, who) {
            return None;
        }
        let mut changes = Vec::new();
        let rights = self.may_have_changed(shown, who);
        for (capability, on) in rights {
            let question =
                Question { views: shown.views, who: Who::Account(who), standing: self.standing, on, as_of: self.to };
            if let Some((became, cause)) = self.became(shown, &question, capability) {
                let named = Named::of(shown, &question);
                let deed = deed(shown, &question, capability, &named, cause);
                changes.push(RightChange { became, capability, on, named: on_words(shown, &question, &named), deed });
            }
        }
        if changes.is_empty() {
            return None;
        }
        changes.sort_by(|one, other| (one.capability, &one.named).cmp(&(other.capability, &other.named)));
        Some(AccountChange { who, account: shown.id(who).to_owned(), name: shown.name(who), rights: changes })
    }

    /// Every right that an account has at the later point, of those that are compared.
    pub fn held(&self, shown: &Shown<'_>, who: u32) -> Vec<(Capability, On)> {
        let mut rights = Vec::new();
        for capability in Capability::ALL {
            self.of_capability(shown, who, *capability, true, &mut rights);
        }
        let (views, standing, as_of) = (shown.views, self.standing, self.to);
        let question = |on| Question { views, who: Who::Account(who), standing, on, as_of };
        rights.retain(|(capability, on)| has(&question(*on), *capability));
        rights
    }

    /// What became of a right, and what brought it about.
    fn became(
        &self,
        shown: &Shown<'_>,
        question: &Question<'_>,
        capability: Capability,
    ) -> Option<(Became, grantbook_projections::Cause)> {
        let has = |as_of: AsOf| has(&Question { as_of, ..*question }, capability);
        let authority = |as_of: AsOf| authority(&Question { as_of, ..*question }, capability);
        let became = match (has(self.from), has(self.to)) {
            (false, false) => return None,
            (false, true) => Became::Gained,
            (true, false) => Became::Lost,
            (true, true) if authority(self.from) != authority(self.to) => Became::Changed,
            (true, true) => return None,
        };
        let moments = Moments::new(&shown.views.timeline, points(question), self.to);
        let since = match became {
            Became::Gained | Became::Lost => moments.since(self.to, &has),
            Became::Changed => {
                let now = authority(self.to);
                moments.since(self.to, &|point| authority(point) == now)
            }
        };
        Some((became, since?))
    }

    /// The rights of an account that anything can have become of.
    fn may_have_changed(&self, shown: &Shown<'_>, who: u32) -> Vec<(Capability, On)> {
        let views = shown.views;
        let anything = self.shared.everything || Own::of(views, who, self.from) != Own::of(views, who, self.to);
        let mut rights = Vec::new();
        for capability in Capability::ALL {
            self.of_capability(shown, who, *capability, anything, &mut rights);
        }
        rights
    }

    fn of_capability(
        &self,
        shown: &Shown<'_>,
        who: u32,
        capability: Capability,
        anything: bool,
        into: &mut Vec<(Capability, On)>,
    ) {
        let mut put = |on: On| into.push((capability, on));
        let things = |things: &[Thing], put: &mut dyn FnMut(On), on: fn(u32) -> On| {
            things.iter().filter(|thing| anything || thing.changed).for_each(|thing| put(on(thing.number)));
        };
        match capability.on() {
            OnKind::Nothing if anything => put(On::Nothing),
            OnKind::Account if anything || self.shared.visibility => {
                put(On::Account(None));
                put(On::Account(Some(who)));
            }
            OnKind::Nothing | OnKind::Account => {}
            OnKind::App => {
                let apps = shown.views.app_users.apps_of(who).map(|(app, _)| app);
                apps.filter(|app| anything || self.shared.apps.contains(app)).for_each(|app| put(On::App(app)));
            }
            OnKind::Object if content(capability) => things(&self.shared.covered, &mut put, On::Object),
            OnKind::Object => things(&self.shared.objects, &mut put, On::Object),
            OnKind::Query => things(&self.shared.queries, &mut put, On::Object),
            OnKind::Organisation => {
                if anything {
                    put(On::Organisation(ANY_ORGANISATION));
                }
                if anything || self.shared.organisations {
                    self.own_organisations(shown, who).into_iter().for_each(|number| put(On::Organisation(number)));
                }
            }
            OnKind::Community => things(&self.shared.communities, &mut put, On::Community),
        }
    }
}

impl Comparison {
    /// The organisations that an account has to do with at one of the points, each once.
    fn own_organisations(&self, shown: &Shown<'_>, who: u32) -> Vec<u32> {
        let organisations = &shown.views.organisations;
        let administered = organisations.administered_by(who).map(|(number, _)| number);
        let mut own: Vec<u32> = administered.chain(organisations.organisations_of(who)).collect();
        own.retain(|number| {
            [self.from, self.to].iter().any(|point| {
                organisations.member(who, *number, *point).is_some()
                    || organisations.administrator(who, *number, *point).is_some()
            })
        });
        own.sort_unstable();
        own.dedup();
        own
    }
}

/// Whether it is a right by content authority groups rather than by access settings.
fn content(capability: Capability) -> bool {
    capability.name().starts_with("content.")
}

/// Whether the account is there.
fn there(question: &Question<'_>) -> bool {
    let Who::Account(who) = question.who else { return false };
    question.views.accounts.exists(who, question.as_of.position)
}

/// Whether the account is there and has the right.
fn has(question: &Question<'_>, capability: Capability) -> bool {
    there(question) && allowed(question, capability)
}

/// The entry that gave the right, where the account is there and has it.
fn authority(question: &Question<'_>, capability: Capability) -> Option<Position> {
    if !there(question) {
        return None;
    }
    match may(question, capability) {
        Verdict::Allowed { authority } => Some(authority),
        Verdict::Refused(_) => None,
    }
}

fn on_words(shown: &Shown<'_>, question: &Question<'_>, named: &Named) -> Option<String> {
    match question.on {
        On::Object(ROOT) => Some("/".to_owned()),
        On::Organisation(ANY_ORGANISATION) => None,
        On::Nothing
        | On::Account(_)
        | On::App(_)
        | On::Object(_)
        | On::Organisation(_)
        | On::Community(_)
        | On::Contact { .. } => named.on(shown, question),
    }
}
