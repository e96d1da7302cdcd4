//! Separations of duties: pairs of capabilities that nobody should hold together, as a tenant defines them.

use crate::describe::chapter;
use crate::{CapabilityName, SeparationName};

chapter! {
    /// What happened to separations.
    SeparationEvent = "Separation" {
        #[doc = "A separation of duties was defined."]
        SeparationDefined = "separation_defined", Platform, UserAccess {
            /// Its name.
            separation: SeparationName,
            /// What nobody should be able to do ...
            one: CapabilityName,
            /// ... who can also do this.
            other: CapabilityName,
        }
        #[doc = "A separation of duties was removed."]
        SeparationRemoved = "separation_removed", Platform, UserAccess {
            /// Its name.
            separation: SeparationName,
        }
    }
}
