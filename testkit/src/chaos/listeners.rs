//! Listeners: each follows the news of one order from a front-end server, as a page does, and goes on at the other server from where
//! it was when the stream breaks or says nothing. They stay until the order has ended, or until the run closes and they have been
//! told of all that there was.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Context;
use model::feed::OrderUpdate;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::history::{Heard, Journal, Listened, Record};
use super::session::Session;
use crate::events::{Event, Events};

/// At a time.
const MOST: usize = 8;
/// A stream says every 4 s that nothing happened; one that does not say so for this long is left.
const SILENCE: Duration = Duration::from_secs(15);
/// After the close, when everything is well again, for all that was missed.
const LAST_WORDS_WITHIN: Duration = Duration::from_secs(30);
/// Before a stream that did not open or broke is opened elsewhere.
const PAUSE: Duration = Duration::from_millis(100);
/// Of the events that tell what happened.
const ORDER: &str = "order";

/// By token: the last version that there is.
type Last = HashMap<String, u32>;

#[derive(Clone)]
pub struct Listeners {
    pub journal: Arc<Journal>,
    room: Arc<Semaphore>,
    /// Tokens.
    followed: Arc<Mutex<HashSet<String>>>,
    count: Arc<AtomicU32>,
    tasks: Arc<Mutex<JoinSet<anyhow::Result<()>>>>,
    /// Nothing happens any more once this is known.
    closed: watch::Sender<Option<Arc<Last>>>,
}

impl Listeners {
    #[must_use]
    pub fn new(journal: &Arc<Journal>) -> Self {
        Self {
            journal: Arc::clone(journal),
            room: Arc::new(Semaphore::new(MOST)),
            followed: Arc::default(),
            count: Arc::default(),
            tasks: Arc::default(),
            closed: watch::Sender::new(None),
        }
    }

    /// Somebody follows this order from now on, first through the first of the two; unless there are enough of them.
    pub fn follow(&self, token: &str, sessions: [Session; 2]) {
        let Ok(place) = Arc::clone(&self.room).try_acquire_owned() else {
            return;
        };
        let listener = Listener {
            number: self.count.fetch_add(1, Ordering::Relaxed),
            token: token.to_owned(),
            sessions,
            journal: Arc::clone(&self.journal),
            closed: self.closed.subscribe(),
            deadline: None,
            stream: None,
            heard: None,
            version: 0,
            ended: false,
        };
        locked(&self.followed).insert(token.to_owned());
        let (followed, token) = (Arc::clone(&self.followed), token.to_owned());
        locked(&self.tasks).spawn(async move {
            let _place = place;
            let ended = listener.live().await;
            locked(&followed).remove(&token);
            ended
        });
    }

    /// Whether somebody listens for this order.
    pub fn follows(&self, token: &str) -> bool {
        locked(&self.followed).contains(token)
    }

    /// Nothing happens any more, and everything is well; waits until everybody has heard the last of it, or does not.
    ///
    /// # Errors
    /// If what was heard could not be recorded.
    pub async fn close(self, last: Last) -> anyhow::Result<()> {
        self.closed.send_replace(Some(Arc::new(last)));
        let mut tasks = std::mem::take(&mut *locked(&self.tasks));
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        Ok(())
    }
}

fn locked<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Listener {
    number: u32,
    token: String,
    /// The first is where it listens next.
    sessions: [Session; 2],
    journal: Arc<Journal>,
    closed: watch::Receiver<Option<Arc<Last>>>,
    /// Known once the run closes.
    deadline: Option<Instant>,
    stream: Option<Events>,
    /// The last event, by its place in the log, and its version.
    heard: Option<i64>,
    version: u32,
    /// Nothing can follow.
    ended: bool,
}

impl Listener {
    async fn live(mut self) -> anyhow::Result<()> {
        while !self.is_through() {
            self.hear().await?;
        }
        let owed = self.owed().unwrap_or_default().max(self.version);
        self.journal.add(Record::Listened(Listened {
            listener: self.number,
            at_us: self.journal.now_us(),
            token: self.token,
            owed,
        }))
    }

    fn is_through(&mut self) -> bool {
        if self.ended {
            return true;
        }
        let Some(owed) = self.owed() else {
            return false;
        };
        let deadline = *self
            .deadline
            .get_or_insert_with(|| Instant::now() + LAST_WORDS_WITHIN);
        self.version >= owed || Instant::now() > deadline
    }

    /// The last version that there is; none while more may come.
    fn owed(&self) -> Option<u32> {
        let closed = self.closed.borrow();
        let last = closed.as_ref()?;
        Some(last.get(&self.token).copied().unwrap_or_default())
    }

    /// The next event, or another stream.
    async fn hear(&mut self) -> anyhow::Result<()> {
        let Some(stream) = &mut self.stream else {
            self.stream = self.sessions[0].listen(&self.token, self.heard).await?;
            if self.stream.is_none() {
                self.turn_away().await;
            }
            return Ok(());
        };
        let patience = self.deadline.map_or(SILENCE, |deadline| {
            SILENCE.min(deadline.saturating_duration_since(Instant::now()))
        });
        let next = tokio::select! {
            next = timeout(patience, stream.next()) => next,
            _ = self.closed.changed() => return Ok(()),
        };
        match next {
            Ok(Ok(Some(event))) if event.name == ORDER => self.take(&event),
            Ok(Ok(Some(_))) => Ok(()),
            _ => {
                self.turn_away().await;
                Ok(())
            }
        }
    }

    fn take(&mut self, event: &Event) -> anyhow::Result<()> {
        let told = || format!("{event:?}");
        let news: OrderUpdate = serde_json::from_str(&event.data).with_context(told)?;
        let sequence = event.id.parse().with_context(told)?;
        self.heard = Some(sequence);
        self.version = self.version.max(news.version);
        self.ended = news.state.is_final();
        self.journal.add(Record::Heard(Heard {
            listener: self.number,
            at_us: self.journal.now_us(),
            token: self.token.clone(),
            sequence,
            version: news.version,
            state: news.state,
        }))
    }

    async fn turn_away(&mut self) {
        self.stream = None;
        self.sessions.swap(0, 1);
        sleep(PAUSE).await;
    }
}
