//! A brain over gRPC: one stream a call, redialled when it breaks.
//!
//! ```text
//! dialling --connected--> talking --stream broke--> redialling --connected--> talking (resumed)
//!     |                                                  |
//!     +----------------- window over --------------------+--> gone
//! ```

use super::{BrainMessage, EVENTS, convert};
use sidetone_dialog::api::{CallEvent, EventEnvelope};
use sidetone_proto::dialog::v1::{self as wire, dialog_client::DialogClient};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use tonic::transport::Endpoint;

/// How long one attempt to connect may take.
const CONNECT: Duration = Duration::from_secs(1);

/// One call's stream to a remote brain.
pub(super) struct Line {
    pub(super) call_id: String,
    pub(super) endpoint: Endpoint,
    /// The pause between two attempts to connect.
    pub(super) redial: Duration,
    /// How long a lost stream is redialled.
    pub(super) give_up: Duration,
    pub(super) messages: mpsc::Sender<BrainMessage>,
}

/// One open stream.
struct Stream {
    up: mpsc::Sender<wire::CallEvent>,
    down: Streaming<wire::DialogCommand>,
}

/// Why talking stopped.
enum Stopped {
    /// The call is over: nobody sends events any more.
    CallOver,
    /// The stream broke.
    Broken,
}

impl Line {
    /// Carries the call's events until the call is over or the brain is gone.
    pub(super) async fn run(self, mut events: mpsc::Receiver<EventEnvelope>) {
        let mut stream = self.connect().await.ok();
        loop {
            if let Some(open) = stream.take()
                && matches!(self.talk(open, &mut events).await, Stopped::CallOver)
            {
                return;
            }
            tracing::warn!(call = %self.call_id, "the brain's stream is lost");
            self.say(BrainMessage::Lost).await;
            let Some(open) = self.reconnect(&mut events).await else {
                tracing::error!(call = %self.call_id, "the brain is gone");
                self.say(BrainMessage::Gone).await;
                return;
            };
            self.say(BrainMessage::Resumed).await;
            if !self.skip_to_resumed(&mut events, &open).await {
                return;
            }
            stream = Some(open);
        }
    }

    async fn connect(&self) -> Result<Stream, tonic::Status> {
        let attempt = async {
            let channel = self
                .endpoint
                .connect()
                .await
                .map_err(|error| tonic::Status::unavailable(error.to_string()))?;
            let (up, events) = mpsc::channel(EVENTS);
            let response = DialogClient::new(channel)
                .converse(ReceiverStream::new(events))
                .await?;
            Ok(Stream {
                up,
                down: response.into_inner(),
            })
        };
        timeout(CONNECT, attempt).await.unwrap_or_else(|_| {
            Err(tonic::Status::deadline_exceeded(
                "the brain does not answer",
            ))
        })
    }

    /// Redials until the window is over. Events meanwhile are dropped: the brain sees the gap in
    /// `seq` and starts again from `Started{resumed}`.
    async fn reconnect(&self, events: &mut mpsc::Receiver<EventEnvelope>) -> Option<Stream> {
        let attempts = async {
            loop {
                if let Ok(stream) = self.connect().await {
                    return stream;
                }
                sleep(self.redial).await;
            }
        };
        let call_over = async { while events.recv().await.is_some() {} };
        tokio::select! {
            stream = attempts => Some(stream),
            () = call_over => None,
            () = sleep(self.give_up) => None,
        }
    }

    /// What happened while the stream was away is not retold. False when the call is over.
    async fn skip_to_resumed(
        &self,
        events: &mut mpsc::Receiver<EventEnvelope>,
        stream: &Stream,
    ) -> bool {
        while let Some(event) = events.recv().await {
            if matches!(event.event, CallEvent::Started { resumed: true, .. }) {
                // A stream that breaks at once is noticed by `talk`.
                let _ = stream
                    .up
                    .send(convert::event_to_proto(&self.call_id, event))
                    .await;
                return true;
            }
        }
        false
    }

    async fn talk(
        &self,
        mut stream: Stream,
        events: &mut mpsc::Receiver<EventEnvelope>,
    ) -> Stopped {
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => {
                        let event = convert::event_to_proto(&self.call_id, event);
                        if stream.up.send(event).await.is_err() {
                            return Stopped::Broken;
                        }
                    }
                    None => return Stopped::CallOver,
                },
                command = stream.down.message() => match command {
                    Ok(Some(command)) => self.deliver(command).await,
                    Ok(None) => return Stopped::Broken,
                    Err(status) => {
                        tracing::debug!(call = %self.call_id, code = ?status.code(), "stream error");
                        return Stopped::Broken;
                    }
                },
            }
        }
    }

    async fn deliver(&self, command: wire::DialogCommand) {
        let command_id = command.command_id;
        let message = match convert::command_from_proto(command) {
            Ok(command) => BrainMessage::Command(command),
            Err(convert::Malformed(reason)) => BrainMessage::Malformed { command_id, reason },
        };
        self.say(message).await;
    }

    /// A call's task that is gone needs no messages.
    async fn say(&self, message: BrainMessage) {
        let _ = self.messages.send(message).await;
    }
}
