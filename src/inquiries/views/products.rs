//! Products, the groups that they name, and who bought them (rule: X3).

use grantbook_projections::Cause;
use grantbook_rights::account_usable;
use serde_json::{Map, Value};

use crate::shown::Shown;

pub(super) fn products(shown: &Shown<'_>) -> Value {
    let (views, as_of) = (shown.views, shown.as_of);
    let products = views.products.all(as_of.position).into_iter().map(|(number, product)| {
        let mut state = Map::new();
        state.insert("group".to_owned(), product.group.as_ref().map(|group| group.as_str()).into());
        if let Some((set, _)) = views.products.product(number, as_of.position) {
            state.insert("since".to_owned(), shown.cause(Cause::Entry(set)));
            shown.put_by(Some(set), &mut state);
        }
        let bought = views.products.buyers(number).filter_map(|(who, history)| {
            let (bought, holding) = history.change_at(as_of.position)?;
            Some((who, bought, holding))
        });
        let buyers = shown.in_force(bought).into_iter();
        let buyers =
            buyers.map(|(who, bought, holding)| shown.holder(who, bought, holding, account_usable(views, who, as_of)));
        state.insert("buyers".to_owned(), buyers.map(Value::Object).collect());
        (product.name.as_str().to_owned(), Value::Object(state))
    });
    let products: Map<String, Value> = products.collect();
    shown.answer([("products", Value::Object(products))])
}
