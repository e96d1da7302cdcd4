//! How questions grow with a tenant: each asked of tenants of ten thousand, a hundred thousand and a million accounts, the
//! same in everything but how many there are. `cargo bench -p grantbook-inquiries --bench growth -- [ACCOUNTS...]`.
//!
//! Milliseconds of work, the better of two, and how long the answer is (parts, where it is of a fingerprint). What grows
//! with the tenant where its answer does not is what to look for.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a table for whoever runs it, over a history of its own making"
)]

mod book;

use std::time::Instant as Clock;

use book::{Book, account};
use grantbook_events::Sealed;
use grantbook_inquiries::{
    Asked, Comparison, Places, Shown, Tested, VIEWS, able, accounts_page, back_test, can, finding_rules, findings,
    fingerprint_parts, part_fingerprint, story_of_right, view, who_asked, who_can, why,
};
use grantbook_projections::AsOf;
use grantbook_rights::{Capability, On, Question, Standing, Who};

/// A question: what it is called, and how long its answer is.
type Ask<'a> = (String, Box<dyn Fn(&Shown<'_>) -> usize + 'a>);

fn main() {
    let given: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let sizes = if given.is_empty() { vec![10_000, 100_000, 1_000_000] } else { given };
    for accounts in sizes {
        let began = Clock::now();
        let book = Book::of(accounts);
        let entries = book.views.timeline.last();
        println!("{accounts} accounts, {entries} entries, folded in {:.1} s", began.elapsed().as_secs_f64());
        for (name, ask) in questions() {
            let (took, long) = measured(&book, book.now(), &*ask);
            println!("{accounts:>9}  {took:>10.3}  {long:>9}  {name}");
        }
    }
}

/// Milliseconds, and how long the answer is.
fn measured(book: &Book, as_of: AsOf, ask: &dyn Fn(&Shown<'_>) -> usize) -> (f64, usize) {
    let open = |_: &grantbook_events::AccountId, _: &'static str, sealed: &Sealed| sealed.as_clear().map(str::to_owned);
    let shown = Shown { views: &book.views, as_of, open: &open, entry: &|_| None, places: Places::REAL, eyes: None };
    let once = || {
        let began = worked();
        let long = ask(&shown);
        (worked() - began, long)
    };
    let first = once();
    // What takes long is as long twice.
    let second = if first.0 < 2_000.0 { once() } else { first };
    (first.0.min(second.0), first.1)
}

/// Milliseconds that this thread was at work, so that what else the machine does is not measured.
fn worked() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: f64 = told.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default();
    nanoseconds / 1_000_000.0
}

fn questions() -> Vec<Ask<'static>> {
    let mut asks: Vec<Ask<'static>> = vec![
        ("can".to_owned(), Box::new(|shown| can(&one(shown)).to_string().len())),
        ("why".to_owned(), Box::new(|shown| why(shown, &one(shown)).json().to_string().len())),
        ("a page of accounts".to_owned(), Box::new(|shown| accounts_page(shown, "", None, 100).to_string().len())),
        ("who can, of system administrators".to_owned(), Box::new(|shown| who(shown, "roles.assign"))),
        ("who can, of staff".to_owned(), Box::new(|shown| who(shown, "contacts.access"))),
        (
            "the story of a right of staff".to_owned(),
            Box::new(|shown| {
                let from = Some(shown.views.timeline.as_of(shown.views.timeline.last().before()));
                let asked = who_asked(shown, "contacts.access", None, Standing::Fresh, from).unwrap();
                story_of_right(shown, &asked, &who_can(shown, &asked)).json().to_string().len()
            }),
        ),
        (
            "diff of everybody over the last entry".to_owned(),
            Box::new(|shown| {
                let from = shown.views.timeline.as_of(shown.position().before());
                let comparison = Comparison::of(shown, from, Standing::Fresh);
                comparison.accounts(shown).into_iter().filter_map(|who| comparison.account(shown, who)).count()
            }),
        ),
        ("all findings".to_owned(), Box::new(|shown| findings(shown).len())),
    ];
    for rule in finding_rules() {
        let found = |shown: &Shown<'_>| back_test(shown, Tested::Kind(rule.code)).map_or(0, |found| found.len());
        asks.push((format!("finding {}", rule.code), Box::new(found)));
    }
    for (name, _) in VIEWS {
        asks.push((format!("view {name}"), Box::new(|shown| view(name, shown).unwrap().to_string().len())));
    }
    let parts = |shown: &Shown<'_>, section: &'static str| {
        let parts = fingerprint_parts(shown.views, shown.position()).into_iter();
        let parts: Vec<_> = parts.filter(|part| part.section == section).collect();
        // How long one takes is how long the writer waits for it.
        parts.first().map(|part| part_fingerprint(shown.views, shown.position(), *part));
        parts.len()
    };
    for section in ["grants", "organisations", "accounts", "timeline"] {
        asks.push((format!("a part of the fingerprint: {section}"), Box::new(move |shown| parts(shown, section))));
    }
    asks
}

fn one<'a>(shown: &Shown<'a>) -> Asked<'a> {
    let who = shown.views.account(&account(7)).unwrap();
    let (views, as_of) = (shown.views, shown.as_of);
    let question = Question { views, who: Who::Account(who), standing: Standing::Fresh, on: On::Nothing, as_of };
    Asked { question, capability: Capability::RolesAssign }
}

fn who(shown: &Shown<'_>, capability: &str) -> usize {
    let asked = who_asked(shown, capability, None, Standing::Fresh, None).unwrap();
    let mut whom = asked.whom(shown, None);
    std::iter::from_fn(|| whom.next(shown, 1).pop()).filter_map(|who| able(shown, &asked, who)).take(100).count()
}
