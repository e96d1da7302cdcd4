//! The time machine: when how much happened, and what there was at the point that is looked from.

use grantbook_events::{Instant, Position};
use grantbook_projections::Timeline;

use super::page::{Page, Told};
use super::parts::{Body, Cell, Section, Table};
use super::svg::{Bar, chart};
use super::visitor::Visitor;

/// How many bars the chart has at most.
const BARS: i64 = 80;

/// How many of the busiest spans are listed.
const BUSIEST: usize = 10;

pub(crate) async fn page(visitor: Visitor) -> Result<Page, Told> {
    let last = visitor.seen.last;
    let looked = visitor.look("accounts", |shown| {
        let views = shown.views;
        let position = shown.as_of.position;
        let existing = views.names.accounts.all().filter(|(who, _)| views.accounts.exists(*who, position)).count();
        let admins = views.admins.ever(position).filter(|who| views.admins.listed(*who, shown.as_of).is_some()).count();
        let sessions =
            views.sessions.all(position).filter(|session| views.sessions.open(session.position, shown.as_of));
        (spans(&views.timeline, last), existing, admins, sessions.count())
    });
    let (spans, accounts, admins, sessions) = looked.await?;
    let figures = vec![
        ("entries".to_owned(), Cell::Number(visitor.seen.position.0)),
        ("people".to_owned(), Cell::link(visitor.to("people", &[]), accounts.to_string())),
        ("Admin Users listed".to_owned(), Cell::link(visitor.to("admins", &[]), admins.to_string())),
        ("open sessions".to_owned(), Cell::link(visitor.to("view/sessions", &[]), sessions.to_string())),
    ];
    let lead =
        "Move the slider above, or choose a bar: every page shows the tenant as it was then, and its links stay there.";
    let page = visitor.page("Time machine").lead(lead);
    let picture = Body::Picture {
        svg: chart(&bars(&visitor, &spans)),
        caption: "Entries over time; each bar leads to its end".to_owned(),
    };
    let mut busiest: Vec<&Span> = spans.iter().filter(|span| span.count > 0).collect();
    busiest.sort_by_key(|span| std::cmp::Reverse((span.count, span.last)));
    let rows = busiest.into_iter().take(BUSIEST).map(|span| {
        let then = visitor.to_then("time", &span.last.0.to_string());
        vec![
            Cell::Moment(span.from.to_string()),
            Cell::Moment(span.until.to_string()),
            Cell::Number(span.count),
            Cell::Line(vec![
                Cell::link(then, format!("as of entry {}", span.last)),
                Cell::link(between(&visitor, span), "the entries"),
            ]),
        ]
    });
    let table = Table::new("Where most happened", &["from (UTC)", "until", "entries", "look at"]).rows(rows);
    Ok(page
        .section(Section::new("When how much happened").with(picture))
        .section(Section::new("What there was then").with(Body::Facts(figures)))
        .section(Section::new("Where most happened").with(table.into())))
}

fn between(visitor: &Visitor, span: &Span) -> String {
    let (from, to) = ((span.last.0 + 1 - span.count).to_string(), span.last.0.to_string());
    visitor.to("journal", &[("from", &from), ("to", &to)])
}

/// An equal part of the history.
struct Span {
    from: Instant,
    until: Instant,
    count: u64,
    /// The last entry in it or before.
    last: Position,
}

/// The history in equal parts of time.
fn spans(timeline: &Timeline, last: Position) -> Vec<Span> {
    let (first_at, last_at) = (timeline.at(Position(1)).microseconds(), timeline.at(last).microseconds());
    if last.0 == 0 {
        return Vec::new();
    }
    let bound = |part: i64| {
        let within = i128::from(last_at - first_at) * i128::from(part) / i128::from(BARS);
        Instant::from_microseconds(first_at.saturating_add(i64::try_from(within).unwrap_or(i64::MAX)))
    };
    let mut before = Position::START;
    let spans = (0..BARS).map(|part| {
        let until = bound(part + 1);
        let at_end = timeline.position_at(until).min(last);
        let count = at_end.0.saturating_sub(before.0);
        before = at_end;
        Span { from: bound(part), until, count, last: at_end }
    });
    spans.collect()
}

fn bars(visitor: &Visitor, spans: &[Span]) -> Vec<Bar> {
    let mut labelled = String::new();
    let clock = visitor.seen.clock;
    let whole = spans.first().zip(spans.last()).map(|(first, last)| (first.from, last.until));
    let long = whole.is_some_and(|(from, until)| until.microseconds() - from.microseconds() > 400 * 86_400_000_000);
    let every = spans.len().div_ceil(8).max(1);
    let bar = |(index, span): (usize, &Span)| {
        let from = show_moment(span.from);
        let year: String = from.chars().take(4).collect();
        // Years where there are some, else a few moments.
        let label = match long {
            true if labelled != year => year.clone(),
            true => String::new(),
            false if index % every == 0 => from.chars().skip(5).take(14).collect(),
            false => String::new(),
        };
        labelled = year;
        Bar {
            count: span.count,
            words: format!(
                "{} {} up to {}",
                span.count,
                if span.count == 1 { "entry" } else { "entries" },
                show_moment(span.until)
            ),
            to: visitor.to_then("time", &span.last.0.to_string()),
            label,
            here: visitor.past() && span.from < clock && clock <= span.until,
        }
    };
    spans.iter().enumerate().map(bar).collect()
}

fn show_moment(instant: Instant) -> String {
    super::parts::short(&instant.to_string())
}
