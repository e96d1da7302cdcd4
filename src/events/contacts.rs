//! Contacts: the people and organisations that accounts are (chapters C and S).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap as _};

use crate::describe::chapter;
use crate::{AccountId, KeyId, Label, Sealed, SealedEmail};

/// What a command did to one detail of a contact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Change<T> {
    /// It stays as it was.
    Kept,
    /// It has this value now.
    Set(T),
    /// It has no value any more.
    Cleared,
}

/// The details of a contact that may be given with it and changed later.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContactDetails {
    /// Full name.
    pub full_name: Change<Sealed>,
    /// Email address.
    pub email: Change<SealedEmail>,
    /// Member type, which rights may depend on.
    pub member_type: Change<Label>,
    /// Status, which conditions may ask for.
    pub status: Change<Label>,
    /// City.
    pub city: Change<Sealed>,
    /// State or province.
    pub state: Change<Sealed>,
    /// Country.
    pub country: Change<Sealed>,
    /// Phone number.
    pub phone: Change<Sealed>,
    /// Where the picture lies.
    pub picture: Change<Sealed>,
}

impl ContactDetails {
    /// Nothing changed.
    pub const KEPT: ContactDetails = ContactDetails {
        full_name: Change::Kept,
        email: Change::Kept,
        member_type: Change::Kept,
        status: Change::Kept,
        city: Change::Kept,
        state: Change::Kept,
        country: Change::Kept,
        phone: Change::Kept,
        picture: Change::Kept,
    };
}

/// Stored as all details in order; shown as an object of those that changed, `null` for one that was cleared.
impl Serialize for ContactDetails {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let ContactDetails { full_name, email, member_type, status, city, state, country, phone, picture } = self;
        if !to.is_human_readable() {
            return (full_name, email, member_type, status, city, state, country, phone, picture).serialize(to);
        }
        fn show<M: serde::ser::SerializeMap, T: Serialize>(
            form: &mut M,
            name: &str,
            change: &Change<T>,
        ) -> Result<(), M::Error> {
            match change {
                Change::Kept => Ok(()),
                Change::Set(value) => form.serialize_entry(name, value),
                Change::Cleared => form.serialize_entry(name, &()),
            }
        }
        let mut form = to.serialize_map(None)?;
        show(&mut form, "full_name", full_name)?;
        show(&mut form, "email", email)?;
        show(&mut form, "member_type", member_type)?;
        show(&mut form, "status", status)?;
        show(&mut form, "city", city)?;
        show(&mut form, "state", state)?;
        show(&mut form, "country", country)?;
        show(&mut form, "phone", phone)?;
        show(&mut form, "picture", picture)?;
        form.end()
    }
}

/// The details as a visitor of the shown form fills them.
struct ShownDetails;

impl<'de> serde::de::Visitor<'de> for ShownDetails {
    type Value = ContactDetails;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of contact details")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<ContactDetails, A::Error> {
        fn read<'de, A: serde::de::MapAccess<'de>, T: Deserialize<'de>>(map: &mut A) -> Result<Change<T>, A::Error> {
            Ok(map.next_value::<Option<T>>()?.map_or(Change::Cleared, Change::Set))
        }
        let mut details = ContactDetails::KEPT;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "full_name" => details.full_name = read(&mut map)?,
                "email" => details.email = read(&mut map)?,
                "member_type" => details.member_type = read(&mut map)?,
                "status" => details.status = read(&mut map)?,
                "city" => details.city = read(&mut map)?,
                "state" => details.state = read(&mut map)?,
                "country" => details.country = read(&mut map)?,
                "phone" => details.phone = read(&mut map)?,
                "picture" => details.picture = read(&mut map)?,
                other => return Err(A::Error::custom(format!("`{other}` is no contact detail"))),
            }
        }
        Ok(details)
    }
}

impl<'de> Deserialize<'de> for ContactDetails {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            return from.deserialize_map(ShownDetails);
        }
        let (full_name, email, member_type, status, city, state, country, phone, picture) =
            Deserialize::deserialize(from)?;
        Ok(ContactDetails { full_name, email, member_type, status, city, state, country, phone, picture })
    }
}

chapter! {
    /// What happened to contacts.
    ContactEvent = "Contact" {
        #[doc = "A contact was added."]
        ContactAdded = "contact_added", Platform, AccountChange {
            /// The id, never given before (rule: C15).
            account: AccountId,
            /// The key that seals the contact's personal values.
            key: KeyId,
            /// What is known of the contact.
            details: Box<ContactDetails>,
        }
        #[doc = "A contact's details were changed."]
        ContactUpdated = "contact_updated", Platform, AccountChange {
            /// Whose.
            account: AccountId,
            /// What changed.
            details: Box<ContactDetails>,
        }
        #[doc = "An account was removed; history keeps naming it."]
        AccountRemoved = "account_removed", Platform, AccountChange {
            /// Which.
            account: AccountId,
        }
    }
}
