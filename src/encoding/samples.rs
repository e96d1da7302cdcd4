//! One example of every event type, and of every kind of entry around events: for golden bytes and for the tests of other
//! rooms. Optional fields are both set and unset somewhere. The examples obey no rule beyond the form of their values.
//!
//! A new event type adds an example at the end of its chapter's list: the golden lines of those before keep their names.

mod events;

use grantbook_events::{
    AccountId, Actor, BadName, CommandName, CommandNote, Entry, Event, ImportNote, Instant, KeyId, OperatorName,
    Position, Recorded, RoleEvent, RoleName, Sealed, Source, Ticket,
};

/// An example and what it is called among the golden lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sample {
    /// The chapter of its event, in snake case, or `entry` for examples of entries rather than events.
    pub chapter: &'static str,
    /// The type of its event, with `-2`, `-3` for further examples of the same; or what is special about the entry.
    pub name: String,
    /// The entry.
    pub entry: Entry,
}

/// 2026-11-21T09:30:00Z, when all examples happen.
pub fn sample_at() -> Instant {
    Instant::from_microseconds(1_795_253_400_000_000)
}

/// The key of the sealed values that tests let be opened; every other is taken for erased.
pub const SAMPLE_KEY: KeyId = KeyId(0x5ea1_0000_0000_0001);

/// The examples' entries.
pub fn samples() -> Vec<Entry> {
    named_samples().into_iter().map(|sample| sample.entry).collect()
}

/// The examples with their names, in the order of the golden lines.
pub fn named_samples() -> Vec<Sample> {
    // The names in the examples are well formed; were one not, the test that looks for every event type would say so.
    all().unwrap_or_default()
}

fn all() -> Result<Vec<Sample>, BadName> {
    let mut found = Vec::<Sample>::new();
    for (chapter, events) in events::by_chapter()? {
        for event in events {
            let kind = event.kind();
            let before =
                found.iter().filter(|sample| sample.entry.events.iter().any(|of| of.event.kind() == kind)).count();
            let name = if before == 0 { kind.to_owned() } else { format!("{kind}-{}", before + 1) };
            found.push(Sample { chapter, name, entry: around(event)? });
        }
    }
    let entries = entries()?.into_iter();
    found.extend(entries.map(|(name, entry)| Sample { chapter: "entry", name: name.to_owned(), entry }));
    Ok(found)
}

/// An ordinary entry: an account acts, by its session and the authority of an earlier entry.
fn around(event: Event) -> Result<Entry, BadName> {
    Ok(Entry {
        at: sample_at(),
        recorded_at: None,
        actor: Actor::Account { id: AccountId::new("bob")?, session: Some(Position(12)) },
        commands: vec![CommandNote { name: CommandName::new("sample")?, reason: None }],
        command_id: *b"sixteen bytes id",
        keyed: false,
        cause: None,
        ticket: None,
        source: Source::Inherited,
        import: None,
        events: vec![Recorded { authority: Some(Position(4)), command: 0, event }],
    })
}

fn entries() -> Result<Vec<(&'static str, Entry)>, BadName> {
    let assigned = |account: &str| {
        let (account, role) = (AccountId::new(account)?, RoleName::new("RemoteService")?);
        Ok::<_, BadName>(Event::Role(RoleEvent::RoleAssigned { account, role, until: None }))
    };
    let base = around(assigned("jeff")?)?;
    let system = Recorded { authority: None, command: 0, event: assigned("jeff")? };
    let second = Recorded { authority: Some(Position(70_000)), command: 1, event: assigned("erika.muster-1")? };
    let note = |name: &str, reason: Option<&str>| {
        Ok::<_, BadName>(CommandNote { name: CommandName::new(name)?, reason: reason.map(str::to_owned) })
    };
    let sealed = Sealed { key: SAMPLE_KEY, bytes: (0..=40).collect() };
    let account = |id: &str| Ok::<_, BadName>(Actor::Account { id: AccountId::new(id)?, session: None });
    Ok(vec![
        ("system", Entry { actor: Actor::System, events: vec![system.clone()], ..base.clone() }),
        ("guest", Entry { actor: Actor::Guest, source: Source::Sealed(sealed.clone()), ..base.clone() }),
        ("account_without_session", Entry { actor: account("jeff")?, ..base.clone() }),
        (
            "support_with_ticket_and_cause",
            Entry {
                actor: Actor::Support { operator: OperatorName::new("Ann Operator")? },
                cause: Some(Position(251)),
                ticket: Some(Ticket::new("T-2026/17")?),
                source: Source::Plain("192.0.2.7 curl/8.5 (x86_64)".to_owned()),
                ..base.clone()
            },
        ),
        (
            "support_without_user_agent",
            Entry {
                actor: Actor::Support { operator: OperatorName::new("root")? },
                source: Source::Plain("local".to_owned()),
                ..base.clone()
            },
        ),
        (
            "reason",
            Entry {
                commands: vec![note("assign_role", Some("covers Bob's leave, \u{fc}ber \u{1f4d6}\n2 lines"))?],
                ..base.clone()
            },
        ),
        (
            "batch",
            Entry {
                commands: vec![note("assign_role", None)?, note("assign_role", Some("both"))?],
                events: vec![system, second],
                ..base.clone()
            },
        ),
        (
            "import",
            Entry {
                at: Instant::from_microseconds(-1),
                recorded_at: Some(sample_at()),
                actor: account("p141f")?,
                import: Some(ImportNote {
                    started: Position(2),
                    line: 1_000,
                    source: "change 310".to_owned(),
                    chain: u64::MAX,
                }),
                ..base.clone()
            },
        ),
        (
            "import_without_source",
            Entry {
                recorded_at: Some(sample_at().plus_days(1)),
                import: Some(ImportNote { started: Position(2), line: 1, source: String::new(), chain: 0 }),
                ..base.clone()
            },
        ),
        ("clear_source", Entry { source: Source::Sealed(Sealed::clear("2001:db8::1 Firefox/140")), ..base.clone() }),
        ("erased_source", Entry { source: Source::Sealed(Sealed { key: KeyId(9), ..sealed }), ..base.clone() }),
        ("earliest", Entry { at: Instant::EARLIEST, command_id: [0; 16], keyed: true, ..base.clone() }),
        ("latest", Entry { at: Instant::LATEST, command_id: [255; 16], ..base.clone() }),
        ("no_events", Entry { events: Vec::new(), ..base }),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_type_has_an_example() {
        let samples = samples();
        for description in Event::descriptions() {
            let mut all = samples.iter().flat_map(|entry| &entry.events);
            assert!(all.any(|of| of.event.kind() == description.kind), "{} has no example", description.kind);
        }
    }

    #[test]
    fn every_optional_field_is_set_and_unset_somewhere() {
        let samples = samples();
        for description in Event::descriptions() {
            for (name, _) in description.fields.iter().filter(|(_, written)| written.starts_with("Option")) {
                let events = samples.iter().flat_map(|entry| &entry.events).map(|of| &of.event);
                let values = events.filter(|event| event.kind() == description.kind).map(|event| {
                    let form = serde_json::to_value(event).unwrap();
                    form[description.chapter][description.variant][name].is_null()
                });
                let values = values.collect::<Vec<_>>();
                assert!(values.contains(&true) && values.contains(&false), "{}.{name}", description.kind);
            }
        }
    }
}
