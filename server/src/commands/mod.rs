//! What the program does when it does more than look and report: serve, call, demonstrate.

mod brain;
mod call;
mod demo;
mod serve;

pub use brain::brain;
pub use call::call;
pub use demo::demo;
pub use serve::serve;

use crate::sip::QUIET_STACK;
use tracing_subscriber::EnvFilter;

/// Logs to standard error from `level` on. The SIP stack stays quiet: it would log whole messages, and with
/// them who calls whom.
fn log_from(level: &str) {
    let filter = EnvFilter::new(format!("{level},{QUIET_STACK}"));
    // A second call in one process keeps the first subscriber.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// Waits for Ctrl-C or a service manager's stop.
async fn stop_signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => {
            if result.is_err() {
                std::future::pending::<()>().await;
            }
        }
        () = terminate => {}
    }
}
