//! Hostile and odd SIP messages, in the spirit of RFC 4475: files in `torture/`, one message each.
//!
//! The texts are our own and name no host outside of loopback and example.com. A file's first part
//! says what it is: `valid-..` must be understood, `invalid-..` must be refused or dropped. Whatever
//! it is, a server must live on. Lines end with CRLF on the wire; the files are stored with plain
//! newlines, and `\xHH` in them stands for one byte.

use std::io;
use std::path::Path;

/// One message of the collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torture {
    /// File name without its ending.
    pub name: String,
    /// Whether a correct SIP element accepts the message.
    pub is_valid: bool,
    /// The datagram.
    pub datagram: Vec<u8>,
}

/// Every message of the collection, in order of name.
///
/// # Errors
/// When the folder cannot be read: it stands beside this crate's source.
pub fn load() -> io::Result<Vec<Torture>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("torture");
    let mut messages = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|kind| kind != "sip") {
            continue;
        }
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let datagram = unescape(&std::fs::read(&path)?);
        messages.push(Torture {
            is_valid: name.starts_with("valid-"),
            name,
            datagram,
        });
    }
    messages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(messages)
}

/// Newlines to CRLF, `\xHH` to its byte; a backslash before anything else stays.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() + text.len() / 16);
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        match (byte, hex_escape(behind)) {
            (b'\\', Some(value)) => {
                bytes.push(value);
                rest = &behind[3..];
            }
            (b'\n', _) => bytes.extend_from_slice(b"\r\n"),
            _ => bytes.push(byte),
        }
    }
    bytes
}

fn hex_escape(behind: &[u8]) -> Option<u8> {
    let [b'x', high, low, ..] = behind else {
        return None;
    };
    let digits = [*high, *low];
    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::sip::message::Message;

    #[test]
    fn escapes_stand_for_bytes_and_lines_end_as_on_the_wire() {
        assert_eq!(unescape(b"a\\x00\\xffb\\q\n"), b"a\0\xffb\\q\r\n");
    }

    #[test]
    fn the_phone_reads_what_is_valid_and_survives_the_rest() {
        let messages = load().unwrap();
        assert!(messages.len() >= 15, "only {} messages", messages.len());
        for message in messages {
            let read = Message::parse(&message.datagram);
            assert!(
                read.is_ok() || !message.is_valid,
                "{}: {read:?}",
                message.name
            );
        }
    }

    #[test]
    fn no_message_names_a_host_outside() {
        for message in load().unwrap() {
            let text = String::from_utf8_lossy(&message.datagram).into_owned();
            for word in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.') {
                let is_address = word.split('.').count() == 4
                    && word.split('.').all(|part| part.parse::<u8>().is_ok());
                assert!(
                    !is_address || word == "127.0.0.1",
                    "{}: {word}",
                    message.name
                );
                let is_outside = word.ends_with(".com") && !word.ends_with("example.com");
                assert!(!is_outside, "{}: {word}", message.name);
            }
        }
    }
}
