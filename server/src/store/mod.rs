//! What is kept of calls: an append-only table of events in SQLite, and the promises owed to callers.
//!
//! One writer task owns the file. Calls hand it events through [`StoreHandle::append`], which
//! never waits; promises go through [`StoreHandle::promise`], which answers once the promise is on
//! disk, so that nothing is promised aloud that is not stored. [`Reader`] reads beside it.

mod error;
mod event;
mod handle;
mod promise;
mod read;
mod schema;
#[cfg(test)]
mod tests;
mod writer;

pub use error::StoreError;
pub use event::Event;
pub use handle::{Health, StoreHandle};
pub use promise::{NewPromise, PromiseId, Settlement, StoredPromise};
pub use read::{CallFilter, CallRecord, CallSummary, Reader, StoredEvent};

use std::time::Duration;

/// The bounds of the writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Messages on their way to the writer. When full, a new event is dropped and counted.
    pub queue: usize,
    /// Events held in memory while the file cannot be written. When full, a new event is dropped
    /// and counted.
    pub spill: usize,
    /// Events in one transaction.
    pub batch: usize,
    /// The longest time for which an event waits for others to share its transaction.
    pub batch_wait: Duration,
    /// The first wait after a failed write; doubles with each further failure.
    pub retry_first: Duration,
    /// The longest wait between two attempts to write.
    pub retry_max: Duration,
    /// How long a write waits for another process to release the file.
    pub lock_wait: Duration,
    /// How long a promise may take to reach the disk.
    pub promise_wait: Duration,
    /// The largest size of the file, in pages of 4096 bytes; none: as the disk allows.
    pub max_pages: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue: 4_096,
            spill: 16_384,
            batch: 100,
            batch_wait: Duration::from_millis(50),
            retry_first: Duration::from_millis(100),
            retry_max: Duration::from_secs(5),
            lock_wait: Duration::from_millis(500),
            promise_wait: Duration::from_secs(2),
            max_pages: None,
        }
    }
}
