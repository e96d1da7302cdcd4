//! The journal, and what proves it.

use super::{ASK, ENTRIES, JSON, Operation, Who};

/// Every route of it.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/v1/tenants/{cloud_id}/case-file",
        id: "caseFile",
        tag: "evidence",
        method: "post",
        summary: "A question, its answer, its entries and their proofs in one file",
        body: &[(
            JSON,
            "{..of_account, ..case} / {..of_everybody, ..case} / {..of_change, ..case} / {..of_view, ..case} / {..of_first_admin, ..case} / {question: @Question, ..case}",
        )],
        answers: &[(200, JSON, "@CaseFile")],
        problems: &[400, 401, 403, 404, 413, 415, 422, 503],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/checkpoint",
        id: "checkpoint",
        tag: "evidence",
        summary: "The signed checkpoint of the newest entries",
        takes: &["cosigned", "format_of_checkpoint", "as_of", "at_least"],
        answers: &[
            (200, "text/plain", ""),
            (
                200,
                JSON,
                "{as_of=as_of_size: {position}, origin, size, root, checkpoint, cosignatures: [@Cosignature], keys=checkpoint_keys: [@CheckpointKey]}",
            ),
        ],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/integrity",
        id: "integrity",
        tag: "evidence",
        summary: "How the book is kept: what was signed last, whether its views were checked, its second copy",
        words: "`checkpoint` is the one that was signed last, null where none was (`nothing_signed` says why, where nothing \
                is any more); `views` how far the live views were compared with the entries: `ok`, `drifted` or `unchecked`; \
                `seal` how the journal was found when it was opened: `new`, `whole`, `broken` (as a crash leaves it) or \
                `removed`, null in memory; `mirror` how many entries the second copy lacks, null where there is none.",
        takes: &["at_least"],
        answers: &[(
            200,
            JSON,
            "{as_of, checkpoint=last_signed: {origin, size, root, signed_at}|null, nothing_signed, views=views_checked: {status=views_status, position?=checked_upto, checked_at?, drifted?}, stored, seal, mirror: @Mirror|null}",
        )],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/checkpoint/cosignatures",
        id: "cosign",
        tag: "evidence",
        method: "post",
        summary: "Hand in a witness's cosignature",
        takes: &[],
        body: &[("text/plain", "")],
        answers: &[(200, JSON, "{taken: [@Cosignature]}")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/proof/inclusion",
        id: "inclusion",
        tag: "evidence",
        summary: "That an entry is in the tree",
        takes: &["position", "size", "as_of", "at_least"],
        answers: &[(
            200,
            JSON,
            "{as_of=as_of_size: {position}, position, index=leaf_index, size, leaf_hash, root, proof, checkpoint}",
        )],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/proof/consistency",
        id: "consistency",
        tag: "evidence",
        summary: "That a later tree only goes on an earlier one",
        takes: &["from_of_tree", "to_of_tree", "as_of", "at_least"],
        answers: &[(
            200,
            JSON,
            "{as_of=as_of_size: {position}, from=from_size, to=to_size, from_root, to_root, proof, checkpoint}",
        )],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/tile/{*path}",
        id: "tile",
        tag: "evidence",
        summary: "A tile of the tree (C2SP tlog-tiles)",
        takes: &["as_of", "at_least"],
        answers: &[(200, "application/octet-stream", "")],
        who: Who::AnybodyOrSigned,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/events",
        id: "events",
        tag: "entries",
        summary: "Entries, a page or all of them",
        words: "A page of JSON, to be gone on with `after`; or everything in another form, by `format` or `Accept`: lines of JSON, CSV, CloudEvents, OCSF, syslog. Everybody sees the events that name them (rule: U2); who may read more sees more (rule: U3).",
        takes: &["actor", "subject", "type", "from", "to", "after", "limit", "order", "format", "as_of", "at_least"],
        answers: ENTRIES,
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/events/stream",
        id: "stream",
        tag: "entries",
        summary: "Entries as they come (Server-Sent Events)",
        words: "Each once, in order, none left out: whoever reconnects gives the last id that was read, as browsers do by themselves. The id is the position. It begins after `after`, or with what came after the point `as_of`; else now. To begin after a position that is not there yet is 404.",
        takes: &["actor", "subject", "type", "after", "as_of", "at_least", "Last-Event-ID"],
        answers: &[(200, "text/event-stream", "")],
        ..ASK
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/events/{position}",
        id: "event",
        tag: "entries",
        summary: "One entry, with what was said against it later",
        answers: &[(200, JSON, "@Entry")],
        ..ASK
    },
];
