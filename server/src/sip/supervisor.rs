//! The task that owns the stack: it spawns a task per request and sees the server's end through.

use std::sync::Arc;
use std::time::Duration;

use rsipstack::transaction::TransactionReceiver;
use rsipstack::transaction::endpoint::Endpoint;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::incoming::IncomingCall;
use super::route::route;
use super::stack::Core;

/// How long a shutdown waits for its BYEs and CANCELs to be answered.
const FAREWELL: Duration = Duration::from_secs(5);
/// The task that owns the stack.
pub(super) struct Supervisor {
    pub(super) core: Arc<Core>,
    pub(super) endpoint: Endpoint,
    pub(super) incoming: TransactionReceiver,
    pub(super) on_call: mpsc::Sender<IncomingCall>,
    pub(super) close: CancellationToken,
}

impl Supervisor {
    /// Routes requests until the server closes or the stack fails, then ends all legs.
    pub(super) async fn run(mut self) {
        let inner = self.endpoint.inner.clone();
        let mut serving = tokio::spawn(async move { inner.serve().await });
        loop {
            tokio::select! {
                tx = self.incoming.recv() => match tx {
                    // A task each: a slow or panicking request holds up no other.
                    Some(tx) => drop(tokio::spawn(route(self.core.clone(), tx, self.on_call.clone()))),
                    None => break,
                },
                _ = &mut serving => {
                    tracing::error!("the SIP stack stopped on its own; no more calls come in");
                    break;
                }
                () = self.close.cancelled() => break,
            }
        }
        self.core.drain();
        self.core.stop_legs.cancel();
        self.say_farewell().await;
        self.endpoint.shutdown();
        serving.abort();
    }

    /// Keeps routing while the legs end: the peers' BYEs and ACKs still arrive here.
    async fn say_farewell(&mut self) {
        let deadline = tokio::time::sleep(FAREWELL);
        tokio::pin!(deadline);
        let core = self.core.clone();
        let idle = core.idle();
        tokio::pin!(idle);
        loop {
            tokio::select! {
                () = &mut idle => return,
                () = &mut deadline => {
                    return tracing::warn!(legs = self.core.legs(), "some calls did not end in time");
                }
                tx = self.incoming.recv() => match tx {
                    Some(tx) => drop(tokio::spawn(route(self.core.clone(), tx, self.on_call.clone()))),
                    None => return,
                },
            }
        }
    }
}
