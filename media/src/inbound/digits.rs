//! Keypad digits from RFC 4733 events. A digit is a handful of packets with one timestamp, any
//! of which may be lost or doubled: it is reported at the first that arrives, and never again.

use std::collections::VecDeque;
use std::time::Duration;

use crate::frame::duration_of;
use crate::keypad::key_of_event;

/// Digits waiting to be polled. When full, the newest is dropped: nobody types 32 unseen.
const MAX_WAITING: usize = 32;

/// Events remembered, so that late copies of their packets are known again.
const REMEMBERED: usize = 8;

/// A digit whose end was lost counts as released after this silence: event packets come at
/// least every 50 ms (RFC 4733 §2.5.1.2).
const LOST_END: Duration = Duration::from_millis(150);

/// Audio of the tone may still be in the jitter buffer when the end arrives.
const MUTE_AFTER_END: Duration = Duration::from_millis(60);

/// One press of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digit {
    /// `0` to `9`, `*`, `#`, `A` to `D`.
    pub digit: char,
    /// How long the key had been held when it was reported: with no loss the first few
    /// milliseconds, since a digit does not wait for its end.
    pub duration: Duration,
}

/// The payload of one event packet (RFC 4733 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) number: u8,
    pub(super) end: bool,
    pub(super) duration: u16,
}

impl Event {
    /// None when the payload is cut short. Further events in the packet are ignored.
    pub(super) fn parse(payload: &[u8]) -> Option<Event> {
        let [number, flags, high, low, ..] = *payload else {
            return None;
        };
        let duration = u16::from_be_bytes([high, low]);
        Some(Event {
            number,
            end: flags & 0x80 != 0,
            duration,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Press {
    ssrc: u32,
    timestamp: u32,
    number: u8,
    ended: bool,
}

#[derive(Debug)]
pub(super) struct DigitDetector {
    recent: VecDeque<Press>,
    waiting: VecDeque<Digit>,
    muted_until: Option<Duration>,
}

impl DigitDetector {
    pub(super) fn new() -> DigitDetector {
        DigitDetector {
            recent: VecDeque::with_capacity(REMEMBERED),
            waiting: VecDeque::with_capacity(MAX_WAITING),
            muted_until: None,
        }
    }

    pub(super) fn handle_event(&mut self, now: Duration, ssrc: u32, timestamp: u32, event: Event) {
        let Some(digit) = key_of_event(event.number) else {
            return;
        };
        let known = self
            .recent
            .iter_mut()
            .find(|p| (p.ssrc, p.timestamp) == (ssrc, timestamp));
        if let Some(press) = known {
            if press.ended {
                return;
            }
            press.ended = event.end;
            return self.mute(now, event.end);
        }
        let fresh = Press {
            ssrc,
            timestamp,
            number: event.number,
            ended: event.end,
        };
        let continues = self
            .recent
            .back()
            .is_some_and(|last| last.is_continued_by(&fresh));
        if self.recent.len() == REMEMBERED {
            self.recent.pop_front();
        }
        self.recent.push_back(fresh);
        self.mute(now, event.end);
        if !continues && self.waiting.len() < MAX_WAITING {
            let duration = duration_of(usize::from(event.duration));
            self.waiting.push_back(Digit { digit, duration });
        }
    }

    pub(super) fn poll_digit(&mut self) -> Option<Digit> {
        self.waiting.pop_front()
    }

    /// Whether a key is being held, or was a moment ago.
    pub(super) fn is_muted(&self, now: Duration) -> bool {
        self.muted_until.is_some_and(|until| now < until)
    }

    fn mute(&mut self, now: Duration, ended: bool) {
        self.muted_until = Some(now + if ended { MUTE_AFTER_END } else { LOST_END });
    }
}

impl Press {
    /// A key held for longer than 16 bits can say goes on under a new timestamp
    /// (RFC 4733 §2.5.1.3).
    fn is_continued_by(&self, next: &Press) -> bool {
        (self.ssrc, self.number) == (next.ssrc, next.number)
            && !self.ended
            && next.timestamp == self.timestamp.wrapping_add(u32::from(u16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TICK: Duration = Duration::from_millis(20);

    /// Feeds `(timestamp, number, end)` packets 20 ms apart and returns the digits.
    fn typed(packets: &[(u32, u8, bool)]) -> String {
        let mut detector = DigitDetector::new();
        for (n, (timestamp, number, end)) in packets.iter().enumerate() {
            let event = Event {
                number: *number,
                end: *end,
                duration: 160,
            };
            detector.handle_event(TICK * n as u32, 1, *timestamp, event);
        }
        std::iter::from_fn(|| detector.poll_digit())
            .map(|digit| digit.digit)
            .collect()
    }

    #[test]
    fn a_whole_press_with_three_ends_is_one_digit() {
        assert_eq!(
            typed(&[(8, 5, false), (8, 5, false), (8, 5, true), (8, 5, true)]),
            "5"
        );
    }

    #[test]
    fn a_lost_start_and_a_lost_end_still_give_the_digit() {
        assert_eq!(typed(&[(8, 11, true)]), "#");
        assert_eq!(
            typed(&[(8, 3, false), (900, 4, false), (900, 4, true)]),
            "34"
        );
    }

    #[test]
    fn the_same_key_twice_is_two_digits() {
        assert_eq!(
            typed(&[
                (8, 7, false),
                (8, 7, true),
                (2000, 7, false),
                (2000, 7, true)
            ]),
            "77"
        );
    }

    #[test]
    fn a_late_copy_of_an_earlier_digit_is_not_a_new_one() {
        assert_eq!(
            typed(&[(8, 1, true), (900, 2, false), (8, 1, true), (900, 2, true)]),
            "12"
        );
    }

    #[test]
    fn a_key_held_past_16_bits_stays_one_digit() {
        let next = 8 + u32::from(u16::MAX);
        assert_eq!(
            typed(&[(8, 9, false), (next, 9, false), (next, 9, true)]),
            "9"
        );
    }

    #[test]
    fn events_that_are_no_digits_are_ignored() {
        assert_eq!(typed(&[(8, 16, true), (900, 200, false)]), "");
        assert_eq!(Event::parse(&[1, 0, 0]), None);
    }

    #[test]
    fn a_lost_end_does_not_mute_for_ever() {
        let mut detector = DigitDetector::new();
        let event = Event {
            number: 1,
            end: false,
            duration: 160,
        };
        detector.handle_event(Duration::ZERO, 1, 8, event);
        assert!(detector.is_muted(LOST_END - TICK));
        assert!(!detector.is_muted(LOST_END));
    }

    #[test]
    fn the_queue_is_bounded() {
        let presses: Vec<_> = (0..100).map(|n| (n * 1000, 1, true)).collect();
        assert_eq!(typed(&presses).len(), MAX_WAITING);
    }
}
