//! How a tenant begins.

use grantbook_events::{AccountId, Change, CloudId, ContactEvent, CustomerName, Edition, Event, Sealed, SecretVersion};

use crate::{Catalogue, NewTenant, create_tenant};

// rules: M1, M3
#[test]
fn manager_begins_as_a_contact_of_the_name_that_was_given_and_without_an_email() {
    let new = NewTenant {
        cloud_id: CloudId::new("abcimis").unwrap(),
        edition: Edition::Cloud,
        customer: CustomerName::new(crate::LOCAL_CUSTOMER).unwrap(),
        first_admin: None,
        manager_name: Sealed::clear("The Manager"),
        manager_email: None,
        secret: SecretVersion(1),
        further: Catalogue::default(),
    };
    let added: Vec<_> = create_tenant(&new)
        .into_iter()
        .filter_map(|event| {
            let Event::Contact(ContactEvent::ContactAdded { account, details, .. }) = event else { return None };
            Some((account, details))
        })
        .collect();
    let [(account, details)] = added.as_slice() else { panic!("{added:?}") };
    assert_eq!(*account, AccountId::new("manager").unwrap());
    assert_eq!(details.full_name, Change::Set(Sealed::clear("The Manager")));
    assert_eq!(details.email, Change::Kept);
}
