//! Names turned into small numbers, so that views hold numbers. A number, once given, stays; whether the thing so named
//! exists, and since when, is for the views to say.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use serde::{Deserialize, Serialize};

/// A map with a fast hash. Its order is never shown.
pub type FastMap<K, V> = HashMap<K, V, FixedState>;

/// Names of one kind and their numbers.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Numbers {
    numbers: FastMap<Box<str>, u32>,
    texts: Vec<Box<str>>,
}

impl Numbers {
    /// The number of `text`, given now where it had none.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.numbers.insert(text.into(), number);
        self.texts.push(text.into());
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
    pub fn in_order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..u32::try_from(self.texts.len()).unwrap_or(u32::MAX)).collect();
        order.sort_unstable_by_key(|number| self.text(*number));
        order
    }
}

/// Names that are the same without case: the number is that of the folded text. How a name is spelt is for the view that
/// knows when it was made.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct FoldedNumbers {
    numbers: Numbers,
    /// Spellings that came up and are not folded: they need no folding to be found again.
    spelt: FastMap<Box<str>, u32>,
}

impl FoldedNumbers {
    /// The number of `text`, given now where it had none.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.as_spelt(text) {
            return number;
        }
        let folded = text.to_lowercase();
        let number = self.numbers.intern(&folded);
        if folded != text {
            self.spelt.insert(text.into(), number);
        }
        number
    }

    /// The number of `text`; `None` where it has none.
    pub fn get(&self, text: &str) -> Option<u32> {
        self.as_spelt(text).or_else(|| self.numbers.get(&text.to_lowercase()))
    }

    fn as_spelt(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).or_else(|| self.spelt.get(text).copied())
    }

    /// What `number` stands for, folded; empty for a number that was never given.
    pub fn text(&self, number: u32) -> &str {
        self.numbers.text(number)
    }

    /// All numbers in the order of their folded texts.
    pub fn in_order(&self) -> Vec<u32> {
        self.numbers.in_order()
    }
}

/// The numbers of all names of a tenant.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
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
