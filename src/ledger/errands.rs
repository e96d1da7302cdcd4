//! What goes on whether or not somebody still waits for it: what guests asked for, who are answered at once, and long readings of
//! the journal, which end soon after whoever asked has gone. A ledger that is closed waits for all of it.

use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::handle::TenantHandle;

/// The errands of a ledger.
#[derive(Default)]
pub(crate) struct Errands {
    under_way: Mutex<JoinSet<()>>,
}

impl Errands {
    /// Begins one.
    pub(crate) fn begin(&self, errand: impl Future<Output = ()> + Send + 'static) {
        self.reaped(|under_way| under_way.spawn(errand));
    }

    /// Begins one that takes a thread to itself, since it waits for the disk or works for long.
    fn begin_blocking(&self, errand: impl FnOnce() + Send + 'static) {
        self.reaped(|under_way| under_way.spawn_blocking(errand));
    }

    fn reaped<R>(&self, begin: impl FnOnce(&mut JoinSet<()>) -> R) {
        let mut under_way = self.under_way.lock();
        while under_way.try_join_next().is_some() {}
        begin(&mut under_way);
    }

    /// Waits until none is under way, those that others began meanwhile as well.
    pub(crate) async fn ended(&self) {
        loop {
            let mut under_way = std::mem::take(&mut *self.under_way.lock());
            if under_way.is_empty() {
                return;
            }
            while under_way.join_next().await.is_some() {}
        }
    }
}

impl TenantHandle {
    /// Does what waits for the disk, or works for long, on a thread for such. Who no longer waits for the outcome does not end it:
    /// the work is to ask now and then whether it is still wanted. `None` where it panicked.
    pub async fn aside<T: Send + 'static>(&self, work: impl FnOnce(&TenantHandle) -> T + Send + 'static) -> Option<T> {
        let (tenant, (tell, told)) = (self.clone(), oneshot::channel());
        self.shared.errands.begin_blocking(move || {
            let _ = tell.send(work(&tenant));
        });
        told.await.ok()
    }

    /// Does what neither waits for the disk nor works for long on whichever core is free. Who no longer waits for the outcome does
    /// not end it. `None` where it panicked.
    pub async fn beside<T, W>(&self, work: impl FnOnce(TenantHandle) -> W) -> Option<T>
    where
        T: Send + 'static,
        W: Future<Output = T> + Send + 'static,
    {
        let (work, (tell, told)) = (work(self.clone()), oneshot::channel());
        self.shared.errands.begin(async move {
            let _ = tell.send(work.await);
        });
        told.await.ok()
    }

    /// Waits for what guests asked for: for tests.
    pub async fn errands_done(&self) {
        self.shared.errands.ended().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use grantbook_events::{CloudId, OperatorName};

    use crate::{Ledger, Options, TenantRequest};

    #[tokio::test(flavor = "multi_thread")]
    async fn a_ledger_that_is_closed_waits_for_what_nobody_waits_for_any_more() {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(Options::directory(dir.path())).await.unwrap();
        let cloud_id = CloudId::new("abcimis").unwrap();
        ledger.create_tenant(&OperatorName::new("op").unwrap(), TenantRequest::new(cloud_id.clone())).await.unwrap();
        let tenant = ledger.tenant_named(&cloud_id).unwrap();
        let ((began, begins), (go, goes)) = (channel(), channel());
        let asked = tokio::spawn(async move {
            tenant
                .aside(move |tenant| {
                    began.send(()).unwrap();
                    goes.recv().unwrap();
                    tenant.last()
                })
                .await
        });
        tokio::task::spawn_blocking(move || begins.recv()).await.unwrap().unwrap();
        asked.abort();
        assert!(asked.await.unwrap_err().is_cancelled());
        let closing = tokio::spawn(ledger.close());
        go.send(()).unwrap();
        closing.await.unwrap().unwrap();
        assert!(dir.path().join("journal").join("seal").exists());
    }
}
