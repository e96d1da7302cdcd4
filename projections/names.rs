//! Names turned into small numbers, so that views hold numbers. A number, once given, stays; whether the thing so named
//! exists, and since when, is for the views to say.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::ops::Bound;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

/// A map with a fast hash. Its order is never shown.
pub type FastMap<K, V> = HashMap<K, V, FixedState>;

/// Names of one kind and their numbers. Kept in order as well, so that a page of a million is no dearer than one of ten.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// In the order in which they came: the number of a text is where it stands.
    texts: Vec<SmolStr>,
    /// The numbers, found by their texts. It has nothing else, so that more of it is in a processor's cache.
    found: HashTable<u32>,
    order: BTreeMap<SmolStr, u32>,
    /// The two that were asked for last, the last one first: an entry names who acts and whom it is about to one view after the other.
    recent: [u32; 2],
}

impl Numbers {
    /// The number of `text`, given now where it had none.
    pub fn intern(&mut self, text: &str) -> u32 {
        let [last, before] = self.recent;
        if self.stands_for(last, text) {
            return last;
        }
        let known = if self.stands_for(before, text) { Some(before) } else { self.sought(text) };
        let number = known.unwrap_or_else(|| self.give(text));
        self.recent = [number, last];
        number
    }

    fn give(&mut self, text: &str) -> u32 {
        let (number, text) = (self.count(), SmolStr::new(text));
        self.order.insert(text.clone(), number);
        self.put(text);
        number
    }

    /// The next text has the next number.
    fn put(&mut self, text: SmolStr) {
        let (number, hash) = (self.count(), hash(&text));
        self.texts.push(text);
        let texts = &self.texts;
        self.found.insert_unique(hash, number, |number| texts.get(*number as usize).map_or(0, |text| self::hash(text)));
    }

    fn sought(&self, text: &str) -> Option<u32> {
        self.found.find(hash(text), |number| self.stands_for(*number, text)).copied()
    }

    /// The number of `text`; `None` where it has none.
    pub fn get(&self, text: &str) -> Option<u32> {
        let recent = self.recent.into_iter().find(|recent| self.stands_for(*recent, text));
        recent.or_else(|| self.sought(text))
    }

    fn stands_for(&self, number: u32, text: &str) -> bool {
        self.texts.get(number as usize).is_some_and(|found| found == text)
    }

    /// What `number` stands for; empty for a number that was never given.
    pub fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", |text| text)
    }

    /// How many there are: the numbers are those from 0 up to this.
    pub fn count(&self) -> u32 {
        u32::try_from(self.texts.len()).unwrap_or(u32::MAX)
    }

    /// All numbers with their texts, not in an order to show.
    pub fn all(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..).zip(self.texts.iter().map(|text| &**text))
    }

    /// All numbers in the order of their texts.
    pub fn in_order(&self) -> impl Iterator<Item = u32> {
        self.order.values().copied()
    }

    /// Whether the order has all texts. What is kept is read so that whatever has a place in it has the right one, so nothing
    /// else can be wrong with it.
    pub fn all_in_order(&self) -> bool {
        self.order.len() == self.texts.len()
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

// Kept as the texts and their order alone: the rest comes of these, and what is in order already is put in order quickly.
impl Serialize for Numbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.texts.iter().collect::<Vec<&SmolStr>>(), self.in_order().collect::<Vec<u32>>()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Numbers, D::Error> {
        let (texts, order) = <(Vec<SmolStr>, Vec<u32>)>::deserialize(deserializer)?;
        let (room, found) = (Vec::with_capacity(texts.len()), HashTable::with_capacity(texts.len()));
        let mut numbers = Numbers { texts: room, found, ..Numbers::default() };
        texts.into_iter().for_each(|text| numbers.put(text));
        let order = order.into_iter().filter_map(|number| Some((numbers.texts.get(number as usize)?.clone(), number)));
        numbers.order = order.collect();
        Ok(numbers)
    }
}

fn hash(text: &str) -> u64 {
    FixedState::default().hash_one(text)
}

/// Names that are the same without case: the number is that of the folded text. How a name is spelt is for the view that
/// knows when it was made.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct FoldedNumbers {
    numbers: Numbers,
    /// Spellings that came up and are not folded: they need no folding to be found again.
    spelt: FastMap<SmolStr, u32>,
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
        let spelt = || self.spelt.get(text).copied();
        // What has a capital is not folded: it is not looked for where it cannot be.
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) { spelt() } else { self.numbers.get(text).or_else(spelt) }
    }

    /// What `number` stands for, folded; empty for a number that was never given.
    pub fn text(&self, number: u32) -> &str {
        self.numbers.text(number)
    }

    /// Whether `number` stands for `text`.
    pub fn is(&self, number: u32, text: &str) -> bool {
        let folded = self.text(number);
        if text.is_ascii() {
            let lower = text.bytes().map(|byte| byte.to_ascii_lowercase());
            folded.len() == text.len() && folded.bytes().eq(lower)
        } else {
            folded == text.to_lowercase()
        }
    }

    /// Whether names are found by their folded texts and by every spelling that is known of them, of the `slice`th of `of`
    /// slices: another text or spelling would hide a name, or lead to somebody else's.
    pub fn agrees(&self, slice: usize, of: usize) -> bool {
        let part = |count: usize| (count * slice / of, count * (slice + 1) / of);
        let (from, to) = part(self.numbers.texts.len());
        let mut texts = (from..to).zip(0u32..).map(|(index, more)| (from as u32 + more, self.numbers.texts.get(index)));
        let (first, end) = part(self.spelt.len());
        let mut spelt = self.spelt.iter().skip(first).take(end - first);
        self.numbers.all_in_order()
            && texts.all(|(number, text)| text.is_some_and(|text| self.is(number, text)))
            && spelt.all(|(spelt, number)| self.is(*number, spelt))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_folded_folds_to_itself_so_that_names_are_always_found_as_they_should_be() {
        for letter in '\0'..=char::MAX {
            assert!(letter.to_lowercase().flat_map(char::to_lowercase).eq(letter.to_lowercase()), "{letter:?}");
        }
        let mut names = FoldedNumbers::default();
        for name in ["Editors", "editors", "EDITORS", "ΟΔΟΣ", "οδοσ", "İzmir", "Straße"] {
            let number = names.intern(name);
            assert!(names.is(number, name) && !names.is(number + 1, name), "{name}");
        }
        // Every slice of however many, also of more than there are names.
        for of in 1..9 {
            assert!((0..of).all(|slice| names.agrees(slice, of)));
        }
        names.spelt.insert("Other".into(), 0);
        assert!((1..9).all(|of| (0..of).any(|slice| !names.agrees(slice, of))));
    }
}
