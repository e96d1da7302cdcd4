//! What a tenant lacks that was restored to an earlier position: a backup holds the secrets of the moment when it was taken, and
//! what was signed by then.

use super::restore::Until;
use crate::ledger::Ledger;
use crate::vault::ReadError;
use crate::volume::SecretTrouble;

/// What does not fit the shorter history. `verify` tells each of these, for it cannot tell a cut from a loss.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cut {
    /// The secrets that were in force then and are not there any more: they were replaced, closed or erased since.
    pub secrets: Vec<SecretTrouble>,
    /// The files beneath `checkpoints/` that promise more entries, with how many.
    pub checkpoints: Vec<(String, u64)>,
}

impl Cut {
    /// Looks at a tenant that was restored. Errors: the vault could not be read.
    pub(super) fn of(ledger: &Ledger, until: &Until) -> Result<Cut, ReadError> {
        let volumes = ledger.volumes();
        let Some(volume) = volumes.iter().find(|volume| volume.cloud_id() == Some(&until.tenant)) else {
            return Ok(Cut::default());
        };
        let kept = volume.kept_evidence().checkpoints.into_iter();
        let beyond = kept.filter(|(_, checkpoint)| checkpoint.size > until.position.0);
        let checkpoints = beyond.map(|(file, checkpoint)| (file, checkpoint.size)).collect();
        Ok(Cut { secrets: volume.secret_troubles()?, checkpoints })
    }
}
