//! The threads that serve clients, one for each processor. A client's connection and the connections to replicas that its requests
//! use stay on one thread, so that no thread has to wake another.
//!
//! Everything else (health checks, the registry, the status panel) runs beside them on the process's own runtime.

use std::cell::Cell;
use std::io;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Interval of a timer that always runs on each worker. Setting a timer that ends before all others costs a system call, since the
/// thread may be asleep; with this one hardly any timer of a request is the first to end.
const TICK: Duration = Duration::from_millis(100);

static PROCESSORS: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, Into::into));

thread_local! {
    static INDEX: Cell<usize> = const { Cell::new(0) };
}

/// The number of indices that [`current_index`] returns: one for each worker, and 0 for all other threads.
pub fn index_count() -> usize {
    *PROCESSORS + 1
}

/// The index of the worker that the caller runs on, or 0 on another thread. Below [`index_count`].
pub fn current_index() -> usize {
    INDEX.get()
}

pub struct Workers {
    workers: Vec<Worker>,
    _alive: DropGuard,
}

struct Worker {
    runtime: Handle,
    tasks: TaskTracker,
}

impl Workers {
    /// Starts the threads; they end when this is dropped.
    ///
    /// # Errors
    /// If the system gives no thread, or no descriptors for one.
    pub fn start() -> io::Result<Self> {
        let alive = CancellationToken::new();
        let workers = (1..index_count())
            .map(|index| Worker::start(index, alive.clone()))
            .collect::<io::Result<_>>()?;
        Ok(Self {
            workers,
            _alive: alive.drop_guard(),
        })
    }

    /// Runs `task` on the worker with the fewest tasks.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let fewest = self.workers.iter().min_by_key(|worker| worker.tasks.len());
        if let Some(worker) = fewest {
            worker.tasks.spawn_on(task, &worker.runtime);
        }
    }

    /// The runtimes of all workers.
    pub fn runtimes(&self) -> Vec<Handle> {
        let workers = self.workers.iter();
        workers.map(|worker| worker.runtime.clone()).collect()
    }

    /// Waits until no task is left. No task may be spawned meanwhile.
    pub async fn finished(&self) {
        for worker in &self.workers {
            worker.tasks.close();
            worker.tasks.wait().await;
        }
    }
}

impl Worker {
    fn start(index: usize, alive: CancellationToken) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        thread::Builder::new()
            .name(format!("clients-{index}"))
            .spawn(move || {
                INDEX.set(index);
                runtime.block_on(async {
                    let mut tick = tokio::time::interval(TICK);
                    while !alive.is_cancelled() {
                        tick.tick().await;
                    }
                });
            })?;
        Ok(Self {
            runtime: handle,
            tasks: TaskTracker::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::{Barrier, mpsc};

    use super::*;

    #[tokio::test]
    async fn tasks_spread_over_the_workers_and_are_waited_for() {
        let workers = Workers::start().unwrap();
        let number = index_count() - 1;
        let barrier = Arc::new(Barrier::new(number));
        let (sender, mut receiver) = mpsc::unbounded_channel();
        for _ in 0..number {
            let (barrier, sender) = (Arc::clone(&barrier), sender.clone());
            workers.spawn(async move {
                barrier.wait().await;
                sender.send(current_index()).unwrap();
            });
        }
        drop(sender);
        workers.finished().await;
        let mut indices = Vec::new();
        while let Some(index) = receiver.recv().await {
            indices.push(index);
        }
        indices.sort_unstable();
        assert_eq!(indices, (1..index_count()).collect::<Vec<_>>());
        assert_eq!(current_index(), 0);
    }
}
