//! A condition on contacts: what the contacts of a visible set, or of a dynamic group, have in common (rules: V1, X4).
//!
//! Only what is stored plain can be asked for: a person's name or address is sealed with the person's own key.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap as _};

use crate::Label;
use crate::choice::choice;

choice! {
    /// A field of a contact that conditions compare.
    ContactField {
        /// The member type.
        MemberType = "member_type",
        /// The status.
        Status = "status",
    }
}

/// What must be so of a contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ContactCondition {
    /// The field has this value, compared without case.
    Is(ContactField, Label),
    /// The field has no value.
    Without(ContactField),
    /// All of these; of none, every contact.
    All(Vec<ContactCondition>),
    /// Any of these; of none, no contact.
    Any(Vec<ContactCondition>),
    /// Not this.
    Not(Box<ContactCondition>),
}

impl ContactCondition {
    /// The most comparisons and connectives that one condition may have, together.
    pub const MOST_PARTS: usize = 64;
    /// The most levels to which they may lie within each other.
    pub const MOST_LEVELS: usize = 8;

    /// Whether it holds of the contact whose fields `value_of` reads.
    pub fn holds<'a>(&self, value_of: &dyn Fn(ContactField) -> Option<&'a Label>) -> bool {
        match self {
            ContactCondition::Is(field, wanted) => value_of(*field).is_some_and(|value| value.is_alike(wanted)),
            ContactCondition::Without(field) => value_of(*field).is_none(),
            ContactCondition::All(parts) => parts.iter().all(|part| part.holds(value_of)),
            ContactCondition::Any(parts) => parts.iter().any(|part| part.holds(value_of)),
            ContactCondition::Not(part) => !part.holds(value_of),
        }
    }

    fn parts(&self) -> usize {
        1 + self.below().iter().map(ContactCondition::parts).sum::<usize>()
    }

    fn levels(&self) -> usize {
        1 + self.below().iter().map(ContactCondition::levels).max().unwrap_or(0)
    }

    fn below(&self) -> &[ContactCondition] {
        match self {
            ContactCondition::Is(..) | ContactCondition::Without(_) => &[],
            ContactCondition::All(parts) | ContactCondition::Any(parts) => parts,
            ContactCondition::Not(part) => std::slice::from_ref(part),
        }
    }

    /// The condition itself, where it keeps the bounds. Errors: it does not.
    fn bounded(self) -> Result<ContactCondition, String> {
        if self.levels() > Self::MOST_LEVELS || self.parts() > Self::MOST_PARTS {
            let (parts, levels) = (Self::MOST_PARTS, Self::MOST_LEVELS);
            return Err(format!("expected a condition of at most {parts} parts on at most {levels} levels"));
        }
        Ok(self)
    }

    fn flatten(&self, into: &mut Vec<StoredPart>) {
        for part in self.below() {
            part.flatten(into);
        }
        let count = || u32::try_from(self.below().len()).unwrap_or(u32::MAX);
        into.push(match self {
            ContactCondition::Is(field, value) => StoredPart::Is(*field, value.clone()),
            ContactCondition::Without(field) => StoredPart::Without(*field),
            ContactCondition::All(_) => StoredPart::All(count()),
            ContactCondition::Any(_) => StoredPart::Any(count()),
            ContactCondition::Not(_) => StoredPart::Not,
        });
    }

    fn unflatten(parts: Vec<StoredPart>) -> Option<ContactCondition> {
        let mut stack: Vec<ContactCondition> = Vec::new();
        for part in parts {
            let whole = match part {
                StoredPart::Is(field, value) => ContactCondition::Is(field, value),
                StoredPart::Without(field) => ContactCondition::Without(field),
                StoredPart::All(count) => ContactCondition::All(take(&mut stack, count)?),
                StoredPart::Any(count) => ContactCondition::Any(take(&mut stack, count)?),
                StoredPart::Not => ContactCondition::Not(Box::new(stack.pop()?)),
            };
            // Looked at on the way, so that nothing deep is ever built.
            stack.push(whole.bounded().ok()?);
        }
        let whole = stack.pop()?;
        stack.is_empty().then_some(whole)
    }
}

fn take(stack: &mut Vec<ContactCondition>, count: u32) -> Option<Vec<ContactCondition>> {
    let from = stack.len().checked_sub(usize::try_from(count).ok()?)?;
    Some(stack.split_off(from))
}

/// In words that follow "contacts whose": `member_type is Regular and status is active`.
impl std::fmt::Display for ContactCondition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |parts: &[ContactCondition], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| part.within()).collect();
            parts.join(word)
        };
        match self {
            ContactCondition::Is(field, value) => write!(f, "{field} is {value}"),
            ContactCondition::Without(field) => write!(f, "{field} is not given"),
            ContactCondition::All(parts) if parts.is_empty() => f.write_str("anything holds"),
            ContactCondition::Any(parts) if parts.is_empty() => f.write_str("nothing holds"),
            ContactCondition::All(parts) => f.write_str(&list(parts, " and ")),
            ContactCondition::Any(parts) => f.write_str(&list(parts, " or ")),
            ContactCondition::Not(part) => write!(f, "not {}", part.within()),
        }
    }
}

impl ContactCondition {
    /// In words, in brackets where it has several parts.
    fn within(&self) -> String {
        if self.below().len() > 1 { format!("({self})") } else { self.to_string() }
    }
}

/// The stored form: the parts one after the other, each connective after what it connects, so that reading it needs no
/// recursion whatever the bytes say.
#[derive(Serialize, Deserialize)]
enum StoredPart {
    Is(ContactField, Label),
    Without(ContactField),
    All(u32),
    Any(u32),
    Not,
}

impl Serialize for ContactCondition {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if !to.is_human_readable() {
            let mut parts = Vec::new();
            self.flatten(&mut parts);
            return parts.serialize(to);
        }
        let mut form = to.serialize_map(Some(1))?;
        match self {
            ContactCondition::Is(field, value) => form.serialize_entry(field.slug(), value)?,
            ContactCondition::Without(field) => form.serialize_entry(field.slug(), &None::<Label>)?,
            ContactCondition::All(parts) => form.serialize_entry("all", parts)?,
            ContactCondition::Any(parts) => form.serialize_entry("any", parts)?,
            ContactCondition::Not(part) => form.serialize_entry("not", part)?,
        }
        form.end()
    }
}

impl<'de> Deserialize<'de> for ContactCondition {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            return from.deserialize_map(ShownCondition)?.bounded().map_err(de::Error::custom);
        }
        let parts = Vec::<StoredPart>::deserialize(from)?;
        ContactCondition::unflatten(parts).ok_or_else(|| de::Error::custom("no condition on contacts"))
    }
}

/// The shown form: `{"member_type": "Regular"}`, a list for any of several values, null for none; `{"all": [..]}`,
/// `{"any": [..]}`, `{"not": {..}}`; of several fields all must hold.
struct ShownCondition;

impl<'de> de::Visitor<'de> for ShownCondition {
    type Value = ContactCondition;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a condition such as {\"member_type\": \"Regular\"}")
    }

    fn visit_map<M: de::MapAccess<'de>>(self, mut fields: M) -> Result<ContactCondition, M::Error> {
        let mut all = Vec::new();
        while let Some(key) = fields.next_key::<String>()? {
            all.push(match key.as_str() {
                "all" => ContactCondition::All(fields.next_value()?),
                "any" => ContactCondition::Any(fields.next_value()?),
                "not" => ContactCondition::Not(fields.next_value()?),
                field => {
                    let field = ContactField::parse(field).map_err(|_| {
                        de::Error::unknown_field(field, &["member_type", "status", "all", "any", "not"])
                    })?;
                    values(field, fields.next_value()?)
                }
            });
        }
        match <[ContactCondition; 1]>::try_from(all) {
            Ok([one]) => Ok(one),
            Err(several) => Ok(ContactCondition::All(several)),
        }
    }
}

/// What a field is compared with.
#[derive(Deserialize)]
#[serde(untagged)]
enum ShownValue {
    One(Label),
    Several(Vec<Label>),
}

fn values(field: ContactField, value: Option<ShownValue>) -> ContactCondition {
    match value {
        None => ContactCondition::Without(field),
        Some(ShownValue::One(label)) => ContactCondition::Is(field, label),
        Some(ShownValue::Several(labels)) => {
            ContactCondition::Any(labels.into_iter().map(|label| ContactCondition::Is(field, label)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ContactField::{MemberType, Status};
    use super::*;

    fn is(field: ContactField, value: &str) -> ContactCondition {
        ContactCondition::Is(field, Label::new(value).unwrap())
    }

    // rules: V1, X4
    #[test]
    fn a_condition_holds_of_contacts_by_their_fields_without_case() {
        let [regular, active] = ["regular", "Active"].map(|text| Label::new(text).unwrap());
        let of = |field| match field {
            MemberType => Some(&regular),
            Status => Some(&active),
        };
        let both = ContactCondition::All(vec![is(MemberType, "Regular"), is(Status, "active")]);
        assert!(both.holds(&of));
        assert!(!ContactCondition::Not(Box::new(both.clone())).holds(&of));
        assert!(!is(MemberType, "Student").holds(&of) && !ContactCondition::Without(Status).holds(&of));
        assert!(ContactCondition::Without(Status).holds(&|_| None) && !both.holds(&|_| None));
        assert!(ContactCondition::All(Vec::new()).holds(&of) && !ContactCondition::Any(Vec::new()).holds(&of));
        assert_eq!(both.to_string(), "member_type is Regular and status is active");
    }

    #[test]
    fn the_stored_form_is_read_back_and_nothing_deep_is_built_from_bad_bytes() {
        let part = |count| StoredPart::Any(count);
        let whole = ContactCondition::Any(vec![
            ContactCondition::Not(Box::new(is(MemberType, "Regular"))),
            ContactCondition::All(vec![is(Status, "active"), ContactCondition::Without(MemberType)]),
        ]);
        let mut parts = Vec::new();
        whole.flatten(&mut parts);
        assert_eq!(ContactCondition::unflatten(parts), Some(whole));
        for wrong in [vec![], vec![part(1)], vec![part(u32::MAX)], vec![part(0), part(0)], vec![StoredPart::Not]] {
            assert_eq!(ContactCondition::unflatten(wrong), None);
        }
        let deep = (0..100_000).map(|index| if index == 0 { part(0) } else { StoredPart::Not });
        assert_eq!(ContactCondition::unflatten(deep.collect()), None);
    }
}
