//! A backup, as the local operator's act: the server writes the file, on its own disk.

use std::path::PathBuf;

use axum::Json;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use grantbook_ledger::backup::{BackupError, BackupTaken};
use serde_json::{Value, json};

use super::body;
use super::problem::{Problem, ProblemKind};
use super::visit::Visit;

/// Takes a backup. The answer comes when the file is whole, read back, in its place and recorded.
pub(crate) async fn take(visit: Visit, given: Body) -> Result<Response, Problem> {
    let operator = visit.operator()?;
    let body = body::json(&visit.headers, given).await?;
    visit.params.finish()?;
    body::only(&body, &["file"])?;
    let file = PathBuf::from(body::text(&body, "file")?);
    if !file.is_absolute() || file.file_name().is_none() {
        return Err(Problem::malformed("file", "expected the absolute path of a file that is not there yet"));
    }
    let taken = visit.ledger().backup(&operator, &file, |_, _| {}).await.map_err(|error| problem(&error))?;
    let BackupTaken { whole, bytes } = taken;
    let streams: Value = whole
        .contents
        .streams
        .iter()
        .map(|(stream, last, root)| {
            let root: String = root.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({"stream": stream.as_str(), "last": last, "root": root})
        })
        .collect();
    let answer = json!({
        "file": file.to_string_lossy(), "bytes": bytes, "entries": whole.entries, "secrets": whole.secrets, "files": whole.files,
        "digest": whole.digest, "taken_at": whole.contents.taken_at, "streams": streams,
    });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

fn problem(error: &BackupError) -> Problem {
    match error {
        BackupError::Exists(_) => Problem::malformed("file", error.to_string()),
        BackupError::NotWritten { .. }
        | BackupError::Journal(_)
        | BackupError::Vault(_)
        | BackupError::NotReadBack(_)
        | BackupError::NotRecorded(_) => Problem::new(ProblemKind::NotStored, error.to_string()),
    }
}
