//! What is owed to callers: to be called back, or that a ticket is looked after.

use super::event::{Event, integer};
use serde_json::json;
use sidetone_dialog::session::{Promise, PromiseKind};
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteRow};

/// Names a stored promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromiseId(pub i64);

/// A promise to be stored before it is spoken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPromise {
    /// The call in which it is made. One handover of a call makes at most one promise: storing it
    /// again gives the same id.
    pub call_id: String,
    /// What is promised.
    pub promise: Promise,
    /// When it is made: Unix time in milliseconds.
    pub made_ms: u64,
    /// When it must be kept: Unix time in milliseconds.
    pub due_ms: u64,
}

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The caller was called back, or the ticket was answered.
    Kept,
    /// It was given up.
    Broken,
}

/// A promise as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPromise {
    /// Its id.
    pub id: PromiseId,
    /// The call in which it was made.
    pub call_id: String,
    /// `callback` or `ticket`.
    pub kind: String,
    /// The number to call, or the ticket's.
    pub number: String,
    /// The skill that the human who keeps it needs.
    pub skill: String,
    /// When it was made: Unix time in milliseconds.
    pub made_ms: u64,
    /// When it must be kept: Unix time in milliseconds.
    pub due_ms: u64,
}

impl NewPromise {
    fn event(&self) -> Event {
        let (kind, number) = match &self.promise.kind {
            PromiseKind::Callback { number } => ("callback", number.clone()),
            PromiseKind::Ticket { number } => ("ticket", number.to_string()),
        };
        let body = json!({
            "handover": self.promise.handover.0,
            "kind": kind,
            "number": number,
            "skill": self.promise.skill,
            "due_ms": self.due_ms,
        });
        noted(
            Some(self.call_id.clone()),
            self.made_ms,
            "promise_stored",
            &body,
        )
    }
}

/// Stores a promise, or finds that it is stored already.
pub(super) async fn store(
    connection: &mut SqliteConnection,
    new: &NewPromise,
) -> Result<PromiseId, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let known = sqlx::query("SELECT id FROM promises WHERE call_id = ? AND handover = ?")
        .bind(&new.call_id)
        .bind(integer(new.promise.handover.0))
        .fetch_optional(&mut *transaction)
        .await?;
    let id = match known {
        Some(row) => row.try_get(0)?,
        None => new
            .event()
            .insert(&mut transaction)
            .await?
            .last_insert_rowid(),
    };
    transaction.commit().await?;
    Ok(PromiseId(id))
}

/// Notes what became of a promise; false when there is no such promise.
pub(super) async fn settle(
    connection: &mut SqliteConnection,
    id: PromiseId,
    settlement: Settlement,
    wall_ms: u64,
) -> Result<bool, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let Some(row) = sqlx::query("SELECT call_id FROM promises WHERE id = ?")
        .bind(id.0)
        .fetch_optional(&mut *transaction)
        .await?
    else {
        return Ok(false);
    };
    let state = match settlement {
        Settlement::Kept => "kept",
        Settlement::Broken => "broken",
    };
    let body = json!({ "promise": id.0, "state": state });
    noted(Some(row.try_get(0)?), wall_ms, "promise_settled", &body)
        .insert(&mut transaction)
        .await?;
    transaction.commit().await?;
    Ok(true)
}

/// The promises that are neither kept nor broken and are due by a time, the most urgent first.
pub(super) async fn due_by(
    connection: &mut SqliteConnection,
    wall_ms: u64,
) -> Result<Vec<StoredPromise>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, call_id, kind, number, skill, made_ms, due_ms FROM promises \
         WHERE state = 'open' AND due_ms <= ? ORDER BY due_ms, id",
    )
    .bind(integer(wall_ms))
    .fetch_all(connection)
    .await?;
    rows.iter().map(from_row).collect()
}

fn from_row(row: &SqliteRow) -> Result<StoredPromise, sqlx::Error> {
    Ok(StoredPromise {
        id: PromiseId(row.try_get("id")?),
        call_id: row.try_get("call_id")?,
        kind: row.try_get("kind")?,
        number: row.try_get("number")?,
        skill: row.try_get("skill")?,
        made_ms: row.try_get("made_ms")?,
        due_ms: row.try_get("due_ms")?,
    })
}

fn noted(call_id: Option<String>, wall_ms: u64, kind: &str, body: &serde_json::Value) -> Event {
    Event {
        call_id,
        seq: None,
        wall_ms,
        at: None,
        kind: kind.to_owned(),
        body: body.to_string(),
    }
}
