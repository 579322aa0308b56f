//! Simulated clients as a group of tasks that can be shut down together.

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub struct WorkerGroup {
    shutdown: CancellationToken,
    workers: JoinSet<anyhow::Result<()>>,
}

impl WorkerGroup {
    /// Spawns a worker, which begins nothing new once its token is cancelled.
    pub fn spawn<T>(&mut self, worker: impl FnOnce(CancellationToken) -> T)
    where
        T: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.workers.spawn(worker(self.shutdown.clone()));
    }

    /// Cancels the token and waits until every worker has finished what it had begun.
    ///
    /// # Errors
    /// If a worker failed.
    pub async fn shut_down(self) -> anyhow::Result<()> {
        self.shutdown.cancel();
        join_all(self.workers).await
    }
}

/// Waits for all tasks.
///
/// # Errors
/// The first error of a task.
pub async fn join_all(mut tasks: JoinSet<anyhow::Result<()>>) -> anyhow::Result<()> {
    while let Some(result) = tasks.join_next().await {
        result??;
    }
    Ok(())
}
