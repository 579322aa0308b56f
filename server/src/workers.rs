//! The threads that serve clients, one for each processor. What a request needs, its client's connection and the replica's alike,
//! stays with one of them, so that none has to wake another.
//!
//! All else (checks, the registry, the panel's news) runs beside them, on the process's own runtime.

use std::cell::Cell;
use std::io;
use std::sync::LazyLock;
use std::thread;
use std::time::Duration;

use tokio::runtime::{self, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// A timer that ends before all others costs a system call to set, since the worker might be asleep. Requests hardly ever set
/// one that is shorter than this, which always runs.
const TICK: Duration = Duration::from_millis(100);

static PROCESSORS: LazyLock<usize> =
    LazyLock::new(|| thread::available_parallelism().map_or(1, Into::into));

thread_local! {
    static PLACE: Cell<usize> = const { Cell::new(0) };
}

/// How many places there are to run in: one for each worker, and one for everybody else.
pub fn places() -> usize {
    *PROCESSORS + 1
}

/// Where the caller runs, below [`places`].
pub fn place() -> usize {
    PLACE.get()
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
    /// Starts them; they end when this is dropped.
    ///
    /// # Errors
    /// If the system gives no thread, or no descriptors for one.
    pub fn start() -> io::Result<Self> {
        let alive = CancellationToken::new();
        let workers = (1..places())
            .map(|place| Worker::start(place, alive.clone()))
            .collect::<io::Result<_>>()?;
        Ok(Self {
            workers,
            _alive: alive.drop_guard(),
        })
    }

    /// Runs `task` where the fewest are.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let fewest = self.workers.iter().min_by_key(|worker| worker.tasks.len());
        if let Some(worker) = fewest {
            worker.tasks.spawn_on(task, &worker.runtime);
        }
    }

    /// Of all of them.
    pub fn runtimes(&self) -> Vec<Handle> {
        let workers = self.workers.iter();
        workers.map(|worker| worker.runtime.clone()).collect()
    }

    /// Until no task is left. None may be begun meanwhile.
    pub async fn finished(&self) {
        for worker in &self.workers {
            worker.tasks.close();
            worker.tasks.wait().await;
        }
    }
}

impl Worker {
    fn start(place: usize, alive: CancellationToken) -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = runtime.handle().clone();
        thread::Builder::new()
            .name(format!("clients-{place}"))
            .spawn(move || {
                PLACE.set(place);
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
        let number = places() - 1;
        let all_there = Arc::new(Barrier::new(number));
        let (tell, mut told) = mpsc::unbounded_channel();
        for _ in 0..number {
            let (all_there, tell) = (Arc::clone(&all_there), tell.clone());
            workers.spawn(async move {
                all_there.wait().await;
                tell.send(place()).unwrap();
            });
        }
        drop(tell);
        workers.finished().await;
        let mut seen = Vec::new();
        while let Some(place) = told.recv().await {
            seen.push(place);
        }
        seen.sort_unstable();
        assert_eq!(seen, (1..places()).collect::<Vec<_>>());
        assert_eq!(place(), 0);
    }
}
