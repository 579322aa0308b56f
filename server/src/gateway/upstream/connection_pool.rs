//! Idle connections to one replica, kept for reuse.
//!
//! A connection is reused on the worker thread that opened it: on another one, each of its reads would wake two threads.

use std::sync::{Mutex, MutexGuard};

use tokio::time::Instant;

use super::connection::Connection;
use crate::gateway::config::{POOL_IDLE_TIMEOUT, POOL_MAX_IDLE};
use crate::http::workers;
use crate::sync::lock;

pub struct ConnectionPool {
    // One stack per worker thread. The connection that was used last is reused first, so that the others can time out.
    idle: Box<[Mutex<Vec<IdleConnection>>]>,
}

struct IdleConnection {
    connection: Connection,
    since: Instant,
}

impl Default for ConnectionPool {
    fn default() -> Self {
        Self {
            idle: (0..workers::index_count())
                .map(|_| Mutex::default())
                .collect(),
        }
    }
}

impl ConnectionPool {
    /// Takes an open idle connection of the caller's thread, if there is one.
    pub fn take(&self) -> Option<Connection> {
        let mut idle = self.of_this_thread();
        let now = Instant::now();
        idle.retain(|one| {
            !one.connection.is_closed() && now.duration_since(one.since) <= POOL_IDLE_TIMEOUT
        });
        // One whose answer has just been read may not be ready yet.
        let last = idle.iter().rposition(|one| one.connection.is_ready())?;
        Some(idle.remove(last).connection)
    }

    /// Keeps a connection whose answer has been read to its end, if there is room.
    pub fn put_back(&self, connection: Connection) {
        let mut idle = self.of_this_thread();
        if !connection.is_closed() && idle.len() < POOL_MAX_IDLE {
            idle.push(IdleConnection {
                connection,
                since: Instant::now(),
            });
        }
    }

    pub fn clear(&self) {
        for idle in &self.idle {
            lock(idle).clear();
        }
    }

    fn of_this_thread(&self) -> MutexGuard<'_, Vec<IdleConnection>> {
        lock(&self.idle[workers::current_index()])
    }
}
