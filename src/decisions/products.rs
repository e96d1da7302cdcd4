//! Decisions on products and purchases (rule: X3).

use grantbook_events::{AccountId, Event, GroupEvent, GroupName, Instant, Position, ProductName};
use grantbook_projections::{Groups, Product};
use grantbook_rights::{Capability, On};

use crate::case::{Case, Outcome};
use crate::dashboard::future_end;
use crate::dynamic_groups::by_hand;
use crate::refusal::Refusal;

/// A product that names a group assigns members in advance, so only system administrators register one (rule: X2). What the
/// built-in groups give is for staff and never for sale; a dynamic group's members are those of its condition.
pub(crate) fn register_product(product: &ProductName, group: Option<&GroupName>, case: &Case<'_>) -> Outcome {
    let authority = case.require(Capability::ProductsManage, On::Nothing)?;
    let group = match group {
        None => None,
        Some(group) => {
            let (number, name) = case.group(group)?;
            if Groups::built_in(name.as_str()).is_some() {
                return Err(Refusal::conflict(
                    "X3",
                    format!("`{name}` is a built-in group: what it gives is not sold"),
                ));
            }
            by_hand(number, &name, case)?;
            Some(name)
        }
    };
    let product = match known(product, case) {
        Some((_, before)) if before.group == group => {
            let message = match &group {
                Some(group) => format!("`{product}` names the group `{group}` already"),
                None => format!("there is a product `{product}` already, and it names no group"),
            };
            return Err(Refusal::conflict("X3", message));
        }
        Some((_, before)) => before.name.clone(),
        None => product.clone(),
    };
    Ok(vec![(authority, Event::Group(GroupEvent::ProductRegistered { product, group }))])
}

/// Staff record the purchases of others, on whose behalf they act (rule: S1). The buyer becomes a member of the group that the
/// product names, by the same entry; what they are already for longer stays as it is.
pub(crate) fn record_purchase(
    product: &ProductName,
    account: &AccountId,
    until: Option<Instant>,
    case: &Case<'_>,
) -> Outcome {
    let authority = case.require(Capability::PurchasesRecord, case.on(account))?;
    let Some((_, known)) = known(product, case) else {
        return Err(Refusal::not_found(format!("there is no product `{product}`")));
    };
    let who = case.account(account)?;
    future_end(until, case)?;
    let purchase = GroupEvent::PurchaseRecorded { product: known.name.clone(), account: account.clone(), until };
    let mut events = vec![(authority, Event::Group(purchase))];
    if let Some(group) = &known.group {
        let number = case.views.names.groups.get(group.as_str());
        let held = number.and_then(|number| case.views.groups.member(who, number, case.now));
        let longer =
            held.is_some_and(|(_, held)| held.until().is_none_or(|end| until.is_some_and(|until| until <= end)));
        if !longer {
            let (group, account) = (group.clone(), account.clone());
            events.push((authority, Event::Group(GroupEvent::GroupMemberAdded { group, account, until })));
        }
    }
    Ok(events)
}

/// The events that let products name a group no longer: a later one of the same name must not be sold by them.
pub(crate) fn unlink_products_of(
    group: &GroupName,
    case: &Case<'_>,
    authority: Option<Position>,
) -> Vec<(Option<Position>, Event)> {
    let naming = case.views.products.naming(group, case.now.position).into_iter();
    let unlinked = naming.map(|product| {
        let (product, group) = (product.name.clone(), group.clone());
        (authority, Event::Group(GroupEvent::ProductUnlinked { product, group }))
    });
    unlinked.collect()
}

fn known<'a>(product: &ProductName, case: &Case<'a>) -> Option<(Position, &'a Product)> {
    let number = case.views.names.products.get(product.as_str())?;
    case.views.products.product(number, case.now.position)
}
