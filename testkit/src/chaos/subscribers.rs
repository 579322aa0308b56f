//! Simulated subscribers: each follows the event stream of one order, as a page does, and resumes at the other front-end server
//! where the stream breaks or is silent. A subscriber ends with its order, or when the run closes and it has received everything.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use model::feed::OrderUpdate;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::client_pair::ClientPair;
use super::history::{HistoryRecorder, ReceivedEvent, Record, SubscriptionEnd};
use super::worker_group::join_all;
use crate::sse::{EventStream, SseEvent};

const MAX_SUBSCRIBERS: usize = 8;
/// Silence after which a stream is given up. A keep-alive event comes every 4 s.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);
/// After the close, when all faults are removed, for the events that were missed.
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(30);
/// Delay before a stream that did not open or broke is opened at the other server.
const RECONNECT_DELAY: Duration = Duration::from_millis(100);
/// The name of the events that report a transition; the others are keep-alives.
const ORDER_EVENT: &str = "order";

/// The final version of each order, by token.
type FinalVersions = HashMap<String, u32>;

#[derive(Clone)]
pub struct Subscribers {
    pub history: Arc<HistoryRecorder>,
    permits: Arc<Semaphore>,
    /// The tokens of orders with a subscriber.
    tokens: Arc<Mutex<HashSet<String>>>,
    count: Arc<AtomicU32>,
    tasks: Arc<Mutex<JoinSet<anyhow::Result<()>>>>,
    /// Set once no order changes any more.
    closed: watch::Sender<Option<Arc<FinalVersions>>>,
}

impl Subscribers {
    #[must_use]
    pub fn new(history: &Arc<HistoryRecorder>) -> Self {
        Self {
            history: Arc::clone(history),
            permits: Arc::new(Semaphore::new(MAX_SUBSCRIBERS)),
            tokens: Arc::default(),
            count: Arc::default(),
            tasks: Arc::default(),
            closed: watch::Sender::new(None),
        }
    }

    /// Starts a subscriber of an order, unless there are enough.
    pub fn subscribe(&self, token: &str, clients: ClientPair) {
        let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() else {
            return;
        };
        let subscriber = Subscriber {
            number: self.count.fetch_add(1, Ordering::Relaxed),
            token: token.to_owned(),
            clients,
            history: Arc::clone(&self.history),
            closed: self.closed.subscribe(),
            deadline: None,
            stream: None,
            last_sequence: None,
            version: 0,
            order_is_final: false,
        };
        lock(&self.tokens).insert(token.to_owned());
        let (tokens, token) = (Arc::clone(&self.tokens), token.to_owned());
        lock(&self.tasks).spawn(async move {
            let _permit = permit;
            let result = subscriber.run().await;
            lock(&tokens).remove(&token);
            result
        });
    }

    pub fn has_subscriber(&self, token: &str) -> bool {
        lock(&self.tokens).contains(token)
    }

    /// Tells the subscribers that no order changes any more, and waits until each has received all events or timed out. All faults
    /// must have been removed.
    ///
    /// # Errors
    /// If an event could not be parsed or recorded.
    pub async fn close(self, final_versions: FinalVersions) -> anyhow::Result<()> {
        self.closed.send_replace(Some(Arc::new(final_versions)));
        let tasks = std::mem::take(&mut *lock(&self.tasks));
        join_all(tasks).await
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Subscriber {
    number: u32,
    token: String,
    clients: ClientPair,
    history: Arc<HistoryRecorder>,
    closed: watch::Receiver<Option<Arc<FinalVersions>>>,
    /// Set once the run closes.
    deadline: Option<Instant>,
    stream: Option<EventStream>,
    /// The log position of the last event received, from which the next stream resumes.
    last_sequence: Option<i64>,
    version: u32,
    order_is_final: bool,
}

impl Subscriber {
    async fn run(mut self) -> anyhow::Result<()> {
        while !self.is_finished() {
            self.receive().await?;
        }
        let expected_version = self.final_version().unwrap_or_default().max(self.version);
        self.history
            .record(Record::SubscriptionEnded(SubscriptionEnd {
                subscriber: self.number,
                at_us: self.history.now_us(),
                token: self.token,
                expected_version,
            }))
    }

    fn is_finished(&mut self) -> bool {
        if self.order_is_final {
            return true;
        }
        let Some(final_version) = self.final_version() else {
            return false;
        };
        let deadline = *self
            .deadline
            .get_or_insert_with(|| Instant::now() + CATCH_UP_TIMEOUT);
        self.version >= final_version || Instant::now() > deadline
    }

    /// Returns the final version of the order; `None` while it may still change.
    fn final_version(&self) -> Option<u32> {
        let closed = self.closed.borrow();
        let versions = closed.as_ref()?;
        Some(versions.get(&self.token).copied().unwrap_or_default())
    }

    /// Receives the next event, or opens another stream.
    async fn receive(&mut self) -> anyhow::Result<()> {
        let Some(stream) = &mut self.stream else {
            let client = self.clients.current();
            self.stream = client.subscribe(&self.token, self.last_sequence).await?;
            if self.stream.is_none() {
                self.reconnect_elsewhere().await;
            }
            return Ok(());
        };
        let silence_timeout = self.deadline.map_or(SILENCE_TIMEOUT, |deadline| {
            SILENCE_TIMEOUT.min(deadline.saturating_duration_since(Instant::now()))
        });
        let next = tokio::select! {
            next = timeout(silence_timeout, stream.next()) => next,
            _ = self.closed.changed() => return Ok(()),
        };
        match next {
            Ok(Ok(Some(event))) if event.name == ORDER_EVENT => self.record(&event),
            Ok(Ok(Some(_))) => Ok(()),
            _ => {
                self.reconnect_elsewhere().await;
                Ok(())
            }
        }
    }

    fn record(&mut self, event: &SseEvent) -> anyhow::Result<()> {
        let invalid = || format!("invalid event: {event:?}");
        let update: OrderUpdate = serde_json::from_str(&event.data).with_context(invalid)?;
        let sequence = event.id.parse().with_context(invalid)?;
        self.last_sequence = Some(sequence);
        self.version = self.version.max(update.version);
        self.order_is_final = update.state.is_final();
        self.history.record(Record::EventReceived(ReceivedEvent {
            subscriber: self.number,
            at_us: self.history.now_us(),
            token: self.token.clone(),
            sequence,
            version: update.version,
            state: update.state,
        }))
    }

    async fn reconnect_elsewhere(&mut self) {
        self.stream = None;
        self.clients.fail_over();
        sleep(RECONNECT_DELAY).await;
    }
}
