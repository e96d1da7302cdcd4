//! Getting a request ready for the writer: reading commands, sealing personal values, hashing and checking passwords. All
//! that is slow happens here, off the writer's path.

use grantbook_decisions::command::{
    Command, CommandJson, CredentialsCommand, Door, Given, Lookup, PasswordShape, PasswordUse, Problem, SupportCommand,
    WebhookCommand, field, parse,
};
use grantbook_decisions::{Acting, Case, CodeCheck, Outside, PasswordCheck, RefusalKind, decide};
use grantbook_events::{AccountId, CommandName, SecretVersion, Source, Username};
use grantbook_projections::AsOf;
use parking_lot::Mutex;

use crate::caller::{Caller, Origin};
use crate::calls::Loopback;
use crate::error::LedgerError;
use crate::job::{LookedAt, Prepared};
use crate::passwords::{HashingError, Password, PasswordHasher};
use crate::personal::{RequestSealer, Sealing};
use crate::second_factor::{Seed, Shown};
use crate::tenant::Tenant;
use crate::tokens::random_name;
use crate::vault::{Vault, VaultWrite};
use crate::webhooks::{ShownSecret, admit, new_secret};

/// How many commands one entry may be the outcome of.
const MOST_COMMANDS: usize = 1_000;

/// What reading a request gave.
pub(crate) struct Read {
    pub(crate) given: Vec<(Given, Option<String>)>,
    pub(crate) sealing: Sealing,
}

/// Reads one command or a list of them, and seals its personal values. Errors: malformed.
pub(crate) fn read(tenant: &Tenant, body: &CommandJson<'_>, door: Door) -> Result<Read, LedgerError> {
    let sealer = RequestSealer::new(&tenant.keys);
    let by_username = |username: &Username| {
        let views = tenant.views.read();
        let number = views.names.usernames.get(username.as_str())?;
        views.account_id(views.credentials.owner(number, views.timeline.last())?)
    };
    let lookup =
        Lookup { account_by_username: &by_username, seal: &|account, field, text| sealer.seal(account, field, text) };
    let one = |value: &CommandJson<'_>, at: &str| match parse(value, door, &lookup) {
        Ok(given) => Ok((given, None)),
        Err(Problem::UnknownAccount(unknown)) => {
            let message = format!("no account has the username `{}`", unknown.username);
            Ok((*unknown.stand_in, Some(message)))
        }
        Err(Problem::Malformed(malformed)) => {
            Err(LedgerError::Malformed { field: format!("{at}{}", malformed.field), message: malformed.message })
        }
    };
    let given = match listed(body)? {
        None => vec![one(body, "")?],
        Some(list) => {
            let read = list.iter().enumerate().map(|(index, value)| one(value, &format!("commands[{index}].")));
            read.collect::<Result<Vec<_>, LedgerError>>()?
        }
    };
    one_ticket(&given)?;
    let sealing = sealer.finish().ok_or(LedgerError::Storage)?;
    Ok(Read { given, sealing })
}

/// A list is one entry, and an entry rests on one ticket (rule: U4).
fn one_ticket(given: &[(Given, Option<String>)]) -> Result<(), LedgerError> {
    let mut tickets = given.iter().enumerate().filter_map(|(index, (given, _))| Some((index, given.ticket.as_ref()?)));
    let Some((_, first)) = tickets.next() else { return Ok(()) };
    match tickets.find(|(_, ticket)| *ticket != first) {
        None => Ok(()),
        Some((index, _)) => Err(LedgerError::Malformed {
            field: format!("commands[{index}].ticket"),
            message: format!(
                "expected `{first}`, as before it in the list: a list is recorded as one, under one ticket"
            ),
        }),
    }
}

/// The commands of a list; `None` where the body is one command.
fn listed<'a>(body: &'a CommandJson<'_>) -> Result<Option<&'a [CommandJson<'a>]>, LedgerError> {
    let Some(list) = field(body, "commands") else { return Ok(None) };
    let malformed = |message: String| LedgerError::Malformed { field: "commands".to_owned(), message };
    let list = list.as_array().ok_or_else(|| malformed("expected a list of commands".to_owned()))?;
    if list.is_empty() || list.len() > MOST_COMMANDS {
        return Err(malformed(format!("expected 1 to {MOST_COMMANDS} commands")));
    }
    // The list is there once; what stands beside it is another key, or the same again.
    let others = || body.as_object()?.keys().enumerate().find(|(index, key)| *key != "commands" || *index > 0);
    if let Some((_, other)) = others() {
        return Err(LedgerError::Malformed {
            field: other.to_owned(),
            message: "is not expected beside `commands`".to_owned(),
        });
    }
    Ok(Some(list))
}

/// What preparing needs beside the tenant.
pub(crate) struct Tools<'a> {
    pub(crate) hasher: &'a PasswordHasher,
    pub(crate) vault: &'a Mutex<Vault>,
    /// Whether a webhook may lead to this machine itself.
    pub(crate) loopback: Loopback,
}

/// Whom commands are prepared for.
pub(crate) struct PreparedFor<'a> {
    /// Who gives them; none for imported ones.
    pub(crate) caller: Option<&'a Caller>,
    /// Whether nothing of them is to be recorded.
    pub(crate) dry_run: bool,
    /// When.
    pub(crate) now: grantbook_events::Instant,
}

/// Commands as the writer takes them, and what goes with them.
pub(crate) struct Ready {
    pub(crate) commands: Vec<Prepared>,
    /// The secrets to keep with their entry.
    pub(crate) secrets: Vec<VaultWrite>,
    /// What is shown of a new seed, once it is recorded.
    pub(crate) shown: Option<Shown>,
    /// What is shown of the secrets of new webhooks, once they are recorded.
    pub(crate) webhook_secrets: Vec<ShownSecret>,
}

/// Looks at passwords and hashes new ones. Out come the commands as the writer takes them, and the secrets to keep with
/// their entry. A dry run takes passwords to be right and looks at none: it records nothing, so guesses would not count
/// (rule: C6).
pub(crate) async fn prepare(
    tenant: &Tenant,
    by: &PreparedFor<'_>,
    given: Vec<(Given, Option<String>)>,
    tools: &Tools<'_>,
) -> Result<Ready, LedgerError> {
    let (caller, now) = (by.caller, by.now);
    let mut commands = Vec::with_capacity(given.len());
    let mut secrets = Vec::new();
    let (mut shown, mut webhook_secrets) = (None, Vec::new());
    for (given, unknown) in given {
        let Given { command, reason, secrets: given_secrets, ticket, .. } = given;
        let name = CommandName::new(command.name())
            .map_err(|wrong| LedgerError::Malformed { field: "name".to_owned(), message: wrong.message })?;
        let giver = caller.and_then(Caller::account);
        let concerned = concerned(&command, giver);
        let sets_password = command.password_use(giver).is_some_and(PasswordUse::sets);
        let looked_at = concerned.map(|account| LookedAt::of(&tenant.views.read(), &account));
        let mut outside = Outside::default();
        if let Some(LookedAt { account, .. }) = &looked_at {
            let worth_it = !by.dry_run && worth_the_work(tenant, caller, &command, now);
            let password = given_secrets.password.as_deref();
            let old = given_secrets.old.as_deref().or(password.filter(|_| !sets_password));
            if let (Some(old), true) = (old, worth_it) {
                outside.check = Some(check(tenant, account, old, tools).await?);
            } else if by.dry_run {
                outside.check = Some(PasswordCheck::Matched);
            }
            if let Some(new) = password.filter(|_| sets_password) {
                outside.same_password = given_secrets.old.as_deref() == Some(new);
                let (version, write) =
                    if worth_it { hashed(tenant, account, new, tools).await? } else { (SecretVersion(0), None) };
                outside.new_password = Some((PasswordShape::of(new), version));
                secrets.extend(write);
            }
            if command == Command::Credentials(CredentialsCommand::EnrolSecondFactor) {
                let (version, write, seed) = drawn(tenant, account)?;
                outside.seed = Some(version);
                secrets.push(write);
                shown = seed.show(&tenant.name, account.as_str());
            }
            if let Some(code) = given_secrets.code.as_deref() {
                outside.code = check_code(tenant, account, Some(code), now, tools).await;
            }
        }
        if let Command::Webhook(WebhookCommand::AddWebhook { webhook, url, .. }) = &command {
            // Nobody makes this machine look up names by a command that would be refused.
            let worth_it = !by.dry_run && caller.is_some() && worth_the_work(tenant, caller, &command, now);
            admit(url, tools.loopback, worth_it).await?;
            let (version, write, secret) = new_secret(&tenant.name, webhook)?;
            outside.webhook = Some(version);
            secrets.push(write);
            webhook_secrets.push(secret);
        }
        commands.push(Prepared { command, name, reason, ticket, outside, looked_at, unknown });
    }
    if by.dry_run {
        webhook_secrets.clear();
    }
    Ok(Ready { commands, secrets, shown: shown.filter(|_| !by.dry_run), webhook_secrets })
}

/// Whose secrets a command sets or looks at, where the account `giver` gives it.
fn concerned(command: &Command, giver: Option<&AccountId>) -> Option<AccountId> {
    if let Some(password) = command.password_use(giver) {
        return Some(password.account().clone());
    }
    let own = matches!(
        command,
        Command::Credentials(CredentialsCommand::EnrolSecondFactor | CredentialsCommand::ConfirmSecondFactor)
    );
    if own {
        return giver.cloned();
    }
    (*command == Command::Support(SupportCommand::RotateManagerPassword)).then(AccountId::manager)
}

/// Whether the command would not be refused for lack of a right anyway: then no work is put into its password.
fn worth_the_work(tenant: &Tenant, caller: Option<&Caller>, command: &Command, now: grantbook_events::Instant) -> bool {
    let views = tenant.views.read();
    let as_of = AsOf { position: views.timeline.last(), clock: now.max(views.timeline.last_at()) };
    let acting = match caller {
        Some(Caller::Account { account, session, .. }) => match views.account(account) {
            Some(who) => Acting::Account { who, session: *session },
            None => return false,
        },
        Some(Caller::Support { .. }) => Acting::Support,
        None => return true,
    };
    let outside = Outside {
        new_password: Some((PasswordShape::ACCEPTED, SecretVersion(0))),
        check: Some(PasswordCheck::Matched),
        webhook: Some(SecretVersion(0)),
        ..Outside::default()
    };
    let case = Case { views: &views, before: as_of, now: as_of, acting, outside };
    !decide(command, &case).is_err_and(|refusal| refusal.kind == RefusalKind::Forbidden)
}

/// Looks whether `text` is the password in force of an account.
pub(crate) async fn check(
    tenant: &Tenant,
    account: &AccountId,
    text: &str,
    tools: &Tools<'_>,
) -> Result<PasswordCheck, LedgerError> {
    let password = password(text)?;
    let Some(version) = LookedAt::of(&tenant.views.read(), account).password else {
        tools.hasher.verify_nothing(password).await.map_err(hashing)?;
        return Ok(PasswordCheck::Wrong);
    };
    match kept(tenant, || tools.vault.lock().password(&tenant.name, account.as_str(), version.0)).await {
        Ok(Some(phc)) => {
            let matched = tools.hasher.verify(password, phc).await.map_err(hashing)?;
            Ok(if matched { PasswordCheck::Matched } else { PasswordCheck::Wrong })
        }
        Ok(None) | Err(_) => {
            tracing::error!(tenant = %tenant.name, account = %account, "the vault does not hold the password's version");
            tools.hasher.verify_nothing(password).await.map_err(hashing)?;
            Ok(PasswordCheck::VaultMismatch)
        }
    }
}

/// What the vault holds of a version that the views name. The views are ahead of the disk, and the vault is written with the
/// entry: what it does not hold yet is looked for again when every entry that the views know is durable.
async fn kept<T, E>(tenant: &Tenant, look: impl Fn() -> Result<Option<T>, E>) -> Result<Option<T>, E> {
    let known = tenant.views.read().timeline.last();
    let durable = tenant.durable(); // before it is looked for: it may come while it is
    match look() {
        Ok(None) if known > durable => {
            tenant.until_durable(known).await;
            look()
        }
        found => found, // and what is there, or not there for good
    }
}

/// Looks whether `code` is one of the second factor of an account, confirmed or not; `None` where no code was given, or
/// there is nothing to look at.
pub(crate) async fn check_code(
    tenant: &Tenant,
    account: &AccountId,
    code: Option<&str>,
    now: grantbook_events::Instant,
    tools: &Tools<'_>,
) -> Option<CodeCheck> {
    let (code, version) = (code?, LookedAt::of(&tenant.views.read(), account).second_factor?);
    match kept(tenant, || tools.vault.lock().second_factor(&tenant.name, account.as_str(), version.0)).await {
        Ok(Some(seed)) => Some(seed.check(code, now)),
        Ok(None) | Err(_) => {
            tracing::error!(tenant = %tenant.name, account = %account, "the vault does not hold the second factor's version");
            Some(CodeCheck::VaultMismatch)
        }
    }
}

/// A new seed of an account's second factor.
fn drawn(tenant: &Tenant, account: &AccountId) -> Result<(SecretVersion, VaultWrite, Seed), LedgerError> {
    let drawn = Seed::draw().and_then(|seed| Ok((seed, random_name()?)));
    let (seed, version) = drawn.map_err(|error| {
        tracing::error!(%error, "a seed could not be drawn");
        LedgerError::Storage
    })?;
    let (of, whose) = (tenant.name.clone(), account.as_str().to_owned());
    let write = VaultWrite::SecondFactor { tenant: of, account: whose, version, seed: seed.clone() };
    Ok((SecretVersion(version), write, seed))
}

/// Hashes a new password of an account.
pub(crate) async fn hashed(
    tenant: &Tenant,
    account: &AccountId,
    text: &str,
    tools: &Tools<'_>,
) -> Result<(SecretVersion, Option<VaultWrite>), LedgerError> {
    let hashed = tools.hasher.hash(password(text)?).await.map_err(hashing)?;
    let version = SecretVersion(hashed.version);
    let write = VaultWrite::Password { tenant: tenant.name.clone(), account: account.as_str().to_owned(), hashed };
    Ok((version, Some(write)))
}

pub(crate) fn password(text: &str) -> Result<Password, LedgerError> {
    Password::new(text.to_owned()).map_err(|_| LedgerError::Malformed {
        field: "password".to_owned(),
        message: format!("expected at most {} bytes", Password::MAX_BYTES),
    })
}

pub(crate) fn hashing(error: HashingError) -> LedgerError {
    match error {
        HashingError::Busy => LedgerError::Busy,
        HashingError::Malformed | HashingError::NotComputed | HashingError::NoRandomness(_) => {
            tracing::error!(%error, "a password could not be looked at");
            LedgerError::Storage
        }
    }
}

/// Where a request came from, as its entry tells it: sealed for an account, plain for support.
pub(crate) fn source(tenant: &Tenant, caller: &Caller, origin: &Origin) -> Source {
    let Some(text) = origin.text() else { return Source::Inherited };
    match caller {
        Caller::Support { .. } => Source::Plain(text),
        Caller::Account { account, .. } => sealed_source(tenant, account, &text),
    }
}

pub(crate) fn sealed_source(tenant: &Tenant, account: &AccountId, text: &str) -> Source {
    tenant.keys.seal_source(account, text).map_or(Source::Inherited, Source::Sealed)
}
