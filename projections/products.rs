//! Products, the groups that their buyers become members of, and who bought them (rule: X3).

use grantbook_events::{GroupEvent, GroupName, Position, ProductName};
use serde::{Deserialize, Serialize};

use crate::grant_history::{GrantHistory, Holding};
use crate::history::{AsOf, Facts, under_own_numbers};
use crate::holdings::Holdings;
use crate::names::Names;

/// What is known of a product.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize, Serialize)]
pub struct Product {
    /// Its name as it was written when it was registered.
    pub name: ProductName,
    /// The group that its buyers become members of.
    pub group: Option<GroupName>,
}

/// The products of a tenant, by the number of their name.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Products {
    products: Facts<Product>,
    /// Holder: the buyer. Thing: the product.
    pub(crate) purchases: Holdings,
}

impl Products {
    pub(crate) fn apply(&mut self, names: &mut Names, at: Position, event: &GroupEvent) {
        match event {
            GroupEvent::ProductRegistered { product, group } => {
                let state = Product { name: product.clone(), group: group.clone() };
                self.products.set(names.products.intern(product.as_str()), at, state);
            }
            GroupEvent::ProductUnlinked { product, .. } => {
                let state = Product { name: product.clone(), group: None };
                self.products.set(names.products.intern(product.as_str()), at, state);
            }
            GroupEvent::PurchaseRecorded { product, account, until } => {
                let who = names.accounts.intern(account.as_str());
                let product = names.products.intern(product.as_str());
                self.purchases.set(who, product, at, Holding::held(1, *until));
            }
            // What a purchase brings about in a group is said by an event on the group.
            GroupEvent::GroupCreated { .. }
            | GroupEvent::GroupDeleted { .. }
            | GroupEvent::GroupMemberAdded { .. }
            | GroupEvent::GroupMemberRemoved { .. }
            | GroupEvent::DynamicGroupDefined { .. }
            | GroupEvent::DynamicGroupRefreshed { .. } => {}
        }
    }

    pub(crate) fn retract(&mut self, at: Position) {
        let Products { products, purchases } = self;
        products.retract(at);
        purchases.retract(at);
    }

    /// What is known of a product, with the entry that made it so.
    pub fn product(&self, product: u32, position: Position) -> Option<(Position, &Product)> {
        self.products.change_at(product, position)
    }

    /// The products as of a position, by name.
    pub fn all(&self, position: Position) -> Vec<(u32, &Product)> {
        let known = self.products.keys().filter_map(|number| Some((number, self.products.at(number, position)?)));
        let mut products: Vec<_> = known.collect();
        products.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        products
    }

    /// Whether every product is kept under the number of its name.
    pub fn agrees(&self, names: &Names) -> bool {
        under_own_numbers(&self.products, |number, product| names.products.is(number, product.name.as_str()))
    }

    /// The products whose buyers become members of a group, by name.
    pub fn naming(&self, group: &GroupName, position: Position) -> Vec<&Product> {
        let all = self.all(position).into_iter().map(|(_, product)| product);
        all.filter(|product| product.group.as_ref() == Some(group)).collect()
    }

    /// The last purchase of a product by an account, if what was bought has not ended.
    pub fn bought(&self, who: u32, product: u32, as_of: AsOf) -> Option<(Position, Holding)> {
        self.purchases.in_force(who, product, as_of)
    }

    /// Everybody who ever bought a product, with the purchases. Not in an order to show.
    pub fn buyers(&self, product: u32) -> impl Iterator<Item = (u32, &GrantHistory)> {
        self.purchases.holders_of(product)
    }

    /// The purchase that made an account a member of a group by the entry at `given`: the product bought. `None` where
    /// the membership came about otherwise.
    pub fn behind(&self, who: u32, group: &GroupName, given: Position) -> Option<&Product> {
        let bought = self
            .purchases
            .things_of(who)
            .filter(|(_, history)| history.change_at(given).is_some_and(|(bought, _)| bought == given));
        let mut named = bought.filter_map(|(product, _)| self.products.at(product, given));
        named.find(|product| product.group.as_ref() == Some(group))
    }
}
