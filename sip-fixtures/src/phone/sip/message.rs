//! SIP messages as text: reading, writing and looking up headers (RFC 3261 section 7).
//!
//! This is the phone's own small reader. It shares no code with the server, so that a fault in one
//! end of a test call cannot hide the same fault in the other. Transactions live beside it.

use std::fmt::Write as _;

/// The first line of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StartLine {
    /// `METHOD uri SIP/2.0`.
    Request { method: String, uri: String },
    /// `SIP/2.0 status reason`.
    Response { status: u16, reason: String },
}

/// One SIP request or response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) start: StartLine,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// Why a datagram is not a SIP message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MessageError {
    #[error("the header part is not UTF-8 text")]
    NotText,
    #[error("there is no empty line after the headers")]
    NoEndOfHeaders,
    #[error("the first line is neither a request nor a response")]
    BadStartLine,
    #[error("a header line has no colon")]
    HeaderWithoutColon,
    #[error("Content-Length is not a number or larger than the datagram")]
    BadContentLength,
}

impl Message {
    /// Starts a request with no headers.
    pub(crate) fn request(method: &str, uri: &str) -> Self {
        let start = StartLine::Request {
            method: method.to_owned(),
            uri: uri.to_owned(),
        };
        Message {
            start,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Starts the answer to `request`, with the headers RFC 3261 section 8.2.6.2 copies into it.
    pub(crate) fn response_to(request: &Message, status: u16, to_tag: &str) -> Self {
        let start = StartLine::Response {
            status,
            reason: reason_phrase(status).to_owned(),
        };
        let mut answer = Message {
            start,
            headers: Vec::new(),
            body: Vec::new(),
        };
        for via in request.all("Via") {
            answer.push("Via", via);
        }
        for route in request.all("Record-Route") {
            answer.push("Record-Route", route);
        }
        answer.push("From", request.header("From").unwrap_or_default());
        let to = request.header("To").unwrap_or_default();
        if tag_of(to).is_some() || status == 100 {
            answer.push("To", to);
        } else {
            answer.push("To", &format!("{to};tag={to_tag}"));
        }
        answer.push("Call-ID", request.header("Call-ID").unwrap_or_default());
        answer.push("CSeq", request.header("CSeq").unwrap_or_default());
        answer
    }

    /// Adds a header after those already there.
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// The same message with one more header.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.push(name, value);
        self
    }

    /// The same message carrying a session description.
    pub(crate) fn with_sdp(mut self, sdp: &str) -> Self {
        self.push("Content-Type", "application/sdp");
        self.body = sdp.as_bytes().to_vec();
        self
    }

    /// The first header of that name, long or compact form, whatever its case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Every header of that name, in order.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The method of a request, or of the request a response answers (from CSeq).
    pub(crate) fn method(&self) -> &str {
        match &self.start {
            StartLine::Request { method, .. } => method,
            StartLine::Response { .. } => self
                .header("CSeq")
                .and_then(|cseq| cseq.split_whitespace().nth(1))
                .unwrap_or(""),
        }
    }

    /// The status of a response.
    pub(crate) fn status(&self) -> Option<u16> {
        match self.start {
            StartLine::Response { status, .. } => Some(status),
            StartLine::Request { .. } => None,
        }
    }

    /// One line for a timeline: the method and URI, or the status, reason and method.
    pub(crate) fn summary(&self) -> String {
        match &self.start {
            StartLine::Request { method, uri } => format!("{method} {uri}"),
            StartLine::Response { status, reason } => {
                format!("{status} {reason} ({})", self.method())
            }
        }
    }

    /// The message as bytes for the wire; Content-Length is written here and nowhere else.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = match &self.start {
            StartLine::Request { method, uri } => format!("{method} {uri} SIP/2.0\r\n"),
            StartLine::Response { status, reason } => format!("SIP/2.0 {status} {reason}\r\n"),
        };
        for (name, value) in &self.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let _ = write!(text, "Content-Length: {}\r\n\r\n", self.body.len());
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Reads one datagram.
    pub(crate) fn parse(datagram: &[u8]) -> Result<Self, MessageError> {
        let end = datagram
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .ok_or(MessageError::NoEndOfHeaders)?;
        let head = std::str::from_utf8(&datagram[..end]).map_err(|_| MessageError::NotText)?;
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        let mut lines = unfolded.split("\r\n");
        let start = parse_start_line(lines.next().unwrap_or(""))?;
        let mut headers = Vec::new();
        let mut body = &datagram[end + 4..];
        for line in lines {
            let (name, value) = line
                .split_once(':')
                .ok_or(MessageError::HeaderWithoutColon)?;
            let (name, value) = (long_name(name.trim()), value.trim());
            if name.eq_ignore_ascii_case("Content-Length") {
                let length: usize = value.parse().map_err(|_| MessageError::BadContentLength)?;
                body = body.get(..length).ok_or(MessageError::BadContentLength)?;
            } else {
                headers.push((name.to_owned(), value.to_owned()));
            }
        }
        Ok(Message {
            start,
            headers,
            body: body.to_vec(),
        })
    }
}

/// The value of `;name=value` in a header; quotes are not handled, no peer of ours needs them.
pub(crate) fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The tag of a From or To header, looked for only behind the address.
pub(crate) fn tag_of(header: &str) -> Option<&str> {
    let behind = header.rfind('>').map_or(header, |end| &header[end..]);
    parameter(behind, "tag")
}

/// The URI inside a Contact, From, To or Route header.
pub(crate) fn uri_of(header: &str) -> &str {
    match (header.find('<'), header.find('>')) {
        (Some(start), Some(end)) if start < end => &header[start + 1..end],
        _ => header.split(';').next().unwrap_or(header).trim(),
    }
}

fn parse_start_line(line: &str) -> Result<StartLine, MessageError> {
    let mut words = line.splitn(3, ' ');
    let (Some(first), Some(second), third) = (words.next(), words.next(), words.next()) else {
        return Err(MessageError::BadStartLine);
    };
    if first == "SIP/2.0" {
        let status = second.parse().map_err(|_| MessageError::BadStartLine)?;
        let reason = third.unwrap_or("").to_owned();
        return Ok(StartLine::Response { status, reason });
    }
    if third != Some("SIP/2.0") || first.is_empty() {
        return Err(MessageError::BadStartLine);
    }
    Ok(StartLine::Request {
        method: first.to_owned(),
        uri: second.to_owned(),
    })
}

/// Compact header forms (RFC 3261 section 7.3.3).
fn long_name(name: &str) -> &str {
    match name {
        "v" => "Via",
        "f" => "From",
        "t" => "To",
        "i" => "Call-ID",
        "m" => "Contact",
        "l" => "Content-Length",
        "c" => "Content-Type",
        other => other,
    }
}

fn reason_phrase(status: u16) -> &'static str {
    match status {
        100 => "Trying",
        180 => "Ringing",
        200 => "OK",
        405 => "Method Not Allowed",
        480 => "Temporarily Unavailable",
        481 => "Call/Transaction Does Not Exist",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        603 => "Decline",
        _ => "Status",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read_back() {
        let message = Message::request("INVITE", "sip:shop@127.0.0.1:5060")
            .with("Via", "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK1;rport")
            .with("CSeq", "7 INVITE")
            .with_sdp("v=0\r\n");
        let read = Message::parse(&message.to_bytes()).unwrap();
        assert_eq!(read, message);
        assert_eq!(read.method(), "INVITE");
    }

    #[test]
    fn compact_forms_and_folded_lines_are_understood() {
        let text =
            b"BYE sip:x@127.0.0.1 SIP/2.0\r\nv: SIP/2.0/UDP 127.0.0.1\r\n ;branch=z9hG4bKx\r\n\
            f: <sip:a@example.com>;tag=one\r\nl: 0\r\n\r\n";
        let read = Message::parse(text).unwrap();
        assert_eq!(
            read.header("Via"),
            Some("SIP/2.0/UDP 127.0.0.1 ;branch=z9hG4bKx")
        );
        assert_eq!(read.header("from").and_then(tag_of), Some("one"));
    }

    #[test]
    fn rubbish_is_refused_with_its_reason() {
        let cases: [(&[u8], MessageError); 5] = [
            (b"", MessageError::NoEndOfHeaders),
            (b"hello\r\n\r\n", MessageError::BadStartLine),
            (b"SIP/2.0 abc OK\r\n\r\n", MessageError::BadStartLine),
            (
                b"BYE sip:x SIP/2.0\r\nno colon\r\n\r\n",
                MessageError::HeaderWithoutColon,
            ),
            (
                b"BYE sip:x SIP/2.0\r\nl: 9\r\n\r\n",
                MessageError::BadContentLength,
            ),
        ];
        for (datagram, why) in cases {
            assert_eq!(Message::parse(datagram), Err(why));
        }
    }

    #[test]
    fn a_tag_inside_the_uri_is_not_the_dialogs_tag() {
        assert_eq!(tag_of("<sip:a@example.com;tag=no>"), None);
        assert_eq!(tag_of("<sip:a@example.com;tag=no>;tag=yes"), Some("yes"));
        assert_eq!(
            uri_of("\"A\" <sip:a@127.0.0.1:5070;ob>;tag=1"),
            "sip:a@127.0.0.1:5070;ob"
        );
    }
}
