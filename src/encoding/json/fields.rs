//! What the names and types in the events' descriptions mean for their public form.

/// The version of every event type's public form.
pub const EVENT_VERSION: u64 = 1;

/// Fields that the form has beside the event's own, so no event may have one of these names.
pub(super) const FORM: [&str; 7] = ["type", "version", "authority", "command_index", "erased", "before", "after"];

/// Numbers of 64 bits that are hashes or random: text in the public form. Every other `u64` is a count, and its form a number.
pub(super) const OPAQUE: [&str; 2] = ["browser", "chain"];

/// The details of a contact, which stand among the event's own fields, each with its type as descriptions write it.
pub const DETAILS: [(&str, &str); 9] = [
    ("full_name", "Sealed"),
    ("email", "SealedEmail"),
    ("member_type", "Label"),
    ("status", "Label"),
    ("city", "Sealed"),
    ("state", "Sealed"),
    ("country", "Sealed"),
    ("phone", "Sealed"),
    ("picture", "Sealed"),
];

/// A type as a description writes it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Type<'a> {
    /// Whether the field may be without a value.
    pub(super) optional: bool,
    /// The type of the value.
    pub(super) name: &'a str,
}

impl<'a> Type<'a> {
    pub(super) fn of(written: &'a str) -> Type<'a> {
        match inside(written, "Option") {
            Some(name) => Type { optional: true, name },
            None => Type { optional: false, name: inside(written, "Box").unwrap_or(written) },
        }
    }

    /// Whether its fields stand among the event's own.
    pub(super) fn is_details(self) -> bool {
        self.name == "ContactDetails"
    }

    /// Whether it names an account, so that the account's name follows.
    pub(super) fn is_account(self) -> bool {
        self.name == "AccountId"
    }

    /// Whether a value of it in a field named `field` is shown as it shows itself, and nothing beside it.
    pub(super) fn is_shown_as_it_is(self, field: &str) -> bool {
        let sealed = matches!(self.name, "Sealed" | "SealedEmail");
        !(self.optional || sealed || self.is_details() || self.is_account() || self.is_opaque(field))
    }

    /// Whether a field of it named `field` is a 64-bit number shown as text.
    pub(super) fn is_opaque(self, field: &str) -> bool {
        self.name == "u64" && OPAQUE.contains(&field)
    }
}

/// What a type holds that is written as `wrapper`, such as `Option`; `None` where it is not written so.
pub fn inside<'a>(written: &'a str, wrapper: &str) -> Option<&'a str> {
    Some(written.strip_prefix(wrapper)?.trim().strip_prefix('<')?.strip_suffix('>')?.trim())
}

/// A 64-bit number as text.
pub(super) fn digits(number: u64) -> String {
    format!("{number:016x}")
}

/// The number that such text means.
pub(super) fn number(text: &str) -> Option<u64> {
    let plain = (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    plain.then(|| u64::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use grantbook_events::{Change, ContactDetails, Event, KeyId, Label, Sealed, SealedEmail};

    #[test]
    fn no_event_has_a_field_that_the_form_needs() {
        for description in Event::descriptions() {
            let mut names: Vec<String> = FORM.iter().map(|&name| name.to_owned()).collect();
            for (name, written) in description.fields {
                let of = Type::of(written);
                if of.is_account() {
                    names.push(format!("{name}_name"));
                }
                if of.is_details() {
                    names.extend(DETAILS.iter().map(|(name, _)| (*name).to_owned()));
                }
                names.push((*name).to_owned());
            }
            let all = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), all, "{}: a name stands twice", description.kind);
        }
    }

    #[test]
    fn every_wide_number_is_known_to_be_a_count_or_opaque() {
        const COUNTS: [&str; 3] = ["lines", "step", "entries"];
        for description in Event::descriptions() {
            for (name, written) in description.fields {
                if Type::of(written).name == "u64" {
                    let known = COUNTS.contains(name) || OPAQUE.contains(name);
                    assert!(known, "{}.{name}: a count up to 2^53, or opaque?", description.kind);
                }
            }
        }
    }

    #[test]
    fn the_details_are_those_of_contacts() {
        let text = || Change::Set(Sealed { key: KeyId(7), bytes: vec![1] });
        let label = || Change::Set(Label::new("x").unwrap());
        let details = ContactDetails {
            full_name: text(),
            email: Change::Set(SealedEmail { address: Sealed::clear("a@b"), valid: true }),
            member_type: label(),
            status: label(),
            city: text(),
            state: text(),
            country: text(),
            phone: text(),
            picture: text(),
        };
        let form = serde_json::to_value(details).unwrap();
        let names: Vec<&str> = form.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, DETAILS.map(|(name, _)| name));
        for (name, of) in DETAILS {
            assert_eq!(form[name].is_object(), of == "Sealed", "{name}");
        }
    }
}
