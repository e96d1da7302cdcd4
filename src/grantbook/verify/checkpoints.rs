//! Checkpoints that were kept, held against the entries: by the ledger beside its journal, by somebody elsewhere.

use grantbook_ledger::{Checkpoint, Hash, KeptEvidence, Volume, base64, open_checkpoint, origin_of, read_checkpoint};

use super::Problem;

/// A checkpoint that somebody kept, with where it lay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptNote {
    /// Its file.
    pub file: String,
    /// The note as it was kept.
    pub note: Vec<u8>,
}

/// The checkpoints that one tenant's entries are held against, as they are read.
pub(super) struct Kept {
    tenant: String,
    evidence: KeptEvidence,
    /// Those from elsewhere, which may be another tenant's.
    given: Vec<(KeptNote, Checkpoint)>,
    /// What is still to be met: where it lay, and what it says.
    expected: Vec<(String, Checkpoint)>,
}

impl Kept {
    pub(super) fn of(volume: &Volume<'_>, given: &[KeptNote]) -> Kept {
        let tenant = volume.cloud_id().map(|tenant| tenant.as_str().to_owned()).unwrap_or_default();
        let evidence = volume.kept_evidence();
        let folder = format!("checkpoints/{tenant}");
        let own = evidence.checkpoints.iter();
        let expected = own.map(|(file, checkpoint)| (format!("{folder}/{file}"), checkpoint.clone())).collect();
        let read = |kept: &KeptNote| Some((kept.clone(), read_checkpoint(&kept.note).ok()?));
        let of_tenant = |(_, checkpoint): &(KeptNote, Checkpoint)| {
            !tenant.is_empty() && checkpoint.origin.starts_with(&format!("grantbook/{tenant}/"))
        };
        let given = given.iter().filter_map(read).filter(of_tenant).collect();
        Kept { tenant, evidence, given, expected }
    }

    /// What is wrong with the files themselves.
    pub(super) fn troubles(&self) -> Vec<Problem> {
        let troubles = self.evidence.troubles.iter().map(|(file, expected, found)| {
            let file = format!("checkpoints/{}/{file}", self.tenant);
            Problem { tenant: Some(self.tenant.clone()), ..Problem::of_file(&file, "checkpoint", expected, found) }
        });
        troubles.collect()
    }

    /// The first entry says which tree it is: notes of another one do not belong here.
    pub(super) fn begins(&mut self, first: &Hash) -> Vec<Problem> {
        let origin = origin_of(&self.tenant, first);
        let mut problems = Vec::new();
        for (KeptNote { file, note }, checkpoint) in std::mem::take(&mut self.given) {
            let wrong = |expected: String, found: String| Problem {
                tenant: Some(self.tenant.clone()),
                ..Problem::of_file(&file, "checkpoint", expected, found)
            };
            if checkpoint.origin != origin {
                let found = format!("one of another book, `{}`", checkpoint.origin);
                problems.push(wrong(format!("a checkpoint of `{origin}`"), found));
                continue;
            }
            let keys: Vec<&str> = self.evidence.keys.iter().map(|key| key.verifier_key.as_str()).collect();
            if let Err(error) = open_checkpoint(&note, &keys, &[]) {
                problems.push(wrong("a signature of a key of this tenant's".to_owned(), error.to_string()));
            }
            self.expected.push((file, checkpoint));
        }
        let foreign = |(file, checkpoint): &(String, Checkpoint)| {
            (checkpoint.origin != origin).then(|| {
                let found = format!("one of another book, `{}`", checkpoint.origin);
                Problem::of_file(file, "checkpoint", format!("a checkpoint of `{origin}`"), found)
            })
        };
        problems.extend(self.expected.iter().filter_map(foreign));
        self.expected.retain(|(_, checkpoint)| checkpoint.origin == origin);
        problems
    }

    /// The tree has this root at this size.
    pub(super) fn at(&mut self, size: u64, root: impl FnOnce() -> Hash) -> Vec<Problem> {
        if !self.expected.iter().any(|(_, checkpoint)| checkpoint.size == size) {
            return Vec::new();
        }
        let root = root();
        let (met, expected): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.expected).into_iter().partition(|(_, checkpoint)| checkpoint.size == size);
        self.expected = expected;
        let other = met.into_iter().filter(|(_, checkpoint)| checkpoint.root != root).map(|(file, checkpoint)| {
            let expected = format!("the {size} entries of the checkpoint, of root {}", base64(&checkpoint.root));
            let found = format!("other entries, of root {}: the history was changed or replaced", base64(&root));
            self.problem(&file, size, expected, found)
        });
        other.collect()
    }

    /// The entries end here: what promises more of them was not kept.
    pub(super) fn ends(&mut self, last: u64) -> Vec<Problem> {
        let more = std::mem::take(&mut self.expected);
        let more = more.into_iter().filter(|(_, checkpoint)| checkpoint.size > last).map(|(file, checkpoint)| {
            let expected = format!("{} entries, as the checkpoint says", checkpoint.size);
            self.problem(&file, last, expected, format!("an older copy: it ends at {last}"))
        });
        more.collect()
    }

    fn problem(&self, file: &str, position: u64, expected: String, found: String) -> Problem {
        let place = Problem::at(&self.tenant, position, "checkpoint", expected, found);
        Problem { file: Some(file.to_owned()), ..place }
    }
}

/// What is wrong with notes from elsewhere of which no tenant here is meant.
pub(super) fn strangers(given: &[KeptNote], tenants: &[String]) -> Vec<Problem> {
    let of_here = |origin: &str| tenants.iter().any(|tenant| origin.starts_with(&format!("grantbook/{tenant}/")));
    let wrong = given.iter().filter_map(|KeptNote { file, note }| match read_checkpoint(note) {
        Err(error) => Some(Problem::of_file(file, "checkpoint", "a signed checkpoint", error)),
        Ok(checkpoint) if of_here(&checkpoint.origin) => None,
        Ok(checkpoint) => {
            let found = format!("one of no book here, `{}`", checkpoint.origin);
            Some(Problem::of_file(file, "checkpoint", "a checkpoint of a tenant here", found))
        }
    });
    wrong.collect()
}
