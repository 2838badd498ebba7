//! What can go wrong with the store, and what to do about it.

use std::{io, path::PathBuf};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder could not be made.
    #[error("the folder {} cannot be made ({source}); choose another store.path", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file could not be opened.
    #[error(
        "{} cannot be opened ({source}); check that it is a database, and the rights on its folder",
        path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// There is nothing to read yet.
    #[error("there is no {} yet; it is made when the server first starts", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A newer program wrote the file.
    #[error(
        "{} has version {found} and this program knows {}; use the newer program or another \
         store.path",
        path.display(),
        super::schema::VERSION
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's version.
        found: i64,
    },
    /// The file is a database, and not one of ours.
    #[error("{} belongs to another program; choose another store.path", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written at the moment; the writer goes on trying.
    #[error("the store cannot be written ({0}); free disk space or mend the rights")]
    Unwritable(String),
    /// The disk did not answer in time; whether the write went through is not known.
    #[error("the store did not answer in time; treat the write as not done")]
    Late,
    /// The writer has ended.
    #[error("the store is closed")]
    Closed,
    /// No call's id begins so.
    #[error("no call's id begins with {0:?}; `sidetone calls list` shows them")]
    NoSuchCall(String),
    /// More than one call's id begins so.
    #[error("the id {prefix:?} is short of one call: {}; write more of it", matches.join(", "))]
    Ambiguous {
        /// What was asked for.
        prefix: String,
        /// Some of the ids that begin so.
        matches: Vec<String>,
    },
    /// There is no such promise.
    #[error("there is no promise {0}")]
    NoSuchPromise(i64),
    /// Reading failed.
    #[error("the store cannot be read: {0}")]
    Read(#[from] sqlx::Error),
}
