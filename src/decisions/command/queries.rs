//! Commands on queries.

use grantbook_events::{ObjectPath, QueryName};

use super::description::{CommandDescription, Door, FieldDescription, FieldKind};
use super::form::Known;
use super::written::Written;
use super::{Command, Malformed};

/// What may be asked to happen to queries.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum QueryCommand {
    /// Create one.
    CreateQuery {
        /// Its name.
        query: QueryName,
        /// Whether it came with the platform (rule: Q1).
        out_of_box: bool,
        /// Whether it is available over the API (rule: Q2).
        via_api: bool,
        /// Whether what it answers holds personal data (rule: Q3).
        personal_data: bool,
        /// Whether it answers only what is about the caller (rule: Q3).
        filtered_to_caller: bool,
    },
    /// Edit one.
    EditQuery {
        /// Its name.
        query: QueryName,
        /// Whether it is available over the API, where that is to change.
        via_api: Option<bool>,
        /// Whether what it answers holds personal data, where that is to change.
        personal_data: Option<bool>,
        /// Whether it answers only what is about the caller, where that is to change.
        filtered_to_caller: Option<bool>,
    },
}

const QUERY: FieldDescription = FieldDescription::required("query", FieldKind::Name, "The name of the query.");
const VIA_API: FieldDescription =
    FieldDescription::optional("via_api", FieldKind::Boolean, "Whether it is available over the API.");
const PERSONAL_DATA: FieldDescription =
    FieldDescription::optional("personal_data", FieldKind::Boolean, "Whether what it answers holds personal data.");
const FILTERED: FieldDescription = FieldDescription::optional(
    "filtered_to_caller",
    FieldKind::Boolean,
    "Whether it answers only what is about the caller.",
);

pub(super) const KNOWN: &[Known] = &[
    Known {
        description: CommandDescription {
            name: "create_query",
            door: Door::Tenant,
            words: "Create a query, for staff only.",
            fields: &[
                QUERY,
                FieldDescription::optional(
                    "out_of_box",
                    FieldKind::Boolean,
                    "Whether it came with the platform, so that its security cannot be changed.",
                ),
                VIA_API,
                PERSONAL_DATA,
                FILTERED,
            ],
            grants: false,
        },
        read: |form| {
            let query = form.named("query", QueryName::new)?;
            object_of(&query).ok_or_else(|| {
                Malformed::new("query", format!("`{query}` cannot be part of an object path, which its object has"))
            })?;
            Ok(Command::Query(QueryCommand::CreateQuery {
                query,
                out_of_box: form.boolean("out_of_box", false)?,
                via_api: form.boolean("via_api", false)?,
                personal_data: form.boolean("personal_data", false)?,
                filtered_to_caller: form.boolean("filtered_to_caller", false)?,
            }))
        },
    },
    Known {
        description: CommandDescription {
            name: "edit_query",
            door: Door::Tenant,
            words: "Edit a query.",
            fields: &[QUERY, VIA_API, PERSONAL_DATA, FILTERED],
            grants: false,
        },
        read: |form| {
            Ok(Command::Query(QueryCommand::EditQuery {
                query: form.named("query", QueryName::new)?,
                via_api: form.maybe_boolean("via_api")?,
                personal_data: form.maybe_boolean("personal_data")?,
                filtered_to_caller: form.maybe_boolean("filtered_to_caller")?,
            }))
        },
    },
];

/// The path of the object that a query is: a name that begins with `/` is that path, any other lies below `/queries`.
pub(crate) fn object_of(query: &QueryName) -> Option<ObjectPath> {
    let name = query.as_str();
    let path = if name.starts_with('/') { name.to_owned() } else { format!("/queries/{name}") };
    ObjectPath::new(&path).ok()
}

impl QueryCommand {
    pub(super) fn name(&self) -> &'static str {
        match self {
            QueryCommand::CreateQuery { .. } => "create_query",
            QueryCommand::EditQuery { .. } => "edit_query",
        }
    }

    pub(super) fn write(&self, to: &mut Written<'_>) {
        match self {
            QueryCommand::CreateQuery { query, out_of_box, via_api, personal_data, filtered_to_caller } => to
                .show("query", query)
                .put("out_of_box", *out_of_box)
                .put("via_api", *via_api)
                .put("personal_data", *personal_data)
                .put("filtered_to_caller", *filtered_to_caller),
            QueryCommand::EditQuery { query, via_api, personal_data, filtered_to_caller } => to
                .show("query", query)
                .put_if("via_api", *via_api)
                .put_if("personal_data", *personal_data)
                .put_if("filtered_to_caller", *filtered_to_caller),
        };
    }
}
