//! The calls' end of the store.

use super::{
    Event, Limits, NewPromise, PromiseId, Settlement, StoreError, schema,
    writer::{Message, Writer},
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};

/// How the store is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// Why the last write failed; none when it did not.
    pub fault: Option<String>,
    /// Events held in memory because of that.
    pub waiting: usize,
    /// Events dropped since the start.
    pub lost: u64,
}

/// A handle to the one writer of the store. Cheap to clone; the writer ends with its last handle.
#[derive(Debug, Clone)]
pub struct StoreHandle {
    to_writer: mpsc::Sender<Message>,
    lost: Arc<AtomicU64>,
    health: watch::Receiver<Health>,
    promise_wait: Duration,
}

impl StoreHandle {
    /// Opens the store, makes it when missing, and starts its writer on the current runtime.
    ///
    /// # Errors
    /// When the file cannot be opened, was written by a newer program or belongs to another one.
    pub async fn open(path: &Path, limits: Limits) -> Result<Self, StoreError> {
        let connection = schema::open_writable(path, &limits).await?;
        let (to_writer, from_calls) = mpsc::channel(limits.queue);
        let (report, health) = watch::channel(Health::default());
        let lost = Arc::new(AtomicU64::new(0));
        let promise_wait = limits.promise_wait;
        let writer = Writer::new(
            path.to_owned(),
            connection,
            limits,
            from_calls,
            report,
            lost.clone(),
        );
        tokio::spawn(writer.run());
        Ok(Self {
            to_writer,
            lost,
            health,
            promise_wait,
        })
    }

    /// Hands over an event and never waits. When the queue is full the event is dropped and
    /// counted, and an `events_lost` event says so as soon as there is room.
    pub fn append(&self, event: Event) {
        if self.to_writer.try_send(Message::Append(event)).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Stores a promise, and answers once it is on disk: only then may it be spoken.
    ///
    /// # Errors
    /// When it is not known to be on disk, for whatever reason. It must then not be spoken; the
    /// same promise may be tried again.
    pub async fn promise(&self, promise: NewPromise) -> Result<PromiseId, StoreError> {
        self.ask(|reply| Message::Promise(promise, reply)).await
    }

    /// Notes what became of a promise.
    ///
    /// # Errors
    /// When there is no such promise, or the note is not known to be on disk.
    pub async fn settle(
        &self,
        id: PromiseId,
        settlement: Settlement,
        wall_ms: u64,
    ) -> Result<(), StoreError> {
        self.ask(|reply| Message::Settle {
            id,
            settlement,
            wall_ms,
            reply,
        })
        .await
    }

    /// Waits until all that was handed over before is on disk.
    ///
    /// # Errors
    /// When it could not be written; it stays in memory and is tried again.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.to_writer
            .send(Message::Flush(reply))
            .await
            .map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Writes what is left and ends the writer; other handles find it closed.
    ///
    /// # Errors
    /// When the rest could not be written: it is lost.
    pub async fn close(self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.to_writer
            .send(Message::Close(reply))
            .await
            .map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// How the store is, as of its last write.
    #[must_use]
    pub fn health(&self) -> Health {
        let mut health = self.health.borrow().clone();
        health.lost = self.lost.load(Ordering::Relaxed);
        health
    }

    /// The same, each time a write fails or goes through again.
    #[must_use]
    pub fn health_changes(&self) -> watch::Receiver<Health> {
        self.health.clone()
    }

    async fn ask<T>(
        &self,
        message: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Message,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let message = message(reply);
        let exchange = async {
            self.to_writer
                .send(message)
                .await
                .map_err(|_| StoreError::Closed)?;
            answer.await.map_err(|_| StoreError::Closed)?
        };
        timeout(self.promise_wait, exchange)
            .await
            .unwrap_or(Err(StoreError::Late))
    }
}
