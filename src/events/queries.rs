//! Queries: what may be asked of the tenant's data, and which of it over the API (chapter Q).

use crate::describe::chapter;
use crate::{ObjectPath, QueryName};

chapter! {
    /// What happened to queries.
    QueryEvent = "Query" {
        #[doc = "A query was created."]
        QueryCreated = "query_created", Platform, GroupManagement {
            /// Its name.
            query: QueryName,
            /// The object of the tree that it is, which has its access setting.
            object: ObjectPath,
            /// Whether it came with the platform, so that its security cannot be changed (rule: Q1).
            out_of_box: bool,
            /// Whether it is available over the API (rule: Q2).
            via_api: bool,
            /// Whether what it answers holds personal data (rule: Q3).
            personal_data: bool,
            /// Whether it answers only what is about the caller (rule: Q3).
            filtered_to_caller: bool,
        }
        #[doc = "A query was edited."]
        QueryEdited = "query_edited", Platform, GroupManagement {
            /// Its name.
            query: QueryName,
            /// Whether it is available over the API, where that changed.
            via_api: Option<bool>,
            /// Whether what it answers holds personal data, where that changed.
            personal_data: Option<bool>,
            /// Whether it answers only what is about the caller, where that changed.
            filtered_to_caller: Option<bool>,
        }
        #[doc = "A query was deleted."]
        QueryDeleted = "query_deleted", Platform, GroupManagement {
            /// Its name.
            query: QueryName,
        }
    }
}
