//! The built-in flow served as a brain over gRPC: an example, a test peer, and a proof that the
//! contract carries all that the flow needs.

use super::{BuiltIn, EVENTS, convert, flow};
use sidetone_proto::DESCRIPTORS;
use sidetone_proto::dialog::v1::{
    self as wire,
    dialog_server::{Dialog, DialogServer},
};
use std::future::Future;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status, Streaming};

/// Commands that may wait for a media server that reads slowly; then the flow waits.
const COMMANDS: usize = 64;

struct FlowBrain(BuiltIn);

/// Serves the flow on `listener`, with health and reflection, until `stop` is ready.
///
/// # Errors
/// The transport's error when the listener breaks.
pub async fn serve(
    listener: TcpListener,
    brain: BuiltIn,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let (health, health_service) = tonic_health::server::health_reporter();
    health.set_serving::<DialogServer<FlowBrain>>().await;
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .build_v1()?;
    tonic::transport::Server::builder()
        .add_service(health_service)
        .add_service(reflection)
        .add_service(DialogServer::new(FlowBrain(brain)))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stop)
        .await?;
    Ok(())
}

#[tonic::async_trait]
impl Dialog for FlowBrain {
    type ConverseStream = ReceiverStream<Result<wire::DialogCommand, Status>>;

    async fn converse(
        &self,
        request: Request<Streaming<wire::CallEvent>>,
    ) -> Result<Response<Self::ConverseStream>, Status> {
        let mut incoming = request.into_inner();
        let (events, event_source) = mpsc::channel(EVENTS);
        let (commands, outgoing) = mpsc::channel(COMMANDS);
        tokio::spawn(async move {
            while let Ok(Some(event)) = incoming.message().await {
                match convert::event_from_proto(event) {
                    Ok(event) => {
                        if events.send(event).await.is_err() {
                            return;
                        }
                    }
                    // A newer server may send events that this brain does not know.
                    Err(error) => tracing::debug!(%error, "event skipped"),
                }
            }
        });
        tokio::spawn(flow::run(self.0.clone(), event_source, move |command| {
            let commands = commands.clone();
            async move {
                commands
                    .send(Ok(convert::command_to_proto(command)))
                    .await
                    .is_ok()
            }
        }));
        Ok(Response::new(ReceiverStream::new(outgoing)))
    }
}
