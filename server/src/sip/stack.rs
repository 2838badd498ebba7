//! Sets up the SIP stack on our sockets, and keeps what all calls share.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket as StdUdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::sip::{Auth, Param, Scheme, Transport, Uri};
use rsipstack::transaction::endpoint::{Endpoint, EndpointInnerRef, EndpointOption};
use rsipstack::transaction::{CallIdFormat, EndpointBuilder, TransactionReceiver};
use rsipstack::transport::tcp::TcpConnection;
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipAddr, SipConnection, TransportLayer};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use super::config::{SipConfig, SipError};
use super::gate::Gate;

/// The user part of our Contact.
const CONTACT_USER: &str = "sidetone";
/// Tries to find a port that is free for UDP and TCP alike, when any port will do.
const PORT_ATTEMPTS: usize = 16;
/// How long a request may wait for the dialog it belongs to: far longer than registering takes.
const REGISTRATION: Duration = Duration::from_secs(1);
/// The pause after a failed accept, so that a lack of file handles does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What all calls share.
pub(super) struct Core {
    pub(super) config: SipConfig,
    pub(super) layer: Arc<DialogLayer>,
    /// Where the sockets are bound.
    pub(super) local: SocketAddr,
    /// Where peers reach us.
    pub(super) reach: SocketAddr,
    pub(super) inbound: Arc<Semaphore>,
    pub(super) outbound: Arc<Semaphore>,
    /// Hangs up every leg.
    pub(super) stop_legs: CancellationToken,
    legs: watch::Sender<usize>,
    /// Call-IDs of the calls we place whose dialogs the layer does not know yet.
    placing: watch::Sender<BTreeSet<String>>,
    draining: AtomicBool,
}

impl Core {
    /// Refuses new calls from now on.
    pub(super) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// Whether new calls are refused.
    pub(super) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// Our Contact for a peer on this transport.
    pub(super) fn contact(&self, transport: Transport) -> Uri {
        // Naming the transport also keeps the stack from rewriting the address.
        let named = (transport != Transport::Udp).then_some(Param::Transport(transport));
        Uri {
            scheme: Some(Scheme::Sip),
            auth: Some(Auth {
                user: CONTACT_USER.to_owned(),
                password: None,
            }),
            host_with_port: self.reach.into(),
            params: named.into_iter().collect(),
            headers: Vec::new(),
        }
    }

    /// Counts a leg for as long as the guard lives.
    pub(super) fn count_leg(self: &Arc<Self>) -> LegCount {
        self.legs.send_modify(|n| *n += 1);
        LegCount(self.clone())
    }

    /// Notes that a call is being placed, until the guard is dropped.
    pub(super) fn place(self: &Arc<Self>, id: &str) -> Placing {
        self.placing.send_modify(|ids| {
            ids.insert(id.to_owned());
        });
        Placing {
            core: self.clone(),
            id: id.to_owned(),
        }
    }

    /// Waits for the dialog of a call we are placing to be registered. The stack does that just after
    /// its ACK has left, so that a quick BYE can overtake it.
    pub(super) async fn placed(&self, id: &str) {
        let mut placing = self.placing.subscribe();
        let placed = placing.wait_for(|ids| !ids.contains(id));
        // A BYE for a call that still rings is not worth a longer wait.
        let _ = tokio::time::timeout(REGISTRATION, placed).await;
    }

    /// Legs alive, including those whose farewells are still under way.
    pub(super) fn legs(&self) -> usize {
        *self.legs.borrow()
    }

    /// Waits until no leg is alive.
    pub(super) async fn idle(&self) {
        // The sender lives in `self`, so the channel is open.
        let _ = self.legs.subscribe().wait_for(|n| *n == 0).await;
    }
}

/// One leg in [`Core::legs`].
pub(super) struct LegCount(Arc<Core>);

impl Drop for LegCount {
    fn drop(&mut self) {
        self.0.legs.send_modify(|n| *n -= 1);
    }
}

/// One call in [`Core::placing`].
pub(super) struct Placing {
    core: Arc<Core>,
    id: String,
}

impl Drop for Placing {
    fn drop(&mut self) {
        self.core.placing.send_modify(|ids| {
            ids.remove(&self.id);
        });
    }
}

/// Binds the sockets and starts reading; returns the requests that come.
pub(super) async fn start(
    config: SipConfig,
    transports: CancellationToken,
) -> Result<(Arc<Core>, Endpoint, TransactionReceiver), SipError> {
    let (udp, tcp, local) = bind(config.bind).await?;
    let reach = SocketAddr::new(
        config.advertised.unwrap_or_else(|| reachable(local.ip())),
        local.port(),
    );
    let layer = TransportLayer::new(transports.clone());
    let udp = UdpConnection::from_socket(
        Arc::new(Gate::new(udp)),
        Some(reach),
        Some(transports.clone()),
    )
    .await
    .map_err(|e| SipError::Stack(e.to_string()))?;
    layer.add_transport(SipConnection::Udp(udp));
    let endpoint = EndpointBuilder::new()
        .with_user_agent(&config.user_agent)
        .with_transport_layer(layer)
        .with_cancel_token(transports.clone())
        .with_option(EndpointOption {
            t1: config.t1,
            t1x64: config.transaction_timeout(),
            callid_format: CallIdFormat::Uuid,
            ..EndpointOption::default()
        })
        .build();
    let incoming = endpoint
        .incoming_transactions()
        .map_err(|e| SipError::Stack(e.to_string()))?;
    tokio::spawn(accept_tcp(
        tcp,
        endpoint.inner.clone(),
        reach,
        config.max_connections,
        transports,
    ));
    let core = Core {
        layer: Arc::new(DialogLayer::new(endpoint.inner.clone())),
        local,
        reach,
        inbound: Arc::new(Semaphore::new(config.max_inbound)),
        outbound: Arc::new(Semaphore::new(config.max_outbound)),
        stop_legs: CancellationToken::new(),
        legs: watch::Sender::new(0),
        placing: watch::Sender::new(BTreeSet::new()),
        draining: AtomicBool::new(false),
        config,
    };
    Ok((Arc::new(core), endpoint, incoming))
}

/// Binds UDP and TCP to the same port.
async fn bind(addr: SocketAddr) -> Result<(UdpSocket, TcpListener, SocketAddr), SipError> {
    let attempts = if addr.port() == 0 { PORT_ATTEMPTS } else { 1 };
    let mut last = None;
    for _ in 0..attempts {
        match bind_once(addr).await {
            Ok(bound) => return Ok(bound),
            Err(source) => last = Some(source),
        }
    }
    let source = last.unwrap_or_else(|| std::io::ErrorKind::AddrInUse.into());
    Err(SipError::Bind { addr, source })
}

async fn bind_once(addr: SocketAddr) -> std::io::Result<(UdpSocket, TcpListener, SocketAddr)> {
    let udp = UdpSocket::bind(addr).await?;
    let local = udp.local_addr()?;
    let tcp = TcpListener::bind(local).await?;
    Ok((udp, tcp, local))
}

/// The address of ours that peers see: the bound one, or for a wildcard the one routed outwards.
fn reachable(bound: IpAddr) -> IpAddr {
    if !bound.is_unspecified() {
        return bound;
    }
    // RFC 5737 and RFC 3849 documentation addresses: connecting a UDP socket only asks the routing
    // table and sends nothing.
    let (any, outside): (IpAddr, IpAddr) = match bound {
        IpAddr::V4(_) => (
            Ipv4Addr::UNSPECIFIED.into(),
            Ipv4Addr::new(192, 0, 2, 1).into(),
        ),
        IpAddr::V6(_) => (
            Ipv6Addr::UNSPECIFIED.into(),
            Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
        ),
    };
    let routed = StdUdpSocket::bind((any, 0)).and_then(|socket| {
        socket
            .connect((outside, 9))
            .and_then(|()| socket.local_addr())
    });
    match (routed, bound) {
        (Ok(addr), _) if !addr.ip().is_unspecified() => addr.ip(),
        (_, IpAddr::V4(_)) => Ipv4Addr::LOCALHOST.into(),
        (_, IpAddr::V6(_)) => Ipv6Addr::LOCALHOST.into(),
    }
}

/// Accepts TCP connections ourselves, so that a busy port is an error at start and their number has a limit.
async fn accept_tcp(
    listener: TcpListener,
    endpoint: EndpointInnerRef,
    reach: SocketAddr,
    max_connections: usize,
    stop: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, from)) = accepted else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        if endpoint.transport_layer.connections_count() >= max_connections {
            tracing::warn!(%from, max_connections, "a SIP connection is closed: too many are open");
            continue;
        }
        let local = SipAddr {
            r#type: Some(Transport::Tcp),
            addr: reach.into(),
        };
        match TcpConnection::from_stream(stream, local, Some(stop.child_token())) {
            Ok(connection) => endpoint
                .transport_layer
                .add_connection(SipConnection::Tcp(connection)),
            Err(_) => tracing::debug!(%from, "a SIP connection was closed before it was read"),
        }
    }
}
