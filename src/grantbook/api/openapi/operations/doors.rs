//! The doors, and giving commands.

use super::{ASK, DOOR, JSON, Operation, RECORDED, Who};

/// Every route of it.
pub(super) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/v1/tenants/{cloud_id}/sign-in",
        id: "signIn",
        summary: "Sign in",
        words: "The refusal is one same sentence, whatever the cause (rule: C11). Where the password was set by somebody else, `token` is null and `/change-password` comes first (rule: C16).",
        body: &[(JSON, "{username=login, password, code?, plane?, client?, browser?}")],
        answers: &[(
            200,
            JSON,
            "{token, expires_at, account, became_admin, must_change_password, must_enrol_second_factor, position=position_or_none}",
        )],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/sign-out",
        id: "signOut",
        summary: "End this session",
        answers: &[(204, "", "")],
        problems: &[401, 422, 503],
        who: Who::Account,
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/change-password",
        id: "changePassword",
        summary: "Change a password that somebody else set",
        body: &[(JSON, "{username=login, old, new, code?}")],
        answers: &[(204, "", "")],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/forgot-password",
        id: "forgotPassword",
        summary: "Ask for a link that sets a new password",
        words: "The answer is the same whether there is such an account or not (rule: P1).",
        body: &[(JSON, "{username=login}")],
        answers: &[(202, JSON, "{detail}")],
        problems: &[400, 413, 415, 422],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/forgot-username",
        id: "forgotUsername",
        summary: "Ask for one's username by mail",
        body: &[(JSON, "{email=address}")],
        answers: &[(202, JSON, "{detail}")],
        problems: &[400, 413, 415, 422],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reset-password",
        id: "resetPasswordPage",
        method: "get",
        summary: "The page that a link in a mail opens",
        answers: &[(200, "text/html", "")],
        problems: &[],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/reset-password",
        id: "resetPassword",
        summary: "Set a new password with the token of a mail",
        body: &[(JSON, "{token=secret, new}")],
        answers: &[(204, "", "")],
        ..DOOR
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/commands",
        id: "command",
        tag: "commands",
        method: "post",
        summary: "Give a command, or several as one entry",
        words: "201 once the entry is durable, 200 for a dry run. With an Idempotency-Key the same command is carried out once, however often it is sent.",
        takes: &["dry_run", "Idempotency-Key", "If-Match"],
        body: &[(JSON, "@Commands")],
        answers: RECORDED,
        problems: &[400, 401, 403, 404, 409, 412, 413, 415, 422, 429, 503],
        who: Who::Account,
    },
    Operation {
        path: "/v1/tenants/{cloud_id}/commands/{key}",
        id: "commandOutcome",
        tag: "commands",
        summary: "What came of a command whose answer was lost",
        takes: &[],
        answers: &[(200, JSON, "{position, entry: @Entry}")],
        who: Who::Account,
        ..ASK
    },
];
