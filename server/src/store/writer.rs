//! The one task that writes: events in batches, promises at once, and patience with a bad disk.
//!
//! A write that fails is tried again with growing waits, and its events stay in memory meanwhile.
//! A promise, a flush or the end does not wait for the next attempt: it makes one.

use super::{
    Event, Health, Limits, NewPromise, PromiseId, Settlement, StoreError, promise, schema,
};
use sqlx::{Connection, SqliteConnection};
use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, timeout_at},
};

/// Answers one request.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked.
#[derive(Debug)]
pub(super) enum Message {
    Append(Event),
    Promise(NewPromise, Reply<PromiseId>),
    Settle {
        id: PromiseId,
        settlement: Settlement,
        wall_ms: u64,
        reply: Reply<()>,
    },
    Flush(Reply<()>),
    Close(Reply<()>),
}

/// The writer's state.
pub(super) struct Writer {
    path: PathBuf,
    /// None after a failure: a connection that failed in the middle of a transaction is not
    /// trusted with the next one.
    connection: Option<SqliteConnection>,
    limits: Limits,
    from_calls: mpsc::Receiver<Message>,
    report: watch::Sender<Health>,
    /// Events dropped since the start, by calls and by the writer.
    lost: Arc<AtomicU64>,
    /// How many of those an `events_lost` event has owned up to.
    lost_noted: u64,
    /// The latest wall time seen in an event: the writer has no clock of its own.
    wall_ms: u64,
    waiting: VecDeque<Event>,
    /// When `waiting` is written next; none when nothing waits.
    write_at: Option<Instant>,
    /// The wait after the last failed write; none when it went through.
    retry: Option<Duration>,
}

impl Writer {
    pub(super) fn new(
        path: PathBuf,
        connection: SqliteConnection,
        limits: Limits,
        from_calls: mpsc::Receiver<Message>,
        report: watch::Sender<Health>,
        lost: Arc<AtomicU64>,
    ) -> Self {
        Self {
            path,
            connection: Some(connection),
            limits,
            from_calls,
            report,
            lost,
            lost_noted: 0,
            wall_ms: 0,
            waiting: VecDeque::new(),
            write_at: None,
            retry: None,
        }
    }

    /// Writes until it is closed or the last handle is gone.
    pub(super) async fn run(mut self) {
        let mut closing = None;
        while let Some(message) = self.next().await {
            match message {
                Message::Append(event) => self.append(event).await,
                // Who no longer waits will not speak the promise: it must not be stored.
                Message::Promise(_, reply) if reply.is_closed() => {}
                Message::Promise(new, reply) => {
                    let answer = self.promise(&new).await;
                    // Nobody left to hear it is no fault.
                    let _ = reply.send(answer);
                }
                Message::Settle {
                    id,
                    settlement,
                    wall_ms,
                    reply,
                } => {
                    let _ = reply.send(self.settle(id, settlement, wall_ms).await);
                }
                Message::Flush(reply) => {
                    let _ = reply.send(self.write().await);
                }
                Message::Close(reply) => {
                    // What is already in the queue is still taken.
                    self.from_calls.close();
                    closing = Some(reply);
                }
            }
        }
        let answer = self.write().await;
        if let Some(connection) = self.connection.take() {
            // The events are committed; closing only tidies the write-ahead log.
            let _ = connection.close().await;
        }
        if let Some(reply) = closing {
            let _ = reply.send(answer);
        }
    }

    /// The next message; meanwhile writes what has waited long enough.
    async fn next(&mut self) -> Option<Message> {
        loop {
            let Some(write_at) = self.write_at else {
                return self.from_calls.recv().await;
            };
            match timeout_at(write_at, self.from_calls.recv()).await {
                Ok(message) => return message,
                // A failure is reported where it happens and sets the next attempt.
                Err(_) => drop(self.write().await),
            }
        }
    }

    async fn append(&mut self, event: Event) {
        self.wall_ms = self.wall_ms.max(event.wall_ms);
        if self.waiting.len() >= self.limits.spill {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        self.waiting.push_back(event);
        if self.write_at.is_none() {
            self.write_at = Some(Instant::now() + self.limits.batch_wait);
        }
        if self.retry.is_none() && self.waiting.len() >= self.limits.batch {
            drop(self.write().await);
        }
    }

    async fn promise(&mut self, new: &NewPromise) -> Result<PromiseId, StoreError> {
        self.wall_ms = self.wall_ms.max(new.made_ms);
        self.write().await?;
        let connection = self.connect().await?;
        let stored = promise::store(connection, new).await;
        stored.map_err(|error| self.failed(&error))
    }

    async fn settle(
        &mut self,
        id: PromiseId,
        settlement: Settlement,
        wall_ms: u64,
    ) -> Result<(), StoreError> {
        self.wall_ms = self.wall_ms.max(wall_ms);
        self.write().await?;
        let connection = self.connect().await?;
        match promise::settle(connection, id, settlement, wall_ms).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(StoreError::NoSuchPromise(id.0)),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Writes all that waits, batch by batch, and owns up to what was lost.
    async fn write(&mut self) -> Result<(), StoreError> {
        loop {
            let lost = self.lost.load(Ordering::Relaxed);
            let note =
                (lost > self.lost_noted).then(|| Event::lost(lost - self.lost_noted, self.wall_ms));
            let count = self.waiting.len().min(self.limits.batch);
            if count == 0 && note.is_none() {
                break;
            }
            self.connect().await?;
            let Some(connection) = self.connection.as_mut() else {
                break;
            };
            let batch = self.waiting.iter().take(count).chain(note.as_ref());
            if let Err(error) = insert(connection, batch).await {
                return Err(self.failed(&error));
            }
            self.waiting.drain(..count);
            self.lost_noted = lost;
        }
        self.write_at = None;
        self.healed();
        Ok(())
    }

    async fn connect(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => match schema::open_writable(&self.path, &self.limits).await {
                Ok(connection) => connection,
                Err(error) => return Err(self.failed(&error)),
            },
        };
        Ok(self.connection.insert(connection))
    }

    /// Notes a failed write and sets the time of the next attempt.
    fn failed(&mut self, error: &(dyn std::error::Error + Send + Sync)) -> StoreError {
        let fault = error.to_string();
        if self.retry.is_none() {
            // SQLite's message and a count: nothing of what a caller said.
            tracing::error!(%fault, waiting = self.waiting.len(), "the store cannot be written");
        }
        self.connection = None;
        let retry = match self.retry {
            None => self.limits.retry_first,
            Some(last) => (last * 2).min(self.limits.retry_max),
        };
        self.retry = Some(retry);
        self.write_at = Some(Instant::now() + retry);
        self.tell(Some(fault.clone()));
        StoreError::Unwritable(fault)
    }

    fn healed(&mut self) {
        if self.retry.take().is_some() {
            tracing::info!("the store can be written again");
            self.tell(None);
        }
    }

    fn tell(&self, fault: Option<String>) {
        // The count of lost events is added by the handle, which counts on its own.
        self.report.send_replace(Health {
            fault,
            waiting: self.waiting.len(),
            lost: 0,
        });
    }
}

async fn insert<'a>(
    connection: &mut SqliteConnection,
    events: impl Iterator<Item = &'a Event>,
) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    for event in events {
        event.insert(&mut transaction).await?;
    }
    transaction.commit().await
}
