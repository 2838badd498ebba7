//! G.711: 8-bit logarithmic samples to and from 16-bit linear ones, by tables made at compile
//! time. What a payload type means is not known here: see [`crate::sdp`].
//!
//! The arithmetic is that of ITU-T G.711 (11/88) as fixed by the reference programs of ITU-T
//! G.191: negative samples are taken in ones' complement, so that both signs quantise alike.

/// Which of the two laws of G.711 a stream speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// mu-law, `PCMU`, static payload type 0 (RFC 3551 §6): North America and Japan.
    Mu,
    /// A-law, `PCMA`, static payload type 8 (RFC 3551 §6): the rest of the world.
    A,
}

impl Law {
    /// The encoding name used in an SDP `rtpmap` (RFC 3551 §4.5.14).
    pub fn encoding_name(self) -> &'static str {
        match self {
            Law::Mu => "PCMU",
            Law::A => "PCMA",
        }
    }

    /// The payload type that means this law without any `rtpmap` (RFC 3551 §6).
    pub fn static_payload_type(self) -> u8 {
        match self {
            Law::Mu => 0,
            Law::A => 8,
        }
    }

    /// One linear sample as one code word.
    pub fn encode_sample(self, sample: i16) -> u8 {
        match self {
            Law::Mu => MU_ENCODE[((sample >> 2) as i32 + 8192) as usize],
            Law::A => A_ENCODE[((sample >> 4) as i32 + 2048) as usize],
        }
    }

    /// One code word as one linear sample.
    pub fn decode_sample(self, code: u8) -> i16 {
        match self {
            Law::Mu => MU_DECODE[code as usize],
            Law::A => A_DECODE[code as usize],
        }
    }

    /// Encodes `pcm` into `codes`; stops at the end of the shorter one and returns the count.
    pub fn encode(self, pcm: &[i16], codes: &mut [u8]) -> usize {
        for (code, sample) in codes.iter_mut().zip(pcm) {
            *code = self.encode_sample(*sample);
        }
        pcm.len().min(codes.len())
    }

    /// Decodes `codes` into `pcm`; stops at the end of the shorter one and returns the count.
    pub fn decode(self, codes: &[u8], pcm: &mut [i16]) -> usize {
        for (sample, code) in pcm.iter_mut().zip(codes) {
            *sample = self.decode_sample(*code);
        }
        codes.len().min(pcm.len())
    }
}

static MU_DECODE: [i16; 256] = decode_table(false);
static A_DECODE: [i16; 256] = decode_table(true);
static MU_ENCODE: [u8; 16384] = mu_encode_table();
static A_ENCODE: [u8; 4096] = a_encode_table();

/// Added before the segment search so that every mu-law segment starts at a power of two.
const MU_BIAS: i32 = 33;

const fn mu_expand(code: u8) -> i16 {
    let inverted = !code as i32;
    let exponent = (inverted >> 4) & 7;
    let mantissa = inverted & 0xf;
    let step = 8 << exponent;
    let magnitude = (0x80 << exponent) + step * mantissa + step / 2 - 4 * MU_BIAS;
    (if code < 0x80 { -magnitude } else { magnitude }) as i16
}

const fn a_expand(code: u8) -> i16 {
    // Every other bit goes over the line inverted, so that silence is not a row of zeros.
    let word = (code ^ 0x55) as i32;
    let exponent = (word >> 4) & 7;
    let mantissa = word & 0xf;
    let leading = if exponent > 0 { 16 } else { 0 };
    let shift = if exponent > 1 { exponent - 1 } else { 0 };
    let magnitude = (((mantissa + leading) << 4) + 8) << shift;
    (if code & 0x80 != 0 {
        magnitude
    } else {
        -magnitude
    }) as i16
}

/// `value` is the sample without its two lowest bits: 14 bits, -8192..8192.
const fn mu_compress(value: i32) -> u8 {
    let magnitude = if value < 0 { !value } else { value } + MU_BIAS;
    let magnitude = if magnitude > 0x1fff {
        0x1fff
    } else {
        magnitude
    };
    // 33..=63 is segment 1, and every doubling is one more.
    let segment = 32 - (magnitude as u32 >> 6).leading_zeros() + 1;
    let high = 8 - segment as i32;
    let low = 0xf - ((magnitude >> segment) & 0xf);
    let sign = if value < 0 { 0 } else { 0x80 };
    ((high << 4) | low | sign) as u8
}

/// `value` is the sample without its four lowest bits: 12 bits, -2048..2048.
const fn a_compress(value: i32) -> u8 {
    let magnitude = if value < 0 { !value } else { value };
    let word = if magnitude < 16 {
        magnitude
    } else {
        let exponent = 32 - (magnitude as u32 >> 5).leading_zeros() as i32 + 1;
        ((magnitude >> (exponent - 1)) - 16) + (exponent << 4)
    };
    let sign = if value < 0 { 0 } else { 0x80 };
    ((word | sign) ^ 0x55) as u8
}

const fn decode_table(a_law: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = if a_law {
            a_expand(code as u8)
        } else {
            mu_expand(code as u8)
        };
        code += 1;
    }
    table
}

const fn mu_encode_table() -> [u8; 16384] {
    let mut table = [0; 16384];
    let mut index = 0;
    while index < 16384 {
        table[index] = mu_compress(index as i32 - 8192);
        index += 1;
    }
    table
}

const fn a_encode_table() -> [u8; 4096] {
    let mut table = [0; 4096];
    let mut index = 0;
    while index < 4096 {
        table[index] = a_compress(index as i32 - 2048);
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `ulaw_compress` loop of ITU-T G.191, written out anew.
    fn reference_mu(sample: i16) -> u8 {
        let ones = if sample < 0 { !sample } else { sample } as i32;
        let absolute = ((ones >> 2) + 33).min(0x1fff);
        let (mut rest, mut segment) = (absolute >> 6, 1);
        while rest != 0 {
            segment += 1;
            rest >>= 1;
        }
        let code = ((8 - segment) << 4) | (0xf - ((absolute >> segment) & 0xf));
        (if sample >= 0 { code | 0x80 } else { code }) as u8
    }

    /// The `alaw_compress` loop of ITU-T G.191, written out anew.
    fn reference_a(sample: i16) -> u8 {
        let mut word = (if sample < 0 { !sample } else { sample } as i32) >> 4;
        if word > 15 {
            let mut exponent = 1;
            while word > 16 + 15 {
                word >>= 1;
                exponent += 1;
            }
            word = word - 16 + (exponent << 4);
        }
        ((if sample >= 0 { word | 0x80 } else { word }) ^ 0x55) as u8
    }

    #[test]
    fn every_sample_encodes_as_the_reference_says() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(
                Law::Mu.encode_sample(sample),
                reference_mu(sample),
                "mu {sample}"
            );
            assert_eq!(
                Law::A.encode_sample(sample),
                reference_a(sample),
                "A {sample}"
            );
        }
    }

    #[test]
    fn known_code_words_decode_to_the_standards_values() {
        let known = [
            (0xff, 0),
            (0x80, 32124),
            (0x00, -32124),
            (0xfe, 8),
            (0x7e, -8),
        ];
        for (code, sample) in known {
            assert_eq!(Law::Mu.decode_sample(code), sample, "mu {code:#x}");
        }
        let known = [(0xd5, 8), (0x55, -8), (0xaa, 32256), (0x2a, -32256)];
        for (code, sample) in known {
            assert_eq!(Law::A.decode_sample(code), sample, "A {code:#x}");
        }
    }

    #[test]
    fn a_decoded_sample_encodes_to_the_same_value_again() {
        for law in [Law::Mu, Law::A] {
            for code in 0..=255 {
                let sample = law.decode_sample(code);
                let again = law.decode_sample(law.encode_sample(sample));
                assert_eq!(again, sample, "{law:?} {code:#x}");
            }
        }
    }

    #[test]
    fn quantising_noise_stays_38_db_below_a_loud_tone() {
        for law in [Law::Mu, Law::A] {
            let (mut signal, mut noise) = (0.0_f64, 0.0_f64);
            for n in 0..8000 {
                let sample = (12000.0 * (n as f64 * 0.8).sin()) as i16;
                let heard = law.decode_sample(law.encode_sample(sample));
                signal += f64::from(sample).powi(2);
                noise += (f64::from(sample) - f64::from(heard)).powi(2);
            }
            assert!(10.0 * (signal / noise).log10() > 37.5, "{law:?}");
        }
    }

    #[test]
    fn slices_of_unequal_length_stop_at_the_shorter_one() {
        let mut codes = [0; 2];
        assert_eq!(Law::Mu.encode(&[0, 0, 0], &mut codes), 2);
        let mut pcm = [1; 4];
        assert_eq!(Law::A.decode(&[0xd5], &mut pcm), 1);
        assert_eq!(pcm, [8, 1, 1, 1]);
    }
}
