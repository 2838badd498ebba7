//! The hand-written peer: SIP as text, a caller's and a callee's half of a dialog, and a server to talk to.

use std::net::SocketAddr;
use std::time::Duration;

use sidetone_server::sip::{IncomingCall, LegEvent, Sip, SipConfig};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Far longer than anything on loopback takes.
pub const PATIENCE: Duration = Duration::from_secs(10);
pub const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
pub const ANSWER: &str = "v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n";

/// A server under test and the calls that reach it.
pub struct Server {
    pub sip: Sip,
    pub calls: mpsc::Receiver<IncomingCall>,
}

pub fn config() -> SipConfig {
    SipConfig::new(SocketAddr::from(([127, 0, 0, 1], 0)))
}

pub async fn server(config: SipConfig) -> Server {
    let (on_call, calls) = mpsc::channel(64);
    Server {
        sip: Sip::start(config, on_call).await.unwrap(),
        calls,
    }
}

impl Server {
    pub fn addr(&self) -> SocketAddr {
        self.sip.local_addr()
    }

    pub async fn call(&mut self) -> IncomingCall {
        soon(self.calls.recv()).await.expect("no call came")
    }

    /// Waits for all legs to be over and checks that nothing of them is left.
    pub async fn is_clean(&self) {
        soon(self.sip.idle()).await;
        assert_eq!((self.sip.legs(), self.sip.dialogs()), (0, 0));
    }
}

pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future)
        .await
        .expect("it did not happen in time")
}

pub async fn event(events: &mut mpsc::Receiver<LegEvent>) -> LegEvent {
    soon(events.recv())
        .await
        .expect("the leg said nothing more")
}

/// Checks that the terminal event was the last.
pub async fn is_over(events: &mut mpsc::Receiver<LegEvent>) {
    assert_eq!(soon(events.recv()).await, None);
}

/// A received message.
#[derive(Debug, Clone)]
pub struct Message(pub String);

impl Message {
    pub fn start(&self) -> &str {
        self.0.split("\r\n").next().unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.find(name)
            .unwrap_or_else(|| panic!("no {name} in:\n{}", self.0))
    }

    pub fn find(&self, name: &str) -> Option<&str> {
        let head = self.0.split("\r\n\r\n").next().unwrap();
        let named = |line: &&str| {
            line.split(':')
                .next()
                .is_some_and(|n| n.eq_ignore_ascii_case(name))
        };
        head.split("\r\n")
            .find(named)
            .map(|line| line.split_once(':').unwrap().1.trim())
    }

    pub fn body(&self) -> &str {
        self.0.split_once("\r\n\r\n").unwrap().1
    }

    /// The URI between the angle brackets of the Contact.
    pub fn contact(&self) -> String {
        let value = self.header("Contact");
        value.split(['<', '>']).nth(1).unwrap_or(value).to_owned()
    }

    fn is(&self, expected: &str) -> bool {
        self.start().starts_with(expected)
            || self.start().starts_with(&format!("SIP/2.0 {expected}"))
    }
}

/// A UDP socket that speaks SIP by hand.
pub struct Peer {
    pub socket: UdpSocket,
    server: SocketAddr,
}

impl Peer {
    pub async fn new(server: &Server) -> Self {
        Peer {
            socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(),
            server: server.addr(),
        }
    }

    pub fn addr(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    pub async fn send(&self, text: &str) {
        self.socket
            .send_to(text.as_bytes(), self.server)
            .await
            .unwrap();
    }

    pub async fn receive(&self) -> Message {
        let mut buf = vec![0; 65535];
        let (len, _) = soon(self.socket.recv_from(&mut buf)).await.unwrap();
        Message(String::from_utf8(buf[..len].to_vec()).unwrap())
    }

    /// Receives until a message starts with this status or method; the others must be provisional or repeats.
    pub async fn expect(&self, expected: &str) -> Message {
        let mut passed = Vec::new();
        for _ in 0..64 {
            let message = self.receive().await;
            if message.is(expected) {
                return message;
            }
            passed.push(message.start().to_owned());
        }
        panic!("no {expected}, only {passed:?}");
    }

    /// Answers a request the server sent.
    pub async fn respond(&self, request: &Message, status: &str, to_tag: &str, sdp: Option<&str>) {
        let addr = self.addr();
        let tag = match request.header("To") {
            to if to.contains(";tag=") => String::new(),
            _ => format!(";tag={to_tag}"),
        };
        let (kind, body) = match sdp {
            Some(sdp) => ("Content-Type: application/sdp\r\n", sdp),
            None => ("", ""),
        };
        self.send(&format!(
            "SIP/2.0 {status}\r\nVia: {}\r\nFrom: {}\r\nTo: {}{tag}\r\nCall-ID: {}\r\nCSeq: {}\r\n\
             Contact: <sip:peer@{addr}>\r\n{kind}Content-Length: {}\r\n\r\n{body}",
            request.header("Via"),
            request.header("From"),
            request.header("To"),
            request.header("Call-ID"),
            request.header("CSeq"),
            body.len(),
        ))
        .await;
    }
}

/// The caller's half of one call to the server.
pub struct Caller {
    pub id: String,
    pub from: String,
    pub to: String,
    pub uri: String,
    pub contact: String,
    pub transport: &'static str,
    pub extra: String,
    pub cseq: u32,
    pub invite_branch: String,
}

impl Caller {
    pub fn new(id: &str, peer: SocketAddr, server: SocketAddr) -> Self {
        Caller {
            id: id.to_owned(),
            from: "\"A Caller\" <sip:200@example.com>;tag=caller".to_owned(),
            to: "<sip:100@example.com>".to_owned(),
            uri: format!("sip:100@{server}"),
            contact: peer.to_string(),
            transport: "UDP",
            extra: String::new(),
            cseq: 1,
            invite_branch: format!("z9hG4bK-{id}-invite"),
        }
    }

    pub fn invite(&self, sdp: Option<&str>) -> String {
        self.request(
            "INVITE",
            self.cseq,
            &self.invite_branch,
            sdp.map(|s| ("application/sdp", s)),
        )
    }

    pub fn ack(&self, sdp: Option<&str>) -> String {
        let branch = format!("{}-ack", self.invite_branch);
        self.request(
            "ACK",
            self.cseq,
            &branch,
            sdp.map(|s| ("application/sdp", s)),
        )
    }

    /// The ACK of a refusal: it belongs to the INVITE's transaction.
    pub fn ack_refusal(&self) -> String {
        self.request("ACK", self.cseq, &self.invite_branch, None)
    }

    pub fn cancel(&self) -> String {
        self.request("CANCEL", self.cseq, &self.invite_branch, None)
    }

    pub fn next(&mut self, method: &str, body: Option<(&str, &str)>) -> String {
        self.cseq += 1;
        let branch = format!("z9hG4bK-{}-{}", self.id, self.cseq);
        if method == "INVITE" {
            self.invite_branch.clone_from(&branch);
        }
        self.request(method, self.cseq, &branch, body)
    }

    /// Learns the server's tag and Contact from its answer.
    pub fn learn(&mut self, answer: &Message) {
        self.to = answer.header("To").to_owned();
        self.uri = answer.contact();
    }

    pub fn request(
        &self,
        method: &str,
        cseq: u32,
        branch: &str,
        body: Option<(&str, &str)>,
    ) -> String {
        let Caller {
            id,
            from,
            to,
            uri,
            contact,
            transport,
            extra,
            ..
        } = self;
        let (kind, body) = match body {
            Some((kind, body)) => (format!("Content-Type: {kind}\r\n"), body),
            None => (String::new(), ""),
        };
        format!(
            "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{transport} {contact};branch={branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: {from}\r\nTo: {to}\r\nCall-ID: {id}\r\nCSeq: {cseq} {method}\r\n\
             Contact: <sip:200@{contact}>\r\n{extra}{kind}Content-Length: {}\r\n\r\n{body}",
            body.len(),
        )
    }
}

/// Brings one inbound call up to `Confirmed`.
pub async fn connect(server: &mut Server, peer: &Peer, id: &str) -> (Caller, IncomingCall) {
    let mut caller = Caller::new(id, peer.addr(), server.addr());
    peer.send(&caller.invite(Some(OFFER))).await;
    let mut call = server.call().await;
    call.leg.answer(ANSWER);
    caller.learn(&peer.expect("200").await);
    peer.send(&caller.ack(None)).await;
    assert_eq!(
        event(&mut call.events).await,
        LegEvent::Confirmed { sdp: None }
    );
    (caller, call)
}
