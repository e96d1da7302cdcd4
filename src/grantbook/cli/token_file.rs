//! The file that keeps the token of a sign-in: one a tenant, readable by its owner alone.

use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::global::Global;
use super::trouble::Trouble;
use super::whole_file;

/// The environment variable whose token comes before any stored one.
const TOKEN: &str = "GRANTBOOK_TOKEN";

/// The token that the environment gives.
pub(crate) fn from_environment() -> Option<String> {
    std::env::var(TOKEN).ok().map(|token| token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// Where the token for a tenant is kept.
pub(crate) struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    /// Of a tenant: in the ledger's directory, or for a server in the user's configuration.
    pub(crate) fn of(global: &Global, tenant: &str) -> Result<TokenFile, Trouble> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
        if tenant.is_empty() || !tenant.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            return Err(Trouble::Usage(format!("`{tenant}` is no Cloud ID: expected a-z and 0-9, the first a letter")));
        }
        let folder = match &global.server {
            None => global.data.join("tokens"),
            Some(server) => {
                let server: String = server.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
                configuration()?.join("grantbook").join("tokens").join(server)
            }
        };
        Ok(TokenFile { path: folder.join(tenant) })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The token; `None` where nobody signed in.
    pub(crate) fn read(&self) -> Result<Option<String>, Trouble> {
        match std::fs::read_to_string(&self.path) {
            Ok(token) => Ok(Some(token.trim().to_owned())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.trouble("read", &error)),
        }
    }

    /// Keeps a token instead of the one before.
    pub(crate) fn write(&self, token: &str) -> Result<(), Trouble> {
        let write = || {
            if let Some(folder) = self.path.parent() {
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            whole_file::write(&self.path, format!("{token}\n").as_bytes())
        };
        write().map_err(|error| self.trouble("written", &error))
    }

    /// Forgets the token.
    pub(crate) fn remove(&self) -> Result<(), Trouble> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(self.trouble("removed", &error)),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn trouble(&self, what: &str, error: &std::io::Error) -> Trouble {
        Trouble::Storage(format!("the token file `{}` cannot be {what}: {error}", self.path.display()))
    }
}

fn configuration() -> Result<PathBuf, Trouble> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config"))).ok_or_else(|| {
        Trouble::Usage(
            "there is nowhere to keep the token: set HOME or XDG_CONFIG_HOME, or use GRANTBOOK_TOKEN".to_owned(),
        )
    })
}
