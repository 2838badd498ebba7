//! The readers' end of the store: lists of calls and one call's record.

use super::{StoreError, StoredPromise, event::integer, promise, schema};
use serde_json::Value;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
use std::{path::Path, time::Duration};

/// How many ids an [`StoreError::Ambiguous`] names at most.
const MATCHES_SHOWN: i64 = 4;

/// Reads a store, beside the server that writes to it.
#[derive(Debug)]
pub struct Reader {
    connection: SqliteConnection,
}

/// Which calls to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Only calls that came in at or after this Unix time in milliseconds.
    pub since_ms: Option<u64>,
    /// Only calls with this outcome.
    pub outcome: Option<String>,
}

/// One call in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSummary {
    /// The call's id.
    pub call_id: String,
    /// When it came in: Unix time in milliseconds.
    pub started_ms: u64,
    /// When it ended: Unix time in milliseconds; none while it lasts, or when the server broke off.
    pub ended_ms: Option<u64>,
    /// The caller's number or user name; empty when withheld.
    pub caller: String,
    /// What came of it: `agent`, `callback`, `ticket`, `done`, `not done`, why it ended, or
    /// `no end`.
    pub outcome: String,
    /// How many turns the caller took.
    pub turns: u64,
}

/// All that is kept of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRecord {
    /// The call's id in full.
    pub call_id: String,
    /// Its events in the order in which they were written.
    pub events: Vec<StoredEvent>,
}

/// One event as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// The number within the call; none for what the store itself noted.
    pub seq: Option<u64>,
    /// Unix time in milliseconds.
    pub wall_ms: u64,
    /// Time since the call came in.
    pub at: Option<Duration>,
    /// The record's stable name.
    pub kind: String,
    /// The record.
    pub body: Value,
}

impl Reader {
    /// Opens an existing store.
    ///
    /// # Errors
    /// When there is none, or it is not one that this program can read.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        schema::open_readable(path)
            .await
            .map(|connection| Self { connection })
    }

    /// The latest calls, the newest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn list_calls(
        &mut self,
        limit: u32,
        filter: &CallFilter,
    ) -> Result<Vec<CallSummary>, StoreError> {
        let rows = sqlx::query(
            "SELECT call_id, started_ms, ended_ms, caller, outcome, turns FROM calls \
             WHERE started_ms >= ?1 AND (?2 IS NULL OR outcome = ?2) ORDER BY id DESC LIMIT ?3",
        )
        .bind(integer(filter.since_ms.unwrap_or_default()))
        .bind(&filter.outcome)
        .bind(limit)
        .fetch_all(&mut self.connection)
        .await?;
        Ok(rows.iter().map(summary).collect::<Result<_, _>>()?)
    }

    /// One call's events, by its id or by the beginning of its id.
    ///
    /// # Errors
    /// When no call's id begins so, or more than one.
    pub async fn call_events(&mut self, prefix: &str) -> Result<CallRecord, StoreError> {
        let call_id = self.full_id(prefix).await?;
        let rows = sqlx::query(
            "SELECT seq, wall_ms, at_ms, kind, body FROM events WHERE call_id = ? ORDER BY id",
        )
        .bind(&call_id)
        .fetch_all(&mut self.connection)
        .await?;
        let events = rows.iter().map(stored).collect::<Result<_, _>>()?;
        Ok(CallRecord { call_id, events })
    }

    /// The promises that are still open and due by a Unix time in milliseconds, the most urgent
    /// first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn promises_due_by(
        &mut self,
        wall_ms: u64,
    ) -> Result<Vec<StoredPromise>, StoreError> {
        Ok(promise::due_by(&mut self.connection, wall_ms).await?)
    }

    async fn full_id(&mut self, prefix: &str) -> Result<String, StoreError> {
        // A range, not LIKE: an id may hold what LIKE takes for a pattern.
        let rows = sqlx::query(
            "SELECT DISTINCT call_id FROM events \
             WHERE call_id >= ?1 AND call_id < ?1 || char(0x10FFFF) ORDER BY call_id LIMIT ?2",
        )
        .bind(prefix)
        .bind(MATCHES_SHOWN)
        .fetch_all(&mut self.connection)
        .await?;
        let mut matches = rows
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<Vec<String>, _>>()?;
        match matches.len() {
            0 => Err(StoreError::NoSuchCall(prefix.to_owned())),
            1 => Ok(matches.remove(0)),
            _ if matches[0] == prefix => Ok(matches.remove(0)),
            _ => Err(StoreError::Ambiguous {
                prefix: prefix.to_owned(),
                matches,
            }),
        }
    }
}

fn summary(row: &SqliteRow) -> Result<CallSummary, sqlx::Error> {
    Ok(CallSummary {
        call_id: row.try_get("call_id")?,
        started_ms: row.try_get("started_ms")?,
        ended_ms: row.try_get("ended_ms")?,
        caller: row
            .try_get::<Option<String>, _>("caller")?
            .unwrap_or_default(),
        outcome: row.try_get("outcome")?,
        turns: row.try_get("turns")?,
    })
}

fn stored(row: &SqliteRow) -> Result<StoredEvent, sqlx::Error> {
    let body = row.try_get::<String, _>("body")?;
    Ok(StoredEvent {
        seq: row.try_get("seq")?,
        wall_ms: row.try_get("wall_ms")?,
        at: row
            .try_get::<Option<u64>, _>("at_ms")?
            .map(Duration::from_millis),
        kind: row.try_get("kind")?,
        // What cannot be read as JSON is shown as it is.
        body: serde_json::from_str(&body).unwrap_or(Value::String(body)),
    })
}
