//! Whom a question is put to: one account after the other, so that whoever asks can let others have a turn in between, or ask
//! of several at once.

use crate::shown::Shown;

/// Accounts in the order of their ids, some at a time.
#[derive(Clone, Debug)]
pub struct Whom {
    /// These; none where it may be anybody.
    bounded: Option<std::vec::IntoIter<u32>>,
    /// The id of the last one given.
    after: Option<String>,
}

impl Whom {
    /// Everybody who was ever named: those after the id `after`.
    pub fn everybody(after: Option<&str>) -> Whom {
        Whom { bounded: None, after: after.map(str::to_owned) }
    }

    /// These accounts: those after the id `after`.
    pub fn these(shown: &Shown<'_>, mut accounts: Vec<u32>, after: Option<&str>) -> Whom {
        accounts.retain(|who| after.is_none_or(|after| shown.id(*who) > after));
        accounts.sort_unstable_by_key(|who| shown.id(*who));
        Whom { bounded: Some(accounts.into_iter()), after: None }
    }

    /// The next `most`; fewer only at the end.
    pub fn next(&mut self, shown: &Shown<'_>, most: usize) -> Vec<u32> {
        let Some(bounded) = &mut self.bounded else {
            let later = shown.views.names.accounts.later(self.after.as_deref());
            let some: Vec<u32> = later.map(|(who, _)| who).take(most).collect();
            self.after = some.last().map(|who| shown.id(*who).to_owned()).or(self.after.take());
            return some;
        };
        bounded.take(most).collect()
    }
}
