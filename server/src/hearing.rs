//! The recogniser as the calls see it: audio out, results back to the call that asked.

use crate::clock;
use sidetone_asr::{Decoded, Job, Model, Pool, PoolConfig, PoolError, Refused};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Results that may wait for a call's task; it takes them within a frame, so a full queue means
/// that the task is stuck, and the result is dropped and counted by the session's own deadline.
const RESULTS: usize = 32;

type Listeners = Arc<Mutex<HashMap<u64, mpsc::Sender<Decoded>>>>;

/// The recogniser, shared by all calls.
#[derive(Clone)]
pub struct Hearing {
    pool: Arc<Pool>,
    listeners: Listeners,
}

/// One call's share of the recogniser. Dropping it forgets results that are still on their way.
pub struct Ear {
    call: u64,
    hearing: Hearing,
    results: mpsc::Receiver<Decoded>,
}

impl Hearing {
    /// Starts the worker threads.
    ///
    /// # Errors
    /// [`PoolError`] when a worker cannot get the memory it needs.
    pub fn start(model: Arc<Model>, config: PoolConfig) -> Result<Self, PoolError> {
        let listeners = Listeners::default();
        let sink_listeners = listeners.clone();
        let sink = move |decoded: Decoded| {
            let listeners = sink_listeners
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(listener) = listeners.get(&decoded.call)
                && listener.try_send(decoded).is_err()
            {
                tracing::warn!("a recognition result was dropped: its call does not read");
            }
        };
        let pool = Pool::start(model, config, Arc::new(clock::now), sink)?;
        Ok(Self {
            pool: Arc::new(pool),
            listeners,
        })
    }

    /// Opens the ear of the call numbered `call`.
    pub fn open(&self, call: u64) -> Ear {
        let (sender, results) = mpsc::channel(RESULTS);
        self.lock().insert(call, sender);
        Ear {
            call,
            hearing: self.clone(),
            results,
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, mpsc::Sender<Decoded>>> {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the embedded model is whole, for `sidetone doctor`.
///
/// # Errors
/// Why it is not.
pub fn probe() -> Result<String, String> {
    Model::embedded()
        .map(|_| "the embedded model loads".to_owned())
        .map_err(|e| e.to_string())
}

impl Ear {
    /// Hands in a stretch of speech.
    ///
    /// # Errors
    /// [`Refused`] when the recogniser is full.
    pub fn decode(&self, job: Job) -> Result<(), Refused> {
        self.hearing
            .pool
            .submit(Job {
                call: self.call,
                ..job
            })
            .map(drop)
    }

    /// The next result; waits for ever when there is none.
    pub async fn next(&mut self) -> Decoded {
        match self.results.recv().await {
            Some(decoded) => decoded,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.hearing.lock().remove(&self.call);
    }
}
