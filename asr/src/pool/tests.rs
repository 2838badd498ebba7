use super::*;
use crate::hypothesis::Hypothesis;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// An engine that announces each job and waits to be told what came of it.
struct Puppet {
    begun: Sender<u64>,
    orders: Arc<Mutex<Receiver<Order>>>,
    stop: Arc<Stop>,
}

enum Order {
    Say(&'static str),
    /// Waits, as a long decode would, until it is told to stop.
    UntilStopped,
    Panic,
}

impl Engine for Puppet {
    fn hear(&mut self, job: &Job) -> Outcome {
        self.begun.send(job.call).unwrap();
        let order = self.orders.lock().unwrap().recv().unwrap();
        match order {
            Order::Say(text) => Outcome::Text(Hypothesis {
                text: text.to_owned(),
                ..Hypothesis::default()
            }),
            Order::UntilStopped => {
                while self.stop.reason().is_none() {
                    std::thread::yield_now();
                }
                Outcome::Aborted
            }
            Order::Panic => panic!("as ordered"),
        }
    }
}

/// A pool of one worker whose engine is a puppet.
struct Stage {
    pool: Pool,
    begun: Receiver<u64>,
    orders: Sender<Order>,
    decoded: Receiver<Decoded>,
    now: Arc<AtomicU64>,
    engines: Arc<AtomicU64>,
}

fn stage(queue: usize) -> Stage {
    let (begin, begun) = channel();
    let (orders, taken) = channel();
    let (report, decoded) = channel();
    let (now, engines) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let taken = Arc::new(Mutex::new(taken));
    let begin = Mutex::new(begin);
    let made = Arc::clone(&engines);
    let factory = move |stop| {
        made.fetch_add(1, Ordering::SeqCst);
        let begun = begin.lock().unwrap().clone();
        let orders = Arc::clone(&taken);
        Ok(Box::new(Puppet {
            begun,
            orders,
            stop,
        }) as Box<dyn Engine>)
    };
    let time = Arc::clone(&now);
    let clock: Clock = Arc::new(move || Duration::from_millis(time.load(Ordering::SeqCst)));
    let config = PoolConfig {
        workers: 1,
        queue,
        max_run: Duration::from_secs(1),
    };
    let sink = Box::new(move |decoded| report.send(decoded).unwrap());
    let pool = Pool::start_with(Arc::new(factory), config, clock, sink).unwrap();
    Stage {
        pool,
        begun,
        orders,
        decoded,
        now,
        engines,
    }
}

impl Stage {
    fn submit(&self, call: u64, kind: JobKind) -> Result<JobHandle, Refused> {
        self.pool.submit(job(call, kind))
    }

    fn begins(&self, call: u64) {
        assert_eq!(self.begun.recv().unwrap(), call);
    }

    fn order(&self, order: Order) {
        self.orders.send(order).unwrap();
    }

    fn ends(&self) -> (u64, Outcome) {
        let decoded = self.decoded.recv().unwrap();
        (decoded.call, decoded.outcome)
    }
}

fn job(call: u64, kind: JobKind) -> Job {
    Job {
        call,
        utterance: 0,
        revision: 0,
        kind,
        audio: vec![0.0; 1_600],
        voiced: Duration::from_millis(100),
        min_voiced: Duration::ZERO,
        deadline: Duration::from_secs(1),
    }
}

fn said(text: &str) -> Outcome {
    Outcome::Text(Hypothesis {
        text: text.to_owned(),
        ..Hypothesis::default()
    })
}

#[test]
fn a_final_goes_before_partials_that_came_earlier() {
    let stage = stage(8);
    stage.submit(1, JobKind::Partial).unwrap();
    stage.begins(1);
    stage.submit(2, JobKind::Partial).unwrap();
    stage.submit(3, JobKind::Final).unwrap();
    for (call, next, text) in [(1, Some(3), "one"), (3, Some(2), "three"), (2, None, "two")] {
        stage.order(Order::Say(text));
        assert_eq!(stage.ends(), (call, said(text)));
        if let Some(next) = next {
            stage.begins(next);
        }
    }
}

#[test]
fn a_final_aborts_its_calls_running_partial_and_leaves_others_alone() {
    let stage = stage(8);
    stage.submit(1, JobKind::Partial).unwrap();
    stage.begins(1);
    stage.order(Order::UntilStopped);
    stage.submit(2, JobKind::Final).unwrap();
    assert!(stage.decoded.try_recv().is_err());
    stage.submit(1, JobKind::Final).unwrap();
    assert_eq!(stage.ends(), (1, Outcome::Aborted));
    for (call, text) in [(2, "two"), (1, "one")] {
        stage.begins(call);
        stage.order(Order::Say(text));
        assert_eq!(stage.ends(), (call, said(text)));
    }
}

#[test]
fn a_replaced_partial_is_reported_as_aborted() {
    let stage = stage(8);
    stage.submit(1, JobKind::Final).unwrap();
    stage.begins(1);
    stage.submit(2, JobKind::Partial).unwrap();
    stage.submit(2, JobKind::Partial).unwrap();
    assert_eq!(stage.ends(), (2, Outcome::Aborted));
    assert_eq!(stage.pool.stats().waiting, 1);
    stage.order(Order::Say("one"));
    stage.order(Order::Say("two"));
    assert_eq!(stage.ends(), (1, said("one")));
    assert_eq!(stage.ends(), (2, said("two")));
}

#[test]
fn a_panic_costs_one_job_and_one_engine() {
    let stage = stage(8);
    for order in [Order::Panic, Order::Say("two")] {
        stage.submit(1, JobKind::Final).unwrap();
        stage.begins(1);
        stage.order(order);
    }
    assert!(matches!(stage.ends(), (1, Outcome::Failed(_))));
    assert_eq!(stage.ends(), (1, said("two")));
    assert_eq!(stage.engines.load(Ordering::SeqCst), 2);
    let stats = stage.pool.stats();
    assert_eq!((stats.failed, stats.heard), (1, 1));
}

#[test]
fn a_full_pool_refuses_and_counts() {
    let stage = stage(1);
    stage.submit(1, JobKind::Final).unwrap();
    stage.begins(1);
    stage.submit(2, JobKind::Final).unwrap();
    assert_eq!(stage.submit(3, JobKind::Final).err(), Some(Refused::Full));
    let stats = stage.pool.stats();
    assert_eq!((stats.submitted, stats.refused, stats.waiting), (2, 1, 1));
    stage.order(Order::Say("one"));
    stage.order(Order::Say("two"));
    assert_eq!(stage.ends(), (1, said("one")));
    assert_eq!(stage.ends(), (2, said("two")));
}

#[test]
fn audio_of_no_length_or_too_much_is_refused() {
    let stage = stage(8);
    for samples in [0, 16_000 * 28 + 16] {
        let audio = vec![0.0; samples];
        let outcome = stage.pool.submit(Job {
            audio,
            ..job(1, JobKind::Final)
        });
        assert_eq!(outcome.err(), Some(Refused::Length));
    }
}

#[test]
fn a_partial_past_its_deadline_is_dropped_but_a_final_is_decoded() {
    let stage = stage(8);
    stage.submit(1, JobKind::Final).unwrap();
    stage.begins(1);
    stage.submit(2, JobKind::Partial).unwrap();
    stage.submit(3, JobKind::Final).unwrap();
    stage.now.store(1_500, Ordering::SeqCst);
    stage.order(Order::Say("one"));
    stage.order(Order::Say("three"));
    assert_eq!(stage.ends(), (1, said("one")));
    let late = stage.decoded.recv().unwrap();
    assert_eq!((late.call, late.outcome), (3, said("three")));
    assert_eq!(late.queued, Duration::from_millis(1_500));
    assert_eq!(stage.ends(), (2, Outcome::Aborted));
}

#[test]
fn a_job_can_be_cancelled_while_waiting_and_while_running() {
    let stage = stage(8);
    let running = stage.submit(1, JobKind::Final).unwrap();
    stage.begins(1);
    stage.order(Order::UntilStopped);
    let waiting = stage.submit(2, JobKind::Final).unwrap();
    waiting.cancel();
    assert_eq!(stage.ends(), (2, Outcome::Aborted));
    running.cancel();
    assert_eq!(stage.ends(), (1, Outcome::Aborted));
    running.cancel();
    assert_eq!(stage.pool.stats().aborted, 2);
}

#[test]
fn a_decode_past_its_limit_is_stopped() {
    let stage = stage(8);
    stage.submit(1, JobKind::Final).unwrap();
    stage.begins(1);
    stage.order(Order::UntilStopped);
    stage.now.store(1_001, Ordering::SeqCst);
    assert_eq!(stage.ends().0, 1);
}

#[test]
fn a_dropped_pool_reports_what_was_waiting() {
    let stage = stage(8);
    stage.submit(1, JobKind::Final).unwrap();
    stage.begins(1);
    stage.order(Order::UntilStopped);
    stage.submit(2, JobKind::Final).unwrap();
    let Stage { pool, decoded, .. } = stage;
    drop(pool);
    let mut calls: Vec<u64> = decoded.iter().map(|decoded| decoded.call).collect();
    calls.sort_unstable();
    assert_eq!(calls, [1, 2]);
}

#[test]
fn a_worker_without_an_engine_is_an_error_at_the_start() {
    let clock: Clock = Arc::new(|| Duration::ZERO);
    let factory: Arc<Factory> = Arc::new(|_| Err("no memory".to_owned()));
    let outcome = Pool::start_with(
        factory,
        PoolConfig::default(),
        clock,
        Box::new(|_: Decoded| {}),
    );
    assert!(matches!(outcome, Err(PoolError::Engine(reason)) if reason == "no memory"));
}
