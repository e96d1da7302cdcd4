//! Who can: every account that has a right, as of one point or at any time of a span, and when.

use grantbook_projections::{AsOf, Cause, Moments};
use grantbook_rights::{Capability, On, Question, Standing, Who, allowed, candidates_on, points};
use serde_json::{Map, Value, json};

use crate::ask::{AskError, asked_on};
use crate::deed::{Deed, deed};
use crate::shortest::{ShortReason, short_reason};
use crate::shown::{self, Shown};
use crate::whom::Whom;
use crate::why::Named;

/// What is asked: who may do something, on something, as of the point of the [`Shown`] or at any time from another on.
#[derive(Clone, Copy, Debug)]
pub struct WhoAsked {
    /// What.
    pub capability: Capability,
    /// On what.
    pub on: On,
    /// Freshly signed in, or by what was granted.
    pub standing: Standing,
    /// Where the span begins; `None` for one point.
    pub from: Option<AsOf>,
}

/// A stretch of time in which an account had the right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Interval {
    /// What gave it.
    pub from: Deed,
    /// What took it; `None` where it is still there at the end.
    pub to: Option<Deed>,
}

/// An account that can, or could.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Able {
    /// The account, by number.
    pub who: u32,
    /// Its id.
    pub account: String,
    /// Its full name, opened.
    pub name: Option<String>,
    /// The shortest reason: of the end, or of the last moment at which it could.
    pub reason: ShortReason,
    /// When; empty where it is asked as of one point.
    pub intervals: Vec<Interval>,
}

/// The answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WhoCan {
    /// What was asked for.
    pub capability: Capability,
    /// On what, by name.
    pub on: Option<String>,
    /// From where it was looked at: of a span, its end.
    pub as_of: AsOf,
    /// Where the span begins.
    pub from: Option<AsOf>,
    /// Whether guests can too, or could: then everybody can.
    pub guest: bool,
    /// The accounts, by id.
    pub accounts: Vec<Able>,
}

/// What is asked of nobody in particular: `capability` on `on` as they come from outside. Errors: what is named is unknown
/// or malformed.
pub fn who_asked(
    shown: &Shown<'_>,
    capability: &str,
    on: Option<&str>,
    standing: Standing,
    from: Option<AsOf>,
) -> Result<WhoAsked, AskError> {
    let (capability, on) = asked_on(shown.views, shown.as_of, capability, on)?;
    Ok(WhoAsked { capability, on, standing, from })
}

/// How many accounts are looked at in one go where nobody waits for a turn.
const A_SLICE: usize = 512;

/// Every account that can, by id.
pub fn who_can(shown: &Shown<'_>, asked: &WhoAsked) -> WhoCan {
    let mut search = Search::of(shown, asked);
    while search.goes_on(shown, A_SLICE) {}
    search.found()
}

/// A question put to one account after the other, so that whoever asks can let others have a turn in between: the answer is
/// the same whatever was recorded meanwhile.
#[derive(Clone, Debug)]
pub struct Search {
    asked: WhoAsked,
    whom: Whom,
    found: WhoCan,
}

impl Search {
    /// Begins.
    pub fn of(shown: &Shown<'_>, asked: &WhoAsked) -> Search {
        Search { asked: *asked, whom: asked.whom(shown, None), found: WhoCan::of_nobody(shown, asked) }
    }

    /// Begins, of one account alone.
    pub fn of_one(shown: &Shown<'_>, asked: &WhoAsked, who: u32) -> Search {
        Search { whom: Whom::these(shown, vec![who], None), ..Search::of(shown, asked) }
    }

    /// Looks at the next `most` accounts. Whether there are more to look at.
    pub fn goes_on(&mut self, shown: &Shown<'_>, most: usize) -> bool {
        let some = self.whom.next(shown, most);
        self.found.accounts.extend(some.iter().filter_map(|who| able(shown, &self.asked, *who)));
        some.len() == most
    }

    /// What was found, as of the point that was looked from.
    pub fn found(self) -> WhoCan {
        self.found
    }
}

impl WhoAsked {
    /// Whom it can concern: those after the id `after`.
    pub fn whom(&self, shown: &Shown<'_>, after: Option<&str>) -> Whom {
        let first = self.from.unwrap_or(shown.as_of).position;
        match candidates_on(shown.views, self.capability, self.on, first, shown.position()) {
            Some(bounded) => Whom::these(shown, bounded, after),
            None => Whom::everybody(after),
        }
    }
}

fn question<'a>(shown: &Shown<'a>, asked: &WhoAsked, who: Who) -> Question<'a> {
    Question { views: shown.views, who, standing: asked.standing, on: asked.on, as_of: shown.as_of }
}

/// Whether there is such an account and it has the right as of a point.
fn holds(question: &Question<'_>, capability: Capability, as_of: AsOf) -> bool {
    let there = match question.who {
        Who::Guest => true,
        Who::Account(who) => question.views.accounts.exists(who, as_of.position),
    };
    there && allowed(&Question { as_of, ..*question }, capability)
}

/// The stretches in which it had the right that reach into the span; of one point, one where it has it then.
fn held(shown: &Shown<'_>, asked: &WhoAsked, question: &Question<'_>) -> Vec<(Cause, Option<Cause>)> {
    let had = |as_of: AsOf| holds(question, asked.capability, as_of);
    let Some(from) = asked.from else {
        // When it began is not asked for.
        return if had(shown.as_of) { vec![(Cause::Entry(shown.position()), None)] } else { Vec::new() };
    };
    let moments = Moments::new(&shown.views.timeline, points(question), shown.as_of);
    let reaches = |end: &Option<Cause>| end.is_none_or(|end| after(shown.point(end), from));
    moments.stretches(&had).into_iter().filter(|(_, end)| reaches(end)).collect()
}

/// Whether a point is later than another.
fn after(point: AsOf, than: AsOf) -> bool {
    (point.position, point.clock) > (than.position, than.clock)
}

/// An account, and why it can, or could; `None` where it never could.
pub fn able(shown: &Shown<'_>, asked: &WhoAsked, who: u32) -> Option<Able> {
    let question = question(shown, asked, Who::Account(who));
    let stretches = held(shown, asked, &question);
    let (began, ended) = stretches.last()?;
    // Where it is over, what it was as it began: what came in between was enough as well.
    let last = if ended.is_none() { shown.as_of } else { shown.point(*began) };
    let then = Shown { as_of: last, ..*shown };
    let question = Question { as_of: last, ..question };
    let named = Named::of(&then, &question);
    let reason = short_reason(shown, &question, asked.capability, &named)?;
    let told = |cause: Cause| deed(shown, &question, asked.capability, &named, cause);
    let interval = |(from, to): &(Cause, Option<Cause>)| Interval { from: told(*from), to: to.map(told) };
    let intervals = if asked.from.is_some() { stretches.iter().map(interval).collect() } else { Vec::new() };
    Some(Able { who, account: shown.id(who).to_owned(), name: shown.name(who), reason, intervals })
}

impl WhoCan {
    /// The answer before anybody was looked at.
    pub fn of_nobody(shown: &Shown<'_>, asked: &WhoAsked) -> WhoCan {
        let question = question(shown, asked, Who::Guest);
        WhoCan {
            capability: asked.capability,
            on: Named::of(shown, &question).on(shown, &question),
            as_of: shown.as_of,
            from: asked.from,
            guest: !held(shown, asked, &question).is_empty(),
            accounts: Vec::new(),
        }
    }

    /// The answer as JSON.
    pub fn json(&self) -> Value {
        let mut answer = Map::new();
        answer.insert("as_of".to_owned(), shown::as_of(self.as_of));
        if let Some(from) = self.from {
            answer.insert("from".to_owned(), shown::as_of(from));
            answer.insert("to".to_owned(), shown::as_of(self.as_of));
        }
        let (name, words) = (self.capability.name(), self.capability.words());
        answer.insert("question".to_owned(), json!({"do": name, "words": words, "on": self.on}));
        answer.insert("guest".to_owned(), self.guest.into());
        let spanned = self.from.is_some();
        answer.insert("accounts".to_owned(), self.accounts.iter().map(|able| able.json(spanned)).collect());
        // Nobody follows on these: pages are their readers' doing.
        answer.insert("next".to_owned(), Value::Null);
        Value::Object(answer)
    }
}

impl Able {
    /// As a row of the answer, with when it could where that was asked of a span.
    pub fn json(&self, spanned: bool) -> Value {
        let mut row = Map::new();
        row.insert("account".to_owned(), self.account.as_str().into());
        row.insert("name".to_owned(), self.name.as_deref().into());
        row.insert("reason".to_owned(), self.reason.json());
        if spanned {
            row.insert("intervals".to_owned(), self.intervals.iter().map(Interval::json).collect());
        }
        Value::Object(row)
    }
}

impl Interval {
    fn json(&self) -> Value {
        let to = self.to.as_ref();
        json!({
            "from": shown::cause(self.from.cause),
            "to": shown::maybe_cause(to.map(|to| to.cause)),
            "began": self.from.json(),
            "ended": to.map_or(Value::Null, Deed::json),
        })
    }
}
