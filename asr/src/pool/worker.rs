//! One worker thread: takes a job, has its engine decode it, reports, and survives a panic.

use super::{Factory, InHand, Shared};
use crate::clock::Stop;
use crate::decoder::Engine;
use crate::job::{Job, JobKind, Outcome};
use crate::queue::Ticket;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Sender;
use std::sync::{Arc, PoisonError};

/// Runs until the pool closes. Says on `ready` whether the engine could be made.
pub(super) fn run(
    shared: &Shared,
    index: usize,
    factory: &Factory,
    ready: &Sender<Result<(), String>>,
) {
    let stop = Arc::clone(&shared.lock().running[index].stop);
    // A panic while the engine is made must not leave the starter waiting for a word.
    let made = catch_unwind(AssertUnwindSafe(|| factory(Arc::clone(&stop))))
        .unwrap_or_else(|_| Err("the engine panicked at its start".to_owned()));
    let mut engine = match made {
        Ok(engine) => Some(engine),
        Err(error) => {
            // The starter has gone if an earlier worker failed; nobody needs to be told then.
            let _ = ready.send(Err(error));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    while let Some(ticket) = take(shared, index, &stop) {
        let began = (shared.clock)();
        let late = ticket.job.kind == JobKind::Partial && ticket.job.deadline < began;
        let outcome = if late {
            Outcome::Aborted
        } else {
            hear(&mut engine, factory, &stop, &ticket.job)
        };
        let ended = (shared.clock)();
        shared.lock().running[index].job = None;
        let queued = began.saturating_sub(ticket.since);
        let took = ended.saturating_sub(began);
        // The sink is the shell's code; its panic is no reason to lose a worker.
        let _ = catch_unwind(AssertUnwindSafe(|| {
            shared.report(&ticket.job, outcome, queued, took);
        }));
    }
}

/// Waits for a job and marks it as in hand; `None` once the pool is closed.
fn take(shared: &Shared, index: usize, stop: &Stop) -> Option<Ticket> {
    let mut work = shared.lock();
    loop {
        if work.closed {
            return None;
        }
        if let Some(ticket) = work.queue.pop() {
            let job = &ticket.job;
            let in_hand = InHand {
                id: ticket.id,
                call: job.call,
                utterance: job.utterance,
                kind: job.kind,
            };
            work.running[index].job = Some(in_hand);
            // Under the lock: whoever asks to stop after this means this job.
            stop.rearm((shared.clock)().saturating_add(shared.max_run));
            return Some(ticket);
        }
        work = shared
            .wake
            .wait(work)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

/// Decodes one job. After a panic the engine is thrown away and made anew for the next job.
fn hear(
    engine: &mut Option<Box<dyn Engine>>,
    factory: &Factory,
    stop: &Arc<Stop>,
    job: &Job,
) -> Outcome {
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        let mut hearing = match engine.take() {
            Some(engine) => engine,
            None => match factory(Arc::clone(stop)) {
                Ok(engine) => engine,
                Err(error) => return Outcome::Failed(error),
            },
        };
        let outcome = hearing.hear(job);
        *engine = Some(hearing);
        outcome
    }));
    attempt.unwrap_or_else(|_| Outcome::Failed("the engine panicked on this job".to_owned()))
}
