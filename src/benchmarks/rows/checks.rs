//! Permission checks. With peers: users who hold roles, roles that may read and edit resources, the same for everybody, and
//! every answer compared before anything is timed. Of many: accounts by the million, in the same structures.

use std::collections::HashMap;

use anyhow::{Context, ensure};
use grantbook::bench::history::{Making, account, object, role};
use grantbook::bench::reading::{Staff, asked};
use grantbook_events::Position;
use grantbook_projections::Views;
use grantbook_rights::{Capability, On, Question, Standing, Who, allowed};

use crate::Setting;
use crate::contest::{Aim, Contest, Row, Side, Turn, Unit};
use crate::peers::casbin::Casbin;
use crate::peers::cedar::Cedar;

/// Users of the world.
pub(crate) const USERS: u32 = 100;
/// Roles of the world.
pub(crate) const ROLES: u32 = grantbook::bench::history::ROLES;
/// What may be given.
pub(crate) const RIGHTS: [Right; 2] = [Right::Read, Right::Edit];

/// A right on a resource.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Right {
    Read,
    Edit,
}

impl Right {
    /// Its name in policies.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Right::Read => "read",
            Right::Edit => "edit",
        }
    }
}

/// Who holds which role, and what the roles give: stated once for all.
pub(crate) struct World {
    /// How many resources there are.
    pub(crate) resources: u32,
}

impl World {
    /// The two roles of a user; they may be one.
    pub(crate) fn roles_of(user: u32) -> impl Iterator<Item = u32> {
        let (one, other) = (user % ROLES, user / ROLES % ROLES);
        std::iter::once(one).chain((other != one).then_some(other))
    }

    /// Whether a role gives a right on a resource.
    pub(crate) fn gives(role: u32, right: Right, resource: u32) -> bool {
        match right {
            Right::Read => (role + resource).is_multiple_of(3),
            Right::Edit => (role * 7 + resource).is_multiple_of(5),
        }
    }

    /// Every question that can be asked, in one order for all.
    pub(crate) fn questions(&self) -> impl Iterator<Item = (u32, Right, u32)> + use<> {
        let resources = self.resources;
        let of_user = move |user| {
            RIGHTS.into_iter().flat_map(move |right| (0..resources).map(move |resource| (user, right, resource)))
        };
        (0..USERS).flat_map(of_user)
    }
}

/// Beside Cedar and casbin.
pub(crate) fn with_peers(setting: &Setting) -> anyhow::Result<Row> {
    let world = World { resources: 20 };
    let (ours, cedar) = (Ours::make(&world)?, Cedar::make(&world)?);
    let casbin = setting.runtime.block_on(Casbin::make(&world))?;
    let questions: Vec<(u32, Right, u32)> = world.questions().collect();
    let mut table = HashMap::new();
    for (number, question) in questions.iter().enumerate() {
        let (user, right, resource) = *question;
        let answers = [ours.allows(number), cedar.allows(number), casbin.allows(number)?];
        let meant = World::roles_of(user).any(|role| World::gives(role, right, resource));
        ensure!(answers == [meant; 3], "{question:?}: Grantbook, Cedar and casbin say {answers:?}, meant is {meant}");
        table.insert(*question, meant);
    }
    let (slice, count) = (setting.slice, questions.len());
    let work = format!("permission checks, {USERS} users x {ROLES} roles x {} resources", world.resources);
    let mut contest = Contest::new("checks", work, Unit::PerSecond).aim(Aim::Figure(20e6)).aim(Aim::Tail(200e-9));
    // Scaled rather than divided by the count, which takes 4% of a check.
    let number = |random: u64| (((random >> 32) * count as u64) >> 32) as usize;
    contest.takes_part(Side::Limit, "hash table of answers", || {
        let look = |random| questions.get(number(random)).and_then(|question| table.get(question)) == Some(&true);
        Ok(Turn::rate_and_tail(&asked(slice, look)))
    });
    contest.takes_part(Side::Peer, "Cedar", || {
        Ok(Turn::rate_and_tail(&asked(slice, |random| cedar.allows(number(random)))))
    });
    contest.takes_part(Side::Peer, "casbin", || {
        Ok(Turn::rate_and_tail(&asked(slice, |random| casbin.allows(number(random)).unwrap_or(false))))
    });
    contest.takes_part(Side::Ours, "Grantbook", || {
        Ok(Turn::rate_and_tail(&asked(slice, |random| ours.allows(number(random)))))
    });
    contest.run(setting.rounds)
}

/// Of accounts by the million: what they wait for is memory, as whoever looks one of as many up in a table does.
pub(crate) fn of_many(setting: &Setting) -> anyhow::Result<Row> {
    let accounts = setting.scaled(10_000, 1_000_000);
    let (staff, slice) = (Staff::make(accounts, 2)?, setting.slice);
    let table: HashMap<u32, bool> = (0..accounts).map(|number| (number, number.is_multiple_of(3))).collect();
    let work = format!("permission checks, {accounts} accounts");
    let mut contest = Contest::new("checks-of-many", work, Unit::PerSecond).aim(Aim::Figure(5e6)).aim(Aim::Tail(1e-6));
    contest.takes_part(Side::Limit, "hash table of as many", || {
        Ok(Turn::rate_and_tail(&asked(slice, |random| table.get(&((random >> 33) as u32 % accounts)) == Some(&true))))
    });
    contest.takes_part(Side::Ours, "Grantbook", || Ok(Turn::rate_and_tail(&staff.checks(slice, false))));
    contest.run(setting.rounds)
}

/// The world as a history of Grantbook's.
struct Ours {
    views: Views,
    last: Position,
    questions: Vec<(Who, Capability, On)>,
}

impl Ours {
    fn make(world: &World) -> anyhow::Result<Ours> {
        let (mut views, mut making) = (Views::default(), Making::default());
        let mut entries = vec![making.genesis()?];
        entries.extend(making.roles()?);
        for user in 0..USERS {
            entries.extend(making.account(user)?);
            for one in World::roles_of(user) {
                entries.push(making.turn(user, role(one)?, 0)?);
            }
        }
        for resource in 0..world.resources {
            let gives = |right| move |role| World::gives(role, right, resource);
            entries.extend(making.object(resource, gives(Right::Read), gives(Right::Edit))?);
        }
        entries.iter().for_each(|entry| views.apply(entry));
        let mut questions = Vec::new();
        for (user, right, resource) in world.questions() {
            let who = views.account(&account(user)?).context("a user")?;
            let on = views.names.objects.get(object(resource)?.as_str()).context("a resource")?;
            let capability = match right {
                Right::Read => Capability::ObjectRead,
                Right::Edit => Capability::ObjectEdit,
            };
            questions.push((Who::Account(who), capability, On::Object(on)));
        }
        let last = views.timeline.last();
        Ok(Ours { views, last, questions })
    }

    fn allows(&self, question: usize) -> bool {
        let Some((who, capability, on)) = self.questions.get(question).copied() else { return false };
        let as_of = self.views.timeline.as_of(self.last);
        allowed(&Question { views: &self.views, who, standing: Standing::Fresh, on, as_of }, capability)
    }
}
