//! One datagram as an RTP packet (RFC 3550 §5.1), borrowed and without allocation.
//!
//! The fixed header is read by the `rtp` crate. CSRC list, extension and padding are skipped
//! here: that crate's reader of header extensions trusts the length of each element and panics
//! when an element reaches past the datagram, and anyone can send us one.

use rtp::header::Header;
use webrtc_util::marshal::Unmarshal;

/// Bytes of the header that every packet has.
const FIXED_HEADER: usize = 12;

/// The version that this RTP is (RFC 3550 §5.1).
const VERSION: u8 = 2;

/// In the first byte: version, then padding, extension, and four bits of CSRC count.
const EXTENSION_BIT: u8 = 0x10;
const CSRC_COUNT: u8 = 0x0f;

/// What we use of a packet.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub(super) payload_type: u8,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
    pub(super) payload: &'a [u8],
}

/// Reads a datagram; None when it is no whole RTP packet.
pub(super) fn parse(datagram: &[u8]) -> Option<Packet<'_>> {
    let mut fixed: [u8; FIXED_HEADER] = datagram.get(..FIXED_HEADER)?.try_into().ok()?;
    let flags = fixed[0];
    fixed[0] &= !(EXTENSION_BIT | CSRC_COUNT);
    let header = Header::unmarshal(&mut fixed.as_slice()).ok()?;
    if header.version != VERSION {
        return None;
    }
    let mut rest = datagram.get(FIXED_HEADER + 4 * usize::from(flags & CSRC_COUNT)..)?;
    if flags & EXTENSION_BIT != 0 {
        let words = u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]);
        rest = rest.get(4 + 4 * usize::from(words)..)?;
    }
    if header.padding {
        let padding = usize::from(*rest.last()?);
        if padding == 0 || padding > rest.len() {
            return None;
        }
        rest = &rest[..rest.len() - padding];
    }
    Some(Packet {
        payload_type: header.payload_type,
        sequence: header.sequence_number,
        timestamp: header.timestamp,
        ssrc: header.ssrc,
        payload: rest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: [u8; 14] = [0x80, 0x80, 0, 7, 0, 0, 0, 160, 0, 0, 0, 9, 0xaa, 0xbb];

    #[test]
    fn a_plain_packet_is_read() {
        let packet = parse(&PLAIN).unwrap();
        assert_eq!((packet.payload_type, packet.sequence), (0, 7));
        assert_eq!((packet.timestamp, packet.ssrc), (160, 9));
        assert_eq!(packet.payload, [0xaa, 0xbb]);
    }

    #[test]
    fn csrcs_extension_and_padding_are_skipped() {
        let mut data = PLAIN[..12].to_vec();
        data[0] = 0x80 | 0x20 | EXTENSION_BIT | 1;
        data.extend([1, 2, 3, 4]);
        data.extend([0xbe, 0xde, 0, 1, 0x10, 0, 0, 0]);
        data.extend([0xaa, 0, 0, 3]);
        assert_eq!(parse(&data).unwrap().payload, [0xaa]);
    }

    #[test]
    fn an_extension_element_reaching_past_the_end_is_harmless() {
        let mut data = PLAIN[..12].to_vec();
        data[0] |= EXTENSION_BIT;
        data.extend([0xbe, 0xde, 0, 1, 0x1f, 0, 0, 0]);
        assert_eq!(parse(&data).unwrap().payload, []);
    }

    /// Why `parse` skips extensions itself. Once this fails, it need not.
    #[test]
    fn the_crates_own_reader_panics_on_that_element() {
        let mut data = PLAIN[..12].to_vec();
        data[0] |= EXTENSION_BIT;
        data.extend([0xbe, 0xde, 0, 1, 0x1f, 0, 0, 0]);
        let read = std::panic::catch_unwind(|| Header::unmarshal(&mut data.as_slice()).is_ok());
        assert!(read.is_err());
    }

    #[test]
    fn cut_packets_are_none() {
        let mut data = PLAIN.to_vec();
        assert_eq!(parse(&data[..11]), None);
        data[0] = 0x8f;
        assert_eq!(parse(&data), None, "CSRCs past the end");
        data[0] = 0x90;
        assert_eq!(parse(&data), None, "extension past the end");
        data[0] = 0xa0;
        assert_eq!(parse(&data), None, "padding past the end");
        data[0] = 0x40;
        assert_eq!(parse(&data), None, "version 1");
    }
}
