//! What a decision sees: the views, who acts, and what was learnt from outside.

use grantbook_events::{
    AccountId, AppName, Event, GroupName, Instant, ModuleName, ObjectPath, OrganisationName, Position, QueryName,
    RoleName, SecretVersion, Setting, Username,
};
use grantbook_projections::{AsOf, Group, Groups, Organisation, Query, RoleNumber, SystemRole, Views};
use grantbook_rights::{Capability, On, Question, Standing, Verdict, Who, may};

use crate::command::PasswordShape;
use crate::readiness::Readiness;
use crate::refusal::Refusal;
use crate::second_factor::TO_ENROL;

/// Who gives a command.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Acting {
    /// Somebody who is not signed in.
    Guest,
    /// An account in a session.
    Account {
        /// Its number.
        who: u32,
        /// The entry of the sign-in.
        session: Position,
    },
    /// A support operator (rule: U4).
    Support,
    /// The installation's own ledger, which passes on what a support operator did there.
    Relayed,
    /// The author of imported history: authorised elsewhere (rule: U6).
    Imported {
        /// The entry that started the import, which all of it rests on.
        started: Position,
    },
}

/// What a look at a password in the vault showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordCheck {
    /// It is the one.
    Matched,
    /// It is another.
    Wrong,
    /// The vault does not hold the version that the journal names.
    VaultMismatch,
}

/// What a look at the code of a second factor showed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeCheck {
    /// It is the code of this time step, now or a step beside.
    Matched {
        /// The step, counted from 1970 in 30 seconds.
        step: u64,
    },
    /// It is none of now.
    Wrong,
    /// The vault does not hold the version of the seed that the journal names.
    VaultMismatch,
}

/// What was learnt from outside: verdicts and values made at random. All of it ends up in the events.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Outside {
    /// A new password: its shape, and the version that its hash has in the vault.
    pub new_password: Option<(PasswordShape, SecretVersion)>,
    /// Whether the new password is the one in force already.
    pub same_password: bool,
    /// What a look at the password in force showed.
    pub check: Option<PasswordCheck>,
    /// The version of a new session token.
    pub token: Option<SecretVersion>,
    /// What a look at a site showed (rule: T4).
    pub readiness: Option<Readiness>,
    /// The version of a new seed of a second factor.
    pub seed: Option<SecretVersion>,
    /// The version of a new webhook's secret.
    pub webhook: Option<SecretVersion>,
    /// What a look at a code showed; none where no code was given.
    pub code: Option<CodeCheck>,
}

/// What comes of a command: its events, each with its authority.
pub type Outcome = Result<Vec<(Option<Position>, Event)>, Refusal>;

/// A command's case.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The views: everything before the command, commands before it in the same list included.
    pub views: &'a Views,
    /// Just before the entry: where an authority must have been in force.
    pub before: AsOf,
    /// Just before the command.
    pub now: AsOf,
    /// Who acts.
    pub acting: Acting,
    /// What was learnt from outside.
    pub outside: Outside,
}

impl<'a> Case<'a> {
    /// When it happens.
    pub(crate) fn at(&self) -> Instant {
        self.now.clock
    }

    /// The authority to do `capability`. Errors: the actor lacks the right; the refusal names the rule.
    pub(crate) fn require(&self, capability: Capability, on: On) -> Result<Option<Position>, Refusal> {
        if let Acting::Account { who, session } = self.acting
            && self.views.sessions.session(session).is_some_and(|session| session.only_enrols)
            && !(TO_ENROL.contains(&capability) && on == On::Account(Some(who)))
        {
            let message = "staff need a second factor, and this session is for enrolling one alone: \
                           `enrol_second_factor`, then `confirm_second_factor` with a code, then sign in with the next";
            return Err(Refusal::forbidden("S6", message));
        }
        let (who, standing) = match self.acting {
            Acting::Imported { started } => {
                // The rules on the actor do not hold, those of state do (rules: U6, M2).
                let manager = self.views.account(&AccountId::manager());
                if capability.spares_manager() && manager.is_some() && on == On::Account(manager) {
                    return Err(Refusal::conflict("M2", "what protects MANAGER holds for imported history too"));
                }
                return Ok(Some(started));
            }
            Acting::Account { who, session } => (Who::Account(who), Standing::Session { signed_in: session }),
            Acting::Guest | Acting::Support | Acting::Relayed => (Who::Guest, Standing::Fresh),
        };
        let question = Question { views: self.views, who, standing, on, as_of: self.before };
        let authority = match may(&question, capability) {
            Verdict::Allowed { authority } => authority,
            Verdict::Refused(refused) => return Err(Refusal::lacking(&question, capability, refused)),
        };
        // An earlier command of the same list may have taken the right away, or changed what it is on.
        if self.now != self.before {
            let question = Question { as_of: self.now, ..question };
            if let Verdict::Refused(refused) = may(&question, capability) {
                return Err(Refusal::lacking(&question, capability, refused));
            }
        }
        Ok(Some(authority))
    }

    /// Support alone does this, from outside (rule: U4); it rests on no entry.
    pub(crate) fn require_support(&self) -> Result<Option<Position>, Refusal> {
        match self.acting {
            Acting::Support | Acting::Relayed => Ok(None),
            Acting::Imported { started } => Ok(Some(started)),
            Acting::Guest | Acting::Account { .. } => {
                Err(Refusal::forbidden("U4", "only support does this: ask it, with your Cloud ID"))
            }
        }
    }

    /// Whether the actor has a capability without regard to a list's earlier commands.
    pub(crate) fn has(&self, capability: Capability, on: On) -> bool {
        self.require(capability, on).is_ok()
    }

    /// The account that acts, in a session of its own.
    pub(crate) fn acting_account(&self) -> Option<u32> {
        match self.acting {
            Acting::Account { who, .. } => Some(who),
            Acting::Guest | Acting::Support | Acting::Relayed | Acting::Imported { .. } => None,
        }
    }

    /// The account of an id. Errors: there is none, as at every door of a closed tenant (rule: T7).
    pub(crate) fn account(&self, id: &AccountId) -> Result<u32, Refusal> {
        let closed = self.views.tenant.closed(self.now.position).is_some();
        let known = self.views.account(id).filter(|who| self.views.accounts.exists(*who, self.now.position) && !closed);
        known.ok_or_else(|| Refusal::not_found(format!("there is no account `{id}`")))
    }

    /// The account of an id, with credentials. Errors: there is none, or it has none.
    pub(crate) fn credentialed(&self, id: &AccountId) -> Result<u32, Refusal> {
        let who = self.account(id)?;
        match self.views.credentials.username(who, self.now.position) {
            Some(_) => Ok(who),
            None => Err(Refusal::conflict("C1", format!("`{id}` has no credentials"))),
        }
    }

    /// What `on` is for an account that need not exist.
    pub(crate) fn on(&self, id: &AccountId) -> On {
        On::Account(self.views.account(id))
    }

    /// The role of a name. Errors: there is none.
    pub(crate) fn role(&self, role: &RoleName) -> Result<RoleNumber, Refusal> {
        let number = self.views.roles.number(&self.views.names, role, self.now.position);
        number.ok_or_else(|| Refusal::not_found(format!("there is no role `{role}`")))
    }

    /// The name of a role in its own spelling.
    pub(crate) fn role_name(&self, number: RoleNumber, given: &RoleName) -> RoleName {
        let name = self.views.roles.name(number, self.now.position);
        name.and_then(|name| RoleName::new(name).ok()).unwrap_or_else(|| given.clone())
    }

    /// The group of a name, in its own spelling, with its number. Errors: there is none.
    pub(crate) fn group(&self, group: &GroupName) -> Result<(Option<u32>, GroupName), Refusal> {
        let number = self.views.names.groups.get(group.as_str());
        if let Some(built_in) = Groups::built_in(group.as_str()) {
            return Ok((number, GroupName::new(built_in).unwrap_or_else(|_| group.clone())));
        }
        let custom: Option<(Position, &Group)> =
            number.and_then(|number| self.views.groups.custom(number, self.now.position));
        match custom {
            Some((_, custom)) => Ok((number, custom.name.clone())),
            None => Err(Refusal::not_found(format!("there is no group `{group}`"))),
        }
    }

    /// The content authority group of a name, in its own spelling, with its number. Errors: there is none.
    pub(crate) fn content_group(&self, group: &GroupName) -> Result<(u32, GroupName), Refusal> {
        let number = self.views.names.content_groups.get(group.as_str());
        let found = number
            .and_then(|number| Some((number, self.views.content_authority.group(number, self.now.position)?)))
            .map(|(number, found)| (number, found.name.clone()));
        found.ok_or_else(|| Refusal::not_found(format!("there is no content authority group `{group}`")))
    }

    /// The query of a name. Errors: there is none.
    pub(crate) fn query(&self, query: &QueryName) -> Result<&'a Query, Refusal> {
        let number = self.views.names.queries.get(query.as_str());
        let found = number.and_then(|number| self.views.queries.query(number, self.now.position));
        found.map(|(_, found)| found).ok_or_else(|| Refusal::not_found(format!("there is no query `{query}`")))
    }

    /// The app of a slug. Errors: the catalogue has none.
    pub(crate) fn app(&self, app: &AppName) -> Result<u32, Refusal> {
        let number = self.views.names.apps.get(app.as_str());
        let known = number.filter(|number| self.views.tenant.app(*number, self.now.position).is_some());
        known.ok_or_else(|| Refusal::not_found(format!("there is no app `{app}` in the catalogue")))
    }

    /// The module of a name, in its own spelling. Errors: the catalogue has none.
    pub(crate) fn module(&self, module: &ModuleName) -> Result<(u32, ModuleName), Refusal> {
        let number = self.views.names.modules.get(module.as_str());
        let known =
            number.and_then(|number| Some((number, self.views.tenant.module(number, self.now.position)?.1.clone())));
        known.ok_or_else(|| Refusal::not_found(format!("there is no module `{module}` in the catalogue")))
    }

    /// The object of a path. Errors: there is none.
    pub(crate) fn object(&self, object: &ObjectPath) -> Result<u32, Refusal> {
        let number = self.views.names.objects.get(object.as_str());
        let known = number.filter(|number| self.views.objects.object(*number, self.now.position).is_some());
        known.ok_or_else(|| Refusal::not_found(format!("there is no object `{object}`")))
    }

    /// The organisation of a name: its number and what is known of it. Errors: there is none.
    pub(crate) fn organisation(&self, name: &OrganisationName) -> Result<(u32, &'a Organisation), Refusal> {
        let number = self.views.names.organisations.get(name.as_str());
        let known =
            number.and_then(|number| Some((number, self.views.organisations.organisation(number, self.now.position)?)));
        known.ok_or_else(|| Refusal::not_found(format!("there is no organisation `{name}`")))
    }

    /// The value of a setting.
    pub(crate) fn setting(&self, setting: Setting) -> u32 {
        self.views.settings.value(setting, self.now.position)
    }

    /// Whether an account is staff.
    pub(crate) fn full(&self, who: u32) -> bool {
        self.views.credentials.full(who, self.now.position).is_some_and(|(_, full)| full)
    }

    /// Whether an account holds a system role.
    pub(crate) fn holds(&self, who: u32, role: SystemRole) -> bool {
        self.views.roles.held(who, RoleNumber::from(role), self.now).is_some()
    }

    /// Whether an account is MANAGER.
    pub(crate) fn is_manager(&self, id: &AccountId) -> bool {
        *id == AccountId::manager()
    }

    /// The version of a new password, given in `field`, that keeps the policy (rule: C5). Errors: it does not.
    pub(crate) fn new_password(&self, field: &'static str) -> Result<SecretVersion, Refusal> {
        let Some((shape, version)) = self.outside.new_password else {
            return Err(Refusal::malformed("C5", field, "expected a password"));
        };
        let least = self.setting(Setting::PasswordMinLength);
        if shape.characters < least || !shape.has_digit || !shape.has_letter {
            let expected =
                format!("expected a password of at least {least} characters, with at least one digit and one letter");
            return Err(Refusal::malformed("C5", field, expected));
        }
        Ok(version)
    }

    /// A username that nobody else has, and that no removed account had. Errors: it is taken.
    pub(crate) fn free_username(&self, username: &Username, except: u32) -> Result<(), Refusal> {
        let Some(number) = self.views.names.usernames.get(username.as_str()) else { return Ok(()) };
        let position = self.now.position;
        let removed = |who: &u32| *who != except && !self.views.accounts.exists(*who, position);
        if self.views.credentials.owners(number, position).any(|who| removed(&who)) {
            return Err(Refusal::conflict("C15", format!("the username `{username}` was a removed account's")));
        }
        if self.views.credentials.owner(number, position).is_some_and(|owner| owner != except) {
            return Err(Refusal::conflict("C2", format!("the username `{username}` is taken")));
        }
        Ok(())
    }
}
