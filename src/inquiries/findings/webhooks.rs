//! Findings of webhooks: those that have been failing for long, and those that did not take everything.

use grantbook_events::Position;
use grantbook_projections::{Cause, Webhook};

use super::{Find, FindingRule, Met};
use crate::shown::Shown;
use crate::views::delivery_trouble;

pub(super) const RULES: &[FindingRule] = &[
    FindingRule {
        code: "webhook-failing",
        rule: None,
        words: "deliveries to a webhook have been failing for an hour or more",
        find: Find::All(failing),
    },
    FindingRule {
        code: "webhook-dead-letters",
        rule: None,
        words: "entries were not delivered to a webhook, and are not tried again by themselves",
        find: Find::All(dead_letters),
    },
];

/// Open from the entry that says so to the one that says that it is well again, or removes it.
fn failing(shown: &Shown<'_>) -> Vec<Met> {
    let mut met = Vec::new();
    for (added, failing) in shown.views.webhooks.histories() {
        let Some(failing) = failing else { continue };
        let mut changes = failing.changes_to(shown.position()).peekable();
        while let Some((opened, failure)) = changes.next() {
            let Some(failure) = failure else { continue };
            // Said again while it lasts, it is the same finding.
            while changes.next_if(|(_, next)| next.is_some()).is_some() {}
            let Some(Some(webhook)) = added.at(opened) else { continue };
            met.push(Met {
                subject: webhook.name.as_str().to_owned(),
                opened: Cause::Entry(opened),
                closed: changes.peek().map(|(closed, _)| Cause::Entry(*closed)),
                detail: format!(
                    "nothing has been delivered to {} since {}: {}",
                    webhook.url,
                    failure.since,
                    delivery_trouble(failure.problem, failure.status)
                ),
            });
        }
    }
    met
}

/// Open while an entry is given up and not delivered after all.
fn dead_letters(shown: &Shown<'_>) -> Vec<Met> {
    let mut met = Vec::new();
    for (added, _) in shown.views.webhooks.histories() {
        for (_, webhook) in added.changes_to(shown.position()) {
            if let Some(webhook) = webhook {
                met.extend(undelivered(shown, webhook));
            }
        }
    }
    met
}

fn undelivered(shown: &Shown<'_>, webhook: &Webhook) -> Vec<Met> {
    // Which entry made one more of them, or one fewer.
    let mut steps: Vec<(Position, bool)> = Vec::new();
    for history in shown.views.webhooks.letter_histories(webhook.secret) {
        let mut there = false;
        for (position, letter) in history.changes_to(shown.position()) {
            if letter.is_some() != there {
                there = letter.is_some();
                steps.push((position, there));
            }
        }
    }
    steps.sort_unstable();
    let (mut met, mut open, mut ever, mut left) = (Vec::new(), None, 0_u32, 0_u32);
    for (index, (position, more)) in steps.iter().enumerate() {
        if *more {
            open = open.or(Some(*position));
            (ever, left) = (ever + 1, left + 1);
        } else {
            left = left.saturating_sub(1);
        }
        // What one entry does counts together.
        let same_entry = steps.get(index + 1).is_some_and(|(next, _)| next == position);
        if left == 0
            && !same_entry
            && let Some(opened) = open.take()
        {
            met.push(letters(webhook, opened, Some(*position), ever));
            ever = 0;
        }
    }
    met.extend(open.map(|opened| letters(webhook, opened, None, left)));
    met
}

fn letters(webhook: &Webhook, opened: Position, closed: Option<Position>, many: u32) -> Met {
    let entries = if many == 1 { "1 entry".to_owned() } else { format!("{many} entries") };
    let detail = match closed {
        None => format!("{entries} not delivered: `redeliver_webhook` sends them once more"),
        Some(_) => format!("{entries} had not been delivered"),
    };
    let subject = webhook.name.as_str().to_owned();
    Met { subject, opened: Cause::Entry(opened), closed: closed.map(Cause::Entry), detail }
}

#[cfg(test)]
pub(crate) mod for_tests {
    use grantbook_events::{Event, Position, ReadinessProblem, SecretVersion, SiteUrl, WebhookEvent, WebhookName};

    pub(crate) fn added(name: &str) -> Event {
        let (webhook, url) = (WebhookName::new(name).unwrap(), SiteUrl::new("https://siem.example.org/in").unwrap());
        // No two of them have one secret.
        let secret = SecretVersion(name.bytes().fold(7, |sum, byte| sum * 31 + u64::from(byte)));
        Event::Webhook(WebhookEvent::WebhookAdded { webhook, url, events: Vec::new(), secret })
    }

    pub(crate) fn removed(name: &str) -> Event {
        Event::Webhook(WebhookEvent::WebhookRemoved { webhook: WebhookName::new(name).unwrap() })
    }

    pub(crate) fn given_up(name: &str, position: u64) -> Event {
        let (webhook, position) = (WebhookName::new(name).unwrap(), Position(position));
        let (attempts, problem, status) = (10, ReadinessProblem::Status, Some(500));
        Event::Webhook(WebhookEvent::WebhookDeliveryGivenUp { webhook, position, attempts, problem, status })
    }
}

#[cfg(test)]
mod tests {
    use super::for_tests::{added, given_up, removed};
    use crate::findings::for_tests::of;
    use crate::history_for_tests::History;
    use grantbook_events::{Event, Instant, Position, ReadinessProblem, WebhookEvent, WebhookName};
    use grantbook_projections::Cause;

    fn name() -> WebhookName {
        WebhookName::new("siem").unwrap()
    }

    fn failing() -> Event {
        let (since, problem) = (Instant::parse("2026-01-01T00:00:00Z").unwrap(), ReadinessProblem::Unreachable);
        let (position, attempts, status) = (Position(2), 12, None);
        Event::Webhook(WebhookEvent::WebhookFailing { webhook: name(), position, since, attempts, problem, status })
    }

    fn recovered() -> Event {
        Event::Webhook(WebhookEvent::WebhookRecovered { webhook: name(), position: Position(2) })
    }

    fn delivered(position: u64) -> Event {
        Event::Webhook(WebhookEvent::WebhookRedelivered { webhook: name(), position: Position(position) })
    }

    fn spans(history: &History, code: &str) -> Vec<(Cause, Option<Cause>)> {
        of(history, code).into_iter().map(|found| (found.opened, found.closed)).collect()
    }

    #[test]
    fn a_webhook_is_failing_until_it_takes_something_or_is_removed() {
        let mut history = History::example();
        history.act("manager", vec![added("siem")]);
        let first = history.act("manager", vec![failing()]);
        history.act("manager", vec![failing()]);
        let well = history.act("manager", vec![recovered()]);
        let again = history.act("manager", vec![failing()]);
        let found = of(&history, "webhook-failing");
        assert!(found[0].detail.contains("no connection"), "{}", found[0].detail);
        let removed = history.act("manager", vec![removed("siem")]);
        let expected =
            [(Cause::Entry(first), Some(Cause::Entry(well))), (Cause::Entry(again), Some(Cause::Entry(removed)))];
        assert_eq!(spans(&history, "webhook-failing"), expected);
    }

    #[test]
    fn dead_letters_are_one_finding_until_the_last_is_delivered() {
        let mut history = History::example();
        history.act("manager", vec![added("siem")]);
        let opened = history.act("manager", vec![given_up("siem", 3)]);
        history.act("manager", vec![given_up("siem", 4)]);
        assert!(of(&history, "webhook-dead-letters")[0].detail.starts_with("2 entries"));
        history.act("manager", vec![delivered(3)]);
        assert_eq!(spans(&history, "webhook-dead-letters"), [(Cause::Entry(opened), None)]);
        let closed = history.act("manager", vec![delivered(4)]);
        assert_eq!(spans(&history, "webhook-dead-letters"), [(Cause::Entry(opened), Some(Cause::Entry(closed)))]);
        let opened = history.act("manager", vec![given_up("siem", 5)]);
        let removed = history.act("manager", vec![removed("siem")]);
        assert_eq!(spans(&history, "webhook-dead-letters")[1], (Cause::Entry(opened), Some(Cause::Entry(removed))));
    }
}
