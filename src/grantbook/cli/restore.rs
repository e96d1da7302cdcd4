use std::path::PathBuf;

use grantbook_ledger::backup::{RestoreError, Restored, Until, rebuild_from_mirror, restore};
use grantbook_ledger::events::{CloudId, Position};
use serde_json::json;

use super::global::{Global, ledger_options, operator};
use super::output::Output;
use super::trouble::{Trouble, expect_there};

/// Makes a ledger's directory from a backup, or its journal from a mirror, and records it, as the local operator
///
/// Everything is checked first; of a backup that is damaged or cut nothing is made, and it says where. Nothing is ever
/// overwritten: `--data` names a directory that is not there or is empty; with `--from-mirror` one that has the vault and no
/// journal.
#[derive(clap::Args)]
pub(crate) struct Restore {
    /// The backup
    #[arg(value_name = "FILE", required_unless_present = "from_mirror", conflicts_with = "from_mirror")]
    file: Option<PathBuf>,
    /// The directory of a mirror, as `serve --mirror` writes it
    #[arg(long, value_name = "DIR")]
    from_mirror: Option<PathBuf>,
    /// The last position that the tenant of `--tenant` is to have; the other tenants are whole
    #[arg(long, value_name = "POSITION", conflicts_with = "from_mirror")]
    to: Option<u64>,
}

impl Restore {
    pub(crate) async fn run(&self, global: &Global, output: &mut Output) -> Result<(), Trouble> {
        global.needs_directory("restore")?;
        if let Some(file) = &self.file {
            expect_there(file, "file")?;
        }
        if let Some(mirror) = &self.from_mirror {
            expect_there(mirror, "folder")?;
        }
        let (options, by) = (ledger_options(&global.data)?, operator()?);
        let restored = match (&self.file, &self.from_mirror) {
            (Some(file), _) => restore(file, &options, &by, self.until(global)?.as_ref()).await,
            (None, Some(mirror)) => rebuild_from_mirror(mirror, &options, &by).await,
            (None, None) => return Err(Trouble::Usage("name a backup, or a mirror with --from-mirror".to_owned())),
        };
        let Restored { streams, digest, remark } = restored.map_err(|error| trouble(&error))?;
        if output.json {
            let rows: serde_json::Value =
                streams.iter().map(|(stream, last)| json!({"stream": stream.as_str(), "last": last})).collect();
            return output.json(&json!({"streams": rows, "digest": digest, "remark": remark}));
        }
        output.note(format_args!("Restored in `{}`. Check it with `grantbook verify`.", global.data.display()));
        if let Some(remark) = remark {
            output.note(format_args!("The mirror's end was torn, as a crash leaves it: {remark}"));
        }
        if self.from_mirror.is_some() {
            output.note(format_args!(
                "What came after the positions below was not in the mirror. If a longer journal may still be found, look for it \
                 before anything but `verify` and `doctor` opens this one: passwords and keys that it does not name are dropped then."
            ));
        }
        let rows: Vec<Vec<String>> =
            streams.iter().map(|(stream, last)| vec![stream.as_str().to_owned(), last.to_string()]).collect();
        output.table(&["stream", "last position"], &rows)?;
        output.line(format_args!("digest {digest}"))
    }

    fn until(&self, global: &Global) -> Result<Option<Until>, Trouble> {
        let Some(position) = self.to else { return Ok(None) };
        let Some(tenant) = &global.tenant else {
            return Err(Trouble::Usage("`--to` is a position of one tenant: name it with `--tenant`".to_owned()));
        };
        let tenant = CloudId::new(tenant).map_err(|wrong| Trouble::Usage(format!("`{tenant}`: {}", wrong.message)))?;
        Ok(Some(Until { tenant, position: Position(position) }))
    }
}

/// A check that failed is one thing, a disk that does not write another.
fn trouble(error: &RestoreError) -> Trouble {
    match error {
        RestoreError::NotEmpty(_)
        | RestoreError::Interrupted { .. }
        | RestoreError::AtWork(_)
        | RestoreError::JournalThere(_)
        | RestoreError::NoVault(_)
        | RestoreError::NoSuchPosition { .. } => Trouble::Usage(error.to_string()),
        RestoreError::Damaged(_) | RestoreError::Mirror(_) => Trouble::Refused(error.to_string()),
        RestoreError::Disk(_)
        | RestoreError::Journal(_)
        | RestoreError::Vault(_)
        | RestoreError::Open(_)
        | RestoreError::NotRecorded(_) => Trouble::Storage(error.to_string()),
    }
}
