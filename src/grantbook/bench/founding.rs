//! A new ledger with one tenant and somebody signed in to it, who may do everything.

use std::path::Path;

use grantbook_ledger::events::{Client, CloudId, OperatorName, SignInPlane};
use grantbook_ledger::{Credentials, Ledger, Options, Origin, SignedIn, TenantRequest};

/// The tenant of every bench.
pub const CLOUD_ID: &str = "benchimis";

/// A ledger, and the bearer token of MANAGER of its tenant [`CLOUD_ID`].
pub struct Founded {
    /// The ledger.
    pub ledger: Ledger,
    /// The token, good for as long as the session is.
    pub token: String,
}

impl Founded {
    /// Founds it in a directory.
    ///
    /// Errors: the directory cannot be used.
    pub async fn make(dir: &Path) -> anyhow::Result<Founded> {
        let ledger = Ledger::open(Options::directory(dir)).await?;
        let created = ledger.create_tenant(&OperatorName::new("bench")?, TenantRequest::new(cloud_id()?)).await?;
        let manager = Credentials {
            username: "MANAGER".to_owned(),
            password: created.manager_password,
            plane: SignInPlane::Platform,
            client: Client::Browser,
            code: None,
            browser: String::new(),
        };
        let signed_in = ledger.tenant_named(&cloud_id()?)?.sign_in(&manager, &Origin::default()).await?;
        let SignedIn::Session { token, .. } = signed_in else {
            anyhow::bail!("MANAGER of a new tenant signs in");
        };
        Ok(Founded { ledger, token: token.reveal().to_owned() })
    }
}

pub(crate) fn cloud_id() -> anyhow::Result<CloudId> {
    Ok(CloudId::new(CLOUD_ID)?)
}
