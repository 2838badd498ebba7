//! Whatever decides what the bot says: the built-in flow or a brain over gRPC, behind one link.
//!
//! A call's task knows only [`BrainLink`]. Here lives how events reach a brain and commands come
//! back, and what happens when its stream breaks; what is said lives in `sidetone-dialog`.

pub mod convert;
mod flow;
mod remote;
mod serve;

pub use flow::BuiltIn;
pub use serve::serve;

use sidetone_dialog::api::{CommandEnvelope, EventEnvelope};
use std::time::Duration;
use tokio::sync::mpsc;

/// Events that may wait for a brain. A brain that falls this far behind counts as lost.
const EVENTS: usize = 256;
/// Commands that may wait for the call's task, which takes them within a frame.
const COMMANDS: usize = 64;

/// Which brain answers calls.
#[expect(
    clippy::large_enum_variant,
    reason = "the server has one, and a call borrows it"
)]
#[derive(Clone)]
pub enum Brain {
    /// The built-in flow, in process.
    BuiltIn(BuiltIn),
    /// A brain over gRPC.
    Remote {
        /// Its address, as `http://host:port`.
        endpoint: tonic::transport::Endpoint,
        /// The pause between two attempts to reach a lost brain.
        redial: Duration,
        /// How long a lost stream is redialled before the brain counts as gone.
        give_up: Duration,
    },
}

/// What a call's task hears of its brain.
#[derive(Debug, PartialEq)]
pub enum BrainMessage {
    /// It asks for something.
    Command(CommandEnvelope),
    /// It asked for something that cannot be understood; the reason is for the log and the record.
    Malformed {
        /// The command's id, 0 when it has none.
        command_id: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Its stream broke; it is being redialled.
    Lost,
    /// It is back, on a new stream.
    Resumed,
    /// It stayed away for the whole redial window.
    Gone,
}

/// One call's line to its brain. Dropping it ends the brain's stream.
pub struct BrainLink {
    events: mpsc::Sender<EventEnvelope>,
    messages: mpsc::Receiver<BrainMessage>,
}

/// The brain does not keep up: its queue of events is full.
#[derive(Debug, thiserror::Error)]
#[error("the brain does not keep up with the call's events")]
pub struct BrainStalled;

impl Brain {
    /// Opens a line for the call `call_id`.
    pub fn open(&self, call_id: &str) -> BrainLink {
        let (events, event_source) = mpsc::channel(EVENTS);
        let (message_sink, messages) = mpsc::channel(COMMANDS);
        match self {
            Self::BuiltIn(brain) => {
                tokio::spawn(flow::run_linked(brain.clone(), event_source, message_sink));
            }
            Self::Remote {
                endpoint,
                redial,
                give_up,
            } => {
                let line = remote::Line {
                    call_id: call_id.to_owned(),
                    endpoint: endpoint.clone(),
                    redial: *redial,
                    give_up: *give_up,
                    messages: message_sink,
                };
                tokio::spawn(line.run(event_source));
            }
        }
        BrainLink { events, messages }
    }
}

impl BrainLink {
    /// Tells the brain what happened; never waits.
    ///
    /// # Errors
    /// [`BrainStalled`] when its queue is full. Events after its end are not an error: the link
    /// has said [`BrainMessage::Gone`].
    pub fn tell(&self, event: EventEnvelope) -> Result<(), BrainStalled> {
        match self.events.try_send(event) {
            Ok(()) | Err(mpsc::error::TrySendError::Closed(_)) => Ok(()),
            Err(mpsc::error::TrySendError::Full(_)) => Err(BrainStalled),
        }
    }

    /// The brain's next message; waits for ever once there can be none, so that it may stand in a select.
    pub async fn next(&mut self) -> BrainMessage {
        match self.messages.recv().await {
            Some(message) => message,
            None => std::future::pending().await,
        }
    }
}
