//! Entries in the forms that other programs read: CSV, CloudEvents 1.0, OCSF 1.8, syslog (RFC 5424) and Parquet.
//!
//! What comes in is an entry in its public form, as its reader sees it; what goes out is text. So nothing here can show
//! more than `/events` does, and a form needs to know no event: it renders the event's own description.

mod cloud_events;
mod csv;
mod happened;
mod ocsf;
#[cfg(feature = "parquet")]
pub(crate) mod parquet;
pub(crate) mod syslog;
#[cfg(test)]
mod tests;

use happened::Happened;
use serde_json::Value;

/// A form in which entries are handed out, one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// The public form itself, an entry a line.
    JsonLines,
    /// A row an event, under a header.
    Csv,
    /// One CloudEvent an event, in a JSON array (the batch of the CloudEvents JSON format).
    CloudEvents,
    /// One event of the Open Cybersecurity Schema Framework a line.
    Ocsf,
    /// One message of RFC 5424 a line.
    Syslog,
}

impl Format {
    /// Every form.
    pub(crate) const ALL: [Format; 5] =
        [Format::JsonLines, Format::Csv, Format::CloudEvents, Format::Ocsf, Format::Syslog];

    /// What it is called in `format=`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::JsonLines => "ndjson",
            Format::Csv => "csv",
            Format::CloudEvents => "cloudevents",
            Format::Ocsf => "ocsf",
            Format::Syslog => "syslog",
        }
    }

    /// What an answer in it is called in `Content-Type`.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Format::JsonLines | Format::Ocsf => "application/x-ndjson",
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::CloudEvents => "application/cloudevents-batch+json",
            Format::Syslog => "text/plain; charset=utf-8",
        }
    }

    /// The form of that name.
    pub(crate) fn named(name: &str) -> Option<Format> {
        // `jsonl` is what the command line calls it.
        let name = if name == "jsonl" { "ndjson" } else { name };
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The form that a media type of `Accept` asks for, given without its parameters. `application/vnd.ocsf+json` is our
    /// word for OCSF, which has none.
    pub(crate) fn accepted(media: &str) -> Option<Format> {
        match media {
            "application/x-ndjson" | "application/jsonl" => Some(Format::JsonLines),
            "text/csv" => Some(Format::Csv),
            "application/cloudevents-batch+json" => Some(Format::CloudEvents),
            "application/vnd.ocsf+json" => Some(Format::Ocsf),
            _ => None,
        }
    }
}

/// An export under way: what it hands out, joined, is one document of its form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Export {
    format: Format,
    /// Whether what stands before the first was handed out.
    begun: bool,
    /// What parts the next from the one before.
    between: &'static str,
}

impl Export {
    pub(crate) fn new(format: Format) -> Export {
        Export { format, begun: false, between: "" }
    }

    /// The text of more entries.
    pub(crate) fn entries(&mut self, entries: &[Value]) -> String {
        let mut text = self.begin();
        for entry in entries {
            match self.format {
                Format::JsonLines => text.push_str(&format!("{entry}\n")),
                Format::Csv => text.extend(Happened::all(entry).map(|event| csv::row(&event))),
                Format::CloudEvents => {
                    for event in Happened::all(entry) {
                        text.push_str(std::mem::replace(&mut self.between, ",\n"));
                        text.push_str(&cloud_events::event(&event).to_string());
                    }
                }
                Format::Ocsf => {
                    text.extend(Happened::all(entry).map(|event| format!("{}\n", ocsf::event(&event))));
                }
                Format::Syslog => text.extend(syslog::messages(entry).map(|message| format!("{message}\n"))),
            }
        }
        text
    }

    /// What comes after the last.
    pub(crate) fn end(mut self) -> String {
        let mut text = self.begin();
        if self.format == Format::CloudEvents {
            text.push_str("\n]\n");
        }
        text
    }

    fn begin(&mut self) -> String {
        if std::mem::replace(&mut self.begun, true) {
            return String::new();
        }
        match self.format {
            Format::Csv => csv::header(),
            Format::CloudEvents => "[\n".to_owned(),
            Format::JsonLines | Format::Ocsf | Format::Syslog => String::new(),
        }
    }
}
