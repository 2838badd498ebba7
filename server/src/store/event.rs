//! One fact on its way into the store.

use serde_json::json;
use sidetone_dialog::record::Stamped;
use sqlx::{SqliteConnection, sqlite::SqliteQueryResult};
use std::time::Duration;

/// One fact, never changed once it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The call; none for what concerns no single call.
    pub call_id: Option<String>,
    /// The number within the call, from 1, without gaps; none for what the store itself notes.
    pub seq: Option<u64>,
    /// Unix time in milliseconds.
    pub wall_ms: u64,
    /// Time since the call came in.
    pub at: Option<Duration>,
    /// The record's stable name (`turn_ended`).
    pub kind: String,
    /// One JSON object.
    pub body: String,
}

impl Event {
    /// A call's record as an event.
    #[must_use]
    pub fn of_record(call_id: &str, seq: u64, wall_ms: u64, record: &Stamped) -> Self {
        let kind = record.record.kind();
        // Only a map whose keys are no strings fails; should a record ever hold one, the fact that
        // it happened is still kept.
        let body = serde_json::to_string(&record.record).unwrap_or_else(|error| {
            json!({ "type": kind, "unwritable": error.to_string() }).to_string()
        });
        Self {
            call_id: Some(call_id.to_owned()),
            seq: Some(seq),
            wall_ms,
            at: Some(record.at),
            kind: kind.to_owned(),
            body,
        }
    }

    /// The note that events were dropped since the last such note.
    pub(super) fn lost(count: u64, wall_ms: u64) -> Self {
        Self {
            call_id: None,
            seq: None,
            wall_ms,
            at: None,
            kind: "events_lost".to_owned(),
            body: json!({ "count": count }).to_string(),
        }
    }

    /// Writes the event; the answer holds its id.
    pub(super) async fn insert(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<SqliteQueryResult, sqlx::Error> {
        sqlx::query(
            "INSERT INTO events (call_id, seq, wall_ms, at_ms, kind, body) \
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(&self.call_id)
        .bind(self.seq.map(integer))
        .bind(integer(self.wall_ms))
        .bind(
            self.at
                .map(|at| i64::try_from(at.as_millis()).unwrap_or(i64::MAX)),
        )
        .bind(&self.kind)
        .bind(&self.body)
        .execute(connection)
        .await
    }
}

/// SQLite's integers are signed.
pub(super) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
