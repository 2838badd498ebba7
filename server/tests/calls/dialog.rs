//! Brains over gRPC for these tests: each in a runtime of its own, so that it can die like a process.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use sidetone_proto::dialog::v1::dialog_server::{Dialog, DialogServer};
use sidetone_proto::dialog::v1::{CallEvent, DialogCommand};
use sidetone_server::brain::{BuiltIn, serve};
use sidetone_server::config::{BrainKind, Config, Handover};
use sidetone_server::shop::Shop;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status, Streaming};

/// A running brain. Dropping it breaks all its streams at once.
pub(crate) struct Process {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

type Reaction = Arc<dyn Fn(CallEvent) -> Vec<DialogCommand> + Send + Sync>;

/// A brain that answers every event with what a function says.
struct Reacting(Reaction);

impl Process {
    /// The built-in flow as a brain of its own.
    pub(crate) fn built_in() -> Self {
        Self::built_in_at(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
    }

    /// The same, on an address where another one was before.
    pub(crate) fn built_in_at(address: SocketAddr) -> Self {
        Self::start(address, |listener| async {
            let shop = Shop::open(None).await.unwrap();
            let brain = BuiltIn::new(shop, &Handover::default());
            serve(listener, brain, pending()).await.unwrap();
        })
    }

    /// A brain that answers every event with what `reaction` says.
    pub(crate) fn reacting(
        reaction: impl Fn(CallEvent) -> Vec<DialogCommand> + Send + Sync + 'static,
    ) -> Self {
        let brain = Reacting(Arc::new(reaction));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::start(address, |listener| async {
            let server = tonic::transport::Server::builder();
            let mut server = server;
            let serving = server
                .add_service(DialogServer::new(brain))
                .serve_with_incoming(TcpListenerStream::new(listener));
            serving.await.unwrap();
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes a server ask this brain.
    pub(crate) fn is_the_brain_of(&self, config: &mut Config) {
        config.brain.kind = BrainKind::Grpc;
        config.brain.address = format!("http://{}", self.address);
    }

    fn start<F>(
        address: SocketAddr,
        serving: impl FnOnce(tokio::net::TcpListener) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        // Bound before the runtime starts, so that nobody calls too early.
        let listener = TcpListener::bind(address).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.spawn(async {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            serving(listener).await;
        });
        Process {
            address,
            runtime: Some(runtime),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[tonic::async_trait]
impl Dialog for Reacting {
    type ConverseStream = ReceiverStream<Result<DialogCommand, Status>>;

    async fn converse(
        &self,
        request: Request<Streaming<CallEvent>>,
    ) -> Result<Response<Self::ConverseStream>, Status> {
        let mut events = request.into_inner();
        let reaction = self.0.clone();
        let (commands, outgoing) = mpsc::channel(64);
        tokio::spawn(async move {
            while let Ok(Some(event)) = events.message().await {
                for command in reaction(event) {
                    if commands.send(Ok(command)).await.is_err() {
                        return;
                    }
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(outgoing)))
    }
}
