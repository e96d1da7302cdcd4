//! The carrier: hands over the mails that are owed, records what came of each, and tries again what failed (rule: P8).
//!
//! What is owed follows from the book: a notice, a reset that was asked for, a change that somebody is to be told of
//! (rule: P9). So nothing is lost by a restart. A mail is handed over first and recorded then: what a crash comes between is
//! handed over twice, and never claimed though it was not.

use std::collections::HashMap;

use grantbook_decisions::{changes_told, handed_over, mail_not_handed_over, reset_given_up, reset_sent};
use grantbook_events::{AccountId, Actor, Addressee, DeliveryFailure, Event, Instant, Notice, Position};
use grantbook_projections::Change;

use crate::handle::{TenantHandle, put};
use crate::job::{Act, Guard, Work};
use crate::ledger::Ledger;
use crate::outbox::OutboxError;
use crate::writer::named;

/// How long changes are gathered before somebody is told of them, so that a list of grants is one mail.
const GATHERING_SECONDS: i64 = 2;
/// How long it is at most until a mail that was not handed over is tried again.
const LONGEST_PAUSE_SECONDS: i64 = 900;
/// After how many attempts a mail is given up that the server does not take.
const MOST_ATTEMPTS: u32 = 10;

/// What is to be handed over to somebody.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum About {
    /// A notice that an entry owes.
    Notice(Notice),
    /// The link of a reset.
    Reset,
    /// What changed.
    Changes(Vec<Change>, Addressee),
}

/// A mail that is owed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Parcel {
    pub(crate) account: AccountId,
    /// The entry that owes it; of changes the last.
    pub(crate) owed: Position,
    pub(crate) about: About,
}

/// What the carrier remembers of attempts that failed. Lost with the process: then everything is tried at once.
#[derive(Default)]
pub(crate) struct Carrier {
    /// Until when the server is not tried, and how often in a row it was not reached.
    rests: Option<Instant>,
    not_reached: u32,
    tried: HashMap<(String, AccountId, Position), (u32, Instant)>,
}

fn seconds_after(instant: Instant, seconds: i64) -> Instant {
    Instant::from_microseconds(instant.microseconds().saturating_add(seconds * 1_000_000))
}

/// 5 seconds, then twice as long each time.
fn pause(attempts: u32) -> i64 {
    (5_i64 << attempts.saturating_sub(1).min(10)).min(LONGEST_PAUSE_SECONDS)
}

impl Ledger {
    /// Hands over the mails that are owed and due. To be called now and then by whoever serves, and so knows where mail
    /// goes; does nothing while another call is at it.
    pub async fn settle_mail(&self) {
        let Ok(mut carrier) = self.shared.post.carrier.try_lock() else { return };
        for cloud_id in self.tenants() {
            if let Ok(tenant) = self.tenant_named(&cloud_id) {
                tenant.carry(&mut carrier, &|_| true).await;
            }
        }
    }
}

impl TenantHandle {
    /// Hands over at once what somebody waits for: notices and links. What changed is told when it was gathered.
    pub(crate) async fn settle_mail(&self) {
        let mut carrier = self.shared.post.carrier.lock().await;
        let waited_for = |about: &About| match about {
            About::Notice(_) | About::Reset => true,
            About::Changes(..) => false,
        };
        self.carry(&mut carrier, &waited_for).await;
    }

    async fn carry(&self, carrier: &mut Carrier, which: &(dyn Fn(&About) -> bool + Sync)) {
        let now = self.shared.clock.now();
        for parcel in self.parcels(now).into_iter().filter(|parcel| which(&parcel.about)) {
            if carrier.rests.is_some_and(|until| now < until) {
                return;
            }
            let key = (self.cloud_id().as_str().to_owned(), parcel.account.clone(), parcel.owed);
            let (attempts, next) = carrier.tried.get(&key).copied().unwrap_or((0, Instant::EARLIEST));
            if now < next {
                continue;
            }
            let Some(mail) = self.compose(&parcel, now).await else { continue };
            let (outbox, tenant, account) =
                (self.shared.outbox.clone(), self.open.tenant.clone(), parcel.account.clone());
            let deliver = move || {
                let delivered = outbox.deliver(&mail);
                // Somebody erased meanwhile has no mail here.
                if !tenant.keys.holds(&account) {
                    outbox.withdraw(mail.id()).map_err(OutboxError::NotKept)?;
                }
                delivered
            };
            let delivered = tokio::task::spawn_blocking(deliver).await;
            let delivered = delivered.unwrap_or(Err(OutboxError::NotAMessage));
            match delivered {
                Ok(_) => {
                    (carrier.rests, carrier.not_reached) = (None, 0);
                    carrier.tried.remove(&key);
                    self.record_mail(&parcel, outcome(&parcel)).await;
                }
                Err(error) => {
                    tracing::warn!(tenant = %self.cloud_id(), %error, "a mail was not handed over");
                    let reached = matches!(error, OutboxError::NotTaken(_) | OutboxError::NotAMessage);
                    if !reached {
                        carrier.not_reached += 1;
                        carrier.rests = Some(seconds_after(now, pause(carrier.not_reached)));
                    }
                    let attempts = attempts + 1;
                    let given_up = reached && attempts >= MOST_ATTEMPTS;
                    carrier
                        .tried
                        .insert(key, (attempts, if reached { seconds_after(now, pause(attempts)) } else { now }));
                    // Attempts in a row are summed up: a server that is down for a day fills no journal.
                    if given_up || attempts.is_power_of_two() {
                        let because = if reached { DeliveryFailure::NotTaken } else { DeliveryFailure::NotReached };
                        self.record_mail(&parcel, failed(&parcel, because, attempts, given_up)).await;
                    }
                }
            }
        }
    }

    /// What is owed and due by now: durable, and of changes gathered for a while. Nothing while history is imported.
    fn parcels(&self, now: Instant) -> Vec<Parcel> {
        let (tenant, mut parcels) = (&self.open.tenant, Vec::new());
        let (views, durable) = (tenant.views.read(), tenant.durable());
        if views.book.import_under_way().is_some() {
            return parcels;
        }
        let notices = views.book.owed(durable).cloned();
        parcels.extend(notices.map(|owed| Parcel {
            account: owed.account,
            owed: owed.owed,
            about: About::Notice(owed.notice),
        }));
        let unsent = views.mail.unsent().filter(|(_, reset)| reset.requested <= durable);
        parcels.extend(unsent.filter_map(|(who, reset)| {
            Some(Parcel { account: views.account_id(who)?, owed: reset.requested, about: About::Reset })
        }));
        // One mail tells everything that changed for somebody.
        let gathered = |changed| seconds_after(views.timeline.at(changed), GATHERING_SECONDS) <= now;
        let mut told: Vec<(u32, Addressee, Position, Vec<Change>)> = Vec::new();
        for telling in views.mail.tellings().filter(|telling| telling.changed <= durable) {
            let same = told.iter_mut().find(|one| one.0 == telling.who && one.1 == telling.addressee);
            match same {
                Some((_, _, through, changes)) => {
                    *through = telling.changed;
                    if !changes.contains(&telling.change) {
                        changes.push(telling.change);
                    }
                }
                None if gathered(telling.changed) => {
                    told.push((telling.who, telling.addressee, telling.changed, vec![telling.change]));
                }
                None => {}
            }
        }
        parcels.extend(told.into_iter().filter_map(|(who, addressee, owed, changes)| {
            Some(Parcel { account: views.account_id(who)?, owed, about: About::Changes(changes, addressee) })
        }));
        parcels
    }

    /// Records what came of a mail, where it is still owed.
    pub(crate) async fn record_mail(&self, parcel: &Parcel, events: Vec<Event>) {
        let Ok(name) = named("hand_over_mail") else { return };
        let guard = match &parcel.about {
            About::Notice(_) => Guard::StillOwed(parcel.account.clone(), parcel.owed),
            About::Reset => Guard::ResetUnsent(parcel.account.clone(), parcel.owed),
            About::Changes(..) => Guard::NoImportUnderWay,
        };
        let act = Act { events, guard, ..Act::new(name, Actor::System) };
        let _ = put(&self.open.jobs, Work::Record(Box::new(act))).await;
    }

    /// A reset that was not handed over before its link expired came to nothing.
    pub(crate) async fn give_up_reset(&self, parcel: &Parcel) {
        self.record_mail(parcel, vec![reset_given_up(parcel.account.clone(), parcel.owed)]).await;
    }
}

fn outcome(parcel: &Parcel) -> Vec<Event> {
    let (account, owed) = (parcel.account.clone(), parcel.owed);
    vec![match &parcel.about {
        About::Notice(_) => handed_over(account, owed),
        About::Reset => reset_sent(account, owed),
        About::Changes(_, addressee) => changes_told(account, owed, *addressee),
    }]
}

fn failed(parcel: &Parcel, because: DeliveryFailure, attempts: u32, given_up: bool) -> Vec<Event> {
    let (account, owed) = (parcel.account.clone(), parcel.owed);
    let mut events = vec![mail_not_handed_over(account.clone(), owed, because, attempts, given_up)];
    if given_up && parcel.about == About::Reset {
        events.push(reset_given_up(account, owed));
    }
    events
}
