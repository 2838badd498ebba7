//! The one place that reads clocks.

#![expect(
    clippy::disallowed_methods,
    reason = "the shell tells everybody else the time"
)]

use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Time since the process first asked: monotonic, shared by all calls.
pub fn now() -> Duration {
    ORIGIN.elapsed()
}

/// The instant on tokio's clock that `at` means.
pub fn instant(at: Duration) -> tokio::time::Instant {
    tokio::time::Instant::from_std(*ORIGIN + at)
}

/// Waits until `at`; for ever without one, so that it may stand in a select.
pub async fn reached(at: Option<Duration>) {
    match at {
        Some(at) => tokio::time::sleep_until(instant(at)).await,
        None => std::future::pending().await,
    }
}

/// Milliseconds since the Unix epoch, for records that people read.
pub fn wall_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
