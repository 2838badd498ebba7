//! When to send a datagram again over an unreliable transport (RFC 3261 sections 13.3.1.4, 17).
//!
//! One value stands for timers A and B, E and F, G and H, or those of a 2xx: they differ only in
//! whether the interval stops growing at T2. What a time-out means is the owner's to say.

use std::net::SocketAddr;
use std::time::Duration;

/// Estimate of a round trip (RFC 3261 section 17.1.1.1).
pub(crate) const T1: Duration = Duration::from_millis(500);
/// Longest interval between two sendings of anything but an INVITE (RFC 3261 section 17.1.2.1).
const T2: Duration = Duration::from_secs(4);
/// Timers B, F and H: 64 times T1.
const GIVE_UP: Duration = Duration::from_secs(32);

/// A datagram that is sent again until it is answered or given up.
#[derive(Debug, Clone)]
pub(crate) struct Retransmit {
    pub(crate) to: SocketAddr,
    pub(crate) bytes: Vec<u8>,
    interval: Duration,
    longest: Duration,
    next: Duration,
    give_up: Duration,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing yet.
    Nothing,
    /// Send the datagram once more.
    Again,
    /// No answer came in time.
    GiveUp,
}

impl Retransmit {
    /// For an INVITE request: the interval doubles without a bound (timer A).
    pub(crate) fn invite(now: Duration, to: SocketAddr, bytes: Vec<u8>) -> Self {
        Self::new(now, to, bytes, GIVE_UP)
    }

    /// For any other request and for final answers to an INVITE: the interval stops at T2.
    pub(crate) fn capped(now: Duration, to: SocketAddr, bytes: Vec<u8>) -> Self {
        Self::new(now, to, bytes, T2)
    }

    fn new(now: Duration, to: SocketAddr, bytes: Vec<u8>, longest: Duration) -> Self {
        Retransmit {
            to,
            bytes,
            interval: T1,
            longest,
            next: now + T1,
            give_up: now + GIVE_UP,
        }
    }

    /// The datagram has arrived; only what follows from it is still awaited.
    pub(crate) fn stop(&mut self) {
        self.next = self.give_up;
    }

    /// When [`Retransmit::due`] has something to say.
    pub(crate) fn deadline(&self) -> Duration {
        self.next.min(self.give_up)
    }

    /// What has to happen now.
    pub(crate) fn due(&mut self, now: Duration) -> Due {
        if now >= self.give_up {
            return Due::GiveUp;
        }
        if now < self.next {
            return Due::Nothing;
        }
        self.interval = (self.interval * 2).min(self.longest);
        self.next += self.interval;
        Due::Again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sendings(mut timer: Retransmit) -> Vec<u64> {
        let mut times = Vec::new();
        loop {
            let now = timer.deadline();
            match timer.due(now) {
                Due::Again => times.push(now.as_millis() as u64),
                Due::GiveUp => return times,
                Due::Nothing => unreachable!("the deadline had come"),
            }
        }
    }

    #[test]
    fn an_invite_is_repeated_at_doubling_intervals_for_32_seconds() {
        let to = "127.0.0.1:5060".parse().unwrap();
        let timer = Retransmit::invite(Duration::ZERO, to, Vec::new());
        assert_eq!(sendings(timer), [500, 1500, 3500, 7500, 15500, 31500]);
    }

    #[test]
    fn other_requests_are_repeated_at_most_every_four_seconds() {
        let to = "127.0.0.1:5060".parse().unwrap();
        let timer = Retransmit::capped(Duration::ZERO, to, Vec::new());
        let expected = [
            500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500,
        ];
        assert_eq!(sendings(timer), expected);
    }
}
