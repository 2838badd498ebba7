//! Runs many calls' jobs on a few threads, each with its own engine state.
//!
//! A state costs tens of megabytes, so states belong to workers and not to calls. The order of the
//! jobs is the queue's business; this file keeps the threads, the running jobs and the counters.

mod worker;

#[cfg(test)]
mod tests;

use crate::clock::{Clock, Stop};
use crate::decoder::{Decoder, Engine};
use crate::job::{Decoded, Job, JobKind, MAX_AUDIO, Outcome};
use crate::model::Model;
use crate::queue::{Denied, Queue, Ticket};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// How large a pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolConfig {
    /// Threads; one per core given to recognition. At least one is started.
    pub workers: usize,
    /// Most jobs waiting for a worker.
    pub queue: usize,
    /// Longest one decode may run; a job that needs longer fails.
    pub max_run: Duration,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            workers: 1,
            queue: 32,
            max_run: Duration::from_secs(5),
        }
    }
}

/// Why a pool could not be started.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// A thread could not be started.
    #[error("no thread for a speech worker ({0}): start fewer workers")]
    Thread(#[from] std::io::Error),
    /// A worker could not get its engine state.
    #[error("no engine state for a speech worker ({0}): start fewer workers or add memory")]
    Engine(String),
}

/// Why a job was not taken. The pool counts each case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The queue is full of finals.
    #[error("the queue for speech recognition is full: add workers or take fewer calls")]
    Full,
    /// A partial of an utterance whose final is already waiting.
    #[error("the final of this utterance is already waiting")]
    Stale,
    /// There is no audio, or more than [`MAX_AUDIO`].
    #[error("a job takes up to 28 s of audio, and not none: cut the utterance")]
    Length,
    /// The pool is shutting down.
    #[error("speech recognition is shutting down")]
    Closed,
}

/// What the pool has done so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PoolStats {
    /// Jobs taken.
    pub submitted: u64,
    /// Jobs not taken.
    pub refused: u64,
    /// Jobs that gave way to a newer one, were cancelled or came too late.
    pub aborted: u64,
    /// Jobs that gave a hypothesis.
    pub heard: u64,
    /// Jobs whose text a guard held back.
    pub rejected: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs waiting now.
    pub waiting: usize,
}

/// The threads that decode. Dropping it aborts all jobs, reports them, and ends the threads.
///
/// Each job that was taken is reported to the sink exactly once: from a worker's thread, or from
/// within [`Pool::submit`] or [`JobHandle::cancel`] when it was still waiting. The sink must not
/// block, and must not drop the pool.
pub struct Pool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// Lets a job's owner cancel it.
#[derive(Clone)]
pub struct JobHandle {
    id: u64,
    shared: Arc<Shared>,
}

type Sink = Box<dyn Fn(Decoded) + Send + Sync>;
type Factory = dyn Fn(Arc<Stop>) -> Result<Box<dyn Engine>, String> + Send + Sync;

struct Shared {
    work: Mutex<Work>,
    wake: Condvar,
    clock: Clock,
    sink: Sink,
    max_run: Duration,
}

struct Work {
    queue: Queue,
    running: Vec<Running>,
    next_id: u64,
    closed: bool,
    stats: PoolStats,
}

/// One worker's stop signal and the job it has in hand.
struct Running {
    stop: Arc<Stop>,
    job: Option<InHand>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct InHand {
    id: u64,
    call: u64,
    utterance: u64,
    kind: JobKind,
}

impl Pool {
    /// Starts the workers and waits until each has its engine state.
    pub fn start(
        model: Arc<Model>,
        config: PoolConfig,
        clock: Clock,
        sink: impl Fn(Decoded) + Send + Sync + 'static,
    ) -> Result<Self, PoolError> {
        let factory = move |stop| match Decoder::new(&model, stop) {
            Ok(decoder) => Ok(Box::new(decoder) as Box<dyn Engine>),
            Err(error) => Err(error.to_string()),
        };
        Self::start_with(Arc::new(factory), config, clock, Box::new(sink))
    }

    /// Hands in a job.
    ///
    /// A final aborts its call's running partial and takes the place of a waiting one.
    pub fn submit(&self, job: Job) -> Result<JobHandle, Refused> {
        let now = (self.shared.clock)();
        let mut work = self.shared.lock();
        let (id, gave_way) = match work.admit(job, now) {
            Ok(taken) => taken,
            Err(refused) => {
                work.stats.refused += 1;
                return Err(refused);
            }
        };
        drop(work);
        self.shared.wake.notify_one();
        self.shared.report_unheard(gave_way, now);
        Ok(JobHandle {
            id,
            shared: Arc::clone(&self.shared),
        })
    }

    /// What the pool has done so far.
    pub fn stats(&self) -> PoolStats {
        let work = self.shared.lock();
        PoolStats {
            waiting: work.queue.len(),
            ..work.stats
        }
    }

    fn start_with(
        factory: Arc<Factory>,
        config: PoolConfig,
        clock: Clock,
        sink: Sink,
    ) -> Result<Self, PoolError> {
        let workers = config.workers.max(1);
        let running = (0..workers)
            .map(|_| Running {
                stop: Arc::new(Stop::new(Arc::clone(&clock))),
                job: None,
            })
            .collect();
        let work = Work {
            queue: Queue::new(config.queue),
            running,
            next_id: 0,
            closed: false,
            stats: PoolStats::default(),
        };
        let shared = Arc::new(Shared {
            work: Mutex::new(work),
            wake: Condvar::new(),
            clock,
            sink,
            max_run: config.max_run,
        });
        let (ready, started) = mpsc::channel();
        // From here on an early return drops the pool, which ends the threads already started.
        let mut pool = Self {
            shared,
            threads: Vec::with_capacity(workers),
        };
        for index in 0..workers {
            let (shared, factory) = (Arc::clone(&pool.shared), Arc::clone(&factory));
            let ready = ready.clone();
            let thread = std::thread::Builder::new()
                .name(format!("asr-{index}"))
                .spawn(move || worker::run(&shared, index, &*factory, &ready))?;
            pool.threads.push(thread);
        }
        drop(ready);
        for outcome in started.iter().take(workers) {
            outcome.map_err(PoolError::Engine)?;
        }
        Ok(pool)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let now = (self.shared.clock)();
        let mut work = self.shared.lock();
        work.closed = true;
        let waiting = work.queue.drain();
        work.running.iter().for_each(|running| running.stop.ask());
        drop(work);
        self.shared.wake.notify_all();
        self.shared.report_unheard(waiting, now);
        for thread in self.threads.drain(..) {
            // A worker that panicked outside of a job has nothing left to report.
            let _ = thread.join();
        }
    }
}

impl JobHandle {
    /// Ends the job if it is waiting or running; it is then reported as aborted.
    pub fn cancel(&self) {
        let now = (self.shared.clock)();
        let mut work = self.shared.lock();
        let waiting = work.queue.remove(self.id);
        for running in &work.running {
            if running.job.is_some_and(|job| job.id == self.id) {
                running.stop.ask();
            }
        }
        drop(work);
        self.shared
            .report_unheard(waiting.into_iter().collect(), now);
    }
}

impl Work {
    fn admit(&mut self, job: Job, now: Duration) -> Result<(u64, Vec<Ticket>), Refused> {
        if self.closed {
            return Err(Refused::Closed);
        }
        if job.audio.is_empty() || job.duration() > MAX_AUDIO {
            return Err(Refused::Length);
        }
        let id = self.next_id;
        let (call, utterance, kind) = (job.call, job.utterance, job.kind);
        let gave_way = self
            .queue
            .push(Ticket {
                id,
                since: now,
                job,
            })
            .map_err(|denied| match denied {
                Denied::Full => Refused::Full,
                Denied::Stale => Refused::Stale,
            })?;
        self.next_id += 1;
        self.stats.submitted += 1;
        if kind == JobKind::Final {
            self.abort_running_partials(call, utterance);
        }
        Ok((id, gave_way))
    }

    fn abort_running_partials(&self, call: u64, utterance: u64) {
        for running in &self.running {
            let superseded = running.job.is_some_and(|job| {
                job.kind == JobKind::Partial && job.call == call && job.utterance <= utterance
            });
            if superseded {
                running.stop.ask();
            }
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Work> {
        // No code that can panic runs under this lock, and its counters stay usable if one did.
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report_unheard(&self, tickets: Vec<Ticket>, now: Duration) {
        for ticket in tickets {
            let queued = now.saturating_sub(ticket.since);
            self.report(&ticket.job, Outcome::Aborted, queued, Duration::ZERO);
        }
    }

    fn report(&self, job: &Job, outcome: Outcome, queued: Duration, took: Duration) {
        let mut work = self.lock();
        let stats = &mut work.stats;
        match &outcome {
            Outcome::Text(_) => stats.heard += 1,
            Outcome::Rejected { .. } => stats.rejected += 1,
            Outcome::Aborted => stats.aborted += 1,
            Outcome::Failed(_) => stats.failed += 1,
        }
        drop(work);
        (self.sink)(Decoded {
            call: job.call,
            utterance: job.utterance,
            revision: job.revision,
            kind: job.kind,
            outcome,
            queued,
            took,
        });
    }
}
