//! A caller whose SIP is written by hand: for offers that the scripted phone does not make.

use std::net::SocketAddr;

use tokio::net::UdpSocket;

use crate::harness::soon;

/// One call of a hand-written caller.
pub(crate) struct Peer {
    socket: UdpSocket,
    server: SocketAddr,
    name: String,
    /// The To header, with the server's tag once it is known.
    to: String,
}

/// Where media is wanted at `rtp`, in PCMU.
pub(crate) fn sdp(rtp: SocketAddr, formats: &str) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio {port} RTP/AVP {formats}\r\n",
        ip = rtp.ip(),
        port = rtp.port(),
    )
}

impl Peer {
    pub(crate) async fn new(server: SocketAddr, name: &str) -> Self {
        Peer {
            socket: UdpSocket::bind("127.0.0.1:0").await.unwrap(),
            server,
            name: name.to_owned(),
            to: format!("<sip:shop@{server}>"),
        }
    }

    /// Sends a request; the ACK of a refusal has the branch of its INVITE.
    pub(crate) async fn send(&self, method: &str, cseq: u32, branch: &str, sdp: &str) {
        let Peer {
            server, name, to, ..
        } = self;
        let here = self.socket.local_addr().unwrap();
        let kind = match sdp {
            "" => "",
            _ => "Content-Type: application/sdp\r\n",
        };
        let request = format!(
            "{method} sip:shop@{server} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {here};branch=z9hG4bK-{name}-{branch};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:peer@example.com>;tag={name}\r\nTo: {to}\r\n\
             Call-ID: {name}@example.com\r\nCSeq: {cseq} {method}\r\nContact: <sip:peer@{here}>\r\n\
             {kind}Content-Length: {}\r\n\r\n{sdp}",
            sdp.len(),
        );
        let sent = self.socket.send_to(request.as_bytes(), server).await;
        sent.unwrap();
    }

    /// The next final response, and its body. Learns the server's tag.
    pub(crate) async fn final_response(&mut self) -> (u16, String) {
        loop {
            let mut buffer = vec![0; 65_535];
            let (length, _) = soon(self.socket.recv_from(&mut buffer)).await.unwrap();
            let text = String::from_utf8(buffer[..length].to_vec()).unwrap();
            let Some(status) = text.strip_prefix("SIP/2.0 ") else {
                continue;
            };
            let status: u16 = status[..3].parse().unwrap();
            if status >= 200 {
                let to = text.lines().find_map(|line| line.strip_prefix("To: "));
                self.to = to.expect("a response has a To").to_owned();
                let (_, body) = text.split_once("\r\n\r\n").unwrap();
                return (status, body.to_owned());
            }
        }
    }

    /// Sends an INVITE with this offer and acknowledges its refusal.
    pub(crate) async fn is_refused(&mut self, offer: &str) -> u16 {
        self.send("INVITE", 1, "invite", offer).await;
        let (status, _) = self.final_response().await;
        self.send("ACK", 1, "invite", "").await;
        status
    }
}
