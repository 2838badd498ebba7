//! Whom a leg listens to. A peer behind a NAT sends from another address than it announced, so
//! that address must be learnt; whoever can guess our port may try to be learnt instead.

use std::net::{IpAddr, SocketAddr};

/// Addresses that may prove themselves at the same time. When full, the oldest is forgotten.
const MAX_CANDIDATES: usize = 4;

/// Decides about the source of every packet, and never changes its mind.
///
/// ```text
///            packet from the negotiated address
///   Open ────────────────────────────────────────▶ Locked(that address)
///    │        `probation` packets in sequence
///    └───────────────────────────────────────────▶ Locked(the address they came from)
/// ```
#[derive(Debug)]
pub(super) struct Latch {
    negotiated: SocketAddr,
    symmetric: bool,
    probation: u16,
    state: State,
}

#[derive(Debug)]
enum State {
    Open(Candidates),
    Locked(SocketAddr),
}

#[derive(Debug, Default)]
struct Candidates {
    known: [Option<Candidate>; MAX_CANDIDATES],
    next: usize,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    address: SocketAddr,
    ssrc: u32,
    expected: u16,
    in_sequence: u16,
}

/// What the latch says of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Ours,
    Probation,
    Stranger,
}

impl Latch {
    pub(super) fn new(negotiated: SocketAddr, symmetric: bool, probation: u16) -> Latch {
        let state = State::Open(Candidates::default());
        Latch {
            negotiated: canonical(negotiated),
            symmetric,
            probation,
            state,
        }
    }

    pub(super) fn judge(&mut self, source: SocketAddr, ssrc: u32, sequence: u16) -> Verdict {
        let source = canonical(source);
        match &mut self.state {
            State::Locked(address) if *address == source => Verdict::Ours,
            State::Locked(_) => Verdict::Stranger,
            State::Open(_) if source == self.negotiated => self.lock(source),
            State::Open(_) if !self.symmetric => Verdict::Stranger,
            State::Open(candidates) => {
                if candidates.count(source, ssrc, sequence) >= self.probation {
                    self.lock(source)
                } else {
                    Verdict::Probation
                }
            }
        }
    }

    pub(super) fn locked(&self) -> Option<SocketAddr> {
        match self.state {
            State::Locked(address) => Some(address),
            State::Open(_) => None,
        }
    }

    fn lock(&mut self, source: SocketAddr) -> Verdict {
        self.state = State::Locked(source);
        Verdict::Ours
    }
}

impl Candidates {
    /// How many packets in sequence `source` has sent, this one included.
    fn count(&mut self, source: SocketAddr, ssrc: u32, sequence: u16) -> u16 {
        let expected = sequence.wrapping_add(1);
        let known = self
            .known
            .iter_mut()
            .flatten()
            .find(|c| c.address == source);
        let Some(candidate) = known else {
            let fresh = Candidate {
                address: source,
                ssrc,
                expected,
                in_sequence: 1,
            };
            self.known[self.next] = Some(fresh);
            self.next = (self.next + 1) % MAX_CANDIDATES;
            return 1;
        };
        let follows = candidate.ssrc == ssrc && candidate.expected == sequence;
        let in_sequence = if follows {
            candidate.in_sequence.saturating_add(1)
        } else {
            1
        };
        *candidate = Candidate {
            address: source,
            ssrc,
            expected,
            in_sequence,
        };
        in_sequence
    }
}

/// A socket bound to `[::]` reports IPv4 peers as mapped IPv6 addresses.
fn canonical(address: SocketAddr) -> SocketAddr {
    let ip: IpAddr = address.ip().to_canonical();
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn latch() -> Latch {
        Latch::new(at("198.51.100.9:5004"), true, 3)
    }

    #[test]
    fn the_negotiated_address_is_believed_at_once_even_when_mapped() {
        let mut latch = latch();
        assert_eq!(
            latch.judge(at("[::ffff:198.51.100.9]:5004"), 1, 1),
            Verdict::Ours
        );
        assert_eq!(latch.locked(), Some(at("198.51.100.9:5004")));
    }

    #[test]
    fn another_address_is_believed_after_packets_in_sequence() {
        let mut latch = latch();
        let nat = at("203.0.113.5:61000");
        assert_eq!(latch.judge(nat, 1, 0xfffe), Verdict::Probation);
        assert_eq!(latch.judge(nat, 1, 0xffff), Verdict::Probation);
        assert_eq!(latch.judge(nat, 1, 0), Verdict::Ours);
    }

    #[test]
    fn a_spray_of_random_packets_never_passes_probation() {
        let mut latch = latch();
        for sequence in (0..60000).step_by(7) {
            let verdict = latch.judge(at("203.0.113.5:61000"), 1, sequence);
            assert_eq!(verdict, Verdict::Probation);
        }
    }

    #[test]
    fn two_candidates_do_not_spoil_each_others_count() {
        let mut latch = latch();
        let (a, b) = (at("203.0.113.5:61000"), at("203.0.113.6:61000"));
        for n in 0..2 {
            assert_eq!(latch.judge(a, 1, n), Verdict::Probation);
            assert_eq!(latch.judge(b, 2, 100 + n), Verdict::Probation);
        }
        assert_eq!(latch.judge(a, 1, 2), Verdict::Ours);
        assert_eq!(latch.judge(b, 2, 102), Verdict::Stranger);
    }

    #[test]
    fn after_the_lock_not_even_the_negotiated_address_gets_in() {
        let mut latch = latch();
        for n in 0..3 {
            latch.judge(at("203.0.113.5:61000"), 1, n);
        }
        assert_eq!(
            latch.judge(at("198.51.100.9:5004"), 1, 4),
            Verdict::Stranger
        );
    }

    #[test]
    fn without_symmetric_rtp_only_the_negotiated_address_counts() {
        let mut latch = Latch::new(at("198.51.100.9:5004"), false, 1);
        assert_eq!(
            latch.judge(at("203.0.113.5:61000"), 1, 1),
            Verdict::Stranger
        );
        assert_eq!(latch.judge(at("198.51.100.9:5004"), 1, 1), Verdict::Ours);
    }
}
