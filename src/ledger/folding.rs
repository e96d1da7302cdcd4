//! What a stream's entries mean, at opening: folded from the first, or on from views that were kept.

use grantbook_events::Position;
use grantbook_evidence::{Tree, leaf_hash};
use grantbook_journal::{StreamName, on_all_cores};
use grantbook_projections::Views;

use crate::decoding::{Decoded, Unreadable, decoded, in_order};
use crate::kept_views::{Folded, NotUsed};
use crate::ledger::Ledger;
use crate::opening::OpenError;

impl Ledger {
    /// Folds several streams, as [`Ledger::read`] does one, and as many at once as there are cores: what each gave, in their
    /// order.
    pub(crate) fn read_all(&self, streams: &[StreamName]) -> Vec<Result<(Views, Tree), OpenError>> {
        let folded = on_all_cores(streams.len(), |index| streams.get(index).map(|stream| self.read(stream)));
        folded.into_iter().flatten().collect()
    }

    /// Folds a stream's entries into views and checks them against the head. Errors: an entry cannot be read, or the entries
    /// are not those that were acknowledged.
    pub(crate) fn read(&self, stream: &StreamName) -> Result<(Views, Tree), OpenError> {
        if let Some(kept) = self.shared.kept_views.load(stream) {
            let from = kept.position();
            match self.fold_on(stream, kept) {
                Ok(folded) => {
                    self.shared.kept_views.opened_from(stream, from);
                    return Ok(folded);
                }
                // What is wrong with entries is found again by folding all of them.
                Err(why) => self.shared.kept_views.discard(stream, &why),
            }
        }
        self.fold(stream, Views::default(), Tree::default())
    }

    /// Goes on from kept views. Errors: why they are not this journal's.
    fn fold_on(&self, stream: &StreamName, kept: Folded) -> Result<(Views, Tree), NotUsed> {
        let other = |error: &dyn std::fmt::Display| NotUsed::OtherHistory(error.to_string());
        let from = kept.position();
        let entry = self.shared.store.read(stream, from.0).next().transpose().map_err(|damage| other(&damage))?;
        let leaf = entry.map(|(_, bytes)| leaf_hash(&bytes));
        if leaf != Some(kept.leaf) {
            return Err(NotUsed::OtherJournal(from));
        }
        let (views, tree) = self.fold(stream, kept.views, kept.tree).map_err(|error| other(&error))?;
        let last = views.timeline.last();
        if views.keeping.all_erased(last).any(|(_, erased)| erased > from) {
            // A crash came between the entry and the purging.
            self.shared.kept_views.purge(stream).map_err(|error| other(&error))?;
        }
        Ok((views, tree))
    }

    /// Folds what follows after what is in `views` and `tree`.
    fn fold(&self, stream: &StreamName, mut views: Views, mut tree: Tree) -> Result<(Views, Tree), OpenError> {
        let head = self.shared.report.as_ref().and_then(|report| report.heads.get(stream)).cloned();
        let acknowledged = |tree: &Tree| {
            let expected = head.as_ref().filter(|head| head.last == tree.size()).and_then(|head| head.root);
            match expected {
                Some(root) if root != tree.root() => {
                    Err(OpenError::Root { stream: stream.as_str().to_owned(), position: tree.size() })
                }
                Some(_) | None => Ok(()),
            }
        };
        acknowledged(&tree)?;
        let stored = self.shared.store.read(stream, Position(tree.size()).next().0);
        in_order(stored, decoded, |Decoded { entry, leaf, .. }| {
            views.apply(entry);
            tree.push(*leaf);
            acknowledged(&tree).map_err(Stopped::Refused)
        })
        .map_err(|stopped| match stopped {
            Stopped::Refused(why) => why,
            Stopped::Unreadable(wrong) => {
                OpenError::Entry { stream: stream.as_str().to_owned(), position: wrong.position(), what: wrong.what() }
            }
        })?;
        Ok((views, tree))
    }
}

/// Why folding stopped.
enum Stopped {
    /// An entry cannot be decoded.
    Unreadable(Unreadable),
    /// What was folded is not what was acknowledged.
    Refused(OpenError),
}

impl From<Unreadable> for Stopped {
    fn from(wrong: Unreadable) -> Stopped {
        Stopped::Unreadable(wrong)
    }
}
