//! RTP headers (RFC 3550 section 5.1) and telephone events (RFC 4733 section 2.3).

/// Length of a header without contributing sources or extension.
const HEADER_BYTES: usize = 12;

/// What an RTP header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) payload_type: u8,
    pub(crate) marker: bool,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
}

impl Header {
    /// A packet with this header and that payload.
    pub(crate) fn with_payload(&self, payload: &[u8]) -> Vec<u8> {
        let mut packet = Vec::with_capacity(HEADER_BYTES + payload.len());
        packet.push(0x80);
        packet.push(u8::from(self.marker) << 7 | self.payload_type);
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&self.timestamp.to_be_bytes());
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        packet.extend_from_slice(payload);
        packet
    }

    /// Splits a packet into header and payload; `None` when it is not RTP version 2 or cut short.
    pub(crate) fn parse(packet: &[u8]) -> Option<(Header, &[u8])> {
        let fixed: &[u8; HEADER_BYTES] = packet.first_chunk()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let header = Header {
            payload_type: fixed[1] & 0x7f,
            marker: fixed[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        };
        let mut start = HEADER_BYTES + 4 * usize::from(fixed[0] & 0x0f);
        if fixed[0] & 0x10 != 0 {
            let words = packet.get(start + 2..start + 4)?;
            start += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
        }
        let mut end = packet.len();
        if fixed[0] & 0x20 != 0 {
            end = end.checked_sub(usize::from(*packet.last()?))?;
        }
        Some((header, packet.get(start..end)?))
    }
}

/// The payload of one telephone-event packet; `duration` in timestamp units.
pub(crate) fn event_payload(event: u8, is_end: bool, duration: u16) -> [u8; 4] {
    /// Volume of a digit in -dBm0, as most phones send it.
    const VOLUME: u8 = 10;
    let [high, low] = duration.to_be_bytes();
    [event, u8::from(is_end) << 7 | VOLUME, high, low]
}

/// The event number of a key; `None` for a character no key bears.
pub(crate) fn event_of(digit: char) -> Option<u8> {
    match digit {
        '0'..='9' => Some(digit as u8 - b'0'),
        '*' => Some(10),
        '#' => Some(11),
        'A'..='D' => Some(digit as u8 - b'A' + 12),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn contributing_sources_extension_and_padding_are_skipped() {
        let mut packet = vec![0x80 | 0x20 | 0x10 | 0x01, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
        packet.extend_from_slice(&[9; 4]);
        packet.extend_from_slice(&[0xbe, 0xde, 0, 1, 7, 7, 7, 7]);
        packet.extend_from_slice(&[1, 2, 3, 0, 2]);
        let (header, payload) = Header::parse(&packet).unwrap();
        assert_eq!((header.sequence, header.timestamp, header.ssrc), (1, 2, 3));
        assert_eq!(payload, [1, 2, 3]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(packet: Vec<u8>) {
            let _ = Header::parse(&packet);
        }
    }
}
