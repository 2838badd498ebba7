//! ITU-T G.711, both laws, sample by sample.
//!
//! Written from the recommendation's segment tables and apart from the server's codec: the phone is
//! the instrument the server is measured with.

use crate::phone::sip::sdp::Codec;

/// Added to a µ-law magnitude before its segment is found.
const ULAW_BIAS: i32 = 0x84;
/// Largest µ-law magnitude.
const ULAW_CLIP: i32 = 32_635;

/// Encodes one 16-bit sample.
pub(crate) fn encode(codec: Codec, sample: i16) -> u8 {
    match codec {
        Codec::Pcmu => encode_ulaw(sample),
        Codec::Pcma => encode_alaw(sample),
    }
}

/// Decodes one byte.
pub(crate) fn decode(codec: Codec, byte: u8) -> i16 {
    match codec {
        Codec::Pcmu => decode_ulaw(byte),
        Codec::Pcma => decode_alaw(byte),
    }
}

fn encode_ulaw(sample: i16) -> u8 {
    let sign: u8 = if sample < 0 { 0x80 } else { 0 };
    let magnitude = i32::from(sample).abs().min(ULAW_CLIP) + ULAW_BIAS;
    // The bias puts the highest set bit at 7 or above, so the segment is 0..=7.
    let segment = 24 - magnitude.leading_zeros() as i32;
    let mantissa = (magnitude >> (segment + 3)) & 0x0f;
    !(sign | (segment << 4) as u8 | mantissa as u8)
}

fn decode_ulaw(byte: u8) -> i16 {
    let byte = !byte;
    let (segment, mantissa) = (i32::from(byte >> 4) & 0x07, i32::from(byte & 0x0f));
    let magnitude = (((mantissa << 3) + ULAW_BIAS) << segment) - ULAW_BIAS;
    if byte & 0x80 == 0 {
        magnitude as i16
    } else {
        -magnitude as i16
    }
}

fn encode_alaw(sample: i16) -> u8 {
    let (sign, magnitude): (u8, i32) = match sample {
        0.. => (0x80, i32::from(sample) >> 3),
        _ => (0, i32::from(!sample) >> 3),
    };
    let coded = if magnitude < 32 {
        magnitude >> 1
    } else {
        let segment = 27 - magnitude.leading_zeros() as i32;
        (segment << 4) | ((magnitude >> segment) & 0x0f)
    };
    (sign | coded as u8) ^ 0x55
}

fn decode_alaw(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let (segment, mantissa) = (i32::from(byte >> 4) & 0x07, i32::from(byte & 0x0f));
    let magnitude = match segment {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (segment - 1),
    };
    if byte & 0x80 == 0 {
        -magnitude as i16
    } else {
        magnitude as i16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_decode_to_the_recommendations_values() {
        let known = [
            (0xff, 0),
            (0x7f, 0),
            (0x80, 32_124),
            (0x00, -32_124),
            (0xf0, 120),
        ];
        for (byte, value) in known {
            assert_eq!(decode(Codec::Pcmu, byte), value, "mu-law {byte:#x}");
        }
        for (byte, value) in [(0xd5, 8), (0x55, -8), (0xaa, 32_256), (0x2a, -32_256)] {
            assert_eq!(decode(Codec::Pcma, byte), value, "A-law {byte:#x}");
        }
    }

    #[test]
    fn decoding_and_encoding_again_changes_nothing() {
        for byte in 0..=u8::MAX {
            let again = encode(Codec::Pcma, decode(Codec::Pcma, byte));
            assert_eq!(again, byte, "A-law {byte:#x}");
            // µ-law has two codes for zero.
            let again = encode(Codec::Pcmu, decode(Codec::Pcmu, byte));
            assert!(again == byte || byte == 0x7f, "mu-law {byte:#x}");
        }
    }

    #[test]
    fn every_sample_keeps_its_size_within_a_sixteenth() {
        for codec in [Codec::Pcmu, Codec::Pcma] {
            for sample in (i16::MIN..=i16::MAX).step_by(7) {
                let error = i32::from(decode(codec, encode(codec, sample))) - i32::from(sample);
                let allowed = (i32::from(sample).abs() / 16).max(16);
                assert!(error.abs() <= allowed, "{codec:?} {sample}: {error}");
            }
        }
    }
}
