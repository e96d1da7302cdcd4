use serde_json::{Value, json};

use super::desk::Desk;
use super::output::Output;
use super::trouble::Trouble;
use super::words::plain;
use crate::client::Request;

/// Creates and lists tenants, as the local operator
#[derive(clap::Subcommand)]
pub(crate) enum Tenant {
    /// Creates a tenant and prints the first password of its account MANAGER, this once
    Create(Create),
    /// Lists the tenants
    List,
}

/// Creates a tenant
#[derive(clap::Args)]
pub(crate) struct Create {
    /// Its Cloud ID: 3 to 32 of a-z and 0-9, the first a letter
    cloud_id: String,
    /// Which edition it runs
    #[arg(long, default_value = "cloud", value_parser = ["cloud", "2017"])]
    edition: String,
    /// Where the tenant's contact is reached
    #[arg(long, value_name = "EMAIL")]
    manager_email: Option<String>,
    /// The one account whose first sign-in makes the admin; any, where none is named
    #[arg(long, value_name = "ACCOUNT")]
    first_admin: Option<String>,
    /// When it begins, as an RFC 3339 instant; now, where none is given
    #[arg(long, value_name = "INSTANT")]
    at: Option<String>,
}

impl Create {
    /// The body of the request.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({"cloud_id": self.cloud_id, "edition": self.edition});
        let more = [("manager_email", &self.manager_email), ("first_admin", &self.first_admin), ("at", &self.at)];
        if let Some(fields) = body.as_object_mut() {
            let given = more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
            fields.extend(given);
        }
        body
    }
}

/// Where tenants are made and listed.
const PATH: [&str; 2] = ["operator", "tenants"];

impl Tenant {
    pub(crate) async fn run(self, desk: &Desk, output: &mut Output) -> Result<(), Trouble> {
        desk.operators_only("tenant")?;
        match self {
            Tenant::Create(create) => {
                let answer = desk.send(Request::post(&PATH, &create.body())).await?;
                if output.json {
                    return output.json(&answer);
                }
                let password = answer.get("manager_password").and_then(Value::as_str).unwrap_or_default();
                output.note(format_args!(
                    "Created the tenant {} with the account MANAGER. Its first password, shown this once:",
                    create.cloud_id
                ));
                output.line(password)
            }
            Tenant::List => {
                let answer = desk.send(Request::get(&PATH)).await?;
                if output.json {
                    return output.json(&answer);
                }
                let fields = ["cloud_id", "edition", "purpose", "customer", "closed"];
                let tenants = answer.get("tenants").and_then(Value::as_array).into_iter().flatten();
                let cell = |tenant: &Value, name: &str| tenant.get(name).map(plain).unwrap_or_default();
                let rows: Vec<Vec<String>> =
                    tenants.map(|tenant| fields.iter().map(|name| cell(tenant, name)).collect()).collect();
                output.table(&fields, &rows)
            }
        }
    }

    /// Whether the tenant would be made in an empty ledger, which `desk` is at.
    pub(crate) async fn tried(&self, desk: &Desk) -> Result<(), Trouble> {
        match self {
            Tenant::Create(create) => desk.send(Request::post(&PATH, &create.body())).await.map(drop),
            Tenant::List => Ok(()),
        }
    }
}
