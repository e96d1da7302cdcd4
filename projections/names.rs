//! Names turned into small numbers, so that views hold numbers. A number, once given, stays; whether the thing so named
//! exists, and since when, is for the views to say.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use foldhash::fast::FixedState;

/// A map with a fast hash. Its order is never shown.
pub type FastMap<K, V> = HashMap<K, V, FixedState>;

/// Names of one kind and their numbers. Kept in order as well, so that a page of a million is no dearer than one of ten.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    numbers: FastMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    order: BTreeMap<Arc<str>, u32>,
}

impl Numbers {
    /// The number of `text`, given now where it had none.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.numbers.insert(text.clone(), number);
        self.order.insert(text.clone(), number);
        self.texts.push(text);
        number
    }

    /// The number of `text`; `None` where it has none.
    pub fn get(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// What `number` stands for; empty for a number that was never given.
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    /// All numbers with their texts, not in an order to show.
    pub fn all(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).zip(self.texts.iter().map(|text| &**text))
    }

    /// All numbers in the order of their texts.
    pub fn in_order(&self) -> impl Iterator<Item = u32> {
        self.order.values().copied()
    }

    /// Those whose texts come after `after`, or all, with their texts and in the order of these.
    pub fn later(&self, after: Option<&str>) -> impl Iterator<Item = (u32, &str)> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.order.range::<str, _>((from, Bound::Unbounded)).map(|(text, number)| (*number, &**text))
    }

    /// Those whose texts begin with `prefix`, in the order of the texts.
    pub fn beginning_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = u32> + 'a {
        let from = self.order.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.take_while(move |(text, _)| text.starts_with(prefix)).map(|(_, number)| *number)
    }
}

/// Names that are the same without case: the number is that of the folded text. How a name is spelt is for the view that
/// knows when it was made.
#[derive(Clone, Debug, Default)]
pub struct FoldedNumbers {
    numbers: Numbers,
}

impl FoldedNumbers {
    /// The number of `text`, given now where it had none.
    pub fn intern(&mut self, text: &str) -> u32 {
        // Most names come in lower case, and need no folding to be found.
        self.numbers.get(text).unwrap_or_else(|| self.numbers.intern(&text.to_lowercase()))
    }

    /// The number of `text`; `None` where it has none.
    pub fn get(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).or_else(|| self.numbers.get(&text.to_lowercase()))
    }

    /// What `number` stands for, folded; empty for a number that was never given.
    pub fn text(&self, number: u32) -> &str {
        self.numbers.text(number)
    }

    /// All numbers in the order of their folded texts.
    pub fn in_order(&self) -> impl Iterator<Item = u32> {
        self.numbers.in_order()
    }

    /// Those whose folded texts begin with a prefix that is folded too, in the order of the texts.
    pub fn beginning_with<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = u32> + 'a {
        self.numbers.beginning_with(prefix)
    }
}

/// The numbers of all names of a tenant.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Account ids.
    pub accounts: Numbers,
    /// Usernames, without case (rule: C2).
    pub usernames: FoldedNumbers,
    /// Role names.
    pub roles: FoldedNumbers,
    /// Group names.
    pub groups: FoldedNumbers,
    /// Products.
    pub products: FoldedNumbers,
    /// Community names.
    pub communities: FoldedNumbers,
    /// Names of content authority groups.
    pub content_groups: FoldedNumbers,
    /// Names of queries.
    pub queries: FoldedNumbers,
    /// App slugs.
    pub apps: FoldedNumbers,
    /// Module names.
    pub modules: FoldedNumbers,
    /// Names of organisations.
    pub organisations: FoldedNumbers,
    /// Object paths, with case.
    pub objects: Numbers,
}
