//! Tasks that go on until they are told to begin nothing more.

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

#[derive(Default)]
pub struct People {
    closing: CancellationToken,
    tasks: JoinSet<anyhow::Result<()>>,
}

impl People {
    /// One more, who is told by the token when it is closing time.
    pub fn add<T>(&mut self, task: impl FnOnce(CancellationToken) -> T)
    where
        T: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        self.tasks.spawn(task(self.closing.clone()));
    }

    /// Nobody begins anything more; waits until what was begun is through.
    ///
    /// # Errors
    /// If somebody could not go on.
    pub async fn close(mut self) -> anyhow::Result<()> {
        self.closing.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            ended??;
        }
        Ok(())
    }
}
