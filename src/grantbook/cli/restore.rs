use std::collections::BTreeSet;
use std::path::PathBuf;

use grantbook_ledger::SecretTrouble;
use grantbook_ledger::backup::{Cut, RestoreError, Restored, Until, rebuild_from_mirror, restore};
use grantbook_ledger::events::{CloudId, Position};
use grantbook_ledger::vault::VaultName;
use serde_json::{Value, json};

use super::global::{Global, ledger_options, operator};
use super::output::{Output, clean};
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
    /// The last position that the tenant of `--tenant` is to have; the other tenants are whole. Its passwords of then are told that
    /// are not in the backup
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
        let Restored { streams, digest, remark, cut } = restored.map_err(|error| trouble(&error))?;
        if output.json {
            let rows: Value =
                streams.iter().map(|(stream, last)| json!({"stream": stream.as_str(), "last": last})).collect();
            let cut = cut.as_ref().map(cut_json);
            return output.json(&json!({"streams": rows, "digest": digest, "remark": remark, "cut": cut}));
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
        if let Some(cut) = &cut {
            tell_cut(cut, output);
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

/// How many accounts are named: `--json` names all.
const NAMED: usize = 5;

/// Says what a tenant lacks, and what to do.
fn tell_cut(cut: &Cut, output: &Output) {
    let of = |kinds: &[&str]| -> Vec<&SecretTrouble> {
        cut.secrets.iter().filter(|secret| kinds.contains(&kind_of(&secret.name).0)).collect()
    };
    let accounts = |secrets: &[&SecretTrouble]| {
        let accounts: BTreeSet<&str> = secrets.iter().filter_map(|secret| kind_of(&secret.name).1).collect();
        let named: Vec<String> = accounts.iter().take(NAMED).map(|account| format!("`{}`", clean(account))).collect();
        let more = accounts.len().saturating_sub(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("{}{more}", named.join(", "))
    };
    let (passwords, factors) = (of(&["password"]), of(&["second_factor"]));
    if !passwords.is_empty() {
        output.note(format_args!(
            "Not in the backup, for they were changed since: the passwords that {} had then, {} of them. They sign in with neither \
             the old nor the new: set new ones with `do set_password`, MANAGER's with support's `do rotate_manager_password`.",
            accounts(&passwords),
            passwords.len()
        ));
    }
    if !factors.is_empty() {
        output.note(format_args!(
            "Nor the second factors that {} had then, {} of them: `do reset_second_factor`.",
            accounts(&factors),
            factors.len()
        ));
    }
    let erased = of(&["contact_key"]);
    if !erased.is_empty() {
        output.note(format_args!(
            "Nor the keys of {}, erased since: nothing of them can be read. Erase them again with `do erase_contact`.",
            accounts(&erased)
        ));
    }
    let webhooks = of(&["webhook_secret"]);
    if !webhooks.is_empty() {
        output.note(format_args!(
            "Nor the secrets of {} webhooks of then: remove them, and add those that are needed.",
            webhooks.len()
        ));
    }
    let sessions = of(&["session"]);
    if !sessions.is_empty() {
        output.note(format_args!(
            "Nor the tokens of {} sessions and links of then: they open nothing, and end by the clock.",
            sessions.len()
        ));
    }
    if !cut.secrets.is_empty() {
        output.note(
            "Until that is done `verify` tells each as missing from the vault: it cannot tell a cut from a loss.",
        );
    }
    if let Some(size) = cut.checkpoints.iter().map(|(_, size)| size).max() {
        output.note(format_args!(
            "What was signed of up to {size} entries lies in `checkpoints/` of the tenant: `verify` says, rightly, that history was \
             turned back, and nothing is signed, until that folder is moved away. Then a new key begins, and who kept the old one's \
             sees that."
        ));
    }
}

fn cut_json(cut: &Cut) -> Value {
    let secret = |secret: &SecretTrouble| {
        let (kind, account) = kind_of(&secret.name);
        json!({"kind": kind, "account": account, "position": secret.position.0})
    };
    let checkpoint = |(file, size): &(String, u64)| json!({"file": file, "size": size});
    json!({
        "secrets": cut.secrets.iter().map(secret).collect::<Value>(),
        "checkpoints": cut.checkpoints.iter().map(checkpoint).collect::<Value>(),
    })
}

/// What kind of secret it is, as a slug, and whose.
fn kind_of(name: &VaultName) -> (&'static str, Option<&str>) {
    match name {
        VaultName::Password { account, .. } => ("password", Some(account)),
        VaultName::SecondFactor { account, .. } => ("second_factor", Some(account)),
        VaultName::ContactKey { account, .. } => ("contact_key", Some(account)),
        VaultName::Session { .. } => ("session", None),
        VaultName::SupportToken { .. } => ("support_token", None),
        VaultName::WebhookSecret { .. } => ("webhook_secret", None),
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
