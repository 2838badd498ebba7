//! The file's layout and its version.
//!
//! The version is SQLite's `user_version`. A file of a newer version is refused, because an older
//! program would misread it; so is a database that somebody else made.

use super::{Limits, StoreError};
use sqlx::{
    Connection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::path::Path;

/// The version that this program writes.
pub(super) const VERSION: i64 = 1;

const SCHEMA: &str = include_str!("schema.sql");
const SET_VERSION: &str = "PRAGMA user_version = 1";

/// Opens the file for writing; makes it, and its folder, when missing.
pub(super) async fn open_writable(
    path: &Path,
    limits: &Limits,
) -> Result<SqliteConnection, StoreError> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).map_err(|source| StoreError::Folder {
            path: folder.to_owned(),
            source,
        })?;
    }
    let mut options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // A promise that was acknowledged must outlive a power cut; NORMAL may lose it.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(limits.lock_wait);
    if let Some(pages) = limits.max_pages {
        options = options.pragma("max_page_count", pages.to_string());
    }
    let open = |source| StoreError::Open {
        path: path.to_owned(),
        source,
    };
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(open)?;
    migrate(&mut connection, path).await?;
    Ok(connection)
}

/// Opens an existing file for reading, beside a server that writes to it.
pub(super) async fn open_readable(path: &Path) -> Result<SqliteConnection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Missing {
            path: path.to_owned(),
        });
    }
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let open = |source| StoreError::Open {
        path: path.to_owned(),
        source,
    };
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(open)?;
    match version(&mut connection).await.map_err(open)? {
        VERSION => Ok(connection),
        found if found > VERSION => Err(StoreError::Newer {
            path: path.to_owned(),
            found,
        }),
        _ => Err(StoreError::Foreign {
            path: path.to_owned(),
        }),
    }
}

async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), StoreError> {
    let open = |source| StoreError::Open {
        path: path.to_owned(),
        source,
    };
    let found = version(connection).await.map_err(open)?;
    if found == VERSION {
        return Ok(());
    }
    if found > VERSION {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found,
        });
    }
    if found < 0 || has_tables(connection).await.map_err(open)? {
        return Err(StoreError::Foreign {
            path: path.to_owned(),
        });
    }
    let mut transaction = connection.begin().await.map_err(open)?;
    sqlx::raw_sql(SCHEMA)
        .execute(&mut *transaction)
        .await
        .map_err(open)?;
    sqlx::raw_sql(SET_VERSION)
        .execute(&mut *transaction)
        .await
        .map_err(open)?;
    transaction.commit().await.map_err(open)
}

async fn version(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    sqlx::query("PRAGMA user_version")
        .fetch_one(connection)
        .await?
        .try_get(0)
}

async fn has_tables(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT count(*) FROM sqlite_schema")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get::<i64, _>(0)? > 0)
}
