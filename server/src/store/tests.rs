use super::*;
use serde_json::json;
use sidetone_dialog::{
    api::{EndOfTurnReason, Expect, HandoverId, HandoverStage, Initiator, UtteranceId},
    record::{Record, Stamped},
    session::{Promise, PromiseKind},
};
use sqlx::{Connection, Executor, SqliteConnection, sqlite::SqliteConnectOptions};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const START: u64 = 1_790_000_000_000;

struct Bench {
    path: PathBuf,
    _folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            path: folder.path().join("data/store.db"),
            _folder: folder,
        }
    }

    async fn open(&self, limits: Limits) -> StoreHandle {
        StoreHandle::open(&self.path, limits).await.unwrap()
    }

    async fn reader(&self) -> Reader {
        Reader::open(&self.path).await.unwrap()
    }

    async fn raw(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(true);
        SqliteConnection::connect_with(&options).await.unwrap()
    }
}

/// Attempts to write fail at once while another connection holds the file, and nothing is tried
/// again by itself during the test.
fn impatient() -> Limits {
    Limits {
        lock_wait: Duration::ZERO,
        retry_first: Duration::from_secs(3600),
        retry_max: Duration::from_secs(3600),
        batch_wait: Duration::from_secs(3600),
        promise_wait: Duration::from_secs(3600),
        ..Limits::default()
    }
}

fn event(call_id: &str, seq: u64, record: Record) -> Event {
    let at = Duration::from_millis(seq * 100);
    Event::of_record(call_id, seq, START + seq * 100, &Stamped { at, record })
}

fn note(seq: u64) -> Event {
    event("call-1", seq, Record::NoMatch { count: 1 })
}

fn incoming(call_id: &str) -> Event {
    let record = Record::Incoming {
        from: "+447700900123".to_owned(),
        to: "shop".to_owned(),
    };
    event(call_id, 1, record)
}

fn turn(call_id: &str, seq: u64) -> Event {
    let record = Record::TurnEnded {
        utterance: UtteranceId(seq),
        text: "where is my lamp".to_owned(),
        reason: EndOfTurnReason::Complete,
        silence: Duration::from_millis(400),
        timer: Duration::from_millis(350),
        expect: Expect::Free,
    };
    event(call_id, seq, record)
}

fn ended(call_id: &str, seq: u64) -> Event {
    let record = Record::Ended {
        initiator: Initiator::Caller,
        reason: "hung up".to_owned(),
    };
    event(call_id, seq, record)
}

fn bridged(call_id: &str, seq: u64) -> Event {
    let record = Record::Handover {
        handover: HandoverId(1),
        stage: HandoverStage::Bridged,
        agent: None,
        elapsed: Duration::from_secs(9),
        sip_code: None,
        detail: String::new(),
    };
    event(call_id, seq, record)
}

fn callback(call_id: &str, due_ms: u64) -> NewPromise {
    NewPromise {
        call_id: call_id.to_owned(),
        promise: Promise {
            handover: HandoverId(1),
            skill: "care".to_owned(),
            kind: PromiseKind::Callback {
                number: "+447700900123".to_owned(),
            },
        },
        made_ms: START,
        due_ms,
    }
}

async fn seqs(reader: &mut Reader, call_id: &str) -> Vec<u64> {
    let record = reader.call_events(call_id).await.unwrap();
    record.events.iter().filter_map(|event| event.seq).collect()
}

async fn lost_notes(connection: &mut SqliteConnection) -> Vec<String> {
    sqlx::query_scalar("SELECT body FROM events WHERE kind = 'events_lost' ORDER BY id")
        .fetch_all(connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn events_come_back_in_order_and_whole() {
    let bench = Bench::new();
    let store = bench.open(Limits::default()).await;
    for seq in 1..=250 {
        store.append(note(seq));
    }
    store.flush().await.unwrap();
    let mut reader = bench.reader().await;
    assert_eq!(
        seqs(&mut reader, "call-1").await,
        (1..=250).collect::<Vec<_>>()
    );
    let record = reader.call_events("call-1").await.unwrap();
    let second = StoredEvent {
        seq: Some(2),
        wall_ms: START + 200,
        at: Some(Duration::from_millis(200)),
        kind: "no_match".to_owned(),
        body: json!({ "type": "no_match", "count": 1 }),
    };
    assert_eq!(record.events[1], second);
    assert_eq!(store.health(), Health::default());
}

#[tokio::test]
async fn closing_writes_what_still_waits() {
    let bench = Bench::new();
    let store = bench.open(impatient()).await;
    let other = store.clone();
    store.append(note(1));
    store.close().await.unwrap();
    assert_eq!(seqs(&mut bench.reader().await, "call-1").await, [1]);
    assert!(matches!(other.flush().await, Err(StoreError::Closed)));
    other.append(note(2));
    assert_eq!(other.health().lost, 1);
}

#[tokio::test]
async fn an_event_is_never_changed_nor_removed() {
    let bench = Bench::new();
    let store = bench.open(Limits::default()).await;
    store.append(note(1));
    store.close().await.unwrap();
    let mut raw = bench.raw().await;
    for sql in [
        "UPDATE events SET body = '{}'",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events (id, wall_ms, kind, body) VALUES (1, 0, 'forged', '{}')",
    ] {
        let error = raw.execute(sql).await.unwrap_err();
        assert!(error.to_string().contains("append-only"), "{sql}: {error}");
    }
    assert_eq!(seqs(&mut bench.reader().await, "call-1").await, [1]);
}

#[tokio::test]
async fn a_full_queue_drops_the_newest_and_says_how_many() {
    let bench = Bench::new();
    let store = bench
        .open(Limits {
            queue: 3,
            ..impatient()
        })
        .await;
    // The writer shares this thread, so it takes nothing before the first await.
    for seq in 1..=8 {
        store.append(note(seq));
    }
    assert_eq!(store.health().lost, 5);
    store.flush().await.unwrap();
    assert_eq!(seqs(&mut bench.reader().await, "call-1").await, [1, 2, 3]);
    assert_eq!(lost_notes(&mut bench.raw().await).await, ["{\"count\":5}"]);
    store.append(note(9));
    store.flush().await.unwrap();
    assert_eq!(
        lost_notes(&mut bench.raw().await).await.len(),
        1,
        "told once"
    );
}

#[tokio::test]
async fn a_store_that_cannot_be_written_keeps_events_until_it_can() {
    let bench = Bench::new();
    let store = bench.open(impatient()).await;
    let mut other = bench.raw().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    store.append(note(1));
    store.append(note(2));
    assert!(matches!(
        store.flush().await,
        Err(StoreError::Unwritable(_))
    ));
    let health = store.health();
    assert!(health.fault.is_some());
    assert_eq!((health.waiting, health.lost), (2, 0));
    store.append(note(3));
    other.execute("ROLLBACK").await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(store.health(), Health::default());
    assert_eq!(seqs(&mut bench.reader().await, "call-1").await, [1, 2, 3]);
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_tried_again_by_itself() {
    let bench = Bench::new();
    let store = bench
        .open(Limits {
            retry_first: Duration::from_millis(5),
            ..impatient()
        })
        .await;
    let mut other = bench.raw().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    store.append(note(1));
    assert!(store.flush().await.is_err());
    other.execute("ROLLBACK").await.unwrap();
    store
        .health_changes()
        .wait_for(|health| health.fault.is_none())
        .await
        .unwrap();
    assert_eq!(seqs(&mut bench.reader().await, "call-1").await, [1]);
}

#[tokio::test]
async fn a_full_spill_drops_the_newest_and_says_how_many() {
    let bench = Bench::new();
    let store = bench
        .open(Limits {
            spill: 2,
            ..impatient()
        })
        .await;
    let mut other = bench.raw().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    for seq in 1..=5 {
        store.append(note(seq));
    }
    assert!(store.flush().await.is_err());
    assert_eq!(store.health().lost, 3);
    other.execute("ROLLBACK").await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(seqs(&mut bench.reader().await, "call-1").await, [1, 2]);
    assert_eq!(lost_notes(&mut other).await, ["{\"count\":3}"]);
}

#[tokio::test]
async fn a_full_disk_costs_no_stored_event_and_no_promise_is_made_on_it() {
    let bench = Bench::new();
    let store = bench
        .open(Limits {
            max_pages: Some(24),
            ..impatient()
        })
        .await;
    let mut stored = 0;
    while store.flush().await.is_ok() {
        stored += 1;
        assert!(stored < 10_000, "the disk never fills");
        store.append(note(stored));
    }
    let health = store.health();
    assert!(health.fault.unwrap().contains("full"));
    assert_eq!((health.waiting, health.lost), (1, 0));
    let refused = store.promise(callback("call-1", START + 1)).await;
    assert!(matches!(refused, Err(StoreError::Unwritable(_))));
    assert!(matches!(
        store.close().await,
        Err(StoreError::Unwritable(_))
    ));

    let mut reader = bench.reader().await;
    assert_eq!(
        seqs(&mut reader, "call-1").await,
        (1..stored).collect::<Vec<_>>()
    );
    assert!(reader.promises_due_by(u64::MAX).await.unwrap().is_empty());
    let store = bench.open(Limits::default()).await;
    store.promise(callback("call-1", START + 1)).await.unwrap();
}

#[tokio::test]
async fn a_promise_is_on_disk_when_it_is_acknowledged() {
    let bench = Bench::new();
    let store = bench.open(impatient()).await;
    store.append(incoming("call-1"));
    let id = store
        .promise(callback("call-1", START + 60_000))
        .await
        .unwrap();
    let mut reader = bench.reader().await;
    assert!(
        reader
            .promises_due_by(START + 59_999)
            .await
            .unwrap()
            .is_empty()
    );
    let expected = StoredPromise {
        id,
        call_id: "call-1".to_owned(),
        kind: "callback".to_owned(),
        number: "+447700900123".to_owned(),
        skill: "care".to_owned(),
        made_ms: START,
        due_ms: START + 60_000,
    };
    assert_eq!(
        reader.promises_due_by(START + 60_000).await.unwrap(),
        [expected]
    );
    let record = reader.call_events("call-1").await.unwrap();
    let kinds = record
        .events
        .iter()
        .map(|event| event.kind.as_str())
        .collect::<Vec<_>>();
    assert_eq!(
        kinds,
        ["incoming", "promise_stored"],
        "the call's events come first"
    );
}

#[tokio::test]
async fn a_promise_that_is_stored_again_stays_one() {
    let bench = Bench::new();
    let store = bench.open(Limits::default()).await;
    let first = store.promise(callback("call-1", START)).await.unwrap();
    assert_eq!(
        store.promise(callback("call-1", START)).await.unwrap(),
        first
    );
    let other = store.promise(callback("call-2", START)).await.unwrap();
    assert_ne!(other, first);
    assert_eq!(
        bench
            .reader()
            .await
            .promises_due_by(START)
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_promise_that_is_kept_is_no_longer_due() {
    let bench = Bench::new();
    let store = bench.open(Limits::default()).await;
    let id = store.promise(callback("call-1", START)).await.unwrap();
    store.settle(id, Settlement::Kept, START + 5).await.unwrap();
    assert!(
        bench
            .reader()
            .await
            .promises_due_by(u64::MAX)
            .await
            .unwrap()
            .is_empty()
    );
    let unknown = store.settle(PromiseId(99), Settlement::Broken, START).await;
    assert!(matches!(unknown, Err(StoreError::NoSuchPromise(99))));
}

#[tokio::test]
async fn a_promise_that_nobody_waits_for_is_not_made() {
    let bench = Bench::new();
    let store = bench.open(impatient()).await;
    // The promise is handed over, and the call ends before the writer looks at it.
    tokio::select! {
        biased;
        _ = store.promise(callback("call-1", START)) => unreachable!("the writer had no turn"),
        () = async {} => {}
    }
    store.flush().await.unwrap();
    assert!(
        bench
            .reader()
            .await
            .promises_due_by(u64::MAX)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_promise_that_takes_too_long_is_reported_late() {
    let bench = Bench::new();
    let limits = Limits {
        promise_wait: Duration::ZERO,
        queue: 1,
        ..impatient()
    };
    let store = bench.open(limits).await;
    store.append(note(1));
    assert!(matches!(
        store.promise(callback("call-1", START)).await,
        Err(StoreError::Late)
    ));
}

#[tokio::test]
async fn calls_are_listed_the_newest_first_with_what_came_of_them() {
    let bench = Bench::new();
    let store = bench.open(Limits::default()).await;
    for call in ["told", "lost", "human", "owed", "open"] {
        store.append(incoming(call));
        store.append(turn(call, 2));
        store.append(turn(call, 3));
    }
    let outcome = Record::Outcome {
        goal: "order_status".to_owned(),
        success: true,
    };
    store.append(event("told", 4, outcome));
    store.append(bridged("human", 4));
    store.promise(callback("owed", START)).await.unwrap();
    for call in ["told", "lost", "human", "owed"] {
        store.append(ended(call, 9));
    }
    store.flush().await.unwrap();

    let mut reader = bench.reader().await;
    let calls = reader.list_calls(10, &CallFilter::default()).await.unwrap();
    let shown = calls
        .iter()
        .map(|call| (call.call_id.as_str(), call.outcome.as_str()));
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            ("open", "no end"),
            ("owed", "callback"),
            ("human", "agent"),
            ("lost", "hung up"),
            ("told", "done"),
        ]
    );
    assert_eq!(calls[0].ended_ms, None);
    let told = CallSummary {
        call_id: "told".to_owned(),
        started_ms: START + 100,
        ended_ms: Some(START + 900),
        caller: "+447700900123".to_owned(),
        outcome: "done".to_owned(),
        turns: 2,
    };
    assert_eq!(calls[4], told);
    let filter = CallFilter {
        outcome: Some("done".to_owned()),
        ..CallFilter::default()
    };
    assert_eq!(reader.list_calls(10, &filter).await.unwrap(), [told]);
    let filter = CallFilter {
        since_ms: Some(START + 101),
        ..CallFilter::default()
    };
    assert!(reader.list_calls(10, &filter).await.unwrap().is_empty());
    assert_eq!(
        reader
            .list_calls(2, &CallFilter::default())
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_call_is_found_by_the_beginning_of_its_id() {
    let bench = Bench::new();
    let store = bench.open(Limits::default()).await;
    for call in ["ab12", "ab1", "cd%4"] {
        store.append(incoming(call));
    }
    store.flush().await.unwrap();
    let mut reader = bench.reader().await;
    assert_eq!(reader.call_events("c").await.unwrap().call_id, "cd%4");
    assert_eq!(
        reader.call_events("ab1").await.unwrap().call_id,
        "ab1",
        "a whole id is one call"
    );
    let ambiguous = reader.call_events("ab").await.unwrap_err();
    assert!(
        matches!(&ambiguous, StoreError::Ambiguous { matches, .. } if matches == &["ab1", "ab12"])
    );
    for unknown in ["x", "%", "ab123", "' OR 1"] {
        assert!(matches!(
            reader.call_events(unknown).await,
            Err(StoreError::NoSuchCall(_))
        ));
    }
}

#[tokio::test]
async fn a_file_that_is_not_ours_to_write_is_left_alone() {
    let bench = Bench::new();
    let path: &Path = &bench.path;
    assert!(matches!(
        Reader::open(path).await,
        Err(StoreError::Missing { .. })
    ));
    bench.open(Limits::default()).await.close().await.unwrap();
    bench
        .raw()
        .await
        .execute("PRAGMA user_version = 2")
        .await
        .unwrap();
    let newer = StoreHandle::open(path, Limits::default())
        .await
        .unwrap_err();
    assert!(matches!(newer, StoreError::Newer { found: 2, .. }));
    assert!(matches!(
        Reader::open(path).await,
        Err(StoreError::Newer { .. })
    ));

    let foreign = Bench::new();
    std::fs::create_dir_all(foreign.path.parent().unwrap()).unwrap();
    foreign
        .raw()
        .await
        .execute("CREATE TABLE theirs (id)")
        .await
        .unwrap();
    let refused = StoreHandle::open(&foreign.path, Limits::default()).await;
    assert!(matches!(refused, Err(StoreError::Foreign { .. })));

    let rubbish = Bench::new();
    std::fs::create_dir_all(rubbish.path.parent().unwrap()).unwrap();
    std::fs::write(
        &rubbish.path,
        "not a database, and long enough to look like one".repeat(40),
    )
    .unwrap();
    let refused = StoreHandle::open(&rubbish.path, Limits::default()).await;
    assert!(matches!(refused, Err(StoreError::Open { .. })));
}
